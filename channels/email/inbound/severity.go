package inbound

import (
	"regexp"
	"strings"
)

// The severities of a recipient's failure.
const (
	Hard   = "hard"   // the address is dead: never again
	Soft   = "soft"   // may work another time
	Policy = "policy" // refused for what or who we are, not for the address
)

// The causes, which are the subkinds of a bounce.
const (
	causeUnknownUser   = "unknown_user"
	causeUnknownDomain = "unknown_domain"
	causeNoMail        = "no_mail" // null MX (RFC 7505)
	causeDisabled      = "disabled"
	causeMoved         = "moved"
	causeFull          = "mailbox_full"
	causeTooLarge      = "too_large"
	causePolicy        = "policy"
	causeSender        = "sender_refused"
	causeLoop          = "loop"
	causeTemporary     = "temporary"
	causeExpired       = "expired"
	causeContent       = "content"
	causeUnclear       = "unclear"
)

var severityOf = map[string]string{
	causeUnknownUser: Hard, causeUnknownDomain: Hard, causeNoMail: Hard, causeDisabled: Hard, causeMoved: Hard,
	causePolicy: Policy, causeSender: Policy,
	causeFull: Soft, causeTooLarge: Soft, causeLoop: Soft, causeTemporary: Soft, causeExpired: Soft, causeContent: Soft, causeUnclear: Soft,
}

