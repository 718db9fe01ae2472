package simulate

import "nurture/cadence"

// waiting is an enrolment, or a task, in a queue. What its lead has done since makes it stale: then seq is another one.
type waiting struct {
	due  int64 // Unix microseconds
	lead int32
	seq  uint32
}

// queue is a binary heap that gives the longest overdue first, and of equals the one of the older lead.
type queue []waiting

func (q *queue) push(w waiting) {
	h := append(*q, w)
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !w.before(h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = w
	*q = h
}

// pop takes the first; the queue is not empty.
func (q *queue) pop() waiting {
	h := *q
	first, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	*q = h
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if right := child + 1; right < len(h) && h[right].before(h[child]) {
			child = right
		}
		if !h[child].before(last) {
			break
		}
		h[i] = h[child]
		i = child
	}
	h[i] = last
	return first
}

func (w waiting) before(other waiting) bool {
	switch {
	case w.due != other.due:
		return w.due < other.due
	case w.lead != other.lead:
		return w.lead < other.lead
	}
	return w.seq < other.seq
}

// room is a cadence.Room with the enrolments that are due in it, by priority.
type room struct {
	cadence.Room
	spenders []int // whose allowance it takes
	due      [4]queue
}

// priorities are as many as a room has queues.
var priorities = len(cadence.Priorities())

func (r *room) push(priority cadence.Priority, w waiting) { r.due[priority].push(w) }

// peek gives the priority of what is to be taken next; false when nothing is due. Stale ones are dropped.
func (r *room) peek(stale func(waiting) bool) (int, bool) {
	for priority := range priorities {
		q := &r.due[priority]
		for len(*q) > 0 && stale((*q)[0]) {
			q.pop()
		}
		if len(*q) > 0 {
			return priority, true
		}
	}
	return 0, false
}

// candidate is an enrolment that a room would take, with its rank.
type candidate struct {
	waiting
	room     *room
	n        int // of its room: how many may be taken
	domainN  int
	priority int
}

// before orders candidates as they are taken: by priority, then the longest overdue.
func (c candidate) before(other candidate) int {
	switch {
	case c.priority != other.priority:
		return c.priority - other.priority
	case c.waiting.before(other.waiting):
		return -1
	}
	return 1
}

// take gives up to n candidates, the first to go first.
func (r *room) take(n, domainN int, stale func(waiting) bool) []candidate {
	var taken []candidate
	for len(taken) < n {
		priority, ok := r.peek(stale)
		if !ok {
			break
		}
		taken = append(taken, candidate{r.due[priority].pop(), r, n, domainN, priority})
	}
	return taken
}
