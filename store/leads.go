package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

// Lead is a row of leads with its account's.
type Lead struct {
	ID               int64          `db:"lead_id"`
	Key              string         `db:"lead_key"`
	Email            string         `db:"email"`
	Phone            string         `db:"phone"`
	PhoneInvalid     bool           `db:"phone_invalid"`
	FirstName        string         `db:"first_name"`
	LastName         string         `db:"last_name"`
	Title            string         `db:"title"`
	Role             string         `db:"role"`
	City             string         `db:"city"`
	Country          string         `db:"country"`
	Region           string         `db:"region"`
	Zones            []string       `db:"zones"`
	Language         string         `db:"language"`
	Source           string         `db:"source"`
	Origin           string         `db:"origin"`
	AccountID        *int64         `db:"account_id"`
	Mailbox          string         `db:"mailbox"`
	Owner            string         `db:"owner"`
	ConsentEmail     *time.Time     `db:"consent_email"`
	ConsentVoicemail *time.Time     `db:"consent_voicemail"`
	ConsentCall      *time.Time     `db:"consent_call"`
	Custom           map[string]any `db:"fields"`
	Stage            string         `db:"stage"`
	Readiness        string         `db:"readiness"`
	EndReason        string         `db:"end_reason"`
	IntakeAt         *time.Time     `db:"intake_at"`
	IntakeNote       string         `db:"intake_note"`
	CreatedAt        time.Time      `db:"created_at"`
	EmailSuppressed  bool           `db:"email_suppressed"`
	PhoneSuppressed  bool           `db:"phone_suppressed"`
	ReferredBy       *int64         `db:"referred_by"` // the lead that named this one
	TopicsOff        []string       `db:"topics_off"`  // keys of the topics that the lead wants no mail about
	Account
}

// Account is the company of a lead; the zero Account is none.
type Account struct {
	Name      string `db:"account_name"`
	Domain    string `db:"account_domain"`
	Industry  string `db:"account_industry"`
	Employees int    `db:"account_employees"` // 0 unknown
	Country   string `db:"account_country"`
	// Custom are fields that a vendor or a program added; nil when there are none.
	Custom map[string]any `db:"account_fields"`
}

// leadColumns and leadTables select a Lead; the alias of leads is l.
const leadOwnColumns = `l.id AS lead_id, l.key AS lead_key, l.email, l.phone, l.phone_invalid, l.first_name, l.last_name, l.title,
	l.role, l.city, l.country, l.region, l.zones, l.language, l.source, l.origin, l.account_id, l.mailbox, l.owner,
	l.consent_email, l.consent_voicemail, l.consent_call, l.fields, l.stage, l.readiness, l.end_reason, l.intake_at,
	l.intake_note, l.created_at, l.referred_by, l.topics_off,
	coalesce(a.name, '') AS account_name, coalesce(a.domain, '') AS account_domain,
	coalesce(a.industry, '') AS account_industry, coalesce(a.employees, 0) AS account_employees,
	coalesce(a.country, '') AS account_country, nullif(a.fields, '{}') AS account_fields`

var leadColumns = leadOwnColumns + `,
	` + emailSuppressed + ` AS email_suppressed,
	` + phoneSuppressed + ` AS phone_suppressed`

// Whether the addresses of a lead l are suppressed.
var (
	emailSuppressed = `l.email <> '' AND ` + suppressedSQL("'email'", "l.email", domainSQL("l.email"))
	phoneSuppressed = `l.phone <> '' AND ` + suppressedSQL("'phone'", "l.phone")
)

const leadTables = `leads l LEFT JOIN accounts a ON a.id = l.account_id`

// FullName is the lead's name, else its address, else its key.
func (l *Lead) FullName() string {
	switch {
	case l.FirstName != "" && l.LastName != "":
		return l.FirstName + " " + l.LastName
	case l.FirstName != "" || l.LastName != "":
		return l.FirstName + l.LastName
	case l.Email != "":
		return l.Email
	}
	return l.Key
}

