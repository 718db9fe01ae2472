package cadence_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// before is the plan that the leads of these tests began with.
func before() cadence.Plan {
	return plan("p", email("a", calendar.Delay{}), voicemail("b", business(2)), call("c", business(2)), email("d", business(3)))
}

func steps(all ...cadence.Step) func(*cadence.Plan) {
	return func(p *cadence.Plan) { p.Steps = all }
}

// TestCarry: a lead that was sent "a" on Monday 10:00 and waits for "b" on Wednesday, unless said otherwise.
func TestCarry(t *testing.T) {
	t.Parallel()
	a, b, c, d := before().Steps[0], before().Steps[1], before().Steps[2], before().Steps[3]
	rename := func(s cadence.Step, key string) cadence.Step { s.Key = key; return s }
	later := func(s cadence.Step, after calendar.Delay) cadence.Step { s.After = after; return s }
	inFlight := func(e *cadence.Enrollment) { e.InFlight, e.Due = true, nil }
	atStep := func(n int) func(*cadence.Enrollment) { return func(e *cadence.Enrollment) { e.Step = n } }
	for name, tt := range map[string]struct {
		policy cadence.OnChange // "" is to move
		change func(*cadence.Plan)
		stands func(*cadence.Enrollment)
		hand   cadence.Hand
		step   int
		due    string // of the step in hand; "" when it is in flight
		cancel bool
		stay   cadence.Stay
	}{
		"a longer wait is counted from the last touch":              {change: steps(a, later(b, business(4)), c, d), step: 1, due: "2026-03-06 10:00"},
		"a shorter wait that is over already":                       {change: steps(a, later(b, hours(1)), c, d), step: 1, due: "2026-03-03 12:00"},
		"a change ahead leaves the appointment":                     {change: steps(a, b, later(c, business(9)), d), step: 1, due: "2026-03-04 10:00"},
		"an added step comes first":                                 {change: steps(a, email("x", business(1)), b, c, d), step: 1, due: "2026-03-03 12:00"},
		"an added step behind is not made up for":                   {change: steps(email("x", business(1)), a, b, c, d), step: 2, due: "2026-03-04 10:00"},
		"an added step that it was sent long ago is not made again": {change: steps(a, email("gone", business(1)), b, c, d), step: 2, due: "2026-03-04 10:00"},
		"a step that it was sent long ago comes back too late":      {change: steps(a, b, c, email("gone", business(1)), d), stay: cadence.StayReordered},
		"the step in hand is gone":                                  {change: steps(a, c, d), step: 1, due: "2026-03-04 10:00"},
		"a step behind is gone":                                     {change: steps(b, c, d), step: 0, due: "2026-03-04 10:00"},
		"all that was ahead is gone":                                {change: steps(a), step: 1, due: "2026-03-03 12:00"},
		"the other steps change places":                             {change: steps(a, b, d, c), step: 1, due: "2026-03-04 10:00"},
		"a step is moved across":                                    {change: steps(a, c, b, d), stands: atStep(2), stay: cadence.StayReordered},
		"another window":                                            {change: func(p *cadence.Plan) { p.Window = afternoons }, step: 1, due: "2026-03-04 13:00"},
		"a renamed step is known by its neighbours":                 {change: steps(a, rename(b, "z"), c, d), stands: inFlight, hand: cadence.HandTask, step: 1},
		"a touch about to leave goes on":                            {change: steps(a, later(b, days(40)), c, d), stands: inFlight, hand: cadence.HandPlanned, step: 1},
		"a touch about to leave with another text":                  {change: steps(a, voicemail("z", business(2)), c, d), stands: inFlight, hand: cadence.HandPlanned, step: 1, due: "2026-03-03 12:00", cancel: true},
		"a touch about to leave that is gone":                       {change: steps(a, c, d), stands: inFlight, hand: cadence.HandPlanned, step: 1, due: "2026-03-03 12:00", cancel: true},
		"a task that is gone":                                       {change: steps(a, b, d), stands: func(e *cadence.Enrollment) { inFlight(e); e.Step = 2 }, hand: cadence.HandTask, step: 2, due: "2026-03-03 12:00", cancel: true},
		"a touch that is leaving":                                   {change: steps(a, later(b, days(40)), c, d), stands: inFlight, hand: cadence.HandLeaving, step: 1},
		"a touch that is leaving and gone":                          {change: steps(a, c, d), stands: inFlight, hand: cadence.HandLeaving, stay: cadence.StayLeaving},
		"a task that somebody has and that is gone":                 {change: steps(a, b, d), stands: func(e *cadence.Enrollment) { inFlight(e); e.Step = 2 }, hand: cadence.HandTaken, stay: cadence.StayLeaving},
		"an added step before a touch under way":                    {change: steps(a, email("x", business(1)), b, c, d), stands: inFlight, hand: cadence.HandLeaving, step: 2},
		"who jumped does not get what the others got":               {change: steps(a, b, email("x", business(1)), c, d), stands: func(e *cadence.Enrollment) { e.Step, e.LastRun = 2, -1 }, step: 3, due: "2026-03-04 10:00"},
		"finish":                                         {policy: cadence.FinishOld, change: steps(a, b), stay: cadence.StayPolicy},
		"past the first change":                          {policy: cadence.MoveIfNotPast, change: steps(a, later(b, days(9)), c, d), stands: atStep(2), stay: cadence.StayPast},
		"at the first change, under way":                 {policy: cadence.MoveIfNotPast, change: steps(a, later(b, days(9)), c, d), stands: inFlight, hand: cadence.HandPlanned, stay: cadence.StayPast},
		"at the first change, waiting":                   {policy: cadence.MoveIfNotPast, change: steps(a, later(b, business(4)), c, d), step: 1, due: "2026-03-06 10:00"},
		"it is over":                                     {change: steps(a, b), stands: func(e *cadence.Enrollment) { e.State, e.Due = cadence.Finished, nil }, stay: cadence.StayFinished},
		"an appointment that the lead gave is kept":      {change: steps(a, later(b, business(9)), c, d), stands: func(e *cadence.Enrollment) { e.Due.Reason = cadence.ReasonStatedDate }, step: 1, due: "2026-03-04 10:00"},
		"an appointment of unknown origin is kept":       {change: steps(a, later(b, business(9)), c, d), stands: func(e *cadence.Enrollment) { e.Due.At = e.Due.At.Add(time.Hour) }, step: 1, due: "2026-03-04 11:00"},
		"an appointment that is kept, in the new window": {change: func(p *cadence.Plan) { p.Window = afternoons }, stands: func(e *cadence.Enrollment) { e.Due.Reason = cadence.ReasonResumed }, step: 1, due: "2026-03-04 13:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			next := before()
			tt.change(&next)
			e, _ := running(t, 1)
			e.LastRun = 1
			wednesday := at(t, "2026-03-04 10:00")
			e.Due = &cadence.Due{Intent: calendar.IntentOf(wednesday, berlin), At: wednesday, Reason: cadence.ReasonStepDelay}
			if tt.stands != nil {
				tt.stands(&e)
			}
			if tt.policy == "" {
				tt.policy = cadence.MoveAll
			}
			monday, now := at(t, "2026-03-02 10:00"), at(t, "2026-03-03 12:00")
			got, actions, stay := cadence.Revise(before(), next, nil).Carry(tt.policy, e, cadence.Past{Hand: tt.hand, Since: []time.Time{monday.AddDate(0, 0, -9), monday}, Gone: []string{"gone"}}, now)
			if stay != tt.stay {
				t.Fatalf("stays %q, want %q", stay, tt.stay)
			}
			if stay != "" {
				if !reflect.DeepEqual(got, e) || actions != nil {
					t.Errorf("it stays, and yet became %+v %v", got, actions)
				}
				return
			}
			if got.Step != tt.step {
				t.Errorf("stands at step %d, want %d", got.Step, tt.step)
			}
			if tt.due == "" != (got.Due == nil) || got.InFlight == (got.Due != nil) {
				t.Fatalf("in flight %v, due %+v, want %q", got.InFlight, got.Due, tt.due)
			}
			if tt.due != "" && !got.Due.At.Equal(at(t, tt.due)) {
				t.Errorf("due %s, want %s", got.Due.At, at(t, tt.due))
			}
			if has[cadence.CancelOpen](actions) != tt.cancel {
				t.Errorf("actions %+v", actions)
			}
		})
	}
}

