package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nurture/internal/provenance"
)

// CustomField stands before the names of the fields that a configuration or a vendor adds, as in "fields.tier".
const CustomField = "fields."

// PersonFields and AccountFields are the fields of leads and of accounts whose statements are kept, in the order in which they are shown. Each may
// have fields of its own besides, named CustomField + name.
var (
	PersonFields = []string{
		"email", "phone", "first_name", "last_name", "title", "role", "city", "region", "country", "zone", "language",
	}
	AccountFields = []string{"name", "domain", "industry", "employees", "country"}
)

// PersonValue is a field of the lead as text, "" when it is not known.
func (l *Lead) PersonValue(field string) string {
	if field == "zone" {
		return strings.Join(l.Zones, " ")
	}
	if text := l.personText(field); text != nil {
		return *text
	}
	return customValue(l.Custom, field)
}

// personText is where a field of the lead that is a plain text is kept; nil for others.
func (l *Lead) personText(field string) *string {
	switch field {
	case "email":
		return &l.Email
	case "phone":
		return &l.Phone
	case "first_name":
		return &l.FirstName
	case "last_name":
		return &l.LastName
	case "title":
		return &l.Title
	case "role":
		return &l.Role
	case "city":
		return &l.City
	case "region":
		return &l.Region
	case "country":
		return &l.Country
	case "language":
		return &l.Language
	}
	return nil
}

// Value is a field of the account as text, "" when it is not known.
func (a *Account) Value(field string) string {
	if field == "employees" && a.Employees > 0 {
		return strconv.Itoa(a.Employees)
	}
	if text := a.text(field); text != nil {
		return *text
	}
	return customValue(a.Custom, field)
}

func (a *Account) text(field string) *string {
	switch field {
	case "name":
		return &a.Name
	case "domain":
		return &a.Domain
	case "industry":
		return &a.Industry
	case "country":
		return &a.Country
	}
	return nil
}

// SetPerson gives a field of the lead that is a plain text a value.
func (l *Lead) SetPerson(field, value string) {
	if text := l.personText(field); text != nil {
		*text = value
	}
}

// ClearPerson makes a field of the lead unknown.
func (l *Lead) ClearPerson(field string) {
	if text := l.personText(field); text != nil {
		*text = ""
	}
	if field == "zone" {
		l.Zones = nil
	}
	if name, ok := strings.CutPrefix(field, CustomField); ok {
		delete(l.Custom, name)
	}
}

// Clear makes a field of the account unknown.
func (a *Account) Clear(field string) {
	if text := a.text(field); text != nil {
		*text = ""
	}
	if field == "employees" {
		a.Employees = 0
	}
	if name, ok := strings.CutPrefix(field, CustomField); ok {
		delete(a.Custom, name)
	}
}

