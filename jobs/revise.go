package jobs

import (
	"bytes"
	"context"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// reviseBite is how many enrolments are held against a new version at once: one round trip is worth it, and memory holds them.
const reviseBite = 2000

// revision holds enrolments against a configuration that is to be applied. What `nurture plan` shows, what an apply does and what a
// rollback does about the leads that it cannot put back is this one computation.
type revision struct {
	engine *Engine
	target *config.Config
	now    time.Time
	known  map[int64]cadence.Revision // by the id of the cadence version that enrolments are on
}

func (e *Engine) revise(target *config.Config, now time.Time) *revision {
	return &revision{engine: e, target: target, now: now, known: map[int64]cadence.Revision{}}
}

// carried is an enrolment held against the configuration that is to be applied.
type carried struct {
	row      *store.Enrollment
	was      cadence.Enrollment
	revision cadence.Revision // with the call hours of the lead's place
	hand     cadence.Hand

	became  cadence.Enrollment
	actions []cadence.Action
	stay    cadence.Stay // "" when it moves

	next, wasNext *cadence.Ahead // the next touch; nil when none comes by itself
}

// moves tells whether the enrolment goes on with the new version.
func (c *carried) moves() bool { return c.stay == "" }

// redated tells whether the next touch is another one, or at another time.
func (c *carried) redated() bool {
	if c.next == nil || c.wasNext == nil || !c.moves() {
		return c.next != c.wasNext
	}
	return c.next.InHand != c.wasNext.InHand || !c.next.InHand && !c.next.At.Equal(c.wasNext.At) || c.next.Channel != c.wasNext.Channel || !c.sameStep()
}

// sameStep tells whether the next touch is a run of the same step, be it under another name.
func (c *carried) sameStep() bool {
	index := func(p cadence.Plan, a *cadence.Ahead) int {
		if a.Cadence != p.Key {
			return -1
		}
		return slices.IndexFunc(p.Steps, func(s cadence.Step) bool { return s.Key == a.Step })
	}
	was, next := index(c.revision.Old, c.wasNext), index(c.revision.New, c.next)
	if was < 0 || next < 0 {
		return was == next && c.wasNext.Step == c.next.Step && c.wasNext.Cadence == c.next.Cadence
	}
	return c.revision.To[was] == next
}

// load reads enrolments with all that a decision about them needs.
func (r *revision) load(ctx context.Context, db store.DB, ids []int64) ([]store.Enrollment, error) {
	rows, err := store.LoadEnrollments(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	if err := r.engine.definitions.pin(ctx, db, rows); err != nil {
		return nil, err
	}
	if !r.branches(rows) {
		return rows, nil
	}
	leadIDs := make([]int64, len(rows))
	for i := range rows {
		leadIDs[i] = rows[i].LeadID()
	}
	facts, err := store.Facts(ctx, db, leadIDs)
	for i := range rows {
		rows[i].Answers = r.engine.definitions.of(rows[i].CadenceVersionID).config.Definition.Answers(facts[rows[i].LeadID()], r.now)
	}
	return rows, err
}

// branches tells whether any plan looks at what is known of the leads.
func (r *revision) branches(rows []store.Enrollment) bool {
	for _, p := range r.target.Plans {
		if hasBranches(p) {
			return true
		}
	}
	return len(r.engine.leadsWith(rows, hasBranches)) > 0
}

// carry holds enrolments against the target: policy "" is that of each cadence in the target.
func (r *revision) carry(ctx context.Context, db store.DB, rows []store.Enrollment, policy cadence.OnChange) ([]carried, error) {
	ids := make([]int64, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	hands, err := store.InHand(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	since, err := store.Since(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	gone, err := store.GoneSteps(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	recent, err := r.recent(ctx, db, rows)
	if err != nil {
		return nil, err
	}
	out := make([]carried, len(rows))
	for i := range rows {
		c := &out[i]
		c.row, c.hand = &rows[i], hands[rows[i].ID]
		c.was = rows[i].Core(r.target.Settings.Zone)
		c.was.Lead.Recent = recent[c.was.Lead.ID]
		c.revision = r.of(&rows[i]).At(r.target.Settings.Compliance.CallHours(c.was.Lead.Place))
		how := policy
		if how == "" {
			how = c.revision.New.OnChange
		}
		c.became, c.actions, c.stay = c.revision.Carry(how, c.was, cadence.Past{Hand: c.hand, Since: since[c.row.ID], Gone: gone[c.row.ID]}, r.now)
		c.lookAhead(r)
	}
	return out, nil
}

// lookAhead finds the next touch by either version.
func (c *carried) lookAhead(r *revision) {
	c.wasNext = r.nextTouch(c.revision.Old, c.was)
	c.next = c.wasNext
	if c.moves() {
		c.next = r.nextTouch(c.revision.New, c.became)
	}
}

func (r *revision) nextTouch(plan cadence.Plan, e cadence.Enrollment) *cadence.Ahead {
	var first *cadence.Ahead
	cadence.LookAhead(plan, e, r.now, r.plans(r.target, e.Lead), func(a cadence.Ahead) bool {
		first = &a
		return false
	})
	return first
}

// plans gives the plans of a configuration for a lead.
func (r *revision) plans(cfg *config.Config, lead cadence.Lead) func(string) (cadence.Plan, bool) {
	return func(key string) (cadence.Plan, bool) {
		p, ok := cfg.Plans[key]
		p.CallHours = r.target.Settings.Compliance.CallHours(lead.Place)
		return p, ok
	}
}

// of compares the version that an enrolment is on with the target's.
func (r *revision) of(row *store.Enrollment) cadence.Revision {
	known, ok := r.known[row.CadenceVersionID]
	if !ok {
		pinned := r.engine.definitions.of(row.CadenceVersionID)
		known = cadence.Revise(pinned.config.Plans[pinned.key], r.target.Plans[pinned.key], func(channel cadence.Channel, template string) bool {
			return !bytes.Equal(pinned.config.Templates.Source(channel, template), r.target.Templates.Source(channel, template))
		})
		r.known[row.CadenceVersionID] = known
	}
	return known
}

// recent gives when leads were touched of late, where a plan caps how often.
func (r *revision) recent(ctx context.Context, db store.DB, rows []store.Enrollment) (map[int64][]time.Time, error) {
	var span time.Duration
	for _, p := range r.target.Plans {
		span = max(span, p.Frequency.Per)
	}
	leadIDs := make([]int64, len(rows))
	for i := range rows {
		leadIDs[i] = rows[i].LeadID()
		pinned := r.engine.definitions.of(rows[i].CadenceVersionID)
		span = max(span, pinned.config.Plans[pinned.key].Frequency.Per)
	}
	if span == 0 || len(rows) == 0 {
		return nil, nil
	}
	return store.RecentTouches(ctx, db, leadIDs, r.now.Add(-span))
}

// inBites calls do with as many ids as are worth a round trip.
func inBites(ids []int64, do func(ids []int64) error) error {
	for bite := range slices.Chunk(ids, reviseBite) {
		if err := do(bite); err != nil {
			return err
		}
	}
	return nil
}
