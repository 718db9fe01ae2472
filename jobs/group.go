package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

const (
	// groupLimit bounds how many touches one transaction of a group is about.
	groupLimit = 512
	// groupsAtOnce is how many transactions of a group are under way at once, at most: while one waits for its commit to reach the disk another
	// one computes. A further one begins for groupWorth touches and more; fewer wait, since most of what a transaction costs it costs for any number.
	groupsAtOnce = 2
	groupWorth   = 96
	// groupTimeout is how long a group's transaction may take. Nobody who is part of it can give it up: what it claims must have an owner.
	groupTimeout = time.Minute
)

// group gathers what many workers ask of the database at the same time and has it done in one transaction, as databases do with
// commits: while one is under way the next one's members gather, so a lone caller waits for nobody and many share the cost. Where very many
// gather, a few transactions run beside each other. Each caller gets its own answer once its transaction has committed.
type group[In, Out any] struct {
	// do answers for all members, in their order.
	do func(ctx context.Context, members [][]In) ([]Out, error)

	mu      sync.Mutex
	waiting []*member[In, Out]
	running int // transactions under way
}

// member is one caller's part.
type member[In, Out any] struct {
	ctx    context.Context
	items  []In
	answer Out
	err    error
	done   chan struct{}
}

// ask has items done together with those of others. When ctx ends before they are begun they are not, and the error is ctx's.
func (g *group[In, Out]) ask(ctx context.Context, items []In) (Out, error) {
	m := &member[In, Out]{ctx: ctx, items: items, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, m)
	if members := g.next(); len(members) > 0 {
		g.running++
		go g.run(members)
	}
	g.mu.Unlock()
	select {
	case <-m.done:
	case <-ctx.Done():
		if g.withdraw(m) {
			return m.answer, ctx.Err()
		}
		<-m.done
	}
	return m.answer, m.err
}

// withdraw takes a member back, if nobody has begun with it.
func (g *group[In, Out]) withdraw(m *member[In, Out]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, m)
	if i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
	return i >= 0
}

// run serves members, and then those who have gathered meanwhile.
func (g *group[In, Out]) run(members []*member[In, Out]) {
	for len(members) > 0 {
		g.serve(members)
		clear(members) // the array lives on under those who wait
		g.mu.Lock()
		g.running--
		if members = g.next(); len(members) > 0 {
			g.running++
		}
		g.mu.Unlock()
	}
}

// next takes as many of those who wait as one transaction should hold, one at least; none while it is better that they wait on. The caller
// holds mu.
func (g *group[In, Out]) next() []*member[In, Out] {
	n, items := 0, 0
	for n < len(g.waiting) && (n == 0 || items+len(g.waiting[n].items) <= groupLimit) {
		items += len(g.waiting[n].items)
		n++
	}
	all := n == len(g.waiting)
	if g.running >= groupsAtOnce || g.running > 0 && all && items < groupWorth {
		return nil
	}
	members := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return members
}

// serve answers members together and, when what one of them is about makes that fail, each by itself (K3).
func (g *group[In, Out]) serve(members []*member[In, Out]) {
	answers, err := g.attempt(members)
	if len(members) > 1 && spoilt(err) {
		for _, m := range members {
			g.serve([]*member[In, Out]{m})
		}
		return
	}
	for i, m := range members {
		if m.err = err; err == nil {
			m.answer = answers[i]
		}
		close(m.done)
	}
}

// attempt asks for all members. A panic is an error like any other: here it would end the process.
func (g *group[In, Out]) attempt(members []*member[In, Out]) (answers []Out, err error) {
	defer func() {
		if p := recover(); p != nil {
			answers, err = nil, fmt.Errorf("this is a defect of the program: %v\n%s", p, debug.Stack())
		}
	}()
	items := make([][]In, len(members))
	for i, m := range members {
		items[i] = m.items
	}
	// What the first caller's context carries is of use to a log; that it ends must not end the others' work.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(members[0].ctx), groupTimeout)
	defer cancel()
	answers, err = g.do(ctx, items)
	if err == nil && len(answers) != len(members) {
		err = fmt.Errorf("this is a defect of the program: %d answers for %d", len(answers), len(members))
	}
	return answers, err
}
