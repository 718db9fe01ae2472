package jobs

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nurture/cadence"
	"nurture/channels"
)

// laned is a channel whose senders each have a lane of a width.
type laned struct {
	fakeChannel
	mu    sync.Mutex
	width int
}

func (l *laned) Lane(_ context.Context, from string) (string, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return from, l.width
}

func (l *laned) widen(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.width = n
}

// laneEngine is an engine that has lanes and nothing else.
func laneEngine(width, places int) (*Engine, *laned) {
	channel := &laned{width: width}
	return &Engine{
		realNow: time.Now, // a test's own clock
		lanes:   lanes{patience: lanePatience, places: places}, channels: map[cadence.Channel]channels.Channel{cadence.ChannelEmail: channel},
	}, channel
}

func TestLaneHoldsSoManyAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, channel := laneEngine(2, 32)
		enter := func(from string) (func(), error) {
			leave, err := e.enterLane(t.Context(), cadence.ChannelEmail, from, claimWindow)
			return func() { leave(time.Time{}) }, err
		}
		leaves := e.fill(t, "a")
		if n := len(leaves) * claimWindow; n < deepLane || n > deepLane*2 {
			t.Errorf("a lane whose pace is not known yet holds %d", n)
		}
		other, err := enter("b") // has its own
		if err != nil {
			t.Error(err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.enterLane(ended, cadence.ChannelEmail, "a", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("who is told to stop gets %v", err)
		}
		// Room that comes free is given to who waits; giving it back twice gives it once.
		entered := make(chan error)
		go func() {
			_, err := enter("a")
			entered <- err
		}()
		time.Sleep(lanePatience / 2) // of the test's own clock
		leaves[0](time.Time{})
		leaves[0](time.Time{})
		if err := <-entered; err != nil {
			t.Error(err)
		}
		if _, err := enter("a"); !errors.Is(err, errLaneFull) {
			t.Errorf("room that was given back twice was given away twice: %v", err)
		}
		channel.widen(3) // is another lane; what is in the old one still leaves
		wide, err := enter("a")
		if err != nil {
			t.Error(err)
		}
		wide()
		other()
		for _, leave := range leaves {
			leave(time.Time{})
		}
		if n := len(e.lanes.rooms); n != 1 { // that of who waited above
			t.Errorf("%d rooms are kept", n)
		}
	})
}

// fill enters a lane of mails for as long as it has room.
func (e *Engine) fill(t *testing.T, from string) (leaves []func(time.Time)) {
	t.Helper()
	for {
		leave, err := e.enterLane(t.Context(), cadence.ChannelEmail, from, claimWindow)
		if errors.Is(err, errLaneFull) {
			return leaves
		}
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
}

// TestLaneFitsItsPace: before a server that is slow little is claimed ahead, so that what is committed in the meantime counts; before a fast one
// enough that it never waits.
func TestLaneFitsItsPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const width = 4
		e, _ := laneEngine(width, 32)
		holder, err := e.enterLane(t.Context(), cadence.ChannelEmail, "a", 1) // the room is kept while somebody is inside
		if err != nil {
			t.Fatal(err)
		}
		defer holder(time.Time{})
		// at lets everything through that is claimed for as long as it takes the server, which takes each for each, and returns how much was inside.
		at := func(each time.Duration) int {
			inside := 0
			for range 20 {
				leaves := e.fill(t, "a")
				claimed := time.Now()
				inside = len(leaves) * claimWindow
				for _, leave := range leaves {
					time.Sleep(each * claimWindow / width) // of the test's own clock
					leave(claimed)
				}
			}
			return inside
		}
		for _, c := range []struct {
			each        time.Duration
			least, most int
		}{
			{time.Millisecond, deepLane*width - claimWindow, deepLane*width + claimWindow},
			{20 * time.Millisecond, claimWindow, 120}, // 50 a second on each of four connections, for as long as laneAhead: 50, and the last twice as long
			{time.Second, 1, width + claimWindow},
			{time.Millisecond, deepLane*width - claimWindow, deepLane*width + claimWindow},
		} {
			if n := at(c.each); n < c.least || n > c.most {
				t.Errorf("before a server that takes %s for each mail %d are claimed, want %d to %d", c.each, n, c.least, c.most)
			}
		}
	})
}

// TestNoLaneTakesAllSeats: whatever hangs in some lanes, another gets its turn.
func TestNoLaneTakesAllSeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, _ := laneEngine(1, 32)
		fill := func(channel cadence.Channel, from string) (leaves []func()) {
			for {
				leave, err := e.takeSeat(t.Context(), channel, from)
				if errors.Is(err, errLaneFull) {
					return leaves
				}
				if err != nil {
					t.Fatal(err)
				}
				leaves = append(leaves, leave)
			}
		}
		a, b, c := fill(cadence.ChannelEmail, "a"), fill(cadence.ChannelEmail, "b"), fill(cadence.ChannelEmail, "c")
		if len(a) != 16 || len(b) != 8 || len(c) != 4 {
			t.Errorf("lanes took %d, %d and %d of 32 seats", len(a), len(b), len(c))
		}
		if voice := len(fill(cadence.ChannelVoicemail, "a")); voice != 16 {
			t.Errorf("the other queue had %d seats", voice)
		}
		// A seat that becomes free is taken by who waits for it.
		seated := make(chan error)
		go func() {
			_, err := e.takeSeat(t.Context(), cadence.ChannelEmail, "c")
			seated <- err
		}()
		time.Sleep(lanePatience / 2) // of the test's own clock
		c[0]()
		c[0]()
		if err := <-seated; err != nil {
			t.Error(err)
		}
		stopped, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := e.takeSeat(stopped, cadence.ChannelEmail, "b"); !errors.Is(err, context.Canceled) {
			t.Errorf("who is told to stop gets %v", err)
		}
		for _, leaves := range [][]func(){a, b, c} {
			for _, leave := range leaves {
				leave()
			}
		}
		if n := len(e.lanes.seats); n != 2 { // of who waited, and of the voicemails
			t.Errorf("%d lanes still have seats: %v", n, e.lanes.seats)
		}
	})
}
