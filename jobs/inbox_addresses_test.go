package jobs

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// TestBounceOfAFormerAddress: what became of an address that a lead no longer has says nothing of the one that it has.
func TestBounceOfAFormerAddress(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]string{"hard": "5.1.1", "soft": "5.2.2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
			m := r.written(1)[0]
			r.exec(`UPDATE leads SET email = 'pat@mended.example' WHERE id = 1`)
			taken := r.take(report(m, "failed", status, "550 "+status+" refused").raw())
			if taken.State != store.InboundTaken || taken.LeadID != 1 {
				t.Errorf("got %+v", taken)
			}
			barred, err := store.FindSuppressions(r.ctx, r.pool, []string{"pat@mended.example"})
			must(t, err)
			if e := r.running(1); len(barred) != 0 || e.State != string(cadence.Running) {
				t.Errorf("the new address is barred %d times, the enrolment is %s %s", len(barred), e.State, e.Reason)
			}
			if n := r.count(`SELECT count(*) FROM responses WHERE kind LIKE '%_bounce'`); n != 1 {
				t.Errorf("%d responses are kept", n)
			}
		})
	}
}

// barred says whether nothing may be sent to an address any more.
func (r *rig) barred(address string) bool {
	r.t.Helper()
	found, err := store.FindSuppressions(r.ctx, r.pool, []string{address})
	must(r.t, err)
	return len(found) == 1 && found[0].Scope == cadence.SuppressAll
}

// optedOut wants leads to be left alone for good.
func (r *rig) optedOut(leads ...int64) {
	r.t.Helper()
	for _, id := range leads {
		lead := r.lead(id)
		if lead.EndReason != string(cadence.EndOptedOut) || r.running(id).ID != 0 || !r.barred(lead.Email) || !r.barred(lead.Phone) {
			r.t.Errorf("lead %d: end %q, address barred %t, phone barred %t", id, lead.EndReason, r.barred(lead.Email), r.barred(lead.Phone))
		}
	}
	r.noLeaks()
}

// TestWhoeverAsksOutIsLeftAlone: a request stops the lead whose mail it answers, and whoever has the address that it came from.
func TestWhoeverAsksOutIsLeftAlone(t *testing.T) {
	t.Parallel()
	t.Run("another lead to whom the mail was handed on", func(t *testing.T) {
		t.Parallel()
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		sent := r.written(2)
		l := answer(sent[0], "Please remove me from your list.")
		l.from = "The Other <" + sent[1].To.Address + ">"
		r.take(l.raw())
		r.optedOut(1, 2)
	})
	t.Run("another lead whose own mail came in the same batch", func(t *testing.T) {
		t.Parallel()
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		sent := r.written(2)
		l := answer(sent[0], "Please remove me from your list.")
		l.from = "The Other <" + sent[1].To.Address + ">"
		mails := []ArrivedMail{
			{Source: "test", ExternalID: "1", Raw: answer(sent[1], "What is this about?").raw()},
			{Source: "test", ExternalID: "2", Raw: l.raw()},
		}
		_, errs := r.TakeMails(r.ctx, mails)
		must(t, errors.Join(errs...))
		r.optedOut(1, 2)
	})
	t.Run("two leads with one address, without a token", func(t *testing.T) {
		t.Parallel()
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		m := r.written(3)[0]
		r.exec(`UPDATE leads SET email = (SELECT email FROM leads WHERE id = 1) WHERE id = 2`)
		l := answer(m, "Please remove me from your list.")
		l.to, l.inReplyTo = m.From.Address, ""
		if taken := r.take(l.raw()); taken.State != store.InboundTaken {
			t.Errorf("got %+v", taken)
		}
		r.optedOut(1, 2)
		if e := r.running(3); e.State != string(cadence.Running) {
			t.Errorf("the third lead's enrolment is %s", e.State)
		}
	})
	t.Run("a stranger who may become a lead", func(t *testing.T) {
		t.Parallel()
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		m := r.written(1)[0]
		taken := r.take(letter{from: "x@stranger.example", to: m.From.Address, subject: "Hello", body: "Please remove me from your list."}.raw())
		if taken.State != store.InboundUnmatched || !strings.Contains(taken.Because, "its sender is barred") || !r.barred("x@stranger.example") {
			t.Errorf("got %+v, barred: %t", taken, r.barred("x@stranger.example"))
		}
		if e := r.running(1); e.State != string(cadence.Running) {
			t.Errorf("the lead's enrolment is %s", e.State)
		}
	})
	t.Run("an address that no lead has, and one that the lead had", func(t *testing.T) {
		t.Parallel()
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		m := r.written(1)[0]
		r.exec(`UPDATE leads SET email = 'pat@mended.example' WHERE id = 1`)
		l := answer(m, "Please remove me from your list.")
		l.from = "Pat <Pat@Private.example>"
		r.take(l.raw())
		r.optedOut(1)
		for _, address := range []string{"pat@private.example", m.To.Address} {
			if !r.barred(address) {
				t.Errorf("%s is not barred", address)
			}
		}
	})
}

