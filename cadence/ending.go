package cadence

// barred ends an enrolment that must not go on whatever its plan says: the lead has ended, or sales has it. Another
// enrolment, or a person, may have brought that about (K2).
func (d *decision) barred() bool {
	switch {
	case d.e.Lead.Ended != "":
		d.finish(ReasonEnded)
	case d.e.Lead.Stage.withSales():
		d.finish(ReasonPromoted)
	default:
		return false
	}
	return true
}

// unreachable reports whether no channel is left.
func (d *decision) unreachable() bool { return !d.e.Lead.Email && !d.e.Lead.Phone }

// finish ends the enrolment and what it has open.
func (d *decision) finish(reason Reason) {
	d.e.State, d.e.Reason = Finished, reason
	d.e.Due, d.e.InFlight = nil, false
	d.do(CancelOpen{Reason: reason})
}

// endOfPlan ends the enrolment and lets the plan's Then follow.
func (d *decision) endOfPlan(reason Reason) {
	d.finish(reason)
	d.then(reason)
}

// endOrMoveOn ends the lead, or lets the plan's Then follow when end is "".
func (d *decision) endOrMoveOn(end EndReason, reason Reason) {
	if end == "" {
		d.then(reason)
		return
	}
	d.endLead(end, reason)
}

// then is what follows a plan: the cadence that it moves to, else the end.
func (d *decision) then(reason Reason) {
	if m := d.plan.Then.Move; m != nil && !d.plan.Then.Close {
		d.enrollIn(*m, Responded{}, reason)
		return
	}
	d.endLead(EndExhausted, reason)
}

// enrollIn begins the cadence that m names, at the date of the response, else after m's own delay.
func (d *decision) enrollIn(m Move, ev Responded, reason Reason) {
	next := EnrollIn{Cadence: m.To, Reason: reason}
	if at, ok := d.dated(ev.Date, 0); ok && m.Until != NoDate {
		_, opens := d.after(atDesk, noDelay, at)
		next.NotBefore = &opens
	} else if !m.Else.Zero() {
		at := d.later(m.Else)
		next.NotBefore = &at
	}
	d.do(next)
}

// endLead records why the lead needs no next action, once. A lead that sales has stays with sales; one that leaves before a rep took it on is taken
// back from them.
func (d *decision) endLead(end EndReason, reason Reason) {
	left := end == EndOptedOut && d.e.Lead.Stage == StageHandedOff
	if d.e.Lead.Ended != "" || d.e.Lead.Stage.withSales() && !left {
		return
	}
	d.e.Lead.Ended = end
	d.do(EndLead{End: end, Reason: reason})
	switch end {
	case EndNotInterested, EndOptedOut, EndDisqualified, EndLeftCompany:
		if left || d.e.Lead.Stage.beforeSales() && d.e.Lead.Stage != StageDisqualified {
			d.enter(StageDisqualified, reason)
		}
	case EndUnreachable, EndExhausted, EndWon, EndLost: // says nothing of the lead's merit, or is told by its outcome
	}
}

// climb moves the lead up to a stage, through each stage in turn (A10).
func (d *decision) climb(to Stage, reason Reason) {
	for _, s := range StagesTo(d.e.Lead.Stage, to) {
		d.enter(s, reason)
	}
}

func (d *decision) enter(s Stage, reason Reason) {
	d.e.Lead.Stage = s
	d.do(MoveStage{To: s, Reason: reason})
}
