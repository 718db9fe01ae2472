package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// connection is one SMTP session.
type connection struct {
	client *smtp.Client
	raw    net.Conn // below TLS, to break off what blocks
	sent   int      // messages begun
	broken bool     // must not be used again
	idle   *time.Timer
	gone   func() // told when it has closed; nil tells nobody
}

var tlsPolicies = map[string]gomail.TLSPolicy{
	TLSStart: gomail.TLSMandatory, TLSOpportunistic: gomail.TLSOpportunistic,
	TLSNone: gomail.NoTLS, TLSImplicit: gomail.NoTLS, // implicit: open has done it already
}

// dial connects, starts TLS and logs in. Each call has a go-mail client of its own: go-mail changes the client's state
// while it negotiates, and its dialler is where we catch the raw connection.
func (s *SMTP) dial(ctx context.Context) (*connection, *fault) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	at := atConnect
	lifeline := &lifeline{}
	options := append([]gomail.Option{
		gomail.WithPort(s.config.Port), gomail.WithTimeout(s.config.Timeout), gomail.WithTLSConfig(s.tls.Clone()),
		gomail.WithTLSPolicy(tlsPolicies[s.config.TLS]),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return s.open(ctx, lifeline, network, address)
		}),
	}, s.loginOptions(&at)...)
	if s.config.LocalName != "" {
		options = append(options, gomail.WithHELO(s.config.LocalName))
	}
	dialler, err := gomail.NewClient(s.config.Host, options...)
	if err != nil {
		return nil, &fault{atConnect, err}
	}
	// go-mail looks at ctx for the TCP connection only, not for greeting, EHLO, TLS and login.
	stop := context.AfterFunc(ctx, lifeline.cut)
	client, err := dialler.DialToSMTPClientWithContext(ctx)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		lifeline.cut() // go-mail leaves the connection open when the negotiation fails
		if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
			err = fmt.Errorf("%w (%w)", ctx.Err(), err)
		}
		return nil, &fault{at, err}
	}
	return &connection{client: client, raw: lifeline.conn}, nil
}

// open connects, and by TLS at once where that is configured.
func (s *SMTP) open(ctx context.Context, line *lifeline, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	line.hold(raw)
	if s.config.TLS != TLSImplicit {
		return raw, nil
	}
	secured := tls.Client(raw, s.tls.Clone())
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secured, nil
}

// lifeline closes a connection that is still being made.
type lifeline struct {
	mu   sync.Mutex
	conn net.Conn
	gone bool
}

func (l *lifeline) hold(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn = conn; l.gone {
		_ = conn.Close()
	}
}

func (l *lifeline) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone = true; l.conn != nil {
		_ = l.conn.Close()
	}
}

// quitTimeout is how long QUIT may take; nothing depends on its answer.
const quitTimeout = 5 * time.Second

// close ends the session: politely, unless it is broken.
func (c *connection) close() {
	if c.idle != nil {
		c.idle.Stop()
	}
	if !c.broken && c.client.UpdateDeadline(quitTimeout) == nil {
		_ = c.client.Quit()
	}
	_ = c.raw.Close()
	if c.gone != nil {
		c.gone()
	}
}

// longAgo as a deadline makes every read and write fail at once.
var longAgo = time.Unix(1, 0)

// watch breaks off a dialogue when its context ends: at once before the final dot, after a grace behind it.
type watch struct {
	mu        sync.Mutex
	raw       net.Conn
	grace     time.Duration
	answering bool
	timer     *time.Timer
	stop      func() bool
}

func newWatch(ctx context.Context, raw net.Conn, grace time.Duration) *watch {
	w := &watch{raw: raw, grace: grace}
	w.stop = context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.answering {
			w.timer = time.AfterFunc(w.grace, func() { _ = raw.SetDeadline(longAgo) })
			return
		}
		_ = raw.SetDeadline(longAgo)
	})
	return w
}

func (w *watch) beginAnswer() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answering = true
}

// end reports whether the connection is untouched. A touched one must be closed: its deadline may be set at any moment.
func (w *watch) end() bool {
	if w.stop() {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
	return false
}

// isConnectionLoss recognises a connection that the other side, or we, closed.
func isConnectionLoss(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
