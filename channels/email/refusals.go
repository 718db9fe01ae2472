package email

import (
	"regexp"
	"slices"
	"strings"

	"nurture/channels/email/inbound"
)

// usRefused are the words of Postfix, Exim, Sendmail, Exchange and others for a refusal of who sends, in lower case.
var usRefused = []string{
	"sender address rejected", "sender rejected", "client host rejected", "client host [", "sender address [", "helo command rejected", "not owned by user", "sender verify failed",
	"sender domain", "sender not allowed", "not allowed to send", "not permitted to send", "permissions to send as", "header address rejected",
	"unauthenticated senders", "smtp account is not yet activated", "unauthorized ip address", "the ip you're using to send mail",
}

// usStatuses are enhanced codes by which Microsoft refuses an account, a domain or a network that sends.
// Source: "Email non-delivery reports in Exchange Online", https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online.
var usStatuses = []string{
	"5.1.90", "5.2.252", "5.7.501", "5.7.502", "5.7.503", "5.7.508", "5.7.511", "5.7.513", "5.7.705", "5.7.708", "5.7.750",
}

// refusesUs says whether an answer is about who sends rather than about the recipient or the message: a step lost to it would be lost for each
// lead that it is tried on.
func refusesUs(r reply) bool {
	text := strings.ToLower(r.text)
	return slices.Contains(usStatuses, r.enhanced) || inbound.AccountShut(text) ||
		slices.ContainsFunc(usRefused, func(words string) bool { return strings.Contains(text, words) })
}

// passedOnPattern are the words by which a relay that has asked the recipient's server hands its answer on, as Postfix does
// (reject_unverified_recipient).
var passedOnPattern = regexp.MustCompile(`(?i)\bhost \S+ said: |\bin reply to (?:mail from|rcpt to|helo|ehlo|end of data)\b`)

// passedOn says whether the words are those of the recipient's server: whatever they say of us, they say for this recipient alone.
func passedOn(r reply) bool { return passedOnPattern.MatchString(r.text) }
