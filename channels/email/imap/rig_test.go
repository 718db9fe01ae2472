package imap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	user     = "anna@ourco.test"
	password = "sécret-pässword ✓"
	patience = time.Minute // for what must happen
)

// rig is an IMAP server in memory behind a faulty wire.
type rig struct {
	t      *testing.T
	user   *imapmemserver.User
	wire   *wire
	logins atomic.Int32
	hooks
}

// hooks change what the server does; nil and zero change nothing.
type hooks struct {
	caps       imap.CapSet
	options    func(*imapserver.Options)
	mechanisms []string // offered; nil is PLAIN
	onSelect   func(*imap.SelectData)
	onFetch    func(set imap.UIDSet, options *imap.FetchOptions) error
	onStore    func() (skip bool, err error)
}

func newRig(t *testing.T, h hooks) *rig {
	t.Helper()
	r := &rig{t: t, user: imapmemserver.NewUser(user, password), hooks: h}
	if err := r.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	if r.caps == nil {
		r.caps = imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapESearch: {}, imap.CapMove: {}, imap.CapUIDPlus: {}}
	}
	options := &imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			if r.mechanisms != nil {
				return &saslSession{&memSession{r: r}}, nil, nil
			}
			return &memSession{r: r}, nil, nil
		},
		Caps: r.caps, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	}
	if r.options != nil {
		r.options(options)
	}
	server := imapserver.New(options)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	r.wire = newWire(t, listener.Addr().String())
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return r
}

// memSession is a session of the memory server that the hooks reach into.
type memSession struct {
	*imapmemserver.UserSession
	r *rig
}

func (s *memSession) Login(name, secret string) error {
	s.r.logins.Add(1)
	if err := s.r.user.Login(name, secret); err != nil {
		return err
	}
	s.UserSession = imapmemserver.NewUserSession(s.r.user)
	return nil
}

func (s *memSession) Select(name string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := s.UserSession.Select(name, options)
	if err == nil && s.r.onSelect != nil {
		s.r.onSelect(data)
	}
	return data, err
}

func (s *memSession) Fetch(w *imapserver.FetchWriter, set imap.NumSet, options *imap.FetchOptions) error {
	if uids, ok := set.(imap.UIDSet); ok && s.r.onFetch != nil {
		if err := s.r.onFetch(uids, options); err != nil {
			return err
		}
	}
	return s.UserSession.Fetch(w, set, options)
}

// Idle looks again and again. The memory server's own tells only of what comes after IDLE began, and forgets what came between
// the command before and that.
func (s *memSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-stop:
			return nil
		case <-time.After(time.Millisecond):
		}
	}
}

func (s *memSession) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions) error {
	if s.r.onStore != nil {
		if skip, err := s.r.onStore(); skip || err != nil {
			return err
		}
	}
	return s.UserSession.Store(w, set, flags, options)
}

// saslSession offers the hooks' mechanisms only; none of them leaves LOGIN.
type saslSession struct{ *memSession }

func (s *saslSession) AuthenticateMechanisms() []string { return s.r.mechanisms }

func (s *saslSession) Authenticate(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, secret string) error { return s.Login(name, secret) }), nil
}

