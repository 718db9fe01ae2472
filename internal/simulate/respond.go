package simulate

import (
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
)

// response is something that a lead did back.
type response struct {
	lead    int32
	kind    cadence.ResponseKind
	date    *time.Time
	answers []Answer
	inARow  int
	// The touch that it answers: enrolment is 0 for none.
	enrolment     int32
	step, stepRun int
}

// react lets the leads do what they had decided to do by now.
func (r *run) react() int {
	due := r.answerAt[r.instant]
	r.answerAt[r.instant] = nil
	if len(due) == 0 {
		return 0
	}
	slices.SortFunc(due, func(a, b answer) int {
		switch {
		case !a.at.Equal(b.at):
			return a.at.Compare(b.at)
		case a.lead != b.lead:
			return int(a.lead) - int(b.lead)
		}
		return a.no - b.no
	})
	responses := make([]response, len(due))
	for i, a := range due {
		responses[i] = response{lead: a.lead, kind: a.kind, date: a.date, enrolment: a.run, step: a.step, stepRun: a.stepRun}
		switch a.kind { //nolint:exhaustive // the others are no bounces
		case cadence.SoftBounce, cadence.HardBounce:
			r.people[a.lead].bounces(a.mail)
		}
	}
	r.respond(responses)
	return len(due)
}

// respond takes responses in as the engine does in one transaction: the answers become facts, the cadences react, and everybody who responded is
// weighed against the definition.
func (r *run) respond(responses []response) {
	var leads []int32
	for i := range responses {
		in := &responses[i]
		p := &r.people[in.lead]
		r.out.Responses[in.kind]++
		for _, a := range in.answers {
			if !p.owned {
				p.facts, p.owned = slices.Clone(p.facts), true
			}
			p.facts = learnFact(p.facts, factOf(a, r.now))
			p.changed()
		}
		if slices.Contains(cadence.Refusals(), in.kind) {
			p.refusedAt = r.now
			if in.date != nil && (p.named == nil || in.date.After(*p.named)) {
				p.named = in.date
			}
		}
		switch {
		case in.kind == cadence.SoftBounce:
			p.softs = append(p.softs, r.now)
		case in.kind.ShowsLife():
			p.softs = p.softs[:0]
		}
		leads = append(leads, in.lead)
	}
	for i := range responses {
		if responses[i].kind == cadence.SoftBounce {
			responses[i].inARow = r.people[responses[i].lead].softInARow(r.now)
		}
	}
	for len(responses) > 0 { // several of one lead act one behind the other
		r.stamp++
		var events []event
		var later []response
		for _, in := range responses {
			p := &r.people[in.lead]
			if p.stamp == r.stamp {
				later = append(later, in)
				continue
			}
			p.stamp = r.stamp
			what := cadence.Responded{Kind: in.kind, Step: -1, Date: in.date, InARow: in.inARow}
			if in.enrolment == p.run { // not of an enrolment that the lead has left since
				what.Step, what.Run = in.step, in.stepRun
			}
			events = append(events, event{in.lead, what})
		}
		r.apply(events)
		responses = later
	}
	r.weigh(leads, false)
}

// turn weighs the leads whose verdict time alone changes now.
func (r *run) turn() int {
	due := r.turnAt[r.instant]
	r.turnAt[r.instant] = nil
	due = slices.DeleteFunc(due, func(i int32) bool {
		p := &r.people[i]
		return int(p.turn) != r.instant+1 || !p.core.Lead.Weighable()
	})
	r.weigh(due, true)
	return len(due)
}

// awaitTurn notes when time alone changes the verdict on a lead, if that is within the run.
func (r *run) awaitTurn(i int32) {
	p := &r.people[i]
	p.turn = 0
	if len(p.facts) == 0 {
		return
	}
	at, turns := uld.NextTurn(r.Config.Definition, p.facts, p.Lead.Origin == "self_qualified", r.now)
	if !turns {
		return
	}
	if instant, ok := r.step(at); ok {
		p.turn = int32(instant + 1)
		r.turnAt[instant] = append(r.turnAt[instant], i)
	}
}

// weigh holds what is known of leads against the definition, and lets their cadences act on it. byTime says that nothing was heard of them.
func (r *run) weigh(leads []int32, byTime bool) {
	slices.Sort(leads)
	var events []event
	for _, i := range slices.Compact(leads) {
		p := &r.people[i]
		verdict := r.blank
		if len(p.facts) > 0 {
			verdict = uld.Judge(r.Config.Definition, p.facts, p.Lead.Origin == "self_qualified", r.now)
		}
		r.awaitTurn(i)
		if readiness := string(verdict.Readiness); readiness != p.readiness {
			p.readiness = readiness
			p.changed()
		}
		switch {
		case verdict.Outcome == uld.Nurture && len(verdict.Verify) == 0:
			continue // nothing follows
		case p.run == 0:
			continue // only leads in a cadence were touched
		}
		what := cadence.Evaluated{Outcome: verdict.Outcome, Verify: verdict.Verify, Declined: uld.Declined(p.facts, p.refusedAt), ByTime: byTime}
		if byTime {
			what.Named = p.named
		}
		if verdict.Outcome == uld.Promote {
			what.Missing = uld.MissingForHandoff(r.Config.Definition, p.facts)
		}
		events = append(events, event{i, what})
	}
	r.apply(events)
}
