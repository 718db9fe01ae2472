package email

import (
	"sync"

	"nurture/channels"
)

// batch is the messages of one Send, shared by its workers.
type batch struct {
	messages  []channels.Message
	envelopes []enveloped
	receipts  []channels.Receipt // one writer each: whoever took the message

	mu      sync.Mutex
	next    int
	back    []int // given back
	alive   int   // workers that have not given up
	stopped *channels.Receipt
}

// enveloped is a message that was built, or why it could not be.
type enveloped struct {
	envelope
	fault *fault
}

// take gives the next message to send; false when there is none left.
func (b *batch) take() (int, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped != nil {
		b.failRest(*b.stopped)
	}
	if i, ok := b.pop(); ok {
		return i, true
	}
	b.alive--
	return 0, false
}

func (b *batch) pop() (int, bool) {
	if n := len(b.back); n > 0 {
		i := b.back[n-1]
		b.back = b.back[:n-1]
		return i, true
	}
	if b.next < len(b.messages) {
		b.next++
		return b.next - 1, true
	}
	return 0, false
}

// giveUp ends a worker that gets no connection. The others may have one, so its message goes back to them: servers that
// allow fewer connections than are configured cost nothing. The last one takes all that is left along, so that a server
// that is down costs each worker one attempt and not one for every message. It always returns false.
func (b *batch) giveUp(i int, r channels.Receipt) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.alive--
	if b.alive > 0 {
		b.back = append(b.back, i)
		return false
	}
	b.receipts[i] = r
	b.failRest(r)
	return false
}

// stop ends the batch: nothing more is begun.
func (b *batch) stop(r channels.Receipt) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopped == nil {
		b.stopped = &r
	}
}

// failRest gives every message that nobody has taken the fate of r.
func (b *batch) failRest(r channels.Receipt) {
	for i, ok := b.pop(); ok; i, ok = b.pop() {
		b.receipts[i] = channels.Receipt{
			TouchID: b.messages[i].TouchID, Outcome: channels.Temporary, StopSender: r.StopSender, RetryAfter: r.RetryAfter,
			Unreached: true, Detail: "not tried, because of: " + r.Detail,
		}
	}
}
