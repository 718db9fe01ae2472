package chaos

import (
	"context"
	"time"

	"nurture/store"
)

// promised is within how long others go on with what a killed process had in its hands.
const promised = 2 * time.Minute

// resumption measures that: the longest from a kill until all touches that the process had claimed were settled, and until its jobs, with the
// touches still planned in them, were back where anybody takes them, or over.
type resumption struct {
	touches time.Duration
	jobs    map[string]time.Duration // by kind
	// tries are the tries of jobs that somebody has in hand, and since when; longest is how long one lasted, be it that it was lost on the way.
	tries   map[try]time.Time
	longest time.Duration
}

// try is one try of a job.
type try struct {
	job     int64
	attempt int
}

// look takes note of who has touches and jobs in hand now. killed is when processes were killed, by id.
func (r *resumption) look(killed map[int]time.Time, claimants []string, running []store.HeldJob, now time.Time) {
	for _, id := range claimants {
		if at, dead := killed[processOf(id)]; dead {
			r.touches = max(r.touches, now.Sub(at))
		}
	}
	tries := map[try]time.Time{}
	for _, j := range running {
		if at, dead := killed[processOf(j.Client)]; dead {
			r.jobs[j.Kind] = max(r.jobs[j.Kind], now.Sub(at))
			continue
		}
		t := try{j.ID, j.Attempt}
		if tries[t] = now; !r.tries[t].IsZero() {
			tries[t] = r.tries[t]
		}
		r.longest = max(r.longest, now.Sub(tries[t]))
	}
	r.tries = tries
}

// most is the longest of all that killed processes had in hand.
func (r *resumption) most() time.Duration {
	most := r.touches
	for _, d := range r.jobs {
		most = max(most, d)
	}
	return most
}

// watchResumption keeps measuring until ctx ends.
func (w *world) watchResumption(ctx context.Context) {
	w.background.Go(func() {
		for pause(ctx, 250*time.Millisecond) {
			claimants, err := store.UnsettledWorkers(ctx, w.pool)
			if err != nil {
				continue // the database is down
			}
			running, err := store.AllHeldJobs(ctx, w.pool)
			if err != nil {
				continue
			}
			w.fatesMu.Lock()
			w.resumed.look(w.killed, claimants, running, w.Now())
			w.fatesMu.Unlock()
		}
	})
}

// tell adds the figures to counts, in milliseconds.
func (r *resumption) tell(c *counts) {
	c.most("resume_ms_touches", int(r.touches.Milliseconds()))
	for kind, d := range r.jobs {
		c.most("resume_ms_"+kind, int(d.Milliseconds()))
	}
	c.most("try_ms_max", int(r.longest.Milliseconds()))
}
