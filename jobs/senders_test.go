package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// logged keeps an engine's log.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *logged) into(o *Options) { o.Log = slog.New(slog.NewTextHandler(l, nil)) }

// sendNext lets at most so many days pass until mail is due, and gives what leaves on the first day that has any.
func (r *rig) sendNext(days int) []channels.Message {
	r.t.Helper()
	had := len(r.mail.messages())
	for day := 1; day <= days && len(r.mail.messages()) == had; day++ {
		r.at(r.clock.Now().Truncate(24 * time.Hour).Add(24*time.Hour + tenOClock.Sub(monday.Truncate(24*time.Hour))))
		for r.tick() > 0 {
			r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
		}
	}
	return r.mail.messages()[had:]
}

const fiveMails = mailStep + laterMail + `  - email: training-plan
    after: 3 business days
  - email: case-study
    name: again
    after: 3 business days
  - email: intro
    name: last
    after: 3 business days
`

// TestSoftBouncesStopEmail: mail that bounces softly is tried again; the third time in a row, with no sign of life between, email stops (H5).
func TestSoftBouncesStopEmail(t *testing.T) {
	t.Parallel()
	soft := func(m channels.Message) []byte { return report(m, "failed", "5.2.2", "552 5.2.2 mailbox full").raw() }
	for _, c := range []struct {
		name    string
		between func(r *rig, m channels.Message, n int) // after the n-th bounce
		stops   bool
	}{
		{"in a row", func(*rig, channels.Message, int) {}, true},
		{"each reported twice", func(r *rig, m channels.Message, _ int) { r.take(soft(m)) }, true},
		{"a phone that nobody answers", func(r *rig, m channels.Message, _ int) { r.respond(r.leadOf(m.TouchID), cadence.NoAnswer) }, true},
		{"an out of office between", func(r *rig, m channels.Message, n int) {
			if n == 2 {
				r.take(auto(m, "Out of office", "I am out of office.").raw())
			}
		}, false},
		{"a click between", func(r *rig, m channels.Message, n int) {
			if n == 1 {
				r.respond(r.leadOf(m.TouchID), cadence.Click)
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(fiveMails))
			m := r.written(1)[0]
			for n := 1; n <= 3; n++ {
				if got := r.count(`SELECT count(*) FROM suppressions`); got != 0 {
					t.Fatalf("%d suppressions before bounce %d", got, n)
				}
				r.take(soft(m))
				c.between(r, m, n)
				if e := r.running(1); e.State != string(cadence.Paused) {
					t.Fatalf("bounce %d: the enrolment is %s", n, e.State)
				}
				if n == 3 {
					break
				}
				next := r.sendNext(9)
				if len(next) != 1 {
					t.Fatalf("after bounce %d %d mails left, want another try", n, len(next))
				}
				m = next[0]
			}
			if got := r.count(`SELECT count(*) FROM suppressions WHERE channel = 'email'`); (got == 1) != c.stops {
				t.Errorf("%d suppressions, want email to stop: %t", got, c.stops)
			}
			next := r.sendNext(9)
			if (len(next) == 0) != c.stops {
				t.Errorf("%d mails left afterwards, want email to stop: %t", len(next), c.stops)
			}
			r.noLeaks()
		})
	}
}

// TestArrivedMailEndsTheRow: a mail that has been out for a week without a bounce arrived.
func TestArrivedMailEndsTheRow(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(fiveMails))
	m := r.written(1)[0]
	for n := range 3 {
		if n != 2 { // the third of the mails arrives
			r.take(report(m, "failed", "5.2.2", "552 5.2.2 mailbox full").raw())
		}
		next := r.sendNext(9)
		if len(next) != 1 {
			t.Fatalf("mail %d: %d mails follow", n+1, len(next))
		}
		m = next[0]
	}
	r.pass(bounceBy)
	r.take(report(m, "failed", "5.2.2", "552 5.2.2 mailbox full").raw())
	if n := r.count(`SELECT count(*) FROM suppressions`); n != 0 {
		t.Errorf("email stopped after two bounces, one that arrived, and one bounce")
	}
}

const refusal = "550 5.7.1 rejected by policy"

