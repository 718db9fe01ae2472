package cadence_test

import (
	"fmt"
	"testing"
	"time"

	"nurture/cadence"
)

// late gives a plan with a misfire policy, and an enrolment whose second step fell due that long ago, on a Monday at ten.
func late(t *testing.T, then cadence.MisfireAction, by time.Duration) (cadence.Plan, cadence.Enrollment, time.Time) {
	t.Helper()
	p := plan("late", email("intro", days(0)), email("second", days(3)), email("third", days(3)))
	p.Misfire = cadence.Misfire{Grace: days(2), Then: then, Over: business(5)}
	e, due := running(t, 1)
	return p, e, due.Add(by)
}

func TestMisfire(t *testing.T) {
	t.Parallel()
	week := 7 * 24 * time.Hour
	for _, c := range []struct {
		name  string
		then  cadence.MisfireAction
		down  time.Duration
		plans bool
		skips bool
	}{
		{"late by capacity alone is sent", cadence.MisfireSkip, 0, true, false},
		{"within grace it is sent", cadence.MisfireSkip, 47 * time.Hour, true, false},
		{"beyond it is left out", cadence.MisfireSkip, week, false, true},
		{"sent late", cadence.MisfireSendLate, week, true, false},
		{"no policy", "", week, true, false},
	} {
		p, e, now := late(t, c.then, week)
		then, actions := cadence.Decide(p, e, cadence.FellDue{Down: c.down}, now)
		if has[cadence.PlanTouch](actions) != c.plans || has[cadence.SkipTouch](actions) != c.skips {
			t.Errorf("%s: %+v", c.name, actions)
		}
		if !c.skips {
			continue
		}
		if skip := find[cadence.SkipTouch](t, actions); skip.Reason != cadence.ReasonMisfired || skip.Step != 1 {
			t.Errorf("%s: %+v", c.name, skip)
		}
		if then.Step != 2 || then.Due == nil || !then.Due.At.After(now.Add(2*24*time.Hour)) {
			t.Errorf("%s: the next step is %+v, want its own wait from now on", c.name, then)
		}
	}
}

// TestMisfireSkipsOneTouch: a step that follows without a wait was not late.
func TestMisfireSkipsOneTouch(t *testing.T) {
	t.Parallel()
	p, e, now := late(t, cadence.MisfireSkip, 7*24*time.Hour)
	p.Steps[2].After = days(0)
	_, actions := cadence.Decide(p, e, cadence.FellDue{Down: 7 * 24 * time.Hour}, now)
	if find[cadence.SkipTouch](t, actions).Step != 1 || find[cadence.PlanTouch](t, actions).Step != 2 {
		t.Errorf("%+v", actions)
	}
}

// TestMisfireSpreads deals leads over the days of the span, and each of them once.
func TestMisfireSpreads(t *testing.T) {
	t.Parallel()
	week := 7 * 24 * time.Hour
	perDay := map[string]int{}
	for i := range 1000 {
		p, e, now := late(t, cadence.MisfireSpread, week)
		e.Lead.Key = fmt.Sprintf("lead-%d", i)
		then, actions := cadence.Decide(p, e, cadence.FellDue{Down: week}, now)
		if has[cadence.PlanTouch](actions) {
			perDay["today"]++
			continue
		}
		if then.Due == nil || then.Due.Reason != cadence.ReasonMisfired || then.InFlight || len(actions) != 0 {
			t.Fatalf("%+v %+v", then, actions)
		}
		perDay[then.Due.At.Format(time.DateOnly)]++
		if _, actions = cadence.Decide(p, then, cadence.FellDue{}, then.Due.At); !has[cadence.PlanTouch](actions) {
			t.Fatalf("on its day: %+v", actions)
		}
	}
	if len(perDay) != 5 {
		t.Errorf("the days are %v, want five", perDay)
	}
	for day, n := range perDay {
		if n < 150 || n > 250 {
			t.Errorf("%s has %d of 1,000", day, n)
		}
	}
}

// TestMisfireKeepsPromises: a pause that ended in the outage leads to the touch that it put off, however late.
func TestMisfireKeepsPromises(t *testing.T) {
	t.Parallel()
	p, _, _ := late(t, cadence.MisfireSkip, 0)
	e, now := pausedFor(t, cadence.ReasonStatedDate)
	now = now.Add(14 * 24 * time.Hour)
	if _, actions := cadence.Decide(p, e, cadence.FellDue{Down: 10 * 24 * time.Hour}, now); !has[cadence.PlanTouch](actions) {
		t.Errorf("%+v", actions)
	}
}

func TestDown(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	h := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Hour) }
	outages := []cadence.Outage{
		{From: h(10), Until: h(20)}, {Mailbox: "a@x.example", From: h(15), Until: h(30)}, {From: h(40), Until: h(50)}, {From: h(42), Until: h(44)},
	}
	for _, c := range []struct {
		mailbox  string
		due, now int
		want     int
	}{
		{"", 0, 5, 0},
		{"", 0, 60, 20},
		{"", 12, 60, 18},
		{"", 20, 40, 0},
		{"", 45, 60, 5},
		{"", 0, 15, 5},
		{"a@x.example", 0, 60, 30},
		{"a@x.example", 25, 35, 5},
		{"b@x.example", 0, 60, 20},
	} {
		if got := cadence.Down(outages, c.mailbox, h(c.due), h(c.now)); got != time.Duration(c.want)*time.Hour {
			t.Errorf("%q from %d to %d: %v, want %d h", c.mailbox, c.due, c.now, got, c.want)
		}
	}
}
