package cadence_test

import (
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

const berlin = "Europe/Berlin"

var (
	weekdays   = [7]bool{false, true, true, true, true, true, false}
	everyDay   = [7]bool{true, true, true, true, true, true, true}
	office     = calendar.NewWindow(weekdays, calendar.Span{From: 9 * 60, To: 17 * 60}, nil)
	callHours  = calendar.NewWindow(everyDay, calendar.Span{From: 8 * 60, To: 21 * 60}, nil)
	afternoons = calendar.NewWindow(weekdays, calendar.Span{From: 13 * 60, To: 17 * 60}, nil)
)

func hours(n int) calendar.Delay    { return calendar.Delay{Hours: n} }
func days(n int) calendar.Delay     { return calendar.Delay{Days: n} }
func business(n int) calendar.Delay { return calendar.Delay{BusinessDays: n} }

func email(key string, after calendar.Delay) cadence.Step {
	return cadence.Step{
		Key: key, Kind: cadence.StepEmail, After: after, Tries: 1, Variants: []cadence.Variant{{Template: key}},
	}
}

func voicemail(key string, after calendar.Delay) cadence.Step {
	s := email(key, after)
	s.Kind, s.Tries = cadence.StepVoicemail, 2
	return s
}

func call(key string, after calendar.Delay) cadence.Step {
	s := email(key, after)
	s.Kind, s.Tries, s.Within, s.Overdue = cadence.StepCall, 2, business(2), cadence.OverdueAdvance
	return s
}

func manualEmail(key string, after calendar.Delay) cadence.Step {
	s := call(key, after)
	s.Kind, s.Tries = cadence.StepManualEmail, 1
	return s
}

func pauseStep(key string, after calendar.Delay) cadence.Step {
	return cadence.Step{Key: key, Kind: cadence.StepWait, After: after}
}

func branch(key string, cases ...cadence.Branch) cadence.Step {
	return cadence.Step{Key: key, Kind: cadence.StepBranch, Branches: cases}
}

func lastIs(kind cadence.ResponseKind) predicate.Predicate {
	return predicate.Predicate{Field: "last.response", Op: predicate.Is, Args: []predicate.Value{predicate.Text(string(kind))}}
}

// plan builds a checked plan of office hours and a budget of seven that moves on to the long game.
func plan(key string, steps ...cadence.Step) cadence.Plan {
	return cadence.Plan{
		Key: key, Goal: "near-term conversation", Term: cadence.Active, Window: office, CallHours: callHours, Budget: 7, Steps: steps,
		OnResponse: cadence.DefaultRules(), Account: cadence.AccountPolicy{Do: cadence.AccountPause, Pause: business(5)},
		Then: cadence.Ending{Move: &cadence.Move{To: "long-game", Else: days(30)}},
	}
}

// plans are the cadences that scenarios name.
func plans() map[string]cadence.Plan {
	firstSeven := plan("first-seven",
		email("intro", calendar.Delay{}), voicemail("hello", business(2)), call("discovery", business(1)), email("case-study", business(3)))
	firstSeven.Steps[0].Variants = []cadence.Variant{{Name: "a", Template: "intro"}, {Name: "b", Template: "intro-question"}}

	callFirst := plan("call-first", call("discovery", calendar.Delay{}), email("thanks", business(1)))
	callFirst.Then = cadence.Ending{Close: true}

	patient := plan("patient-call", call("discovery", calendar.Delay{}), email("thanks", business(1)))
	patient.Steps[0].Overdue = cadence.OverdueKeep

	strict := plan("strict-call", call("discovery", calendar.Delay{}), email("thanks", business(1)))
	strict.Steps[0].Overdue = cadence.OverdueFinish
	strict.Account = cadence.AccountPolicy{Do: cadence.AccountStop}

	forked := plan("forked",
		call("discovery", calendar.Delay{}),
		branch("how-it-went",
			cadence.Branch{When: lastIs(cadence.Connected), Goto: "summary"},
			cadence.Branch{When: lastIs(cadence.Gatekeeper), Goto: cadence.GotoEnd}),
		pauseStep("rest", days(3)), email("missed-you", calendar.Delay{}), manualEmail("summary", business(1)))
	forked.Account = cadence.AccountPolicy{Do: cadence.AccountContinue}

	longGame := plan("long-game", email("quarterly", days(90)), call("half-year", days(90)), email("year", days(180)))
	longGame.Term = cadence.LongTerm
	longGame.Then = cadence.Ending{Move: &cadence.Move{To: "first-seven"}}

	all := map[string]cadence.Plan{}
	for _, p := range []cadence.Plan{firstSeven, callFirst, patient, strict, forked, longGame} {
		all[p.Key] = p
	}
	return all
}

// newLead gives a lead in Berlin that can be reached in every way.
func newLead() cadence.Lead {
	return cadence.Lead{
		ID: 1, Key: "lead-1", Place: calendar.Place{Zones: []string{berlin}, Country: "DE"},
		Email: true, Phone: true, VoicemailConsent: true, Stage: cadence.StageInquiry,
	}
}

func pending() cadence.Enrollment {
	return cadence.Enrollment{ID: 1, Lead: newLead(), State: cadence.Pending, Reason: cadence.ReasonEnrolled, Cycle: 1, Run: 1}
}

// at reads a Berlin wall clock: "2026-03-02 09:00", a Monday.
func at(t testing.TB, clock string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(berlin)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", clock, loc)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

func TestPlansOfTheTestsAreSound(t *testing.T) {
	t.Parallel()
	for _, p := range plans() {
		if problems := p.Check(); len(problems) > 0 {
			t.Errorf("%s: %v", p.Key, problems)
		}
	}
	if problems := cadence.CheckPlans(plans()); len(problems) > 0 {
		t.Error(problems)
	}
}