// TestPolicyBouncesPauseTheMailbox: refusals of three leads within a day do, or a single one that says we are listed (H5).
func TestPolicyBouncesPauseTheMailbox(t *testing.T) {
	t.Parallel()
	policy := func(m channels.Message, words string) []byte { return report(m, "failed", "5.7.1", words).raw() }
	for _, c := range []struct {
		name   string
		bounce func(r *rig, sent []channels.Message)
		pauses bool
	}{
		{"two leads, one of them twice", func(r *rig, sent []channels.Message) {
			for _, i := range []int{0, 1, 1} {
				r.take(policy(sent[i], refusal))
			}
		}, false},
		{"three leads", func(r *rig, sent []channels.Message) {
			for i := range 3 {
				r.take(policy(sent[i], refusal))
			}
		}, true},
		{"three leads at once", func(r *rig, sent []channels.Message) {
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					if _, err := r.TakeMail(r.ctx, ArrivedMail{Source: "test", ExternalID: fmt.Sprint(i), Raw: policy(sent[i], refusal)}); err != nil {
						r.t.Error(err)
					}
				})
			}
			wg.Wait()
		}, true},
		{"three leads, over more than a day", func(r *rig, sent []channels.Message) {
			for i := range 3 {
				r.take(policy(sent[i], refusal))
				r.pass(13 * time.Hour)
			}
		}, false},
		{"one that says we are listed", func(r *rig, sent []channels.Message) {
			r.take(policy(sent[0], blocklisted))
		}, true},
		{"a lead that says so, in a report that a mail program sent", func(r *rig, sent []channels.Message) {
			l := report(sent[0], "failed", "5.7.1", blocklisted)
			l.headers = []string{"Return-Path: <" + sent[0].To.Address + ">", "Return-Path: <>", "Auto-Submitted: auto-replied"}
			r.take(l.raw())
			l.headers = l.headers[2:] // no server noted who sent it
			r.take(l.raw())
		}, false},
		{"a report on somebody else, on our token", func(r *rig, sent []channels.Message) {
			m := sent[0]
			m.To.Address = "other@customer.example"
			r.take(report(m, "failed", "5.7.1", blocklisted).raw())
		}, false},
		{"three leads that say so", func(r *rig, sent []channels.Message) {
			for i := range 3 {
				l := report(sent[i], "failed", "5.7.1", blocklisted)
				l.headers = l.headers[1:]
				r.take(l.raw())
			}
		}, true},
		{"hard and soft bounces", func(r *rig, sent []channels.Message) {
			for i := range 4 {
				r.take(report(sent[i], "failed", []string{"5.1.1", "5.2.2"}[i%2], "no").raw())
			}
		}, false},
		{"a complaint", func(r *rig, sent []channels.Message) { r.take(complaint(sent[0]).raw()) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var log logged
			r := newLiveRig(t, oneMailbox(t), log.into)
			sent := r.written(6)
			c.bounce(r, sent)
			paused, err := store.PausedSenders(r.ctx, r.pool)
			must(t, err)
			if (len(paused) == 1) != c.pauses {
				t.Fatalf("paused %v, want %t", paused, c.pauses)
			}
			alarms := strings.Count(log.String(), "level=ERROR")
			if want := c.pauses || c.name == "a complaint"; (alarms == 1) != want {
				t.Errorf("%d alarms:\n%s", alarms, log.String())
			}
			if next := r.sendNext(7); (len(next) == 0) != c.pauses {
				t.Errorf("%d mails left afterwards", len(next))
			}
			r.noLeaks()
		})
	}
}

const blocklisted = "554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org"

// oneMailbox is a configuration with a single sender and two mails.
func oneMailbox(t *testing.T) map[string]string {
	t.Helper()
	files := firstSeven(mailStep + laterMail)
	text := starterFile(t, "nurture.yaml")
	_, rest, found := strings.Cut(text, "senders:")
	if !found {
		t.Fatal("the starter has no senders")
	}
	before, _, _ := strings.Cut(text, "senders:")
	_, after, _ := strings.Cut(rest, "\nteam:")
	files["nurture.yaml"] = before + "senders:\n  - { name: Mara Lindqvist, email: mara@ourco.example, phone: \"+493012345601\" }\n\nteam:" + after
	return files
}

