package jobs

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/config"
	"nurture/store"
)

// kind are leads that no audience rule and no first decision tells apart: one of them is asked about, and the answer holds for all.
type kind struct {
	lead      *store.Lead // as far as anything is looked at
	facts     []uldFact
	inHand    bool   // a person has something to do about it
	asked     bool   // a person has something to do about it unless a cadence takes it
	named     bool   // another lead named it
	returning bool   // it was in a cadence before
	unmoved   bool   // its stage never changed
	taken     []bool // by gate: its audience takes the kind; nil until somebody asks
}

// takers says of each gate whether its audience takes the kind.
func (k *kind) takers(gates []*gate, cfg *config.Config, now time.Time) []bool {
	if k.taken == nil {
		fields := fieldsWithFacts(k.lead.Core(cfg.Settings.Zone), cfg.Definition, k.facts, now)
		lookup := func(field string) (predicate.Value, bool) { v, ok := fields[field]; return v, ok }
		k.taken = make([]bool, len(gates))
		for i, g := range gates {
			k.taken[i] = g.plan.Takes(lookup)
		}
	}
	return k.taken
}

// kinds sorts leads into kinds: lead id → kind. Those that were in a cadence or another stage before or that somebody has something to do about are kinds of their
// own, and all are where a plan looks at something that leads cannot be sorted by.
func (e *Engine) kinds(ctx context.Context, tx pgx.Tx, now time.Time, current *live, ids []int64) (map[int64]*kind, error) {
	kinds := make(map[int64]*kind, len(ids))
	query := store.KinQuery{Fields: lookedAt(current.config.Plans), Domains: current.config.Settings.Mail.ThrottledDomains()}
	if query.Answerable() {
		found, err := store.FindKin(ctx, tx, ids, query)
		if err != nil {
			return nil, err
		}
		for i := range found {
			alike := &kind{lead: &found[i].Lead, unmoved: true}
			for _, id := range found[i].IDs {
				kinds[id] = alike
			}
		}
	}
	return kinds, single(ctx, tx, now, kinds, slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return kinds[id] != nil }))
}

// single adds leads to kinds, each as its own.
func single(ctx context.Context, tx pgx.Tx, now time.Time, kinds map[int64]*kind, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	leads, err := store.Leads(ctx, tx, ids)
	if err != nil {
		return err
	}
	latest, err := store.LatestEnrollments(ctx, tx, ids)
	if err != nil {
		return err
	}
	facts, err := store.Facts(ctx, tx, ids)
	if err != nil {
		return err
	}
	inHand, err := store.LeadsInHand(ctx, tx, ids, now)
	if err != nil {
		return err
	}
	for i := range leads {
		id := leads[i].ID
		hand, busy := inHand[id]
		kinds[id] = &kind{
			lead: &leads[i], facts: facts[id], inHand: busy && !hand.UntilTaken, asked: hand.UntilTaken, returning: latest[id] != 0,
			named: leads[i].ReferredBy != nil,
		}
	}
	return nil
}

// lookedAt are the fields of leads that the audiences and branches of plans name.
func lookedAt(plans map[string]cadence.Plan) []string {
	var fields []string
	for _, plan := range plans {
		fields = append(fields, plan.Audience.Fields()...)
		for _, step := range plan.Steps {
			for _, branch := range step.Branches {
				fields = append(fields, branch.When.Fields()...)
			}
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
