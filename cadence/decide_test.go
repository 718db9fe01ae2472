package cadence_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// running gives an enrolment that waits for a step, due now.
func running(t *testing.T, step int) (cadence.Enrollment, time.Time) {
	t.Helper()
	now := at(t, "2026-03-02 10:00")
	e := pending()
	e.State, e.Step, e.Lead.Stage = cadence.Running, step, cadence.StageNurturing
	e.Due = &cadence.Due{Intent: calendar.IntentOf(now, berlin), At: now, Reason: cadence.ReasonStepDelay}
	return e, now
}

func pausedFor(t *testing.T, reason cadence.Reason) (cadence.Enrollment, time.Time) {
	t.Helper()
	e, now := running(t, 1)
	e.State, e.Reason = cadence.Paused, reason
	e.Due.At, e.Due.Reason = now.Add(48*time.Hour), reason
	return e, now
}

// find gives the only action of its type.
func find[A cadence.Action](t *testing.T, actions []cadence.Action) A {
	t.Helper()
	var found []A
	for _, a := range actions {
		if a, ok := a.(A); ok {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		t.Fatalf("want one %T in %#v", *new(A), actions)
	}
	return found[0]
}

func has[A cadence.Action](actions []cadence.Action) bool {
	for _, a := range actions {
		if _, ok := a.(A); ok {
			return true
		}
	}
	return false
}

func wantState(t *testing.T, e cadence.Enrollment, state cadence.State, reason cadence.Reason) {
	t.Helper()
	if e.State != state || e.Reason != reason {
		t.Errorf("got %s (%s), want %s (%s)", e.State, e.Reason, state, reason)
	}
}

func wantUnchanged(t *testing.T, before, after cadence.Enrollment, actions []cadence.Action) {
	t.Helper()
	if diff := cmp.Diff(before, after); diff != "" || len(actions) > 0 {
		t.Errorf("changed: %s\n%#v", diff, actions)
	}
}

// K2: whatever an older alarm or another enrolment says, nothing leaves for a lead that has ended or that sales has.
func TestNothingLeavesForALeadThatEndedOrWasHandedOff(t *testing.T) {
	t.Parallel()
	tests := []struct {
		change func(*cadence.Lead)
		want   cadence.Reason
	}{
		{func(l *cadence.Lead) { l.Ended = cadence.EndOptedOut }, cadence.ReasonEnded},
		{func(l *cadence.Lead) { l.Stage = cadence.StageHandedOff }, cadence.ReasonPromoted},
		{func(l *cadence.Lead) { l.Stage = cadence.StageAccepted }, cadence.ReasonPromoted},
		{func(l *cadence.Lead) { l.Stage = cadence.StageOpportunity }, cadence.ReasonPromoted},
	}
	for _, tt := range tests {
		e, now := running(t, 0)
		tt.change(&e.Lead)
		paused, fresh := e, pending()
		paused.State = cadence.Paused
		tt.change(&fresh.Lead)
		for _, c := range []struct {
			e  cadence.Enrollment
			ev cadence.Event
		}{{e, cadence.FellDue{}}, {paused, cadence.ResumedByPerson{}}, {fresh, cadence.Enrolled{}}, {e, cadence.Evaluated{Outcome: uld.Promote}}} {
			after, actions := cadence.Decide(plans()["first-seven"], c.e, c.ev, now)
			wantState(t, after, cadence.Finished, tt.want)
			if has[cadence.PlanTouch](actions) || has[cadence.HandOff](actions) || has[cadence.EndLead](actions) {
				t.Errorf("%#v: got %#v", c.ev, actions)
			}
		}
	}
}

func TestBranchesLookAtFieldsAndAttempts(t *testing.T) {
	t.Parallel()
	when := func(field string, v predicate.Value) predicate.Predicate {
		return predicate.Predicate{Field: field, Op: predicate.AtLeast, Args: []predicate.Value{v}}
	}
	p := plan("sized", branch("size",
		cadence.Branch{When: when("account.employees", predicate.Number(500)), Goto: "big"},
		cadence.Branch{When: when("cycle.attempts", predicate.Number(5)), Goto: "late"}),
		email("small", days(1)), email("big", days(1)), email("late", days(1)))
	tests := []struct {
		employees float64
		attempts  int
		want      int
	}{{900, 0, 2}, {900, 6, 2}, {20, 6, 3}, {20, 0, 1}, {0, 0, 1}}
	for _, tt := range tests {
		e, now := running(t, 0)
		e.Attempts = tt.attempts
		if tt.employees > 0 {
			e.Lead.Fields = map[string]predicate.Value{"account.employees": predicate.Number(tt.employees)}
		}
		after, _ := cadence.Decide(p, e, cadence.FellDue{}, now)
		if after.Step != tt.want {
			t.Errorf("%+v: got step %d", tt, after.Step)
		}
	}
}

func TestVoiceIsHeldWhileTheZoneIsNotCertain(t *testing.T) {
	t.Parallel()
	tests := []struct {
		zones   []string
		assumed bool
		want    cadence.Reason // "" plans the call
	}{
		{zones: []string{berlin, "Europe/Paris"}},
		{zones: []string{"America/New_York", "Asia/Tokyo"}, want: cadence.ReasonUnknownZone}, // no working hour in common
		{zones: []string{"Mars/Olympus"}, want: cadence.ReasonUnknownZone},
		{want: cadence.ReasonUnknownZone},
		{zones: []string{berlin}, assumed: true, want: cadence.ReasonUnknownZone}, // the operator's
	}
	p := plan("calls", call("discovery", calendar.Delay{}), email("thanks", days(1)))
	for _, tt := range tests {
		e, now := running(t, 0)
		e.Lead.Place.Zones, e.Lead.ZoneAssumed = tt.zones, tt.assumed
		after, actions := cadence.Decide(p, e, cadence.FellDue{}, now)
		if tt.want == "" {
			find[cadence.PlanTouch](t, actions)
			continue
		}
		if got := find[cadence.SkipTouch](t, actions); got.Reason != tt.want || after.Step != 1 || after.Due == nil {
			t.Errorf("%v: got %+v, %+v", tt.zones, got, after)
		}
		// Mail is not held: it goes at a working hour of the likeliest zone.
		after, actions = cadence.Decide(p, after, cadence.FellDue{}, after.Due.At)
		if !after.InFlight || find[cadence.PlanTouch](t, actions).Channel != cadence.ChannelEmail {
			t.Errorf("%v: mail is held: %+v", tt.zones, after)
		}
	}
}

func TestAWindowThatNeverOpensSkipsTheStep(t *testing.T) {
	t.Parallel()
	p := plan("closed", email("intro", calendar.Delay{}), call("discovery", calendar.Delay{}), email("thanks", calendar.Delay{BusinessDays: 1, Hours: 1}))
	p.Window = calendar.Window{}
	e, now := running(t, 0)
	after, actions := cadence.Decide(p, e, cadence.FellDue{}, now)
	if len(actions) != 2 || after.Step != 2 {
		t.Fatalf("got %#v, %+v", actions, after)
	}
	for _, a := range actions {
		if a, ok := a.(cadence.SkipTouch); !ok || a.Reason != cadence.ReasonOutsideWindow {
			t.Errorf("got %#v", a)
		}
	}
	if want := now.Add(25 * time.Hour); !after.Due.At.Equal(want) {
		t.Errorf("due %v, want %v", after.Due.At, want)
	}
}

func TestBudgetEndsThePlan(t *testing.T) {
	t.Parallel()
	e, now := running(t, 1)
	e.Attempts = 7
	after, actions := cadence.Decide(plans()["first-seven"], e, cadence.FellDue{}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonBudgetSpent)
	if got := find[cadence.EnrollIn](t, actions); got.Cadence != "long-game" || got.Reason != cadence.ReasonBudgetSpent {
		t.Errorf("got %+v", got)
	}
	e.Step = 2
	e.InFlight, e.Due = true, nil
	after, _ = cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: cadence.NoAnswer, Step: 2, Run: 1}, now)
	if after.Step != 3 {
		t.Errorf("a retry without budget: %+v", after)
	}
}

