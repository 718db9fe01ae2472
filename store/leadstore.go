package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
)

// UpsertLeads stores leads by key: a new one waits for intake at now, a known one gets the values that the new record has
// and keeps what it lacks. Origin, stage, mailbox and owner of a known lead never change. One that had ended because nothing
// reached it is taken up again when it comes with another address. It returns the id of each lead in
// the given order and how many are new.
func UpsertLeads(ctx context.Context, db DB, leads []NewLead, now time.Time) (ids []int64, inserted int, err error) {
	accounts, err := UpsertAccounts(ctx, db, leads, now)
	if err != nil {
		return nil, 0, err
	}
	return UpsertLeadsAt(ctx, db, leads, accounts, now)
}

// UpsertLeadsAt is UpsertLeads for leads whose accounts are stored.
func UpsertLeadsAt(ctx context.Context, db DB, leads []NewLead, accounts AccountIDs, now time.Time) (ids []int64, inserted int, err error) {
	known, err := knownKeys(ctx, db, "leads", column(leads, func(l *NewLead) string { return l.Key }))
	if err != nil {
		return nil, 0, err
	}
	rows := make([]leadRow, len(leads))
	var fresh, again []*leadRow
	for i := range leads {
		r := leadRow{NewLead: &leads[i], account: accounts[leads[i].AccountKey], custom: "{}"}
		if len(r.Custom) > 0 {
			if r.custom, err = jsonText(r.Custom, "{}"); err != nil {
				return nil, 0, err
			}
		}
		if rows[i] = r; known[r.Key] {
			again = append(again, &rows[i])
		} else {
			fresh = append(fresh, &rows[i])
		}
	}
	waiting, err := copyLeads(ctx, db, fresh, now)
	if err != nil {
		return nil, 0, err
	}
	more, also, err := mergeLeads(ctx, db, again, now)
	if err != nil {
		return nil, 0, err
	}
	if err := withdrawConsents(ctx, db, again); err != nil {
		return nil, 0, err
	}
	ids = column(rows, func(r *leadRow) int64 { return r.id })
	if err := noteWords(ctx, db, ids, nil); err != nil {
		return nil, 0, err
	}
	return ids, len(fresh) + also, CallIntake(ctx, db, append(waiting, more...), now)
}

// MovedLeads lists the leads in a cadence that new records put elsewhere: another address or number, or where other hours and laws hold.
func MovedLeads(ctx context.Context, db DB, leads []NewLead) ([]int64, error) {
	type row = NewLead
	moved, err := scalars[int64](ctx, db, `SELECT DISTINCT l.id FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
			AS n(key, email, phone, country, region, zones) JOIN leads l ON l.key = n.key
		WHERE (n.email NOT IN ('', l.email) OR n.phone NOT IN ('', l.phone) OR n.country NOT IN ('', l.country) OR n.region NOT IN ('', l.region)
				OR n.zones::text[] NOT IN ('{}', l.zones))
			AND EXISTS (SELECT FROM enrollments e WHERE e.lead_id = l.id AND e.state <> 'finished')`,
		column(leads, func(l *row) string { return l.Key }), column(leads, func(l *row) string { return l.Email }), column(leads, func(l *row) string { return l.Phone }),
		column(leads, func(l *row) string { return l.Lead.Country }), column(leads, func(l *row) string { return l.Region }),
		column(leads, func(l *row) string { return arrayText(l.Zones) }))
	if err != nil {
		return nil, fmt.Errorf("find leads that are elsewhere now: %w", err)
	}
	return moved, nil
}

// leadRow is a lead on its way into the table.
type leadRow struct {
	*NewLead
	id      int64 // once it is stored
	account *int64
	custom  string // JSON
}

// copyLeads stores leads whose keys are new, and names those that wait for intake.
func copyLeads(ctx context.Context, db DB, rows []*leadRow, now time.Time) (waiting []int64, err error) {
	ids, err := copyNew(ctx, db, "leads", rows, leadColumnsAt(now))
	for i, r := range rows[:len(ids)] {
		if r.id = ids[i]; endOfNewLead(r.NewLead) == "" {
			waiting = append(waiting, r.id)
		}
	}
	return waiting, err
}

