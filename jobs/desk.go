package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// HoldFor is how long a task stays somebody's at the desk without a sign of life from there.
const HoldFor = 30 * time.Minute

// ErrBadTime is returned, wrapped, when a task is put off to a time that will not do.
var ErrBadTime = errors.New("choose another time")

// HoldTask is ClaimTask for who works at the desk: the claim lapses after HoldFor, when it is not made again. It returns when it was made, by which it
// is given back.
func (e *Engine) HoldTask(ctx context.Context, id int64, by string) (at time.Time, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		until := now.Add(HoldFor)
		at = now
		return e.holdTask(ctx, tx, now, id, by, &until)
	})
	return at, err
}

// ReleaseTask gives back a task that by has, claimed at the given instant and not once more since; the zero instant is any. What is not by's stays as
// it is.
func (e *Engine) ReleaseTask(ctx context.Context, id int64, by string, claimedAt time.Time) error {
	_, err := store.ReleaseTask(ctx, e.pool, id, by, claimedAt)
	return err
}

// SnoozeTask puts a task off: it is due at until, and nobody's before. ErrTaken when it is somebody else's or over; ErrBadTime when until is past, or the
// task would have lapsed by then.
func (e *Engine) SnoozeTask(ctx context.Context, id int64, by string, until time.Time) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		tasks, err := store.LockTasks(ctx, tx, []int64{id})
		if err != nil {
			return err
		}
		t, ok := tasks[id]
		switch {
		case !ok:
			return fmt.Errorf("task %d: %w", id, store.ErrNotFound)
		case !t.FreeFor(by, now):
			return taken(t)
		case !until.After(now):
			return fmt.Errorf("%w: it must be in the future", ErrBadTime)
		case t.ExpiresAt != nil && !until.Before(*t.ExpiresAt):
			return fmt.Errorf("%w: the task lapses on %s", ErrBadTime, localTime(nil, e.operatorZone(), *t.ExpiresAt))
		}
		return store.SnoozeTask(ctx, tx, id, by, until, now)
	})
}

// Effects says in a clause what follows each outcome of a task, by the rules of the cadence that the lead is in.
func (e *Engine) Effects(ctx context.Context, t store.Task) (map[cadence.ResponseKind]string, error) {
	plan := cadence.Plan{}
	if t.EnrollmentID != nil {
		rows, err := store.LeadEnrollments(ctx, e.pool, t.LeadID)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if row.ID != *t.EnrollmentID {
				continue
			}
			if err := e.definitions.pin(ctx, e.pool, []store.Enrollment{row}); err != nil {
				return nil, err
			}
			pinned := e.definitions.of(row.CadenceVersionID)
			plan = pinned.config.Plans[pinned.key]
		}
	}
	effects := map[cadence.ResponseKind]string{}
	for _, kind := range Dispositions(t.Kind) {
		rule := plan.RuleFor(kind)
		switch {
		case t.UntilTaken:
			effects[kind] = rule.EffectUntaken()
		case t.Kind == cadence.TaskReview:
			effects[kind] = rule.EffectAtRest()
		default:
			effects[kind] = rule.Effect()
		}
	}
	return effects, nil
}