// literal is what Append of the memory server reads.
type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (r *rig) appendTo(folder string, raws ...string) {
	r.t.Helper()
	for _, raw := range raws {
		if _, err := r.user.Append(folder, literal{strings.NewReader(raw)}, &imap.AppendOptions{}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// later appends once the server is done with its current command, during which it keeps the folder locked.
func (r *rig) later(raw string) {
	var wg sync.WaitGroup
	wg.Go(func() { r.appendTo("INBOX", raw) })
	r.t.Cleanup(wg.Wait)
}

// mail is a message with number n.
func mail(n int) string {
	return fmt.Sprintf("From: bob@prospects.test\r\nMessage-ID: <m%d@prospects.test>\r\nSubject: mail %d\r\n\r\nHello, this is %d.\r\n", n, n, n)
}

func mails(n int) []string {
	var raws []string
	for i := range n {
		raws = append(raws, mail(i+1))
	}
	return raws
}

// messages counts what a folder holds.
func (r *rig) messages(folder string) int {
	r.t.Helper()
	data, err := r.user.Status(folder, &imap.StatusOptions{NumMessages: true})
	if err != nil {
		r.t.Fatal(err)
	}
	return int(*data.NumMessages)
}

// flagged lists the UIDs in the INBOX that carry a flag.
func (r *rig) flagged(flag imap.Flag) []imap.UID {
	r.t.Helper()
	s := imapmemserver.NewUserSession(r.user)
	if _, err := s.Select("INBOX", nil); err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	data, err := s.Search(imapserver.NumKindUID, &imap.SearchCriteria{Flag: []imap.Flag{flag}}, &imap.SearchOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	set, _ := data.All.(imap.UIDSet)
	uids, _ := set.Nums()
	return uids
}

// marked counts what carries our keyword.
func (r *rig) marked() int { return len(r.flagged(Keyword)) }

// setDeleted marks a message for deletion as another client does.
func (r *rig) setDeleted(uid imap.UID) { r.another(uid, false) }

// expunge removes a message as another client does.
func (r *rig) expunge(uid imap.UID) { r.another(uid, true) }

func (r *rig) another(uid imap.UID, expunge bool) {
	s := imapmemserver.NewUserSession(r.user)
	if _, err := s.Select("INBOX", nil); err != nil {
		r.t.Error(err)
		return
	}
	defer s.Close()
	set := imap.UIDSetNum(uid)
	add := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	err := s.Store(nil, set, add, nil)
	if expunge {
		err = errors.Join(err, s.Expunge(nil, &set))
	}
	if err != nil {
		r.t.Error(err)
	}
}

// exists tells whether there is such a folder.
func (r *rig) exists(folder string) bool {
	_, err := r.user.Status(folder, &imap.StatusOptions{})
	return err == nil
}

func (r *rig) config() Config {
	return Config{
		Host: "127.0.0.1", Port: r.wire.port, Username: user, Password: password, TLS: TLSNone,
		PollEvery: time.Hour, IdleRefresh: time.Hour, Timeout: 10 * time.Second,
	}
}

// quick are options that do not wait long.
func quick(t *testing.T) Options {
	return Options{
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: time.Now, Jitter: func() float64 { return 0.5 },
		Reconnect: Backoff{time.Millisecond, 20 * time.Millisecond}, Redeliver: Backoff{time.Millisecond, 20 * time.Millisecond},
		RefusedWait: time.Hour,
	}
}

// sink is an engine that keeps what it gets.
type sink struct {
	mu     sync.Mutex
	items  []Item
	before func(n int, it Item) error // called before number n, from 1, is kept; its error refuses
	calls  int
}

// each makes a Deliver of a function for one message. Messages that come after ctx has ended are left.
func each(take func(ctx context.Context, it Item) error) Deliver {
	return func(ctx context.Context, items []Item) []error {
		errs := make([]error, len(items))
		for i, it := range items {
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = take(ctx, it)
			}
		}
		return errs
	}
}

// deliver keeps nothing of a batch in which it panics, as a transaction would.
func (s *sink) deliver(ctx context.Context, items []Item) []error {
	before, whole := len(s.got()), false
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !whole {
			s.items = s.items[:before]
		}
	}()
	errs := each(s.one)(ctx, items)
	whole = true
	return errs
}

func (s *sink) one(_ context.Context, it Item) error {
	s.mu.Lock()
	s.calls++
	n, before := s.calls, s.before
	s.mu.Unlock()
	if before != nil {
		if err := before(n, it); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, it)
	return nil
}

func (s *sink) got() []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.items)
}

func (s *sink) called() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// distinct maps each ExternalID to its content, and fails when one stands for two contents.
func (s *sink) distinct(t *testing.T) map[string]string {
	t.Helper()
	seen := map[string]string{}
	for _, it := range s.got() {
		if old, ok := seen[it.ExternalID]; ok && old != string(it.Raw) {
			t.Errorf("%s came with two contents:\n%q\n%q", it.ExternalID, old, it.Raw)
		}
		seen[it.ExternalID] = string(it.Raw)
	}
	return seen
}

// uids lists what came, in order.
func (s *sink) uids() []uint32 {
	var uids []uint32
	for _, it := range s.got() {
		uids = append(uids, it.UID)
	}
	return uids
}

func newWatcher(t *testing.T, c Config, deliver Deliver, o Options) *Watcher {
	t.Helper()
	w, err := New(c, deliver, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// run runs a Watcher until the test ends or stop is called, which waits for its end.
func run(t *testing.T, w *Watcher) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := w.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// await waits for something that must become true.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("it did not happen within %s: %s", patience, what)
		}
		time.Sleep(time.Millisecond)
	}
}
