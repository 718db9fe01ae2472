package simulate

import (
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/config"
)

// furnish makes the rooms and the SDRs of the configuration.
func (r *run) furnish() error {
	a, err := r.Config.Settings.AllowancesAt(r.Desk, r.Start)
	if err != nil {
		return err
	}
	for _, s := range a.Order {
		r.spenders[s] = len(r.spent)
		r.spent = append(r.spent, spending{Spender: s})
	}
	r.roomFor(cadence.Room{})
	for _, plan := range r.Config.Plans {
		r.bySubject = r.bySubject || plan.ChoosesBySubject()
	}
	for _, s := range r.Config.Settings.Team.SDRs {
		loc, err := time.LoadLocation(s.Zone)
		if err != nil {
			return err
		}
		r.sdrs = append(r.sdrs, &sdr{email: s.Email, zone: loc, daily: s.DailyCalls * r.Desk, run: r})
	}
	return nil
}

// roomFor gives the room, made when it is new.
func (r *run) roomFor(of cadence.Room) *room {
	for _, one := range r.rooms {
		if one.Room == of {
			return one
		}
	}
	made := &room{Room: of}
	for _, s := range of.Spenders() {
		i, known := r.spenders[s]
		if !known { // of a mailbox or SDR that the configuration does not name: it has no allowance
			i = len(r.spent)
			r.spenders[s] = i
			r.spent = append(r.spent, spending{Spender: s})
		}
		made.spenders = append(made.spenders, i)
	}
	r.rooms = append(r.rooms, made)
	return made
}

// populate takes everybody in as they stand.
func (r *run) populate() {
	r.people = make([]person, len(r.Population.People))
	for i := range r.people {
		r.settle(int32(i), &r.Population.People[i])
	}
	begun := r.next
	r.next = nil
	r.apply(begun)
	for _, members := range groupsOf(r.people, func(p *person) string { return p.Account }) {
		for _, i := range members {
			r.people[i].colleagues = members
		}
	}
	for _, members := range groupsOf(r.people, func(p *person) string { return p.Lead.Phone }) {
		for _, i := range members {
			r.people[i].samePhone = members
		}
	}
	for _, members := range groupsOf(r.people, func(p *person) string { return p.Lead.Email }) {
		for _, i := range members {
			r.people[i].sameMail = members
		}
	}
}

// lookups are the fields that the order of what is due looks at, by readiness and origin: all that most decisions need.
var lookups = func() map[[2]string]map[string]predicate.Value {
	all := map[[2]string]map[string]predicate.Value{}
	for _, readiness := range []string{"", "unknown", "long_term", "near_term"} {
		for _, origin := range []string{"", "inquiry", "self_qualified"} {
			fields := map[string]predicate.Value{}
			if readiness != "" {
				fields["lead.readiness"] = predicate.Text(readiness)
			}
			if origin != "" {
				fields["lead.origin"] = predicate.Text(origin)
			}
			all[[2]string{readiness, origin}] = fields
		}
	}
	return all
}()

func (r *run) settle(i int32, from *Person) {
	p := &r.people[i]
	*p = person{
		Person: from, index: i, who: WhoIs(from.Lead.Key), readiness: from.Lead.Readiness, facts: from.Facts, refusedAt: from.RefusedAt, named: from.Named, worked: -1,
		ways: cadence.Ways{
			Mailbox: from.Lead.Mailbox, Owner: from.Lead.Owner, Domain: r.Config.Settings.Mail.ThrottledDomain(from.Lead.Email),
		},
	}
	for j, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail, cadence.ChannelCall} {
		p.rooms[j] = r.roomFor(p.ways.Room(channel))
	}
	for _, s := range r.sdrs {
		if s.email == from.Lead.Owner {
			p.owner = s
		}
	}
	p.core.Lead = from.Lead.Core(r.Config.Settings.Zone)
	p.core.Lead.Fields = lookups[[2]string{p.readiness, from.Lead.Origin}]
	if from.Inside != nil {
		r.resume(i, from.Inside)
	}
	for _, t := range from.Tasks {
		r.reopen(i, t)
	}
	if !from.Offered.IsZero() {
		p.handoffs++
		r.offer(i)
	}
	if from.IntakeAt != nil && p.core.Lead.Ended == "" {
		r.waitForIntake(i, *from.IntakeAt)
	}
	if p.core.Lead.Weighable() {
		r.awaitTurn(i)
	}
	r.out.Leads++
	if p.run > 0 && p.core.State != cadence.Finished {
		r.out.Inside++
	}
}

// resume puts a person back into the enrolment that it is in.
func (r *run) resume(i int32, inside *Inside) {
	p := &r.people[i]
	v := r.byKey[inside.CadenceKey]
	if inside.Version >= 0 {
		v = r.versions[inside.Version]
	}
	if v == nil { // the cadence is no more, and this enrolment of it is over
		v = newVersion(cadence.Plan{Key: inside.CadenceKey, Term: cadence.Active}, r.People, -1)
	}
	lead := p.core.Lead
	p.core = inside.Enrollment.Core(r.Config.Settings.Zone)
	p.core.Lead = lead
	p.run, p.cycle, p.attempts, p.budget = 1, int32(inside.Cycle), inside.Attempts, inside.Budget
	p.enter(v, r.law)
	sent := p.core.InFlight && p.core.State == cadence.Running && p.core.Step < len(p.plan.Steps)
	switch {
	case sent && p.plan.Steps[p.core.Step].Kind.Channel() != cadence.ChannelCall:
		r.next = append(r.next, event{lead: i, what: cadence.TouchSent{Step: p.core.Step, Run: p.core.Run}}) // on its way as the run begins
	case p.core.Due != nil:
		p.in, p.priority = r.roomOf(p, p.ways.Awaited(*p.plan, p.core)), cadence.PriorityOf(*p.plan, p.core)
		r.enqueue(i)
	}
}

// enter puts a person on a plan.
func (p *person) enter(v *version, law config.Compliance) {
	p.version, p.plan = v, v.at(&p.core.Lead, law)
	p.fields = nil
}
