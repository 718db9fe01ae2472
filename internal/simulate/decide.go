package simulate

import (
	"slices"
	"sync"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// event is something that happens to a lead's latest enrolment.
type event struct {
	lead int32
	what cadence.Event
}

// decided is what events come to for one lead.
type decided struct {
	lead    int32
	events  [1]cadence.Event
	more    []cadence.Event // beyond the first
	core    cadence.Enrollment
	in      *room
	rank    cadence.Priority
	actions []cadence.Action
}

// Bounds of a batch: how far one event may spread, and from how many leads on it is worth to share the work out.
const (
	maxRounds = 6
	worthy    = 128
)

// apply is the only way in which enrolments change: the core decides about each event, what it said is carried out, and what follows from that
// is decided in further rounds, as in the engine.
func (r *run) apply(events []event) {
	for round := 0; len(events) > 0; round++ {
		if round == maxRounds {
			r.fail(errSpread)
			return
		}
		r.gather(events)
		r.decide()
		r.next = nil
		r.perform()
		events = r.next
	}
}

// gather puts the events of each lead together, in their order.
func (r *run) gather(events []event) {
	r.stamp++
	r.out.Decisions += len(events)
	r.batch = r.batch[:0]
	for _, e := range events {
		p := &r.people[e.lead]
		if p.stamp == r.stamp {
			d := &r.batch[p.slot]
			d.more = append(d.more, e.what)
			continue
		}
		p.stamp, p.slot = r.stamp, int32(len(r.batch))
		r.batch = append(r.batch, decided{lead: e.lead, events: [1]cadence.Event{e.what}})
	}
}

// decide asks the core about the whole batch. Each lead's decision depends on nothing but the lead, so the work can be shared out as one likes.
func (r *run) decide() {
	if len(r.batch) < worthy || r.Workers < 2 {
		for i := range r.batch {
			r.decideOne(&r.batch[i])
		}
		return
	}
	var group sync.WaitGroup
	size := (len(r.batch) + r.Workers - 1) / r.Workers
	for part := range slices.Chunk(r.batch, size) {
		group.Go(func() {
			for i := range part {
				r.decideOne(&part[i])
			}
		})
	}
	group.Wait()
}

// decideOne decides about one lead. It changes nothing but d, and what the lead alone has.
func (r *run) decideOne(d *decided) {
	p := &r.people[d.lead]
	core := p.core
	core.Attempts = p.attempts
	core.Lead.Fields = r.fieldsOf(p)
	if p.plan.Frequency.Capped() {
		core.Lead.Recent = p.recently(r.now.Add(-p.plan.Frequency.Per))
	}
	var moved *room
	for k := range 1 + len(d.more) {
		what := d.events[0]
		if k > 0 {
			what = d.more[k-1]
		}
		then, actions := cadence.Decide(*p.plan, core, what, r.now)
		if _, due := what.(cadence.FellDue); due {
			if to, other := p.ways.Other(p.in.Room, actions); other {
				moved = r.roomOf(p, to) // it stays due, in that room, and what was decided is decided there
				continue
			}
		}
		core = then
		if d.actions == nil {
			d.actions = actions
		} else {
			d.actions = append(d.actions, actions...)
		}
	}
	d.core = core
	d.in, d.rank = r.roomOf(p, p.ways.Awaited(*p.plan, core)), cadence.PriorityOf(*p.plan, core)
	if moved != nil && core.Due != nil {
		d.in = moved
	}
}

// roomOf gives the room of a person that is meant.
func (r *run) roomOf(p *person, of cadence.Room) *room {
	switch cadence.Channel(of.Channel) {
	case cadence.ChannelEmail:
		return p.rooms[0]
	case cadence.ChannelVoicemail:
		return p.rooms[1]
	case cadence.ChannelCall:
		return p.rooms[2]
	}
	return r.rooms[0]
}

// fieldsOf gives the fields that decisions about a person look at: all that is known where its plan has branches, else the few that the order
// of work goes by.
func (r *run) fieldsOf(p *person) map[string]predicate.Value {
	if !p.version.branches {
		return lookups[[2]string{p.readiness, p.Lead.Origin}]
	}
	if p.fields == nil || r.Config.Definition.CountsDown(p.facts) {
		p.fields = r.allFields(p)
	}
	return p.fields
}

// allFields are what audiences and branches may look at.
func (r *run) allFields(p *person) map[string]predicate.Value {
	lead := p.Lead
	lead.Stage, lead.Readiness = string(p.core.Lead.Stage), p.readiness
	fields := lead.Core(r.Config.Settings.Zone).Fields
	uld.AddAnswers(fields, r.Config.Definition.Answers(p.facts, r.now))
	return fields
}

// changed notes that what is known of a person is another thing now.
func (p *person) changed() { p.fields, p.masked = nil, false }
