package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// errPoison is what a statement says that fails for what it is about.
var errPoison = errors.New("this value cannot be stored")

// turnstile lets a group's transactions begin one by one, so that members gather behind the first.
type turnstile struct {
	group[int, string]
	open  chan struct{}
	calls atomic.Int32
	sizes chan int // of each transaction, in members
}

// newTurnstile makes a group whose transactions wait for the gate and then do as told.
func newTurnstile(do func(members [][]int) ([]string, error)) *turnstile {
	g := &turnstile{open: make(chan struct{}), sizes: make(chan int, 10_000)}
	g.do = func(_ context.Context, members [][]int) ([]string, error) {
		<-g.open
		g.calls.Add(1)
		g.sizes <- len(members)
		return do(members)
	}
	return g
}

// echo answers each member with what it asked.
func echo(members [][]int) ([]string, error) {
	answers := make([]string, len(members))
	for i, m := range members {
		answers[i] = fmt.Sprint(m)
	}
	return answers, nil
}

// gather has n callers ask at once: one begins, and the others gather behind it before the gate opens. wait returns when all have their
// answers.
func (g *turnstile) gather(t *testing.T, n int, each func(i int, answer string, err error)) (wait func()) {
	t.Helper()
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() {
			answer, err := g.ask(t.Context(), []int{i})
			each(i, answer, err)
		})
		if i == 0 {
			g.begun(t)
		}
	}
	eventually(t, "one is begun and the others wait", func() bool { return g.waitingNow() >= n-1 })
	return callers.Wait
}

// begun waits until the first who asked is being served.
func (g *turnstile) begun(t *testing.T) {
	t.Helper()
	eventually(t, "the first is begun", func() bool { g.mu.Lock(); defer g.mu.Unlock(); return g.running > 0 && len(g.waiting) == 0 })
}

func (g *turnstile) waitingNow() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

func TestGroupAnswersEachItsOwn(t *testing.T) {
	t.Parallel()
	g := newTurnstile(echo)
	wait := g.gather(t, 40, func(i int, answer string, err error) {
		if err != nil || answer != fmt.Sprintf("[%d]", i) {
			t.Errorf("member %d got %q, %v", i, answer, err)
		}
	})
	close(g.open)
	wait()
	if n := g.calls.Load(); n > 2 { // whoever began, and those who gathered behind
		t.Errorf("%d transactions for members that waited together, want 2 at most", n)
	}
}

func TestGroupBoundsATransaction(t *testing.T) {
	t.Parallel()
	var largest atomic.Int32
	g := newTurnstile(func(members [][]int) ([]string, error) {
		n := len(slices.Concat(members...))
		if len(members) > 1 {
			largest.Store(max(largest.Load(), int32(n)))
		}
		return echo(members)
	})
	var callers sync.WaitGroup
	first := true
	for _, size := range []int{1, groupLimit - 1, 2, groupLimit * 2, groupLimit, 1, 1} {
		callers.Go(func() {
			if _, err := g.ask(t.Context(), make([]int, size)); err != nil {
				t.Error(err)
			}
		})
		if size == 1 && first {
			first = false
			g.begun(t)
		}
	}
	eventually(t, "as many are under way as may be", func() bool { g.mu.Lock(); defer g.mu.Unlock(); return g.running == groupsAtOnce })
	close(g.open)
	callers.Wait()
	if n := largest.Load(); n > groupLimit {
		t.Errorf("members share a transaction about %d touches", n)
	}
}

// TestGroupRunsAFewBesideEachOther: where enough gather for it another transaction begins, and no more than a few.
func TestGroupRunsAFewBesideEachOther(t *testing.T) {
	t.Parallel()
	g := newTurnstile(echo)
	underWay := func() int { g.mu.Lock(); defer g.mu.Unlock(); return g.running }
	var callers sync.WaitGroup
	ask := func(items int) {
		callers.Go(func() {
			if answer, err := g.ask(t.Context(), make([]int, items)); err != nil || answer == "" {
				t.Errorf("%d items got %q, %v", items, answer, err)
			}
		})
	}
	ask(1)
	g.begun(t)
	ask(groupWorth - 1)
	eventually(t, "what is not worth it waits", func() bool { return g.waitingNow() == 1 })
	for want := 2; want <= groupsAtOnce; want++ {
		ask(groupWorth)
		eventually(t, "what is worth it is begun", func() bool { return underWay() == want && g.waitingNow() == 0 })
	}
	ask(groupLimit)
	eventually(t, "the next waits all the same", func() bool { return g.waitingNow() == 1 })
	if n := underWay(); n != groupsAtOnce {
		t.Errorf("%d transactions are under way", n)
	}
	close(g.open)
	callers.Wait()
	eventually(t, "nobody serves any more", func() bool { return underWay() == 0 })
}

