package cadence

import (
	"slices"

	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
)

// walk looks at the step in hand, and at those after it that have no wait of their own, until a touch is planned, an
// appointment is made, or the plan ends. Each turn goes further down the plan, so it ends.
func (d *decision) walk(reason Reason) {
	if d.barred() {
		return
	}
	if d.e.State != Running {
		d.e.State, d.e.Reason = Running, orElse(d.e.Reason, ReasonEnrolled)
	}
	d.e.Due = nil
	d.e.Step, d.e.Run = max(d.e.Step, 0), max(d.e.Run, 1)
	for {
		step, ok := d.step()
		if !ok {
			d.endOfPlan(ReasonExhausted)
			return
		}
		switch step.Kind {
		case StepWait:
			d.nextStep()
			reason = ReasonStepDelay
		case StepBranch:
			if !d.branch(step) {
				return
			}
			reason = ReasonBranch
		case StepEmail, StepVoicemail, StepCall, StepManualEmail:
			if !d.touch(step, reason) {
				return
			}
			reason = ReasonStepDelay
		default: // a kind that no plan can have: as a step that cannot be made
			d.nextStep()
		}
		if next, ok := d.step(); ok && !next.After.Zero() {
			d.e.Due = d.due(next, next.After, d.now, reason)
			return
		}
	}
}

// branch moves to the step of the first case that holds, else to the next one; false when the plan has ended.
func (d *decision) branch(step Step) bool {
	for _, b := range step.Branches {
		if b.When.Eval(d.lookup) != predicate.True {
			continue
		}
		if b.Goto == GotoEnd {
			d.endOfPlan(ReasonExhausted)
			return false
		}
		for i := d.e.Step + 1; i < len(d.plan.Steps); i++ {
			if d.plan.Steps[i].Key == b.Goto {
				d.e.Step, d.e.Run, d.e.LastRun = i, 1, none
				return true
			}
		}
		break // a target that is not further down: Plan.Check refuses it, here it must not loop
	}
	d.nextStep()
	return true
}

// lookup gives branches the lead's fields, the latest response and the attempts of the cycle.
func (d *decision) lookup(field string) (predicate.Value, bool) {
	switch field {
	case "last.response":
		return predicate.Value{Kind: predicate.KindText, Text: string(d.e.Last)}, d.e.Last != ""
	case "cycle.attempts":
		return predicate.Value{Kind: predicate.KindNumber, Number: float64(d.e.Attempts)}, true
	}
	v, ok := d.e.Lead.Fields[field]
	return v, ok
}

// touch plans the touch of the step in hand, makes an appointment for it, or ends the plan; true when it is skipped and the
// next step is in hand.
func (d *decision) touch(step Step, reason Reason) (skipped bool) {
	if d.e.Attempts >= d.plan.Budget {
		d.endOfPlan(ReasonBudgetSpent)
		return false
	}
	variant, why := step.Choose(d.plan.Key, d.e.Lead)
	if obstacle := step.Obstacle(d.e.Lead, variant); obstacle != "" {
		why = obstacle
	}
	if why != "" {
		d.skip(step, why)
		return true
	}
	if room := d.plan.Frequency.Room(d.e.Lead.Recent, d.now); room.After(d.now) {
		d.e.Due = d.due(step, calendar.Delay{}, room, ReasonFrequency)
		return false
	}
	place, opens, ok := d.opening(step, d.now)
	if !ok {
		d.skip(step, d.neverOpens(step))
		return true
	}
	if opens.After(d.now) {
		d.e.Due = d.due(step, calendar.Delay{}, d.now, ReasonOutsideWindow)
		return false
	}
	if d.misfired(step) {
		d.down = 0
		if d.plan.Misfire.Then == MisfireSkip {
			d.skip(step, ReasonMisfired)
			return true
		}
		if d.respread(step); d.e.Due.At.After(d.now) {
			return false
		}
		d.e.Due = nil // today is the lead's day
	}
	d.e.InFlight = true
	d.do(PlanTouch{
		Step: d.e.Step, Run: d.e.Run, Channel: step.Kind.Channel(),
		Variant:    variant,
		WindowEnds: d.window(step).Ends(place, d.now), Reason: orElse(reason, ReasonEnrolled),
	})
	return false
}

