package simulate

import (
	"cmp"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
)

// tomorrow is after what time of a day of the operator's intake looks again at those whom it could not take, as in the engine.
const tomorrow = 25 * time.Hour

// waitForIntake lets audience rules look at a lead from an instant on.
func (r *run) waitForIntake(i int32, from time.Time) {
	p := &r.people[i]
	r.stopWaiting(p)
	p.intakeAt = from
	r.inLine++
	at, ok := r.step(from)
	switch {
	case !ok:
	case at == r.instant:
		r.overdue = append(r.overdue, i)
	default:
		r.intakeOn[at] = append(r.intakeOn[at], i)
	}
}

func (r *run) stopWaiting(p *person) {
	if !p.intakeAt.IsZero() {
		p.intakeAt = time.Time{}
		r.inLine--
	}
}

// intake enrols those who wait for a cadence: into the first one, in the order of keys, whose audience takes them and that has intake left.
func (r *run) intake() int {
	if len(r.overdue) == 0 {
		return 0
	}
	due := r.overdue
	r.overdue = nil
	slices.SortFunc(due, func(a, b int32) int {
		return cmp.Or(r.people[a].intakeAt.Compare(r.people[b].intakeAt), cmp.Compare(a, b))
	})
	free := make([]int, len(r.live))
	for k, v := range r.live {
		free[k] = cadence.Unlimited
		if v.plan.IntakePerDay > 0 {
			free[k] = max(v.plan.IntakePerDay*r.Desk-r.started[v.key], 0)
		}
	}
	reopens := r.allowed.Midnight.Add(tomorrow)
	var events []event
	n := 0
	for _, i := range due {
		p := &r.people[i]
		if p.intakeAt.IsZero() || p.intakeAt.After(r.now) { // it ended, or somebody put it off
			continue
		}
		n++
		r.stopWaiting(p)
		if len(p.tasks) > 0 { // a person is seeing to it
			r.waitForIntake(i, r.now.Add(24*time.Hour))
			continue
		}
		chosen, again := r.choose(p, free)
		switch {
		case chosen >= 0:
			free[chosen]--
			r.begin(i, r.live[chosen], p.run > 0)
			events = append(events, event{i, cadence.Enrolled{}})
		case again:
			r.waitForIntake(i, reopens)
		default:
			r.out.Unmatched++
		}
	}
	r.apply(events)
	return n
}

// choose gives the cadence that takes a lead, −1 for none; again when one would if it had intake left.
func (r *run) choose(p *person, free []int) (chosen int, again bool) {
	if !p.masked || r.Config.Definition.CountsDown(p.facts) {
		fields := r.allFields(p)
		look := func(field string) (predicate.Value, bool) { v, ok := fields[field]; return v, ok }
		p.mask = 0
		for k, v := range r.live {
			if v.plan.Takes(look) {
				p.mask |= 1 << k
			}
		}
		p.masked = true
	}
	for k := range r.live {
		if p.mask&(1<<k) == 0 {
			continue
		}
		if free[k] > 0 {
			return k, false
		}
		again = true
	}
	return -1, again
}
