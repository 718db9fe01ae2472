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
		lanes: lanes{patience: lanePatience, places: places}, channels: map[cadence.Channel]channels.Channel{cadence.ChannelEmail: channel},
	}, channel
}

func TestLaneHoldsSoManyAndNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, channel := laneEngine(2, 32)
		enter := func(from string) (func(), error) {
			return e.enterLane(t.Context(), cadence.ChannelEmail, from, claimWindow)
		}
		var leaves []func()
		for range (deepLane*2 + claimWindow) / claimWindow {
			leave, err := enter("a")
			if err != nil {
				t.Fatal(err)
			}
			leaves = append(leaves, leave)
		}
		if _, err := enter("a"); !errors.Is(err, errLaneFull) {
			t.Errorf("a full lane says %v", err)
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
		leaves[0]()
		leaves[0]()
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
			leave()
		}
		if n := len(e.lanes.rooms); n != 1 { // that of who waited above
			t.Errorf("%d rooms are kept", n)
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