// Core is the lead as decisions see it. Without a zone of its own it is mailed in the operator's; its phone is left alone.
func (l *Lead) Core(operatorZone string) cadence.Lead {
	core := l.corePlain(operatorZone)
	core.Fields = l.predicateFields()
	return core
}

// corePlain is Core with no other fields than those that cadence.PriorityOf looks at.
func (l *Lead) corePlain(operatorZone string) cadence.Lead {
	zones, assumed := l.Zones, len(l.Zones) == 0
	if assumed {
		zones = []string{operatorZone}
	}
	fields := make(map[string]predicate.Value, 2)
	for name, text := range map[string]string{"lead.readiness": l.Readiness, "lead.origin": l.Origin} {
		if text != "" {
			fields[name] = predicate.Text(text)
		}
	}
	return cadence.Lead{
		ID: l.ID, Key: l.Key,
		Place:            calendar.Place{Zones: zones, Country: l.Country, Region: l.Region},
		ZoneAssumed:      assumed,
		Email:            l.Email != "" && !l.EmailSuppressed,
		Phone:            l.Phone != "" && !l.PhoneInvalid && !l.PhoneSuppressed,
		VoicemailConsent: l.ConsentVoicemail != nil,
		TopicsOff:        l.TopicsOff,
		Language:         l.Language,
		Stage:            cadence.Stage(l.Stage),
		Ended:            cadence.EndReason(l.EndReason),
		Fields:           fields,
	}
}

// predicateFields are the values that audience rules and branches may ask for.
func (l *Lead) predicateFields() map[string]predicate.Value {
	fields := map[string]predicate.Value{
		"consent.email":     predicate.Bool(l.ConsentEmail != nil),
		"consent.voicemail": predicate.Bool(l.ConsentVoicemail != nil),
		"consent.call":      predicate.Bool(l.ConsentCall != nil),
	}
	for name, text := range map[string]string{
		"lead.key": l.Key, "lead.email": l.Email, "lead.phone": l.Phone, "lead.stage": l.Stage, "lead.source": l.Source,
		"lead.country": l.Country, "lead.region": l.Region, "lead.city": l.City, "lead.role": l.Role, "lead.title": l.Title,
		"lead.origin": l.Origin, "lead.language": l.Language, "lead.readiness": l.Readiness, "lead.owner": l.Owner,
		"account.name": l.Account.Name, "account.domain": l.Domain, "account.industry": l.Industry,
		"account.country": l.Account.Country,
	} {
		if text != "" {
			fields[name] = predicate.Text(text)
		}
	}
	if l.Employees > 0 {
		fields["account.employees"] = predicate.Number(float64(l.Employees))
	}
	for name, v := range l.Custom {
		if s := fmt.Sprint(v); s != "" {
			fields["lead.fields."+name] = predicate.Text(s)
		}
	}
	for name, v := range l.Account.Custom {
		if s := fmt.Sprint(v); s != "" {
			fields["account.fields."+name] = predicate.Text(s)
		}
	}
	return fields
}

