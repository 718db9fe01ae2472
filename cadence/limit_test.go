package cadence_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

func TestCallRoom(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	ago := func(hours ...int) (made []time.Time) {
		for _, h := range hours {
			made = append(made, now.Add(-time.Duration(h)*time.Hour))
		}
		return made
	}
	for name, c := range map[string]struct {
		made []time.Time
		most int
		want time.Duration // until there is room
	}{
		"none":                        {nil, 1, 0},
		"no cap":                      {ago(1, 2, 3), 0, 0},
		"one of two":                  {ago(1), 2, 0},
		"full":                        {ago(20, 1, 3), 3, 4 * time.Hour},
		"more than full, in disorder": {ago(1, 20, 2, 3, 10), 3, 21 * time.Hour},
		"just left":                   {ago(24), 1, 0},
		"another clock ahead":         {ago(-1), 1, 25 * time.Hour},
	} {
		if got := cadence.CallRoom(c.made, c.most, now).Sub(now); got != c.want {
			t.Errorf("%s: room in %v, want %v", name, got, c.want)
		}
	}
}

// TestCallLimitPutsOff: a refused call waits until its number has room, in the window, and spends nothing.
func TestCallLimitPutsOff(t *testing.T) {
	t.Parallel()
	p := plan("p", voicemail("a", calendar.Delay{}))
	e, now := inFlight(t, p)
	again := now.Add(24 * time.Hour)
	after, actions := cadence.Decide(p, e, cadence.TouchRefused{Step: 0, Run: e.Run, Reason: cadence.ReasonCallLimit, Again: again}, now)
	if after.State != cadence.Running || after.Step != 0 || after.InFlight || after.Attempts != e.Attempts || len(actions) > 0 {
		t.Fatalf("%+v %#v", after, actions)
	}
	if after.Due == nil || after.Due.Reason != cadence.ReasonCallLimit || after.Due.At.Before(again) || !p.Window.Allows(e.Lead.Place, after.Due.At) {
		t.Errorf("it goes on at %+v, want from %v on", after.Due, again)
	}
	if x := cadence.Why(p, after, now); x.Reason != cadence.ReasonCallLimit || x.Sentence == "" {
		t.Errorf("why: %+v", x)
	}
}

// inFlight gives an enrolment whose first touch is planned, and when it was.
func inFlight(t *testing.T, p cadence.Plan) (cadence.Enrollment, time.Time) {
	t.Helper()
	now := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	e, _ := cadence.Decide(p, pending(), cadence.Enrolled{}, now)
	e, actions := cadence.Decide(p, e, cadence.FellDue{}, e.Due.At)
	if !e.InFlight || len(actions) != 1 {
		t.Fatalf("%+v %#v", e, actions)
	}
	return e, now
}

// TestFrequencyHolds runs leads with random histories through random plans with a cap: no span of Per ever holds more than so many touches, a
// touch is put off and never dropped, and it is due as soon as there is room and the window opens.
func TestFrequencyHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		p.Budget, p.OnResponse = 100, nil
		p.Frequency = cadence.Frequency{
			Touches: rapid.IntRange(1, 4).Draw(t, "touches"), Per: time.Duration(rapid.IntRange(1, 30).Draw(t, "days")) * 24 * time.Hour,
		}
		now := time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)
		made := drawHistory(t, p.Frequency, now)
		e := pending()
		e.Lead = drawLead(t)
		e.Lead.Recent = made
		e, _ = cadence.Decide(p, e, cadence.Enrolled{}, now)
		for e.State == cadence.Running {
			var actions []cadence.Action
			if e.Due == nil {
				t.Fatalf("neither due nor in flight: %+v", e)
			}
			now = e.Due.At.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "late")) * time.Hour)
			e.Lead.Recent = made
			e, actions = cadence.Decide(p, e, cadence.FellDue{}, now)
			for _, a := range actions {
				touch, planned := a.(cadence.PlanTouch)
				if !planned {
					continue
				}
				now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "until it left")) * time.Minute)
				made = append(made[:len(made):len(made)], now)
				checkSpans(t, p.Frequency, made)
				e.Attempts++
				e, _ = cadence.Decide(p, e, cadence.TouchSent{Step: touch.Step, Run: touch.Run}, now)
				if e.InFlight { // a task, which somebody then does
					e, _ = cadence.Decide(p, e, cadence.Responded{Kind: cadence.LeftVoicemail, Step: touch.Step, Run: touch.Run}, now)
				}
			}
			if e.Due != nil && e.Due.Reason == cadence.ReasonFrequency && e.Due.At.Before(p.Frequency.Room(made, now)) {
				t.Fatalf("due at %v, when there is no room", e.Due.At)
			}
		}
	})
}

// drawHistory draws touches of earlier cadences that keep the cap, in any order.
func drawHistory(t *rapid.T, f cadence.Frequency, now time.Time) []time.Time {
	var made []time.Time
	at := now.Add(-2 * f.Per)
	for {
		at = f.Room(made, at.Add(time.Duration(rapid.IntRange(1, 24*40).Draw(t, "hours before"))*time.Hour))
		if at.After(now) {
			break
		}
		made = append(made, at)
	}
	if len(made) == 0 {
		return nil
	}
	return rapid.Permutation(made).Draw(t, "history")
}

// checkSpans checks that no span holds more touches than the cap allows.
func checkSpans(t *rapid.T, f cadence.Frequency, made []time.Time) {
	for _, from := range made {
		n := 0
		for _, at := range made {
			if !at.Before(from) && at.Before(from.Add(f.Per)) {
				n++
			}
		}
		if n > f.Touches {
			t.Fatalf("%d touches within %v from %v on, allowed are %d", n, f.Per, from, f.Touches)
		}
	}
}
