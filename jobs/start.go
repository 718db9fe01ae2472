package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// newcomer are leads of a kind that enter their first cadence.
type newcomer struct {
	kind    *kind
	cadence string
	ids     []int64
}

// start enrols leads that never were in a cadence, whose rows the caller holds. What an enrolment becomes is decided before it is stored, once for all
// that are alike, so that each lead and each enrolment is written once. It returns those for which more follows than a first appointment: begin
// takes them.
func (e *Engine) start(ctx context.Context, tx pgx.Tx, now time.Time, current *live, newcomers []newcomer) (rest []admission, err error) {
	versions := make([]store.Enrollment, 0, len(current.cadences))
	for _, v := range current.cadences {
		versions = append(versions, store.Enrollment{CadenceVersionID: v.ID})
	}
	if err := e.definitions.pin(ctx, tx, versions); err != nil {
		return nil, err
	}
	var started []store.Started
	for _, n := range newcomers {
		alike, ok := e.startAlike(now, current, n)
		if ok {
			started = append(started, alike)
			continue
		}
		for _, leadID := range n.ids {
			rest = append(rest, admission{leadID, n.cadence, false})
		}
	}
	return rest, store.InsertStarted(ctx, tx, started, now)
}

// startAlike asks the core what becomes of leads that enter their first cadence. It is false when that is more than an appointment and a move of
// their stage, and where the plan looks at what a lead was sent.
func (e *Engine) startAlike(now time.Time, current *live, n newcomer) (store.Started, bool) {
	version := current.cadences[n.cadence]
	pinned := e.definitions.of(version.ID)
	row := store.Enrollment{
		CadenceVersionID: version.ID, CadenceKey: n.cadence, Cycle: 1, State: string(cadence.Pending), Reason: string(cadence.ReasonEnrolled), Run: 1,
		StartedAt: now, Budget: current.config.Plans[n.cadence].Budget, Lead: *n.kind.lead,
	}
	if hasBranches(pinned.config.Plans[pinned.key]) {
		row.Answers = pinned.config.Definition.Answers(n.kind.facts, now)
	}
	core := row.Core(pinned.settings.Zone)
	plan := pinned.plan(core.Lead)
	if plan.Frequency.Capped() || plan.ChoosesBySubject() {
		return store.Started{}, false
	}
	core, actions := cadence.Decide(plan, core, cadence.Enrolled{}, now)
	if core.State != cadence.Running {
		return store.Started{}, false
	}
	var moves []store.StageMove
	for _, action := range actions {
		move, ok := action.(cadence.MoveStage)
		if !ok {
			return store.Started{}, false
		}
		moves = append(moves, store.StageMove{Stage: move.To, Reason: string(move.Reason)})
	}
	return store.Started{
		SavedEnrollment: savedEnrollment(&row, plan, pinned.settings, core), CadenceVersionID: version.ID, Budget: row.Budget, Moves: moves, NeverMoved: n.kind.unmoved, LeadIDs: n.ids,
	}, true
}
