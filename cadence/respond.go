package cadence

import (
	"slices"
	"time"
)

func (d *decision) responded(ev Responded) {
	rule := d.plan.RuleFor(ev.Kind)
	if ev.InARow < rule.SuppressAfter && rule.SuppressAfter > 1 {
		rule.Suppress = SuppressNone
	}
	if ev.Named && rule.Task == "" && reasonOf(ev.Kind) == ReasonLeftCompany {
		rule.Task, rule.TaskWithin = TaskReferral, answerWithin
	}
	switch {
	case ev.Kind == HandoffRejected:
		d.rejected(rule)
		return
	case d.e.State == Finished:
		d.respondedLate(ev, rule)
		return
	}
	d.e.Last = ev.Kind
	reason := reasonOf(ev.Kind)
	answered := d.answersTask(ev)
	lost := d.forbid(rule, reason)
	if lost && d.unreachable() && rule.Flow != FlowFinish {
		end, why := endWithout(rule, ev.Kind)
		d.finish(why)
		d.endLead(end, why)
	} else {
		d.flow(ev, rule, reason, answered)
		d.dropLostTask(reason)
	}
	if rule.Task != "" {
		d.openTask(rule.Task, d.taskDue(ev, rule), nil, reason)
	}
	if ev.Kind.Human() {
		d.do(TellColleagues{Reason: reason})
	}
}

// respondedLate is a response to an enrolment that is over: what protects the lead still acts, and a person still reads
// what it wrote.
func (d *decision) respondedLate(ev Responded, rule Rule) {
	reason := reasonOf(ev.Kind)
	lost := d.forbid(rule, reason)
	end, _ := endWithout(rule, ev.Kind)
	if rule.End == EndOptedOut || lost && d.unreachable() && end == EndOptedOut {
		d.endLead(EndOptedOut, reason)
	}
	if rule.Task == TaskTriage {
		d.openTask(rule.Task, d.taskDue(ev, rule), nil, reason)
	}
	switch {
	case d.adrift():
		d.respondedAdrift(ev, rule, reason)
	case d.untaken():
		d.respondedUntaken(ev, rule, reason, lost)
	}
}

// respondedAdrift is a response of a lead that only a person's task holds: an end or a move is one here too, and after anything else somebody sees to
// the lead again. The evaluation that follows knows what to ask.
func (d *decision) respondedAdrift(ev Responded, rule Rule, reason Reason) {
	to := d.moveAfter(rule)
	switch {
	case rule.Flow == FlowFinish && rule.End != "":
		d.do(CancelOpen{Kind: TaskDossier, Reason: reason})
		d.endLead(rule.End, reason)
	case to != nil:
		d.do(CancelOpen{Kind: TaskDossier, Reason: reason})
		d.enter(StageRecycled, reason) // where a cadence can take it up
		d.enrollIn(*to, ev, reason)
	default:
		d.openTask(TaskDossier, d.later(againWithin), nil, ReasonTakenBack)
	}
}

// moveAfter is where a rule that moves takes a lead whose cadence is over; nil for other rules, and where there is nowhere to go.
func (d *decision) moveAfter(rule Rule) *Move {
	switch {
	case rule.Flow != FlowMove:
		return nil
	case rule.Move == nil && d.plan.Then.Move != nil:
		return &Move{To: d.plan.Then.Move.To, Until: rule.Until, Else: rule.Else}
	}
	return rule.Move
}

// rejected takes a lead back from sales. It acts on the enrolment that handed the lead off, which is over.
func (d *decision) rejected(rule Rule) {
	stage := d.e.Lead.Stage
	if d.e.Lead.Ended != "" || stage != StageQualified && !stage.withSales() {
		return
	}
	if d.e.State != Finished {
		d.finish(ReasonRejected)
	}
	d.e.Last = HandoffRejected
	d.enter(StageRecycled, ReasonRejected)
	if rule.Move != nil {
		d.enrollIn(*rule.Move, Responded{}, ReasonRejected)
		return
	}
	d.endOrMoveOn(rule.End, ReasonRejected)
}

