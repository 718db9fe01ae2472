package inbound

import (
	"regexp"
	"slices"
	"strings"
)

// daemonNames are local parts that only mail systems write from.
var daemonNames = []string{
	"mailer-daemon", "postmaster", "mail-daemon", "maildaemon", "mailerdaemon", "mdaemon", "maildelivery", "mail-delivery", "mailsystem", "mail_delivery",
	"bounce", "bounces", "delivery", "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e", "smtpd", "mailadmin", "mail.delivery", "exchange",
}

var daemonNamePattern = regexp.MustCompile(`(?i)mail delivery|mailer.?daemon|delivery (sub)?system|postmaster|delivery status|mail system|microsoft outlook`)

// peopleToo are those of daemonNames that are also departments, whose mail has an envelope sender.
var peopleToo = []string{"delivery", "exchange", "bounce", "bounces", "mailadmin", "maildelivery", "mail-delivery", "mail.delivery", "mail_delivery"}

// fromDaemon reports a mail system as the sender: by its address, or by its name together with an empty envelope sender.
func (m Message) fromDaemon() bool {
	local, _, _ := strings.Cut(m.Sender(), "@")
	if slices.Contains(daemonNames, local) || strings.HasPrefix(local, "mailer-daemon") {
		return !slices.Contains(peopleToo, local) || m.nullReturnPath() || !m.Header.Has("Return-Path")
	}
	return m.nullReturnPath() && daemonNamePattern.MatchString(m.Header.Text("From"))
}

// noticeSubjects begin or make up the subjects of bounces.
var noticeSubjects = []string{
	"undeliverable", "undelivered mail", "delivery failure", "delivery failed", "delivery status notification", "failure notice", "mail delivery failed",
	"returned mail", "mail delivery failure", "message not delivered", "non delivery", "nondeliverable", "undelivered", "mail system error",
	"could not be delivered", "delivery has failed", "delivery notification", "failed delivery", "message undeliverable", "delivery problem", "rejected:",
	"unzustellbar", "nicht zustellbar", "zustellung fehlgeschlagen", "nachricht nicht zugestellt", "non remis", "non distribu", "echec de remise",
	"echec de la remise", "no se puede entregar", "no entregado", "error de entrega", "mancato recapito", "non recapitabile", "impossibile recapitare",
	"onbestelbaar", "niet bezorgd", "nao entregue", "falha na entrega", "nao foi possivel entregar", "mail could not be delivered", "warning: message", "delivery delayed",
	"nie mozna dostarczyc", "niedostarczona", "nie dostarczono", "gar inte att leverera", "kan inte levereras", "kan ikke leveres", "ikke leveret", "配信不能", "配信できません", "配信エラー",
	"送信できません", "delayed mail", "delivery report", "message delayed", "delivery error", "delivery incomplete",
}

// noticeWords stand at the beginning of a bounce that has no other mark.
var noticeWords = []string{
	"this is the qmail-send program", "this message was created automatically by mail delivery software", "did not reach some or all of the intended recipients",
	"could not be delivered to one or more", "couldn't be delivered", "could not be delivered", "was not delivered", "wasn't delivered", "delivery to the following recipient",
	"following recipients failed", "following addresses had", "undeliverable", "unable to deliver", "delivery has failed", "failed permanently", "fatal errors",
	"not been delivered", "delivery failure", "your message to", "konnte nicht zugestellt", "nicht zugestellt werden", "n'a pas pu etre remis", "pas pu etre distribue",
	"no se ha podido entregar", "no se pudo entregar", "non e stato possibile recapitare", "non e stato recapitato", "kon niet worden bezorgd", "kan niet worden afgeleverd", "nao pode ser entregue", "nao foi entregue",
	"nie mozna dostarczyc", "nie zostala dostarczona", "kunde inte levereras", "kunne ikke leveres", "gick inte att leverera", "配信できません", "配信することができません", "届けできません",
	"permanent error", "has been delayed", "has not been delivered", "delivery attempts",
}

// delayWords say that the mail system has not given up.
var delayWords = []string{
	"will continue to", "will keep trying", "will be retried", "will retry", "still being retried", "not yet been delivered", "has been delayed", "no action is required on your part",
	"delivery attempts will continue", "message delayed", "you do not need to resend", "versuche werden fortgesetzt", "wird weiterhin versucht", "weitere zustellversuche",
	"nouvelles tentatives", "se seguira intentando", "verranno effettuati altri tentativi", "delivery temporarily suspended", "continuera",
}

// separators stand between a notice and the original below it, one a line.
var separatorPattern = regexp.MustCompile(`(?mi)^[ \t]*(?:-+ ?(?:below this line is a copy of the message|this is a copy of (?:the|your) message.*|original message(?: headers| header)?|message header follows|undelivered message|returned message|the header of the original message.*|original message follows|unsent message follows.*|body of message generated response:?)\.? ?-*|original message headers:|received: from .*)[ \t]*$`)

// cutOriginal parts a notice from the mail that it returns as text.
func cutOriginal(notice string) (before, original string, found bool) {
	at := separatorPattern.FindStringIndex(notice)
	if at == nil {
		return notice, "", false
	}
	original = notice[at[1]:]
	if line := strings.ToLower(notice[at[0]:at[1]]); strings.Contains(line, "received: from") {
		original = notice[at[0]:]
	}
	return notice[:at[0]], original, true
}

