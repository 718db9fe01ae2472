package inbound_test

import (
	"testing"

	"nurture/channels/email/inbound"
)

func TestForged(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ header, want string }{
		"no word": {"", ""},
		"Gmail": {
			"Authentication-Results: mx.google.com;\n       dkim=pass header.i=@prospects.test header.s=s1 header.b=AbC;\n" +
				"       spf=pass (google.com: domain of jane@prospects.test designates 192.0.2.1 as permitted sender) smtp.mailfrom=jane@prospects.test;\n" +
				"       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=prospects.test\n", "",
		},
		"DMARC fails": {
			"Authentication-Results: mx.ourco.test; spf=softfail smtp.mailfrom=evil.test;\n dmarc=fail (p=REJECT (really)) header.from=prospects.test\n", "dmarc=fail",
		},
		"Exchange Online, without a name of its own": {
			"Authentication-Results: spf=fail (sender IP is 192.0.2.9)\n smtp.mailfrom=prospects.test; dkim=none (message not signed)\n" +
				" header.d=none;dmarc=fail action=quarantine\n header.from=prospects.test;compauth=fail reason=000\n", "dmarc=fail",
		},
		"only SPF, which fails":              {"Authentication-Results: mx.ourco.test; spf=fail smtp.mailfrom=prospects.test; dkim=none\n", "spf=fail"},
		"only SPF, which is not sure":        {"Authentication-Results: mx.ourco.test; spf=softfail smtp.mailfrom=prospects.test\n", ""},
		"handed on, signed":                  {"Authentication-Results: mx.ourco.test; spf=fail smtp.mailfrom=list.test; dkim=fail header.d=list.test; dkim=pass header.d=prospects.test\n", ""},
		"a word in a comment":                {"Authentication-Results: mx.ourco.test; spf=pass (because dmarc=fail is not) smtp.mailfrom=prospects.test\n", ""},
		"a comment without an end":           {"Authentication-Results: mx.ourco.test; spf=pass (oh; dkim=pass\n", ""},
		"what came with the mail is below":   {"Authentication-Results: mx.ourco.test; dmarc=pass header.from=prospects.test\nAuthentication-Results: mx.evil.test; dmarc=fail\n", ""},
		"its author cannot excuse it either": {"Authentication-Results: mx.ourco.test; dmarc=fail\nAuthentication-Results: mx.ourco.test; dmarc=pass\n", "dmarc=fail"},
	} {
		m := inbound.Parse([]byte(tt.header + "From: Jane <jane@prospects.test>\nSubject: x\n\nPlease remove me from your list.\n"))
		if got := m.Forged(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
