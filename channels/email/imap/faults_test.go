package imap

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

// The connection is cut after every number of bytes, in steps, that the server says in a whole session: nothing is lost,
// nothing changes its identity, and all ends marked.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	const step = 23
	for n := int64(1); n < 2600; n += step {
		if cutAt(t, n); t.Failed() {
			return
		}
	}
}

func cutAt(t *testing.T, n int64) {
	t.Helper()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(4)...)
	r.wire.faults(func(connection int) fault {
		if connection == 1 {
			return fault{cutAfter: n}
		}
		return fault{}
	})
	var s sink
	c := r.config()
	c.Batch = 2
	o := quick(t)
	o.Log = nil
	stop := run(t, newWatcher(t, c, s.deliver, o))
	await(t, fmt.Sprintf("all marked, cut after %d bytes", n), func() bool { return len(r.flagged(Keyword)) == 4 })
	stop()
	got := s.distinct(t)
	for i := range 4 {
		if raw := got[fmt.Sprintf("imap:%s@127.0.0.1/INBOX/1/%d", user, i+1)]; raw != mail(i+1) {
			t.Errorf("cut after %d bytes: message %d came as %q", n, i+1, raw)
		}
	}
	// One process does not deliver twice, wherever the cut was.
	if len(s.got()) != 4 {
		t.Errorf("cut after %d bytes: %d deliveries", n, len(s.got()))
	}
}

// A connection that never lives long still gets ahead.
func TestCutAgainAndAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(20)...)
	r.wire.faults(func(n int) fault {
		return fault{cutAfter: 2500 + int64(n)*37%900, lastWords: "* BYE too much\r\n"}
	})
	c := r.config()
	c.Batch = 4
	var s sink
	run(t, newWatcher(t, c, s.deliver, quick(t)))
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 20 })
	if got := s.distinct(t); len(got) != 20 || len(s.got()) != 20 {
		t.Errorf("%d different of %d delivered", len(got), len(s.got()))
	}
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	for _, after := range []int64{1, 200, 450, 900, 1300} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, hooks{})
			r.appendTo("INBOX", mails(4)...)
			r.wire.faults(func(n int) fault {
				if n == 1 {
					return fault{stallAfter: after}
				}
				return fault{}
			})
			c := r.config()
			c.Timeout = 200 * time.Millisecond
			var s sink
			w := newWatcher(t, c, s.deliver, quick(t))
			run(t, w)
			await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 4 })
			if n := r.wire.connections(); n < 2 {
				t.Errorf("%d connections: the silence was not noticed", n)
			}
		})
	}
}

func TestSilenceIsExplained(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.wire.faults(func(int) fault { return fault{stallAfter: 1} })
	c := r.config()
	c.Timeout = 20 * time.Millisecond
	var s sink
	_, err := newWatcher(t, c, s.deliver, quick(t)).Inspect(context.Background())
	if err == nil || !strings.Contains(err.Error(), "silent for 20ms") {
		t.Errorf("%v", err)
	}
}

// A slow server is no silent one: its messages take longer than the timeout, with a pause after every piece.
func TestSlowServerAndSlowEngine(t *testing.T) {
	t.Parallel()
	const timeout = time.Second
	r := newRig(t, hooks{})
	r.appendTo("INBOX", "Subject: slow\r\n\r\n"+strings.Repeat("0123456789abcde\n", 30<<10), mail(2))
	slowly := func() { time.Sleep(timeout / 10) }
	r.wire.faults(func(int) fault {
		return fault{fromServer: func(b []byte) []byte { slowly(); return b }}
	})
	c := r.config()
	c.Timeout = timeout
	var s sink
	s.before = func(n int, _ Item) error {
		if n == 1 { // and so is the engine, while the second message is already under way
			for range 12 {
				slowly()
			}
		}
		return nil
	}
	w := newWatcher(t, c, s.deliver, quick(t))
	stop := run(t, w)
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 2 })
	stop()
	if n := r.wire.connections(); n != 1 {
		t.Errorf("%d connections, last error %q", n, w.Status().LastError)
	}
}

func TestBye(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	for n := range 3 {
		await(t, "connected", func() bool { return w.Status().Connected })
		r.wire.dropAll("* BYE maintenance\r\n")
		r.appendTo("INBOX", mail(n+1))
		await(t, "delivered", func() bool { return len(s.got()) == n+1 })
	}
}