// notice is the text of a report that people read, whole.
func (m Message) notice() string {
	plain, html := m.bodyTexts()
	if strings.TrimSpace(plain) != "" {
		return plain
	}
	return strings.Join(htmlLines(html), "\n")
}

// textBounce recognises a bounce that has no delivery-status part. It takes a mail system as the sender or its
// X-Failed-Recipients, and words of a notice: a person who quotes a bounce is no mail system.
func (m Message) textBounce() (c Classification, ok bool) {
	failed := fieldAddresses(m.Header, "X-Failed-Recipients")
	daemon := m.fromDaemon()
	subject := fold(m.Subject())
	bySubject := containsAny(subject, noticeSubjects)
	// Behind a colon stands the subject of what is answered, ours: absences have no envelope sender either.
	own, _, _ := strings.Cut(subject, ":")
	if !daemon && len(failed) == 0 && !(m.nullReturnPath() && containsAny(own, noticeSubjects)) {
		return c, false
	}
	notice, _, _ := cutOriginal(m.notice())
	notice = notice[:min(len(notice), 8000)]
	words := strings.Join(strings.Fields(fold(strings.ReplaceAll(notice, "’", "'"))), " ")
	if !bySubject && !containsAny(words, noticeWords) && len(failed) == 0 {
		return c, false
	}
	if len(failed) == 0 {
		failed = m.namedIn(notice)
	}
	action := actionFailed
	if containsAny(words, delayWords) || strings.Contains(subject, "delayed") || strings.Contains(subject, "(delay)") {
		action = actionDelayed
	}
	if len(failed) == 0 {
		failed = []string{""} // nobody is named: the tokens and ids still say who it was
		if original := fieldAddresses(m.returned(), "To"); len(original) == 1 {
			failed = original
		}
	}
	var outcomes []outcome
	for _, address := range failed[:min(len(failed), maxRecipients)] {
		outcomes = append(outcomes, outcome{address: address, action: action, diagnostic: reasonIn(notice, address)})
	}
	source := "bounce in words from " + dash(m.Sender())
	if m.Header.Has("X-Failed-Recipients") {
		source = "bounce in words, X-Failed-Recipients"
	}
	return m.conclude(outcomes, source), true
}

func containsAny(s string, list []string) bool {
	for _, one := range list {
		if strings.Contains(s, one) {
			return true
		}
	}
	return false
}

// namedIn finds the failed addresses in a notice: all but ours and the mail system's own.
func (m Message) namedIn(notice string) []string {
	own := append(fieldAddresses(m.Header, recipientFields...), m.Sender())
	return slices.DeleteFunc(addressesInText(notice), func(a string) bool {
		local, _, _ := strings.Cut(a, "@")
		return slices.Contains(own, a) || slices.Contains(daemonNames, local) || strings.Contains(local, "support") || strings.Contains(local, "helpdesk") ||
			strings.Contains(local, "+") && slices.ContainsFunc(own, func(o string) bool { return sameMailbox(o, a) })
	})
}

func sameMailbox(a, b string) bool {
	la, da, _ := strings.Cut(a, "@")
	lb, db, _ := strings.Cut(b, "@")
	la, _, _ = strings.Cut(la, "+")
	lb, _, _ = strings.Cut(lb, "+")
	return la == lb && da == db
}

// statusLine recognises a line in which a server speaks.
var statusLine = regexp.MustCompile(`(?i)\b[45][0-5]\d[ -#]|\b[45]\.\d\.\d|error|reason|remote (server|host)|said:|diagnos`)

// reasonIn takes the server's words about an address out of a notice: the lines from the address to the next empty line, else
// those in which a server speaks. Without any of them the whole notice.
func reasonIn(notice, address string) string {
	lines := strings.Split(notice, "\n")
	if address != "" {
		for i, line := range lines {
			if !strings.Contains(strings.ToLower(line), address) {
				continue
			}
			reason := paragraph(lines[i:], address)
			if reason != "" {
				return reason
			}
		}
	}
	var spoken []string
	for _, line := range lines {
		if statusLine.MatchString(line) {
			spoken = append(spoken, line)
		}
	}
	if len(spoken) == 0 {
		spoken = lines
	}
	return shorten(strings.Join(spoken, " "), 500)
}

// paragraph is what is said of an address, from its line on; "" when that says nothing about a cause.
func paragraph(lines []string, address string) string {
	var taken []string
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if line == "" && len(taken) > 0 || i > 12 {
			break
		}
		if i > 0 && len(taken) > 0 && strings.Contains(line, "@") && !strings.Contains(strings.ToLower(line), address) && strings.HasPrefix(line, "<") {
			break
		}
		if at := strings.Index(strings.ToLower(line), address); at >= 0 && i == 0 && at+len(address) <= len(line) {
			line = strings.TrimLeft(line[at+len(address):], ">:;,.) \t-")
		}
		if line != "" {
			taken = append(taken, line)
		}
	}
	reason := shorten(strings.Join(taken, " "), 500)
	if causeInWords(strings.ToLower(reason)) == "" && !statusPattern.MatchString(reason) {
		return ""
	}
	return reason
}
