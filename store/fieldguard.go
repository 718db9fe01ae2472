package store

import (
	"context"
	"fmt"
	"strings"

	"nurture/internal/provenance"
)

// keptOfLead and keptOfAccount are what a record that is stored again leaves behind: fields that it lacks keep their statements by name, all others
// are filled by its own.
var (
	keptOfLead    = kept("l", PersonFields)
	keptOfAccount = kept("a", AccountFields)
)

// kept is SQL for the provenance of a row that a conflict updates; it is worked out for such rows only.
func kept(row string, fields []string) string {
	empty := map[string][2]string{"zone": {"zones", "'{}'"}, "employees": {"employees", "0"}}
	pairs := make([]string, len(fields))
	for i, field := range fields {
		is := [2]string{field, "''"}
		if other, ok := empty[field]; ok {
			is = other
		}
		pairs[i] = fmt.Sprintf("'%[1]s', CASE WHEN excluded.%[2]s = %[3]s AND %[4]s.%[2]s <> %[3]s THEN %[5]s END",
			field, is[0], is[1], row, behind(row, "'"+field+"'"))
	}
	return fmt.Sprintf(`CASE WHEN %[1]s.provenance = '{}' AND %[1]s.filled_by = excluded.filled_by THEN '{}' ELSE jsonb_strip_nulls(
		jsonb_build_object(%[2]s) || coalesce((SELECT jsonb_object_agg('fields.' || k, %[3]s) FROM jsonb_object_keys(%[1]s.fields) k
			WHERE NOT excluded.fields ? k), '{}')) END`, row, strings.Join(pairs, ",\n\t\t\t"), behind(row, "'fields.' || k"))
}

// behind is the statement behind a field of a row, NULL when it is that of the new record too.
func behind(row, field string) string {
	return fmt.Sprintf("nullif(coalesce(%[1]s.provenance->(%[2]s), to_jsonb(%[1]s.filled_by)), to_jsonb(excluded.filled_by))", row, field)
}

// Guarded tells whether any statement on record may beat one: a person's, or one of a later date. Most imports meet none, and need not look what each lead
// holds.
func Guarded(ctx context.Context, db DB, s provenance.Stamp) (bool, error) {
	var guarded bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM field_stamps WHERE kind = 'person') OR EXISTS (SELECT FROM field_stamps WHERE as_of > $1)`,
		s.AsOf).Scan(&guarded)
	if err != nil {
		return false, fmt.Errorf("look for later statements: %w", err)
	}
	return guarded, nil
}

// HeldLead is a lead on record, whose key a new record has, with what is behind its fields and those of its account.
type HeldLead struct {
	Lead
	Behind LeadProvenance
}

// HeldLeads locks the leads with keys, and loads those of them that more than one statement fills, or a later one than that of s.
func HeldLeads(ctx context.Context, db DB, keys []string, s provenance.Stamp) (map[string]HeldLead, error) {
	ids, err := heldOf(ctx, db, "leads", keys, s)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	leads, err := Holding(ctx, db, ids)
	held := make(map[string]HeldLead, len(leads))
	for _, l := range leads {
		held[l.Key] = l
	}
	return held, err
}

// heldOf locks rows by key, and then, when nobody writes them any more, looks which of them a statement may not simply overwrite.
func heldOf(ctx context.Context, db DB, table string, keys []string, s provenance.Stamp) ([]int64, error) {
	locked, err := scalars[int64](ctx, db, `SELECT id FROM `+table+` WHERE key = ANY($1) ORDER BY id FOR UPDATE`, keys)
	if err != nil || len(locked) == 0 {
		return nil, err
	}
	return scalars[int64](ctx, db, `SELECT h.id FROM `+table+` h WHERE h.id = ANY($1)
		AND (h.provenance <> '{}' OR EXISTS (SELECT FROM field_stamps s WHERE s.id = h.filled_by AND s.as_of > $2))`, locked, s.AsOf)
}

// Holding loads leads by id with what is behind their fields, in the order of ids.
func Holding(ctx context.Context, db DB, ids []int64) ([]HeldLead, error) {
	leads, err := Leads(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	behind, err := Provenances(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	held := make([]HeldLead, len(leads))
	for i := range leads {
		held[i] = HeldLead{leads[i], behind[leads[i].ID]}
	}
	return held, nil
}

// HeldAccount is an account on record with what is behind its fields.
type HeldAccount struct {
	Key string
	Account
	FieldSet
}

// HeldAccounts locks the accounts with keys, and loads those of them that more than one statement fills, or a later one than that of s, by key.
func HeldAccounts(ctx context.Context, db DB, keys []string, s provenance.Stamp) (map[string]HeldAccount, error) {
	ids, err := heldOf(ctx, db, "accounts", keys, s)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	accounts, err := Accounts(ctx, db, ids)
	held := make(map[string]HeldAccount, len(accounts))
	for _, a := range accounts {
		held[a.Key] = a
	}
	return held, err
}

// Accounts loads accounts by id.
func Accounts(ctx context.Context, db DB, ids []int64) ([]HeldAccount, error) {
	type row struct {
		ID       int64            `db:"id"`
		Key      string           `db:"key"`
		FilledBy int64            `db:"filled_by"`
		Stamps   map[string]int64 `db:"provenance"`
		Account
	}
	rows, err := collect[row](ctx, db, `SELECT id, key, filled_by, nullif(provenance, '{}') AS provenance, name AS account_name, domain AS account_domain,
			industry AS account_industry, employees AS account_employees, country AS account_country, nullif(fields, '{}') AS account_fields
		FROM accounts WHERE id = ANY($1) ORDER BY id`, ids)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	accounts := make([]HeldAccount, len(rows))
	for i, r := range rows {
		accounts[i] = HeldAccount{r.Key, r.Account, FieldSet{r.ID, r.FilledBy, r.Stamps}}
	}
	return accounts, nil
}
