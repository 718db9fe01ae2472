package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Kin are leads that are alike in all that a decision looks at: Lead is each of them as far as was asked, the rest of it is blank. An address is
// only there or not, as @ or +; of a mail address in a domain that was asked about the domain is there too.
type Kin struct {
	Lead
	IDs []int64 `db:"ids"` // in ascending order
}

// KinQuery says what of leads is looked at beside what an appointment depends on: where they are, how they can be reached, their stage,
// readiness, language, mailbox and owner.
type KinQuery struct {
	Fields  []string // as predicates name them: "account.industry", "lead.fields.tier"
	Domains []string // of mail addresses, that are to be told apart; in lower case
}

// ownField is the part of a predicate's field before the name of a lead's own one.
const ownField = "lead.fields."

// factField is how predicates name what is known of a lead. Leads of whom anything is known are nobody's kin where that is looked at.
const factField = "facts."

// kinColumns give for each field that a predicate may name the column that it is told by; "" where that is among the columns that are always asked
// for. Beside these there are leads' own fields and facts.
var kinColumns = map[string]string{
	"consent.email": given("consent_email"), "consent.call": given("consent_call"), "consent.voicemail": "",
	"lead.key": `l.key AS lead_key`, "lead.email": "", "lead.phone": "", "lead.stage": "", "lead.source": `l.source`, "lead.country": "", "lead.region": "",
	"lead.city": `l.city`, "lead.role": `l.role`, "lead.title": `l.title`, "lead.origin": "", "lead.language": "", "lead.readiness": "", "lead.owner": "",
	"lead.score":   "", // that no lead has
	"account.name": `coalesce(a.name, '') AS account_name`, "account.domain": `coalesce(a.domain, '') AS account_domain`,
	"account.industry": `coalesce(a.industry, '') AS account_industry`, "account.country": `coalesce(a.country, '') AS account_country`,
	"account.employees": `coalesce(a.employees, 0) AS account_employees`,
}

// given tells of a consent only whether there is one.
func given(column string) string {
	return `CASE WHEN l.` + column + ` IS NOT NULL THEN 'epoch'::timestamptz END AS ` + column
}

// Answerable reports whether leads can be told apart by all that q asks for.
func (q KinQuery) Answerable() bool {
	return !slices.ContainsFunc(q.Fields, func(field string) bool {
		_, known := kinColumns[field]
		return !known && !strings.HasPrefix(field, ownField) && !strings.HasPrefix(field, factField)
	})
}

// FindKin sorts leads by what q asks for. It leaves out those that are, or were, in a cadence, those about which a person has something to do, and,
// where q asks for facts, those of whom anything is known. The query must be Answerable.
func FindKin(ctx context.Context, db DB, ids []int64, q KinQuery) ([]Kin, error) {
	columns, tables, args := q.columns([]any{ids})
	groups := make([]string, len(columns))
	for i := range groups {
		groups[i] = fmt.Sprint(i + 1)
	}
	unknown := ""
	if slices.ContainsFunc(q.Fields, func(field string) bool { return strings.HasPrefix(field, factField) }) {
		unknown = `AND NOT EXISTS (SELECT FROM facts f WHERE f.lead_id = l.id)`
	}
	cursor, err := db.Query(ctx, `SELECT `+strings.Join(columns, ", ")+`, array_agg(l.id ORDER BY l.id) AS ids
		FROM (SELECT id FROM unnest($1::bigint[]) AS id OFFSET 0) n JOIN leads l ON l.id = n.id `+tables+`
		WHERE NOT EXISTS (SELECT FROM enrollments e WHERE e.lead_id = l.id)
			AND NOT EXISTS (SELECT FROM tasks k WHERE k.lead_id = l.id AND k.state IN ('open', 'claimed')) `+unknown+`
		GROUP BY `+strings.Join(groups, ", "), args...)
	if err != nil {
		return nil, fmt.Errorf("sort leads by what is alike: %w", err)
	}
	kin, err := pgx.CollectRows(cursor, pgx.RowToStructByNameLax[Kin])
	if err != nil {
		return nil, fmt.Errorf("sort leads by what is alike: %w", err)
	}
	return kin, nil
}

// columns are what leads are told apart by, the tables beside leads that this needs, and the arguments behind the given ones.
func (q KinQuery) columns(args []any) (columns []string, tables string, all []any) {
	argument := func(value []string) string {
		args = append(args, append([]string{}, value...))
		return fmt.Sprintf("$%d::text[]", len(args))
	}
	email, phone := "", `CASE WHEN l.phone = '' THEN '' ELSE '+' END AS phone`
	var own []string
	for _, field := range q.Fields {
		name, isOwn := strings.CutPrefix(field, ownField)
		column := kinColumns[field]
		switch {
		case isOwn:
			own = append(own, name)
		case field == "lead.email":
			email = `l.email`
		case field == "lead.phone":
			phone = `l.phone`
		case column != "" && !slices.Contains(columns, column):
			columns = append(columns, column)
		}
		if strings.HasPrefix(field, "account.") {
			tables = `LEFT JOIN accounts a ON a.id = l.account_id`
		}
	}
	if email == "" {
		domain := `lower(substr(l.email, strpos(l.email, '@') + 1))`
		email = `CASE WHEN l.email = '' THEN '' WHEN ` + domain + ` = ANY(` + argument(q.Domains) + `) THEN '@' || ` + domain + ` ELSE '@' END AS email`
	}
	if len(own) > 0 {
		names := argument(own)
		columns = append(columns, `coalesce((SELECT jsonb_object_agg(f, l.fields -> f) FROM unnest(`+names+`) AS f WHERE l.fields ? f), '{}') AS fields`)
	}
	return append(columns, email, phone, given("consent_voicemail"), `l.phone_invalid`, `l.country`, `l.region`, `l.zones`, `l.language`, `l.origin`,
		`l.mailbox`, `l.owner`, `l.stage`, `l.readiness`, `l.end_reason`, `l.topics_off`,
		// A hash for each address, and a look-up for each hash: not where there is nothing to be found.
		`EXISTS (SELECT FROM suppressions) AND `+emailSuppressed+` AS email_suppressed`,
		`EXISTS (SELECT FROM suppressions) AND `+phoneSuppressed+` AS phone_suppressed`), tables, args
}
