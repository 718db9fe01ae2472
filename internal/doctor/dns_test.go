package doctor

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"nurture/config"
)

// zone is DNS in memory: TXT records, addresses and names. A TXT record "!" is a server that does not answer.
type zone struct {
	txt   map[string][]string
	host  map[string][]string
	names map[string][]string
}

var errSilent = &net.DNSError{Err: "i/o timeout", Name: "x", IsTimeout: true}

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	return z.find(z.txt, strings.TrimSuffix(name, "."))
}

func (z zone) LookupHost(_ context.Context, host string) ([]string, error) {
	return z.find(z.host, strings.TrimSuffix(host, "."))
}

func (z zone) LookupAddr(_ context.Context, address string) ([]string, error) {
	return z.find(z.names, address)
}

func (z zone) find(in map[string][]string, name string) ([]string, error) {
	found, ok := in[name]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if len(found) == 1 && found[0] == "!" {
		return nil, errSilent
	}
	return found, nil
}

func TestSPF(t *testing.T) {
	t.Parallel()
	others := map[string][]string{
		"one.example":    {"v=spf1 ip4:192.0.2.0/24 -all", "unrelated=1"},
		"two.example":    {"v=spf1 include:one.example a -all"},
		"five.example":   {"v=spf1 a mx a:x.example mx:y.example exists:z.example -all"},
		"silent.example": {"!"},
		"none.example":   {"hello"},
		"broken.example": {"v=spf1 ipv4:192.0.2.1 -all"},
		"loop.example":   {"v=spf1 include:loop.example -all"},
	}
	tests := []struct {
		name    string
		records []string
		level   Level
		detail  string
		fix     string
	}{
		{"right", []string{"v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 include:two.example ~all", "other=1"}, OK, "(3 of 10 lookups)", ""},
		{"upper case", []string{"V=SPF1 IP4:192.0.2.1 A:mail.Example/24//64 -ALL"}, OK, "(1 of 10 lookups)", ""},
		{"redirect", []string{"v=spf1 redirect=one.example"}, OK, "(1 of 10", ""},
		{"redirect behind all is not read", []string{"v=spf1 -all redirect=none.example"}, OK, "(0 of 10", ""},
		{"unknown modifier and explanation", []string{"v=spf1 mx -all exp=why.example x-new=1"}, OK, "(1 of 10", ""},
		{"macros are counted and not followed", []string{"v=spf1 include:%{i}.spf.example exists:%{i}.x.example -all"}, OK, "(2 of 10", ""},
		{"exactly ten", []string{"v=spf1 include:five.example a mx a:b.example mx:c.example -all"}, OK, "(10 of 10", ""},
		{"none", []string{"hello", "v=spf10 -all"}, Fail, "no record", `"v=spf1 include:`},
		{"no name", nil, Fail, "no record", "publish"},
		{"two", []string{"v=spf1 -all", "v=spf1 a -all"}, Fail, "2 records", "merge"},
		{"eleven", []string{"v=spf1 include:five.example include:five.example -all"}, Fail, "more than 10", "ip4"},
		{"a loop", []string{"v=spf1 include:loop.example -all"}, Fail, "more than 10", "ip4"},
		{"everybody", []string{"v=spf1 +all"}, Fail, "everybody", "-all or ~all"},
		{"everybody, implied", []string{"v=spf1 all"}, Fail, "everybody", "-all or ~all"},
		{"neutral", []string{"v=spf1 a ?all"}, Warn, "neutrally", "-all or ~all"},
		{"open end", []string{"v=spf1 a"}, Warn, "neutrally", "-all or ~all"},
		{"behind all", []string{"v=spf1 -all ip4:192.0.2.1"}, Warn, "never read", "to the end"},
		{"ptr", []string{"v=spf1 ptr -all"}, Warn, "ptr is slow", "ip4"},
		{"unknown mechanism", []string{"v=spf1 ipv4:192.0.2.1 -all"}, Fail, `"ipv4:192.0.2.1" of example.com is no mechanism of SPF`, "TXT record of example.com"},
		{"bad address", []string{"v=spf1 ip4:192.0.2.300 -all"}, Fail, "is no ip4", "mend"},
		{"wrong family", []string{"v=spf1 ip4:2001:db8::1 -all"}, Fail, "is no ip4", "mend"},
		{"bad range", []string{"v=spf1 ip4:192.0.2.0/33 -all"}, Fail, "is no ip4", "mend"},
		{"bad prefix", []string{"v=spf1 a/x -all"}, Fail, "prefix length", "mend"},
		{"empty include", []string{"v=spf1 include: -all"}, Fail, "lacks a domain", "mend"},
		{"empty exists", []string{"v=spf1 exists -all"}, Fail, "lacks a domain", "mend"},
		{"all with argument", []string{"v=spf1 -all:x"}, Fail, "takes no argument", "mend"},
		{"include without record", []string{"v=spf1 include:none.example -all"}, Fail, "0 SPF records", "mend"},
		{"redirect without record", []string{"v=spf1 redirect=none.example"}, Fail, "0 SPF records", "mend"},
		{"broken include", []string{"v=spf1 include:broken.example -all"}, Fail, "of broken.example is no mechanism", "record of broken.example"},
		{"silent include", []string{"v=spf1 include:silent.example -all"}, Warn, "cannot tell: ", "DNS"},
		{"silent", []string{"!"}, Warn, "cannot tell: lookup x: i/o timeout", "--dns"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			z := zone{txt: map[string][]string{}}
			for name, records := range others {
				z.txt[name] = records
			}
			if test.records != nil {
				z.txt["example.com"] = test.records
			}
			want(t, only(t, SPF(t.Context(), z, "example.com")), test.level, "spf example.com", test.detail, test.fix)
		})
	}
}

