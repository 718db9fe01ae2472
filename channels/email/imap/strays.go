package imap

import (
	"sync"

	"github.com/emersion/go-imap/v2/imapclient"
)

// strays are messages that go-imap lays to no command. Of those that name their UID only behind their content it has to do so when the content
// begins; and the order is the server's to choose (RFC 9051, section 7.5.2).
type strays struct {
	limit int64         // bytes of one, at most
	ready chan struct{} // closed when it is known whether there is a client

	mu     sync.Mutex
	still  *sync.Cond // none is being read
	client *imapclient.Client
	open   int // being read
	came   []*fetched
}

func newStrays(limit int64) *strays {
	s := &strays{limit: limit, ready: make(chan struct{})}
	s.still = sync.NewCond(&s.mu)
	return s
}

// begin names the client whose strays these are; nil when it did not come to one.
func (s *strays) begin(client *imapclient.Client) {
	s.client = client
	close(s.ready)
}

// keep reads what the server says of a message, on a goroutine of its own, and keeps its content if that is there.
func (s *strays) keep(msg *imapclient.FetchMessageData) {
	<-s.ready
	if s.client == nil {
		drain(msg)
		return
	}
	// go-imap's reader waits until the content is read, so whoever has the answer to the command behind it finds open counted.
	opened := false
	f := read(msg, s.limit, s.client.Closed(), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		opened = true
		s.open++
	})
	if !opened {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f != nil {
		s.came = append(s.came, f)
	}
	s.open--
	s.still.Broadcast()
}

func drain(msg *imapclient.FetchMessageData) {
	for item := msg.Next(); item != nil; item = msg.Next() {
		continue
	}
}

// collect gives those that came since the last time, when they have come whole.
func (s *strays) collect() []*fetched {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.open > 0 {
		s.still.Wait()
	}
	came := s.came
	s.came = nil
	return came
}
