package email

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestCrew(t *testing.T) {
	t.Parallel()
	c := crew{most: 3}
	var done atomic.Int32
	for range 50 {
		var wg sync.WaitGroup
		for range 7 {
			wg.Add(1)
			c.do(func() { defer wg.Done(); done.Add(1) })
		}
		wg.Wait()
	}
	if n := done.Load(); n != 350 {
		t.Errorf("%d of 350 were done", n)
	}
	c.mu.Lock()
	idle := len(c.idle)
	c.mu.Unlock()
	if idle > 3 {
		t.Errorf("%d wait, of 3", idle)
	}
	c.end()
	var wg sync.WaitGroup
	wg.Add(1)
	c.do(wg.Done) // what still comes is done all the same
	wg.Wait()
	if len(c.idle) != 0 {
		t.Errorf("%d wait behind the end", len(c.idle))
	}
}
