package imap

import (
	"bytes"
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
		run(t, newWatcher(t, c, (&sink{}).deliver, o))
		await(t, "it tried some times", func() bool { return log.count(warned) >= 3 })
		if n := log.count(alarmed); n != 1 {
			t.Errorf("%d alarms", n)
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
		w := newWatcher(t, r.config(), (&sink{}).deliver, o)
		run(t, w)
		await(t, "it tried some times", func() bool { return log.count(warned) >= 3 })
		if log.count(alarmed) != 0 {
			t.Error("a connection lost a moment ago is an alarm")
		}
		for i := range 2 {
			pass(alarmAgain)
			await(t, "the alarm", func() bool { return log.count(alarmed) == i+1 })
		}
		r.wire.faults(nil)
		await(t, "it is connected", func() bool { return w.Status().Connected })
		r.wire.faults(func(int) fault { return fault{cutAfter: 1} })
		before := log.count(warned)
		r.wire.dropAll("")
		await(t, "it is lost again", func() bool { return log.count(warned) >= before+3 })
		if n := log.count(alarmed); n != 2 {
			t.Errorf("%d alarms", n)
		}
	})
}
