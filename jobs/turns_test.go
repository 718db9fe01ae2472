package jobs

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/store"
)

// saysWhen makes a response say all that sales needs, as heard by a person, and when the lead decides.
func (r *rig) saysWhen(months string) func(*ResponseInput) {
	return func(in *ResponseInput) {
		in.Answers, in.Confirms, in.By = r.answers(criteria, dossierItems, map[string]string{"months_to_decision": months}), true, "mara"
	}
}

// turnAt is when time alone changes the verdict on a lead.
func (r *rig) turnAt(lead int64) time.Time {
	r.t.Helper()
	at, err := store.FindTurn(r.ctx, r.pool, lead)
	must(r.t, err)
	if at == nil {
		return time.Time{}
	}
	return *at
}

// verdictsOn lists what was said of a lead, the oldest first: outcome, readiness and occasion.
func (r *rig) verdictsOn(lead int64) []string {
	r.t.Helper()
	var all []string
	r.scan(`SELECT coalesce(array_agg(outcome || ' ' || readiness || ' ' || reason ORDER BY id), '{}') FROM verdicts WHERE lead_id = $1`, []any{lead}, &all)
	return all
}

// decideLater are n leads in a cadence that have told a person that they decide in 14 months.
func decideLater(t *testing.T, n int) (r *rig, leads []int64) {
	t.Helper()
	r = newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	leads = r.importPeople(n)
	r.tick()
	for _, lead := range leads {
		r.respond(lead, cadence.Connected, r.saysWhen("14"))
	}
	r.evaluateAll()
	return r, leads
}

// TestTimeMakesALeadNearTerm: at the instant at which its own words make it near-term, once, and then a person is asked to confirm them; what that person
// hears promotes.
func TestTimeMakesALeadNearTerm(t *testing.T) {
	t.Parallel()
	r, leads := decideLater(t, 1)
	lead := leads[0]
	at := r.turnAt(lead)
	if want := tenOClock.AddDate(0, 8, 0); at.Before(want.AddDate(0, 0, -1)) || at.After(want.AddDate(0, 0, 1)) {
		t.Fatalf("turns at %v, want about %v", at, want)
	}
	r.at(at.Add(-time.Microsecond))
	r.tick()
	if got := r.lead(lead).Readiness; got != string(uld.LongTerm) {
		t.Errorf("readiness %s before", got)
	}
	r.at(at)
	for range 3 {
		r.tick()
	}
	if got, want := r.verdictsOn(lead), []string{"nurture long_term response", "nurture near_term time"}; !slices.Equal(got, want) {
		t.Fatalf("verdicts %q, want %q", got, want)
	}
	if got := r.lead(lead).Readiness; got != string(uld.NearTerm) {
		t.Errorf("readiness %s", got)
	}
	verdicts, err := store.LeadVerdicts(r.ctx, r.pool, lead)
	must(t, err)
	v := verdicts[1].Verdict
	if !v.At.Equal(at) || !slices.Equal(v.Verify, []string{"months_to_decision"}) || !strings.Contains(v.Because, "only time") || v.Criteria[6].FactID == 0 {
		t.Errorf("%+v", v)
	}
	tasks, err := store.LeadTasks(r.ctx, r.pool, lead)
	must(t, err)
	if len(tasks) != 1 || tasks[0].Kind != cadence.TaskVerify || tasks[0].Why != cadence.ReasonTime.Sentence() || !slices.Equal(tasks[0].Ask, []string{"months_to_decision"}) {
		t.Fatalf("tasks %+v", tasks)
	}
	if n := r.count(`SELECT count(*) FROM handoffs`); n != 0 {
		t.Errorf("%d handoffs by time alone", n)
	}
	if at := r.turnAt(lead); !at.IsZero() {
		t.Errorf("turns once more at %v", at)
	}
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[0].ID, By: "mara", Disposition: cadence.Connected, Answers: map[string]string{"months_to_decision": "5"}}))
	r.evaluateAll()
	if h := r.handoff(lead); h.State != store.HandoffOffered {
		t.Errorf("handoff %+v", h)
	}
	r.noLeaks()
}

