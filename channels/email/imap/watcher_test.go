package imap

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

func TestTakesWhatIsThereThenWhatComes(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(45)...)
	var s sink
	began := time.Now()
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "45 delivered", func() bool { return len(s.got()) == 45 })
	for i, it := range s.got() {
		n := i + 1
		want := fmt.Sprintf("imap:%s@127.0.0.1/INBOX/1/%d", user, n)
		if it.ExternalID != want || it.UID != uint32(n) || it.UIDValidity != 1 || it.Mailbox != user+"@127.0.0.1/INBOX" {
			t.Fatalf("item %d is %s (uid %d, validity %d, mailbox %s), want %s", n, it.ExternalID, it.UID, it.UIDValidity, it.Mailbox, want)
		}
		if string(it.Raw) != mail(n) || it.Size != int64(len(it.Raw)) || it.TooLarge {
			t.Fatalf("item %d: %d bytes, too large %v:\n%q", n, it.Size, it.TooLarge, it.Raw)
		}
		if it.MessageID != fmt.Sprintf("m%d@prospects.test", n) || it.Digest != sha256.Sum256(it.Raw) {
			t.Fatalf("item %d: Message-ID %q, digest %x", n, it.MessageID, it.Digest)
		}
		if it.InternalDate.Before(began.Add(-time.Minute)) {
			t.Fatalf("item %d came at %s", n, it.InternalDate)
		}
	}
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 45 })

	// IDLE tells: neither refresh nor poll comes within this test.
	r.appendTo("INBOX", mail(46))
	await(t, "the new one", func() bool { return len(s.got()) == 46 })
	await(t, "status", func() bool { st := w.Status(); return st.Delivered == 46 && st.Waiting == 0 && st.Connected })
	st := w.Status()
	if !st.Idle || st.LastError != "" || st.LastDelivered.Before(began) || st.Marking != "flag "+Keyword || !st.NextTry.IsZero() {
		t.Errorf("status %+v", st)
	}
	if seen := r.flagged(imap.FlagSeen); len(seen) > 0 {
		t.Errorf("messages %v are marked as read", seen)
	}
}

func TestStatusAfterTheEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	stop := run(t, w)
	await(t, "connected", func() bool { return w.Status().Connected })
	stop()
	if w.Status().Connected {
		t.Error("still connected")
	}
}

func TestPollsWhereTheServerCannotTell(t *testing.T) {
	t.Parallel()
	hide := func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), "IDLE", "XDLE")) }
	for name, f := range map[string]fault{
		"no IDLE":                   {fromServer: hide},
		"IDLE promised and refused": {fromClient: hide},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, hooks{})
			r.wire.faults(func(int) fault { return f })
			c := r.config()
			c.PollEvery = 5 * time.Millisecond
			var s sink
			w := newWatcher(t, c, s.deliver, quick(t))
			run(t, w)
			await(t, "connected without IDLE", func() bool { st := w.Status(); return st.Connected && !st.Idle || st.LastError != "" })
			for n := range 3 {
				r.appendTo("INBOX", mail(n+1))
				await(t, "delivered", func() bool { return len(s.got()) == n+1 })
			}
			if n := r.wire.connections(); n != 1 {
				t.Errorf("%d connections, want one", n)
			}
		})
	}
}

// A server that forgets to tell of what arrives before IDLE has begun.
func TestLooksOnceMoreAfterMailCame(t *testing.T) {
	t.Parallel()
	deaf := func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), "EXISTS", "RECENT")) }
	r := newRig(t, hooks{})
	r.wire.faults(func(int) fault { return fault{fromServer: deaf} })
	r.appendTo("INBOX", mail(1))
	c := r.config()
	c.PollEvery = 200 * time.Millisecond
	var s sink
	run(t, newWatcher(t, c, each(func(ctx context.Context, it Item) error {
		if it.UID < 3 {
			r.later(mail(int(it.UID) + 1))
		}
		return s.one(ctx, it)
	}), quick(t)))
	await(t, "what came meanwhile", func() bool { return len(s.got()) == 3 })
}

func TestRefreshesIdle(t *testing.T) {
	t.Parallel()
	// A server that promises IDLE and then tells nothing.
	deaf := func(b []byte) []byte { return []byte(strings.ReplaceAll(string(b), "EXISTS", "RECENT")) }
	r := newRig(t, hooks{})
	r.wire.faults(func(int) fault { return fault{fromServer: deaf} })
	c := r.config()
	c.IdleRefresh = 5 * time.Millisecond
	var s sink
	run(t, newWatcher(t, c, s.deliver, quick(t)))
	r.appendTo("INBOX", mail(1))
	await(t, "delivered", func() bool { return len(s.got()) == 1 })
}

func TestRefusedMessageComesAgainAndHoldsUpNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(30)...)
	var s sink
	s.before = func(n int, it Item) error {
		switch {
		case it.UID == 3 && n < 40:
			return errors.New("database: value too long")
		case it.UID == 7 && n < 40:
			panic("index out of range")
		}
		return nil
	}
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "all others", func() bool { return len(s.got()) >= 28 })
	if got := s.uids()[:28]; !slices.IsSorted(got) || slices.Contains(got, 3) || slices.Contains(got, 7) {
		t.Errorf("order %v", got)
	}
	await(t, "trouble is told", func() bool {
		return strings.Contains(w.Status().LastError, "message 7: not taken: panic") ||
			strings.Contains(w.Status().LastError, "message 3: not taken: database")
	})
	await(t, "the refused", func() bool { return len(s.got()) == 30 })
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 30 })
	await(t, "trouble is over", func() bool { r.appendTo("INBOX", mail(99)); return w.Status().LastError == "" })
}

func TestEngineDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(100)...)
	o := quick(t)
	o.Redeliver = Backoff{time.Hour, time.Hour}
	var s sink
	s.before = func(int, Item) error { return errors.New("database is down") }
	w := newWatcher(t, r.config(), s.deliver, o)
	stop := run(t, w)
	batch := w.config.Batch
	await(t, "one batch is refused", func() bool { return s.called() == batch })
	// It waits now, even when the server has news; nothing is marked.
	r.appendTo("INBOX", mail(101))
	stop()
	if n := s.called(); n != batch {
		t.Errorf("%d messages were handed over, want no more after the first %d were refused", n, batch)
	}
	if marked := r.flagged(Keyword); len(marked) > 0 {
		t.Errorf("marked %v", marked)
	}

	s.before = nil
	run(t, newWatcher(t, r.config(), s.deliver, quick(t)))
	await(t, "all", func() bool { return len(s.distinct(t)) == 101 })
}

func TestEngineComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(50)...)
	var s sink
	s.before = func(n int, _ Item) error {
		if n <= 20 {
			return errors.New("database is down")
		}
		return nil
	}
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 50 })
	if n := len(s.got()); n != 50 {
		t.Errorf("%d delivered", n)
	}
	if n := r.wire.connections(); n != 1 {
		t.Errorf("%d connections; the mailbox is not to blame", n)
	}
}

// A crash between Deliver and mark: the message comes again, as the same.
func TestKilledBetweenDeliverAndMark(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(10)...)
	c := r.config()
	c.Batch = 3
	var s sink
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	first := newWatcher(t, c, each(func(ctx context.Context, it Item) error {
		err := s.one(ctx, it)
		if it.UID == 5 {
			kill() // it is committed, and that is the last thing that this process does
		}
		return err
	}), quick(t))
	if err := first.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if marked := r.flagged(Keyword); !slices.Equal(marked, []imap.UID{1, 2, 3}) {
		t.Fatalf("marked %v: 4 and 5 should be delivered and not marked", marked)
	}
	run(t, newWatcher(t, c, s.deliver, quick(t)))
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 10 })
	if got := s.uids(); !slices.Equal(got, []uint32{1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 10}) {
		t.Errorf("delivered %v", got)
	}
	if got := s.distinct(t); len(got) != 10 {
		t.Errorf("%d ExternalIDs for 10 messages", len(got))
	}
}

// The same process does not deliver again what it delivered before the connection broke.
func TestConnectionLostBeforeTheMark(t *testing.T) {
	t.Parallel()
	var once sync.Once
	var r *rig
	r = newRig(t, hooks{onStore: func() (bool, error) {
		lost := false
		once.Do(func() { lost = true; r.wire.dropAll("") })
		return lost, nil
	}})
	r.appendTo("INBOX", mails(10)...)
	var s sink
	run(t, newWatcher(t, r.config(), s.deliver, quick(t)))
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 10 })
	if n := len(s.got()); n != 10 {
		t.Errorf("%d deliveries of 10 messages", n)
	}
	if n := r.wire.connections(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestRenumberedMailbox(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(3)...)
	var s sink
	run(t, newWatcher(t, r.config(), s.deliver, quick(t)))
	await(t, "all marked", func() bool { return len(r.flagged(Keyword)) == 3 })
	if err := errors.Join(r.user.Delete("INBOX"), r.user.Create("INBOX", nil)); err != nil {
		t.Fatal(err)
	}
	r.appendTo("INBOX", mail(2), mail(4))
	r.wire.dropAll("* BYE renumbering\r\n")
	await(t, "the new numbers", func() bool { return len(s.got()) == 5 })
	got := s.got()
	if again := got[3]; again.UIDValidity != 2 || again.UID != 1 || again.ExternalID == got[1].ExternalID {
		t.Errorf("after renumbering: %s", again.ExternalID)
	}
	if got[3].MessageID != got[1].MessageID || got[3].Digest != got[1].Digest {
		t.Error("neither Message-ID nor digest recognise the message")
	}
}

func TestServerForgetsMarks(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{onStore: func() (bool, error) { return true, nil }})
	r.appendTo("INBOX", mails(5)...)
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "the complaint", func() bool { return strings.Contains(w.Status().LastError, "does not keep it") })
	r.appendTo("INBOX", mail(6))
	await(t, "the next one", func() bool { return len(s.got()) == 6 })
	if got := s.uids(); !slices.Equal(got, []uint32{1, 2, 3, 4, 5, 6}) {
		t.Errorf("delivered %v", got)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	b := Backoff{time.Second, 10 * time.Second}
	for failures, want := range []time.Duration{1, 2, 4, 8, 10, 10} {
		if got := b.after(failures); got != want*time.Second {
			t.Errorf("after %d failures %s, want %s", failures, got, want*time.Second)
		}
	}
	if got := b.after(1 << 40); got != 10*time.Second {
		t.Errorf("after very many failures %s", got)
	}
}