func TestUnknownAndFailedTouchesGoOn(t *testing.T) {
	t.Parallel()
	e, now := running(t, 0)
	e.InFlight, e.Due = true, nil
	after, actions := cadence.Decide(plans()["first-seven"], e, cadence.TouchUnknown{Step: 0, Run: 1}, now)
	if after.Step != 1 || after.Due == nil || len(actions) > 0 {
		t.Errorf("unknown: %+v %#v", after, actions)
	}
	after, _ = cadence.Decide(plans()["first-seven"], e, cadence.TouchFailed{Step: 0, Run: 1, Reason: cadence.ReasonTemplate}, now)
	if after.Step != 1 || after.Due.Reason != cadence.ReasonTemplate {
		t.Errorf("failed: %+v", after)
	}
	after, _ = cadence.Decide(plans()["first-seven"], e, cadence.TouchFailed{Step: 0, Run: 1}, now)
	if after.Due.Reason != cadence.ReasonProviderRefused {
		t.Errorf("failed: %+v", after)
	}
	e.State, e.InFlight = cadence.Finished, false
	after, actions = cadence.Decide(plans()["first-seven"], e, cadence.TouchFailed{Step: 0, Run: 1}, now)
	wantUnchanged(t, e, after, actions)
}

func TestATaskFiledTooLateIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, state := range []cadence.State{cadence.Paused, cadence.Finished} {
		e, now := running(t, 2)
		e.State, e.Reason, e.Due = state, cadence.ReasonByPerson, nil
		after, actions := cadence.Decide(plans()["first-seven"], e, cadence.TouchSent{Step: 2, Run: 1}, now)
		wantUnchanged(t, e, after, nil)
		want := cadence.CancelOpen{Only: &cadence.StepRun{Step: 2, Run: 1}, Reason: cadence.ReasonByPerson}
		if got := find[cadence.CancelOpen](t, actions); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v", state, got)
		}
	}
}

