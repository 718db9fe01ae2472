package inbound_test

import (
	"strings"
	"testing"

	"nurture/channels/email/inbound"
)

// TestSeverity holds a status and the remote server's words against what they mean for the address.
func TestSeverity(t *testing.T) {
	t.Parallel()
	for line := range strings.SplitSeq(strings.TrimSpace(`
hard   unknown_user   | 5.1.1  | 550 no
hard   unknown_domain | 5.1.2  | 550 bad domain
hard   unknown_user   | 5.1.3  | 501 bad address syntax
hard   moved          | 5.1.6  | 551 moved
hard   no_mail        | 5.1.10 | 556 5.1.10 recipient address has null MX
hard   unknown_user   | 5.1.10 | 550 5.1.10 RecipientNotFound
soft   expired        | 5.4.300 | 550 5.4.300 Message expired -> 451 4.4.4 Mail received as unauthenticated, incoming to a recipient domain configured in a hosted tenant which has no mail-enabled subscriptions
policy policy         | 5.0.0  | 554 5.0.0 [TSS09] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed
hard   disabled       | 5.2.1  | 550 mailbox disabled
hard   unknown_domain | 5.4.4  | unable to route: no mail hosts for domain
hard   unknown_user   | 5.0.0  | 550 5.1.1 user unknown
hard   unknown_user   | 5.5.0  | 550 no such user here
hard   disabled       | 5.0.0  | 554 this account has been suspended
soft   mailbox_full   | 5.2.2  | 552 user unknown
soft   mailbox_full   | 5.1.1  | 550 over quota
soft   mailbox_full   | 4.2.2  | 452 mailbox full
soft   mailbox_full   | 5.0.0  | 552 sorry
soft   too_large      | 5.3.4  | 552 too big
soft   too_large      | 5.2.3  | 552 no
soft   too_large      | 5.0.0  | 552 message size exceeds fixed limit
soft   expired        | 5.4.7  | 550 gave up
soft   loop           | 5.4.6  | 554 too many hops
soft   loop           | 5.4.14 | -
soft   temporary      | 4.1.1  | 450 user unknown
soft   temporary      | 4.7.1  | 451 greylisted
soft   temporary      | -      | 421 too many connections
soft   expired        | 4.4.1  | connection timed out
soft   expired        | 5.4.4  | connection refused
policy policy         | 5.0.0  | 554 IP=198.51.100.7 - A problem occurred. (Ask your postmaster for help or to contact tobr@rx.t-online.de to clarify.)
policy policy         | 5.0.0  | 554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369
policy policy         | 5.0.0  | 554 smtp-18.iol.local LIBERO - Connection rejected (BL01)
hard   unknown_user   | -      | Benutzer jane (jane@prospects.test) nicht im Domino-Verzeichnis aufgeführt
soft   content        | 5.6.1  | 554 media not supported
soft   unclear        | 5.3.2  | 554 system not accepting network messages
soft   unclear        | 5.0.0  | -
soft   unclear        | 5.1.4  | 550 ambiguous
soft   unclear        | 5.5.2  | 500 syntax error
policy policy         | 5.7.1  | 554 rejected
policy policy         | 5.7.0  | -
policy policy         | 5.1.1  | 550 blocked using a blocklist
policy policy         | 5.0.0  | 554 5.7.1 refused
policy policy         | 5.2.1  | 550 rejected for policy reasons
policy sender_refused | 5.0.0  | 554 Message rejected: Sending suspended for this account. For more information, check the inbox
policy sender_refused | 5.0.0  | 554 Message rejected: Email address is not verified. The following identities failed the check
policy sender_refused | 5.0.0  | 550 Outgoing mail from "example.com" has been suspended.
policy sender_refused | 5.0.0  | 550 Domain example.com has exceeded the max emails per hour (500/500 (100%)) allowed. Message discarded.
policy sender_refused | 5.1.90 | 550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients
policy sender_refused | 5.4.5  | 550 5.4.5 Daily user sending limit exceeded.
policy sender_refused | 5.7.1  | 550 sending quota exceeded
policy sender_refused | 5.1.8  | 550 sender domain
policy sender_refused | 5.1.7  | 553 bad sender
policy sender_refused | 5.0.0  | 550 sender address rejected: Domain not found
policy sender_refused | 5.0.0  | 550 Callback setup failed while verifying <bounces+b1@ourco.test> No Such User Here
policy sender_refused | 5.1.0  | 550 <bounces+b1@ourco.test>... Sender domain does not exist
policy sender_refused | 5.1.0  | 550 Address rejected: unknown sender
policy sender_refused | 5.0.0  | 550 Requested action not taken: mailbox unavailable invalid DNS MX or A/AAAA resource record
policy sender_refused | 5.0.0  | 550 The sender's mailbox does not exist
policy sender_refused | 5.0.0  | 550 Domain of sender address bounces+b1@ourco.test does not exist
policy sender_refused | 5.0.0  | 550 MAIL FROM domain not found
policy sender_refused | 5.0.0  | 550 Helo host does not exist
policy sender_refused | 5.0.0  | 550 Protocol violation: From address not found
soft   content        | 5.0.0  | 550 Message-ID header does not exist
policy policy         | 5.7.1  | 550 user unknown, message rejected as spam
`), "\n") {
		fields := strings.Split(line, "|")
		want := strings.Fields(fields[0])
		status, words := strings.TrimSpace(fields[1]), strings.TrimSpace(fields[2])
		raw := "Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nContent-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n" +
			"Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; jane@prospects.test\nAction: failed\n"
		if status != "-" {
			raw += "Status: " + status + "\n"
		}
		if words != "-" {
			raw += "Diagnostic-Code: smtp; " + words + "\n"
		}
		c := inbound.Classify(inbound.Parse([]byte(raw+"--x--\n")), now)
		if c.Kind != inbound.KindBounce || len(c.Recipients) != 1 || c.Recipients[0].Severity != want[0] || c.Subkind != want[1] {
			t.Errorf("%s: got %s %s %+v", line, c.Kind, c.Subkind, c.Recipients)
		}
	}
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	for method, want := range map[string]string{
		"METHOD:COUNTER": "calendar_counter", "METHOD:CANCEL": "calendar_cancel", "METHOD:PUBLISH": "calendar_request", "METHOD:REPLY": "calendar_reply",
		"METHOD:REPLY\nATTENDEE;CN=x;PARTSTAT=DECLINED;X=y:mailto:a@b.test": "calendar_declined", "METHOD:NONSENSE": "", "nothing": "",
	} {
		c := inbound.Classify(inbound.Parse([]byte("From: a@b.test\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"+method+"\nEND:VCALENDAR\n")), now)
		if c.Kind != inbound.KindReply || c.Subkind != want {
			t.Errorf("%q: %s %q", method, c.Kind, c.Subkind)
		}
	}
}