// endWithout gives why a lead ends that a response left without any address.
func endWithout(rule Rule, kind ResponseKind) (EndReason, Reason) {
	switch {
	case rule.End == EndOptedOut, rule.Suppress == SuppressAll, reasonOf(kind) == ReasonOptedOut:
		return EndOptedOut, ReasonOptedOut
	case reasonOf(kind) == ReasonBounced:
		return EndUnreachable, ReasonBounced
	}
	return EndUnreachable, ReasonUnreachable
}

// answersTask reports whether the response is the outcome of the task in hand.
func (d *decision) answersTask(ev Responded) bool {
	step, ok := d.step()
	return ok && step.isTask() && d.inHand(ev.Step, ev.Run)
}

// forbid suppresses and invalidates as the rule says, and reports whether it did any of it.
func (d *decision) forbid(rule Rule, reason Reason) bool {
	if rule.Suppress != SuppressNone {
		d.loseAddress(rule.Suppress)
		d.do(Suppress{Scope: rule.Suppress, Reason: reason})
	}
	if rule.InvalidatePhone {
		d.e.Lead.Phone = false
		d.do(InvalidatePhone{Reason: reason})
	}
	return rule.Suppress != SuppressNone || rule.InvalidatePhone
}

func (d *decision) loseAddress(scope SuppressScope) {
	if scope == SuppressEmail || scope == SuppressAll {
		d.e.Lead.Email = false
	}
	if scope == SuppressPhone || scope == SuppressAll {
		d.e.Lead.Phone = false
	}
}

// dropLostTask leaves a task that nobody may do any more, because its address is gone. Touches by machine need no such care:
// their claim finds it out.
func (d *decision) dropLostTask(reason Reason) {
	step, ok := d.step()
	if !ok || !step.isTask() || !d.e.InFlight || step.reaches(d.e.Lead) {
		return
	}
	d.do(CancelOpen{Only: &StepRun{Step: d.e.Step, Run: d.e.Run}, Reason: reason})
	d.advance(ReasonStepDelay)
}

func (d *decision) suppressed(scope SuppressScope) {
	if scope == SuppressNone {
		return
	}
	d.loseAddress(scope)
	if d.e.State == Finished {
		return
	}
	if d.unreachable() {
		d.finish(ReasonOptedOut)
		d.endLead(EndOptedOut, ReasonOptedOut)
		return
	}
	d.dropLostTask(ReasonSuppressed)
}

// flow is what the response does to the course of the cadence.
func (d *decision) flow(ev Responded, rule Rule, reason Reason, answered bool) {
	switch rule.Flow { //nolint:exhaustive // to continue is the default
	case FlowPause:
		d.pauseFor(ev, rule, reason, answered)
	case FlowResume:
		d.resumeFor(ev, answered)
	case FlowRetry:
		if !d.retry(ev, rule, answered) && answered {
			d.advance(ReasonStepDelay)
		}
	case FlowFinish:
		d.finish(reason)
		d.endOrMoveOn(rule.End, reason)
	case FlowMove:
		d.move(ev, rule, reason, answered)
	default: // FlowContinue
		if answered {
			d.advance(ReasonStepDelay)
		}
	}
}

func (d *decision) pauseFor(ev Responded, rule Rule, reason Reason, answered bool) {
	if d.pausedFor(ReasonByPerson) {
		return
	}
	if d.isBack(ev, rule) {
		if answered {
			d.advance(ReasonStepDelay)
		}
		return
	}
	if answered {
		d.e.Due = nil
		d.stepOn()
	}
	until := d.pauseEnd(ev, rule, reason)
	if ev.Kind.byMachine() {
		d.pauseMildly(reason, until)
		return
	}
	d.pause(reason, until)
}

// isBack reports a return date that has passed, with the day to catch up: whose notice still says so has forgotten to switch it off.
func (d *decision) isBack(ev Responded, rule Rule) bool {
	if rule.Until != ReturnDate || !d.believable(ev.Date) {
		return false
	}
	_, ahead := d.dated(ev.Date, 1)
	return !ahead
}

