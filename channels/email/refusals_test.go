package email

import (
	"net/textproto"
	"strconv"
	"testing"

	"nurture/channels"
)

// TestWhoIsRefused: what a server says of the account, of its limits or of the sender must not use up leads; what it says of one recipient must
// not stop a sender.
func TestWhoIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at   stage
		said string
		want channels.Outcome
		stop bool
	}{
		// Amazon SES
		{atDot, "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: mara@example.com", channels.Temporary, true},
		{atDot, "554 Message rejected: Sending suspended for this account. For more information, please check the inbox of the email address", channels.Temporary, true},
		{atDot, "554 Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail' on resource", channels.Temporary, true},
		{atDot, "454 Throttling failure: Daily message quota exceeded.", channels.Temporary, true},
		{atDot, "454 Throttling failure: Maximum sending rate exceeded.", channels.Temporary, false},
		// SendGrid, Mailgun
		{atDot, "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.", channels.Temporary, true},
		{atMail, "451 Authentication failed: Maximum credits exceeded", channels.Temporary, true},
		{atDot, "550 5.7.1 Domain example.com is not allowed to send: Domain is disabled", channels.Temporary, true},
		{atDot, "550 Unauthenticated senders not allowed", channels.Temporary, true},
		// Brevo, Google
		{atDot, "502 5.7.0 Your SMTP account is not yet activated. Please contact us to request activation", channels.Temporary, true},
		{atRcpt, "525 5.7.1 Unauthorized IP address", channels.Temporary, true},
		{atDot, "550 5.7.1 [192.0.2.7] The IP you're using to send mail is not authorized to send email directly to our servers.", channels.Temporary, true},
		// Microsoft 365
		{atDot, "554 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", channels.Temporary, true},
		{atDot, "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message", channels.Temporary, true},
		{atDot, "554 5.2.252 SendAsDenied; mara@example.com not allowed to send as sales@example.com", channels.Temporary, true},
		{atDot, "554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; WASCL UserAction verdict is not None. Actual verdict is Suspend", channels.Temporary, true},
		{atRcpt, "550 5.7.705 Access denied, tenant has exceeded threshold", channels.Temporary, true},
		{atRcpt, "550 5.7.708 Access denied, traffic not accepted from this IP", channels.Temporary, true},
		{atRcpt, "550 5.7.501 Access denied, spam abuse detected from this tenant", channels.Temporary, true},
		// Google, Apple, GMX, Zoho, Yandex
		{atDot, "550 5.4.5 Daily user sending limit exceeded.", channels.Temporary, true},
		{atDot, "550 5.7.0 From address is not one of your addresses", channels.Temporary, true},
		{atDot, "550 Sender address is not allowed.", channels.Temporary, true},
		{atDot, "550 5.4.6 Unusual sending activity detected. Please try after sometime", channels.Temporary, true},
		{atDot, "553 5.7.1 Sender or From header address rejected: not owned by authorized user", channels.Temporary, true},
		// cPanel and other hosters
		{atRcpt, "550 Domain example.com has exceeded the max emails per hour (500/500 (100%)) allowed.  Message discarded.", channels.Temporary, true},
		{atRcpt, "550 Domain example.com has exceeded the max defers and failures per hour (5/5 (100%)) allowed.  Message discarded.", channels.Temporary, true},
		{atDot, `550 Outgoing mail from "example.com" has been suspended.`, channels.Temporary, true},
		{atRcpt, "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org", channels.Temporary, true},
		{atRcpt, "554 5.7.1 Service unavailable; Sender address [mara@example.com] blocked using dbl.spamhaus.org", channels.Temporary, true},

		// What a relay passes on of one recipient's server, and what is the recipient's own.
		{
			atRcpt, "550 5.1.1 <bo@far.example>: Recipient address rejected: undeliverable address: host mx.far.example[192.0.2.1] said: 550 5.7.1 <mara@example.com>: Sender address rejected: Access denied (in reply to MAIL FROM command)",
			channels.Permanent, false,
		},
		{atRcpt, "550 5.7.1 host mx.far.example[192.0.2.1] said: 554 5.7.1 relaying denied (in reply to RCPT TO command)", channels.Permanent, false},
		{atRcpt, "450 4.1.1 <bo@far.example>: Recipient address rejected: unverified address: host mx.far.example said: 451 daily message quota exceeded", channels.Temporary, false},
		{atRcpt, "550 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour", channels.Permanent, false},
		{atRcpt, "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages", channels.Temporary, false},
		{atRcpt, "552 5.2.2 mailbox full, quota exceeded", channels.Temporary, false},
		{atDot, "552 5.2.2 storage limit reached for this account", channels.Temporary, false},
		{atRcpt, "452 4.2.2 the user has reached the daily limit of messages", channels.Temporary, false},
		{atRcpt, "550 5.1.1 no such user", channels.Permanent, false},

		// Where the two codes contradict each other, another try costs less than a lead.
		{atRcpt, "550 4.7.1 Greylisted, please try again later", channels.Temporary, false},
		{atDot, "554 4.4.5 Insufficient disk space", channels.Temporary, false},
		{atRcpt, "450 5.1.1 unknown user", channels.Temporary, false},
	} {
		r := receiptFor(1, &fault{tt.at, said(tt.said)})
		if r.Outcome != tt.want || r.StopSender != tt.stop {
			t.Errorf("%s: %q is %v, stops the sender: %t", stageNames[tt.at], tt.said, r.Outcome, r.StopSender)
		}
	}
}

// said is a server's answer as net/textproto reads it.
func said(answer string) error {
	code, _ := strconv.Atoi(answer[:3])
	return &textproto.Error{Code: code, Msg: answer[4:]}
}
