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

// ErrNotEnrolled is returned, wrapped, for an order about the cadence of a lead that is in none.
var ErrNotEnrolled = errors.New("in no cadence")

// PauseLead rests a lead's cadence by a person's order: until an instant, nil until somebody resumes it. ErrNotEnrolled when the lead is in none.
func (e *Engine) PauseLead(ctx context.Context, leadID int64, until *time.Time) error {
	if until != nil && !until.After(e.now()) {
		return fmt.Errorf("%w: it must be in the future", ErrBadTime)
	}
	return e.order(ctx, leadID, cadence.PausedByPerson{Until: until})
}

// ResumeLead ends a pause of a lead's cadence now. ErrNotEnrolled when the lead is in none.
func (e *Engine) ResumeLead(ctx context.Context, leadID int64) error {
	return e.order(ctx, leadID, cadence.ResumedByPerson{})
}

// order applies a person's order to the lead's running enrolment.
func (e *Engine) order(ctx context.Context, leadID int64, ev cadence.Event) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		row, err := runningOf(ctx, tx, leadID)
		if err != nil {
			return err
		}
		return e.applyLocked(ctx, tx, now, []transition{{enrollmentID: row.ID, event: ev}}, nil)
	})
}

// runningOf locks the unfinished enrolment of a lead.
func runningOf(ctx context.Context, tx pgx.Tx, leadID int64) (store.Enrollment, error) {
	latest, err := lockLatest(ctx, tx, []int64{leadID})
	if err != nil {
		return store.Enrollment{}, err
	}
	id, ok := latest[leadID]
	if !ok {
		return store.Enrollment{}, fmt.Errorf("lead %d is %w", leadID, ErrNotEnrolled)
	}
	rows, err := store.LoadEnrollments(ctx, tx, []int64{id})
	if err != nil {
		return store.Enrollment{}, err
	}
	if len(rows) == 0 || rows[0].State == string(cadence.Finished) {
		return store.Enrollment{}, fmt.Errorf("lead %d is %w", leadID, ErrNotEnrolled)
	}
	return rows[0], nil
}

// MoveLead puts a lead into another cadence by a person's order, at once: what it is in ends, with all that waits there. A lead that is in none is
// enrolled, one that has ended is not (see Enroll).
func (e *Engine) MoveLead(ctx context.Context, leadID int64, cadenceKey string) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		if err := checkLive(current, cadenceKey); err != nil {
			return err
		}
		row, err := runningOf(ctx, tx, leadID)
		if errors.Is(err, ErrNotEnrolled) {
			if _, err := store.LeadByID(ctx, tx, leadID); err != nil {
				return err
			}
			return e.enrollIn(ctx, tx, now, current, []int64{leadID}, cadenceKey)
		}
		if err != nil {
			return err
		}
		if row.CadenceKey == cadenceKey {
			return fmt.Errorf("lead %d is %w in %s", leadID, ErrEnrolled, cadenceKey)
		}
		return e.applyLocked(ctx, tx, now, []transition{{enrollmentID: row.ID, event: cadence.MovedByPerson{To: cadenceKey}}}, nil)
	})
}

// ErrNoCadence is returned, wrapped, for a cadence that is not live.
var ErrNoCadence = errors.New("no such cadence")

// checkLive refuses a cadence that is not live.
func checkLive(current *live, cadenceKey string) error {
	if _, ok := current.cadences[cadenceKey]; !ok {
		return fmt.Errorf("%w: %q is not live; live are %s", ErrNoCadence, cadenceKey, liveKeys(current))
	}
	return nil
}

// lockLead locks the newest enrolment of a lead, as the lock order has it first, and reads the lead. latest is the enrolment's id; 0 is none.
func lockLead(ctx context.Context, tx pgx.Tx, leadID int64) (lead store.Lead, latest int64, err error) {
	locked, err := lockLatest(ctx, tx, []int64{leadID})
	if err != nil {
		return lead, 0, err
	}
	leads, err := store.LeadsByID(ctx, tx, []int64{leadID})
	if err != nil {
		return lead, 0, err
	}
	lead, ok := leads[leadID]
	if !ok {
		return lead, 0, fmt.Errorf("lead %d: %w", leadID, store.ErrNotFound)
	}
	return lead, locked[leadID], nil
}
