// Package cadence is the core of nurture: it decides what happens next to a lead. It is pure: no I/O, no clock, no
// goroutines; the workers, the simulation, the plan of a change and the scenario tests all run the same Decide.
// docs/state-machines.md draws the moves.
package cadence

import (
	"time"

	"nurture/cadence/calendar"
)

// safety ends every pause that waits for a person's work, so that a lost task cannot lose the lead.
var safety = calendar.Delay{BusinessDays: 10}

// none is the Enrollment.LastRun of a step whose forerunner was not made, or is not to be made again.
const none = -1

// reviewWithin is after how long somebody is asked to look after a lead that rests until somebody resumes it.
var reviewWithin = calendar.Delay{BusinessDays: 20}

// answerWithin is how long a person has to look at what a lead said.
var answerWithin = calendar.Delay{BusinessDays: 1}

// reachWithin is how long a person has to get in touch with somebody whom a lead named and whom no cadence takes.
var reachWithin = calendar.Delay{BusinessDays: 2}

// againWithin is after how long a person rings again whom a call to verify did not reach: no cadence's budget bounds such calls.
var againWithin = calendar.Delay{BusinessDays: 5}

// Decide is every move of every enrolment: what the enrolment becomes after the event, and what the shell must do, in order.
// It is total: an event that does not fit the state, because it is stale or came twice, returns e unchanged and no actions.
// Attempts is read and never changed; the claim counts it. The same arguments always give the same result, and nothing that
// e points to is changed.
func Decide(plan Plan, e Enrollment, ev Event, now time.Time) (Enrollment, []Action) {
	d := &decision{plan: plan, e: e, now: now.UTC().Truncate(time.Microsecond)}
	d.decide(ev)
	return d.e, d.actions
}

// decision is one run of Decide: what it was given, and what it has come to so far.
type decision struct {
	plan    Plan
	e       Enrollment
	now     time.Time
	down    time.Duration // how late the step in hand is by an outage
	actions []Action
}

// decide takes the event, and sees to it that an enrolment that rests without an end is looked after.
func (d *decision) decide(ev Event) {
	rested := d.e.restsForGood()
	d.take(ev)
	d.lookAfter(rested, ev)
}

func (d *decision) take(ev Event) {
	switch ev := ev.(type) {
	case Enrolled:
		d.enrolled(ev)
	case FellDue:
		d.fellDue(ev)
	case TouchSent:
		d.touchSent(ev.Step, ev.Run)
	case TouchUnknown:
		d.touchSent(ev.Step, ev.Run)
	case TouchFailed:
		d.touchFailed(ev)
	case TouchRefused:
		d.touchRefused(ev)
	case TaskExpired:
		d.taskExpired(ev)
	case Responded:
		d.responded(ev)
	case ColleagueResponded:
		d.colleagueResponded()
	case Evaluated:
		d.evaluated(ev)
	case PausedByPerson:
		d.pausedByPerson(ev)
	case ResumedByPerson:
		if d.e.State == Paused {
			d.resume(false)
		}
	case StoppedByPerson:
		if d.e.State != Finished {
			d.finish(ReasonByPerson)
			d.endOrMoveOn(ev.End, ReasonByPerson)
		}
	case MovedByPerson:
		if d.e.State != Finished {
			d.finish(ReasonMoved)
			d.enrollIn(Move{To: ev.To}, Responded{}, ReasonMoved)
		}
	case Untaken:
		if d.untaken() {
			d.askUntilTaken(d.later(reachWithin), false)
		}
	case TakenBack:
		d.openTask(TaskDossier, d.later(answerWithin), ev.Ask, ReasonTakenBack)
	case Suppressed:
		d.suppressed(ev.Scope)
	case RestsOn: // lookAfter has the task opened
	}
}

func (d *decision) do(a Action) { d.actions = append(d.actions, a) }

func (d *decision) enrolled(ev Enrolled) {
	if d.e.State != Pending || d.barred() {
		return
	}
	if d.unreachable() {
		d.finish(ReasonUnreachable)
		d.endLead(EndUnreachable, ReasonUnreachable)
		return
	}
	if d.e.Lead.Stage == StageLost {
		d.enter(StageRecycled, ReasonEnrolled)
	}
	d.e.Lead.Untaken = false
	d.climb(StageNurturing, ReasonEnrolled)
	d.e.State, d.e.Reason = Running, ReasonEnrolled
	d.e.Step, d.e.Run, d.e.LastRun = 0, 1, none
	from := d.now
	if ev.NotBefore != nil && ev.NotBefore.After(from) {
		from = ev.NotBefore.UTC().Truncate(time.Microsecond)
	}
	step, ok := d.step()
	if !ok {
		d.endOfPlan(ReasonExhausted)
		return
	}
	reason := ReasonStepDelay
	if step.After.Zero() {
		reason = ReasonEnrolled
	}
	d.e.Due = d.due(step, step.After, from, reason)
}

