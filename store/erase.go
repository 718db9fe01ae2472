package store

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Erasure says whom to forget, and by what others may know it.
type Erasure struct {
	Lead Lead
	// Addresses are mail addresses and numbers (E.164) at which nobody else is reached, those of touches long ago too.
	Addresses []string
	// Others are the leads in whose story it may stand, beside its own: see WhoKnows.
	Others []int64
}

// FormerAddresses lists the addresses that touches of a lead went to, save those that are another lead's now.
func FormerAddresses(ctx context.Context, db DB, leadID int64) ([]string, error) {
	found, err := scalars[string](ctx, db, `SELECT DISTINCT t.address FROM touches t WHERE t.lead_id = $1 AND t.address <> ''`, leadID)
	if err != nil {
		return nil, fmt.Errorf("list where lead %d was reached: %w", leadID, err)
	}
	return OnlyOf(ctx, db, leadID, found)
}

// OnlyOf leaves out the addresses that a lead shares with others, such as the number of a switchboard.
func OnlyOf(ctx context.Context, db DB, leadID int64, addresses []string) ([]string, error) {
	shared, err := scalars[string](ctx, db, `SELECT email FROM leads WHERE email = ANY($1) AND id <> $2
		UNION SELECT phone FROM leads WHERE phone = ANY($1) AND id <> $2`, addresses, leadID)
	if err != nil {
		return nil, fmt.Errorf("find who else is reached there: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(addresses), func(a string) bool { return a == "" || slices.Contains(shared, a) }), nil
}

// WhoKnows lists the leads in whose story another one may stand: who named it to talk to instead, and those at its company, whose dossiers list it.
func WhoKnows(ctx context.Context, db DB, leadID int64, addresses []string) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT lead_id FROM referrals WHERE new_lead_id = $1 OR email = ANY($2) AND email <> '' OR phone = ANY($2) AND phone <> ''
		UNION SELECT referred_by FROM leads WHERE id = $1 AND referred_by IS NOT NULL
		UNION SELECT c.id FROM leads l JOIN leads c ON c.account_id = l.account_id WHERE l.id = $1
		EXCEPT SELECT $1 ORDER BY 1`, leadID, addresses)
}

// erasedText stands where a person was named.
const erasedText = "[erased]"

// EraseLead deletes a lead with everything about it, and the mails that it wrote. Where others named it, their words stay and it does not. The
// caller has locked the enrolments of all of them.
func EraseLead(ctx context.Context, db DB, e Erasure) error {
	id, key := e.Lead.ID, e.Lead.Key
	for _, step := range []struct {
		what, sql string
		args      []any
	}{
		{"mails", `DELETE FROM inbound_mails WHERE lead_id = $1 OR lead_id IS NULL AND sender <> '' AND lower(sender) = ANY($2)`, []any{id, e.Addresses}},
		{"who sent mails", `UPDATE inbound_mails SET sender = $2 WHERE sender <> '' AND lower(sender) = ANY($1)`, []any{e.Addresses, erasedText}},
		{"referrals", `DELETE FROM referrals WHERE new_lead_id = $1 OR email <> '' AND email = ANY($2) OR phone <> '' AND phone = ANY($2)`, []any{id, e.Addresses}},
		{"a colleague", `UPDATE handoffs h SET dossier = jsonb_set(h.dossier, '{people}', (
				SELECT coalesce(jsonb_agg(p ORDER BY n), '[]') FROM jsonb_array_elements(h.dossier->'people') WITH ORDINALITY AS people(p, n) WHERE p->>'key' <> $2))
			WHERE h.lead_id = ANY($1) AND h.dossier->'people' @> jsonb_build_array(jsonb_build_object('key', $2::text))`, []any{e.Others, key}},
		{"a lead", `DELETE FROM leads WHERE id = $1`, []any{id}},
	} {
		if _, err := db.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("erase %s: %w", step.what, err)
		}
	}
	return redact(ctx, db, e)
}

// redact takes the name and the addresses out of what is kept of others.
func redact(ctx context.Context, db DB, e Erasure) error {
	pattern := NamesOf(e)
	if pattern == "" || len(e.Others) == 0 {
		return nil
	}
	for table, columns := range map[string][]string{
		"responses": {"said"}, "tasks": {"title", "script", "why", "notes"}, "inbound_mails": {"subject", "why", "note", "classification"}, "handoffs": {"dossier", "reason"},
		"facts": {"value", "words"}, "verdicts": {"verdict"}, "stage_moves": {"reason"},
	} {
		var set, where []string
		for _, c := range columns {
			cast := "text"
			if slices.Contains([]string{"classification", "dossier", "value", "verdict"}, c) {
				cast = "jsonb"
			}
			set = append(set, fmt.Sprintf(`%s = regexp_replace(%s::text, $2, '%s', 'gi')::%s`, c, c, erasedText, cast))
			where = append(where, fmt.Sprintf(`%s::text ~* $2`, c))
		}
		if _, err := db.Exec(ctx, fmt.Sprintf(`UPDATE %s SET %s WHERE lead_id = ANY($1) AND (%s)`, table, strings.Join(set, ", "), strings.Join(where, " OR ")),
			e.Others, pattern); err != nil {
			return fmt.Errorf("erase a name from %s: %w", table, err)
		}
	}
	_, err := db.Exec(ctx, `UPDATE task_drafts d SET typed = regexp_replace(typed::text, $2, $3, 'gi')::jsonb
		FROM tasks k WHERE k.id = d.task_id AND k.lead_id = ANY($1) AND d.typed::text ~* $2`, e.Others, pattern, erasedText)
	if err != nil {
		return fmt.Errorf("erase a name from drafts: %w", err)
	}
	return nil
}

// NamesOf is a pattern, as Postgres knows them, of what names a person: the whole name in either order, the addresses, and the numbers however they are
// grouped. A first name alone is many people's. "" when there is nothing.
func NamesOf(e Erasure) string {
	var patterns []string
	first, last := strings.Fields(e.Lead.FirstName), strings.Fields(e.Lead.LastName)
	if len(first) > 0 && len(last) > 0 {
		inOrder := func(words ...string) string { return `\m` + strings.Join(words, `,?\s+`) + `\M` }
		patterns = append(patterns, inOrder(quoted(slices.Concat(first, last))...), inOrder(quoted(slices.Concat(last, first))...))
	}
	for _, a := range e.Addresses {
		if number, ok := strings.CutPrefix(a, "+"); ok {
			patterns = append(patterns, `\+?\m`+strings.Join(strings.Split(number, ""), `[-\s./()]*`)+`\M`)
			continue
		}
		patterns = append(patterns, `\m`+quoted([]string{a})[0]+`\M`)
	}
	return strings.Join(patterns, "|")
}

// quoted are texts as a pattern means them literally, also where JSON writes their quotation marks.
func quoted(texts []string) []string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = strings.ReplaceAll(regexp.QuoteMeta(t), `"`, `\\?"`)
	}
	return all
}