// pauseEnd gives when a pause is over: on the date that was named, else after the rule's own delay; nil when it has none.
// After a return date the lead gets a day to catch up, and on the day of a callback the callback comes first.
func (d *decision) pauseEnd(ev Responded, rule Rule, reason Reason) *Due {
	extra := 0
	if rule.Until == ReturnDate || rule.Task == TaskCallback {
		extra = 1
	}
	if at, ok := d.dated(ev.Date, extra); ok && rule.Until != NoDate {
		return d.due(atDesk, noDelay, at, reason)
	}
	if rule.Else.Zero() {
		return nil
	}
	return d.due(atDesk, rule.Else, d.now, reason)
}

func (d *decision) resumeFor(ev Responded, answered bool) {
	switch {
	case d.e.State == Paused && !d.pausedFor(ReasonByPerson) && !(ev.Kind.byMachine() && awaitsPerson(d.e.Reason)):
		d.resume(false)
	case answered:
		d.advance(ReasonStepDelay)
	}
}

// retry makes an appointment for another run of the step that was answered; false when there is to be none.
func (d *decision) retry(ev Responded, rule Rule, answered bool) bool {
	if ev.Step < 0 || ev.Step >= len(d.plan.Steps) || d.e.State != Running || d.e.Attempts >= d.plan.Budget {
		return false
	}
	step := d.plan.Steps[ev.Step]
	latest := d.e.LastRun == 0 || d.e.LastRun == ev.Run
	waiting := d.e.Step == ev.Step+1 && !d.e.InFlight && latest && step.Kind.Channel() != ""
	if ev.Run < 1 || ev.Run >= step.Tries || !answered && !waiting {
		return false
	}
	d.e.Step, d.e.Run, d.e.LastRun, d.e.InFlight = ev.Step, ev.Run+1, none, false
	d.e.Due = d.due(step, rule.RetryAfter, d.now, ReasonRetry)
	return true
}

func (d *decision) move(ev Responded, rule Rule, reason Reason, answered bool) {
	to := rule.Move
	if to == nil && d.plan.Term != LongTerm && d.plan.Then.Move != nil {
		to = &Move{To: d.plan.Then.Move.To, Until: rule.Until, Else: rule.Else}
	}
	if to == nil {
		d.pauseFor(ev, rule, reason, answered)
		return
	}
	if ev.Kind != NotNow {
		reason = ReasonMoved
	}
	d.finish(reason)
	d.enrollIn(*to, ev, reason)
}

// openTask asks a person to do something. Nobody is asked to ring a lead that must not be called, or has no number: what a call was to
// find out is asked in a mail.
func (d *decision) openTask(kind TaskKind, by time.Time, ask []string, reason Reason) {
	dated := kind == TaskCallback
	if kind.Rings() && !d.e.Lead.Phone && d.e.Lead.Email {
		kind = TaskManualEmail
	}
	d.do(OpenTask{Kind: kind, DueBy: by, Dated: dated, Ask: slices.Clone(ask), Reason: reason})
}

// taskDue gives when a task is to be done: a callback when the lead asked for it, today before the window closes, and, when it named no date, at the
// end of the pause that the rule gives in place of one.
func (d *decision) taskDue(ev Responded, rule Rule) time.Time {
	if at, ok := d.dated(ev.Date, 0); ok && rule.Task == TaskCallback {
		if !NamesDay(*ev.Date) {
			return at // an hour that the lead named is kept to the minute
		}
		_, opens := d.after(atDesk, noDelay, at)
		return opens
	}
	if rule.Task == TaskCallback && ev.Date != nil && d.isToday(*ev.Date) {
		return d.closing()
	}
	if rule.Task == TaskCallback && rule.Until == StatedDate && rule.TaskWithin.Zero() {
		return d.later(rule.Else)
	}
	return d.later(rule.TaskWithin)
}
