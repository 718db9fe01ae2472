package simulate

import (
	"time"

	"nurture/cadence"
)

// answer is something that a lead, or a machine of its, will do.
type answer struct {
	lead    int32
	at      time.Time
	no      int // of the answers of a run: equals keep their order
	kind    cadence.ResponseKind
	date    *time.Time
	run     int32 // the enrolment whose touch it answers
	step    int
	stepRun int
	mail    int // the lead's mail that it answers; 0 for none
}

// send makes the touches that were planned in this instant, each unless its claim is refused, and lets people decide what they will do about
// it.
func (r *run) send() int {
	planned := r.planned
	r.planned = nil
	var events []event
	n := 0
	for k := range planned {
		t := &planned[k]
		p := &r.people[t.lead]
		p.planned = 0
		if t.off {
			continue
		}
		n++
		if refused, again := r.refuse(t, p); refused != "" {
			r.spend(t.room, -1)
			r.out.today().Skipped++
			r.out.Skipped[refused]++
			events = append(events, event{t.lead, cadence.TouchRefused{Step: t.plan.Step, Run: t.plan.Run, Reason: refused, Again: again}})
			continue
		}
		p.attempts++
		if r.bySubject {
			p.core.Lead.Had = append(p.core.Lead.Had, cadence.Had(t.plan.Channel, t.plan.Variant.Template))
		}
		r.make(t, p)
		if t.plan.Channel != cadence.ChannelCall {
			events = append(events, event{t.lead, cadence.TouchSent{Step: t.plan.Step, Run: t.plan.Run}})
		}
	}
	r.apply(events)
	return n
}

// refuse names why a touch must not be made after all; "" when it may be.
func (r *run) refuse(t *plannedTouch, p *person) (cadence.Reason, time.Time) {
	facts := cadence.TouchFacts{
		State: p.core.State, Moved: p.core.Step != t.plan.Step || p.core.Run != t.plan.Run || p.run != t.run,
		Attempts: p.attempts, Budget: p.budget, WindowEnds: t.plan.WindowEnds, Now: r.now,
	}
	if !facts.Moved {
		written := t.plan.Channel == cadence.ChannelEmail || p.plan.Steps[t.plan.Step].Kind == cadence.StepManualEmail
		facts.Address = p.Lead.Phone != ""
		facts.Suppressed = !p.core.Lead.Phone
		if written {
			facts.Address, facts.Suppressed = p.Lead.Email != "", !p.core.Lead.Email
		}
	}
	if t.plan.Channel != cadence.ChannelEmail {
		facts.CallRoom = r.callRoom(p)
	}
	return cadence.RefuseTouch(facts), facts.CallRoom
}

// make makes a touch.
func (r *run) make(t *plannedTouch, p *person) {
	today := r.out.today()
	if r.Touched != nil {
		r.Touched(Made{Lead: p.Lead.Key, Channel: t.plan.Channel, Step: p.plan.Steps[t.plan.Step].Key, At: r.now})
	}
	a := answer{lead: t.lead, run: p.run, step: t.plan.Step, stepRun: t.plan.Run}
	shares := p.version.shares[t.plan.Step]
	var reaction Reaction
	switch t.plan.Channel {
	case cadence.ChannelEmail:
		today.Emails++
		p.mails++
		p.sentMail(r.now)
		r.touched(p, contact{at: r.now})
		a.mail = p.mails
		reaction = r.People.OnMail(p.who, shares, p.mails, r.now)
	case cadence.ChannelVoicemail:
		today.Voicemails++
		p.drops++
		r.touched(p, contact{at: r.now})
		r.called(p, contact{at: r.now})
		reaction = r.People.OnVoicemail(p.who, shares, p.drops)
	case cadence.ChannelCall:
		today.Calls++
		r.file(t, p)
		return
	}
	if reaction.Kind == "" {
		return
	}
	a.kind, a.date, a.at = reaction.Kind, reaction.Date, r.now.Add(reaction.After)
	if at, ok := r.step(a.at); ok {
		a.no = len(r.answerAt[at])
		r.answerAt[at] = append(r.answerAt[at], a)
	}
}