// Obstacle names what forbids the step for a lead whatever the time, the variant being the lead's; "" when nothing does.
func (s Step) Obstacle(lead Lead, variant Variant) Reason {
	switch {
	case s.Kind.Channel() == "":
		return ""
	case !s.reaches(lead):
		return ReasonNoAddress
	case s.Kind == StepVoicemail && !lead.VoicemailConsent:
		return ReasonNoConsent
	case s.isVoice() && (len(lead.Place.Zones) == 0 || lead.ZoneAssumed):
		return ReasonUnknownZone
	case s.Kind == StepEmail && variant.Topic != "" && slices.Contains(lead.TopicsOff, variant.Topic):
		return ReasonTopicOff
	}
	return ""
}

// neverOpens names why no instant is allowed: a voice step of a lead that may be in several zones, or in one that does not
// exist, is held for want of knowing better.
func (d *decision) neverOpens(step Step) Reason {
	if zones := d.e.Lead.Place.Zones; step.isVoice() && (len(zones) != 1 || !calendar.ValidZone(zones[0])) {
		return ReasonUnknownZone
	}
	return ReasonOutsideWindow
}

func (d *decision) skip(step Step, reason Reason) {
	d.do(SkipTouch{Step: d.e.Step, Run: d.e.Run, Channel: step.Kind.Channel(), Reason: reason})
	d.nextStep()
}

// nextStep takes the next step in hand, without an appointment.
func (d *decision) nextStep() {
	d.e.LastRun, d.e.Held = d.e.Run, nil
	d.e.Step, d.e.Run, d.e.InFlight = max(d.e.Step, 0)+1, 1, false
}

// advance leaves the step in hand for the next one, and makes the appointment for it.
func (d *decision) advance(reason Reason) {
	d.nextStep()
	step, ok := d.step()
	if !ok {
		d.endOfPlan(ReasonExhausted)
		return
	}
	d.e.Due = d.due(step, step.After, d.now, reason)
}

// wait leaves a touch that did not leave in hand until due.
func (d *decision) wait(due *Due) { d.e.InFlight, d.e.Due = false, due }

// resume ends a pause. The step in hand keeps the appointment that the pause put off; one that is past, or that the lead overrode by
// naming a day, is due now. Only where the pause's own alarm rang is it looked at right away: then there is capacity for what it leads to.
func (d *decision) resume(rang bool) {
	held, named := d.e.Held, d.e.Reason == ReasonStatedDate || d.e.Reason == ReasonNotNow
	d.e.State, d.e.Reason, d.e.Held = Running, ReasonResumed, nil
	if step, ok := d.step(); ok && held != nil && held.After(d.now) && !named {
		d.e.Due = d.due(step, noDelay, *held, ReasonStepDelay)
		return
	}
	if !rang && d.barred() {
		return
	}
	if step, ok := d.step(); ok && !rang {
		d.e.Due = d.due(step, noDelay, d.now, ReasonResumed)
		return
	}
	d.walk(ReasonResumed)
}

// isTask reports whether the step asks a person to do something.
func (s Step) isTask() bool { return s.Kind.Channel() == ChannelCall }

// Patient says whether a task of the step stays open however long nobody does it.
func (s Step) Patient() bool { return s.isTask() && (s.Within.Zero() || s.Overdue == OverdueKeep) }

// isVoice reports whether the step rings a phone, so that the legal call hours hold.
func (s Step) isVoice() bool { return s.Kind == StepVoicemail || s.Kind == StepCall }

// reaches reports whether the lead has the address that the step needs.
func (s Step) reaches(lead Lead) bool {
	if s.isVoice() {
		return lead.Phone
	}
	return lead.Email
}
