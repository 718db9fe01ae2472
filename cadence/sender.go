package cadence

import (
	"regexp"
	"strings"
	"time"
)

// When policy bounces speak against the mailbox that the mails came from and not against single mails: so many leads within such a span.
const (
	PolicyBounceLimit = 3
	PolicyBounceSpan  = 24 * time.Hour
)

// JudgeSender says whether a mailbox must stop sending email after a policy bounce, and why, for people; "" lets it go on. leads is how
// many different leads' mails from it were refused for policy within PolicyBounceSpan, this one included; said is what the refusing server
// said. Every further mail from a sender that is listed or out of favour makes it worse, so one mail that says so is enough; but not hearsay,
// which a lead could have written that wants us silent: of that it takes as many leads as of any other refusal.
func JudgeSender(leads int, said string, hearsay bool) (why string) {
	if listed(said) && !hearsay {
		return "a mail system blocks or lists it: " + excerpt(said)
	}
	if leads >= PolicyBounceLimit {
		return "mail to several leads was refused for policy within a day; the last time: " + excerpt(said)
	}
	return ""
}

var (
	// lists are services and words that only speak of who sends, or of the domains in every mail of ours.
	lists = regexp.MustCompile(`\b(spamhaus|spamcop|barracudacentral|sorbs|dnsbl|rbl|surbl|uribl|senderscore|(black|block|deny)[- ]?list(ed|s)?|(bad|poor|low) reputation|reputation of)\b`)
	// refusedSender and bannedSender are a sender, its address, host or domain, of which it is said that it is refused as such. A
	// message that "has been blocked because the sender is unauthenticated" says nothing of the kind.
	refusedSender = regexp.MustCompile(`\b(sender|sending|client|source|ips?|hosts?|network|your (domain|server|address)|mail server)\b[^;:]{0,80}\b(blocked|banned|listed)\b`)
	bannedSender  = regexp.MustCompile(`\b(blocked|banned) (sender|sending|ips?|hosts?|domain|network|server)\b`)
	denied        = regexp.MustCompile(`\b(not|no longer|isn't|wasn't|never) (\w+ )?(black|block|deny)?-?(listed|blocked|banned)\b`)
)

func listed(said string) bool {
	said = denied.ReplaceAllString(strings.ToLower(said), " ")
	return lists.MatchString(said) || refusedSender.MatchString(said) || bannedSender.MatchString(said)
}

// excerpt is the beginning of a server's words in one line.
func excerpt(said string) string {
	r := []rune(strings.Join(strings.Fields(said), " "))
	if len(r) > 200 {
		return string(r[:199]) + "…"
	}
	if len(r) == 0 {
		return "(no words)"
	}
	return string(r)
}
