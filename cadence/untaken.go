package cadence

import "time"

// untaken reports a lead that neither a cadence nor sales has, and that no audience takes: where a person is in touch with it, only a person can
// see to it (B4).
func (d *decision) untaken() bool {
	return d.e.State == Finished && d.e.Lead.Ended == "" && d.e.Lead.Untaken && d.e.Lead.Stage.beforeSales() && d.e.Lead.Stage != StageQualified
}

// askUntilTaken has a person get in touch with the lead, unless a cadence takes it before.
func (d *decision) askUntilTaken(by time.Time, dated bool) {
	kind := TaskCall
	if !d.e.Lead.Phone {
		kind = TaskManualEmail
	}
	d.do(OpenTask{Kind: kind, DueBy: by, Dated: dated, UntilTaken: true, Reason: ReasonUntaken})
}

// respondedUntaken is a response of a lead that is in no cadence, so that no rule of one carries it on: an end is one here too, who names a day is looked
// at again then, and what a person heard is somebody's task until the lead goes one way or another. Machines ask nobody: the task is there already,
// or nobody was in touch with the lead.
func (d *decision) respondedUntaken(ev Responded, rule Rule, reason Reason, lost bool) {
	to := d.moveAfter(rule)
	switch {
	case lost && d.unreachable():
		d.endLead(endWithout(rule, ev.Kind))
	case rule.Flow == FlowFinish && rule.End != "":
		d.endLead(rule.End, reason)
	case to != nil:
		d.enrollIn(*to, ev, reason)
	case rule.Task == TaskTriage: // it is open by now
	case rule.Task != "":
		d.openTask(rule.Task, d.taskDue(ev, rule), nil, reason)
	case rule.Flow == FlowRetry:
		d.askUntilTaken(d.later(rule.RetryAfter), true)
	case !ev.Kind.byMachine():
		by := d.later(againWithin)
		if at, ok := d.dated(ev.Date, 0); ok && rule.Until != NoDate {
			_, by = d.after(atDesk, noDelay, at)
		}
		d.askUntilTaken(by, true)
	}
}