// TestTurnsSurvive: whoever was to be weighed while nothing ran is weighed by the next process, and two at once weigh a lead once.
func TestTurnsSurvive(t *testing.T) {
	t.Parallel()
	r, leads := decideLater(t, 3)
	turn := r.turnAt(leads[0])
	late := turn.AddDate(0, 0, 40)
	other := rigOn(t, r.url, func(o *Options) { o.Worker.ID = "w2" })
	r.at(late)
	other.at(late)
	var wg sync.WaitGroup
	for _, engine := range []*rig{r, other} {
		wg.Go(func() {
			if _, err := engine.turn(r.ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, lead := range leads {
		if got, want := r.verdictsOn(lead), []string{"nurture long_term response", "nurture near_term time"}; !slices.Equal(got, want) {
			t.Errorf("verdicts %q, want %q", got, want)
		}
		if got, want := r.tasksAbout(lead), []cadence.TaskKind{cadence.TaskVerify}; !slices.Equal(got, want) {
			t.Errorf("tasks %v, want %v", got, want)
		}
	}
	if n := r.count(`SELECT count(*) FROM lead_turns`); n != 0 {
		t.Errorf("%d turns are left", n)
	}
}

// TestOneBadTurn keeps no other lead from being weighed, and is tried again (K3).
func TestOneBadTurn(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	leads := r.importPeople(3)
	for _, lead := range leads {
		r.respond(lead, cadence.Connected, r.saysWhen("14"))
	}
	r.evaluateAll()
	r.exec(`ALTER TABLE verdicts ADD CONSTRAINT bad CHECK (lead_id <> ` + itoa(leads[1]) + ` OR reason <> 'time')`)
	r.at(r.turnAt(leads[0]))
	if n, err := r.turn(r.ctx); n != 3 || err == nil || !strings.Contains(err.Error(), "lead "+itoa(leads[1])+" cannot be weighed") {
		t.Errorf("%d, %v", n, err)
	}
	for i, want := range []string{"near_term", "long_term", "near_term"} {
		if got := r.lead(leads[i]).Readiness; got != want {
			t.Errorf("lead %d is %s, want %s", i, got, want)
		}
	}
	if n, err := r.turn(r.ctx); n != 0 || err != nil {
		t.Errorf("at once again: %d, %v", n, err)
	}
	r.exec(`ALTER TABLE verdicts DROP CONSTRAINT bad`)
	r.pass(spoiltAgain)
	r.tick()
	if got := r.lead(leads[1]).Readiness; got != "near_term" {
		t.Errorf("it is %s afterwards", got)
	}
}

// TestTurnsOfOthers: a newer answer puts the instant off, an end drops it, sales keeps it away, and the way back has it reckoned anew.
func TestTurnsOfOthers(t *testing.T) {
	t.Parallel()
	r, leads := decideLater(t, 3)
	first := r.turnAt(leads[0])
	r.at(tenOClock.AddDate(0, 5, 0))
	r.respond(leads[0], cadence.Connected, r.saysWhen("18"))
	r.respond(leads[1], cadence.NotInterested)
	r.evaluateAll()
	if later := r.turnAt(leads[0]); later.Before(first.AddDate(0, 8, 0)) {
		t.Errorf("turns at %v after the newer answer, at %v before", later, first)
	}
	_, err := r.MoveStage(r.ctx, leads[2], cadence.StageDisqualified, "ana", "a competitor")
	must(t, err)
	r.at(first)
	r.tick()
	if n := r.count(`SELECT count(*) FROM verdicts WHERE reason = 'time'`); n != 0 {
		t.Errorf("%d verdicts by time", n)
	}
	if n := r.count(`SELECT count(*) FROM lead_turns WHERE lead_id <> $1`, leads[0]); n != 0 {
		t.Errorf("%d turns of leads that are over", n)
	}
	_, err = r.MoveStage(r.ctx, leads[2], cadence.StageRecycled, "ana", "no competitor after all")
	must(t, err)
	r.tick()
	if got := r.lead(leads[2]).Readiness; got != "near_term" {
		t.Errorf("who was taken up again is %s", got)
	}
}

// TestVerifyWaitsForTheDayThatTheLeadNamed: who said when to call is not called before, wherever it waits for that.
func TestVerifyWaitsForTheDayThatTheLeadNamed(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	lead := r.importPeople(1)[0]
	r.tick()
	named := tenOClock.AddDate(1, 0, 0).Truncate(24 * time.Hour)
	r.respond(lead, cadence.NotNow, r.saysWhen("14"), func(in *ResponseInput) { in.Date = &named })
	r.evaluateAll()
	r.at(r.turnAt(lead))
	r.tick()
	tasks, err := store.LeadTasks(r.ctx, r.pool, lead)
	must(t, err)
	if n := len(tasks); n != 1 || tasks[0].DueAt.Before(named) || tasks[0].DueAt.After(named.AddDate(0, 0, 4)) {
		t.Errorf("%+v, want one that is due on %v", tasks, named)
	}
}

// TestWhoIsNotReachedIsNotRungDaily: a call that was to verify and reached nobody is made again in a week, however often.
func TestWhoIsNotReachedIsNotRungDaily(t *testing.T) {
	t.Parallel()
	r, leads := decideLater(t, 1)
	lead := leads[0]
	r.at(r.turnAt(lead))
	r.tick()
	for range 3 {
		tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
		must(t, err)
		if len(tasks) != 1 || tasks[0].Kind != cadence.TaskVerify {
			t.Fatalf("open are %+v", tasks)
		}
		rung := max(0, tasks[0].DueAt.Sub(r.now()))
		r.pass(rung)
		must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: tasks[0].ID, By: "mara", Disposition: cadence.NoAnswer}))
		r.evaluateAll()
		if tasks, err = store.OpenTasks(r.ctx, r.pool, "", 0); err != nil || len(tasks) != 1 || tasks[0].DueAt.Before(r.now().AddDate(0, 0, 6)) {
			t.Fatalf("%v: rung again on %v, now is %v", err, tasks[0].DueAt, r.now())
		}
	}
}
