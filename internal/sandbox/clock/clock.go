// Package clock is the virtual clock: a whole engine runs on it, database included, as fast as the machine allows.
package clock

import (
	"sync"
	"time"
)

// Virtual is a clock that stands still until it is told to move. It is safe for concurrent use.
type Virtual struct {
	mu  sync.Mutex
	now time.Time
}

// New makes a clock that shows start.
func New(start time.Time) *Virtual { return &Virtual{now: start.UTC().Truncate(time.Microsecond)} }

// Now is what the clock shows.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Advance moves the clock to t; it never goes back.
func (v *Virtual) Advance(t time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if t.After(v.now) {
		v.now = t.UTC().Truncate(time.Microsecond)
	}
}
