package email

import "sync"

// crew runs functions on goroutines that stay for more: the stack of a new one is copied twice until a dialogue fits on it.
type crew struct {
	mu    sync.Mutex
	idle  []chan func() // of those that wait, each its own
	most  int           // wait at most
	ended bool
}

// do runs f on a goroutine of its own.
func (c *crew) do(f func()) {
	c.mu.Lock()
	n := len(c.idle)
	if n == 0 {
		c.mu.Unlock()
		go c.serve(f)
		return
	}
	next := c.idle[n-1]
	c.idle = c.idle[:n-1]
	c.mu.Unlock()
	next <- f
}

func (c *crew) serve(f func()) {
	more := make(chan func(), 1) // who hands over does not wait for the receiver to run
	for f != nil {
		f()
		if !c.wait(more) {
			return
		}
		f = <-more
	}
}

// wait notes that a goroutine has time; false when enough do, or the crew has ended.
func (c *crew) wait(more chan func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || len(c.idle) >= c.most {
		return false
	}
	c.idle = append(c.idle, more)
	return true
}

// end dismisses those that wait; who still works ends behind its function.
func (c *crew) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	for _, more := range c.idle {
		close(more) // it receives nil
	}
	c.idle = nil
}