func TestPeopleOrders(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 1)

	paused, actions := cadence.Decide(p, e, cadence.PausedByPerson{}, now)
	wantState(t, paused, cadence.Paused, cadence.ReasonByPerson)
	find[cadence.CancelOpen](t, actions)
	review := find[cadence.OpenTask](t, actions)
	if paused.Due != nil || review.Kind != cadence.TaskReview || !review.Dated || review.DueBy.Before(now.AddDate(0, 0, 27)) {
		t.Errorf("got %+v, asked to look after it: %+v", paused.Due, review)
	}
	for _, ev := range []cadence.Event{
		cadence.FellDue{}, cadence.Responded{Kind: cadence.OutOfOffice, Step: -1}, cadence.ColleagueResponded{}, cadence.Responded{Kind: cadence.Interested, Step: -1},
	} {
		after, _ := cadence.Decide(p, paused, ev, now.Add(time.Hour))
		wantState(t, after, cadence.Paused, cadence.ReasonByPerson)
	}
	past := now.Add(-time.Hour)
	after, _ := cadence.Decide(p, e, cadence.PausedByPerson{Until: &past}, now)
	if !after.Due.At.Equal(now) {
		t.Errorf("a pause until a past date ends at %v", after.Due.At)
	}
	after, actions = cadence.Decide(p, paused, cadence.ResumedByPerson{}, now)
	wantState(t, after, cadence.Running, cadence.ReasonResumed)
	if len(actions) != 1 || find[cadence.CancelOpen](t, actions).Kind != cadence.TaskReview || after.Due == nil || !after.Due.At.Equal(now) { // the touch waits for capacity like any other
		t.Errorf("resumed: %+v %#v", after, actions)
	}
	_, actions = cadence.Decide(p, after, cadence.FellDue{}, now)
	find[cadence.PlanTouch](t, actions)

	after, actions = cadence.Decide(p, e, cadence.ResumedByPerson{}, now)
	wantUnchanged(t, e, after, actions)

	after, actions = cadence.Decide(p, paused, cadence.StoppedByPerson{End: cadence.EndNotInterested}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonByPerson)
	if find[cadence.EndLead](t, actions).End != cadence.EndNotInterested || find[cadence.MoveStage](t, actions).To != cadence.StageDisqualified {
		t.Errorf("got %#v", actions)
	}
	finished := after
	after, actions = cadence.Decide(p, e, cadence.StoppedByPerson{}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonByPerson)
	find[cadence.EnrollIn](t, actions)

	for _, ev := range []cadence.Event{cadence.PausedByPerson{}, cadence.StoppedByPerson{}, cadence.ResumedByPerson{}, cadence.FellDue{}} {
		after, actions = cadence.Decide(p, finished, ev, now)
		wantUnchanged(t, finished, after, actions)
	}
}

