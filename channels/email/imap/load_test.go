package imap

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// Ten thousand messages in one mailbox: memory does not grow with their number, nor with their size.
func TestLargeMailboxInBoundedMemory(t *testing.T) {
	const (
		number = 10_000
		bound  = 4 << 20 // of the heap in use, above what the server holds; all messages together are 20 MB
	)
	r := newRig(t, hooks{})
	filling := strings.Repeat("All work and no play makes Jack a dull boy.\r\n", 45) // 2 KB
	for n := range number {
		r.appendTo("INBOX", fmt.Sprintf("Message-ID: <m%d@prospects.test>\r\nSubject: mail\r\n\r\n%s", n+1, filling))
	}
	before := heap()
	var taken, peak atomic.Int64
	var wrong atomic.Int32
	w := newWatcher(t, r.config(), each(func(_ context.Context, it Item) error {
		n := taken.Add(1)
		if int64(it.UID) != n || it.MessageID != fmt.Sprintf("m%d@prospects.test", n) || it.Size != int64(len(it.Raw)) {
			wrong.Add(1)
		}
		if n%1000 == 0 {
			peak.Store(max(peak.Load(), heap()-before))
		}
		return nil
	}), Options{Now: quick(t).Now})
	stop := run(t, w)
	await(t, "all marked", func() bool {
		return w.Status().Delivered == number && len(w.Status().LastError) == 0 && r.marked() == number
	})
	stop()
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d messages came wrong", n)
	}
	t.Logf("heap above the server's: %d KB at most", peak.Load()>>10)
	if peak.Load() > bound {
		t.Errorf("the heap grew by %d KB, at most %d are fine", peak.Load()>>10, bound>>10)
	}
}

// heap is how many bytes live on the heap.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// One large message after the other: each is let go before the next is read.
func TestLargeMessagesOneAtATime(t *testing.T) {
	const size = 1 << 20
	r := newRig(t, hooks{})
	for n := range 8 {
		r.appendTo("INBOX", mail(n+1)+strings.Repeat("0123456789abcde\n", size/16))
	}
	before := heap()
	var peak atomic.Int64
	var taken atomic.Int32
	w := newWatcher(t, r.config(), each(func(context.Context, Item) error {
		taken.Add(1)
		peak.Store(max(peak.Load(), heap()-before))
		return nil
	}), quick(t))
	stop := run(t, w)
	await(t, "all taken", func() bool { return taken.Load() == 8 })
	stop()
	// The server in this process buffers a message as well while it sends it.
	if limit := int64(5 * size / 2); peak.Load() > limit {
		t.Errorf("the heap grew by %d KB with messages of %d KB", peak.Load()>>10, size>>10)
	}
}
