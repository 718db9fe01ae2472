package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// session is one connection, logged in, with the mailbox selected.
type session struct {
	config   Config
	line     *line
	client   *imapclient.Client
	unwatch  func() bool
	news     chan struct{} // filled when the server tells of a change
	idle     bool          // the server can tell of new mail
	validity uint32
	messages uint32 // in the mailbox when it was selected
	mark     marking
	strays   *strays
}

// refusal is an error that waits for a person: trying again soon changes nothing, and a login tried too often is blocked.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

// passing are the codes of answers that a later try may better (RFC 9051, section 7.1; RFC 5530, section 3).
var passing = []imap.ResponseCode{
	imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeServerBug, imap.ResponseCodeLimit,
	imap.ResponseCodeOverQuota,
}

// judge makes a refusal of a NO or BAD that is not passing, and leaves other errors what they are.
func judge(err error, format string, args ...any) error {
	wrapped := fmt.Errorf(format+": %w", append(args, err)...)
	var answer *imap.Error
	if errors.As(err, &answer) && !slices.Contains(passing, answer.Code) {
		return refusal{wrapped}
	}
	return wrapped
}

// open connects, logs in and selects the mailbox. The session must be closed; it breaks when ctx ends.
func open(ctx context.Context, config Config, secure *tls.Config) (*session, error) {
	s := &session{config: config, news: make(chan struct{}, 1), strays: newStrays(config.MaxSize + 1)}
	if err := s.dial(ctx, secure); err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", config.address(), err)
	}
	arrived := s.line.await()
	defer arrived()
	err := s.client.WaitGreeting()
	if err == nil {
		err = s.login()
	}
	if err == nil {
		err = s.choose()
	}
	if err != nil {
		err = s.line.why(err)
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) dial(ctx context.Context, secure *tls.Config) error {
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	var dialer net.Dialer // with TCP keep-alive: a peer that is gone is noticed during IDLE too
	raw, err := dialer.DialContext(limited, "tcp", s.config.address())
	if err != nil {
		return err
	}
	s.line = newLine(raw, s.config.Timeout)
	s.unwatch = context.AfterFunc(ctx, func() { s.line.cut(context.Cause(ctx)) })
	if err := s.start(limited, secure); err != nil {
		s.unwatch()
		s.line.cut(err)
		return s.line.why(err)
	}
	return nil
}

// start begins TLS and the IMAP client over it.
func (s *session) start(ctx context.Context, secure *tls.Config) error {
	options := &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				s.tell()
			}
		},
		Expunge: func(uint32) { s.tell() },
		Fetch:   s.strays.keep,
	}}
	defer func() { s.strays.begin(s.client) }()
	switch s.config.TLS {
	case TLSNone:
		s.client = imapclient.New(s.line, options)
		return nil
	case TLSStart:
		arrived := s.line.await()
		defer arrived()
		options.TLSConfig = secure.Clone()
		client, err := imapclient.NewStartTLS(s.line, options)
		var answer *imap.Error
		if errors.As(err, &answer) {
			return refuse("the server refuses STARTTLS; set tls to implicit, usually port 993: %w", err)
		}
		s.client = client
		return err
	}
	conn := tls.Client(s.line, secure.Clone())
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	s.client = imapclient.New(conn, options)
	return nil
}

// tell notes that something changed. It runs in go-imap's reader and must not block.
func (s *session) tell() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *session) login() error {
	if s.client.State() == imap.ConnStateAuthenticated { // PREAUTH
		return nil
	}
	caps, err := s.client.Caps(), error(nil)
	switch {
	case caps.Has(imap.AuthCap("PLAIN")):
		err = s.client.Authenticate(sasl.NewPlainClient("", s.config.Username, s.config.Password))
	case caps.Has(imap.CapLoginDisabled) && s.config.TLS == TLSNone:
		return refuse("the server takes no password without TLS: set tls to starttls or implicit")
	case caps.Has(imap.CapLoginDisabled):
		return refuse("the server offers none of the logins that we know, PLAIN and LOGIN, only %q", caps.AuthMechanisms())
	default:
		err = s.client.Login(s.config.Username, s.config.Password).Wait()
	}
	if err != nil {
		return judge(err, "the server does not let %s in; check username and password (many providers want an app password)",
			s.config.Username)
	}
	return nil
}