func TestDMARC(t *testing.T) {
	t.Parallel()
	own := MailDomains{From: "mail.example.co.uk", Envelope: "mail.example.co.uk", Sender: "a@mail.example.co.uk"}
	tests := []struct {
		name   string
		at     string // of the records
		txt    []string
		level  Level
		detail string
		fix    string
	}{
		{"own", "_dmarc.mail.example.co.uk", []string{"v=DMARC1; p=reject"}, OK, "policy reject", ""},
		{"the organization's", "_dmarc.example.co.uk", []string{"v=DMARC1;p=reject;sp=none"}, OK, "policy none", ""},
		{"the organization's, without sp", "_dmarc.example.co.uk", []string{"v=DMARC1;p=quarantine"}, OK, "policy quarantine", ""},
		{"not the public suffix's", "_dmarc.co.uk", []string{"v=DMARC1; p=reject"}, Fail, "no record", "_dmarc.mail.example.co.uk"},
		{"something else", "_dmarc.mail.example.co.uk", []string{"v=spf1 -all"}, Fail, "no record", "p=none"},
		{"two", "_dmarc.mail.example.co.uk", []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}, Fail, "2 records", "keep one"},
		{"no policy", "_dmarc.mail.example.co.uk", []string{"v=DMARC1; rua=mailto:a@example.com"}, Fail, "missing a 'p'", "mend"},
		{"bad policy", "_dmarc.example.co.uk", []string{"v=DMARC1; p=maybe"}, Fail, "invalid policy", "_dmarc.example.co.uk"},
		{"silent", "_dmarc.mail.example.co.uk", []string{"!"}, Warn, "cannot tell", "--dns"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			findings := DMARC(t.Context(), zone{txt: map[string][]string{test.at: test.txt}}, own, "example.co.uk")
			want(t, findings[0], test.level, "dmarc mail.example.co.uk", test.detail, test.fix)
			if test.level == OK {
				want(t, findings[1], OK, "alignment mail.example.co.uk", "both speak for it", "")
			}
		})
	}
}

