package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"nurture/store"
)

// errStuck says that nothing moved any more though something was left to do: the comparison says what.
var errStuck = errors.New("something is stuck")

const (
	lookEvery = 100 * time.Millisecond
	// leap is how far the clock first goes on while calls are open, of which the provider is asked after minutes, and farthest how far at
	// the most: it is asked for a day when it cannot tell.
	leap, farthest = 3 * time.Minute, 2 * time.Hour
	// listLag is how long workers wait before they ask at all, on the real clock, which no leap moves.
	listLag = 2 * time.Minute
	// together is what one leap may bring at once: the appointments of thousands of leads differ by microseconds.
	together = time.Hour
)

// drain lets the workers finish: the clock goes on to whatever comes next, until nothing is left to do. errStuck when nothing has moved for
// longer than the patience.
func (w *world) drain(ctx context.Context) error {
	var last store.Undone
	over := false
	var still stillness
	moved, asked, further := w.Now(), w.Now().Add(cmp.Or(w.ListLag, listLag)), leap
	for pause(ctx, lookEvery) {
		undone, err := store.CountUndone(ctx, w.pool)
		if err != nil {
			continue // the last restart of the database is not over
		}
		if undone != last {
			last, moved = undone, w.Now()
		}
		if undone == (store.Undone{Settled: undone.Settled}) {
			if over && w.answering.Load() == 0 {
				return nil
			}
			over = w.phone.Wait(ctx) == nil // what a call still tells is to be evaluated too: it is looked once more
			continue
		}
		over = false
		if w.Now().Sub(moved) > w.Patience {
			return fmt.Errorf("%w: %+v", errStuck, undone)
		}
		busy, err := store.Busy(ctx, w.pool, w.clock())
		if err != nil {
			continue
		}
		w.counts.most("still_ms_max", int(still.look(w.Now(), moved, busy).Milliseconds()))
		if busy {
			continue
		}
		if undone.Calls > 0 { // before anything else: the later they are asked, the more leaps lie between the claim and the question
			if w.Now().Sub(asked) > w.recovery() {
				err = w.jump(w.shifted() + further)
				asked, further = w.Now(), min(2*further, farthest)
			}
		} else {
			err = w.leapToNext(ctx)
		}
		if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// stillness measures how long something that is due does not move. What waits for its time, or for the provider's list to be believed, is not due.
type stillness struct{ since time.Time }

// look is how long that has been now, as far as it was looked: since the latest move, or since nothing was due.
func (s *stillness) look(now, moved time.Time, due bool) time.Duration {
	if moved.After(s.since) {
		s.since = moved
	}
	if !due {
		s.since = now
	}
	return now.Sub(s.since)
}

// recovery is how long it takes at most until every worker has asked the provider again: ten ticks, and one for luck.
func (w *world) recovery() time.Duration {
	tick := w.Tick
	if tick == 0 {
		tick = time.Second
	}
	return 11 * tick
}

// leapToNext moves the clock past the next appointment, if there is one to come.
func (w *world) leapToNext(ctx context.Context) error {
	now := w.clock()
	next, ok, err := store.NextDue(ctx, w.pool, now)
	if err != nil || !ok {
		return nil // down, or what is undone is due already
	}
	return w.jump(w.shifted() + next.Sub(now).Truncate(together) + together)
}
