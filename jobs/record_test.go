package jobs

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

func TestSentMovesOn(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	id := r.planned(1)[0]
	r.mail.set(func(channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Sent, Detail: "250 queued as \x00\xff7", ProviderID: "q\x007", CostMicros: 5}
	})
	r.sendNow(cadence.ChannelEmail, id)
	got := r.touch(id)
	if got.State != "sent" || got.Step != 1 || got.InFlight || !got.Due || got.Detail != "250 queued as \uFFFD7" {
		t.Errorf("touch %+v, want it sent and the next step due", got)
	}
	m := r.mail.messages()[0]
	if m.Mail.MessageID == "" || m.From.Address == "" || m.To.Address != "p001@customer-001.example" || m.Mail.UnsubscribeURL == "" ||
		!strings.Contains(m.Text, "Pat") || !strings.Contains(m.Mail.EnvelopeFrom, "+b") || !strings.Contains(m.Mail.ReplyTo, "+r") {
		t.Errorf("message %+v", m)
	}
	var messageID string
	r.scan(`SELECT message_id FROM touches WHERE id = $1`, []any{id}, &messageID)
	if messageID != m.Mail.MessageID {
		t.Errorf("the ledger has Message-ID %q, the mail %q", messageID, m.Mail.MessageID)
	}
}

// TestFollowUpIsThreaded: the second mail refers to the first.
func TestFollowUpIsThreaded(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.sendNow(cadence.ChannelEmail, r.planned(1)...)
	r.at(monday.Add(3*24*time.Hour + 3*time.Hour))
	r.tick()
	r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
	sent := r.mail.messages()
	if len(sent) != 2 || len(sent[1].Mail.References) != 1 || sent[1].Mail.References[0] != sent[0].Mail.MessageID {
		t.Errorf("%d mails; the last refers to %v", len(sent), sent[len(sent)-1].Mail.References)
	}
}

// TestTemporaryBacksOffAndIsAlarmedAgain follows one touch through ever longer waits until it is given up.
func TestTemporaryBacksOffAndIsAlarmedAgain(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	id := r.planned(1)[0]
	r.exec(`UPDATE touches SET window_ends_at = planned_at + interval '30 days'`)
	r.mail.set(outcome(channels.Temporary))
	var waits []time.Duration
	for range maxTries {
		now := r.clock.Now()
		r.sendNow(cadence.ChannelEmail, id)
		got := r.touch(id)
		if got.State != "planned" {
			break
		}
		waits = append(waits, got.NotBefore.Sub(now))
		jobs := r.count(`SELECT count(*) FROM river_job`)
		r.tick()
		if r.count(`SELECT count(*) FROM river_job`) != jobs {
			t.Fatal("the touch was alarmed before its time")
		}
		r.at(got.NotBefore)
		r.tick()
		if r.count(`SELECT count(*) FROM river_job`) != jobs+1 {
			t.Fatal("the touch was not alarmed when its wait was over")
		}
	}
	want := []time.Duration{5, 10, 20, 40, 80, 160, 320, 360, 360}
	if len(waits) != len(want) {
		t.Fatalf("waits %v", waits)
	}
	for i := range want {
		if waits[i] != want[i]*time.Minute {
			t.Errorf("wait %d is %s, want %d minutes", i+1, waits[i], want[i])
		}
	}
	got := r.touch(id)
	if got.State != "failed" || got.Reason != string(cadence.ReasonProviderRefused) || got.Attempts != 1 || got.Step != 1 || !got.Due {
		t.Errorf("in the end %+v, want it failed after one attempt and the next step due", got)
	}
}

func TestProviderNamesTheWait(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	r.mail.set(func(channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Temporary, RetryAfter: 47 * time.Minute}
	})
	r.sendNow(cadence.ChannelEmail, id)
	if got := r.touch(id); !got.NotBefore.Equal(r.clock.Now().Add(47 * time.Minute)) {
		t.Errorf("next try at %s", got.NotBefore)
	}
}

// TestRefusedSenderIsNoFaultOfTheTouch: while our own account is refused, touches wait for ever rather than fail.
func TestRefusedSenderIsNoFaultOfTheTouch(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	r.exec(`UPDATE touches SET tries = 40`)
	r.mail.set(func(channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Temporary, StopSender: true, Detail: "535 bad password"}
	})
	r.sendNow(cadence.ChannelEmail, id)
	if got := r.touch(id); got.State != "planned" || got.Detail != "535 bad password" {
		t.Errorf("touch %+v, want it planned", got)
	}
}