// NewLead is a lead to be stored. Addresses are normalised; AccountKey "" is no account.
type NewLead struct {
	Lead
	AccountKey string
	OptedOut   bool // of every channel: the lead is kept, ended and never contacted
	NoAddress  bool // on any channel: kept, and ended while it is so
	// Stamp is the statement behind what the record has; 0 is not known. A record whose statement does not count has no values: see Held.
	Stamp int64
}

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
	custom := make([]string, len(leads))
	for i := range leads {
		if custom[i] = "{}"; len(leads[i].Custom) == 0 {
			continue
		}
		if custom[i], err = jsonText(leads[i].Custom, "{}"); err != nil {
			return nil, 0, err
		}
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
			consent_voicemail = coalesce(l.consent_voicemail, excluded.consent_voicemail),
			consent_call = coalesce(l.consent_call, excluded.consent_call),
			fields = l.fields || excluded.fields,
			intake_at = CASE WHEN l.end_reason = '' AND l.intake_note <> '' OR `+reachableAgain+` THEN $1::timestamptz ELSE l.intake_at END,
			ended_at = CASE WHEN `+reachableAgain+` THEN NULL ELSE l.ended_at END,
			end_reason = CASE WHEN `+reachableAgain+` THEN '' ELSE l.end_reason END,
			updated_at = $1, filled_by = excluded.filled_by, provenance = `+keptOfLead+`
		RETURNING l.id, l.key, l.created_at = l.updated_at AND xmax = 0 AS is_new, coalesce(l.intake_at = $1, false) AS waits`,
		now,
		column(leads, func(l *NewLead) string { return l.Key }), column(leads, func(l *NewLead) string { return l.Email }),
		column(leads, func(l *NewLead) string { return l.Phone }), column(leads, func(l *NewLead) string { return l.FirstName }),
		column(leads, func(l *NewLead) string { return l.LastName }), column(leads, func(l *NewLead) string { return l.Title }),
		column(leads, func(l *NewLead) string { return l.Role }), column(leads, func(l *NewLead) string { return l.City }),
		column(leads, func(l *NewLead) string { return l.Lead.Country }), column(leads, func(l *NewLead) string { return l.Region }),
		column(leads, func(l *NewLead) string { return arrayText(l.Zones) }),
		column(leads, func(l *NewLead) string { return l.Language }), column(leads, func(l *NewLead) string { return l.Source }),
		column(leads, func(l *NewLead) string { return l.Origin }), column(leads, func(l *NewLead) *int64 { return accounts[l.AccountKey] }),
		column(leads, func(l *NewLead) string { return l.Mailbox }), column(leads, func(l *NewLead) string { return l.Owner }),
		column(leads, func(l *NewLead) *time.Time { return l.ConsentEmail }),
		column(leads, func(l *NewLead) *time.Time { return l.ConsentVoicemail }),
		column(leads, func(l *NewLead) *time.Time { return l.ConsentCall }),
		custom,
		column(leads, endOfNewLead),
		column(leads, createdOfNewLead),
		column(leads, stampOfNewLead),
	)
	if err != nil {
		return nil, 0, fmt.Errorf("store leads: %w", err)
	}
	byKey := make(map[string]int64, len(rows))
	var waiting, stored []int64
	for _, r := range rows {
		stored = append(stored, r.ID)
		byKey[r.Key] = r.ID
		if r.New {
			inserted++
		}
		if r.Waits {
			waiting = append(waiting, r.ID)
		}
	}
	if err := noteWords(ctx, db, stored, nil); err != nil {
		return nil, 0, err
	}
	return column(leads, func(l *NewLead) int64 { return byKey[l.Key] }), inserted, callIntake(ctx, db, waiting, now)
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

func stampOfNewLead(l *NewLead) int64 { return l.Stamp }

func createdOfNewLead(l *NewLead) *time.Time {
	if l.CreatedAt.IsZero() {
		return nil
	}
	return &l.CreatedAt
}

// AccountIDs are the ids of accounts by key.
type AccountIDs map[string]*int64

// UpsertAccounts stores the accounts of leads: a known one gets the values that the new record has. Of leads at one account the first speaks for it.
// Done apart from the leads it keeps nobody who stores others of the same companies waiting.
func UpsertAccounts(ctx context.Context, db DB, leads []NewLead, now time.Time) (AccountIDs, error) {
	ids := make(AccountIDs)
	var rows []*NewLead
	for i := range leads {
		if key := leads[i].AccountKey; key != "" {
			if _, seen := ids[key]; !seen {
				ids[key] = nil
				rows = append(rows, &leads[i])
			}
		}
	}
	if len(rows) == 0 {
		return ids, nil
	}
	type row = *NewLead
	type stored struct {
		ID  int64  `db:"id"`
		Key string `db:"key"`
	}
	accounts, err := collect[stored](ctx, db, `
		INSERT INTO accounts AS a (key, name, domain, industry, employees, country, filled_by, created_at)
		SELECT n.*, $1 FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::bigint[]) AS n
		ORDER BY 1
		ON CONFLICT (key) DO UPDATE SET
			name = coalesce(nullif(excluded.name, ''), a.name), domain = coalesce(nullif(excluded.domain, ''), a.domain),
			industry = coalesce(nullif(excluded.industry, ''), a.industry),
			employees = coalesce(nullif(excluded.employees, 0), a.employees),
			country = coalesce(nullif(excluded.country, ''), a.country), filled_by = excluded.filled_by, provenance = `+keptOfAccount+`
		RETURNING id, key`,
		now, column(rows, func(l *row) string { return (*l).AccountKey }),
		column(rows, func(l *row) string { return (*l).Account.Name }), column(rows, func(l *row) string { return (*l).Domain }),
		column(rows, func(l *row) string { return (*l).Industry }), column(rows, func(l *row) int { return (*l).Employees }),
		column(rows, func(l *row) string { return (*l).Account.Country }), column(rows, func(l *row) int64 { return (*l).Stamp }))
	if err != nil {
		return nil, fmt.Errorf("store accounts: %w", err)
	}
	written := make([]int64, len(accounts))
	for i := range accounts {
		ids[accounts[i].Key], written[i] = &accounts[i].ID, accounts[i].ID
	}
	return ids, noteWords(ctx, db, nil, written)
}

// jsonText marshals v, giving empty for a nil map or slice.
func jsonText(v any, empty string) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	if string(b) == "null" {
		return empty, nil
	}
	return string(b), nil
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

// Leads loads leads by id, in the order of ids.
func Leads(ctx context.Context, db DB, ids []int64) ([]Lead, error) {
	return collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM `+leadTables+` WHERE l.id = ANY($1) ORDER BY l.id`, ids)
}

