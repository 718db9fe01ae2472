package inbound

import (
	"regexp"
	"slices"
	"strings"
)

// verdictPattern is a result of Authentication-Results: method=result (RFC 8601, section 2.2).
var verdictPattern = regexp.MustCompile(`(?:^|[;\s])(dmarc|spf|dkim)\s*=\s*([a-z]+)`)

// commentPattern is a comment without another in it (RFC 5322, section 3.2.2).
var commentPattern = regexp.MustCompile(`\([^()]*\)`)

// Forged says by what the mailbox's own server knows that the address of From is not the author's, such as "dmarc=fail"; "" when it does not say
// so. A server puts its Authentication-Results on top of those that came with a mail (RFC 8601, section 5), so the first one counts; where no
// server does, whoever writes one himself only makes his own mail less believed.
//
// DMARC decides where it has something to say. Without it, SPF that fails does, unless a signature holds: then the mail was only handed on.
func (m Message) Forged() string {
	fields := m.Header.All("Authentication-Results")
	if len(fields) == 0 {
		return ""
	}
	text := strings.ToLower(fields[0])
	for strings.Contains(text, "(") { // they nest
		bare := commentPattern.ReplaceAllString(text, " ")
		if bare == text {
			break
		}
		text = bare
	}
	said := map[string][]string{}
	for _, v := range verdictPattern.FindAllStringSubmatch(text, -1) {
		said[v[1]] = append(said[v[1]], v[2])
	}
	has := func(method, result string) bool { return slices.Contains(said[method], result) }
	switch {
	case has("dmarc", "fail"):
		return "dmarc=fail"
	case has("dmarc", "pass"), has("dkim", "pass"):
		return ""
	case has("spf", "fail"):
		return "spf=fail"
	}
	return ""
}
