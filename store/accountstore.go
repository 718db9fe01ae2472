package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

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
	for _, l := range rows {
		var err error
		if l.accountFields, err = jsonText(l.Account.Custom, "{}"); err != nil {
			return nil, err
		}
	}
	keys := column(rows, func(l **NewLead) string { return (*l).AccountKey })
	known, err := knownKeys(ctx, db, "accounts", keys)
	if err != nil {
		return nil, err
	}
	var fresh, again []*NewLead
	for _, l := range rows {
		if known[l.AccountKey] {
			again = append(again, l)
		} else {
			fresh = append(fresh, l)
		}
	}
	written, err := copyNew(ctx, db, "accounts", fresh, accountColumnsAt(now))
	if err != nil {
		return nil, err
	}
	for i := range fresh {
		ids[fresh[i].AccountKey] = &written[i]
	}
	more, err := mergeAccounts(ctx, db, again, now)
	if err != nil {
		return nil, err
	}
	for i := range more {
		ids[more[i].Key], written = &more[i].ID, append(written[:len(written):len(written)], more[i].ID)
	}
	return ids, noteWords(ctx, db, nil, written)
}

// accountColumnsAt are the columns of an account that is new at now.
func accountColumnsAt(now time.Time) []copied[NewLead] {
	return []copied[NewLead]{
		{"key", func(l *NewLead) any { return l.AccountKey }},
		{"name", func(l *NewLead) any { return l.Account.Name }},
		{"domain", func(l *NewLead) any { return l.Domain }},
		{"industry", func(l *NewLead) any { return l.Industry }},
		{"employees", func(l *NewLead) any { return int32(l.Employees) }},
		{"country", func(l *NewLead) any { return l.Account.Country }},
		{"fields", func(l *NewLead) any { return json.RawMessage(l.accountFields) }},
		{"filled_by", func(l *NewLead) any { return l.Stamp }},
		{"created_at", func(*NewLead) any { return now }},
	}
}

// storedAccount is an account that is known.
type storedAccount struct {
	ID  int64  `db:"id"`
	Key string `db:"key"`
}

// mergeAccounts stores the accounts of leads whose keys are known.
func mergeAccounts(ctx context.Context, db DB, rows []*NewLead, now time.Time) ([]storedAccount, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	type row = *NewLead
	accounts, err := collect[storedAccount](ctx, db, `
		INSERT INTO accounts AS a (key, name, domain, industry, employees, country, filled_by, fields, created_at)
		SELECT n.*, $1 FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::bigint[], $9::jsonb[]) AS n
		ORDER BY 1
		ON CONFLICT (key) DO UPDATE SET
			name = coalesce(nullif(excluded.name, ''), a.name), domain = coalesce(nullif(excluded.domain, ''), a.domain),
			industry = coalesce(nullif(excluded.industry, ''), a.industry),
			employees = coalesce(nullif(excluded.employees, 0), a.employees),
			country = coalesce(nullif(excluded.country, ''), a.country), fields = a.fields || excluded.fields, filled_by = excluded.filled_by, provenance = `+keptOfAccount+`
		RETURNING id, key`,
		now, column(rows, func(l *row) string { return (*l).AccountKey }),
		column(rows, func(l *row) string { return (*l).Account.Name }), column(rows, func(l *row) string { return (*l).Domain }),
		column(rows, func(l *row) string { return (*l).Industry }), column(rows, func(l *row) int { return (*l).Employees }),
		column(rows, func(l *row) string { return (*l).Account.Country }), column(rows, func(l *row) int64 { return (*l).Stamp }),
		column(rows, func(l *row) string { return (*l).accountFields }))
	if err != nil {
		return nil, fmt.Errorf("store accounts: %w", err)
	}
	return accounts, nil
}
