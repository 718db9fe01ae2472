package mailsink

import (
	"slices"
	"sync"
	"time"
)

// Mail is one accepted mail.
type Mail struct {
	At           time.Time // by the sink's clock, when the final dot was seen
	Connection   int64     // counts connections from 1
	EnvelopeFrom string    // "" is the null sender
	To           []string  // accepted recipients, in order
	MessageID    string    // without angle brackets; "" has none
	Subject      string    // decoded
	Headers      map[string]string
	Size         int    // bytes, headers included
	Body         []byte // raw, headers included; nil unless kept
}

// outbox holds what was accepted.
type outbox struct {
	keep       int // 0: all
	keepBodies int // -1: all

	mu          sync.Mutex
	mails       []Mail
	bodies      int // mails from this index on still have theirs
	total       int
	counts      map[string]int // by Message-ID
	subscribers []*func(Mail)
}

func (s *Sink) receive(from *session, raw []byte) {
	mail := Mail{
		At: s.now(), Connection: from.conn.number, EnvelopeFrom: from.from, To: from.to, Size: len(raw),
	}
	readHeaders(&mail, raw, s.wanted)
	if s.options.KeepBodies != 0 {
		mail.Body = slices.Clone(raw)
	}
	for _, told := range s.outbox.add(mail) {
		(*told)(mail)
	}
}

// add keeps the mail and returns whom to tell.
func (o *outbox) add(mail Mail) []*func(Mail) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.total++
	if mail.MessageID != "" {
		o.counts[mail.MessageID]++
	}
	o.mails = append(o.mails, mail)
	if o.keepBodies > 0 {
		for ; len(o.mails)-o.bodies > o.keepBodies; o.bodies++ {
			o.mails[o.bodies].Body = nil
		}
	}
	// Old mails go in bulk, so that one mail costs no copy of the whole box.
	if o.keep > 0 && len(o.mails) >= 2*o.keep {
		gone := len(o.mails) - o.keep
		o.mails = slices.Delete(o.mails, 0, gone)
		o.bodies = max(o.bodies-gone, 0)
	}
	return o.subscribers
}

// Received is the mails accepted so far, oldest first; of bounded ones the newest. The caller may keep the slice.
func (s *Sink) Received() []Mail {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	mails := s.outbox.mails
	if keep := s.outbox.keep; keep > 0 && len(mails) > keep {
		mails = mails[len(mails)-keep:]
	}
	return slices.Clone(mails)
}

// Total is how many mails were ever accepted.
func (s *Sink) Total() int {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.total
}

// CountByMessageID is how often a mail with that Message-ID, without angle brackets, was ever accepted: above 1 it was sent twice.
func (s *Sink) CountByMessageID(id string) int {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.counts[id]
}

// Duplicates is the Message-IDs accepted more than once, with how often.
func (s *Sink) Duplicates() map[string]int {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	twice := make(map[string]int)
	for id, n := range s.outbox.counts {
		if n > 1 {
			twice[id] = n
		}
	}
	return twice
}

// Subscribe calls hook for each mail from now on, on the connection's goroutine before the sender gets its answer: it may be called
// several times at once, and a slow hook slows the sender. The returned function ends it; a call under way may outlast that.
func (s *Sink) Subscribe(hook func(Mail)) (unsubscribe func()) {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	// Copied on write: receive reads the slice without the lock.
	s.outbox.subscribers = append(slices.Clone(s.outbox.subscribers), &hook)
	return func() {
		s.outbox.mu.Lock()
		defer s.outbox.mu.Unlock()
		s.outbox.subscribers = slices.DeleteFunc(slices.Clone(s.outbox.subscribers), func(other *func(Mail)) bool { return other == &hook })
	}
}