// TestForgedRequests: nobody bars others by writing their address into From, and a lead is left alone all the same.
func TestForgedRequests(t *testing.T) {
	t.Parallel()
	t.Run("not a stranger whose address was forged", func(t *testing.T) {
		t.Parallel()
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		m := r.written(1)[0]
		forged := []string{"Authentication-Results: mx.example.com; spf=fail smtp.mailfrom=evil.example; dmarc=fail header.from=stranger.example"}
		taken := r.take(letter{from: "x@stranger.example", to: m.From.Address, subject: "Hello", headers: forged, body: "Please remove me from your list."}.raw())
		if taken.State != store.InboundUnmatched || !strings.Contains(taken.Because, "dmarc=fail") || r.barred("x@stranger.example") {
			t.Errorf("got %+v, barred: %t", taken, r.barred("x@stranger.example"))
		}
		l := answer(m, "Please remove me from your list.") // whoever wrote it has the mail: the lead is left alone, the forged address is nobody's word
		l.from, l.headers = "y@stranger.example", forged
		r.take(l.raw())
		r.optedOut(1)
		if r.barred("y@stranger.example") {
			t.Error("a forged address is barred")
		}
	})
	t.Run("a lead whose address may be forged", func(t *testing.T) {
		t.Parallel()
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		m := r.written(1)[0]
		l := answer(m, "Please remove me from your list.")
		l.to, l.inReplyTo, l.headers = m.From.Address, "", []string{"Authentication-Results: mx.example.com; dmarc=fail header.from=customer.example"}
		r.take(l.raw())
		r.optedOut(1)
	})
}