// leadColumnsAt are the columns of a lead that is new at now.
func leadColumnsAt(now time.Time) []copied[leadRow] {
	at := any(now)
	instant := func(t *time.Time) any {
		if t == nil {
			return nil
		}
		return *t
	}
	return []copied[leadRow]{
		{"key", func(r *leadRow) any { return r.Key }},
		{"email", func(r *leadRow) any { return r.Email }},
		{"phone", func(r *leadRow) any { return r.Phone }},
		{"first_name", func(r *leadRow) any { return r.FirstName }},
		{"last_name", func(r *leadRow) any { return r.LastName }},
		{"title", func(r *leadRow) any { return r.Title }},
		{"role", func(r *leadRow) any { return r.Role }},
		{"city", func(r *leadRow) any { return r.City }},
		{"country", func(r *leadRow) any { return r.Lead.Country }},
		{"region", func(r *leadRow) any { return r.Region }},
		{"zones", func(r *leadRow) any { return append([]string{}, r.Zones...) }},
		{"language", func(r *leadRow) any { return r.Language }},
		{"source", func(r *leadRow) any { return r.Source }},
		{"origin", func(r *leadRow) any { return r.Origin }},
		{"account_id", func(r *leadRow) any {
			if r.account == nil {
				return nil
			}
			return *r.account
		}},
		{"mailbox", func(r *leadRow) any { return r.Mailbox }},
		{"owner", func(r *leadRow) any { return r.Owner }},
		{"consent_email", func(r *leadRow) any { return instant(r.ConsentEmail) }},
		{"consent_voicemail", func(r *leadRow) any { return instant(r.ConsentVoicemail) }},
		{"consent_call", func(r *leadRow) any { return instant(r.ConsentCall) }},
		{"fields", func(r *leadRow) any { return json.RawMessage(r.custom) }},
		{"end_reason", func(r *leadRow) any { return endOfNewLead(r.NewLead) }},
		{"ended_at", func(r *leadRow) any {
			if endOfNewLead(r.NewLead) == "" {
				return nil
			}
			return at
		}},
		{"intake_at", func(r *leadRow) any {
			if endOfNewLead(r.NewLead) != "" {
				return nil
			}
			return at
		}},
		{"created_at", func(r *leadRow) any {
			if r.CreatedAt.IsZero() {
				return at
			}
			return r.CreatedAt
		}},
		{"updated_at", func(*leadRow) any { return at }},
		{"filled_by", func(r *leadRow) any { return r.Stamp }},
	}
}

// mergeLeads stores leads whose keys are known, names those that wait for intake, and tells how many were new all the same: somebody had erased them.
func mergeLeads(ctx context.Context, db DB, leads []*leadRow, now time.Time) (waiting []int64, inserted int, err error) {
	if len(leads) == 0 {
		return nil, 0, nil
	}
	type upserted struct {
		ID    int64  `db:"id"`
		Key   string `db:"key"`
		New   bool   `db:"is_new"`
		Waits bool   `db:"waits"`
	}
	rows, err := collect[upserted](ctx, db, `
		INSERT INTO leads AS l (key, email, phone, first_name, last_name, title, role, city, country, region, zones, language,
			source, origin, account_id, mailbox, owner, consent_email, consent_voicemail, consent_call, fields,
			stage, end_reason, ended_at, intake_at, created_at, updated_at, filled_by)
		SELECT n.key, n.email, n.phone, n.first_name, n.last_name, n.title, n.role, n.city, n.country, n.region,
			n.zones::text[], n.language, n.source, n.origin, n.account_id, n.mailbox, n.owner,
			n.consent_email, n.consent_voicemail, n.consent_call, n.fields::jsonb,
			'inquiry', n.end_reason, CASE WHEN n.end_reason <> '' THEN $1::timestamptz END,
			CASE WHEN n.end_reason = '' THEN $1::timestamptz END, coalesce(n.created_at, $1), $1, n.stamp
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
			$11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::text[], $18::text[],
			$19::timestamptz[], $20::timestamptz[], $21::timestamptz[], $22::text[], $23::text[], $24::timestamptz[], $25::bigint[])
			AS n(key, email, phone, first_name, last_name, title, role, city, country, region, zones, language, source, origin,
			account_id, mailbox, owner, consent_email, consent_voicemail, consent_call, fields, end_reason, created_at, stamp)
		ON CONFLICT (key) DO UPDATE SET
			email = coalesce(nullif(excluded.email, ''), l.email), phone = coalesce(nullif(excluded.phone, ''), l.phone),
			phone_invalid = l.phone_invalid AND excluded.phone IN ('', l.phone),
			first_name = coalesce(nullif(excluded.first_name, ''), l.first_name),
			last_name = coalesce(nullif(excluded.last_name, ''), l.last_name),
			title = coalesce(nullif(excluded.title, ''), l.title), role = coalesce(nullif(excluded.role, ''), l.role),
			city = coalesce(nullif(excluded.city, ''), l.city), country = coalesce(nullif(excluded.country, ''), l.country),
			region = coalesce(nullif(excluded.region, ''), l.region),
			zones = CASE WHEN excluded.zones = '{}' THEN l.zones ELSE excluded.zones END,
			language = coalesce(nullif(excluded.language, ''), l.language),
			source = coalesce(nullif(l.source, ''), excluded.source),
			account_id = coalesce(excluded.account_id, l.account_id),
			consent_email = coalesce(l.consent_email, excluded.consent_email),
			consent_voicemail = CASE WHEN l.phone <> '' AND excluded.phone NOT IN ('', l.phone) THEN excluded.consent_voicemail
				ELSE coalesce(l.consent_voicemail, excluded.consent_voicemail) END, -- it is given for a number
			consent_call = coalesce(l.consent_call, excluded.consent_call),
			fields = l.fields || excluded.fields,
			intake_at = CASE WHEN l.end_reason = '' AND l.intake_note <> '' OR `+reachableAgain+` THEN $1::timestamptz ELSE l.intake_at END,
			ended_at = CASE WHEN `+reachableAgain+` THEN NULL ELSE l.ended_at END,
			end_reason = CASE WHEN `+reachableAgain+` THEN '' ELSE l.end_reason END,
			updated_at = $1, filled_by = excluded.filled_by, provenance = `+keptOfLead+`
		RETURNING l.id, l.key, l.created_at = l.updated_at AND xmax = 0 AS is_new, coalesce(l.intake_at = $1, false) AS waits`,
		now,
		column(leads, func(l **leadRow) string { return (*l).Key }), column(leads, func(l **leadRow) string { return (*l).Email }),
		column(leads, func(l **leadRow) string { return (*l).Phone }), column(leads, func(l **leadRow) string { return (*l).FirstName }),
		column(leads, func(l **leadRow) string { return (*l).LastName }), column(leads, func(l **leadRow) string { return (*l).Title }),
		column(leads, func(l **leadRow) string { return (*l).Role }), column(leads, func(l **leadRow) string { return (*l).City }),
		column(leads, func(l **leadRow) string { return (*l).Lead.Country }), column(leads, func(l **leadRow) string { return (*l).Region }),
		column(leads, func(l **leadRow) string { return arrayText((*l).Zones) }),
		column(leads, func(l **leadRow) string { return (*l).Language }), column(leads, func(l **leadRow) string { return (*l).Source }),
		column(leads, func(l **leadRow) string { return (*l).Origin }), column(leads, func(l **leadRow) *int64 { return (*l).account }),
		column(leads, func(l **leadRow) string { return (*l).Mailbox }), column(leads, func(l **leadRow) string { return (*l).Owner }),
		column(leads, func(l **leadRow) *time.Time { return (*l).ConsentEmail }),
		column(leads, func(l **leadRow) *time.Time { return (*l).ConsentVoicemail }),
		column(leads, func(l **leadRow) *time.Time { return (*l).ConsentCall }),
		column(leads, func(l **leadRow) string { return (*l).custom }),
		column(leads, func(l **leadRow) string { return endOfNewLead((*l).NewLead) }),
		column(leads, func(l **leadRow) *time.Time { return createdOfNewLead((*l).NewLead) }),
		column(leads, func(l **leadRow) int64 { return (*l).Stamp }),
	)
	if err != nil {
		return nil, 0, fmt.Errorf("store leads: %w", err)
	}
	ids := make(map[string]int64, len(rows))
	for _, r := range rows {
		ids[r.Key] = r.ID
		if r.New {
			inserted++
		}
		if r.Waits {
			waiting = append(waiting, r.ID)
		}
	}
	for _, l := range leads {
		l.id = ids[l.Key]
	}
	return waiting, inserted, nil
}