// TestCarryHoldsPauses: a pause goes on, and what it put off is dated by the new version.
func TestCarryHoldsPauses(t *testing.T) {
	t.Parallel()
	next := before()
	next.Steps = slices.Clone(next.Steps)
	next.Steps[1].After = business(4)
	e, _ := pausedFor(t, cadence.ReasonOutOfOffice)
	ends, held := e.Due.At, at(t, "2026-03-04 10:00")
	e.Held = &held
	got, _, stay := cadence.Revise(before(), next, nil).Carry(cadence.MoveAll, e, cadence.Past{Since: []time.Time{at(t, "2026-03-02 10:00")}}, at(t, "2026-03-03 12:00"))
	if stay != "" || got.State != cadence.Paused || !got.Due.At.Equal(ends) || !got.Held.Equal(at(t, "2026-03-06 10:00")) || !held.Equal(at(t, "2026-03-04 10:00")) {
		t.Errorf("%q %+v, held until %v", stay, got, got.Held)
	}
}

// TestReviseKnowsSteps lists pairs of versions and which step is which.
func TestReviseKnowsSteps(t *testing.T) {
	t.Parallel()
	read := func(text string) cadence.Plan {
		var p cadence.Plan
		for i, word := range strings.Fields(text) {
			kind := map[byte]cadence.StepKind{'e': cadence.StepEmail, 'v': cadence.StepVoicemail, 'w': cadence.StepWait}[word[0]]
			key := word
			if kind == cadence.StepWait {
				key = "wait-" + string(rune('1'+i))
			}
			p.Steps = append(p.Steps, cadence.Step{Key: key, Kind: kind})
		}
		return p
	}
	for _, tt := range []struct {
		old, next string
		to        []int
		first     int
	}{
		{"e1 v2 e3", "e1 v2 e3", []int{0, 1, 2}, 3},
		{"e1 v2 e3", "e1 v2 e3 e4", []int{0, 1, 2}, 3},
		{"e1 v2 e3", "e1 e3", []int{0, -1, 1}, 1},
		{"e1 v2 e3", "e3 e1 v2", []int{1, 2, 0}, 0},
		{"e1 v2 e3", "e1 e9 e3", []int{0, -1, 2}, 1},
		{"e1 v2 e3", "e1 v9 e3", []int{0, 1, 2}, 3},
		{"e1 w e3 w e5", "e1 w v9 e3 w e5", []int{0, 1, 3, 4, 5}, 2},
		{"e1 w e3", "e1 v9 w e3", []int{0, 2, 3}, 1},
		{"w e1", "e1 w", []int{-1, 0}, 0},
	} {
		r := cadence.Revise(read(tt.old), read(tt.next), nil)
		if !slices.Equal(r.To, tt.to) || r.First != tt.first {
			t.Errorf("%s → %s: %v, differ from %d on; want %v, %d", tt.old, tt.next, r.To, r.First, tt.to, tt.first)
		}
		back := cadence.Revise(read(tt.next), read(tt.old), nil)
		if !slices.Equal(back.From, r.To) || !slices.Equal(back.To, r.From) {
			t.Errorf("%s → %s is not the reverse of the way back: %v %v, %v %v", tt.old, tt.next, r.To, r.From, back.From, back.To)
		}
	}
	told := cadence.Revise(read("e1 v2 e3"), read("e1 v2 e3"), func(c cadence.Channel, _ string) bool { return c == cadence.ChannelVoicemail })
	if told.First != 3 || told.Changed[1] { // steps without templates have no texts
		t.Errorf("%+v", told)
	}
	rewritten := cadence.Revise(before(), before(), func(c cadence.Channel, name string) bool { return c == cadence.ChannelVoicemail && name == "b" })
	if rewritten.First != 1 || !rewritten.Changed[1] || rewritten.Changed[3] {
		t.Errorf("a rewritten template: %+v", rewritten)
	}
}