// TestReportOnOthers: a report that names other addresses, such as those of a group or that mail is handed on to, never takes the lead's
// address away, and where several outcomes are told of the lead's own the mildest counts.
func TestReportOnOthers(t *testing.T) {
	t.Parallel()
	block := func(address, action, status string) string {
		return "Final-Recipient: rfc822; " + address + "\nAction: " + action + "\nStatus: " + status + "\nDiagnostic-Code: smtp; 550 " + status + " said so\n\n"
	}
	for name, tt := range map[string]struct {
		blocks func(own string) string
		want   cadence.ResponseKind // "" for none
	}{
		"member of a group": {func(string) string { return block("anna@customer.example", "failed", "5.1.1") }, cadence.SoftBounce},
		"forwarded elsewhere": {func(own string) string {
			local, _, _ := strings.Cut(own, "@")
			return block(local+"@private.example", "failed", "5.1.1")
		}, cadence.SoftBounce},
		"rewritten to the inner host": {func(own string) string { return block(strings.Replace(own, "@", "@mx1.", 1), "failed", "5.1.1") }, cadence.HardBounce},
		"own delivered, another failed": {func(own string) string {
			return block("anna@customer.example", "failed", "5.1.1") + block(own, "delivered", "2.0.0")
		}, ""},
		"own delayed, another failed": {func(own string) string {
			return block(own, "delayed", "4.4.1") + block("anna@customer.example", "failed", "5.1.1")
		}, ""},
		"own failed, another delivered": {func(own string) string {
			return block("anna@customer.example", "delivered", "2.0.0") + block(own, "failed", "5.1.1")
		}, cadence.HardBounce},
		"own twice, once full": {func(own string) string { return block(own, "failed", "5.1.1") + block(own, "failed", "5.2.2") }, cadence.SoftBounce},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
			m := r.written(1)[0]
			l := report(m, "failed", "5.1.1", "550 5.1.1 said so")
			before, after, ok := strings.Cut(l.body, "Final-Recipient:")
			if _, rest, found := strings.Cut(after, "\n\n"); ok && found {
				l.body = before + tt.blocks(m.To.Address) + rest
			} else {
				t.Fatalf("no report in %q", l.body)
			}
			if taken := r.take(l.raw()); taken.State != store.InboundTaken || taken.LeadID != 1 {
				t.Errorf("got %+v", taken)
			}
			responses, err := store.LeadResponses(r.ctx, r.pool, 1)
			must(t, err)
			var got cadence.ResponseKind
			for _, in := range responses {
				got += in.Kind
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestForeignDomainComesBack: mail systems write a domain with other letters as DNS has it, whichever way the lead has it.
func TestForeignDomainComesBack(t *testing.T) {
	t.Parallel()
	const people, machines = "pat@bücher.example", "pat@xn--bcher-kva.example"
	for _, ways := range [][2]string{{people, machines}, {machines, people}} {
		r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
		ids := r.planned(1)
		r.exec(`UPDATE leads SET email = $1`, ways[0])
		r.exec(`UPDATE touches SET address = $1`, ways[0])
		r.sendNow(cadence.ChannelEmail, ids...)
		m := r.mail.messages()[0]
		l := answer(m, "Please remove me from your list.")
		l.from, l.to, l.inReplyTo = "Pat <"+ways[1]+">", m.From.Address, ""
		bounced := m
		bounced.To.Address = ways[1]
		r.take(report(bounced, "failed", "5.1.1", "550 5.1.1 no such user").raw())
		if taken := r.take(l.raw()); taken.LeadID != 1 || taken.State != store.InboundTaken {
			t.Errorf("%s: got %+v", ways[0], taken)
		}
		responses, err := store.LeadResponses(r.ctx, r.pool, 1)
		must(t, err)
		var got []string
		for _, in := range responses {
			got = append(got, string(in.Kind))
		}
		slices.Sort(got)
		if !slices.Equal(got, []string{"hard_bounce", "unsubscribe"}) {
			t.Errorf("%s: responses %v", ways[0], got)
		}
	}
}

// TestLinkOfAMailToAFormerAddress: who asks out by a link is left alone where the mail went, too.
func TestLinkOfAMailToAFormerAddress(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	m := r.written(1)[0]
	r.exec(`UPDATE leads SET email = 'pat@mended.example' WHERE id = 1`)
	must(t, r.Unsubscribe(r.ctx, unsubscribeToken(m)))
	for _, address := range []string{"pat@mended.example", m.To.Address} {
		if found, err := store.FindSuppressions(r.ctx, r.pool, []string{address}); err != nil || len(found) != 1 || found[0].Scope != cadence.SuppressAll {
			t.Errorf("%s: %+v, %v", address, found, err)
		}
	}
}

func unsubscribeToken(m channels.Message) string {
	return m.Mail.UnsubscribeURL[strings.LastIndexByte(m.Mail.UnsubscribeURL, '/')+1:]
}

// TestMailFromBeforeTheLead: what lay in the mailbox before a lead came answers nothing of ours, but a request counts whenever it was made.
func TestMailFromBeforeTheLead(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+callStep+laterMail))
	sent := r.written(3)
	for i, l := range []letter{
		auto(sent[0], "Automatic reply", "I no longer work for this company. Please contact jo@new.example."),
		answer(sent[1], "Not interested."),
		answer(sent[2], "Please remove me from your list."),
	} {
		l.to, l.inReplyTo = sent[i].From.Address, ""
		_, err := r.TakeMail(r.ctx, ArrivedMail{Source: "imap", ExternalID: l.from, Raw: l.raw(), ReceivedAt: r.now().AddDate(-1, 0, 0)})
		must(t, err)
	}
	for id, end := range map[int64]cadence.EndReason{1: "", 2: "", 3: cadence.EndOptedOut} {
		if lead := r.lead(id); lead.EndReason != string(end) {
			t.Errorf("lead %d ended as %q", id, lead.EndReason)
		}
	}
	if e := r.running(2); e.State != string(cadence.Running) {
		t.Errorf("the enrolment is %s", e.State)
	}
}