// statusPattern is an enhanced status code (RFC 3463, section 2) among other text.
var statusPattern = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\D)`)

// replyPattern is an SMTP reply code of failure (RFC 5321, section 4.2.1) that begins a text or follows "said:", "error" and
// the like.
var replyPattern = regexp.MustCompile(`(?:^|[:;#( ]|\b)([45][0-5]\d)[ \-#]`)

var linkPattern = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`)

// judge says why a recipient failed. status is that of the report, "" when it gives none; text is the remote server's words.
// The status that counts is given back: a generic one yields to a more exact one in the text.
//
// RFC 3463 has the meanings; which are hard is FACTS' decision: an address that is bad, gone or disabled, and a domain that does
// not exist or takes no mail. Words that speak of a full mailbox, of a refusal for policy or of another try always
// outweigh a hard status, for a wrong hard bounce costs a lead; words can make a failure hard only where the status says nothing.
func judge(status, text string) (cause, effective string) {
	text = strings.ToLower(linkPattern.ReplaceAllString(text, " "))
	text = strings.ReplaceAll(text, "not going to try again", "")      // qmail gives up in these words
	text = strings.ReplaceAll(text, "permanently deferred", "blocked") // Yahoo refuses who sends in these
	if m := statusPattern.FindStringSubmatch(text); m != nil && (status == "" || generic(status)) {
		status = m[1]
	}
	reply := ""
	if m := replyPattern.FindStringSubmatch(text); m != nil {
		reply = m[1]
	}
	said := causeInWords(text)
	if status != "" && status[0] == '4' || status == "" && reply != "" && reply[0] == '4' {
		switch said {
		case causeFull, causeTooLarge, causeLoop, causeExpired:
			return said, status
		}
		return causeTemporary, status
	}
	if AccountShut(text) || AccountSpent(text) { // "suspended" is the account that sends, not the one that it was for
		return causeSender, status
	}
	return permanentCause(status, reply, said), status
}

// AddressDead says whether a server that refuses a recipient for good, with an enhanced status or "" and some words, says that the address is dead.
func AddressDead(status, text string) bool {
	cause, _ := judge(status, text)
	return severityOf[cause] == Hard
}

// generic reports a status that leaves the reason open: "other or undefined" in RFC 3463 is detail 0; Sendmail and gateways
// write 5.3.0 or 5.5.0, Microsoft 5.4.1, for all sorts.
func generic(status string) bool { return strings.HasSuffix(status, ".0") || status == "5.4.1" }

func permanentCause(status, reply, said string) string {
	milder := said != "" && severityOf[said] != Hard
	switch status {
	case "5.1.1", "5.1.3": // bad mailbox, bad syntax
		return unless(milder, said, causeUnknownUser)
	case "5.1.2": // bad domain
		return unless(milder, said, causeUnknownDomain)
	case "5.1.6": // moved, no forwarding
		return unless(milder, said, causeMoved)
	case "5.1.10": // RFC 7505 null MX; Microsoft uses it for "recipient not found"
		return unless(milder, said, unless(said == causeUnknownUser, said, causeNoMail))
	case "5.2.1": // disabled
		return unless(milder, said, causeDisabled)
	case "5.4.4": // unable to route: the domain does not exist
		return unless(milder, said, causeUnknownDomain)
	case "5.2.2":
		return causeFull
	case "5.2.3", "5.3.4":
		return causeTooLarge
	case "5.1.7", "5.1.8": // the sender's address
		return causeSender
	case "5.4.6", "5.4.14":
		return unless(said == causeUnknownDomain, causeLoop, unless(milder, said, causeLoop))
	case "5.4.7", "5.4.300": // Microsoft's own; the words of the last try stand behind it
		return causeExpired
	}
	switch {
	case strings.HasPrefix(status, "5.7."):
		return unless(said == causeUnknownUser, said, causePolicy) // some check the recipient in their policy service
	case strings.HasPrefix(status, "5.6."):
		return unless(said != "", said, causeContent)
	case said != "":
		return said
	case reply == "552": // RFC 5321, section 4.2.3: exceeded storage allocation
		return causeFull
	}
	return causeUnclear
}

func unless(condition bool, then, otherwise string) string {
	if condition {
		return then
	}
	return otherwise
}

// saying is words of servers, in lower case, and what they mean.
type saying struct {
	cause string
	words []string
}

// sayings are looked for in this order: the milder meaning first.
var sayings = []saying{
	{causeFull, []string{
		"mailbox full", "mailbox is full", "mailbox for user is full", "quota", "exceeded storage", "out of storage", "storage space",
		"insufficient storage", "insufficient disk", "insufficient system storage", "inbox is full", "box is full", "folder is full",
		"mailbox size limit", "exceeded its storage", "storage limit", "storage allocation", "is full",
		"postfach ist voll", "postfach voll", "speicherplatz", "boite pleine", "boîte pleine", "boîte aux lettres est pleine",
		"buzón lleno", "buzón está lleno", "casella piena", "postvak vol", "caixa cheia", "caixa de correio cheia", "skrzynka jest pełna", "skrzynka odbiorcza jest pełna", "brevlådan är full", "postkassen er fuld",
	}},
	{causeTemporary, []string{
		"at a rate", "too many connections", "too many messages", "try again", "try later", "greylist", "graylist", "temporar", "rate limit", "throttl",
		"servfail", "server failure", "resources unavailable", "too busy", "deferred", "not yet been delivered",
	}},
	{causeTooLarge, []string{
		"too large", "too big", "size limit", "message size", "maximum size", "exceeds the maximum", "larger than", "nachricht ist zu groß", "trop volumineux",
	}},
	{causeSender, []string{
		"sender address rejected", "sender rejected", "sender denied", "invalid sender", "sender verify failed", "sender unknown", "bad sender",
		"unknown sender", "sender does not", "sender domain", "sender's domain", "sender’s domain", "sender's mailbox", "sender's address", "sender address", "envelope sender",
		"domain of sender", "address of sender", "mail from domain", "mail from:", "from address", "return path", "return-path", "callback setup failed",
		"callout", "while verifying", "sender verif", "invalid dns mx", "helo ", "ehlo ",
		"relaying denied", "relay access denied", "unable to relay", "relay not permitted", "relaying not allowed", "not permitted to relay",
	}},
	{causePolicy, []string{
		"spam", "blacklist", "black list", "blocklist", "block list", "blocked", "block listed", "denylist", "dnsbl", "rbl", "reputation",
		"dmarc", "policies", "tobr@rx.t-online.de", "connection rejected", "spf ", "spf)", "dkim", "policy", "not authorized", "not authorised", "unauthenticated", "authentication required", "banned",
		"content reject", "content restriction", "rejected due to content", "virus", "malware", "phish", "unsolicited", "bulk mail",
		"restricted", "not allowed", "permission", "rejected by the recipient", "rejected by recipient", "administratively prohibited",
		"administrative prohibition", "message rejected", "message was rejected", "local policy", "ptr record", "reverse dns", "resolver.rst",
		"richtlinie", "unerwünscht",
	}},
	{causeContent, []string{"message-id header", "header does not", "header field", "in header", "attachment", "file attached"}},
	{causeLoop, []string{"too many hops", "mail loop", "loops back", "routing loop", "hop count", "loop detected", "forwarding loop"}},
	{causeExpired, []string{
		"timed out", "timeout", "connection refused", "no route to host", "expired", "unreachable", "lost connection", "connection reset",
		"connection dropped", "not responding", "did not respond", "retry time", "retry timeout", "conversation with",
	}},
	{causeNoMail, []string{"null mx", "nullmx", "does not accept mail", "does not accept email"}},
	{causeUnknownDomain, []string{
		"host not found", "domain not found", "domain name not found", "host unknown", "unknown host", "dns domain", "unknown domain", "no such domain", "nxdomain",
		"name or service not known", "domain does not exist", "non-existent domain", "couldn't find any host named", "no mx record",
		"bad destination system", "domain doesn't exist", "domain couldn't be found", "unrouteable mail domain", "all relevant mx records point to non-existent hosts",
		"domain wasn't found", "domain was not found",
	}},
	{causeDisabled, []string{
		"disabled", "inactive", "suspended", "deactivated", "account closed", "account is closed", "account locked", "no longer active",
		"no longer in use", "has been closed", "account expired", "discontinued", "not active", "deaktiviert", "désactivé",
	}},
	{causeMoved, []string{"user has moved", "mailbox has moved", "has moved to"}},
	{causeUnknownUser, []string{
		"user unknown", "unknown user", "user is unknown", "no such user", "no such recipient", "no such mailbox", "no such person", "no such address", "no such account",
		"no such local", "does not exist", "doesn't exist", "not exist", "unknown recipient", "recipient unknown", "unknown mailbox", "mailbox not found",
		"user not found", "recipient not found", "recipientnotfound", "recipnotfound", "invalid recipient", "invalid mailbox", "invalid address",
		"unknown address", "address unknown", "unknown local", "not a valid mailbox", "no mailbox here by that name", "not a known user",
		"doesn't have a", "does not have a", "bad destination mailbox", "wasn't found", "was not found", "couldn't be found", "could not be found", "address not found",
		"not listed in", "isn't listed", "not our customer", "unrouteable address", "mailbox unavailable", "account not found", "no account by that name",
		"recipient address rejected: access denied", "no longer exists", "no longer here", "no longer employed", "no longer with",
		"invalid user", "user invalid", "user doesn't", "no valid recipient", "mailbox invalid", "addressee unknown",
		"nicht im domino", "nie ma takiego", "nie istnieje", "finns inte", "findes ikke", "finnes ikke", "benutzer unbekannt", "empfänger unbekannt", "adresse inconnue", "utilisateur inconnu", "destinataire inconnu", "usuario desconocido",
		"no existe", "utente sconosciuto", "non esiste", "onbekende gebruiker", "bestaat niet", "usuário desconhecido", "utilizador desconhecido", "não existe",
		"n'existe pas", "n’existe pas", "existiert nicht", "nicht gefunden", "introuvable",
	}},
}

// causeInWords finds what a server's words mean; "" when they say nothing.
func causeInWords(text string) string {
	if text == "" {
		return ""
	}
	for _, s := range sayings {
		for _, w := range s.words {
			if strings.Contains(text, w) {
				return s.cause
			}
		}
	}
	return ""
}