// TestCarryLosesAndDoublesNothing: whatever was edited, what a lead was sent lies behind it and what it was not lies ahead, it always has
// something to wait for, and the way back brings it to where it stood.
func TestCarryLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old := before()
		for _, key := range []string{"e", "f"} {
			old.Steps = append(old.Steps, email(key, days(3)))
		}
		next := drawEdit(t, old)
		now := time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC)
		e := cadence.Enrollment{Lead: newLead(), State: cadence.Running, Reason: cadence.ReasonEnrolled, Cycle: 1, Run: 1, Step: rapid.IntRange(0, len(old.Steps)-1).Draw(t, "stands at")}
		hand := cadence.HandEmpty
		if e.InFlight = rapid.Bool().Draw(t, "in flight"); e.InFlight {
			hand = rapid.SampledFrom([]cadence.Hand{cadence.HandPlanned, cadence.HandLeaving, cadence.HandTask, cadence.HandTaken}).Draw(t, "hand")
		} else {
			due := now.Add(time.Duration(rapid.IntRange(-100, 1000).Draw(t, "due in hours")) * time.Hour)
			e.Due = &cadence.Due{Intent: calendar.IntentOf(due, berlin), At: due, Reason: cadence.ReasonStepDelay}
		}
		r := cadence.Revise(old, next, nil)
		got, _, stay := r.Carry(cadence.MoveAll, e, cadence.Past{Hand: hand}, now)
		if stay != "" {
			return
		}
		for i, j := range r.To {
			if j >= 0 && (i < e.Step) != (j < got.Step) {
				t.Fatalf("step %d is step %d now, and the lead went from %d to %d", i, j, e.Step, got.Step)
			}
		}
		if got.State != cadence.Running || got.InFlight == (got.Due != nil) {
			t.Fatalf("nothing to wait for, or too much: %+v", got)
		}
		if got.Due != nil {
			if at, err := got.Due.Intent.At(); err != nil || !at.Equal(got.Due.At) || got.Due.Reason == "" {
				t.Fatalf("appointment %+v", got.Due)
			}
		}
		if slices.Contains(r.To, -1) || slices.Contains(r.From, -1) {
			return // what was removed cannot be known by the way back
		}
		back, _, stay := cadence.Revise(next, old, nil).Carry(cadence.MoveAll, got, cadence.Past{Hand: hand}, now)
		if stay != "" || back.Step != e.Step || back.InFlight != got.InFlight {
			t.Fatalf("the way back: %q %+v, want step %d", stay, back, e.Step)
		}
	})
}

// drawEdit edits the steps of a plan as people do.
func drawEdit(t *rapid.T, p cadence.Plan) cadence.Plan {
	p.Steps = slices.Clone(p.Steps)
	for n := rapid.IntRange(0, 4).Draw(t, "edits"); n > 0; n-- {
		i := rapid.IntRange(0, max(len(p.Steps)-1, 0)).Draw(t, "at")
		switch what := rapid.SampledFrom([]string{"wait", "remove", "add", "swap", "template"}).Draw(t, "edit"); {
		case what == "add" || len(p.Steps) == 0:
			p.Steps = slices.Insert(p.Steps, i, email("new"+strings.Repeat("w", n), days(n)))
		case what == "wait":
			p.Steps[i].After = days(rapid.IntRange(0, 20).Draw(t, "days"))
		case what == "remove":
			p.Steps = slices.Delete(p.Steps, i, i+1)
		case what == "swap":
			j := rapid.IntRange(0, len(p.Steps)-1).Draw(t, "with")
			p.Steps[i], p.Steps[j] = p.Steps[j], p.Steps[i]
		default:
			p.Steps[i].Key, p.Steps[i].Variants = p.Steps[i].Key+"'", []cadence.Variant{{Template: "other"}}
		}
	}
	return p
}
