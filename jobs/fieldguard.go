package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/internal/provenance"
	"nurture/store"
)

// stamp stores a statement; a date ahead of now counts as now, and none too.
func (e *Engine) stamp(ctx context.Context, db store.DB, kind provenance.Kind, source string, asOf, now time.Time) (provenance.Stamp, error) {
	if asOf.IsZero() || asOf.After(now) {
		asOf = now
	}
	return store.AddStamp(ctx, db, provenance.Stamp{Kind: kind, Source: source, AsOf: asOf.UTC().Truncate(time.Microsecond), Written: now})
}

// contactFields are addresses, numbers and domains: see provenance.Rule.
var contactFields = map[string]bool{"email": true, "phone": true, "domain": true}

// guarding is what guard did.
type guarding struct {
	looked         bool // at what is on record: something there may beat the statement
	kept, proposed int
}

// guardLeads takes out of new records what may not replace what is on record of leads, and proposes it where a person decides. Then the leads are locked.
// An import that no later statement can beat looks at nothing; overtaken says afterwards whether that was right.
func guardLeads(ctx context.Context, tx pgx.Tx, now time.Time, by provenance.Stamp, leads []store.NewLead) (guarding, error) {
	return guard(ctx, tx, now, by, func(w *weighing) error {
		keys := make([]string, len(leads))
		for i := range leads {
			keys[i] = leads[i].Key
		}
		held, err := store.HeldLeads(ctx, tx, keys, by)
		if err != nil {
			return err
		}
		if w.stamps, err = statementsBehind(ctx, tx, held, nil); err != nil {
			return err
		}
		for i := range leads {
			n := &leads[i]
			l, ok := held[n.Key]
			if !ok {
				continue
			}
			for _, field := range fieldsOf(store.PersonFields, n.Custom) {
				if w.loses(field, l.PersonValue(field), n.PersonValue(field), l.Behind.Person) {
					if field == "phone" && n.Phone != "" && n.Phone != l.Phone { // it was given for the number that does not count
						n.ConsentVoicemail = nil
					}
					n.ClearPerson(field)
				}
			}
			w.of(l.ID, 0)
		}
		return nil
	})
}

// guardAccounts is guardLeads for what records say of accounts.
func guardAccounts(ctx context.Context, tx pgx.Tx, now time.Time, by provenance.Stamp, leads []store.NewLead) (guarding, error) {
	return guard(ctx, tx, now, by, func(w *weighing) error {
		var keys []string
		for i := range leads {
			if leads[i].AccountKey != "" {
				keys = append(keys, leads[i].AccountKey)
			}
		}
		held, err := store.HeldAccounts(ctx, tx, keys, by)
		if err != nil {
			return err
		}
		if w.stamps, err = statementsBehind(ctx, tx, nil, held); err != nil {
			return err
		}
		for i := range leads {
			n := &leads[i]
			a, ok := held[n.AccountKey]
			if !ok {
				continue
			}
			for _, field := range fieldsOf(store.AccountFields, n.Account.Custom) {
				if w.loses(field, a.Value(field), n.Account.Value(field), a.FieldSet) {
					n.Clear(field)
				}
			}
			w.of(0, a.ID)
		}
		return nil
	})
}

// guard has new records weighed where some statement on record may beat theirs.
func guard(ctx context.Context, tx pgx.Tx, now time.Time, by provenance.Stamp, weigh func(w *weighing) error) (g guarding, err error) {
	if g.looked, err = store.Guarded(ctx, tx, by); err != nil || !g.looked {
		return g, err
	}
	w := weighing{by: by}
	if err := weigh(&w); err != nil {
		return g, err
	}
	g.kept, g.proposed = w.kept, len(w.proposals)
	return g, store.InsertProposals(ctx, tx, w.proposals, now)
}

// errOvertaken has a transaction tried again.
type errOvertaken struct{}

func (errOvertaken) Error() string {
	return "somebody said something of leads while they were imported"
}

// SQLState is a serialization failure's.
func (errOvertaken) SQLState() string { return "40001" }

// overtaken fails when a statement that may beat the import's was made after guard looked, before the records were stored: it may have been overwritten.
func (g guarding) overtaken(ctx context.Context, tx pgx.Tx, by provenance.Stamp) error {
	if g.looked {
		return nil
	}
	guarded, err := store.Guarded(ctx, tx, by)
	if err == nil && guarded {
		err = errOvertaken{}
	}
	return err
}

// weighing holds what a statement says against what is on record.
type weighing struct {
	by        provenance.Stamp
	stamps    map[int64]provenance.Stamp
	open      []store.Proposal // whose lead or account is not set yet
	proposals []store.Proposal
	kept      int // values that differ and lose
}

// loses says that a value of the statement does not count.
func (w *weighing) loses(field, held, value string, behind store.FieldSet) bool {
	switch provenance.Rule(provenance.Held{Value: held, Stamp: w.stamps[behind.Behind(field)]}, value, w.by, contactFields[field]) {
	case provenance.Propose:
		w.open = append(w.open, store.Proposal{Field: field, Value: value, StampID: w.by.ID})
		return true
	case provenance.Keep:
		if value != "" && value != held {
			w.kept++
		}
		return true
	case provenance.Write, provenance.Renew:
	}
	return false
}

// of says about whom the open proposals are.
func (w *weighing) of(leadID, accountID int64) {
	for _, p := range w.open {
		p.LeadID, p.AccountID = leadID, accountID
		w.proposals = append(w.proposals, p)
	}
	w.open = w.open[:0]
}

// statementsBehind are the statements behind all fields of leads and accounts.
func statementsBehind(ctx context.Context, tx pgx.Tx, held map[string]store.HeldLead, accounts map[string]store.HeldAccount) (map[int64]provenance.Stamp, error) {
	var behind []int64
	for _, l := range held {
		behind = append(behind, statementsOf(l.Behind.Person)...)
	}
	for _, a := range accounts {
		behind = append(behind, statementsOf(a.FieldSet)...)
	}
	return store.Stamps(ctx, tx, behind)
}

func statementsOf(f store.FieldSet) []int64 {
	ids := []int64{f.FilledBy}
	for _, id := range f.Stamps {
		ids = append(ids, id)
	}
	return ids
}

// fieldsOf are the plain fields and the custom ones.
func fieldsOf(plain []string, custom map[string]any) []string {
	all := append([]string{}, plain...)
	for name := range custom {
		all = append(all, store.CustomField+name)
	}
	return all
}
