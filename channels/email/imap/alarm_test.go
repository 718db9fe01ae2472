package imap

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) count(words string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Count(j.text.String(), words)
}

// telling keeps what was told last.
type telling struct {
	mu   sync.Mutex
	text string
}

func (l *telling) take(mailbox string, err error, refused, alarm bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = mailbox + " is read"
	if err != nil {
		l.text = fmt.Sprintf("%s refused=%v alarm=%v %v", mailbox, refused, alarm, err)
	}
}

func (l *telling) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// TestAlarms: a login that is refused is an alarm at once, a server that is away after a while, once an hour; a connection that is made again ends it.
func TestAlarms(t *testing.T) {
	t.Parallel()
	const warned, alarmed = "mailbox not connected", `level=ERROR msg="alarm: a mailbox is not read`
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, hooks{})
		c := r.config()
		c.Password = "wrong"
		var log journal
		o := quick(t)
		o.Log, o.RefusedWait = slog.New(slog.NewTextHandler(&log, nil)), time.Millisecond
		var told telling
		o.Tell = told.take
		run(t, newWatcher(t, c, (&sink{}).deliver, o))
		await(t, "it tried some times", func() bool { return log.count(warned) >= 3 })
		if n := log.count(alarmed); n != 1 {
			t.Errorf("%d alarms", n)
		}
		if got := told.last(); !strings.Contains(got, "/INBOX refused=true alarm=true imap ") {
			t.Errorf("told %q", got)
		}
	})
	t.Run("away", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, hooks{})
		r.wire.faults(func(int) fault { return fault{cutAfter: 1} })
		var log journal
		var mu sync.Mutex
		now := time.Now()
		pass := func(d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			now = now.Add(d)
		}
		o := quick(t)
		o.Log, o.Now = slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
		var told telling
		o.Tell = told.take
		w := newWatcher(t, r.config(), (&sink{}).deliver, o)
		run(t, w)
		await(t, "it tried some times", func() bool { return log.count(warned) >= 3 })
		if log.count(alarmed) != 0 || !strings.Contains(told.last(), " refused=false alarm=false ") {
			t.Errorf("a connection lost a moment ago is an alarm: told %q", told.last())
		}
		for i := range 2 {
			pass(alarmAgain)
			await(t, "the alarm", func() bool { return log.count(alarmed) == i+1 })
		}
		await(t, "every failure is told, not only once an hour", func() bool { return log.count(warned) >= 4 })
		if !strings.Contains(told.last(), " refused=false alarm=true ") {
			t.Errorf("told %q", told.last())
		}
		r.wire.faults(nil)
		await(t, "it is connected", func() bool { return w.Status().Connected })
		if !strings.HasSuffix(told.last(), " is read") {
			t.Errorf("told %q", told.last())
		}
		r.wire.faults(func(int) fault { return fault{cutAfter: 1} })
		before := log.count(warned)
		r.wire.dropAll("")
		await(t, "it is lost again", func() bool { return log.count(warned) >= before+3 })
		if n := log.count(alarmed); n != 2 {
			t.Errorf("%d alarms", n)
		}
	})
}
