package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"nurture/channels"
	"nurture/channels/journal"
)

// SMTP is a channels.Channel that sends over one SMTP account. Its connections stay open between calls of Send.
type SMTP struct {
	config  Config
	tls     *tls.Config
	signer  *signer
	journal *journal.Journal

	crew     crew
	slots    chan struct{} // one for each connection in use
	mu       sync.Mutex
	idle     []*connection // the last used is the last
	standing int           // open connections, in use or idle
	dialing  int
	away     *fault // why the server cannot be reached; nobody knocks until it has rested
	rest     *time.Timer
	closed   bool
	closer   sync.WaitGroup // idle connections that are being closed
}

var _ channels.Lanes = (*SMTP)(nil)

// New makes the channel; it does not connect yet. Nil marks keep none: for trial mails that no ledger knows.
// The error lists everything that is wrong with the configuration.
func New(config Config, marks *journal.Journal) (*SMTP, error) {
	config, err := config.withDefaults()
	s := &SMTP{config: config, journal: marks}
	var tlsErr, keyErr error
	s.tls, tlsErr = config.tlsConfig()
	s.signer, keyErr = newSigner(config.DKIM)
	if err = errors.Join(err, tlsErr, keyErr); err != nil {
		return nil, err
	}
	s.slots = make(chan struct{}, config.Connections)
	s.crew.most = 2 * config.Connections // those that send, and those that wait for their connections
	return s, nil
}

// Close closes the idle connections and waits for that, a few seconds at most. Messages under way are not disturbed; their
// connections close behind them. Closing twice is allowed.
func (s *SMTP) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, c := range s.idle {
		s.closer.Go(c.close)
	}
	s.idle = nil
	if s.rest != nil {
		s.rest.Stop()
	}
	s.mu.Unlock()
	s.crew.end()
	s.closer.Wait()
	return nil
}

// Check connects and logs in, for "is this account right?"; nil when mail could be sent.
func (s *SMTP) Check(ctx context.Context) error {
	c, f := s.dial(ctx)
	if f != nil {
		return f
	}
	c.close()
	return nil
}

// Send implements channels.Channel.
func (s *SMTP) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	workers := min(len(messages), s.config.Connections)
	b := &batch{messages: messages, envelopes: make([]enveloped, len(messages)), receipts: make([]channels.Receipt, len(messages)), alive: workers}
	for i := range messages { // here, where the stack is deep already: it would grow anew for each worker
		b.envelopes[i] = s.envelop(messages[i])
	}
	var wg sync.WaitGroup
	wg.Add(workers)
	for range workers {
		s.crew.do(func() {
			defer wg.Done()
			for i, ok := b.take(); ok; i, ok = b.take() {
				if !s.sendOne(ctx, b, i) {
					return
				}
			}
		})
	}
	wg.Wait()
	return b.receipts
}

// sendOne sends message i and writes its receipt. It returns false when the worker has given up.
func (s *SMTP) sendOne(ctx context.Context, b *batch, i int) bool {
	m := b.messages[i]
	if err := ctx.Err(); err != nil {
		b.receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Temporary, Unreached: true, Detail: "not begun: " + err.Error()}
		return true
	}
	answer, f := s.try(ctx, m.TouchID, b.envelopes[i])
	if f == nil {
		b.receipts[i] = channels.Receipt{TouchID: m.TouchID, Outcome: channels.Sent, Detail: spaced("250 " + answer)}
		s.markAnswer(b.receipts[i])
		return true
	}
	r := receiptFor(m.TouchID, f)
	if f.stage == atDot || r.Outcome == channels.Permanent {
		s.markAnswer(r)
	}
	switch {
	case r.StopSender, isUnmarked(f):
		b.receipts[i] = r
		b.stop(r)
	case f.stage <= atAuth && ctx.Err() == nil:
		return b.giveUp(i, r)
	default:
		b.receipts[i] = r
	}
	return true
}

// markAnswer needs no error handling: without the mark the touch counts as unknown, and only if this process dies before
// the ledger has the receipt.
func (s *SMTP) markAnswer(r channels.Receipt) {
	_ = s.journal.MarkAnswer(r)
}

// envelop builds one message. A panic costs this message alone.
func (s *SMTP) envelop(m channels.Message) (e enveloped) {
	defer func() {
		if p := recover(); p != nil {
			e.fault = panicked(atMail, p)
		}
	}()
	env, err := build(m, s.signer)
	if err != nil {
		return enveloped{fault: &fault{atMail, &unsupportedError{err.Error()}}}
	}
	return enveloped{envelope: env}
}

