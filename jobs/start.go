package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// newcomer is a lead, as it was loaded, that enters its first cadence.
type newcomer struct {
	lead    *store.Lead
	facts   []uldFact
	cadence string
}

// start enrols leads that never were in a cadence, whose rows the caller holds. What an enrolment becomes is decided before it is stored, so that
// each lead and each enrolment is written once. It returns those for which more follows than a first appointment: begin takes them.
func (e *Engine) start(ctx context.Context, tx pgx.Tx, now time.Time, current *live, newcomers []newcomer) (rest []admission, taken []int64, err error) {
	versions := make([]store.Enrollment, 0, len(current.cadences))
	for _, v := range current.cadences {
		versions = append(versions, store.Enrollment{CadenceVersionID: v.ID})
	}
	if err := e.definitions.pin(ctx, tx, versions); err != nil {
		return nil, nil, err
	}
	var started []store.StartedEnrollment
	var moves []store.StageMove
	for _, n := range newcomers {
		one, steps, ok := e.startOne(now, current, n)
		if !ok {
			rest = append(rest, admission{n.lead.ID, n.cadence, false})
			continue
		}
		started, moves = append(started, one), append(moves, steps...)
		if len(steps) == 0 {
			taken = append(taken, n.lead.ID)
		}
	}
	if err := store.InsertStarted(ctx, tx, started, now); err != nil {
		return nil, nil, err
	}
	if err := store.TakeIn(ctx, tx, moves, now); err != nil {
		return nil, nil, fmt.Errorf("move stages: %w", err)
	}
	return rest, taken, nil
}

// startOne asks the core what becomes of a lead that enters its first cadence. It is false when that is more than an appointment and a move of
// the lead's stage, and where the plan looks at what the lead was sent.
func (e *Engine) startOne(now time.Time, current *live, n newcomer) (store.StartedEnrollment, []store.StageMove, bool) {
	version := current.cadences[n.cadence]
	pinned := e.definitions.of(version.ID)
	row := store.Enrollment{
		CadenceVersionID: version.ID, CadenceKey: n.cadence, Cycle: 1, State: string(cadence.Pending), Reason: string(cadence.ReasonEnrolled), Run: 1,
		StartedAt: now, Budget: current.config.Plans[n.cadence].Budget, Lead: *n.lead,
	}
	if hasBranches(pinned.config.Plans[pinned.key]) {
		row.Facts = n.facts
	}
	core := row.Core(pinned.settings.Zone)
	plan := pinned.plan(core.Lead)
	if plan.Frequency.Capped() || plan.ChoosesBySubject() {
		return store.StartedEnrollment{}, nil, false
	}
	core, actions := cadence.Decide(plan, core, cadence.Enrolled{}, now)
	if core.State != cadence.Running {
		return store.StartedEnrollment{}, nil, false
	}
	var moves []store.StageMove
	for _, action := range actions {
		move, ok := action.(cadence.MoveStage)
		if !ok {
			return store.StartedEnrollment{}, nil, false
		}
		moves = append(moves, store.StageMove{LeadID: n.lead.ID, Stage: move.To, Reason: string(move.Reason)})
	}
	return store.StartedEnrollment{
		SavedEnrollment: savedEnrollment(&row, plan, pinned.settings, core), CadenceVersionID: version.ID, Budget: row.Budget,
	}, moves, true
}
