package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
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
		Untaken:          l.IntakeNote != "",
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
	Refused    Refused
	// Stamp is the statement behind what the record has; 0 is not known. A record whose statement does not count has no values: see Held.
	Stamp int64

	accountFields string // Account.Custom as JSON, once it is being stored
}

// Refused is when a lead took back its consents, or never gave them; nil says nothing.
type Refused struct{ Email, Voicemail, Call *time.Time }

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

// KeepIdle keeps those of the leads that are in no cadence from being enrolled until the transaction ends, and waits for whoever is just enrolling one. It
// returns how many they are.
func KeepIdle(ctx context.Context, db DB, ids []int64) (int, error) {
	kept, err := scalars[int64](ctx, db, `SELECT l.id FROM leads l WHERE l.id = ANY($1)
		AND NOT EXISTS (SELECT FROM enrollments e WHERE e.lead_id = l.id AND e.state <> 'finished') ORDER BY l.id FOR KEY SHARE OF l`, ids)
	if err != nil {
		return 0, fmt.Errorf("keep leads from being enrolled: %w", err)
	}
	return len(kept), nil
}

// Hand says that a person has something to do about a lead.
type Hand struct {
	LeadID int64 `db:"lead_id"`
	// UntilTaken says that all of it is needless once a cadence takes the lead, and that nobody is at it.
	UntilTaken bool `db:"until_taken"`
}

// LeadsInHand tells about which of the leads a person has something to do: lead id → what it is.
func LeadsInHand(ctx context.Context, db DB, ids []int64, now time.Time) (map[int64]Hand, error) {
	busy, err := collect[Hand](ctx, db, `SELECT k.lead_id, bool_and(k.until_taken AND NOT (k.state = 'claimed' AND coalesce(k.claimed_until > $2, true))) AS until_taken
		FROM tasks k WHERE k.lead_id = ANY($1) AND k.state IN ('open', 'claimed') GROUP BY k.lead_id`, ids, now)
	if err != nil {
		return nil, fmt.Errorf("look for leads in somebody's hands: %w", err)
	}
	inHand := make(map[int64]Hand, len(busy))
	for _, b := range busy {
		inHand[b.LeadID] = b
	}
	return inHand, nil
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

// EndLeads records why leads need no next action any more, and closes the tasks that are needless by that.
func EndLeads(ctx context.Context, db DB, ends []LeadEnd, now time.Time) error {
	if len(ends) == 0 {
		return nil
	}
	var over []int64
	for _, end := range ends {
		if end.End != "" {
			over = append(over, end.LeadID)
		}
	}
	if err := CloseUntilTaken(ctx, db, over, now); err != nil {
		return err
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
