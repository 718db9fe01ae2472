package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

func (r *rig) runOf(leadID int64) store.Enrollment {
	r.t.Helper()
	rows, err := store.LeadEnrollments(r.ctx, r.pool, leadID)
	must(r.t, err)
	return rows[0]
}

// A person rests a lead's cadence, and lets it go on.
func TestPauseAndResumeByAPerson(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	ids := r.planned(2)
	lead := r.leadOf(ids[0])
	until := r.clock.Now().Add(72 * time.Hour)
	must(t, r.PauseLead(r.ctx, lead, &until))
	if run := r.runOf(lead); run.State != string(cadence.Paused) || run.Reason != string(cadence.ReasonByPerson) || run.DueAt == nil || run.DueAt.Before(until) {
		t.Errorf("the run is %s, %s, until %v", run.State, run.Reason, run.DueAt)
	}
	row := r.lead(lead)
	o, err := r.Outlook(r.ctx, &row)
	must(t, err)
	if !strings.HasPrefix(o.Next, "the pause ends") || o.Sentence != "A person ordered it." || o.Run == nil || o.Run.State != "paused" {
		t.Errorf("the outlook is %+v", o)
	}
	must(t, r.ResumeLead(r.ctx, lead))
	if run := r.runOf(lead); run.State != string(cadence.Running) {
		t.Errorf("the run is %s after it was resumed", run.State)
	}
	past := r.clock.Now()
	if err := r.PauseLead(r.ctx, lead, &past); !errors.Is(err, ErrBadTime) {
		t.Errorf("paused until now: %v", err)
	}
	must(t, r.PauseLead(r.ctx, lead, nil))
	if run := r.runOf(lead); run.State != string(cadence.Paused) || run.DueAt != nil {
		t.Errorf("the run is %s until %v", run.State, run.DueAt)
	}
	if err := r.PauseLead(r.ctx, 999, nil); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("nobody was paused: %v", err)
	}
}

func TestMoveByAPerson(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	ids := r.planned(1)
	lead := r.leadOf(ids[0])
	if err := r.MoveLead(r.ctx, lead, "first-seven"); !errors.Is(err, ErrEnrolled) {
		t.Errorf("moved to where it is: %v", err)
	}
	if err := r.MoveLead(r.ctx, lead, "nonsense"); !errors.Is(err, ErrNoCadence) || !strings.Contains(err.Error(), "long-game") {
		t.Errorf("moved to nowhere: %v", err)
	}
	must(t, r.MoveLead(r.ctx, lead, "long-game"))
	rows, err := store.LeadEnrollments(r.ctx, r.pool, lead)
	must(t, err)
	if len(rows) != 2 || rows[0].CadenceKey != "long-game" || rows[0].State == string(cadence.Finished) || rows[1].Reason != string(cadence.ReasonMoved) {
		t.Fatalf("the runs are %+v", rows)
	}
	if n := r.count(`SELECT count(*) FROM touches WHERE lead_id = $1 AND state = 'planned'`, lead); n != 0 {
		t.Errorf("%d touches of the old cadence still wait", n)
	}
}

// Nothing of an erased lead is left but hashes that keep it from coming back.
func TestErase(t *testing.T) {
	t.Parallel()
	r, tasks := heldRig(t)
	lead, other := r.lead(tasks[0].LeadID), r.lead(tasks[1].LeadID)
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[0].ID, By: "mara", Disposition: cadence.Connected, Notes: "talked", Answers: map[string]string{"people_to_train": "12"}}))
	must(t, r.EraseLead(r.ctx, lead.ID))
	for _, table := range []string{"leads WHERE id", "touches WHERE lead_id", "tasks WHERE lead_id", "responses WHERE lead_id", "facts WHERE lead_id", "enrollments WHERE lead_id", "cycles WHERE lead_id"} {
		if n := r.count(`SELECT count(*) FROM `+table+` = $1`, lead.ID); n != 0 {
			t.Errorf("%d rows are left of %s", n, table)
		}
	}
	barred, err := store.FindSuppressions(r.ctx, r.pool, []string{lead.Email, lead.Phone, other.Email})
	must(t, err)
	if len(barred) != 2 || barred[0].Scope != cadence.SuppressAll {
		t.Errorf("the suppressions are %+v", barred)
	}
	if r.lead(other.ID).ID == 0 {
		t.Error("another lead is gone")
	}
	if err := r.EraseLead(r.ctx, lead.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("erased twice: %v", err)
	}
	r.tick() // nothing stumbles over the gap
}
