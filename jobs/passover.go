package jobs

import (
	"sync"
	"time"
)

// mostPassedOver bounds how many enrolments are passed over at once; more are tried with each bite, as one that nobody knows to be bad.
const mostPassedOver = 5000

// passedOver are enrolments that could not be planned for what they are, which this process leaves alone for spoiltAgain: first in line, they would take
// the little room that a sender has from all that could be planned.
type passedOver struct {
	mu    sync.Mutex
	until map[int64]time.Time // by enrolment
}

// add passes an enrolment over from now on.
func (p *passedOver) add(enrollmentID int64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until == nil {
		p.until = map[int64]time.Time{}
	}
	if len(p.until) < mostPassedOver {
		p.until[enrollmentID] = now.Add(spoiltAgain)
	}
}

// at lists those that are passed over at now, and forgets the others. One whose time lies farther ahead is of a clock that was set back since.
func (p *passedOver) at(now time.Time) []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := make([]int64, 0, len(p.until))
	for id, until := range p.until {
		if !now.Before(until) || until.After(now.Add(spoiltAgain)) {
			delete(p.until, id)
			continue
		}
		ids = append(ids, id)
	}
	return ids
}
