package email

import (
	"testing"

	"nurture/channels"
)

// TestAddressDead: a server that says so at once is believed as one that says so in a report.
func TestAddressDead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at   stage
		said string
		want bool
	}{
		{atRcpt, "550 5.1.1 <bo@far.example>: Recipient address rejected: User unknown in virtual mailbox table", true},
		{atRcpt, "550 5.1.1 <bo@far.example>: Recipient address rejected: User unknown in relay recipient table", true},
		{atRcpt, "550 No such user here", true},
		{atRcpt, "550 5.2.1 The email account that you tried to reach is disabled", true},
		{atRcpt, "550 5.1.1 <bo@far.example>: Recipient address rejected: undeliverable address: host mx.far.example[192.0.2.1] said: 550 5.1.1 user unknown (in reply to RCPT TO command)", true},
		{atDot, "550 5.1.1 no such mailbox", true},
		{atRcpt, "550 5.1.1 <bo@far.example>: Recipient address rejected: undeliverable address: host mx.far.example[192.0.2.1] said: 550 5.7.1 Sender address rejected (in reply to MAIL FROM command)", false},
		{atRcpt, "550 5.7.1 rejected by policy", false},
		{atRcpt, "554 5.7.1 Relay access denied", false},
		{atRcpt, "552 5.2.2 mailbox full", false},
		{atRcpt, "450 4.1.1 user unknown, try again", false},
		{atDot, "554 5.7.1 message rejected as spam", false},
		{atDot, "550 content refused", false},
		{atMail, "550 5.1.1 who are you", false},
	} {
		r := receiptFor(1, &fault{tt.at, said(tt.said)})
		if r.AddressDead != tt.want || tt.want && r.Outcome != channels.Permanent {
			t.Errorf("%s: %q: dead %t, %v", stageNames[tt.at], tt.said, r.AddressDead, r.Outcome)
		}
	}
	if r := receiptFor(1, &fault{atRcpt, &unsupportedError{"no such user"}}); r.AddressDead {
		t.Error("what we refuse ourselves says nothing of the address")
	}
}
