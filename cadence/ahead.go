package cadence

import "time"

// Ahead is a touch that lies ahead of an enrolment.
type Ahead struct {
	At      time.Time // UTC; when it is planned, if its sender has room then
	Cadence string
	Step    string // its key
	Channel Channel
	InHand  bool // it is under way already
}

// farthest bounds a look ahead: who goes on for ever through cadences without a touch is looked at no further.
const farthest = 1000

// LookAhead walks an enrolment from now on through what is still to come, by the same decisions that will be made, and shows each touch
// in turn to visit until that says enough. It is what happens while nobody responds and every sender has room: mails and voicemails
// arrive, each call ends with a message left on the day that it is due. next gives the plan of a cadence that the lead moves to; false
// ends the walk.
func LookAhead(plan Plan, e Enrollment, now time.Time, next func(cadence string) (Plan, bool), visit func(Ahead) bool) {
	w := &lookout{plan: plan, e: e, now: now, next: next, visit: visit}
	if step, ok := w.inHand(); ok && e.InFlight {
		w.over = !visit(Ahead{At: now, Cadence: plan.Key, Step: step.Key, Channel: step.Kind.Channel(), InHand: true})
	}
	for range farthest {
		switch {
		case w.over, w.e.Due == nil && !w.e.InFlight:
			return
		case w.e.InFlight:
			w.made()
			continue
		case w.e.Due.At.After(w.now):
			w.now = w.e.Due.At
		}
		w.feed(FellDue{})
	}
}

// lookout is one run of LookAhead.
type lookout struct {
	plan  Plan
	e     Enrollment
	now   time.Time
	next  func(string) (Plan, bool)
	visit func(Ahead) bool
	over  bool
}

func (w *lookout) inHand() (Step, bool) {
	if w.e.Step < 0 || w.e.Step >= len(w.plan.Steps) {
		return Step{}, false
	}
	return w.plan.Steps[w.e.Step], true
}

// made says that the touch under way was made, and came to nothing.
func (w *lookout) made() {
	step, ok := w.inHand()
	if !ok {
		w.over = true
		return
	}
	at := StepRun{w.e.Step, w.e.Run}
	w.e.Attempts++
	if w.plan.Frequency.Capped() {
		w.e.Lead.Recent = append(w.e.Lead.Recent[:len(w.e.Lead.Recent):len(w.e.Lead.Recent)], w.now)
	}
	w.feed(TouchSent(at))
	if !step.isTask() || w.over {
		return
	}
	kind := LeftVoicemail
	if step.Kind == StepManualEmail {
		kind = Done
	}
	w.feed(Responded{Kind: kind, Step: at.Step, Run: at.Run})
	if w.e.InFlight && w.e.Step == at.Step && w.e.Run == at.Run { // a rule of the plan's own keeps it open
		w.feed(TaskExpired(at))
		w.over = w.over || w.e.InFlight && w.e.Step == at.Step && w.e.Run == at.Run
	}
}

// feed decides about one event, shows the touch that comes of it, and follows the lead into its next cadence.
func (w *lookout) feed(ev Event) {
	var actions []Action
	w.e, actions = Decide(w.plan, w.e, ev, w.now)
	for _, a := range actions {
		switch a := a.(type) {
		case PlanTouch:
			w.over = w.over || !w.visit(Ahead{At: w.now, Cadence: w.plan.Key, Step: w.plan.Steps[a.Step].Key, Channel: a.Channel})
		case EndLead:
			w.over = true
		case EnrollIn:
			w.enter(a)
			return
		}
	}
	w.over = w.over || w.e.State == Finished
}

// enter begins the cadence that the lead moves to.
func (w *lookout) enter(to EnrollIn) {
	plan, ok := w.next(to.Cadence)
	if !ok {
		w.over = true
		return
	}
	e := Enrollment{Lead: w.e.Lead, State: Pending, Reason: ReasonEnrolled, Run: 1, Cycle: w.e.Cycle, Attempts: w.e.Attempts}
	if plan.Term != w.plan.Term || plan.Term == LongTerm {
		e.Cycle, e.Attempts = e.Cycle+1, 0
	}
	w.plan, w.e = plan, e
	w.feed(Enrolled{NotBefore: to.NotBefore})
}
