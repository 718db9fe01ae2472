package api

import (
	"sync"
	"time"
)

// rate lets one through every so often, and at first as many as burst at once.
type rate struct {
	every time.Duration
	burst int
}

// limiter keeps, by key, when the next one would be due if all came evenly (the generic cell rate algorithm). It is this process's own.
type limiter struct {
	rate
	mu  sync.Mutex
	due map[string]time.Time
}

// limiterKeys is at how many keys those that are long over are forgotten.
const limiterKeys = 10_000

func newLimiter(r rate) *limiter { return &limiter{rate: r, due: map[string]time.Time{}} }

// wait says how long somebody must wait; 0 lets pass, and counts when count says so.
func (l *limiter) wait(key string, now time.Time, count bool) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	due := l.due[key]
	if due.Before(now) {
		due = now
	}
	next := due.Add(l.every)
	if wait := next.Sub(now) - l.every*time.Duration(l.burst); wait > 0 {
		return wait
	}
	if count {
		if len(l.due) >= limiterKeys {
			l.forget(now)
		}
		l.due[key] = next
	}
	return 0
}

func (l *limiter) forget(now time.Time) {
	for key, due := range l.due {
		if !due.After(now) {
			delete(l.due, key)
		}
	}
}