func TestAlignment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		record           string
		envelope, signed string
		level            Level
		detail, fix      string
	}{
		{"both", "", "example.com", "example.com", OK, "both", ""},
		{"relaxed", "", "b.example.com", "mail.example.com", OK, "both", ""},
		{"by DKIM", "", "bounces.example.net", "example.com", OK, "SPF speaks for bounces.example.net", ""},
		{"strict DKIM", "; adkim=s", "example.com", "mail.example.com", Warn, "only SPF for example.com", "smtp.dkim.domain: example.com"},
		{"strict both", "; adkim=s; aspf=s", "b.example.com", "mail.example.com", Fail, "fails DMARC", "smtp.dkim.domain: example.com"},
		{"neither", "", "example.net", "example.org", Fail, "neither DKIM (d=example.org) nor SPF (example.net)", "senders of example.org"},
		{"unsigned", "", "example.com", "", Warn, "only SPF", "configure smtp.dkim"},
		{"unsigned and apart", "", "example.net", "", Warn, "unless the mail server signs with d=example.com", "mail.bounces"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			z := zone{txt: map[string][]string{"_dmarc.example.com": {"v=DMARC1; p=none" + test.record}}}
			findings := DMARC(t.Context(), z, MailDomains{From: "example.com", Envelope: test.envelope}, test.signed)
			want(t, about(t, findings, "alignment example.com"), test.level, "alignment example.com", test.detail, test.fix)
		})
	}
}

func TestReverseDNS(t *testing.T) {
	t.Parallel()
	z := zone{
		host: map[string][]string{
			"mx.example.com": {"192.0.2.1"}, "six.example.com": {"2001:db8::1"}, "local.example.com": {"10.0.0.1", "127.0.0.1"},
			"silent.example.com": {"!"}, "elsewhere.example.com": {"192.0.2.77"}, "mute.example.com": {"192.0.2.4"},
			"half.example.com": {"192.0.2.5"},
		},
		names: map[string][]string{
			"192.0.2.1": {"other.example.", "mx.example.com."}, "2001:db8::1": {"six.example.com."}, "192.0.2.3": {"elsewhere.example.com."},
			"192.0.2.4": {"!"}, "192.0.2.5": {"silent.example.com."},
		},
	}
	for _, test := range []struct {
		host        string
		level       Level
		detail, fix string
	}{
		{"mx.example.com", OK, "192.0.2.1 is mx.example.com, and back", ""},
		{"six.example.com", OK, "2001:db8::1 is six.example.com, and back", ""},
		{"192.0.2.2", Warn, "192.0.2.2 has no name", "PTR"},
		{"192.0.2.3", Warn, "does not lead back", "agree"},
		{"127.0.0.1", OK, "is inside", ""},
		{"gone.example.com", Warn, "cannot tell", "DNS"},
		{"silent.example.com", Warn, "cannot tell", "DNS"},
		{"mute.example.com", Warn, "cannot tell", "DNS"},
		{"half.example.com", Warn, "cannot tell", "DNS"},
	} {
		want(t, only(t, ReverseDNS(t.Context(), z, test.host)), test.level, "reverse dns", test.detail, test.fix)
	}
	if findings := ReverseDNS(t.Context(), z, "local.example.com"); len(findings) != 2 || Count(findings, OK) != 2 {
		t.Errorf("got %+v", findings)
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	s := config.Settings{Senders: []config.Sender{{Email: "a@Example.com"}, {Email: "b@example.com"}, {Email: "c@example.net"}}}
	if got := Domains(s); len(got) != 2 || got[0] != (MailDomains{"example.com", "example.com", "a@Example.com"}) || got[1].Envelope != "example.net" {
		t.Errorf("got %+v", got)
	}
	s.Mail.Bounces = "bounces@b.example"
	if got := Domains(s); len(got) != 2 || got[0].Envelope != "b.example" || got[1] != (MailDomains{"example.net", "b.example", "c@example.net"}) {
		t.Errorf("got %+v", got)
	}
}

func TestAbsentIsNotSilent(t *testing.T) {
	t.Parallel()
	if absent(errSilent) || absent(errors.New("x")) || absent(nil) || !absent(&net.DNSError{IsNotFound: true}) {
		t.Error("a server that is silent is not one that says no")
	}
}
