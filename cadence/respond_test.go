package cadence_test

import (
	"slices"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/uld"
)

func TestRetriesAnswerTheLatestRunOnly(t *testing.T) {
	t.Parallel()
	e, now := running(t, 2)
	e.LastRun = 2
	p := plans()["first-seven"]
	p.Steps[1].Tries = 5
	after, _ := cadence.Decide(p, e, cadence.Responded{Kind: cadence.NoAnswer, Step: 1, Run: 1}, now)
	if after.Step != 2 {
		t.Errorf("a late answer to run 1 made step 1 run again: %+v", after)
	}
	for _, last := range []int{2, 0} { // 0: a shell that does not know
		e.LastRun = last
		after, _ = cadence.Decide(p, e, cadence.Responded{Kind: cadence.NoAnswer, Step: 1, Run: 2}, now)
		if after.Step != 1 || after.Run != 3 || after.Due.Reason != cadence.ReasonRetry {
			t.Errorf("last run %d: %+v", last, after)
		}
	}
	e.State = cadence.Paused
	after, _ = cadence.Decide(p, e, cadence.Responded{Kind: cadence.NoAnswer, Step: 1, Run: 2}, now)
	if after.State != cadence.Paused || after.Step != 2 {
		t.Errorf("a retry in a pause: %+v", after)
	}
}

func TestTheLastAddressIsLost(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind   cadence.ResponseKind
		end    cadence.EndReason
		reason cadence.Reason
	}{
		{cadence.DoNotCall, cadence.EndOptedOut, cadence.ReasonOptedOut},
		{cadence.WrongNumber, cadence.EndUnreachable, cadence.ReasonUnreachable},
		{cadence.HardBounce, cadence.EndUnreachable, cadence.ReasonBounced},
	}
	for _, tt := range tests {
		e, now := running(t, 1)
		e.Lead.Email, e.Lead.Phone = tt.kind == cadence.HardBounce, tt.kind != cadence.HardBounce
		after, actions := cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: tt.kind, Step: -1}, now)
		wantState(t, after, cadence.Finished, tt.reason)
		if find[cadence.EndLead](t, actions).End != tt.end {
			t.Errorf("%s: %#v", tt.kind, actions)
		}
		// On an enrolment that is over only an opt-out ends the lead: the next cadence finds the rest out.
		e.State, e.Due = cadence.Finished, nil
		_, actions = cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: tt.kind, Step: -1}, now)
		if got := has[cadence.EndLead](actions); got != (tt.end == cadence.EndOptedOut) {
			t.Errorf("%s on a finished enrolment: %#v", tt.kind, actions)
		}
	}
}

func TestResumeFlow(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	p.OnResponse[cadence.Done] = cadence.Rule{Flow: cadence.FlowResume}
	p.OnResponse[cadence.Click] = cadence.Rule{Flow: cadence.FlowResume}
	tests := []struct {
		pause cadence.Reason
		kind  cadence.ResponseKind
		want  cadence.State
	}{
		{cadence.ReasonHumanReply, cadence.Done, cadence.Running},
		{cadence.ReasonHumanReply, cadence.Click, cadence.Paused},
		{cadence.ReasonNotNow, cadence.Click, cadence.Running},
		{cadence.ReasonByPerson, cadence.Done, cadence.Paused},
	}
	for _, tt := range tests {
		e, now := pausedFor(t, tt.pause)
		after, actions := cadence.Decide(p, e, cadence.Responded{Kind: tt.kind, Step: -1}, now)
		dueNow := after.Due != nil && after.Due.At.Equal(now)
		if after.State != tt.want || has[cadence.PlanTouch](actions) || dueNow != (tt.want == cadence.Running) {
			t.Errorf("%s in a pause for %s: %+v %#v", tt.kind, tt.pause, after, actions)
		}
	}
	e, now := running(t, 2)
	e.InFlight, e.Due = true, nil
	after, _ := cadence.Decide(p, e, cadence.Responded{Kind: cadence.Done, Step: 2, Run: 1}, now)
	if after.Step != 3 {
		t.Errorf("resume of the task in hand: %+v", after)
	}
}

func TestMildPauses(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := pausedFor(t, cadence.ReasonOutOfOffice) // for two days
	after, _ := cadence.Decide(p, e, cadence.ColleagueResponded{}, now)
	wantState(t, after, cadence.Paused, cadence.ReasonColleague) // five business days are longer
	after, actions := cadence.Decide(p, after, cadence.Responded{Kind: cadence.SoftBounce, Step: -1}, now)
	wantState(t, after, cadence.Paused, cadence.ReasonColleague)
	if len(actions) > 0 {
		t.Errorf("got %#v", actions)
	}
	p.OnResponse[cadence.Click] = cadence.Rule{Flow: cadence.FlowPause} // until somebody resumes
	after, _ = cadence.Decide(p, e, cadence.Responded{Kind: cadence.Click, Step: -1}, now)
	if after.State != cadence.Paused || after.Reason != cadence.ReasonResponse || after.Due != nil {
		t.Errorf("got %+v", after)
	}
	endless := after
	after, _ = cadence.Decide(p, endless, cadence.ColleagueResponded{}, now)
	wantUnchanged(t, endless, after, nil)
}

