package jobs

import (
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/channels"
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
