package jobs

import (
	"strings"
	"testing"
	"time"

	"nurture/cadence"
)

// TestARestWithoutAnEndIsLookedAfter: who rests until somebody resumes it does not fall out: the SDR is asked to look after it in four weeks, and again and again,
// until it rests no more.
func TestARestWithoutAnEndIsLookedAfter(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	lead := r.leadOf(r.planned(1)[0])
	must(t, r.PauseLead(r.ctx, lead, nil))
	r.noLeaks()
	asked := r.openTask(lead, cadence.TaskReview)
	if asked == nil || asked.Owner != r.lead(lead).Owner || asked.NotBefore == nil || asked.DueAt.Before(r.clock.Now().AddDate(0, 0, 27)) {
		t.Fatalf("asked is %+v", asked)
	}
	row := r.lead(lead)
	o, err := r.Outlook(r.ctx, &row)
	must(t, err)
	if !strings.HasPrefix(o.Next, "paused until somebody resumes it") || !strings.Contains(o.Sentence, "asks "+asked.Owner+" to look after it on "+asked.DueAt.Format("2 January")) {
		t.Errorf("%s: %s", o.Next, o.Sentence)
	}
	standing, err := r.standing(r.ctx, r.pool, r.clock.Now(), lead)
	must(t, err)
	if !standing.Idle {
		t.Errorf("to the lead it is said that we write as usual: %+v", standing)
	}
	must(t, r.PauseLead(r.ctx, lead, nil)) // once more
	if again := r.openTask(lead, cadence.TaskReview); again == nil || again.ID != asked.ID {
		t.Errorf("paused twice, asked is %+v", again)
	}

	r.at(asked.DueAt)
	r.tick()
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: asked.ID, By: "mara", Disposition: cadence.Done, Notes: "not yet"}))
	r.noLeaks()
	r.evaluateAll()
	next := r.openTask(lead, cadence.TaskReview)
	if next == nil || next.ID == asked.ID || next.DueAt.Before(r.clock.Now().AddDate(0, 0, 27)) || r.runOf(lead).State != string(cadence.Paused) {
		t.Fatalf("after that, asked is %+v, and the run is %s", next, r.runOf(lead).State)
	}
	effects, err := r.Effects(r.ctx, *next)
	must(t, err)
	if effects[cadence.Done] != "rests on; you are asked again in four weeks" || effects[cadence.NotInterested] != "ends nurturing: not interested" ||
		!strings.HasSuffix(effects[cadence.DoNotCall], "; never called again") || !strings.HasSuffix(effects[cadence.CallBackLater], "; a task to call back then") ||
		!strings.HasPrefix(next.Why, "The cadence rests until somebody resumes it. ") {
		t.Errorf("the outcomes say %v", effects)
	}

	for name, order := range map[string]func() error{
		"resumed": func() error { return r.ResumeLead(r.ctx, lead) },
		"rested until a day": func() error {
			until := r.clock.Now().AddDate(0, 1, 0)
			return r.PauseLead(r.ctx, lead, &until)
		},
		"moved": func() error { return r.MoveLead(r.ctx, lead, "long-game") },
	} {
		if name == "moved" && r.runOf(lead).CadenceKey == "long-game" {
			must(t, r.MoveLead(r.ctx, lead, "first-seven"))
		}
		must(t, r.PauseLead(r.ctx, lead, nil))
		if r.openTask(lead, cadence.TaskReview) == nil {
			t.Fatalf("%s: nobody was asked before", name)
		}
		must(t, order())
		if left := r.openTask(lead, cadence.TaskReview); left != nil {
			t.Errorf("%s: still asked is %+v", name, left)
		}
		r.noLeaks()
	}
}

// TestWhoRestedBeforeThereWereReviews: leads that were paused for good by an earlier version are found.
func TestWhoRestedBeforeThereWereReviews(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	lead := r.leadOf(r.planned(1)[0])
	must(t, r.PauseLead(r.ctx, lead, nil))
	_, err := r.pool.Exec(r.ctx, `DELETE FROM tasks WHERE kind = 'review'`)
	must(t, err)
	r.pass(restEvery + time.Minute)
	r.tick()
	r.noLeaks()
	if r.openTask(lead, cadence.TaskReview) == nil {
		t.Error("nobody is asked to look after it")
	}
	r.pass(restEvery + time.Minute)
	r.tick()
	if n := r.count(`SELECT count(*) FROM tasks WHERE kind = 'review'`); n != 1 {
		t.Errorf("%d tasks", n)
	}
}