// A literal whose length is wrong once: shorter, so that the message would be cut off; longer, so that it would swallow what
// follows.
func TestWrongLiteralLength(t *testing.T) {
	t.Parallel()
	size := fmt.Sprint(len(mail(2)))
	for name, lie := range map[string]string{"shorter": fmt.Sprint(len(mail(2)) - 5), "longer": fmt.Sprint(len(mail(2)) + 20)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			literal := regexp.MustCompile(`(UID 2 BODY\[\]<0> \{)` + size)
			var told atomic.Int32
			r := newRig(t, hooks{})
			r.appendTo("INBOX", mails(4)...)
			r.wire.faults(func(int) fault {
				return fault{fromServer: func(b []byte) []byte {
					if !literal.Match(b) || told.Add(1) > 3 {
						return b
					}
					return literal.ReplaceAll(b, []byte("${1}"+lie))
				}}
			})
			c := r.config()
			c.Timeout = 700 * time.Millisecond
			o := quick(t)
			o.Redeliver = Backoff{time.Second, time.Second} // longer than it takes to connect again
			var s sink
			run(t, newWatcher(t, c, s.deliver, o))
			await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 4 })
			for _, it := range s.got() {
				if string(it.Raw) != mail(int(it.UID)) {
					t.Errorf("message %d came as %q", it.UID, it.Raw)
				}
			}
			if told.Load() < 3 {
				t.Error("no lie was told")
			}
			// Two were taken while the second could not be.
			if got := s.uids(); slices.Index(got, 2) != 3 {
				t.Errorf("order %v", got)
			}
		})
	}
}

func TestExpungedWhileFetching(t *testing.T) {
	t.Parallel()
	var r *rig
	var once atomic.Bool
	r = newRig(t, hooks{onFetch: func(_ imap.UIDSet, options *imap.FetchOptions) error {
		if len(options.BodySection) > 0 && once.CompareAndSwap(false, true) {
			r.expunge(2)
			r.expunge(4)
		}
		return nil
	}})
	r.appendTo("INBOX", mails(6)...)
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 4 })
	if got := s.uids(); !slices.Equal(got, []uint32{1, 3, 5, 6}) {
		t.Errorf("delivered %v", got)
	}
	await(t, "it does not wait for what is gone", func() bool { st := w.Status(); return st.Waiting == 0 && st.LastError == "" })
}

// Servers answer NO to a whole FETCH for one message that they cannot read.
func TestServerRefusesOneMessage(t *testing.T) {
	t.Parallel()
	var healed atomic.Bool
	r := newRig(t, hooks{onFetch: func(set imap.UIDSet, options *imap.FetchOptions) error {
		if len(options.BodySection) > 0 && set.Contains(3) && !healed.Load() {
			return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeServerBug, Text: "cannot read it"}
		}
		return nil
	}})
	r.appendTo("INBOX", mails(6)...)
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "the others marked", func() bool { return len(r.flagged(Keyword)) == 5 })
	await(t, "trouble is told", func() bool {
		return strings.Contains(w.Status().LastError, "message 3: imap: NO [SERVERBUG] cannot read it")
	})
	healed.Store(true)
	await(t, "the last one", func() bool { return len(r.flagged(Keyword)) == 6 })
	if n := r.wire.connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestBadAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(3)...)
	r.wire.faults(func(n int) fault {
		if n > 2 {
			return fault{}
		}
		return fault{fromServer: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("FETCH"), []byte("F\x00T(H")) }}
	})
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 3 })
	if n := r.wire.connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

// TestOneListingThatNobodyCanRead: what the server says of one message breaks the connection whenever it is asked for.
func TestOneListingThatNobodyCanRead(t *testing.T) {
	t.Parallel()
	date := regexp.MustCompile(`(FETCH \(UID 3 .*)INTERNALDATE "[^"]*"`)
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(6)...)
	r.wire.faults(func(int) fault {
		return fault{fromServer: byLine(func(line []byte) []byte {
			return date.ReplaceAll(line, []byte(`${1}INTERNALDATE "00-000-0000 00:00:00 +0000"`))
		})}
	})
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "all marked", func() bool { return r.marked() == 6 })
	for _, it := range s.got() {
		if string(it.Raw) != mail(int(it.UID)) || it.InternalDate.IsZero() != (it.UID == 3) {
			t.Errorf("message %d came as %q of %v", it.UID, it.Raw, it.InternalDate)
		}
	}
	if n := r.wire.connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
}
