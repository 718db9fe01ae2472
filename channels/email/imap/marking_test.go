package imap

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
)

func TestSeenWhereNoKeywordsAreKept(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{onSelect: func(d *imap.SelectData) {
		d.PermanentFlags = []imap.Flag{imap.FlagAnswered, imap.FlagSeen, imap.FlagDeleted}
	}})
	r.appendTo("INBOX", mails(3)...)
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	run(t, w)
	await(t, "all read", func() bool { return len(r.flagged(imap.FlagSeen)) == 3 })
	if marked := r.flagged(Keyword); len(marked) > 0 {
		t.Errorf("marked %v", marked)
	}
	if got := w.Status().Marking; got != `flag \Seen` {
		t.Errorf("marking %q", got)
	}
	r.appendTo("INBOX", mail(4))
	await(t, "the new one", func() bool { return len(s.got()) == 4 })
	await(t, "marked", func() bool { return w.Status().Waiting == 0 && len(r.flagged(imap.FlagSeen)) == 4 })
	if got := s.uids(); !slices.Equal(got, []uint32{1, 2, 3, 4}) {
		t.Errorf("delivered %v", got)
	}
}

func TestKnownKeywordWithoutThePermissionForNewOnes(t *testing.T) {
	t.Parallel()
	m, err := chooseMarking(Config{Processed: Processed{Keyword: Keyword}}, nil, []imap.Flag{imap.FlagSeen, "$nurtured"})
	if err != nil || m.flag != Keyword {
		t.Errorf("%v, %v", m, err)
	}
}

func TestMoves(t *testing.T) {
	t.Parallel()
	const folder = "Erledigt/Bearbeitete Antworten ä"
	for name, tc := range map[string]struct {
		caps  imap.CapSet
		moved int
		left  int // in the INBOX afterwards
	}{
		// What somebody deleted and did not expunge yet is there still: it was not taken.
		"with MOVE": {imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapMove: {}}, 26, 0},
		// Without MOVE it looks as if we had taken it, and it must not be expunged by us either.
		"with COPY and UIDPLUS":    {imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}}, 25, 1},
		"with COPY, never EXPUNGE": {imap.CapSet{imap.CapIMAP4rev1: {}}, 25, 26},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, hooks{caps: tc.caps})
			r.appendTo("INBOX", mail(0))
			r.setDeleted(1)
			r.appendTo("INBOX", mails(25)...)
			c := r.config()
			c.Processed.MoveTo = folder
			var s sink
			w := newWatcher(t, c, s.deliver, quick(t))
			stop := run(t, w)
			await(t, "all moved", func() bool {
				return w.Status().Delivered == int64(tc.moved) && r.exists(folder) && r.messages(folder) == tc.moved
			})
			await(t, "the rest of the INBOX", func() bool { return r.messages("INBOX") == tc.left })
			await(t, "another process would find nothing", func() bool {
				facts, err := w.Inspect(context.Background())
				return err == nil && facts.Waiting == 0
			})
			stop()
			if got := s.distinct(t); len(got) != tc.moved || len(s.got()) != tc.moved {
				t.Errorf("%d different of %d delivered, want %d", len(got), len(s.got()), tc.moved)
			}
		})
	}
}

func TestFolderThatCannotBeMade(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.wire.faults(func(int) fault {
		return fault{fromClient: func(b []byte) []byte { return bytes.Replace(b, []byte("CREATE"), []byte("CXEATE"), 1) }}
	})
	r.appendTo("INBOX", mail(1))
	c := r.config()
	c.Processed.MoveTo = "Done"
	var s sink
	w := newWatcher(t, c, s.deliver, quick(t))
	run(t, w)
	await(t, "the reason", func() bool { return strings.Contains(w.Status().LastError, `making the folder "Done"`) })
	if s.called() > 0 {
		t.Error("a message was taken that cannot be marked")
	}
}

// A mailbox that turns out to be read-only only when marking: what was delivered is not delivered again and again.
func TestMarkRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{onStore: func() (bool, error) {
		return false, &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeNoPerm, Text: "read-only"}
	}})
	r.appendTo("INBOX", mails(50)...)
	var s sink
	c := r.config()
	c.Batch = 10
	w := newWatcher(t, c, s.deliver, quick(t))
	stop := run(t, w)
	await(t, "the reason", func() bool { return strings.Contains(w.Status().LastError, "NO [NOPERM] read-only") })
	stop()
	if n := len(s.got()); n != 10 {
		t.Errorf("%d delivered without a mark, want one batch", n)
	}
}
