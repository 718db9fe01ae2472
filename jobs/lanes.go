package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"nurture/cadence"
	"nurture/channels"
)

const (
	// deepLane is how many touches are claimed for each message that a lane carries at once, at most: enough that its connections never wait
	// for the database.
	deepLane = 32
	// laneAhead is how long what is claimed should take to leave: what is committed in the meantime, such as an opt-out, comes too late for it.
	// So before a slow server fewer touches are claimed, down to one for each message that the lane carries and a window.
	laneAhead = 250 * time.Millisecond
	// paceSpan is over how long that is measured, at least.
	paceSpan = 100 * time.Millisecond
	// plainWidth is the width of a channel that names no lanes.
	plainWidth = 8
	// lanePatience is how long a job waits before a full lane; then it makes room for others' jobs and comes again after as long.
	lanePatience = time.Second
)

// errLaneFull says that a lane had no room for long: its server is slow, or away.
var errLaneFull = errors.New("the way out is busy")

// lanes keep what is claimed and not yet sent in proportion to what the ways out carry, and see to it that no lane's jobs take all the
// places where jobs run.
type lanes struct {
	patience time.Duration
	places   int // where jobs run, for each channel
	mu       sync.Mutex
	rooms    map[lane]*room
	seats    map[way]int
	freed    chan struct{} // closed and replaced when a seat becomes free
}

// way is a lane, however wide.
type way struct {
	channel cadence.Channel
	key     string
}

type lane struct {
	way
	width int
}

// room is what a lane holds. What its pace leaves no room for is kept taken.
type room struct {
	*semaphore.Weighted
	users int // windows inside or waiting; without any it is forgotten

	mu          sync.Mutex
	least, most int64
	kept        int64 // of most, taken for nobody
	waits       time.Duration
	windows     int64     // that waited so long together
	since       time.Time // they are counted
}

func newRoom(width int, now time.Time) *room {
	width = max(width, 1)
	r := &room{least: int64(width + claimWindow), most: int64(deepLane*width + claimWindow), since: now}
	r.Weighted = semaphore.NewWeighted(r.most)
	r.kept = (r.most - r.least) / 2 // until its pace is known
	_ = r.TryAcquire(r.kept)        // nobody is inside
	return r
}

// leave gives back the room of n touches. Those that were claimed, as claimed says if it is not the zero time, have left by now: how long that
// took says how much room there is from now on.
func (r *room) leave(n int64, claimed, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	keep := r.kept
	if !claimed.IsZero() {
		r.waits += now.Sub(claimed)
		r.windows++
		if now.Sub(r.since) >= paceSpan {
			keep = r.most - r.fitting(r.waits/time.Duration(r.windows))
			r.waits, r.windows, r.since = 0, 0, now
		}
	}
	keep = min(keep, r.kept+n) // what others hold is kept when they leave
	r.Release(n + r.kept - keep)
	r.kept = keep
}

// fitting is how much room there should be where what was claimed took so long to leave: twice what there is at most.
func (r *room) fitting(took time.Duration) int64 {
	size := r.most - r.kept
	fits := 2 * size
	if took > laneAhead/2 {
		fits = size * int64(laneAhead) / int64(took)
	}
	return min(max(fits, r.least), r.most)
}

// laneOf is the lane of a sender as it is now.
func (e *Engine) laneOf(ctx context.Context, channel cadence.Channel, from string) lane {
	l := lane{way{channel, from}, plainWidth}
	if c, ok := e.channels[channel].(channels.Lanes); ok {
		l.key, l.width = c.Lane(ctx, from)
	}
	return l
}

// enterLane waits for room for n touches from a sender, with patience. leave, of which the first call counts, gives the room back and says when
// the touches were claimed on the real clock; the zero time if they were not.
func (e *Engine) enterLane(ctx context.Context, channel cadence.Channel, from string, n int) (leave func(claimed time.Time), err error) {
	l := e.laneOf(ctx, channel, from)
	room := e.lanes.room(l, e.realNow())
	waiting, cancel := context.WithTimeout(ctx, e.lanes.patience)
	defer cancel()
	if err := room.Acquire(waiting, int64(n)); err != nil {
		e.lanes.forget(l, room)
		return nil, fullOr(ctx)
	}
	var once sync.Once
	return func(claimed time.Time) {
		once.Do(func() {
			room.leave(int64(n), claimed, e.realNow())
			e.lanes.forget(l, room)
		})
	}, nil
}

// fullOr is why nothing became of waiting.
func fullOr(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errLaneFull
}

// room is what a lane holds. A lane whose width changes is another one; what is in the old one still leaves.
func (ls *lanes) room(l lane, now time.Time) *room {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.rooms == nil {
		ls.rooms = map[lane]*room{}
	}
	r := ls.rooms[l]
	if r == nil {
		r = newRoom(l.width, now)
		ls.rooms[l] = r
	}
	r.users++
	return r
}

// forget ends one use of a room.
func (ls *lanes) forget(l lane, r *room) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if r.users--; r.users == 0 {
		delete(ls.rooms, l)
	}
}

// takeSeat waits for a place for a job of a sender, with patience. A job keeps it for as long as it runs, which can be minutes where a
// server is away: so a lane gets half at most of the places that the others leave.
func (e *Engine) takeSeat(ctx context.Context, channel cadence.Channel, from string) (leave func(), err error) {
	w := e.laneOf(ctx, channel, from).way
	patience := time.NewTimer(e.lanes.patience)
	defer patience.Stop()
	for {
		freed, ok := e.lanes.sit(w)
		if ok {
			return sync.OnceFunc(func() { e.lanes.rise(w) }), nil
		}
		select {
		case <-freed:
		case <-patience.C:
			return nil, errLaneFull
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// sit takes a seat if the lane may have one more; else freed is closed when that can have changed.
func (ls *lanes) sit(w way) (freed <-chan struct{}, ok bool) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	others := 0
	for other, n := range ls.seats {
		if other.channel == w.channel && other != w {
			others += n
		}
	}
	if ls.seats[w] < (ls.places-others+1)/2 {
		if ls.seats == nil {
			ls.seats = map[way]int{}
		}
		ls.seats[w]++
		return nil, true
	}
	if ls.freed == nil {
		ls.freed = make(chan struct{})
	}
	return ls.freed, false
}

func (ls *lanes) rise(w way) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.seats[w]--; ls.seats[w] == 0 {
		delete(ls.seats, w)
	}
	if ls.freed != nil {
		close(ls.freed)
		ls.freed = nil
	}
}