func TestRejectedHandoffs(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 1)
	rejected := cadence.Responded{Kind: cadence.HandoffRejected, Step: -1}

	after, actions := cadence.Decide(p, e, rejected, now) // nobody handed this lead off
	wantUnchanged(t, e, after, actions)

	e.Lead.Stage = cadence.StageQualified // a blocked handoff, refused beforehand
	after, actions = cadence.Decide(p, e, rejected, now)
	wantState(t, after, cadence.Finished, cadence.ReasonRejected)
	if find[cadence.MoveStage](t, actions).To != cadence.StageRecycled || find[cadence.EnrollIn](t, actions).Cadence != "long-game" {
		t.Errorf("got %#v", actions)
	}
	e.State, e.Due, e.Lead.Stage = cadence.Finished, nil, cadence.StageAccepted
	p.OnResponse[cadence.HandoffRejected] = cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{To: "second-chance"}}
	_, actions = cadence.Decide(p, e, rejected, now)
	if got := find[cadence.EnrollIn](t, actions); got.Cadence != "second-chance" || got.NotBefore != nil {
		t.Errorf("got %+v", got)
	}
	p.OnResponse[cadence.HandoffRejected] = cadence.Rule{Flow: cadence.FlowFinish, End: cadence.EndDisqualified}
	after, actions = cadence.Decide(p, e, rejected, now)
	if find[cadence.EndLead](t, actions).End != cadence.EndDisqualified || after.Lead.Stage != cadence.StageDisqualified {
		t.Errorf("got %#v", actions)
	}
}

func TestMoves(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	p.OnResponse[cadence.Question] = cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{To: "answers"}, Task: cadence.TaskManualEmail, TaskWithin: business(1)}
	e, now := running(t, 1)
	after, actions := cadence.Decide(p, e, cadence.Responded{Kind: cadence.Question, Step: -1}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonMoved)
	if got := find[cadence.EnrollIn](t, actions); got.Cadence != "answers" || got.NotBefore != nil || !has[cadence.OpenTask](actions) {
		t.Errorf("got %#v", actions)
	}
	after, actions = cadence.Decide(p, e, cadence.Responded{Kind: cadence.NotNow, Step: -1}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonNotNow)
	if got := find[cadence.EnrollIn](t, actions).NotBefore; got == nil || !got.Equal(at(t, "2026-06-01 09:00")) { // 90 days on is a Sunday
		t.Errorf("got %v", got)
	}
	p.Then = cadence.Ending{Close: true}
	after, _ = cadence.Decide(p, e, cadence.Responded{Kind: cadence.NotNow, Step: -1}, now)
	wantState(t, after, cadence.Paused, cadence.ReasonNotNow)
}

func TestCallbackOnAWholeDay(t *testing.T) {
	t.Parallel()
	e, now := running(t, 2)
	day := time.Date(2026, 3, 7, 0, 0, 0, 0, time.UTC) // a Saturday
	after, actions := cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: cadence.CallBackLater, Step: -1, Date: &day}, now)
	if got, want := find[cadence.OpenTask](t, actions).DueBy, at(t, "2026-03-09 09:00"); !got.Equal(want) {
		t.Errorf("task by %v, want %v", got, want)
	}
	if after.Due == nil {
		t.Error("paused for ever")
	}
	afternoon := at(t, "2026-03-04 17:30")
	after, _ = cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: cadence.OutOfOffice, Step: -1, Date: &afternoon}, now)
	if want := at(t, "2026-03-05 09:00"); !after.Due.At.Equal(want) {
		t.Errorf("back at %v, want %v", after.Due.At, want)
	}
}

