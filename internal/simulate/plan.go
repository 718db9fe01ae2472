package simulate

import (
	"slices"
	"time"

	"nurture/cadence"
)

// spending is how much of an allowance is used.
type spending struct {
	cadence.Spender
	day  int
	hour []spent // the latest last
}

// spent is how many touches were planned at an instant.
type spent struct {
	at time.Time
	n  int
}

// used counts what was planned today, and within the last hour.
func (s *spending) used(now time.Time) cadence.Used {
	since := cadence.HourBefore(now)
	used := cadence.Used{Day: s.day}
	first := 0
	for i, one := range s.hour {
		if one.at.Before(since) {
			first = i + 1
			continue
		}
		used.Hour += one.n
	}
	s.hour = slices.Delete(s.hour, 0, first)
	return used
}

// spend takes n touches of what a room may take; a negative n gives them back.
func (r *run) spend(in *room, n int) {
	for _, i := range in.spenders {
		s := &r.spent[i]
		s.day += n
		if last := len(s.hour) - 1; last >= 0 && s.hour[last].at.Equal(r.now) {
			s.hour[last].n += n
		} else {
			s.hour = append(s.hour, spent{r.now, n})
		}
	}
}

// stale says that what waits in a queue has done something else since.
func (r *run) stale(w waiting) bool { return r.people[w.lead].seq != w.seq }

// plan asks the core about everybody who is due and for whom there is capacity, as the engine's planner does.
func (r *run) plan() int {
	total := 0
	for r.err == nil {
		due := r.dueRooms()
		if len(due) == 0 {
			return total
		}
		taken := r.take(due)
		if len(taken) == 0 {
			return total
		}
		total += len(taken)
		events := make([]event, len(taken))
		for i, c := range taken {
			events[i] = event{c.lead, cadence.FellDue{}}
		}
		r.apply(events)
	}
	return total
}

// dueRooms lists the rooms that may have something left and in which somebody is due.
func (r *run) dueRooms() []cadence.Room {
	any := false
	for _, in := range r.rooms {
		if _, ok := in.peek(r.stale); ok {
			any = true
			break
		}
	}
	if !any {
		return nil
	}
	return slices.DeleteFunc(r.closed.Open(r.allowed, 1, r.now), func(of cadence.Room) bool {
		in := r.known(of)
		if in == nil {
			return true
		}
		_, ok := in.peek(r.stale)
		return !ok
	})
}

// known is a room that some lead waits in, or could; nil when none does.
func (r *run) known(of cadence.Room) *room {
	of.N, of.DomainN = 0, 0
	for _, in := range r.rooms {
		if in.Room == of {
			return in
		}
	}
	return nil
}

// take gives the enrolments that there is room for: by priority, then the longest overdue first, within what a sender's rooms, and a domain's,
// have together.
func (r *run) take(due []cadence.Room) []candidate {
	left := map[cadence.Spender]int{}
	for _, of := range due {
		for _, s := range of.Spenders() {
			if _, measured := left[s]; !measured {
				left[s] = r.closed.Left(r.allowed, s, r.spent[r.spenders[s]].used(r.now), r.now)
			}
		}
	}
	var all []candidate
	for _, of := range cadence.FitRooms(due, left) {
		all = append(all, r.known(of).take(of.N, of.DomainN, r.stale)...)
	}
	slices.SortFunc(all, candidate.before)
	ofSender, ofDomain := map[cadence.Spender]int{}, map[string]int{}
	kept := all[:0]
	var over []candidate
	for _, c := range all {
		sender := cadence.Spender{Channel: c.room.Channel, Sender: c.room.Sender}
		ofSender[sender]++
		ofDomain[c.room.Domain]++
		if ofSender[sender] > c.n || c.room.Domain != "" && ofDomain[c.room.Domain] > c.domainN {
			over = append(over, c)
			continue
		}
		kept = append(kept, c)
	}
	for _, c := range over {
		c.room.push(cadence.Priority(c.priority), c.waiting)
	}
	return kept
}
