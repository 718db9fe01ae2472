package jobs

import (
	"context"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/email"
	"nurture/channels/journal"
	"nurture/internal/sandbox/mailsink"
)

// accountsOf is a channel whose senders each have a mail server.
type accountsOf map[string]*email.SMTP

func (a accountsOf) Send(ctx context.Context, messages []channels.Message) []channels.Receipt {
	return a[messages[0].From.Address].Send(ctx, messages) // a window is of one sender
}

func (a accountsOf) Lane(ctx context.Context, from string) (string, int) {
	return a[from].Lane(ctx, from)
}

// TestSlowAndDeadServersHoldUpNobody: of three senders one has a server that takes its time, and from its hundredth mail on until the third
// sender's are all through; one has a server that never greets. Who is held up by either waits for ever. Told to stop in full flight, the worker leaves nothing claimed, unknown, lost or sent twice.
func TestSlowAndDeadServersHoldUpNobody(t *testing.T) {
	t.Parallel()
	const touches, connections = 900, 3
	now := func() time.Time { return tenOClock }
	through := make(chan struct{})
	letThrough := sync.OnceFunc(func() { close(through) })
	var begun atomic.Int64
	slow, err := mailsink.New(now, mailsink.Options{AnswerAfter: 20 * time.Millisecond, Fault: func(mailsink.Envelope) mailsink.Verdict {
		if begun.Add(1) > 100 {
			<-through
		}
		return mailsink.Verdict{}
	}})
	must(t, err)
	t.Cleanup(func() { _ = slow.Close() })
	t.Cleanup(letThrough)
	fast, err := mailsink.New(now, mailsink.Options{})
	must(t, err)
	t.Cleanup(func() { _ = fast.Close() })
	dead, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts; nobody greets
	must(t, err)
	t.Cleanup(func() { _ = dead.Close() })
	accounts := accountsOf{}
	journal, err := journal.Open(t.TempDir(), "w1")
	must(t, err)
	t.Cleanup(func() { _ = journal.Close() })
	for from, address := range map[string]string{"mara@example.com": slow.Addr(), "jonas@example.com": dead.Addr().String(), "ida@example.com": fast.Addr()} {
		host, text, err := net.SplitHostPort(address)
		must(t, err)
		port, err := strconv.Atoi(text)
		must(t, err)
		accounts[from], err = email.New(email.Config{Host: host, Port: port, TLS: email.TLSNone, LocalName: "w.example.com", Connections: connections}, journal)
		must(t, err)
	}
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 1000",
		"\nteam:\n", "  - { name: Ida Roth, email: ida@example.com, daily_cap: 1000 }\n\nteam:\n")
	r := newLiveRig(t, files, func(o *Options) {
		o.Channels[cadence.ChannelEmail], o.Journal, o.MaxWorkers = accounts, journal, 8
	})
	r.lanes.patience = lanePatience / 10
	r.planned(touches)
	of := func(sender, state string) int {
		return r.count(`SELECT count(*) FROM touches WHERE sender = $1 AND state = $2`, sender, state)
	}
	want := of("ida@example.com", "planned")
	must(t, r.Start(r.ctx))
	eventually(t, "the fast one has all its mails", func() bool { return fast.Total() == want })
	if n := slow.Total(); n > 100 {
		t.Errorf("the slow one had %d before the fast one had all its own", n)
	}
	letThrough()
	eventually(t, "the slow one is at work", func() bool { return slow.Total() > 120 })
	told, cancel := context.WithCancel(r.ctx)
	cancel() // no grace
	must(t, r.Stop(told))
	if n := slow.MostOpen(); n != connections {
		t.Errorf("%d connections to the slow one, want %d", n, connections)
	}
	if n := r.count(`SELECT count(*) FROM touches WHERE state NOT IN ('planned', 'sent')`); n != 0 {
		t.Errorf("%d touches are neither planned nor sent", n)
	}
	if sent := of("mara@example.com", "sent"); sent != slow.Total() || of("ida@example.com", "sent") != want || len(slow.Duplicates())+len(fast.Duplicates()) != 0 {
		t.Errorf("the ledger has %d sent of the slow one, the server %d", sent, slow.Total())
	}
	if n := r.count(`SELECT count(*) FROM touches WHERE sender = 'jonas@example.com' AND (state <> 'planned' OR tries <> 0 OR not_before > $1)`, r.now()); n != 0 {
		t.Errorf("%d touches of the dead one are not planned for now and untried", n)
	}
}