func TestRulesHaveALegalFloor(t *testing.T) {
	t.Parallel()
	own := func(kind cadence.ResponseKind, r cadence.Rule) cadence.Rule {
		return cadence.Plan{OnResponse: map[cadence.ResponseKind]cadence.Rule{kind: r}}.RuleFor(kind)
	}
	lax := cadence.Rule{Flow: cadence.FlowContinue}
	for _, kind := range []cadence.ResponseKind{cadence.Unsubscribe, cadence.Complaint} {
		if got := own(kind, lax); got.Flow != cadence.FlowFinish || got.Suppress != cadence.SuppressAll || got.End != cadence.EndOptedOut {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	if got := own(cadence.HardBounce, lax).Suppress; got != cadence.SuppressEmail {
		t.Errorf("hard bounce: %q", got)
	}
	if got := own(cadence.DoNotCall, cadence.Rule{Flow: cadence.FlowContinue, Suppress: cadence.SuppressEmail}).Suppress; got != cadence.SuppressAll {
		t.Errorf("do not call: %q", got)
	}
	if got := own(cadence.Reply, lax); got.Flow != cadence.FlowPause || got.Else.Zero() {
		t.Errorf("reply: %+v", got)
	}
	if got := own(cadence.Reply, cadence.Rule{Flow: cadence.FlowFinish}).Flow; got != cadence.FlowFinish {
		t.Errorf("reply: %q", got)
	}
	if got := (cadence.Plan{}).RuleFor("unheard_of"); got.Flow != cadence.FlowContinue {
		t.Errorf("unheard of: %+v", got)
	}
}

func TestHumanKinds(t *testing.T) {
	t.Parallel()
	for kind := range cadence.DefaultRules() {
		e, now := running(t, 1)
		_, actions := cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: kind, Step: -1}, now)
		if has[cadence.TellColleagues](actions) != kind.Human() {
			t.Errorf("%s: %#v", kind, actions)
		}
	}
}

// A lead that asked not to be called is not called because it writes a mail later.
func TestNobodyIsAskedToRingALeadWithoutAPhone(t *testing.T) {
	t.Parallel()
	p := plan("mails", email("intro", calendar.Delay{}), email("thanks", days(3)))
	tasks := map[string]cadence.Event{
		"interested":         cadence.Responded{Kind: cadence.Interested, Step: -1},
		"verify by call":     cadence.Evaluated{Outcome: uld.Nurture, Verify: []string{"role"}},
		"incomplete dossier": cadence.Evaluated{Outcome: uld.Promote, Missing: []string{"pain_points"}},
	}
	for name, ev := range tasks {
		e, now := running(t, 0)
		_, actions := cadence.Decide(p, e, ev, now)
		called := find[cadence.OpenTask](t, actions)
		e.Lead.Phone = false
		_, actions = cadence.Decide(p, e, ev, now)
		written := find[cadence.OpenTask](t, actions)
		if called.Kind == cadence.TaskManualEmail || written.Kind != cadence.TaskManualEmail || !slices.Equal(called.Ask, written.Ask) {
			t.Errorf("%s: with a phone %+v, without %+v", name, called, written)
		}
	}
}

// TestACallbackToday: whoever asks to be called later today is called today, while the window is open.
func TestACallbackToday(t *testing.T) {
	t.Parallel()
	e, _ := running(t, 2)
	for now, want := range map[string]string{
		"2026-03-04 11:00": "2026-03-04 17:00", "2026-03-04 07:00": "2026-03-04 17:00", // before it opens
		"2026-03-04 18:00": "2026-03-05 09:00", // it is closed: the next day
	} {
		today := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
		after, actions := cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: cadence.CallBackLater, Step: -1, Date: &today}, at(t, now))
		if got := find[cadence.OpenTask](t, actions).DueBy; !got.Equal(at(t, want)) {
			t.Errorf("at %s: task by %v, want %v", now, got, want)
		}
		if want := at(t, "2026-03-05 09:00"); !after.Due.At.Equal(want) && now != "2026-03-04 18:00" {
			t.Errorf("at %s: paused until %v, want %v", now, after.Due.At, want)
		}
	}
}

// TestACallbackComesWhenThePauseEnds: on the date that the lead named, and without one when the rule's own wait is over, not at once.
func TestACallbackComesWhenThePauseEnds(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	p.OnResponse[cadence.NotNow] = cadence.Rule{Flow: cadence.FlowPause, Until: cadence.StatedDate, Else: days(90), Task: cadence.TaskCallback}
	e, now := running(t, 1)
	september := time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name     string
		date     *time.Time
		from, to time.Time
	}{
		{"named", &september, september, september.AddDate(0, 0, 1)},
		{"not named", nil, now.AddDate(0, 0, 89), now.AddDate(0, 0, 94)},
	} {
		after, actions := cadence.Decide(p, e, cadence.Responded{Kind: cadence.NotNow, Step: -1, Date: tt.date}, now)
		wantState(t, after, cadence.Paused, cadence.ReasonNotNow)
		task := find[cadence.OpenTask](t, actions)
		if task.Kind != cadence.TaskCallback || task.DueBy.Before(tt.from) || task.DueBy.After(tt.to) {
			t.Errorf("%s: %+v, want it from %s to %s", tt.name, task, tt.from, tt.to)
		}
	}
}