// choose selects the mailbox and settles how to mark in it.
func (s *session) choose() error {
	caps := s.client.Caps()
	s.idle = caps.Has(imap.CapIdle)
	data, err := s.client.Select(s.config.Mailbox, nil).Wait()
	if err != nil {
		return judge(err, "selecting the mailbox %q; check its name", s.config.Mailbox)
	}
	if data.UIDValidity == 0 {
		return refuse("the server gives mailbox %q no UIDVALIDITY: its messages cannot be told apart", s.config.Mailbox)
	}
	s.validity, s.messages = data.UIDValidity, data.NumMessages
	s.mark, err = chooseMarking(s.config, caps, data.PermanentFlags)
	return err
}

// close ends the session at once. Nothing may be read from it by then.
func (s *session) close() {
	s.unwatch()
	s.line.cut(net.ErrClosed)
	_ = s.client.Close()
}

// unmarked lists what is not marked yet, oldest first, with what the server is not sure to have told of.
func (s *session) unmarked() (imap.UIDSet, error) {
	defer s.line.await()()
	if err := s.client.Noop().Wait(); err != nil {
		return nil, err
	}
	var options *imap.SearchOptions
	if s.client.Caps().Has(imap.CapESearch) {
		options = &imap.SearchOptions{ReturnAll: true} // ranges: a long list stays short
	}
	data, err := s.client.UIDSearch(s.mark.open(), options).Wait()
	if err != nil {
		return nil, fmt.Errorf("looking for new messages: %w", err)
	}
	found, _ := data.All.(imap.UIDSet) // nil when there are none
	if found.Dynamic() {
		return nil, errors.New("looking for new messages: the server answers with an open range")
	}
	return found, nil
}

// list asks for size and date of messages. Those that are gone are missing from the answer.
func (s *session) list(uids []imap.UID) (map[imap.UID]listed, error) {
	defer s.line.await()()
	cmd := s.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true})
	buffers, err := cmd.Collect()
	found := make(map[imap.UID]listed, len(buffers))
	for _, b := range buffers {
		found[b.UID] = listed{uid: b.UID, size: b.RFC822Size, date: b.InternalDate}
	}
	return found, err
}

// wait returns when the server tells of a change, if that is heeded, or after d. It holds IDLE meanwhile where it can;
// when the server goes back on its promise of IDLE, it returns at once, for how long to wait depends on that.
func (s *session) wait(ctx context.Context, d time.Duration, heed bool) error {
	stop, err := s.beginIdle()
	if err != nil || stop == nil {
		return err
	}
	news := s.news
	if !heed {
		news = nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-news:
	case <-timer.C:
	case <-s.client.Closed():
		_ = stop()
		if err := s.client.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
		return errors.New("the server closed the connection")
	case <-ctx.Done():
	}
	return stop()
}

// beginIdle returns nil without an error when the server refuses.
func (s *session) beginIdle() (stop func() error, err error) {
	if !s.idle {
		return func() error { return nil }, nil
	}
	defer s.line.await()()
	cmd, err := s.client.Idle()
	var answer *imap.Error
	if errors.As(err, &answer) { // promised but refused
		s.idle = false
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("beginning to idle: %w", err)
	}
	return func() error {
		defer s.line.await()()
		if err := cmd.Close(); err != nil {
			return err
		}
		return cmd.Wait()
	}, nil
}

// sameFlag compares flags as servers do (RFC 9051, section 2.3.2).
func sameFlag(a imap.Flag) func(imap.Flag) bool {
	return func(b imap.Flag) bool { return strings.EqualFold(string(a), string(b)) }
}
