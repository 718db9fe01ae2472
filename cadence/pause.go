package cadence

import (
	"slices"

	"nurture/cadence/calendar"
)

var noDelay calendar.Delay

// awaitsPerson reports whether a pause is there so that somebody can do something: what machines say, and what colleagues
// do, neither ends nor shortens it.
func awaitsPerson(r Reason) bool {
	switch r { //nolint:exhaustive // all other pauses only wait for time to pass
	case ReasonHumanReply, ReasonAwaitingTask, ReasonDossierIncomplete, ReasonByPerson, ReasonStatedDate, ReasonVerify:
		return true
	}
	return false
}

// pause stops the enrolment with the step in hand; until is when it goes on by itself, nil never.
func (d *decision) pause(reason Reason, until *Due) {
	if d.e.State != Paused {
		if d.e.Due != nil && !d.e.InFlight {
			held := d.e.Due.At
			d.e.Held = &held
		}
		if step, ok := d.step(); ok && d.e.InFlight && step.isTask() {
			d.e.Run++ // the ledger has the task as filed: the call is made as a new run
		}
		d.do(CancelOpen{Reason: reason})
	}
	d.e.State, d.e.Reason, d.e.Due, d.e.InFlight = Paused, reason, until, false
	d.e.Step, d.e.Run = max(d.e.Step, 0), max(d.e.Run, 1)
}

// restsForGood reports a pause that only a person ends.
func (e *Enrollment) restsForGood() bool { return e.State == Paused && e.Due == nil }

// lookAfter has somebody asked, after a while, to look after an enrolment that rests for good, for as long as it does: nobody falls out (B4). A response may
// be how that task was done, so it opens the next one; where one is open, that stays the only one.
func (d *decision) lookAfter(rested bool, ev Event) {
	_, said := ev.(Responded)
	_, lost := ev.(RestsOn)
	switch rests := d.e.restsForGood(); {
	case rests && (said || lost || !rested):
		d.do(OpenTask{Kind: TaskReview, DueBy: d.later(reviewWithin), Dated: true, Reason: d.e.Reason})
	case rested && !rests && d.e.State != Finished: // finish has closed all tasks
		d.actions = slices.Insert(d.actions, 0, Action(CancelOpen{Kind: TaskReview, Reason: orElse(d.e.Reason, ReasonResumed)}))
	}
}

// stepOn takes the next step in hand for when the pause is over, and notes when it would have been due.
func (d *decision) stepOn() {
	d.nextStep()
	if step, ok := d.step(); ok && !step.After.Zero() {
		held := d.due(step, step.After, d.now, ReasonStepDelay).At
		d.e.Held = &held
	}
}

// pauseMildly pauses by a machine's word: it never gets in the way of a person's work, and the longer pause holds.
func (d *decision) pauseMildly(reason Reason, until *Due) {
	if d.e.State == Paused {
		longer := until == nil || d.e.Due != nil && until.At.After(d.e.Due.At)
		if awaitsPerson(d.e.Reason) || !longer && reason != d.e.Reason {
			return
		}
	}
	d.pause(reason, until)
}

func (d *decision) colleagueResponded() {
	if d.e.State == Finished || d.e.State == Paused && awaitsPerson(d.e.Reason) {
		return
	}
	switch d.plan.Account.Do {
	case AccountStop:
		d.endOfPlan(ReasonColleagueStopped)
	case AccountPause:
		delay := d.plan.Account.Pause
		if delay.Zero() {
			delay = safety
		}
		d.pauseMildly(ReasonColleague, d.due(atDesk, delay, d.now, ReasonColleague))
	case AccountContinue:
	}
}
