package cadence_test

import (
	"strings"
	"testing"

	"nurture/cadence"
)

func TestJudgeSender(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]bool{
		"554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org":                                true,
		"550 5.7.1 Unfortunately, messages from [192.0.2.7] weren't sent. Part of their network is on our block list (S3140).": true,
		"550 5.7.606 Access denied, banned sending IP [192.0.2.7]. To request removal from this list":                          true,
		"554 Your domain ourco.example has been blocked by the administrator":                                                  true,
		"553 5.3.0 Sender address mara@ourco.example is blacklisted":                                                           true,
		"550 5.7.1 Your IP 192.0.2.7 is listed with us":                                                                        true,
		"554 5.7.1 rejected due to the poor reputation of the sending domain":                                                  true,
		"550 5.7.26 This mail has been blocked because the sender is unauthenticated":                                          false,
		"550-5.7.1 Our system has detected that this message is likely unsolicited mail. This message has been blocked.":       false,
		"550 5.7.1 Message rejected due to content restrictions":                                                               false,
		"550 5.7.1 The recipient's mailbox rejects this kind of message; 192.0.2.7 is not listed":                              false,
		"550 5.7.1 This group only takes mail from its members; the recipient is not listed":                                   false,
		"550 5.7.1 Delivery not authorized, message refused":                                                                   false,
		"": false,
	} {
		why := cadence.JudgeSender(1, said, false)
		if (why != "") != want {
			t.Errorf("%q: %q, want pause %t", said, why, want)
		}
	}
	const says = "554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org"
	if why := cadence.JudgeSender(cadence.PolicyBounceLimit-1, says, true); why != "" {
		t.Errorf("paused on hearsay: %q", why)
	}
	if why := cadence.JudgeSender(cadence.PolicyBounceLimit, says, true); !strings.HasPrefix(why, "mail to several leads") {
		t.Errorf("hearsay of several leads: %q", why)
	}
	if why := cadence.JudgeSender(cadence.PolicyBounceLimit-1, "refused", false); why != "" {
		t.Errorf("paused one lead too early: %q", why)
	}
	why := cadence.JudgeSender(cadence.PolicyBounceLimit, "refused\n"+strings.Repeat("é ", 400), false)
	if !strings.HasPrefix(why, "mail to several leads was refused for policy within a day; the last time: refused é é") || len([]rune(why)) > 300 || strings.Contains(why, "\n") {
		t.Errorf("got %q", why)
	}
}
