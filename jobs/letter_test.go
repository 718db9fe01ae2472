package jobs

import (
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/channels"
)

// letter is a mail in the making that answers or returns a touch. Zero fields are left out.
type letter struct {
	from, to, cc, subject string
	id                    string // Message-ID without brackets; one of its own when ""
	inReplyTo             string
	headers               []string
	mime                  string // Content-Type; plain text when ""
	body                  string
}

func (l letter) raw() []byte {
	if l.id == "" {
		l.id = fmt.Sprintf("letter-%d@customer.example", serial.Add(1))
	}
	lines := []string{"From: " + l.from, "To: " + l.to, "Date: Mon, 02 Mar 2026 11:00:00 +0100", "Message-ID: <" + l.id + ">", "MIME-Version: 1.0"}
	for _, field := range [][2]string{{"Cc", l.cc}, {"Subject", l.subject}} {
		if field[1] != "" {
			lines = append(lines, field[0]+": "+field[1])
		}
	}
	if l.inReplyTo != "" {
		lines = append(lines, "In-Reply-To: <"+l.inReplyTo+">", "References: <"+l.inReplyTo+">")
	}
	if l.mime == "" {
		l.mime = "text/plain; charset=utf-8"
	}
	lines = append(append(lines, l.headers...), "Content-Type: "+l.mime, "", l.body)
	return []byte(strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\r\n"))
}

// answer is a person's reply to a touch, with our mail quoted below.
func answer(m channels.Message, words string) letter {
	return letter{
		from: fmt.Sprintf("%s <%s>", m.To.Name, m.To.Address), to: m.Mail.ReplyTo, subject: "Re: " + m.Subject, inReplyTo: m.Mail.MessageID,
		body: words + "\n\nOn Mon, 2 Mar 2026 at 10:00, " + m.From.Name + " <" + m.From.Address + "> wrote:\n> " + strings.ReplaceAll(m.Text, "\n", "\n> ") + "\n",
	}
}

// auto is what a machine answers in a person's name.
func auto(m channels.Message, subject, words string) letter {
	l := answer(m, words)
	l.subject, l.body, l.to = subject, words+"\n", m.Mail.ReplyTo
	l.headers = []string{"Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"}
	return l
}

// report is a delivery report (RFC 3464) about a touch, sent to its envelope sender.
func report(m channels.Message, action, status, diagnostic string) letter {
	return letter{
		from: "Mail Delivery System <MAILER-DAEMON@mx.customer.example>", to: m.Mail.EnvelopeFrom, subject: "Delivery Status Notification",
		headers: []string{"Return-Path: <>", "Auto-Submitted: auto-replied"},
		mime:    `multipart/report; report-type=delivery-status; boundary="b"`,
		body: "--b\nContent-Type: text/plain\n\nThis is the mail system. About " + m.To.Address + ": " + diagnostic + "\n\n" +
			"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.customer.example\n\n" +
			"Final-Recipient: rfc822; " + m.To.Address + "\nAction: " + action + "\nStatus: " + status + "\nDiagnostic-Code: smtp; " + diagnostic + "\n\n" +
			"--b\nContent-Type: text/rfc822-headers\n\n" + returned(m) + "\n--b--\n",
	}
}

// returned is the header of our mail as a report brings it back.
func returned(m channels.Message) string {
	return fmt.Sprintf("Return-Path: <%s>\nFrom: %s <%s>\nReply-To: <%s>\nTo: <%s>\nSubject: %s\nMessage-ID: <%s>\n",
		m.Mail.EnvelopeFrom, m.From.Name, m.From.Address, m.Mail.ReplyTo, m.To.Address, m.Subject, m.Mail.MessageID)
}

// anonymous takes every token out of what a mail says of a touch.
func anonymous(m channels.Message) channels.Message {
	for _, address := range []*string{&m.Mail.EnvelopeFrom, &m.Mail.ReplyTo, &m.Mail.UnsubscribeMailto} {
		local, domain, _ := strings.Cut(*address, "@")
		local, _, _ = strings.Cut(local, "+")
		*address = local + "@" + domain
	}
	return m
}

// complaint is an abuse report (RFC 5965) about a touch.
func complaint(m channels.Message) letter {
	return letter{
		from: "Feedback Loop <fbl@provider.example>", to: m.Mail.EnvelopeFrom, subject: "FW: " + m.Subject,
		mime: `multipart/report; report-type=feedback-report; boundary="b"`,
		body: "--b\nContent-Type: text/plain\n\nThis is an abuse report for a mail.\n\n" +
			"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\nOriginal-Rcpt-To: " + m.To.Address + "\n\n" +
			"--b\nContent-Type: message/rfc822\n\n" + returned(m) + "\n" + m.Text + "\n--b--\n",
	}
}

// take takes a mail in.
func (r *rig) take(raw []byte) TakenMail {
	r.t.Helper()
	taken, err := r.TakeMail(r.ctx, ArrivedMail{Source: "test", ExternalID: fmt.Sprint(serial.Add(1)), Raw: raw})
	must(r.t, err)
	return taken
}

// written sends the first mail to n leads and returns what was sent, in the order of touches.
func (r *rig) written(n int) []channels.Message {
	r.t.Helper()
	ids := r.planned(n)
	r.sendNow(cadence.ChannelEmail, ids...)
	sent := r.mail.messages()
	if len(sent) != n {
		r.t.Fatalf("%d mails left, want %d", len(sent), n)
	}
	r.pass(time.Hour)
	return sent
}
