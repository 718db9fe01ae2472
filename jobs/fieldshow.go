package jobs

import (
	"context"
	"fmt"
	"slices"

	"nurture/internal/provenance"
	"nurture/store"
)

// KnownField is a value on record with the statement behind it.
type KnownField struct {
	Field string // an account's with "account." before it
	Value string
	By    provenance.Stamp
	Stale bool
}

// KnownProposal is a value that waits for a person's decision.
type KnownProposal struct {
	ID int64
	KnownField
	Held string // what is on record
}

// proposalsShown bounds how many proposals are listed.
const proposalsShown = 50

// KnownFields lists what is known of a lead and its account, the person first, each in the order of store.PersonFields and store.AccountFields, then their own
// by name; and what waits for a decision, the oldest first. store.ErrNotFound when there is no such lead.
func (e *Engine) KnownFields(ctx context.Context, leadID int64) ([]KnownField, []KnownProposal, error) {
	found, err := store.Holding(ctx, e.pool, []int64{leadID})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("lead %d: %w", leadID, store.ErrNotFound)
	}
	if err != nil {
		return nil, nil, err
	}
	l := &found[0]
	open, err := store.OpenProposals(ctx, e.pool, leadID, l.Behind.Account.ID, proposalsShown)
	if err != nil {
		return nil, nil, err
	}
	behind := append(statementsOf(l.Behind.Person), statementsOf(l.Behind.Account)...)
	for _, p := range open {
		behind = append(behind, p.StampID)
	}
	stamps, err := store.Stamps(ctx, e.pool, behind)
	if err != nil {
		return nil, nil, err
	}
	now := e.now()
	known := func(field, value string, by int64) KnownField {
		return KnownField{field, value, stamps[by], stamps[by].Stale(now)}
	}
	var fields []KnownField
	for _, field := range ordered(store.PersonFields, l.Custom) {
		if value := l.PersonValue(field); value != "" {
			fields = append(fields, known(field, value, l.Behind.Person.Behind(field)))
		}
	}
	for _, field := range ordered(store.AccountFields, l.Account.Custom) {
		if value := l.Account.Value(field); value != "" {
			fields = append(fields, known(accountPrefix+field, value, l.Behind.Account.Behind(field)))
		}
	}
	proposals := make([]KnownProposal, len(open))
	for i, p := range open {
		name, held := p.Field, l.PersonValue(p.Field)
		if p.AccountID != 0 {
			name, held = accountPrefix+p.Field, l.Account.Value(p.Field)
		}
		proposals[i] = KnownProposal{p.ID, known(name, p.Value, p.StampID), held}
	}
	return fields, proposals, nil
}

// ordered are the plain fields and then the custom ones by name.
func ordered(plain []string, custom map[string]any) []string {
	all := fieldsOf(plain, custom)
	slices.Sort(all[len(plain):])
	return all
}

// KnownOf is KnownFields for the lead with a key.
func (e *Engine) KnownOf(ctx context.Context, key string) ([]KnownField, []KnownProposal, error) {
	ids, err := store.LeadsNamed(ctx, e.pool, key, "", 1)
	if err == nil && len(ids) == 0 {
		err = fmt.Errorf("lead %q: %w", key, store.ErrNotFound)
	}
	if err != nil {
		return nil, nil, err
	}
	return e.KnownFields(ctx, ids[0])
}