// TestPausedMailboxHoldsWhatIsPlanned: a touch that was planned before the pause is refused at its claim, waits, and leaves after the mailbox
// was resumed: once, as the same run, and no attempt is lost.
func TestPausedMailboxHoldsWhatIsPlanned(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, oneMailbox(t))
	ids := r.planned(3)
	const mailbox = "mara@ourco.example"
	if paused, err := r.PauseSender(r.ctx, mailbox, "moving", "ana"); err != nil || !paused {
		t.Fatalf("%t, %v", paused, err)
	}
	if paused, err := r.PauseSender(r.ctx, mailbox, "again", "ana"); err != nil || paused {
		t.Errorf("paused twice: %t, %v", paused, err)
	}
	r.sendNow(cadence.ChannelEmail, ids...)
	for range 3 {
		r.tick()
	}
	if n := len(r.mail.messages()); n != 0 {
		t.Fatalf("%d mails left a paused mailbox", n)
	}
	for _, id := range ids {
		if got := r.touch(id); got.State != "skipped" || got.Reason != string(cadence.ReasonCapacity) || got.Attempts != 0 || got.Step != 0 || !got.Due {
			t.Errorf("touch %+v", got)
		}
	}
	r.noLeaks()
	if resumed, err := r.ResumeSender(r.ctx, mailbox); err != nil || !resumed {
		t.Fatalf("%t, %v", resumed, err)
	}
	if resumed, err := r.ResumeSender(r.ctx, mailbox); err != nil || resumed {
		t.Errorf("resumed twice: %t, %v", resumed, err)
	}
	r.tick()
	r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
	if n := len(r.mail.messages()); n != 3 {
		t.Errorf("%d mails left after the pause, want 3", n)
	}
	for _, id := range ids {
		if got := r.touch(id); got.State != "sent" || got.Attempts != 1 {
			t.Errorf("touch %+v", got)
		}
	}
	for _, err := range []error{
		func() error { _, err := r.PauseSender(r.ctx, "x@y.example", "", "ana"); return err }(),
		func() error { _, err := r.ResumeSender(r.ctx, "x@y.example"); return err }(),
	} {
		if !errors.Is(err, ErrNoSender) {
			t.Errorf("got %v", err)
		}
	}
}

// TestResumedMailboxBeginsAnew: refusals from before it was resumed do not count.
func TestResumedMailboxBeginsAnew(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, oneMailbox(t))
	sent := r.written(6)
	for i := range 3 {
		r.take(report(sent[i], "failed", "5.7.1", refusal).raw())
	}
	if _, err := r.ResumeSender(r.ctx, sent[0].From.Address); err != nil {
		t.Fatal(err)
	}
	// A report from before that arrives late is old news, even one that says we are listed.
	_, err := r.TakeMail(r.ctx, ArrivedMail{
		Source: "test", ExternalID: "late", ReceivedAt: r.clock.Now().Add(-time.Minute),
		Raw: report(sent[3], "failed", "5.7.1", "554 5.7.1 blocked using zen.spamhaus.org").raw(),
	})
	must(t, err)
	r.pass(time.Minute)
	for n, i := range []int{4, 5, 0} {
		r.take(report(sent[i], "failed", "5.7.1", refusal).raw())
		paused, err := store.PausedSenders(r.ctx, r.pool)
		must(t, err)
		if (len(paused) == 1) != (n == 2) {
			t.Errorf("after %d new refusals paused: %v", n+1, paused)
		}
	}
}

// TestRiverIsQuiet: River's own news of every few seconds stays out of the log, its warnings do not.
func TestRiverIsQuiet(t *testing.T) {
	t.Parallel()
	var log logged
	quiet := slog.New(warnings{slog.NewTextHandler(&log, nil)}).With("a", 1).WithGroup("g")
	quiet.Debug("debug")
	quiet.Info("jobs counted")
	quiet.Warn("careful", "b", 2)
	quiet.Error("bad")
	if got := log.String(); strings.Contains(got, "counted") || !strings.Contains(got, "msg=careful a=1 g.b=2") || !strings.Contains(got, "msg=bad") {
		t.Errorf("got %s", got)
	}
	var engine logged
	r := newLiveRig(t, nil, engine.into)
	r.start()
	r.settle()
	if got := engine.String(); strings.Contains(strings.ToLower(got), "river") || strings.Contains(got, "Producer") {
		t.Errorf("River says\n%s", got)
	}
}