// withdrawConsents takes back the consents of stored leads that refused them since.
func withdrawConsents(ctx context.Context, db DB, leads []*leadRow) error {
	type row = *leadRow
	var refused []row
	for _, l := range leads {
		if l.Refused != (Refused{}) {
			refused = append(refused, l)
		}
	}
	if len(refused) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE leads l SET
			consent_email = CASE WHEN l.consent_email <= n.email THEN NULL ELSE l.consent_email END,
			consent_voicemail = CASE WHEN l.consent_voicemail <= n.voicemail THEN NULL ELSE l.consent_voicemail END,
			consent_call = CASE WHEN l.consent_call <= n.call THEN NULL ELSE l.consent_call END
		FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[]) AS n(id, email, voicemail, call) WHERE l.id = n.id`,
		column(refused, func(l *row) int64 { return (*l).id }), column(refused, func(l *row) *time.Time { return (*l).Refused.Email }),
		column(refused, func(l *row) *time.Time { return (*l).Refused.Voicemail }), column(refused, func(l *row) *time.Time { return (*l).Refused.Call }))
	if err != nil {
		return fmt.Errorf("take consents back: %w", err)
	}
	return nil
}

// reachableAgain holds for a stored lead l that had ended because nothing reached it, and comes with another address.
const reachableAgain = `(l.end_reason = 'unreachable' AND (excluded.email NOT IN ('', l.email) OR excluded.phone NOT IN ('', l.phone)))`

func endOfNewLead(l *NewLead) string {
	switch {
	case l.OptedOut:
		return string(cadence.EndOptedOut)
	case l.NoAddress:
		return string(cadence.EndUnreachable)
	}
	return ""
}

func createdOfNewLead(l *NewLead) *time.Time {
	if l.CreatedAt.IsZero() {
		return nil
	}
	return &l.CreatedAt
}

// arrayText writes texts as a Postgres array of text: an array of arrays, which unnest would flatten, travels as an array of these.
func arrayText(texts []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, text := range texts {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		for _, c := range []byte(text) {
			if c == '"' || c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		}
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}