// LeadByID loads one lead. ErrNotFound, wrapped, when there is none.
func LeadByID(ctx context.Context, db DB, id int64) (Lead, error) {
	leads, err := Leads(ctx, db, []int64{id})
	if err != nil {
		return Lead{}, err
	}
	if len(leads) == 0 {
		return Lead{}, fmt.Errorf("lead %d: %w", id, ErrNotFound)
	}
	return leads[0], nil
}

// FindLead loads the lead that ref names: a key, an email address or an id, tried in that order. ErrNotFound when none is.
func FindLead(ctx context.Context, db DB, ref string) (Lead, error) {
	id, err := strconv.ParseInt(ref, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != ref {
		id = 0 // nobody's
	}
	// Each by its index: one condition for all three reads every lead.
	lead, err := one[Lead](ctx, db, `SELECT `+leadColumns+` FROM (SELECT id FROM leads WHERE key = $1
			UNION SELECT id FROM leads WHERE email = lower($1) AND email <> '' UNION SELECT id FROM leads WHERE id = $2) n JOIN `+leadTables+` ON l.id = n.id
		ORDER BY l.key = $1 DESC, l.email = lower($1) DESC, l.id LIMIT 1`, ref, id)
	if err != nil {
		return lead, fmt.Errorf("lead %q: %w", ref, err)
	}
	return lead, nil
}

// LeadFilter narrows ListLeads; zero fields do not.
type LeadFilter struct {
	Stage, Source, Owner string
	AfterID              int64 // page: leads with a greater id
	Limit                int   // 0 is 100
}

// ListLeads lists leads in the order of ids.
func ListLeads(ctx context.Context, db DB, f LeadFilter) ([]Lead, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	return collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM `+leadTables+`
		WHERE l.id > $1 AND ($2 = '' OR l.stage = $2) AND ($3 = '' OR l.source = $3) AND ($4 = '' OR l.owner = $4)
		ORDER BY l.id LIMIT $5`, f.AfterID, f.Stage, f.Source, f.Owner, f.Limit)
}

// LockLeads locks leads in the order of ids, so that none of them is enrolled, or begins to respond, meanwhile.
func LockLeads(ctx context.Context, db DB, ids []int64) error {
	_, err := db.Exec(ctx, `SELECT id FROM leads WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids)
	return err
}