func TestSuppressedElsewhere(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 2)
	e.InFlight, e.Due = true, nil

	after, actions := cadence.Decide(p, e, cadence.Suppressed{}, now)
	wantUnchanged(t, e, after, actions)

	after, actions = cadence.Decide(p, e, cadence.Suppressed{Scope: cadence.SuppressPhone}, now)
	if after.Step != 3 || after.Lead.Phone || find[cadence.CancelOpen](t, actions).Only == nil {
		t.Errorf("phone: %+v %#v", after, actions)
	}
	after, actions = cadence.Decide(p, e, cadence.Suppressed{Scope: cadence.SuppressEmail}, now)
	if after.Step != 2 || !after.InFlight || after.Lead.Email || len(actions) > 0 {
		t.Errorf("email: %+v %#v", after, actions)
	}
	after, actions = cadence.Decide(p, e, cadence.Suppressed{Scope: cadence.SuppressAll}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonOptedOut)
	if find[cadence.EndLead](t, actions).End != cadence.EndOptedOut {
		t.Errorf("all: %#v", actions)
	}
	after, actions = cadence.Decide(p, after, cadence.Suppressed{Scope: cadence.SuppressAll}, now)
	if after.State != cadence.Finished || len(actions) > 0 {
		t.Errorf("again: %#v", actions)
	}
	e.Step = 3 // the last step's task loses its address: the plan is over, with what follows
	p.Steps[3] = manualEmail("case-study", business(3))
	after, actions = cadence.Decide(p, e, cadence.Suppressed{Scope: cadence.SuppressEmail}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonExhausted)
	find[cadence.EnrollIn](t, actions)
}

func TestAccountPolicy(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 1)
	after, actions := cadence.Decide(p, e, cadence.ColleagueResponded{}, now)
	wantState(t, after, cadence.Paused, cadence.ReasonColleague)
	find[cadence.CancelOpen](t, actions)
	if want := at(t, "2026-03-09 10:00"); !after.Due.At.Equal(want) {
		t.Errorf("due %v, want %v", after.Due.At, want)
	}
	p.Account.Pause = calendar.Delay{}
	if after, _ = cadence.Decide(p, e, cadence.ColleagueResponded{}, now); after.Due == nil {
		t.Error("an account pause without length must not last for ever")
	}
	p.Account.Do = cadence.AccountContinue
	after, actions = cadence.Decide(p, e, cadence.ColleagueResponded{}, now)
	wantUnchanged(t, e, after, actions)
	p.Account.Do = cadence.AccountStop
	after, actions = cadence.Decide(p, e, cadence.ColleagueResponded{}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonColleagueStopped)
	find[cadence.EnrollIn](t, actions)
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 1)

	after, actions := cadence.Decide(p, e, cadence.Evaluated{Outcome: uld.Close}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonDisqualified)
	if find[cadence.EndLead](t, actions).End != cadence.EndDisqualified || find[cadence.MoveStage](t, actions).To != cadence.StageDisqualified {
		t.Errorf("close: %#v", actions)
	}
	again, more := cadence.Decide(p, after, cadence.Evaluated{Outcome: uld.Close}, now)
	wantUnchanged(t, after, again, more)

	after, actions = cadence.Decide(p, e, cadence.Evaluated{Outcome: uld.Nurture, Verify: []string{"role", "need"}}, now)
	wantUnchanged(t, e, after, nil)
	if task := find[cadence.OpenTask](t, actions); task.Kind != cadence.TaskVerify || len(task.Ask) != 2 || !task.DueBy.Equal(at(t, "2026-03-03 10:00")) {
		t.Errorf("verify: %+v", task)
	}
	// Sales has turned it down, and nobody has confirmed anything since.
	after, actions = cadence.Decide(p, e, cadence.Evaluated{Outcome: uld.Promote, Declined: true}, now)
	wantUnchanged(t, e, after, actions)
	// A late answer on a finished enrolment of a lead that nobody has handed off yet.
	late := e
	late.State, late.Reason, late.Due = cadence.Finished, cadence.ReasonExhausted, nil
	after, actions = cadence.Decide(p, late, cadence.Evaluated{Outcome: uld.Promote}, now)
	if after.Reason != cadence.ReasonExhausted || len(find[cadence.HandOff](t, actions).Missing) > 0 || has[cadence.CancelOpen](actions) {
		t.Errorf("late: %+v %#v", after, actions)
	}
	after, actions = cadence.Decide(p, late, cadence.Evaluated{Outcome: uld.Promote, Missing: []string{"pain_points"}}, now)
	if after.State != cadence.Finished || len(find[cadence.HandOff](t, actions).Missing) != 1 {
		t.Errorf("late with holes: %+v %#v", after, actions)
	}
	for stage, end := range map[cadence.Stage]cadence.EndReason{cadence.StageWon: cadence.EndWon, cadence.StageLost: cadence.EndLost} {
		sold := e
		sold.Lead.Stage = stage
		after, actions = cadence.Decide(p, sold, cadence.Evaluated{Outcome: uld.Promote}, now)
		if after.State != cadence.Finished || has[cadence.HandOff](actions) || find[cadence.EndLead](t, actions).End != end {
			t.Errorf("%s: %+v %#v", stage, after, actions)
		}
	}
}