// TestGroupSparesTheOthers: what one member is about makes the whole fail; it alone gets the error.
func TestGroupSparesTheOthers(t *testing.T) {
	t.Parallel()
	for name, poison := range map[string]func() ([]string, error){
		"error": func() ([]string, error) { return nil, errPoison },
		"panic": func() ([]string, error) { panic(errPoison) },
		"count": func() ([]string, error) { return []string{}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newTurnstile(func(members [][]int) ([]string, error) {
				if slices.Contains(slices.Concat(members...), 7) {
					return poison()
				}
				return echo(members)
			})
			wait := g.gather(t, 20, func(i int, answer string, err error) {
				switch {
				case i == 7 && err == nil:
					t.Error("the bad member got no error")
				case i == 7 && name != "error" && !strings.HasPrefix(err.Error(), "this is a defect of the program: "):
					t.Errorf("the bad member got %v", err)
				case i != 7 && (err != nil || answer != fmt.Sprintf("[%d]", i)):
					t.Errorf("member %d got %q, %v", i, answer, err)
				}
			})
			close(g.open)
			wait()
		})
	}
}

// TestGroupSharesAnOutage: a database that is away is so for all; nobody asks again for each.
func TestGroupSharesAnOutage(t *testing.T) {
	t.Parallel()
	away := fmt.Errorf("connect: %w", context.DeadlineExceeded)
	g := newTurnstile(func([][]int) ([]string, error) { return nil, away })
	wait := g.gather(t, 20, func(i int, answer string, err error) {
		if !errors.Is(err, away) || answer != "" {
			t.Errorf("member %d got %q, %v", i, answer, err)
		}
	})
	close(g.open)
	wait()
	if n := g.calls.Load(); n > 2 {
		t.Errorf("asked %d times", n)
	}
}

// TestGroupLetsGo: who is told to stop before its turn is left out; who is part of a transaction gets its answer all the same.
func TestGroupLetsGo(t *testing.T) {
	t.Parallel()
	var seen sync.Map
	g := newTurnstile(func(members [][]int) ([]string, error) {
		for _, i := range slices.Concat(members...) {
			seen.Store(i, true)
		}
		return echo(members)
	})
	ctx, stop := context.WithCancel(t.Context())
	first, second, third := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	ask := func(i int, ctx context.Context, result chan error) {
		go func() { _, err := g.ask(ctx, []int{i}); result <- err }()
	}
	ask(1, ctx, first)
	g.begun(t)
	ask(2, ctx, second)
	ask(3, t.Context(), third)
	eventually(t, "the others wait", func() bool { return g.waitingNow() == 2 })
	stop()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("who waited got %v", err)
	}
	close(g.open)
	if err := <-first; err != nil {
		t.Errorf("who was begun got %v: nobody would own what it claimed", err)
	}
	if err := <-third; err != nil {
		t.Errorf("who was not told to stop got %v", err)
	}
	if _, did := seen.Load(2); did {
		t.Error("who went was served all the same")
	}
}

// TestGroupOfMany lets many callers ask many times, some of them for the impossible.
func TestGroupOfMany(t *testing.T) {
	t.Parallel()
	g := group[int, string]{do: func(_ context.Context, members [][]int) ([]string, error) {
		for _, i := range slices.Concat(members...) {
			if i%97 == 0 {
				return nil, errPoison
			}
		}
		return echo(members)
	}}
	var callers sync.WaitGroup
	for caller := range 64 {
		callers.Go(func() {
			for round := range 50 {
				i := caller*50 + round
				answer, err := g.ask(t.Context(), []int{i})
				if bad := i%97 == 0; bad != errors.Is(err, errPoison) || !bad && answer != fmt.Sprintf("[%d]", i) {
					t.Errorf("%d got %q, %v", i, answer, err)
				}
			}
		})
	}
	callers.Wait()
	eventually(t, "nobody serves any more", func() bool { g.mu.Lock(); defer g.mu.Unlock(); return g.running == 0 && len(g.waiting) == 0 })
}
