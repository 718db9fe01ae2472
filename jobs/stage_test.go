package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// TestTakenBackFromSales: a lead that a person moves back to qualified is seen to by its SDR, as often as it takes, and goes to sales again only when somebody has
// talked to it.
func TestTakenBackFromSales(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(r *rig, h store.Handoff){
		"offered":  func(*rig, store.Handoff) {},
		"accepted": func(r *rig, h store.Handoff) { must(r.t, r.AcceptHandoff(r.ctx, h.ID, h.Rep)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+laterMail))
			r.at(tenOClock)
			lead, h := r.offeredLead()
			take(r, h)
			r.pass(time.Hour)
			_, err := r.MoveStage(r.ctx, lead, cadence.StageQualified, "elena", "the budget was cut: call again")
			must(t, err)
			r.noLeaks()
			task := r.openTask(lead, cadence.TaskDossier)
			if task == nil || !strings.HasSuffix(task.Title, "before sales gets the lead") || !strings.Contains(task.Why, "moved the lead back to qualified") || task.DueAt.After(r.clock.Now().AddDate(0, 0, 4)) {
				t.Fatalf("asked is %+v", task)
			}
			r.tick() // looks at whom time has changed, and for a cadence
			r.noLeaks()
			must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: task.ID, By: "mara", Disposition: cadence.NoAnswer}))
			r.noLeaks()
			r.evaluateAll()
			r.noLeaks()
			if got := r.lead(lead).Stage; got != "qualified" {
				t.Fatalf("after a call that nobody answered it is %s", got)
			}
			if task = r.openTask(lead, cadence.TaskDossier); task == nil || task.DueAt.Before(r.clock.Now().AddDate(0, 0, 5)) {
				t.Fatalf("asked again is %+v", task)
			}
			r.pass(24 * time.Hour)
			must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: task.ID, By: "mara", Disposition: cadence.Connected, Answers: map[string]string{"people_to_train": "20"}}))
			r.evaluateAll()
			if again := r.handoff(lead); again.ID == h.ID || again.State != store.HandoffOffered || r.lead(lead).Stage != "handed_off" {
				t.Errorf("after a talk the handoff is %+v, the lead %s", again, r.lead(lead).Stage)
			}
			r.noLeaks()
		})
	}
}

// TestTakenBackAndOver: what a lead says that no cadence has ends it, or moves it on, as in a cadence.
func TestTakenBackAndOver(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	for _, disposition := range []cadence.ResponseKind{cadence.NotInterested, cadence.NotNow} {
		r.at(r.clock.Now())
		lead := r.importPeopleFrom(r.count(`SELECT count(*) FROM leads`), 1)[0]
		r.respond(lead, cadence.Connected, r.ready())
		r.evaluateAll()
		_, err := r.MoveStage(r.ctx, lead, cadence.StageQualified, "elena", "not ripe")
		must(t, err)
		must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: r.openTask(lead, cadence.TaskDossier).ID, By: "mara", Disposition: disposition}))
		r.noLeaks()
		r.evaluateAll()
		r.noLeaks()
		if left := r.openTask(lead, cadence.TaskDossier); left != nil {
			t.Errorf("%s: asked is %+v", disposition, left)
		}
		if ended := r.lead(lead).EndReason; ended != map[cadence.ResponseKind]string{cadence.NotInterested: "not_interested"}[disposition] {
			t.Errorf("%s: ended %q", disposition, ended)
		}
	}
}

// TestUpToQualified: who is moved up by hand, because the definition agrees, goes to sales by the gate that a verdict has.
func TestUpToQualified(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	for _, known := range []map[string]string{dossierItems, {}} {
		lead := r.importPeopleFrom(r.count(`SELECT count(*) FROM leads`), 1)[0]
		r.tick()
		r.respond(lead, cadence.Connected, func(in *ResponseInput) { in.Answers, in.Confirms, in.By = r.answers(criteria, known), true, "mara" })
		_, err := r.MoveStage(r.ctx, lead, cadence.StageQualified, "elena", "")
		must(t, err)
		r.noLeaks()
		h, want := r.handoff(lead), store.HandoffOffered
		if len(known) == 0 {
			want = store.HandoffBlocked
		}
		if task := r.openTask(lead, cadence.TaskDossier); task != nil && !strings.HasSuffix(task.Title, "and complete the dossier") {
			t.Errorf("%d items are known, and asked is %q", len(known), task.Title)
		}
		if h.State != want || (r.openTask(lead, cadence.TaskDossier) == nil) != (want == store.HandoffOffered) {
			t.Errorf("with %d items the handoff is %s, asked %+v", len(known), h.State, r.openTask(lead, cadence.TaskDossier))
		}
		r.evaluateAll()
		if n := r.count(`SELECT count(*) FROM handoffs WHERE lead_id = $1`, lead); n != 1 {
			t.Errorf("%d handoffs", n)
		}
	}
}

// TestBackToNurturingNeedsACadence: nobody can claim that a cadence nurtures a lead which is in none.
func TestBackToNurturingNeedsACadence(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, _ := r.offeredLead()
	_, err := r.MoveStage(r.ctx, lead, cadence.StageNurturing, "elena", "too early")
	var refused *StageRefused
	if !errors.As(err, &refused) || !strings.Contains(refused.Error(), "no cadence has begun") || !strings.Contains(refused.WayOut, "recycled") {
		t.Fatalf("%v", err)
	}
	_, err = r.MoveStage(r.ctx, lead, cadence.StageRecycled, "elena", "too early")
	must(t, err)
	r.tick()
	r.noLeaks()
	if run := r.runOf(lead); run.State == string(cadence.Finished) {
		t.Errorf("the run is %+v", run)
	}
}