// TestTriesOfARefusedSenderSpareTheTouch: when our account is mended a first refusal for now must not be the one too many.
func TestTriesOfARefusedSenderSpareTheTouch(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	again := func() touchRow {
		t.Helper()
		r.sendNow(cadence.ChannelEmail, id)
		got := r.touch(id)
		if got.State != "planned" {
			t.Fatalf("touch %+v, want it planned", got)
		}
		r.exec(`UPDATE touches SET not_before = planned_at`)
		return got
	}
	r.mail.set(func(channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Temporary, StopSender: true, Detail: "535 bad password"}
	})
	for range 2 * maxTries {
		again()
	}
	if wait := again().NotBefore.Sub(r.now()); wait < time.Hour {
		t.Errorf("a sender that is refused for long is tried again after %s", wait)
	}
	r.mail.set(outcome(channels.Temporary))
	for range maxTries - stopTries - 1 {
		again()
	}
}

// TestTemporaryPastTheWindow: a touch whose window closes while it waits comes back in the next window, as the same attempt.
func TestTemporaryPastTheWindow(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	r.mail.set(outcome(channels.Temporary))
	r.sendNow(cadence.ChannelEmail, id)
	r.mail.set(nil)
	r.at(monday.Add(14 * time.Hour)) // nine in the evening
	r.tick()
	r.sendNow(cadence.ChannelEmail, id)
	if got := r.touch(id); got.State != "skipped" || got.Reason != string(cadence.ReasonOutsideWindow) || got.Step != 0 || !got.Due {
		t.Fatalf("in the evening %+v, want it skipped and its step due again", got)
	}
	r.at(monday.Add(27 * time.Hour))
	r.tick()
	r.sendNow(cadence.ChannelEmail, id)
	if got := r.touch(id); got.State != "sent" || got.Attempt != 1 || got.Attempts != 1 || got.Tries != 2 {
		t.Errorf("the next morning %+v, want it sent as the first attempt", got)
	}
}

func TestPermanentGoesOn(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	id := r.planned(1)[0]
	r.mail.set(outcome(channels.Permanent))
	r.sendNow(cadence.ChannelEmail, id)
	got := r.touch(id)
	if got.State != "failed" || got.Reason != string(cadence.ReasonProviderRefused) || got.Attempt != 1 || got.Step != 1 || !got.Due {
		t.Errorf("touch %+v, want it failed and the next step due", got)
	}
}

// TestUnknownFollowsTheConfiguration loses an email's answer under each policy.
func TestUnknownFollowsTheConfiguration(t *testing.T) {
	t.Parallel()
	lost := func(t *testing.T, policy string) (*rig, int64) {
		files := firstSeven(mailStep + laterMail)
		files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: "+policy)
		r := newLiveRig(t, files)
		id := r.planned(1)[0]
		r.mail.set(outcome(channels.Unknown))
		r.sendNow(cadence.ChannelEmail, id)
		r.mail.set(nil)
		return r, id
	}
	t.Run("assume_sent", func(t *testing.T) {
		t.Parallel()
		r, id := lost(t, "assume_sent")
		if got := r.touch(id); got.State != "unknown" || got.Reason != string(cadence.ReasonAnswerLost) || got.Step != 1 || !got.Due {
			t.Errorf("touch %+v, want it unknown and the next step due", got)
		}
		must(t, r.SettleUnknown(r.ctx, id, false)) // a person found that it was not sent, too late for this step
		if got := r.touch(id); got.State != "failed" || got.Step != 1 {
			t.Errorf("settled as not sent: %+v", got)
		}
	})
	t.Run("resend", func(t *testing.T) {
		t.Parallel()
		r, id := lost(t, "resend")
		if got := r.touch(id); got.State != "planned" || !got.InFlight || !got.NotBefore.Equal(r.clock.Now().Add(firstBackoff)) {
			t.Fatalf("touch %+v, want it planned again", got)
		}
		r.pass(firstBackoff)
		r.sendNow(cadence.ChannelEmail, id)
		sent := r.mail.messages()
		if got := r.touch(id); got.State != "sent" || got.Attempts != 1 || len(sent) != 2 || sent[0].Mail.MessageID != sent[1].Mail.MessageID {
			t.Errorf("touch %+v after %d mails, want the same Message-ID twice", got, len(sent))
		}
	})
	t.Run("resend ends", func(t *testing.T) {
		t.Parallel()
		r, id := lost(t, "resend")
		r.mail.set(outcome(channels.Unknown))
		for range maxTries {
			r.pass(firstBackoff)
			r.sendNow(cadence.ChannelEmail, id)
		}
		if got := r.touch(id); got.State != "unknown" || len(r.mail.messages()) != maxTries {
			t.Errorf("touch %+v after %d mails", got, len(r.mail.messages()))
		}
	})
	t.Run("ask", func(t *testing.T) {
		t.Parallel()
		r, id := lost(t, "ask")
		if got := r.touch(id); got.State != "unknown" || got.Step != 0 || !got.InFlight {
			t.Fatalf("touch %+v, want it unknown and its step waiting", got)
		}
		r.noLeaks()
		open, err := store.UnknownTouches(r.ctx, r.pool, 0, 10)
		must(t, err)
		if len(open) != 1 || open[0].ID != id {
			t.Errorf("open are %+v", open)
		}
		must(t, r.SettleUnknown(r.ctx, id, false))
		r.tick()
		r.sendNow(cadence.ChannelEmail, id)
		if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 {
			t.Errorf("settled as not sent: %+v, want it sent now", got)
		}
	})
	t.Run("ask, sent", func(t *testing.T) {
		t.Parallel()
		r, id := lost(t, "ask")
		must(t, r.SettleUnknown(r.ctx, id, true))
		if got := r.touch(id); got.State != "sent" || got.Step != 1 || len(r.mail.messages()) != 1 {
			t.Errorf("settled as sent: %+v", got)
		}
	})
}

