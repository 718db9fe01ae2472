package cadence_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/uld"
)

var kinds = slices.Sorted(maps.Keys(cadence.DefaultRules()))

// TestPromises runs leads through random plans under random events and checks every promise after every decision.
func TestPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &shell{t: t, plan: drawPlan(t), e: pending(), now: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC), ledger: map[cadence.StepRun]string{}}
		s.e.Lead = drawLead(t)
		s.feed(cadence.Enrolled{})
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			s.happen()
		}
	})
}

// happen lets one thing happen: mostly the course of a cadence, now and then anything at all.
func (s *shell) happen() {
	s.now = s.now.Add(time.Duration(rapid.IntRange(0, 30*60).Draw(s.t, "minutes")) * time.Minute)
	switch what := rapid.IntRange(0, 11).Draw(s.t, "what"); what {
	case 0, 1, 2:
		if s.e.Due != nil && s.e.Due.At.After(s.now) {
			s.now = s.e.Due.At
		}
		s.feed(cadence.FellDue{Down: time.Duration(max(rapid.IntRange(-200, 300).Draw(s.t, "hours down"), 0)) * time.Hour})
	case 3, 4, 5:
		s.work(rapid.IntRange(0, 5).Draw(s.t, "outcome"))
	case 6, 7:
		s.feed(s.response())
	default:
		s.feed(s.anything(what))
	}
}

func (s *shell) response() cadence.Responded {
	ev := cadence.Responded{Kind: rapid.SampledFrom(kinds).Draw(s.t, "kind"), Step: -1}
	if rapid.Bool().Draw(s.t, "answers") {
		ev.Step, ev.Run = rapid.IntRange(0, 4).Draw(s.t, "step"), rapid.IntRange(1, 3).Draw(s.t, "run")
		if rapid.Bool().Draw(s.t, "in hand") {
			ev.Step, ev.Run = s.e.Step, s.e.Run
		}
	}
	if rapid.Bool().Draw(s.t, "dated") {
		date := s.now.Add(time.Duration(rapid.IntRange(-2000, 3000).Draw(s.t, "hours")) * time.Hour)
		if rapid.Bool().Draw(s.t, "whole day") {
			date = date.Truncate(24 * time.Hour)
		}
		ev.Date = &date
	}
	return ev
}

func (s *shell) anything(what int) cadence.Event {
	switch what {
	case 8:
		return cadence.Evaluated{
			Outcome: rapid.SampledFrom([]uld.Outcome{uld.Promote, uld.Nurture, uld.Nurture, uld.Close}).Draw(s.t, "verdict"),
			Missing: rapid.SliceOfN(rapid.Just("pain_points"), 0, 1).Draw(s.t, "missing"),
			Verify:  rapid.SliceOfN(rapid.Just("role"), 0, 1).Draw(s.t, "verify"),
			ByTime:  rapid.Bool().Draw(s.t, "by time"),
		}
	case 9:
		return cadence.TaskExpired{Step: s.e.Step, Run: s.e.Run}
	case 10:
		until := s.now.Add(time.Duration(rapid.IntRange(-10, 500).Draw(s.t, "pause")) * time.Hour)
		return rapid.SampledFrom([]cadence.Event{
			cadence.PausedByPerson{Until: &until},
			cadence.PausedByPerson{},
			cadence.MovedByPerson{To: "long-game"},
			cadence.ResumedByPerson{},
			cadence.ResumedByPerson{},
			cadence.StoppedByPerson{End: cadence.EndDisqualified},
			cadence.StoppedByPerson{},
		}).Draw(s.t, "order")
	}
	return rapid.SampledFrom([]cadence.Event{
		cadence.ColleagueResponded{},
		cadence.ColleagueResponded{},
		cadence.Suppressed{Scope: cadence.SuppressEmail},
		cadence.Suppressed{Scope: cadence.SuppressPhone},
		cadence.Enrolled{},
		cadence.FellDue{},
		cadence.TouchSent{Step: 99, Run: 1},
		cadence.TouchFailed{Step: -1},
		cadence.TouchRefused{Step: 99},
		cadence.TaskExpired{Step: -4},
	}).Draw(s.t, "event")
}

func drawLead(t *rapid.T) cadence.Lead {
	lead := newLead()
	lead.Email = rapid.IntRange(0, 9).Draw(t, "email") > 0
	lead.Phone = rapid.IntRange(0, 9).Draw(t, "phone") > 1
	lead.VoicemailConsent = rapid.Bool().Draw(t, "consent")
	lead.Place.Zones = rapid.SampledFrom([][]string{
		{berlin}, {"America/New_York"}, {"America/New_York", "America/Chicago"}, {"Asia/Kathmandu"}, nil,
	}).Draw(t, "zones")
	lead.Stage = rapid.SampledFrom([]cadence.Stage{
		cadence.StageInquiry, cadence.StageNurturing, cadence.StageQualified, cadence.StageRecycled, cadence.StageDisqualified, cadence.StageLost,
	}).Draw(t, "stage")
	return lead
}