func customValue(custom map[string]any, field string) string {
	name, ok := strings.CutPrefix(field, CustomField)
	if v := custom[name]; ok && v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// FieldSet are the values of a lead or an account with the statements behind them.
type FieldSet struct {
	ID       int64
	FilledBy int64            // the statement behind fields that Stamps does not name
	Stamps   map[string]int64 // field → statement
}

// Behind is the statement behind a field.
func (f FieldSet) Behind(field string) int64 {
	if id, ok := f.Stamps[field]; ok {
		return id
	}
	return f.FilledBy
}

// LeadProvenance tells what is behind the fields of a lead, and of its account.
type LeadProvenance struct {
	Person, Account FieldSet // Account.ID 0: the lead has none
}

// Provenances tells what is behind the fields of leads.
func Provenances(ctx context.Context, db DB, leadIDs []int64) (map[int64]LeadProvenance, error) {
	type row struct {
		ID            int64            `db:"id"`
		FilledBy      int64            `db:"filled_by"`
		Stamps        map[string]int64 `db:"provenance"`
		AccountID     int64            `db:"account_id"`
		AccountFilled int64            `db:"account_filled_by"`
		AccountStamps map[string]int64 `db:"account_provenance"`
	}
	rows, err := collect[row](ctx, db, `SELECT l.id, l.filled_by, nullif(l.provenance, '{}') AS provenance, coalesce(l.account_id, 0) AS account_id,
			coalesce(a.filled_by, 0) AS account_filled_by, nullif(a.provenance, '{}') AS account_provenance
		FROM leads l LEFT JOIN accounts a ON a.id = l.account_id WHERE l.id = ANY($1)`, leadIDs)
	if err != nil {
		return nil, fmt.Errorf("what is behind fields: %w", err)
	}
	found := make(map[int64]LeadProvenance, len(rows))
	for _, r := range rows {
		found[r.ID] = LeadProvenance{FieldSet{r.ID, r.FilledBy, r.Stamps}, FieldSet{r.AccountID, r.AccountFilled, r.AccountStamps}}
	}
	return found, nil
}

const stampColumns = `id, kind, source, coalesce(as_of, '0001-01-01 00:00:00+00') AS as_of, coalesce(written_at, '0001-01-01 00:00:00+00') AS written_at`

type stampRow struct {
	ID      int64     `db:"id"`
	Kind    string    `db:"kind"`
	Source  string    `db:"source"`
	AsOf    time.Time `db:"as_of"`
	Written time.Time `db:"written_at"`
}

func (r stampRow) stamp() provenance.Stamp {
	return provenance.Stamp{ID: r.ID, Kind: provenance.Kind(r.Kind), Source: r.Source, AsOf: r.AsOf.UTC(), Written: r.Written.UTC()}
}

// Stamps loads statements by id.
func Stamps(ctx context.Context, db DB, ids []int64) (map[int64]provenance.Stamp, error) {
	slices.Sort(ids)
	rows, err := collect[stampRow](ctx, db, `SELECT `+stampColumns+` FROM field_stamps WHERE id = ANY($1)`, slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("statements: %w", err)
	}
	found := make(map[int64]provenance.Stamp, len(rows))
	for _, r := range rows {
		found[r.ID] = r.stamp()
	}
	return found, nil
}

// AddStamp stores a statement and returns it with its id. An import of the same file, of the same date, is the statement that is on record.
func AddStamp(ctx context.Context, db DB, s provenance.Stamp) (provenance.Stamp, error) {
	source := Clean(s.Source)
	r, err := one[stampRow](ctx, db, `INSERT INTO field_stamps (kind, source, as_of, written_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (source, as_of) WHERE kind = 'import' DO NOTHING RETURNING `+stampColumns, s.Kind, source, s.AsOf, s.Written)
	if errors.Is(err, ErrNotFound) {
		r, err = one[stampRow](ctx, db, `SELECT `+stampColumns+` FROM field_stamps WHERE kind = 'import' AND source = $1 AND as_of = $2`, source, s.AsOf)
	}
	if err != nil {
		return s, fmt.Errorf("store a statement: %w", err)
	}
	return r.stamp(), nil
}

// FieldsWritten are values of a lead or an account that one statement writes or renews.
type FieldsWritten struct {
	ID     int64
	Values map[string]string // field → value
	Renews []string          // fields whose value stays as it is
	Stamp  int64
}

// values are the plain fields and the custom ones, and what is behind each, as JSON.
func (w *FieldsWritten) values() (plain, custom, behind string, err error) {
	texts, own, stamps := map[string]string{}, map[string]string{}, map[string]int64{}
	for field, value := range w.Values {
		stamps[field] = w.Stamp
		if name, ok := strings.CutPrefix(field, CustomField); ok {
			own[name] = value
		} else {
			texts[field] = value
		}
	}
	for _, field := range w.Renews {
		stamps[field] = w.Stamp
	}
	var out [3][]byte
	for i, v := range []any{texts, own, stamps} {
		if out[i], err = json.Marshal(v); err != nil {
			return "", "", "", err
		}
	}
	return string(out[0]), string(out[1]), string(out[2]), nil
}

// writtenColumns are the arguments ids, values, custom values and statements.
func writtenColumns(writes []FieldsWritten) ([]any, error) {
	ids := column(writes, func(w *FieldsWritten) int64 { return w.ID })
	plain, custom, behind := make([]string, len(writes)), make([]string, len(writes)), make([]string, len(writes))
	for i := range writes {
		var err error
		if plain[i], custom[i], behind[i], err = writes[i].values(); err != nil {
			return nil, err
		}
	}
	return []any{ids, plain, custom, behind}, nil
}

// WriteLeadFields writes fields of leads that the caller has locked. A consent to recorded messages was given for a number: another number has none. A
// lead that no cadence took, or that ended because nothing reached it and has an address now, waits for intake at now.
func WriteLeadFields(ctx context.Context, db DB, writes []FieldsWritten, now time.Time) error {
	args, err := writtenColumns(writes)
	if err != nil || len(writes) == 0 {
		return err
	}
	const back = `(l.end_reason = 'unreachable' AND (n.v ? 'email' OR n.v ? 'phone'))`
	set := ""
	for _, field := range PersonFields {
		if field != "zone" {
			set += fmt.Sprintf("%[1]s = coalesce(n.v->>'%[1]s', l.%[1]s), ", field)
		}
	}
	_, err = db.Exec(ctx, `WITH called AS (UPDATE leads l SET `+set+`
			zones = CASE WHEN n.v ? 'zone' THEN string_to_array(n.v->>'zone', ' ') ELSE l.zones END,
			fields = l.fields || n.custom, provenance = l.provenance || n.behind,
			phone_invalid = l.phone_invalid AND NOT n.v ? 'phone',
			consent_voicemail = CASE WHEN n.v ? 'phone' AND l.phone <> '' AND l.phone <> n.v->>'phone' THEN NULL ELSE l.consent_voicemail END,
			intake_at = CASE WHEN `+back+` OR l.end_reason = '' AND l.intake_note <> '' AND (n.v <> '{}' OR n.custom <> '{}') THEN $5::timestamptz ELSE l.intake_at END,
			ended_at = CASE WHEN `+back+` THEN NULL ELSE l.ended_at END, end_reason = CASE WHEN `+back+` THEN '' ELSE l.end_reason END,
			updated_at = $5
		FROM (SELECT id, v::jsonb, custom::jsonb, behind::jsonb FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS u(id, v, custom, behind)) n
		WHERE l.id = n.id RETURNING l.id, CASE WHEN l.intake_at = $5 THEN l.intake_at END AS at) `+intakeCalls, append(args, now)...)
	if err != nil {
		return fmt.Errorf("write fields of leads: %w", err)
	}
	return noteWords(ctx, db, column(writes, func(w *FieldsWritten) int64 { return w.ID }), nil)
}

// WriteAccountFields writes fields of accounts that the caller has locked, once for all their leads; of these, those that no cadence took wait
// for intake at now.
func WriteAccountFields(ctx context.Context, db DB, writes []FieldsWritten, now time.Time) error {
	args, err := writtenColumns(writes)
	if err != nil || len(writes) == 0 {
		return err
	}
	_, err = db.Exec(ctx, `UPDATE accounts a SET name = coalesce(n.v->>'name', a.name), domain = coalesce(n.v->>'domain', a.domain),
			industry = coalesce(n.v->>'industry', a.industry), employees = coalesce((n.v->>'employees')::int, a.employees),
			country = coalesce(n.v->>'country', a.country), fields = a.fields || n.custom, provenance = a.provenance || n.behind
		FROM (SELECT id, v::jsonb, custom::jsonb, behind::jsonb FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS u(id, v, custom, behind)) n
		WHERE a.id = n.id`, args...)
	if err != nil {
		return fmt.Errorf("write fields of accounts: %w", err)
	}
	var changed []int64
	for _, w := range writes {
		if len(w.Values) > 0 {
			changed = append(changed, w.ID)
		}
	}
	_, err = db.Exec(ctx, `WITH called AS (UPDATE leads SET intake_at = $2 WHERE id IN (
		SELECT id FROM leads WHERE account_id = ANY($1) AND end_reason = '' AND intake_note <> '' ORDER BY id FOR UPDATE) RETURNING id, intake_at AS at) `+intakeCalls, changed, now)
	if err != nil {
		return fmt.Errorf("look at the leads of accounts again: %w", err)
	}
	return noteWords(ctx, db, nil, changed)
}
