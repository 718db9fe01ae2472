// Package mailsink is an SMTP server in this process that accepts mail, keeps it in memory and never sends any on. It stands in for
// the mail system of the demo and of tests; faults are injected by a function.
//
// It is made to keep up with a fast sender: nothing is parsed beyond the few headers that are kept.
package mailsink

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// DefaultGrace is what Options.Grace is when zero.
const DefaultGrace = 2 * time.Second

// Options adjust a Sink. The zero value accepts everything from everybody, in clear.
type Options struct {
	// KeepBodies keeps the raw text of that many newest mails: 0 none, -1 all.
	KeepBodies int
	// KeepMails bounds how many mails Received returns, the newest; 0 keeps all. Counts go on regardless.
	KeepMails int
	// Headers names further header fields to keep in Mail.Headers. Case does not matter.
	Headers []string
	// MaxBytes refuses longer mails with 552; 0 is 10 MB.
	MaxBytes int64
	// TLS offers STARTTLS; nil does not. Certificate makes one.
	TLS *tls.Config
	// Users demands AUTH PLAIN before mail: passwords by user name. Nil demands nothing. Without TLS it works in clear.
	Users map[string]string
	// Grace is how long Close lets mails under way arrive before it cuts their connections; 0 is DefaultGrace.
	Grace time.Duration
	// AnswerAfter is how long the answer to each mail's final dot takes.
	AnswerAfter time.Duration
	// Fault judges each recipient of each mail, before it is accepted; nil accepts all. It may be called from several
	// goroutines at once.
	Fault func(Envelope) Verdict
}

// Sink is the server. Make it with New, end it with Close.
type Sink struct {
	now      func() time.Time
	options  Options
	wanted   []wantedHeader
	server   *smtp.Server
	listener *listener
	served   chan struct{}
	outbox   outbox

	mu       sync.Mutex
	released chan struct{} // closed and replaced by Release
	stalled  int
	closing  chan struct{}
	once     sync.Once
	closeErr error
}

// New starts a sink on a free port of 127.0.0.1. now stamps the mails; it may be called from several goroutines at once.
func New(now func() time.Time, options Options) (*Sink, error) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mailsink: no port to listen on: %w", err)
	}
	if options.MaxBytes == 0 {
		options.MaxBytes = 10 << 20
	}
	if options.Grace == 0 {
		options.Grace = DefaultGrace
	}
	s := &Sink{
		now: now, options: options, wanted: wantedHeaders(options.Headers), listener: newListener(inner),
		served: make(chan struct{}), released: make(chan struct{}), closing: make(chan struct{}),
	}
	s.outbox = outbox{keep: options.KeepMails, keepBodies: options.KeepBodies, counts: make(map[string]int)}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = "sink.invalid"
	s.server.MaxMessageBytes = options.MaxBytes
	s.server.MaxRecipients = 1000
	s.server.TLSConfig = options.TLS
	s.server.AllowInsecureAuth = options.TLS == nil
	s.server.EnableSMTPUTF8 = true
	s.server.ErrorLog = silent{}
	go func() {
		defer close(s.served)
		_ = s.server.Serve(s.listener) // ends when Close closes the listener
	}()
	return s, nil
}

// Addr is where the sink listens: host:port.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// Close takes no more connections, ends idle ones, lets a mail under way arrive, and returns once all have ended. What was received can
// still be read. Later calls do nothing.
func (s *Sink) Close() error {
	s.once.Do(func() {
		close(s.closing)
		s.listener.closeIdle()
		ctx, cancel := context.WithTimeout(context.Background(), s.options.Grace)
		defer cancel()
		s.closeErr = s.server.Shutdown(ctx)
		if s.listener.closeAll() > 0 {
			s.closeErr = nil // cut, as announced: no error of the sink's
		}
		s.listener.wait()
		<-s.served
	})
	return s.closeErr
}

// Open is how many connections are open now.
func (s *Sink) Open() int { now, _ := s.listener.open(); return now }

// MostOpen is how many connections were open at once so far.
func (s *Sink) MostOpen() int { _, most := s.listener.open(); return most }

// Release lets go of all connections that a Stall verdict holds; their mails are then accepted. Later stalls hold again.
func (s *Sink) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.released)
	s.released = make(chan struct{})
}

// Stalled is how many connections a Stall verdict holds now.
func (s *Sink) Stalled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stalled
}

// takeTime lets a mail wait for its answer; not for long when the sink closes.
func (s *Sink) takeTime() {
	if s.options.AnswerAfter <= 0 {
		return
	}
	timer := time.NewTimer(s.options.AnswerAfter)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closing:
	}
}

// stall returns once released, or false when the sink closes first.
func (s *Sink) stall() bool {
	s.mu.Lock()
	released := s.released
	s.stalled++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.stalled--
		s.mu.Unlock()
	}()
	select {
	case <-released:
		return true
	case <-s.closing:
		return false
	}
}

// silent keeps go-smtp's log out of standard error: a cut connection is no news here.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
