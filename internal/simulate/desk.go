package simulate

import (
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// task is something that an SDR is to do about a lead.
type task struct {
	no        uint32 // of the run's tasks, from 1
	kind      cadence.TaskKind
	due       time.Time
	expires   time.Time // zero: never
	enrolment int32     // which of the lead's runs it belongs to
	ofTouch   bool
	step      int
	stepRun   int
	attempt   int // of the cycle, that it spent
	cycle     int32
	shares    *Shares // what can come of it; nil for what no step filed
}

// sdr works tasks.
type sdr struct {
	run   *run
	email string
	zone  *time.Location
	daily int
	queue queue
	later []waiting // about leads that somebody has talked to today
	day   int64
	done  int // on that day
}

func (s *sdr) push(w waiting) { s.queue.push(w) }

// deskDays is when SDRs work, in their own zone.
var deskDays = calendar.NewWindow([7]bool{false, true, true, true, true, true, false}, calendar.Span{From: deskOpens, To: deskCloses}, nil)

const (
	deskOpens  = 8 * 60
	deskCloses = 18 * 60
)

// DeskQuota is how many tasks an SDR who does daily a day has had time for at now, since the desk opened; 0 outside of its hours. The day is
// the SDR's own, as days since 1970.
func DeskQuota(daily int, zone *time.Location, now time.Time) (day int64, n int) {
	local := now.In(zone)
	day = time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
	minute := local.Hour()*60 + local.Minute()
	if deskDays.Hours[local.Weekday()].To == 0 || minute < deskOpens || minute >= deskCloses {
		return day, 0
	}
	const span = deskCloses - deskOpens
	worked := min(minute-deskOpens+60, span)
	return day, (daily*worked + span - 1) / span
}

// phoneTask reports whether a task needs a phone to call.
func phoneTask(kind cadence.TaskKind) bool { return kind.Rings() }

// openTask finds an open task by its number; nil when it is over.
func (p *person) openTask(no uint32) *task {
	for i := range p.tasks {
		if p.tasks[i].no == no {
			return &p.tasks[i]
		}
	}
	return nil
}

// file files the task of a call touch.
func (r *run) file(t *plannedTouch, p *person) {
	step := p.plan.Steps[t.plan.Step]
	due, expires := p.plan.TaskTimes(step, p.core.Lead.Place, r.now)
	filed := task{
		kind: cadence.TaskCall, due: due, enrolment: p.run, ofTouch: true, step: t.plan.Step, stepRun: t.plan.Run, attempt: p.attempts, cycle: p.cycle,
		shares: p.version.shares[t.plan.Step],
	}
	if step.Kind == cadence.StepManualEmail {
		filed.kind, filed.shares = cadence.TaskManualEmail, nil
	}
	if expires != nil {
		filed.expires = *expires
	}
	no := r.add(t.lead, filed)
	r.touched(p, contact{at: r.now, task: no})
	if filed.kind.Rings() {
		r.called(p, contact{at: r.now, task: no})
	}
}

// openTask opens a task that no step filed: a lead has one of a kind at most, and the earlier due time holds.
func (r *run) openTask(i, enrolment int32, a cadence.OpenTask) {
	p := &r.people[i]
	for k := range p.tasks {
		t := &p.tasks[k]
		if t.ofTouch || t.kind != a.Kind {
			continue
		}
		if a.DueBy.Before(t.due) {
			t.due = a.DueBy
			r.taskNo++
			t.no = r.taskNo
			r.queueTask(i, *t)
		}
		return
	}
	r.add(i, task{kind: a.Kind, due: a.DueBy, enrolment: enrolment})
}

// reopen puts back a task that was open when the run began.
func (r *run) reopen(i int32, t Task) {
	p := &r.people[i]
	open := task{kind: t.Kind, due: t.Due, enrolment: p.run, ofTouch: t.OfTouch}
	if t.Expires != nil {
		open.expires = *t.Expires
	}
	if t.OfTouch && p.version != nil {
		open.step, open.stepRun, open.attempt, open.cycle = p.core.Step, p.core.Run, p.attempts, p.cycle
		if open.step < len(p.version.shares) && open.kind == cadence.TaskCall {
			open.shares = p.version.shares[open.step]
		}
	}
	r.add(i, open)
}

func (r *run) add(i int32, t task) uint32 {
	p := &r.people[i]
	r.taskNo++
	t.no = r.taskNo
	p.tasks = append(p.tasks, t)
	r.out.openTasks++
	if !t.expires.IsZero() {
		if at, ok := r.step(t.expires); ok {
			r.expireAt[at] = append(r.expireAt[at], waiting{lead: i, seq: t.no})
		}
	}
	r.queueTask(i, t)
	return t.no
}

// queueTask puts a task into its SDR's queue: a callback when its time has come, others at once. Leads without an SDR have nobody.
func (r *run) queueTask(i int32, t task) {
	p := &r.people[i]
	if p.owner == nil {
		return
	}
	w := waiting{due: t.due.UnixMicro(), lead: i, seq: t.no}
	if t.kind == cadence.TaskCallback && t.due.After(r.now) {
		if at, ok := r.step(t.due); ok {
			r.taskAt[at] = append(r.taskAt[at], w)
		}
		return
	}
	p.owner.push(w)
}

// closeTasks closes the open tasks that match before anybody has done them: what they spent of the budget is given back, if it was the latest.
func (r *run) closeTasks(p *person, match func(*task) bool) {
	kept := p.tasks[:0]
	for k := range p.tasks {
		t := p.tasks[k]
		if !match(&t) {
			kept = append(kept, t)
			continue
		}
		r.neverDone(p, &t)
	}
	p.tasks = kept
}

func (r *run) neverDone(p *person, t *task) {
	r.out.openTasks--
	if !t.ofTouch {
		return
	}
	if t.cycle == p.cycle && t.attempt == p.attempts {
		p.attempts--
	}
	r.redate(p, t.no, time.Time{})
}

// expire tells the core of tasks that nobody did in time.
func (r *run) expire() int {
	due := r.expireAt[r.instant]
	r.expireAt[r.instant] = nil
	var events []event
	for _, w := range due {
		p := &r.people[w.lead]
		t := p.openTask(w.seq)
		if t == nil {
			continue
		}
		over := *t
		r.closeTasks(p, func(t *task) bool { return t.no == w.seq })
		r.out.today().Expired++
		if over.ofTouch && over.enrolment == p.run {
			events = append(events, event{w.lead, cadence.TaskExpired{Step: over.step, Run: over.stepRun}})
		}
	}
	r.apply(events)
	return len(events)
}

// work lets each SDR work the queue, as far as the day's capacity and the hour allow. All that one does at an instant is logged together.
func (r *run) work() int {
	done := 0
	for _, s := range r.sdrs {
		day, quota := DeskQuota(s.daily, s.zone, r.now)
		if day != s.day {
			s.day, s.done = day, 0
			for _, w := range s.later {
				s.push(w)
			}
			s.later = s.later[:0]
		}
		if quota <= s.done || len(s.queue) == 0 {
			continue
		}
		tasks := r.pick(s, quota-s.done)
		s.done += len(tasks)
		done += len(tasks)
		r.log(tasks, day)
	}
	return done
}

// todo is a task of a lead.
type todo struct {
	lead int32
	task task
}

// pick takes up to n tasks of an SDR, in the order of their due times. Nobody is talked to twice a day.
func (r *run) pick(s *sdr, n int) []todo {
	var tasks []todo
	for len(tasks) < n && len(s.queue) > 0 {
		w := s.queue.pop()
		p := &r.people[w.lead]
		t := p.openTask(w.seq)
		switch {
		case t == nil:
		case p.worked == s.day:
			s.later = append(s.later, w)
		default:
			tasks = append(tasks, todo{w.lead, *t})
		}
	}
	return tasks
}

// log records what came of tasks.
func (r *run) log(tasks []todo, day int64) {
	if len(tasks) == 0 {
		return
	}
	responses := make([]response, 0, len(tasks))
	for _, d := range tasks {
		p := &r.people[d.lead]
		p.worked = day
		p.tasks = slices.DeleteFunc(p.tasks, func(t task) bool { return t.no == d.task.no })
		r.out.openTasks--
		r.out.today().Worked++
		outcome := r.outcome(p, d.task)
		in := response{lead: d.lead, kind: outcome.Disposition, date: outcome.Date, answers: outcome.Answers}
		if d.task.ofTouch {
			in.enrolment, in.step, in.stepRun = d.task.enrolment, d.task.step, d.task.stepRun
		}
		responses = append(responses, in)
		r.redate(p, d.task.no, r.now)
		if !d.task.ofTouch && d.task.kind.Rings() {
			r.called(p, contact{at: r.now})
		}
	}
	r.respond(responses)
}

// outcome is what comes of a task. Rolls go by how many of its kind the lead has had.
func (r *run) outcome(p *person, t task) Outcome {
	var o Outcome
	switch {
	case t.shares != nil:
		p.calls++
		o = r.People.OnCall(p.who, t.shares, p.calls, p.ready, r.now)
	default:
		if p.asked == nil {
			p.asked = map[cadence.TaskKind]int{}
		}
		about := t.kind
		if t.kind.Rings() {
			about = cadence.TaskCall
		}
		p.asked[about]++
		o = r.People.OnTask(t.kind, p.who, p.asked[about], p.ready, r.now)
	}
	p.ready = o.Ready
	if t.kind.Rings() {
		r.out.today().Rung++
	}
	return o
}
