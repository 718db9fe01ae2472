package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// Deliver takes messages, at most Config.Batch at once and about Config.BatchBytes together, and returns an error or nil for each, in order;
// nil only once the message is committed: then it is marked and does not come again. With an error it comes again later. A message that
// no parser understands is no reason for an error: keep it for a person and return nil. The next messages come when Deliver has returned.
type Deliver func(ctx context.Context, items []Item) []error

// Backoff is how waiting grows: First, doubled for every failure in a row, at most Max.
type Backoff struct{ First, Max time.Duration }

func (b Backoff) after(failures int) time.Duration {
	d := b.First
	for range failures {
		if d >= b.Max {
			break
		}
		d *= 2
	}
	return min(d, b.Max)
}

// Options are what a Watcher needs from its surroundings.
type Options struct {
	Log       *slog.Logger     // nil is silent
	Now       func() time.Time // required
	Reconnect Backoff          // after a lost connection; zero is 1 s to 5 min
	Redeliver Backoff          // for a message that Deliver refused or the server did not hand out; zero is 30 s to 1 h
	// RefusedWait is how long to wait after an answer that only a person can change: a refused login, a mailbox that is
	// missing or read-only; 0 is 15 min.
	RefusedWait time.Duration
	// Tell is told with a nil error when the mailbox is read from now on, and else of each failure to read it; alarm says that somebody should look.
	// nil tells nobody.
	Tell func(mailbox string, err error, refused, alarm bool)
	// Jitter gives numbers in [0, 1) that spread the waiting from half of what is meant to all of it, so that many mailboxes
	// do not come back at once; nil is random.
	Jitter func() float64
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	or(&o.Reconnect, Backoff{time.Second, 5 * time.Minute})
	or(&o.Redeliver, Backoff{30 * time.Second, time.Hour})
	or(&o.RefusedWait, 15*time.Minute)
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Tell == nil {
		o.Tell = func(string, error, bool, bool) {}
	}
	return o
}

// Status is how a Watcher is doing.
type Status struct {
	Mailbox       string // user@host/folder
	Connected     bool   // logged in, with the mailbox selected
	Idle          bool   // the server tells of new mail; else it is asked every Config.PollEvery
	Marking       string // how taken messages are marked, in words; "" before the first connection
	LastError     string // "" when all is well
	LastErrorAt   time.Time
	NextTry       time.Time // when to connect again; zero while Connected
	Delivered     int64     // since New
	LastDelivered time.Time // zero: none yet
	Waiting       int       // messages in the mailbox that are not taken yet, as far as is known
}

// Watcher takes messages from one mailbox.
type Watcher struct {
	config  Config
	secure  *tls.Config
	name    string
	deliver Deliver
	options Options

	ledger   ledger // of Run alone
	refused  int    // messages that Deliver refused in a row
	statusMu sync.Mutex
	status   Status
}

// New checks the configuration, all of it at once, and connects nowhere yet.
func New(config Config, deliver Deliver, options Options) (*Watcher, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	if deliver == nil || options.Now == nil {
		return nil, errors.New("imap: a watcher needs a Deliver function and a clock")
	}
	secure, err := config.tlsConfig()
	if err != nil {
		return nil, err
	}
	return &Watcher{
		config: config, secure: secure, name: config.Name(), deliver: deliver, options: options.withDefaults(),
		status: Status{Mailbox: config.Name()},
	}, nil
}

// Status tells how the Watcher is doing. It may be called at any time.
func (w *Watcher) Status() Status {
	w.statusMu.Lock()
	defer w.statusMu.Unlock()
	return w.status
}

func (w *Watcher) update(change func(*Status)) {
	w.statusMu.Lock()
	defer w.statusMu.Unlock()
	change(&w.status)
}

// trouble notes an error that does not end the session.
func (w *Watcher) trouble(err error) {
	now := w.options.Now()
	w.update(func(st *Status) { st.LastError, st.LastErrorAt = err.Error(), now })
}

// steady is how long a connection must have held for its loss not to count as one failure more in a row.
const steady = time.Minute

