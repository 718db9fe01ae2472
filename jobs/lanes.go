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
	// deepLane is how many touches are claimed for each message that a lane carries at once: enough that its connections never wait
	// for the database, few enough that what is committed in the meantime still counts.
	deepLane = 16
	// plainWidth is the width of a channel that names no lanes.
	plainWidth = 8
	// lanePatience is how long a job waits before a full lane; then it makes room for others' jobs and comes again after as long.
	lanePatience = time.Second
)

// errLaneFull says that a lane had no room for long: its server is slow, or away.
var errLaneFull = errors.New("the way out is busy")

// lanes keep what is claimed and not yet sent in proportion to what the ways out carry.
type lanes struct {
	patience time.Duration
	mu       sync.Mutex
	rooms    map[lane]*semaphore.Weighted
}

type lane struct {
	channel cadence.Channel
	key     string
	width   int
}

// enterLane waits for room for n touches from a sender, with patience. leave gives the room back.
func (e *Engine) enterLane(ctx context.Context, channel cadence.Channel, from string, n int) (leave func(), err error) {
	l := lane{channel: channel, key: from, width: plainWidth}
	if c, ok := e.channels[channel].(channels.Lanes); ok {
		l.key, l.width = c.Lane(ctx, from)
	}
	room := e.lanes.room(l)
	waiting, cancel := context.WithTimeout(ctx, e.lanes.patience)
	defer cancel()
	if err := room.Acquire(waiting, int64(n)); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, errLaneFull
	}
	return sync.OnceFunc(func() { room.Release(int64(n)) }), nil
}

// room is what a lane holds. A lane whose width changes is another one; what is in the old one still leaves.
func (ls *lanes) room(l lane) *semaphore.Weighted {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.rooms == nil {
		ls.rooms = map[lane]*semaphore.Weighted{}
	}
	room := ls.rooms[l]
	if room == nil {
		room = semaphore.NewWeighted(int64(deepLane*max(l.width, 1) + claimWindow))
		ls.rooms[l] = room
	}
	return room
}
