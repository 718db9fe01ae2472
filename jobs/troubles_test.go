package jobs

import (
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// TestSenderThatCannotSendIsTold: a refused login, or a server that is away, shows in the log once, and so does its end; what one recipient is
// refused for does not.
func TestSenderThatCannotSendIsTold(t *testing.T) {
	t.Parallel()
	const sent, refusedLead, refused, away = "sent", "no such user", "authentication failed", "connection refused"
	for name, tt := range map[string]struct {
		course []string // of the first mails of leads, one after the other
		want   []string // of the log
	}{
		"all is well":              {[]string{sent, refusedLead, sent}, nil},
		"refused, then let in":     {[]string{refused, refused, sent, sent}, []string{"which is refused", "sends again"}},
		"away, then back":          {[]string{sent, away, away, sent}, []string{"cannot be reached", "sends again"}},
		"away, then refused":       {[]string{away, refused, refused}, []string{"cannot be reached", "which is refused"}},
		"well, refused once more":  {[]string{refused, sent, refused}, []string{"which is refused", "sends again", "which is refused"}},
		"a lead's refusal between": {[]string{refused, refusedLead, refused}, []string{"which is refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logged
			r := newLiveRig(t, firstSeven(mailStep+laterMail), log.into)
			ids := r.planned(len(tt.course))
			for i, outcome := range tt.course {
				r.mail.set(func(channels.Message) channels.Receipt {
					return map[string]channels.Receipt{
						sent:        {Outcome: channels.Sent},
						refusedLead: {Outcome: channels.Permanent, Detail: "550 5.1.1 " + refusedLead},
						refused:     {Outcome: channels.Temporary, StopSender: true, Unreached: true, Detail: "535 5.7.8 " + refused + " (login)"},
						away:        {Outcome: channels.Temporary, Unreached: true, Detail: "connecting: " + away},
					}[outcome]
				})
				r.sendNow(cadence.ChannelEmail, ids[i])
			}
			var got []string
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "channel=email sender=") {
					got = append(got, line)
				}
			}
			if len(got) != len(tt.want) {
				t.Fatalf("%d lines, want %q:\n%s", len(got), tt.want, log.String())
			}
			for i, want := range tt.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("line %d: %s, want %q", i, got[i], want)
				}
			}
		})
	}
}

// TestTroubleIsKnownToAll: what one process cannot send or read shows in every other one, with the server's words and since when, and goes with the first that
// can, whichever that is.
func TestTroubleIsKnownToAll(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	now := tenOClock
	other := rigOn(t, r.url, func(o *Options) { o.Worker.ID = "w2" })
	web := rigOn(t, r.url, func(o *Options) { o.Worker.ID = "asks" })
	for _, p := range []*rig{r, other, web} {
		p.realNow = func() time.Time { return now }
	}
	mailbox := r.cfg.Settings.Senders[0].Email
	refusal := channels.Receipt{Outcome: channels.Temporary, StopSender: true, Detail: "535 5.7.8 the account is shut"}
	away := channels.Receipt{Outcome: channels.Temporary, Unreached: true, Detail: "connection refused"}
	met := func(p *rig, receipt channels.Receipt) {
		p.heed(p.ctx, cadence.ChannelEmail, mailbox, []channels.Receipt{receipt})
	}
	share := func() {
		t.Helper()
		must(t, r.Recover(r.ctx))
		must(t, other.Recover(other.ctx))
	}
	shows := func(kind AlarmKind, about, said string, since time.Time) {
		t.Helper()
		share()
		a := web.alarms()[kind]
		if a.N != 1 || len(a.About) != 1 || a.About[0] != about || a.Said[0] != said || !a.Since.Equal(since) || !a.Real {
			t.Fatalf("%s: %+v", kind, a)
		}
	}
	quiet := func(kind AlarmKind) {
		t.Helper()
		share()
		if a, there := web.alarms()[kind]; there {
			t.Fatalf("it is over, and yet %+v", a)
		}
	}
	stuck := func() *store.Trouble {
		t.Helper()
		states, err := web.SenderStates(web.ctx)
		must(t, err)
		return states[0].Stuck
	}

	met(r, away)
	shows(AlarmSenderStuck, mailbox, "connection refused", tenOClock)
	now = now.Add(time.Hour)
	met(r, refusal)
	shows(AlarmSenderStuck, mailbox, refusal.Detail, tenOClock)
	if s := stuck(); s == nil || !s.Refused || !s.SeenAt.Equal(now) || !s.Since.Equal(tenOClock) {
		t.Errorf("the sender's state: %+v", s)
	}
	now = now.Add(time.Minute)
	met(other, channels.Receipt{Outcome: channels.Sent})
	quiet(AlarmSenderStuck)
	if s := stuck(); s != nil {
		t.Errorf("it sends, and yet %+v", s)
	}
	now = now.Add(time.Minute)
	met(r, refusal)
	shows(AlarmSenderStuck, mailbox, refusal.Detail, now)
	met(r, channels.Receipt{Outcome: channels.Sent})
	quiet(AlarmSenderStuck)
	r.heed(r.ctx, cadence.ChannelEmail, "gone@example.com", []channels.Receipt{refusal})
	quiet(AlarmSenderStuck) // nobody sends from it any more

	const inbox = "replies@example.com@imap.example.com/INBOX"
	r.InboxUnread(inbox, "no route to host", false, false)
	quiet(AlarmInboxUnread) // it may be back in a moment
	began := now
	now = now.Add(20 * time.Minute)
	r.InboxUnread(inbox, "no route to host", false, true)
	shows(AlarmInboxUnread, inbox, "no route to host", began)
	other.InboxRead(inbox, true)
	quiet(AlarmInboxUnread)
	now = now.Add(time.Minute)
	other.InboxUnread(inbox, "wrong password", true, true)
	shows(AlarmInboxUnread, inbox, "wrong password", now)
	now = now.Add(inboxForgotten)
	quiet(AlarmInboxUnread) // nobody has tried since
	if n := r.count(`SELECT count(*) FROM troubles`); n != 0 {
		t.Errorf("%d troubles are kept for good", n)
	}
}
