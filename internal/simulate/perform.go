package simulate

import (
	"slices"

	"nurture/cadence"
)

// plannedTouch is a touch that leaves in this instant, unless its claim is refused.
type plannedTouch struct {
	lead, run int32
	plan      cadence.PlanTouch
	room      *room
	off       bool // cancelled since
}

// barred is a lead that lost an address, which others may share.
type barred struct {
	lead         int32
	email, phone bool
}

// perform carries out what was decided, in the order of the batch, and leaves the events that follow in r.next.
func (r *run) perform() {
	r.told, r.barred = r.told[:0], r.barred[:0]
	for i := range r.batch {
		d := &r.batch[i]
		p := &r.people[d.lead]
		p.core, p.in, p.priority = d.core, d.in, d.rank
		p.core.Lead.Fields, p.core.Lead.Recent = nil, nil
		enrolment := p.run // what follows may begin another
		for _, action := range d.actions {
			r.act(d.lead, p, enrolment, action)
		}
		d.actions, d.more = nil, nil
		r.enqueue(d.lead)
	}
	for _, b := range r.barred {
		r.barOthers(b)
	}
	r.tellColleagues()
}

// enqueue puts a person into the queue for what it waits for; whatever it waited for before is stale.
func (r *run) enqueue(i int32) {
	p := &r.people[i]
	p.seq++
	if p.core.Due == nil {
		return
	}
	w := waiting{due: p.core.Due.At.UnixMicro(), lead: i, seq: p.seq}
	if !p.core.Due.At.After(r.now) {
		p.in.push(p.priority, w)
		return
	}
	if at, ok := r.step(p.core.Due.At); ok {
		r.dueAt[at] = append(r.dueAt[at], w)
	}
}

func (r *run) act(i int32, p *person, enrolment int32, action cadence.Action) {
	switch a := action.(type) {
	case cadence.PlanTouch:
		in := r.roomOf(p, p.ways.Room(a.Channel))
		r.planned = append(r.planned, plannedTouch{lead: i, run: p.run, plan: a, room: in})
		p.planned = int32(len(r.planned))
		r.spend(in, 1)
	case cadence.SkipTouch:
		r.out.today().Skipped++
		r.out.Skipped[a.Reason]++
	case cadence.CancelOpen:
		r.cancel(p, enrolment, a)
	case cadence.OpenTask:
		r.openTask(i, enrolment, a)
	case cadence.Suppress:
		r.suppress(i, p, a.Scope)
	case cadence.InvalidatePhone:
		r.closeTasks(p, func(t *task) bool { return phoneTask(t.kind) })
	case cadence.MoveStage:
		p.changed()
	case cadence.HandOff:
		r.handOff(i, p, a)
	case cadence.EnrollIn:
		r.enrollIn(i, p, a)
	case cadence.EndLead:
		r.out.today().Ended++
		r.out.Ends[a.End]++
		p.offered = false
		r.stopWaiting(p)
	case cadence.TellColleagues:
		r.told = append(r.told, i)
	}
}

// cancel skips what is planned of an enrolment and closes its tasks.
func (r *run) cancel(p *person, enrolment int32, a cadence.CancelOpen) {
	if a.Kind != "" {
		r.closeTasks(p, func(t *task) bool { return t.enrolment == enrolment && t.kind == a.Kind })
		return
	}
	if k := p.planned - 1; k >= 0 {
		t := &r.planned[k]
		if !t.off && t.run == enrolment && (a.Only == nil || a.Only.Step == t.plan.Step && a.Only.Run == t.plan.Run) {
			t.off = true
			r.spend(t.room, -1)
		}
	}
	r.closeTasks(p, func(t *task) bool {
		return t.enrolment == enrolment && (a.Only == nil || t.ofTouch && a.Only.Step == t.step && a.Only.Run == t.stepRun)
	})
	if p.core.State == cadence.Finished && a.Only == nil {
		r.out.Finished[a.Reason]++
	}
}

