package jobs

import (
	"context"
	"sync"
	"time"

	"nurture/store"
)

// Looking for leaks reads every lead. So it is done at most once in leakSpan, by one at a time, and nobody waits for it when it has gone on for leakPatience,
// nor at all where the last look took longer than that.
const (
	leakSpan     = 5 * time.Minute
	leakPatience = 150 * time.Millisecond
	leakTimeout  = 2 * time.Minute
	leakSample   = 1000
)

// leakWatch keeps what the last look for leaks found.
type leakWatch struct {
	mu      sync.Mutex
	looking chan struct{} // closed when the look that is under way is over; nil when none is
	last    Leaks
	began   time.Time     // the look that is under way
	took    time.Duration // the last look; 0 before the first
}

// Leaks is what the last look for leaks found (B4).
type Leaks struct {
	At    time.Time // of the real clock; zero when there was no look yet
	Leads []store.Leak
	More  bool // there are more than Leads
}

// Leaks gives the leads that nobody and nothing will come back to, as they were found within the last five minutes; while a look is under way that takes
// long, as the one before it found them. At is zero while the first look is under way.
func (e *Engine) Leaks(ctx context.Context) Leaks {
	w := &e.leaks
	w.mu.Lock()
	if w.looking == nil && e.realNow().Sub(w.last.At) >= leakSpan {
		done := make(chan struct{})
		w.looking, w.began = done, e.realNow()
		go e.lookForLeaks(context.WithoutCancel(ctx), done)
	}
	looking, fresh, left := w.looking, e.realNow().Sub(w.last.At) < leakSpan, leakPatience-e.realNow().Sub(w.began)
	if w.took >= leakPatience {
		left = 0
	}
	w.mu.Unlock()
	if looking != nil && !fresh && left > 0 {
		patience := time.NewTimer(left)
		defer patience.Stop()
		select {
		case <-looking:
		case <-patience.C:
		case <-ctx.Done():
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

func (e *Engine) lookForLeaks(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, leakTimeout)
	defer cancel()
	leads, err := store.Leaks(ctx, e.pool, leakSample+1)
	w := &e.leaks
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		e.log.WarnContext(ctx, "the look for leads without a next action failed", "error", err)
	} else {
		w.last = Leaks{At: e.realNow(), Leads: leads[:min(len(leads), leakSample)], More: len(leads) > leakSample}
	}
	w.looking, w.took = nil, e.realNow().Sub(w.began)
	close(done)
}
