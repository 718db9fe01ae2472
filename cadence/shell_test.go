package cadence_test

import (
	"reflect"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// shell is the least that a durable shell does around Decide: a ledger of touches, attempts counted at the claim, and a check
// of every promise after every decision.
type shell struct {
	t      *rapid.T
	plan   cadence.Plan
	e      cadence.Enrollment
	now    time.Time
	ledger map[cadence.StepRun]string // planned, claimed, sent, skipped or failed
	handed bool                       // offered to sales and not handed back
	leftAt bool                       // everything was suppressed
	review bool                       // somebody is asked to look after it
}

// feed applies one event and checks what came of it.
func (s *shell) feed(ev cadence.Event) {
	before := s.e
	frozen := deepCopy(before)
	after, actions := cadence.Decide(s.plan, before, ev, s.now)
	again, sameActions := cadence.Decide(s.plan, before, ev, s.now)
	if !reflect.DeepEqual(after, again) || !reflect.DeepEqual(actions, sameActions) {
		s.t.Fatalf("%#v: two decisions differ", ev)
	}
	if !reflect.DeepEqual(frozen, before) {
		s.t.Fatalf("%#v changed its argument:\n%s", ev, cmp.Diff(frozen, before))
	}
	s.e = after
	if _, said := ev.(cadence.Responded); said {
		s.review = false // it may be how the task was done
	}
	s.checkEnd(before, ev, actions)
	s.checkActions(before, ev, actions)
	s.checkState(ev)
}

func deepCopy(e cadence.Enrollment) cadence.Enrollment {
	if e.Due != nil {
		due := *e.Due
		e.Due = &due
	}
	return e
}

func (s *shell) checkState(ev cadence.Event) {
	e := s.e
	if s.review && (e.State != cadence.Paused || e.Due != nil) {
		if _, said := ev.(cadence.Responded); !said {
			s.t.Fatalf("%#v: somebody is asked to look after it, and it does not rest: %+v", ev, e)
		}
	}
	switch e.State {
	case cadence.Running:
		if e.InFlight == (e.Due != nil) {
			s.t.Fatalf("%#v: active must have either a touch in flight or an appointment: %+v", ev, e)
		}
	case cadence.Paused:
		if e.InFlight || e.Reason == "" {
			s.t.Fatalf("%#v: bad pause %+v", ev, e)
		}
		if e.Due == nil && !s.review {
			s.t.Fatalf("%#v: paused for ever, and nobody is asked to look after it: %+v", ev, e)
		}
	case cadence.Pending, cadence.Finished:
		if e.InFlight || e.Due != nil {
			s.t.Fatalf("%#v: %s with work to do: %+v", ev, e.State, e)
		}
	}
	if e.Due != nil {
		if at, err := e.Due.Intent.At(); err != nil || !at.Equal(e.Due.At) || e.Due.Reason == "" {
			s.t.Fatalf("%#v: appointment %+v: its intent is at %v (%v)", ev, e.Due, at, err)
		}
	}
}

// checkEnd checks that whoever leaves a cadence has somewhere to go, and never comes back to it.
func (s *shell) checkEnd(before cadence.Enrollment, ev cadence.Event, actions []cadence.Action) {
	if before.State == cadence.Finished && s.e.State != cadence.Finished {
		s.t.Fatalf("%#v revived a finished enrolment", ev)
	}
	ways := 0
	for _, a := range actions {
		switch a := a.(type) {
		case cadence.EnrollIn, cadence.EndLead:
			ways++
		case cadence.HandOff:
			if len(a.Missing) == 0 {
				ways++
			}
		}
	}
	if ways > 1 {
		s.t.Fatalf("%#v: a lead can only go one way: %#v", ev, actions)
	}
	if before.State != cadence.Finished && s.e.State == cadence.Finished && ways == 0 {
		s.t.Fatalf("%#v: the lead falls out: %+v %#v", ev, s.e, actions)
	}
	if before.Attempts != s.e.Attempts {
		s.t.Fatalf("%#v changed the attempts", ev)
	}
}

func (s *shell) checkActions(before cadence.Enrollment, ev cadence.Event, actions []cadence.Action) {
	touches, asked := 0, false
	for _, a := range actions {
		if reflect.ValueOf(a).FieldByName("Reason").String() == "" {
			s.t.Fatalf("%#v: no reason on %#v", ev, a)
		}
		switch a := a.(type) {
		case cadence.PlanTouch:
			touches++
			s.planned(before, ev, a)
		case cadence.SkipTouch:
			s.ledger[cadence.StepRun{Step: a.Step, Run: a.Run}] = "skipped"
		case cadence.CancelOpen:
			if asked && a.Only == nil {
				s.t.Fatalf("%#v closes the task that it opens: %#v", ev, actions)
			}
			s.cancel(a)
		case cadence.OpenTask:
			asked = true
			s.review = s.review || a.Kind == cadence.TaskReview
			if a.DueBy.Before(s.now) {
				s.t.Fatalf("%#v: task was due at %v, before %v", ev, a.DueBy, s.now)
			}
		case cadence.MoveStage:
			if err := cadence.CheckStageMove(before.Lead.Stage, a.To, false, string(a.Reason)); err != nil {
				s.t.Fatalf("%#v: %v", ev, err)
			}
			before.Lead.Stage = a.To
			if a.To == cadence.StageRecycled {
				s.handed = false
			}
		case cadence.HandOff:
			if s.handed {
				s.t.Fatalf("%#v hands off twice", ev)
			}
			s.handed = len(a.Missing) == 0
		case cadence.Suppress:
			s.leftAt = s.leftAt || a.Scope == cadence.SuppressAll
		}
	}
	if touches > 1 {
		s.t.Fatalf("%#v plans %d touches at once", ev, touches)
	}
}

// planned checks a touch against every promise, and writes it into the ledger.
func (s *shell) planned(before cadence.Enrollment, ev cadence.Event, a cadence.PlanTouch) {
	step := s.plan.Steps[a.Step]
	if before.State == cadence.Finished || s.handed || s.leftAt {
		s.t.Fatalf("%#v plans a touch after an end, a promotion or an opt-out", ev)
	}
	if before.InFlight && before.State == cadence.Running {
		if _, still := s.underWay(); still {
			s.t.Fatalf("%#v plans a second touch", ev)
		}
	}
	if _, alarm := ev.(cadence.FellDue); alarm && (before.Due == nil || s.now.Before(before.Due.At)) {
		s.t.Fatalf("%#v plans a touch before its time, %+v", ev, before.Due)
	}
	if before.State == cadence.Paused && !s.endsPause(before, ev) {
		s.t.Fatalf("%#v plans a touch in a pause (%s)", ev, before.Reason)
	}
	window := s.plan.Window
	if step.Window != nil {
		window = *step.Window
	}
	place := s.e.Lead.Place
	if step.Kind == cadence.StepVoicemail || step.Kind == cadence.StepCall {
		window = calendar.Intersect(window, s.plan.CallHours)
	} else if len(place.Zones) == 0 {
		place.Zones = []string{"UTC"}
	}
	if !window.Allows(place, s.now) || !a.WindowEnds.After(s.now) {
		s.t.Fatalf("%#v plans a touch outside of its window", ev)
	}
	lead := s.e.Lead
	switch {
	case step.Kind == cadence.StepVoicemail && !lead.VoicemailConsent,
		a.Channel == cadence.ChannelVoicemail && !lead.Phone,
		step.Kind == cadence.StepCall && !lead.Phone,
		step.Kind == cadence.StepEmail && !lead.Email,
		s.e.Attempts >= s.plan.Budget:
		s.t.Fatalf("%#v plans a touch that must not be: %+v", ev, s.e)
	}
	key := cadence.StepRun{Step: a.Step, Run: a.Run}
	switch s.ledger[key] {
	case "sent", "failed":
		s.t.Fatalf("%#v plans step %d run %d a second time", ev, a.Step, a.Run)
	case "claimed": // left as it is
	default:
		s.ledger[key] = "planned"
	}
}

func (s *shell) endsPause(before cadence.Enrollment, ev cadence.Event) bool {
	switch ev := ev.(type) {
	case cadence.FellDue:
		return before.Due != nil && !s.now.Before(before.Due.At)
	case cadence.ResumedByPerson:
		return true
	case cadence.Responded:
		return s.plan.RuleFor(ev.Kind).Flow == cadence.FlowResume && before.Reason != cadence.ReasonByPerson
	}
	return false
}

func (s *shell) cancel(a cadence.CancelOpen) {
	if a.Only == nil {
		s.review = false
	}
	if a.Kind != "" {
		return
	}
	for key, state := range s.ledger {
		if state == "planned" && (a.Only == nil || *a.Only == key) {
			s.ledger[key] = "skipped"
		}
	}
}

// underWay gives a touch that is planned or claimed, the earliest first.
func (s *shell) underWay() (cadence.StepRun, bool) {
	var keys []cadence.StepRun
	for key, state := range s.ledger {
		if state == "planned" || state == "claimed" {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return cadence.StepRun{}, false
	}
	slices.SortFunc(keys, func(a, b cadence.StepRun) int {
		if a.Step != b.Step {
			return a.Step - b.Step
		}
		return a.Run - b.Run
	})
	return keys[0], true
}

// work moves the touch under way on by one: a claim, or the provider's answer.
func (s *shell) work(outcome int) {
	key, ok := s.underWay()
	if !ok {
		return
	}
	if s.ledger[key] == "planned" {
		s.claim(key)
		return
	}
	s.ledger[key] = "sent"
	switch outcome {
	case 0:
		s.ledger[key] = "failed"
		s.feed(cadence.TouchFailed{Step: key.Step, Run: key.Run, Reason: cadence.ReasonProviderRefused})
	case 1:
		s.feed(cadence.TouchUnknown(key))
	default:
		s.feed(cadence.TouchSent(key))
	}
}

func (s *shell) claim(key cadence.StepRun) {
	step := s.plan.Steps[key.Step]
	address := s.e.Lead.Email
	if step.Kind == cadence.StepCall || step.Kind == cadence.StepVoicemail {
		address = s.e.Lead.Phone
	}
	reason := cadence.RefuseTouch(cadence.TouchFacts{
		State: s.e.State, Moved: s.e.Step != key.Step || s.e.Run != key.Run, Address: address,
		Attempts: s.e.Attempts, Budget: s.plan.Budget, Now: s.now,
	})
	if reason != "" {
		s.ledger[key] = "skipped"
		s.feed(cadence.TouchRefused{Step: key.Step, Run: key.Run, Reason: reason})
		return
	}
	s.ledger[key] = "claimed"
	s.e.Attempts++
	if s.e.Attempts > s.plan.Budget {
		s.t.Fatalf("attempt %d of %d", s.e.Attempts, s.plan.Budget)
	}
}