// Run takes messages until ctx ends, whatever happens to the connection, and returns ctx's error. Only one Run at a time.
func (w *Watcher) Run(ctx context.Context) error {
	var away outage
	for failures := 0; ctx.Err() == nil; failures++ {
		began, delivered := w.options.Now(), w.Status().Delivered
		err := w.session(ctx)
		if ctx.Err() != nil {
			break
		}
		now := w.options.Now()
		if now.Sub(began) >= steady || w.Status().Delivered > delivered {
			failures = 0
		}
		if w.Status().Connected { // it was, until now
			away = outage{}
		}
		d := w.options.Reconnect.after(failures)
		refused := errors.As(err, &refusal{})
		if refused {
			d = w.options.RefusedWait
		}
		d = w.spread(d)
		log := []any{"mailbox", w.name, "error", err, "retry_in", d}
		again := away.alarms(now, refused)
		w.options.Tell(w.name, err, refused, !away.alarmed.IsZero())
		if again {
			w.options.Log.ErrorContext(ctx, "alarm: a mailbox is not read; what people answer there, and who asks out, is not heeded meanwhile", log...)
		} else {
			w.options.Log.WarnContext(ctx, "mailbox not connected", log...)
		}
		w.update(func(st *Status) {
			st.Connected, st.LastError, st.LastErrorAt, st.NextTry = false, err.Error(), now, now.Add(d)
		})
		pause(ctx, d)
	}
	w.update(func(st *Status) { st.Connected = false })
	return ctx.Err()
}

const (
	// alarmAfter is how long a mailbox may be out of reach before it is an alarm. What only a person can change is one at once.
	alarmAfter = 15 * time.Minute
	// alarmAgain is when the alarm is repeated.
	alarmAgain = time.Hour
)

// outage is the time for which a mailbox has not been read.
type outage struct{ since, alarmed time.Time }

// alarms says whether one failure more is to be an alarm.
func (o *outage) alarms(now time.Time, refused bool) bool {
	if o.since.IsZero() {
		o.since = now
	}
	if !refused && now.Sub(o.since) < alarmAfter || !o.alarmed.IsZero() && now.Sub(o.alarmed) < alarmAgain {
		return false
	}
	o.alarmed = now
	return true
}

func (w *Watcher) spread(d time.Duration) time.Duration {
	return d/2 + time.Duration(w.options.Jitter()*float64(d/2))
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// session is one connection from its beginning to its end, of which it returns the reason.
func (w *Watcher) session(ctx context.Context) error {
	s, err := open(ctx, w.config, w.secure)
	if err != nil {
		return fmt.Errorf("imap %s: %w", w.name, err)
	}
	defer s.close()
	if err = s.prepare(); err == nil {
		w.begin(ctx, s)
		err = w.watch(ctx, s)
	}
	return fmt.Errorf("imap %s: %w", w.name, s.line.why(err))
}

func (w *Watcher) begin(ctx context.Context, s *session) {
	if w.ledger.begin(s.validity) {
		w.options.Log.WarnContext(ctx, "the server renumbered the mailbox; messages not marked come under new numbers",
			"mailbox", w.name, "uidvalidity", s.validity)
	}
	w.options.Tell(w.name, nil, false, false)
	w.options.Log.InfoContext(ctx, "mailbox connected", "mailbox", w.name, "marking", s.mark.String(), "idle", s.idle)
	w.update(func(st *Status) {
		st.Connected, st.Idle, st.Marking, st.NextTry, st.LastError = true, s.idle, s.mark.String(), time.Time{}, ""
	})
}

// watch takes what is there, waits for more, and so on.
func (w *Watcher) watch(ctx context.Context, s *session) error {
	quiet := false // nothing was there the last time either
	for {
		select { // what it tells of is what the next pass finds
		case <-s.news:
		default:
		}
		tried, err := w.pass(ctx, s)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errRefused):
			d := w.spread(w.options.Redeliver.after(w.refused - refusedInRow))
			if err := s.wait(ctx, min(d, w.config.IdleRefresh), false); err != nil {
				return err
			}
		case err != nil:
			return err
		case tried == 0:
			if err := s.wait(ctx, w.nextLook(s, quiet), true); err != nil {
				return err
			}
		}
		quiet = tried == 0
	}
}

// nextLook is how long to wait at most before looking at the mailbox again. After mail came, IDLE is not relied on at once:
// some servers do not tell of what arrives between the last look and the beginning of IDLE.
func (w *Watcher) nextLook(s *session, quiet bool) time.Duration {
	d := w.config.IdleRefresh
	if !s.idle || !quiet {
		d = min(d, w.config.PollEvery)
	}
	if next, ok := w.ledger.next(); ok {
		d = min(d, max(next.Sub(w.options.Now()), 0))
	}
	return d
}