func drawPlan(t *rapid.T) cadence.Plan {
	delay := rapid.SampledFrom([]calendar.Delay{{}, hours(5), days(1), days(20), business(1), business(3)})
	var steps []cadence.Step
	for i := range rapid.IntRange(1, 5).Draw(t, "steps") {
		key := string(rune('a' + i))
		after := delay.Draw(t, "after")
		build := rapid.SampledFrom([]func(string, calendar.Delay) cadence.Step{email, email, voicemail, call, call, manualEmail, pauseStep}).Draw(t, "kind")
		step := build(key, after)
		if step.Kind != cadence.StepWait && rapid.IntRange(0, 4).Draw(t, "own window") == 0 {
			step.Window = &afternoons
		}
		if step.Kind == cadence.StepCall {
			step.Overdue = rapid.SampledFrom([]cadence.OverduePolicy{cadence.OverdueAdvance, cadence.OverdueKeep, cadence.OverdueFinish}).Draw(t, "overdue")
			step.Tries = rapid.IntRange(1, 3).Draw(t, "tries")
		}
		steps = append(steps, step)
	}
	steps = append(steps, branch("fork", cadence.Branch{When: lastIs(cadence.Connected), Goto: "last"}, cadence.Branch{When: lastIs(cadence.Click), Goto: cadence.GotoEnd}),
		email("between", business(1)), email("last", days(2)))
	p := plan("drawn", steps...)
	p.Budget = rapid.IntRange(1, 7).Draw(t, "budget")
	p.Term = rapid.SampledFrom([]cadence.Term{cadence.Active, cadence.LongTerm}).Draw(t, "term")
	p.Account.Do = rapid.SampledFrom([]cadence.AccountAction{cadence.AccountContinue, cadence.AccountPause, cadence.AccountStop}).Draw(t, "account")
	p.Misfire = cadence.Misfire{
		Grace: delay.Draw(t, "grace"), Over: rapid.SampledFrom([]calendar.Delay{{}, days(3), business(5)}).Draw(t, "over"),
		Then: rapid.SampledFrom([]cadence.MisfireAction{cadence.MisfireSendLate, cadence.MisfireSkip, cadence.MisfireSpread}).Draw(t, "misfire"),
	}
	if rapid.Bool().Draw(t, "closes") {
		p.Then = cadence.Ending{Close: true}
	}
	if rapid.Bool().Draw(t, "own rules") {
		p.OnResponse[cadence.Click] = cadence.Rule{Flow: cadence.FlowResume}
		p.OnResponse[cadence.Done] = cadence.Rule{Flow: cadence.FlowResume}
		p.OnResponse[cadence.Interested] = cadence.Rule{Flow: cadence.FlowPause, Task: cadence.TaskCall} // until a person resumes it
		p.OnResponse[cadence.Gatekeeper] = cadence.Rule{Flow: cadence.FlowFinish}
		p.OnResponse[cadence.Question] = cadence.Rule{Flow: cadence.FlowMove, Move: &cadence.Move{To: "questions", Until: cadence.StatedDate}}
	}
	return p
}

// TestDecideIsTotal feeds anything to anything: broken plans, enrolments that cannot be, and events that make no sense.
func TestDecideIsTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		if rapid.Bool().Draw(t, "broken") {
			p.OnResponse, p.Then, p.CallHours = nil, cadence.Ending{}, calendar.Window{}
			p.Steps = append(p.Steps, cadence.Step{Kind: "carrier_pigeon"}, branch("loop", cadence.Branch{Goto: "a"}), cadence.Step{Kind: cadence.StepCall})
		}
		if rapid.IntRange(0, 5).Draw(t, "empty") == 0 {
			p.Steps = nil
		}
		s := &shell{t: t, plan: p, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		s.e = cadence.Enrollment{
			Lead:     drawLead(t),
			State:    rapid.SampledFrom([]cadence.State{cadence.Pending, cadence.Running, cadence.Paused, cadence.Finished, "odd"}).Draw(t, "state"),
			Attempts: rapid.IntRange(0, 8).Draw(t, "attempts"), Step: rapid.IntRange(-2, 12).Draw(t, "at"), Run: rapid.IntRange(-1, 4).Draw(t, "run of"),
			InFlight: rapid.Bool().Draw(t, "in flight"),
		}
		if rapid.Bool().Draw(t, "due") {
			s.e.Due = &cadence.Due{At: s.now}
		}
		if rapid.IntRange(0, 3).Draw(t, "wrong zone") == 0 {
			s.e.Lead.Place.Zones = []string{"Mars/Olympus"}
		}
		evs := []cadence.Event{
			nil,
			cadence.Enrolled{},
			cadence.FellDue{},
			cadence.ResumedByPerson{},
			cadence.PausedByPerson{},
			cadence.ColleagueResponded{},
			cadence.TouchSent{Step: s.e.Step, Run: s.e.Run},
			cadence.TouchUnknown{Step: s.e.Step, Run: s.e.Run},
			cadence.TouchFailed{Step: s.e.Step, Run: s.e.Run},
			cadence.TouchRefused{Step: s.e.Step, Run: s.e.Run},
			cadence.TaskExpired{Step: s.e.Step, Run: s.e.Run},
			cadence.Suppressed{Scope: cadence.SuppressAll},
			s.response(), s.anything(8), s.anything(10),
			cadence.Responded{Kind: "unheard_of", Step: s.e.Step, Run: s.e.Run},
		}
		for _, ev := range evs {
			after, actions := cadence.Decide(p, s.e, ev, s.now)
			if after.Attempts != s.e.Attempts || len(actions) > len(p.Steps)+12 {
				t.Fatalf("%#v: %+v %#v", ev, after, actions)
			}
			cadence.Why(p, after, s.now)
		}
	})
}