// LeadsInHand names those of the leads about which a person has something to do.
func LeadsInHand(ctx context.Context, db DB, ids []int64) (map[int64]bool, error) {
	busy, err := scalars[int64](ctx, db, `SELECT DISTINCT lead_id FROM tasks WHERE lead_id = ANY($1) AND state IN ('open', 'claimed')`, ids)
	inHand := make(map[int64]bool, len(busy))
	for _, id := range busy {
		inHand[id] = true
	}
	return inHand, err
}

// StageMove moves a lead to a stage.
type StageMove struct {
	LeadID int64
	Stage  cadence.Stage
	Reason string
}

// MoveStages applies and logs stage moves, in the given order.
func MoveStages(ctx context.Context, db DB, moves []StageMove, now time.Time) error {
	if len(moves) == 0 {
		return nil
	}
	last := map[int64]StageMove{}
	for _, m := range moves {
		last[m.LeadID] = m
	}
	final := make([]StageMove, 0, len(last))
	for _, m := range last {
		final = append(final, m)
	}
	id := func(m *StageMove) int64 { return m.LeadID }
	stage := func(m *StageMove) string { return string(m.Stage) }
	if _, err := db.Exec(ctx, `UPDATE leads l SET stage = n.stage, updated_at = $3
		FROM unnest($1::bigint[], $2::text[]) AS n(id, stage) WHERE l.id = n.id`,
		column(final, id), column(final, stage), now); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `INSERT INTO stage_moves (lead_id, stage, reason, at)
		SELECT n.id, n.stage, n.reason, $4 FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY AS n(id, stage, reason, ord)
		ORDER BY n.ord`,
		column(moves, id), column(moves, stage), column(moves, func(m *StageMove) string { return m.Reason }), now)
	return err
}

// LeadEnd ends a lead; End "" takes an earlier end back.
type LeadEnd struct {
	LeadID int64
	End    cadence.EndReason
}

// EndLeads records why leads need no next action any more.
func EndLeads(ctx context.Context, db DB, ends []LeadEnd, now time.Time) error {
	if len(ends) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE leads l SET end_reason = n.reason, ended_at = CASE WHEN n.reason <> '' THEN $3::timestamptz END,
			intake_at = NULL, intake_note = '', updated_at = $3
		FROM unnest($1::bigint[], $2::text[]) AS n(id, reason) WHERE l.id = n.id`,
		column(ends, func(e *LeadEnd) int64 { return e.LeadID }),
		column(ends, func(e *LeadEnd) string { return string(e.End) }), now)
	return err
}

// InvalidatePhones marks the phones of leads as wrong.
func InvalidatePhones(ctx context.Context, db DB, leadIDs []int64) error {
	_, err := db.Exec(ctx, `UPDATE leads SET phone_invalid = true WHERE id = ANY($1)`, leadIDs)
	return err
}

// LeadsByID loads leads for lists of what is about them: id → lead. Unknown ids are left out.
func LeadsByID(ctx context.Context, db DB, ids []int64) (map[int64]Lead, error) {
	rows, err := Leads(ctx, db, ids)
	byID := make(map[int64]Lead, len(rows))
	for _, l := range rows {
		byID[l.ID] = l
	}
	return byID, err
}

// EraseLead deletes a lead with everything about it, the mails that it wrote as well. The caller has locked its enrolment.
func EraseLead(ctx context.Context, db DB, id int64) error {
	if _, err := db.Exec(ctx, `DELETE FROM inbound_mails WHERE lead_id = $1`, id); err != nil {
		return fmt.Errorf("erase mails: %w", err)
	}
	if _, err := db.Exec(ctx, `DELETE FROM leads WHERE id = $1`, id); err != nil {
		return fmt.Errorf("erase a lead: %w", err)
	}
	return nil
}
