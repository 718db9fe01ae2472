package imap

import (
	"strings"
	"testing"
	"time"
)

// TestUnmark: what was taken since a day is taken once more, what is older is not.
func TestUnmark(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(3)...)
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	stop := run(t, w)
	await(t, "all marked", func() bool { return r.marked() == 3 })
	stop()
	for _, c := range []struct {
		since time.Time
		want  int
	}{{time.Now().AddDate(0, 0, 3), 0}, {time.Now(), 3}, {time.Now(), 0}} {
		if n, err := w.Unmark(t.Context(), c.since); err != nil || n != c.want {
			t.Errorf("since %s: %d, %v; want %d", c.since, n, err, c.want)
		}
	}
	if n := r.marked(); n != 0 {
		t.Errorf("%d are marked still", n)
	}
	again := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, again)
	await(t, "all marked again", func() bool { return r.marked() == 3 && len(s.got()) == 6 })
}

func TestUnmarkWhereMessagesMove(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	c := r.config()
	c.Processed.MoveTo = "Done"
	var s sink
	_, err := newWatcher(t, c, s.deliver, quick(t)).Unmark(t.Context(), time.Now())
	if err == nil || !strings.Contains(err.Error(), "back by hand") {
		t.Errorf("%v", err)
	}
}