func panicked(at stage, p any) *fault {
	return &fault{at, &unsupportedError{fmt.Sprintf("panic: %v\n%s", p, debug.Stack())}}
}

// try delivers one message. A panic costs this message alone.
func (s *SMTP) try(ctx context.Context, touch int64, e enveloped) (answer string, f *fault) {
	if e.fault != nil {
		return "", e.fault
	}
	at := atMail
	defer func() {
		if p := recover(); p != nil {
			f = panicked(at, p)
		}
	}()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return "", &fault{atConnect, ctx.Err()}
	}
	c, reused, f := s.connection(ctx)
	if f != nil {
		return "", f
	}
	answer, f = s.on(ctx, c, touch, &at, e.envelope)
	if reused && ctx.Err() == nil && stale(f) {
		// The server had closed the idle connection, or has enough of it. It has not heard of the message yet.
		if c, f = s.reach(ctx); f != nil {
			return "", f
		}
		answer, f = s.on(ctx, c, touch, &at, e.envelope)
	}
	return answer, f
}

// stale recognises a connection that ended before the message began.
func stale(f *fault) bool {
	if f == nil || f.stage != atMail {
		return false
	}
	var unsupported *unsupportedError
	answer, answered := replyOf(f.err)
	return answer.code == 421 || !answered && !errors.As(f.err, &unsupported)
}

// on runs the dialogue and puts the connection back.
func (s *SMTP) on(ctx context.Context, c *connection, touch int64, at *stage, env envelope) (answer string, f *fault) {
	done := false
	defer func() {
		if !done { // a panic: who knows where the dialogue stands
			c.broken = true
		}
		s.putBack(c)
	}()
	d := dialogue{smtp: s, conn: c, touch: touch, at: at}
	answer, f = d.run(ctx, env)
	done = true
	return answer, f
}

// connection takes the connection used last, or makes one.
func (s *SMTP) connection(ctx context.Context) (c *connection, reused bool, f *fault) {
	s.mu.Lock()
	if n := len(s.idle); n > 0 {
		c, s.idle = s.idle[n-1], s.idle[:n-1]
		c.idle.Stop()
	}
	s.mu.Unlock()
	if c != nil {
		return c, true, nil
	}
	c, f = s.reach(ctx)
	return c, false, f
}

// reach makes a connection, unless the server was found to be away a moment ago: each vain knock can take as long as Timeout, and
// those who wait behind it may have business with a server that lives. A server that merely allows no more connections is not away.
func (s *SMTP) reach(ctx context.Context) (*connection, *fault) {
	s.mu.Lock()
	if away := s.away; away != nil {
		s.mu.Unlock()
		return nil, away
	}
	s.dialing++
	s.mu.Unlock()
	c, f := s.dial(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialing--
	if f == nil {
		s.standing++
		c.gone = s.lose
		return c, nil
	}
	if ctx.Err() == nil && s.standing == 0 && s.dialing == 0 && !s.closed {
		s.away = f
		s.rest = time.AfterFunc(s.config.Rest, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.away = nil
		})
	}
	return nil, f
}

// lose counts a connection that is no more.
func (s *SMTP) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standing--
}

// Lane implements channels.Lanes: all senders share one account. It is as wide as its connections are many once one of them stands:
// whatever waits for a server that may be away, waits for nothing.
func (s *SMTP) Lane(context.Context, string) (key string, width int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	width = s.config.Connections
	if s.standing == 0 {
		width = 1
	}
	return s.config.Username + "@" + s.config.address(), width
}

// putBack keeps the connection for the next message, or closes it.
func (s *SMTP) putBack(c *connection) {
	s.mu.Lock()
	keep := !c.broken && !s.closed && c.sent < s.config.MessagesPerConnection
	if keep {
		c.idle = time.AfterFunc(s.config.IdleTimeout, func() { s.retire(c) })
		s.idle = append(s.idle, c)
	}
	s.mu.Unlock()
	if !keep {
		c.close()
	}
}

// retire closes a connection that has been idle for too long, unless somebody took it at the last moment.
func (s *SMTP) retire(c *connection) {
	s.mu.Lock()
	i := slices.Index(s.idle, c)
	if i < 0 {
		s.mu.Unlock()
		return
	}
	s.idle = slices.Delete(s.idle, i, i+1)
	s.closer.Add(1)
	s.mu.Unlock()
	defer s.closer.Done()
	c.close()
}
