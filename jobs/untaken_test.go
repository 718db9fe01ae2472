package jobs

import (
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/store"
)

// takesOnly is first-seven for those of whom a condition holds.
func takesOnly(audience string) map[string]string {
	files := firstSeven(mailStep + callStep + laterMail)
	for name, text := range files {
		files[name] = strings.Replace(text, "audience: { stage: { in: [inquiry, nurturing, recycled] } }", "audience: { "+audience+" }", 1)
	}
	return files
}

// accepted is a rig whose second lead was named by the first, who left, and accepted without any consent: no audience takes it.
func accepted(t *testing.T) (r *rig, kim int64) {
	t.Helper()
	r = newLiveRig(t, takesOnly("consent.email: { is: true }"))
	m := r.written(1)[0]
	r.take(auto(m, "Automatic reply", "Pat Number001 no longer works here. Please contact Kim New (kim.new@customer-001.example) instead.").raw())
	done, err := r.AcceptReferral(r.ctx, 1, "mara")
	must(t, err)
	r.tick()
	return r, done.LeadID
}

// log completes a task and has all follow.
func (r *rig) log(task *store.Task, outcome cadence.ResponseKind, date *time.Time) {
	r.t.Helper()
	if task.NotBefore != nil {
		r.at(*task.NotBefore)
	}
	must(r.t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: task.ID, By: "mara", Disposition: outcome, Date: date}))
	r.noLeaks()
	r.evaluateAll()
	r.tick()
	r.noLeaks()
}

// TestWhomALeadNamedIsSomebodysTask: an accepted referral that no audience takes does not fall out: its SDR is asked to get in touch, and again until the lead
// goes one way or another.
func TestWhomALeadNamedIsSomebodysTask(t *testing.T) {
	t.Parallel()
	r, kim := accepted(t)
	r.noLeaks()
	asked := r.openTask(kim, cadence.TaskManualEmail) // it has no number
	if asked == nil || asked.Owner != r.lead(kim).Owner || asked.Title != "Write to Kim New, whom Pat Number001 named" || !asked.UntilTaken ||
		!strings.HasPrefix(asked.Why, "Pat Number001 named this person. No cadence's audience takes this lead. ") || asked.NotBefore != nil {
		t.Fatalf("asked is %+v", asked)
	}
	if at := asked.DueAt.Sub(r.clock.Now()); at < 24*time.Hour || at > 4*24*time.Hour {
		t.Errorf("it is due in %s", at)
	}
	effects, err := r.Effects(r.ctx, *asked)
	must(t, err)
	if effects[cadence.Done] != "you are asked again after 5 business days, unless a cadence takes the lead" || effects[cadence.NotInterested] != "ends nurturing: not interested" ||
		effects[cadence.NoAnswer] != "you are asked again after 1 business day, unless a cadence takes the lead" ||
		!strings.HasPrefix(effects[cadence.CallBackLater], "no cadence goes on; a task to call back") ||
		!strings.HasPrefix(effects[cadence.NotNow], "left alone until the date named, else for 90 days; then") {
		t.Errorf("the outcomes say %v", effects)
	}
	r.pass(restEvery + time.Minute)
	r.tick()
	if n := r.count(`SELECT count(*) FROM tasks WHERE lead_id = $1`, kim); n != 1 {
		t.Errorf("%d tasks", n)
	}

	for outcome, days := range map[cadence.ResponseKind]int{cadence.Done: 7, cadence.NoAnswer: 1, cadence.Connected: 7} {
		asked = r.openTask(kim, cadence.TaskManualEmail)
		r.log(asked, outcome, nil)
		next := r.openTask(kim, cadence.TaskManualEmail)
		if next == nil || next.ID == asked.ID || next.NotBefore == nil || next.DueAt.Before(r.clock.Now().AddDate(0, 0, days-1)) || next.DueAt.After(r.clock.Now().AddDate(0, 0, days+3)) {
			t.Fatalf("after %s, asked is %+v", outcome, next)
		}
	}
	day := r.clock.Now().AddDate(0, 0, 30).Truncate(24 * time.Hour)
	r.log(r.openTask(kim, cadence.TaskManualEmail), cadence.CallBackLater, &day)
	back := r.openTask(kim, cadence.TaskManualEmail)
	if back == nil || back.UntilTaken || back.DueAt.Before(day) || back.DueAt.After(day.AddDate(0, 0, 3)) {
		t.Fatalf("to be called back it is asked by %+v", back)
	}
	day = day.AddDate(0, 2, 0)
	r.log(back, cadence.NotNow, &day)
	if got := r.tasksAbout(kim); len(got) != 0 || r.lead(kim).IntakeAt == nil || r.lead(kim).IntakeAt.Before(day) {
		t.Fatalf("until the day that it named: tasks %v, looked at again %v", got, r.lead(kim).IntakeAt)
	}
	r.at(day.AddDate(0, 0, 3))
	r.tick()
	r.noLeaks()
	r.log(r.openTask(kim, cadence.TaskManualEmail), cadence.NotInterested, nil)
	if got := r.lead(kim); got.EndReason != "not_interested" || len(r.tasksAbout(kim)) != 0 {
		t.Errorf("in the end: %q, tasks %v", got.EndReason, r.tasksAbout(kim))
	}
}