// TestPanickingChannel: what a channel did before it panicked nobody knows; other jobs go on.
func TestPanickingChannel(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(4)
	r.mail.set(func(channels.Message) channels.Receipt { panic("out of paper") })
	r.sendNow(cadence.ChannelEmail, ids[:2]...)
	r.mail.set(nil)
	r.sendNow(cadence.ChannelEmail, ids[2:]...)
	for i, want := range []string{"unknown", "unknown", "sent", "sent"} {
		if got := r.touch(ids[i]); got.State != want || want == "unknown" && !strings.Contains(got.Detail, "out of paper") {
			t.Errorf("touch %d is %s (%s), want %s", i, got.State, got.Detail, want)
		}
	}
}

// TestMissingValueFailsOneTouch: a mail with a hole is not sent, the ones beside it are, and the attempt is not spent (C4, K3).
func TestMissingValueFailsOneTouch(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["templates/email/intro.md"] = "---\nsubject: Hello\npreheader: Hello\n---\nDear {{ .lead.first_name }},\n\na word.\n"
	files["templates/email/intro-question.md"] = ""
	files["cadences/event-follow-up.yaml"] = ""
	r := newLiveRig(t, files)
	r.at(tenOClock)
	nameless := person(2)
	nameless.FirstName = ""
	r.importLeads(person(1), nameless, person(3))
	r.tick()
	ids := r.touchIDs("planned")
	r.sendNow(cadence.ChannelEmail, ids...)
	for i, want := range []string{"sent", "failed", "sent"} {
		got := r.touch(ids[i])
		if got.State != want || got.Step != 1 || !got.Due {
			t.Errorf("touch %d: %+v, want %s", i, got, want)
		}
		if want == "failed" && (got.Reason != string(cadence.ReasonTemplate) || !strings.Contains(got.Detail, "lead.first_name") || got.Attempt != 0 || got.Attempts != 0) {
			t.Errorf("the failed touch is %+v, want it to name the value and to give its attempt back", got)
		}
	}
}

// TestSpoiltRowFailsAlone: a row that the database refuses in the middle of a window costs only itself (K3).
func TestSpoiltRowFailsAlone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(3)
	r.exec(`ALTER TABLE touches ADD CONSTRAINT spoilt CHECK (NOT (id = ` + itoa(ids[1]) + ` AND state = 'claimed'))`)
	w := &batchWorker[EmailBatch]{engine: r.Engine, channel: cadence.ChannelEmail}
	if err := w.Work(r.ctx, jobOf(EmailBatch{Batch{TouchIDs: ids}})); err == nil {
		t.Error("the job does not say that something is wrong")
	}
	for i, want := range []string{"sent", "planned", "sent"} {
		if got := r.touch(ids[i]); got.State != want {
			t.Errorf("touch %d is %s, want %s", i, got.State, want)
		}
	}
}