func (d *decision) fellDue(ev FellDue) {
	if d.e.Due == nil || d.now.Before(d.e.Due.At) || d.e.InFlight {
		return
	}
	switch d.e.State {
	case Paused:
		d.resume(true)
	case Pending, Running:
		d.down = ev.Down
		d.walk(d.e.Due.Reason)
	case Finished:
	}
}

// touchSent moves on from an email or voicemail. A task stays in hand until somebody has done it.
func (d *decision) touchSent(step, run int) {
	s, ok := d.step()
	if !ok || step != d.e.Step {
		return
	}
	if s.isTask() {
		// Filed by a worker that had claimed it before the pause or the end was committed: nobody should do it now.
		if run <= d.e.Run && (d.e.State == Paused || d.e.State == Finished) {
			d.do(CancelOpen{Only: &StepRun{Step: step, Run: run}, Reason: orElse(d.e.Reason, ReasonStopped)})
		}
		return
	}
	d.left(run, ReasonStepDelay)
}

func (d *decision) touchFailed(ev TouchFailed) {
	if ev.Step == d.e.Step {
		d.left(ev.Run, orElse(ev.Reason, ReasonProviderRefused))
	}
}

// left takes note that a run of the step in hand is over. While paused the step counts as made and the pause goes on.
func (d *decision) left(run int, reason Reason) {
	if run != d.e.Run {
		return
	}
	switch d.e.State {
	case Running:
		d.advance(reason)
	case Paused:
		d.stepOn()
	case Pending, Finished:
	}
}

func (d *decision) touchRefused(ev TouchRefused) {
	if !d.inHand(ev.Step, ev.Run) {
		return
	}
	step, _ := d.step()
	switch ev.Reason { //nolint:exhaustive // every other reason speaks against the step itself
	case ReasonOutsideWindow:
		d.wait(d.due(step, calendar.Delay{}, d.now, ReasonOutsideWindow))
	case ReasonCapacity:
		d.wait(d.due(step, calendar.Delay{}, d.now, ReasonCapacity))
	case ReasonCallLimit:
		from := d.now
		if ev.Again.After(from) {
			from = ev.Again.UTC().Truncate(time.Microsecond)
		}
		d.wait(d.due(step, calendar.Delay{}, from, ReasonCallLimit))
	case ReasonStopped, "":
		// A pause was in the way and is over, or it was a near miss: the step is still in hand.
		d.wait(d.due(step, calendar.Delay{}, d.now, ReasonResumed))
	case ReasonBudgetSpent:
		d.endOfPlan(ReasonBudgetSpent)
	default:
		d.advance(ReasonStepDelay)
	}
}

func (d *decision) taskExpired(ev TaskExpired) {
	step, ok := d.step()
	if !ok || !step.isTask() || !d.inHand(ev.Step, ev.Run) {
		return
	}
	if step.Overdue == OverdueFinish {
		d.endOfPlan(ReasonOverdue)
		return
	}
	d.advance(ReasonOverdue) // whatever else the policy is, or has become since the task was made: nothing gets stuck
}

func (d *decision) pausedByPerson(ev PausedByPerson) {
	if d.e.State == Finished {
		return
	}
	var until *Due
	if ev.Until != nil {
		from := d.now
		if ev.Until.After(from) {
			from = *ev.Until
		}
		until = d.due(atDesk, calendar.Delay{}, from, ReasonByPerson)
	}
	d.pause(ReasonByPerson, until)
}

// inHand reports whether the touch of that step and run is the one under way.
func (d *decision) inHand(step, run int) bool {
	return d.e.State == Running && d.e.InFlight && step == d.e.Step && run == d.e.Run
}

// step gives the step in hand; false when all are done.
func (d *decision) step() (Step, bool) {
	if d.e.Step < 0 || d.e.Step >= len(d.plan.Steps) {
		return Step{}, false
	}
	return d.plan.Steps[d.e.Step], true
}

func orElse(r, otherwise Reason) Reason {
	if r == "" {
		return otherwise
	}
	return r
}