func TestEnrolledSchedulesTheFirstStep(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-03-06 18:00") // Friday evening
	later := at(t, "2026-04-01 12:00")
	tests := []struct {
		after     calendar.Delay
		notBefore *time.Time
		want      string
		reason    cadence.Reason
	}{
		{calendar.Delay{}, nil, "2026-03-09 09:00", cadence.ReasonOutsideWindow},
		{calendar.Delay{}, &later, "2026-04-01 12:00", cadence.ReasonEnrolled},
		{hours(3), &later, "2026-04-01 15:00", cadence.ReasonStepDelay},
		{business(2), nil, "2026-03-11 09:00", cadence.ReasonStepDelay},
	}
	for _, tt := range tests {
		p := plan("p", email("intro", tt.after))
		after, _ := cadence.Decide(p, pending(), cadence.Enrolled{NotBefore: tt.notBefore}, now)
		if after.Due == nil || !after.Due.At.Equal(at(t, tt.want)) || after.Due.Reason != tt.reason {
			t.Errorf("%v: got %+v, want %s (%s)", tt.after, after.Due, tt.want, tt.reason)
		}
		again, actions := cadence.Decide(p, after, cadence.Enrolled{}, now)
		wantUnchanged(t, after, again, actions)
	}
	empty := plan("empty")
	after, _ := cadence.Decide(empty, pending(), cadence.Enrolled{}, now)
	wantState(t, after, cadence.Finished, cadence.ReasonExhausted)
}

// TestTimeAsksAPerson: what time alone made ready is asked about by a call, due when the lead is not to be left alone any more, in a cadence or between two.
func TestTimeAsksAPerson(t *testing.T) {
	t.Parallel()
	p := plans()["first-seven"]
	e, now := running(t, 1)
	ripe := cadence.Evaluated{Outcome: uld.Nurture, Verify: []string{"when"}, ByTime: true}
	named := at(t, "2026-05-04 00:00")
	over := e
	over.State, over.Due = cadence.Finished, nil
	ended, sold := over, over
	ended.Lead.Ended, sold.Lead.Stage = cadence.EndExhausted, cadence.StageAccepted
	rests, _ := pausedFor(t, cadence.ReasonOutOfOffice)
	rests.Due.At = now.AddDate(0, 1, 0)
	for name, c := range map[string]struct {
		e     cadence.Enrollment
		named *time.Time
		asked bool
		from  time.Time
	}{
		"in a cadence":        {e, nil, true, now},
		"between two":         {over, nil, true, now},
		"over":                {ended, nil, false, now},
		"with sales":          {sold, nil, false, now},
		"it named a day":      {e, &named, true, named.Add(-2 * time.Hour)}, // the day begins in Berlin
		"a day that is past":  {e, new(now.AddDate(0, 0, -3)), true, now},
		"it rests":            {rests, nil, true, rests.Due.At},
		"it rests until then": {rests, &named, true, named.Add(-2 * time.Hour)},
	} {
		ev := ripe
		ev.Named = c.named
		after, actions := cadence.Decide(p, c.e, ev, now)
		if diff := cmp.Diff(c.e, after); diff != "" {
			t.Errorf("%s: the enrolment changes:\n%s", name, diff)
		}
		if !c.asked {
			if len(actions) != 0 {
				t.Errorf("%s: %#v", name, actions)
			}
			continue
		}
		task := find[cadence.OpenTask](t, actions)
		if task.Kind != cadence.TaskVerify || task.Reason != cadence.ReasonTime || task.DueBy.Before(c.from) || task.DueBy.After(c.from.AddDate(0, 0, 4)) {
			t.Errorf("%s: %+v, want it due from %v on", name, task, c.from)
		}
	}
}