// TestResultsOutliveTheDatabase takes the database away between send and record: nothing is forgotten, nothing sent again.
func TestResultsOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(3)
	back := func() {}
	r.mail.set(func(channels.Message) channels.Receipt {
		if len(r.mail.messages()) == 1 {
			back = r.takeDatabaseAway()
		}
		return channels.Receipt{Outcome: channels.Sent}
	})
	must(t, r.send(r.ctx, r.ctx, cadence.ChannelEmail, "", ids)) // the results are kept, the job is done
	if len(r.unrecorded) != 3 {
		t.Errorf("%d results are kept, want 3", len(r.unrecorded))
	}
	if _, err := r.Tick(r.ctx); err == nil {
		t.Error("a tick without a database reports no error")
	}
	back()
	r.tick()
	for _, id := range ids {
		if got := r.touch(id); got.State != "sent" {
			t.Errorf("touch %d is %s", id, got.State)
		}
	}
	if n := len(r.mail.messages()); n != 3 || len(r.unrecorded) != 0 {
		t.Errorf("%d mails, %d results kept", n, len(r.unrecorded))
	}
}

// takeDatabaseAway throws everybody out and lets nobody in until the function that it returns is called.
func (r *rig) takeDatabaseAway() (back func()) {
	u, err := url.Parse(r.url)
	must(r.t, err)
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	admin := func(sql string) {
		conn, err := pgx.Connect(context.Background(), u.String())
		must(r.t, err)
		defer func() { _ = conn.Close(context.Background()) }()
		_, err = conn.Exec(context.Background(), sql)
		must(r.t, err)
	}
	quoted := pgx.Identifier{name}.Sanitize()
	admin(`ALTER DATABASE ` + quoted + ` ALLOW_CONNECTIONS false`)
	admin(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '` + name + `'`)
	return func() { admin(`ALTER DATABASE ` + quoted + ` ALLOW_CONNECTIONS true`) }
}

// TestAnAnswerIsRecordedOnce: the database committed that touches are planned again, and the connection was lost before it said so. What is recorded once
// more, when it is back, must not reach into the hands of whoever has claimed them meanwhile: they would be planned, and sent, beside that (K1).
func TestAnAnswerIsRecordedOnce(t *testing.T) {
	t.Parallel()
	for name, receipt := range map[string]channels.Receipt{
		"refused":   {Outcome: channels.Temporary, Detail: "451 later"},
		"unreached": {Outcome: channels.Temporary, Unreached: true, Detail: "connecting: no"},
		"resent":    {Outcome: channels.Unknown, Detail: "no answer"},
	} {
		for _, claimer := range []string{"w1", "w2"} {
			t.Run(name+", now with "+claimer, func(t *testing.T) {
				t.Parallel()
				r := newLiveRig(t, map[string]string{"nurture.yaml": starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: resend")})
				id := r.planned(1)[0]
				outgoing, err := r.claims[cadence.ChannelEmail].ask(r.ctx, []int64{id})
				must(t, err)
				receipt.TouchID = id
				results := []store.TouchResult{r.result(receipt, channels.Message{TouchID: id}, outgoing)}
				must(t, r.recordNow(r.ctx, results))
				before := r.touch(id)
				must(t, r.recordNow(r.ctx, results))
				if got := r.touch(id); got != before || got.State != "planned" {
					t.Errorf("recorded a second time: %+v, want %+v", got, before)
				}
				r.pass(firstBackoff)
				r.claimAs(store.Worker{ID: claimer, SeenAt: r.clock.Now()}, id)
				r.unrecorded = results
				r.tick()
				if got := r.touch(id); got.State != "claimed" {
					t.Errorf("the touch was taken from %s: %+v", claimer, got)
				}
			})
		}
	}
}

// TestAddressThatIsDeadAtOnce: the server itself knows no such user; email to it stops, as after a report, and the cadence goes on (H5).
func TestAddressThatIsDeadAtOnce(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
	ids := r.planned(2)
	r.mail.set(func(m channels.Message) channels.Receipt {
		return channels.Receipt{Outcome: channels.Permanent, AddressDead: m.TouchID == ids[0], Detail: "550 5.1.1 no such user (RCPT TO)"}
	})
	r.sendNow(cadence.ChannelEmail, ids...)
	for i, dead := range []bool{true, false} {
		id := r.leadOf(ids[i])
		if got := r.touch(ids[i]); got.State != "failed" || got.Step != 1 || got.Enrollment != string(cadence.Running) {
			t.Errorf("touch %+v", got)
		}
		if lead := r.lead(id); lead.EmailSuppressed != dead || lead.EndReason != "" {
			t.Errorf("lead %d: barred %t, end %q", id, lead.EmailSuppressed, lead.EndReason)
		}
	}
	if n := r.count(`SELECT count(*) FROM responses WHERE kind = 'hard_bounce' AND said LIKE '550 5.1.1%'`); n != 1 {
		t.Errorf("%d bounces are kept", n)
	}
	r.noLeaks()
}
