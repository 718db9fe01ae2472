package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"nurture/cadence/uld"
	"nurture/config"
	"nurture/store"
)

// reweighBite is how many leads are weighed against a new definition in one transaction: responses are never long behind it.
const reweighBite = 250

// behind lets responses be weighed first.
const behind = 4

// Reevaluate is the job that weighs the next leads against the definition of a version. It inserts the one that goes on, in the same
// transaction: whatever is killed, the rest is still to come.
type Reevaluate struct {
	ConfigVersionID int64 `json:"config_version_id"`
}

// Kind is the name of the job in River's tables.
func (Reevaluate) Kind() string { return "reevaluate" }

func (r Reevaluate) params() []river.InsertManyParams {
	return []river.InsertManyParams{{Args: r, InsertOpts: &river.InsertOpts{Queue: queueEvaluate, Priority: behind}}}
}

// beginReevaluation has all leads weighed against the definition of a new version, when that is another one than was live. It returns how
// many there are.
func (e *Engine) beginReevaluation(ctx context.Context, tx pgx.Tx, now time.Time, versionID int64, cfg *config.Config, was *store.ConfigVersion) (int, error) {
	if was == nil || was.ULDHash == cfg.DefinitionHash {
		return 0, nil
	}
	total, err := store.BeginReevaluation(ctx, tx, versionID, cfg.DefinitionHash, now)
	if err != nil {
		return 0, fmt.Errorf("begin to weigh all leads anew: %w", err)
	}
	return total, e.insertJobs(ctx, tx, Reevaluate{versionID}.params())
}

// reevaluateWorker weighs all leads against a new definition.
type reevaluateWorker struct {
	river.WorkerDefaults[Reevaluate]
	engine *Engine
}

// Work weighs the next leads. One that cannot be weighed is passed over (K3).
func (w *reevaluateWorker) Work(ctx context.Context, job *river.Job[Reevaluate]) error {
	err := w.engine.reweigh(ctx, job.Args, reweighBite)
	if !spoilt(err) {
		return err
	}
	for range reweighBite {
		err := w.engine.reweigh(ctx, job.Args, 1)
		if err == nil {
			continue
		}
		if !spoilt(err) {
			return err
		}
		w.engine.log.ErrorContext(ctx, "a lead cannot be weighed against the new definition and is passed over", "error", err)
		if err := w.engine.reweigh(ctx, job.Args, 0); err != nil {
			return err
		}
	}
	return w.engine.inTx(ctx, func(tx pgx.Tx, _ time.Time) error { return w.engine.insertJobs(ctx, tx, job.Args.params()) })
}

// reweigh weighs the next n leads; n 0 passes over one. Their enrolments are locked before the note of how far it has come, as everywhere.
func (e *Engine) reweigh(ctx context.Context, args Reevaluate, n int) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		seen, err := store.FindReevaluation(ctx, tx, args.ConfigVersionID)
		if errors.Is(err, store.ErrNotFound) || err == nil && seen.State != store.ReevaluationRunning {
			return nil
		}
		if err != nil {
			return err
		}
		ids, err := store.Weighable(ctx, tx, seen.AfterLead, seen.LastLead, max(n, 1))
		if err != nil {
			return err
		}
		latest, err := lockLatest(ctx, tx, ids)
		if err != nil {
			return err
		}
		state, err := store.LockReevaluation(ctx, tx, args.ConfigVersionID)
		if err != nil || state.State != store.ReevaluationRunning || state.AfterLead != seen.AfterLead {
			return err // another job is at it
		}
		current, err := e.liveNow(ctx, tx)
		switch {
		case err != nil:
			return err
		case current.version.ULDHash != state.ULDHash:
			state.State, state.EndedAt = store.ReevaluationSuperseded, &now
			return store.SaveReevaluation(ctx, tx, state)
		case len(ids) == 0:
			state.State, state.EndedAt = store.ReevaluationDone, &now
			return store.SaveReevaluation(ctx, tx, state)
		case n == 0:
			state.Kept++
		default:
			if err := e.reweighThese(ctx, tx, now, current, ids, latest, &state); err != nil {
				return err
			}
		}
		state.AfterLead, state.Done = ids[len(ids)-1], state.Done+len(ids)
		if err := store.SaveReevaluation(ctx, tx, state); err != nil || n < 2 { // one by one, the worker itself goes on
			return err
		}
		return e.insertJobs(ctx, tx, args.params())
	})
}

// reweighThese gives leads new verdicts where they differ from those on record, and lets their cadences act on them.
func (e *Engine) reweighThese(ctx context.Context, tx pgx.Tx, now time.Time, current *live, ids []int64, latest map[int64]int64, state *store.Reevaluation) error {
	w, err := e.weigh(ctx, tx, now, current, ids, latest, uld.ByDefinition)
	if err != nil {
		return err
	}
	for _, v := range w.verdicts {
		switch v.Verdict.Outcome {
		case uld.Promote:
			state.Promoted++
		case uld.Close:
			state.Closed++
		case uld.Nurture:
			state.Kept++
		}
	}
	changed, err := e.changeVerdicts(ctx, tx, now, current, w, true)
	state.Changed += changed
	return err
}

// differs tells whether a verdict says something else than the one on record; a lead without one was to be nurtured.
func differs(v uld.Verdict, was *uld.Verdict) bool {
	if was == nil {
		was = &uld.Verdict{Outcome: uld.Nurture, Readiness: uld.ReadinessUnknown}
	}
	return v.Outcome != was.Outcome || v.Readiness != was.Readiness || !slices.Equal(v.Verify, was.Verify)
}