// TestACadenceTakesWhomALeadNamed: as soon as one does, by hand or by a consent, nobody is asked any more; who is just being talked to is left alone.
func TestACadenceTakesWhomALeadNamed(t *testing.T) {
	t.Parallel()
	for name, taken := range map[string]func(r *rig, kim int64){
		"by hand": func(r *rig, kim int64) { must(r.t, r.MoveLead(r.ctx, kim, "first-seven")) },
		"by its consent": func(r *rig, kim int64) {
			again := person(2)
			again.Email, again.Key = "kim.new@customer-001.example", r.lead(kim).Key
			r.importLeads(again)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, kim := accepted(t)
			taken(r, kim)
			r.tick()
			if got := r.tasksAbout(kim); len(got) != 0 || r.runOf(kim).State != string(cadence.Running) {
				t.Errorf("tasks %v, the run is %s", got, r.runOf(kim).State)
			}
			r.noLeaks()
		})
	}
	r, kim := accepted(t)
	asked := r.openTask(kim, cadence.TaskManualEmail)
	_, err := r.HoldTask(r.ctx, asked.ID, "mara")
	must(t, err)
	again := person(2)
	again.Email, again.Key = "kim.new@customer-001.example", r.lead(kim).Key
	r.importLeads(again)
	r.tick()
	if r.lead(kim).Stage != "inquiry" {
		t.Error("it is taken while somebody talks to it")
	}
	must(t, r.CompleteTask(r.ctx, TaskOutcome{TaskID: asked.ID, By: "mara", Disposition: cadence.Done}))
	r.evaluateAll()
	r.noLeaks()
	r.pass(25 * time.Hour)
	r.tick()
	if got := r.tasksAbout(kim); len(got) != 0 || r.runOf(kim).State != string(cadence.Running) {
		t.Errorf("then: tasks %v, the run is %s", got, r.runOf(kim).State)
	}
}

// TestWhomNobodySeesToAnyMoreIsAskedAboutAgain: referrals that were accepted before there were such tasks, and those whose task went with an address.
func TestWhomNobodySeesToAnyMoreIsAskedAboutAgain(t *testing.T) {
	t.Parallel()
	r, kim := accepted(t)
	r.exec(`DELETE FROM tasks WHERE lead_id = $1`, kim)
	r.pass(restEvery + time.Minute)
	r.tick()
	r.tick()
	r.noLeaks()
	if r.openTask(kim, cadence.TaskManualEmail) == nil {
		t.Error("nobody is asked to get in touch")
	}
}

// TestAnswersBringALeadIn: what a lead answers may be what an audience asks for.
func TestAnswersBringALeadIn(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, takesOnly("facts.driver: { known: true }"))
	lead := r.importLeads(person(1))[0]
	r.tick()
	if note := r.lead(lead).IntakeNote; note == "" {
		t.Fatal("it is taken without an answer")
	}
	r.respond(lead, cadence.FormFilled, func(in *ResponseInput) { in.Answers = r.answers(map[string]string{"driver": criteria["driver"]}) })
	r.evaluateAll()
	r.tick()
	if run := r.runOf(lead); run.State != string(cadence.Running) {
		t.Errorf("the run is %+v", run)
	}
}

// TestWhoWroteToUsIsAnswered: a lead that no audience takes and that writes is somebody's task, and what that came to is one, too.
func TestWhoWroteToUsIsAnswered(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, takesOnly("consent.email: { is: true }"))
	stranger := person(1)
	stranger.Consent = leadfile.Consent{}
	lead := r.importLeads(stranger)[0]
	r.tick()
	if got := r.tasksAbout(lead); len(got) != 0 {
		t.Fatalf("of a list, somebody has the tasks %v", got)
	}
	r.respond(lead, cadence.Click)
	r.respond(lead, cadence.OutOfOffice)
	if got := r.tasksAbout(lead); len(got) != 0 {
		t.Fatalf("for a machine's word, somebody has the tasks %v", got)
	}
	r.respond(lead, cadence.Reply)
	r.log(r.openTask(lead, cadence.TaskTriage), cadence.Interested, nil)
	call := r.openTask(lead, cadence.TaskCall)
	if call == nil || call.UntilTaken {
		t.Fatalf("after its interest, asked is %+v", call)
	}
	r.log(call, cadence.NoAnswer, nil)
	if again := r.openTask(lead, cadence.TaskCall); again == nil || !again.UntilTaken || again.Title != "Call Pat Number001" {
		t.Errorf("after a call in vain, asked is %+v", again)
	}
}
