package cadence

import (
	"fmt"
	"time"
)

// Explanation answers what is next for a lead, when, and why not sooner.
type Explanation struct {
	Next     string     `json:"next"`         // what happens next, such as `step 2 of 4: voicemail "hello"`
	At       *time.Time `json:"at,omitempty"` // UTC; nil when only an event brings it about, or nothing comes any more
	Reason   Reason     `json:"reason"`       // "" only for an enrolment that leaks
	Sentence string     `json:"sentence"`     // the reason as a whole sentence; where the step will be left out, that too
	Skip     Reason     `json:"skip"`         // why the step in hand will be left out when its time comes, if all stays as it is; "" when it will not
}

// Why explains an enrolment as it stands at now.
func Why(plan Plan, e Enrollment, now time.Time) Explanation {
	x := Explanation{Reason: e.Reason}
	if e.Due != nil {
		at := e.Due.At
		x.At = &at
	}
	kept := false // the step in hand keeps an appointment that is later than the end of the pause
	switch {
	case e.State == Finished:
		x.Next, x.At = "nothing in this cadence: it has ended", nil
	case e.InFlight:
		x.Next, x.At, x.Reason = plan.underWay(e), nil, ReasonTouchInFlight
	case e.State == Paused && e.Due == nil:
		x.Next = "paused until somebody resumes it, then " + plan.stepName(e)
	case e.State == Paused:
		x.Next = "the pause ends, then " + plan.stepName(e)
		e = plan.afterPause(e, now)
		at := e.Due.At
		x.At, kept = &at, e.State == Running && e.Due.Reason == ReasonStepDelay
	case e.Due == nil && e.State == Pending:
		x.Next, x.Reason = "the enrolment begins", orElse(e.Reason, ReasonEnrolled)
	case e.Due == nil:
		x.Next, x.Reason = "nothing", ""
		x.Sentence = "Nothing is under way and nothing is due: this is a leak. Pause and resume the lead to set it going again."
		return x
	default:
		x.Next, x.Reason = plan.stepName(e), e.Due.Reason
		if !now.Before(e.Due.At) {
			x.Reason = ReasonCapacity
		}
	}
	x.Sentence = x.Reason.Sentence()
	if kept {
		x.Sentence += " The pause ends before, and the step keeps its own time."
	}
	if x.Skip = plan.skipsNext(e, now); x.Skip != "" {
		if x.Reason == ReasonCapacity {
			x.Sentence = "It is due."
		}
		x.Sentence += " As things are, the step is left out then. " + x.Skip.Sentence()
	}
	return x
}

// afterPause is the enrolment as the end of its pause leaves it while the step in hand has to wait on, for the appointment that the pause put off or for
// hours that are allowed; else e.
func (p Plan) afterPause(e Enrollment, now time.Time) Enrollment {
	if e.Due.At.After(now) {
		now = e.Due.At
	}
	after, _ := Decide(p, e, FellDue{}, now)
	if after.State == Running && !after.InFlight && after.Step == e.Step && after.Run == e.Run && after.Due != nil && after.Due.At.After(now) {
		return after
	}
	return e
}

// skipsNext is why the step in hand will be left out once it is due, by the decision itself; "" when it will not, or nothing is due.
func (p Plan) skipsNext(e Enrollment, now time.Time) Reason {
	if e.Due == nil || e.InFlight || e.State == Finished {
		return ""
	}
	if e.Due.At.After(now) {
		now = e.Due.At
	}
	_, actions := Decide(p, e, FellDue{}, now)
	for _, a := range actions {
		if skip, ok := a.(SkipTouch); ok && skip.Step == e.Step && skip.Run == e.Run {
			return skip.Reason
		}
	}
	return ""
}

// underWay says what an enrolment in flight is waiting for.
func (p Plan) underWay(e Enrollment) string {
	if e.Step >= 0 && e.Step < len(p.Steps) && p.Steps[e.Step].isTask() {
		return p.stepName(e) + " is with a person"
	}
	return p.stepName(e) + " is being sent"
}

// stepName names the step in hand as people count, from 1.
func (p Plan) stepName(e Enrollment) string {
	if e.Step < 0 || e.Step >= len(p.Steps) {
		return "the cadence ends"
	}
	step := p.Steps[e.Step]
	name := fmt.Sprintf("step %d of %d: %s %q", e.Step+1, len(p.Steps), step.Kind.words(), step.Key)
	if e.Run > 1 {
		name += fmt.Sprintf(" (run %d)", e.Run)
	}
	return name
}

// words gives the kind as people say it.
func (k StepKind) words() string {
	if k == StepManualEmail {
		return "manual email"
	}
	return string(k)
}
