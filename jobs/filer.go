package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels/calltask"
	"nurture/store"
)

// taskFiler is the SDRs' queue as the call channel sees it: it files into the transaction that claims and records the touches.
type taskFiler struct {
	engine   *Engine
	tx       pgx.Tx
	now      time.Time
	outgoing []store.Outgoing
	err      error // what broke the transaction; then nothing is filed and the job is run again
}

// File opens a task for each touch, with its due time, what to ask, and why now.
func (f *taskFiler) File(ctx context.Context, tasks []calltask.Task) error {
	byTouch := map[int64]*store.Outgoing{}
	for i := range f.outgoing {
		byTouch[f.outgoing[i].TouchID] = &f.outgoing[i]
	}
	rows := make([]store.Task, 0, len(tasks))
	for _, t := range tasks {
		if o := byTouch[t.TouchID]; o != nil {
			rows = append(rows, f.row(t, o))
		}
	}
	f.err = store.InsertTouchTasks(ctx, f.tx, rows)
	return f.err
}

func (f *taskFiler) row(t calltask.Task, o *store.Outgoing) store.Task {
	pinned := f.engine.definitions.of(o.CadenceVersionID)
	plan := pinned.plan(o.Enrollment.Core(pinned.settings.Zone).Lead)
	step := plan.Steps[o.Step]
	touchID, enrollmentID := o.TouchID, o.Enrollment.ID
	row := store.Task{
		LeadID: o.LeadID(), EnrollmentID: &enrollmentID, TouchID: &touchID, Kind: cadence.TaskCall, Owner: t.Owner,
		Title: t.Title, Script: t.Script, Ask: openQuestions(pinned.config.Definition, o.Facts), OpenedAt: f.now,
		Why: fmt.Sprintf("step %d of %s, attempt %d of %d; it was %s there", o.Step+1, plan.Key, o.Attempt, o.Budget,
			localTime(o.Zones, pinned.settings.Zone, f.now)),
	}
	if step.Kind == cadence.StepManualEmail {
		row.Kind = cadence.TaskManualEmail
	}
	row.DueAt, row.ExpiresAt = plan.TaskTimes(step, o.Enrollment.Core(pinned.settings.Zone).Lead.Place, f.now)
	return row
}