// suppress closes the tasks that need what a lead lost, and bars others from the same addresses.
func (r *run) suppress(i int32, p *person, scope cadence.SuppressScope) {
	b := barred{lead: i}
	if scope != cadence.SuppressEmail {
		b.phone = p.Lead.Phone != ""
		r.closeTasks(p, func(t *task) bool { return phoneTask(t.kind) })
	}
	if scope != cadence.SuppressPhone {
		b.email = p.Lead.Email != ""
		r.closeTasks(p, func(t *task) bool { return t.kind == cadence.TaskManualEmail })
	}
	if b.phone && p.samePhone != nil || b.email && p.sameMail != nil {
		r.barred = append(r.barred, b)
	}
}

func (r *run) barOthers(b barred) {
	p := &r.people[b.lead]
	if b.phone {
		for _, other := range p.samePhone {
			r.people[other].core.Lead.Phone = false
		}
	}
	if b.email {
		for _, other := range p.sameMail {
			r.people[other].core.Lead.Email = false
		}
	}
}

// enrollIn begins the cadence that a lead moves to, or lets intake find it another.
func (r *run) enrollIn(i int32, p *person, a cadence.EnrollIn) {
	to := r.byKey[a.Cadence]
	r.out.today().Moved++
	if to == nil {
		at := r.now
		if a.NotBefore != nil {
			at = *a.NotBefore
		}
		r.waitForIntake(i, at)
		return
	}
	r.begin(i, to, cadence.BeginsCycle(p.version.plan.Term, to.plan.Term))
	r.next = append(r.next, event{i, cadence.Enrolled{NotBefore: a.NotBefore}})
}

// begin puts a lead into a cadence, where it is pending; a new cycle has a fresh budget.
func (r *run) begin(i int32, v *version, newCycle bool) {
	p := &r.people[i]
	if newCycle || p.cycle == 0 {
		r.endCycle(p)
		p.cycle, p.attempts, p.budget = p.cycle+1, 0, v.plan.Budget
	}
	p.run++
	p.core = cadence.Enrollment{ID: int64(p.run), Lead: p.core.Lead, State: cadence.Pending, Reason: cadence.ReasonEnrolled, Cycle: int(p.cycle), Run: 1}
	p.enter(v, r.law)
	p.in = r.rooms[0]
	r.started[v.key]++
	r.out.today().Enrolled++
}

// endCycle counts how much of its budget a cycle has used.
func (r *run) endCycle(p *person) {
	if p.cycle > 0 {
		r.out.countBudget(p.attempts)
	}
}

// tellColleagues lets the running enrolments of the colleagues of those who are told about know. Who is among them itself is not told.
func (r *run) tellColleagues() {
	if len(r.told) == 0 {
		return
	}
	var hear []int32
	for _, i := range r.told {
		for _, other := range r.people[i].colleagues {
			if p := &r.people[other]; p.run > 0 && p.core.State != cadence.Finished && !slices.Contains(r.told, other) {
				hear = append(hear, other)
			}
		}
	}
	slices.Sort(hear)
	for _, other := range slices.Compact(hear) {
		r.next = append(r.next, event{other, cadence.ColleagueResponded{}})
	}
}

// handOff offers a lead to sales, or notes that its dossier lacks something.
func (r *run) handOff(i int32, p *person, a cadence.HandOff) {
	if len(a.Missing) > 0 {
		if !p.blocked {
			p.blocked = true
			r.out.today().Blocked++
		}
		return
	}
	p.handoffs++
	p.blocked = false
	r.out.today().Promoted++
	r.offer(i)
}

// offer lets sales answer in its time.
func (r *run) offer(i int32) {
	p := &r.people[i]
	p.offered = true
	_, after := r.People.Sales(p.who, p.handoffs)
	if at, ok := r.step(r.now.Add(after)); ok {
		r.salesAt[at] = append(r.salesAt[at], i)
	}
}

// sell lets sales answer what it was offered long enough ago.
func (r *run) sell() int {
	due := r.salesAt[r.instant]
	r.salesAt[r.instant] = nil
	slices.Sort(due)
	for _, i := range due {
		p := &r.people[i]
		if !p.offered {
			continue
		}
		p.offered = false
		if accepts, _ := r.People.Sales(p.who, p.handoffs); accepts {
			p.core.Lead.Stage = cadence.StageAccepted
			p.changed()
			r.out.today().Accepted++
			continue
		}
		r.out.today().Rejected++
		p.refusedAt = r.now
		r.respond([]response{{lead: i, kind: cadence.HandoffRejected}})
	}
	return len(due)
}
