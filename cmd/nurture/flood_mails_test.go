package main

import (
	"encoding/base64"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
)

// floodLead is a lead that a mail was sent to.
type floodLead struct{ address, messageID string }

// flood is a mailbox full of mails of all sorts, made anew whenever it is asked for: it does not fit into memory.
type flood struct {
	size    int
	written []floodLead
}

// Sizes of what mails carry, in bytes of base64.
const (
	picture = 40 << 10 // as in most signatures
	scan    = 1 << 20
	// film makes a mail of just under 25 MB, the largest that is taken whole.
	film = 25<<20 - 4<<10
)

// floodKinds are the mails of a flood, each as often as the others; response is what it is to its lead, "" for nothing, and lead says
// whether it belongs to one.
var floodKinds = []struct {
	name, response string
	lead           bool
	raw            func(id string, to floodLead) string
}{
	{"reply with a picture", "reply", true, reply("Yes, please call me. We have forty people to train.")},
	{"reply with a question", "reply", true, reply("What does it cost?")},
	{"a later reply", "reply", true, reply("Not now, please ask again in September.")},
	{"reply by its sender alone", "reply", true, func(id string, to floodLead) string {
		return plain(id, to.address, "hello", "Who are you?")
	}},
	{"out of office", "out_of_office", true, func(id string, to floodLead) string {
		return "Auto-Submitted: auto-replied\r\nIn-Reply-To: <" + to.messageID + ">\r\n" + plain(id, to.address, "Out of office", "I am out of the office until 12 March 2026.")
	}},
	{"asks out", "unsubscribe", true, func(id string, to floodLead) string {
		return "In-Reply-To: <" + to.messageID + ">\r\n" + plain(id, to.address, "Re: hello", "Please unsubscribe me.")
	}},
	{"full mailbox", "soft_bounce", true, bounce("failed", "5.2.2", "552 5.2.2 mailbox full")},
	{"no such user", "hard_bounce", true, bounce("failed", "5.1.1", "550 5.1.1 no such user")},
	{"delayed", "", true, bounce("delayed", "4.4.1", "451 4.4.1 connection timed out")},
	{"forged bounce", "", false, func(id string, to floodLead) string {
		return bounce("failed", "5.1.1", "550 5.1.1 no such user")(id, floodLead{to.address, "guessed-" + id})
	}},
	{"floodLead", "", false, func(id string, _ floodLead) string {
		return plain(id, "x"+id+"@floodLead.example", "hello", strings.Repeat("May I ask you something about your courses? ", 20))
	}},
	{"floodLead's machine", "", false, func(id string, _ floodLead) string {
		return "Auto-Submitted: auto-replied\r\n" + plain(id, "x"+id+"@floodLead.example", "Automatic reply", "We received your message.")
	}},
	{"newsletter", "", false, func(id string, _ floodLead) string {
		return "List-Id: <news.shop.example>\r\nPrecedence: bulk\r\nList-Unsubscribe: <https://shop.example/u>\r\n" +
			plain(id, "news@shop.example", "Offers of the week", "<html><body>"+strings.Repeat("<p>Buy <b>this</b>, cheap!</p>", 30)+"</body></html>")
	}},
	{"noise", "", false, func(id string, _ floodLead) string {
		return "\x01\xff no header " + id + strings.Repeat("\xfe\x02", 100)
	}},
	{"broken MIME", "", false, func(id string, _ floodLead) string {
		return "From: y@floodLead.example\r\nMessage-ID: <" + id + ">\r\nContent-Type: multipart/mixed; boundary=\"b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b--"
	}},
	{"no Message-ID", "", false, func(id string, _ floodLead) string {
		return "From: z@floodLead.example\r\nSubject: " + id + "\r\n\r\nHello"
	}},
}

func plain(id, from, subject, text string) string {
	return "From: " + from + "\r\nTo: " + inboxUser + "\r\nSubject: " + subject + "\r\nMessage-ID: <" + id + ">\r\nDate: Tue, 03 Mar 2026 09:30:00 +0100\r\n\r\n" + text + "\r\n"
}

// attached is a mail to a touch with something attached.
func attached(id string, to floodLead, text string, size int) string {
	return "From: Pat <" + to.address + ">\r\nTo: " + inboxUser + "\r\nSubject: Re: hello\r\nMessage-ID: <" + id + ">\r\nIn-Reply-To: <" + to.messageID + ">\r\n" +
		"Date: Tue, 03 Mar 2026 09:30:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n\r\nOn Mon, 2 Mar 2026 at 10:00, Mara <mara@example.com> wrote:\r\n" +
		strings.Repeat("> This line was ours.\r\n", 30) +
		"\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64Lines(size) + "\r\n--b--\r\n"
}

func reply(text string) func(string, floodLead) string {
	return func(id string, to floodLead) string { return attached(id, to, text, picture) }
}

// bounce is a delivery report (RFC 3464).
func bounce(action, status, diagnostic string) func(string, floodLead) string {
	return func(id string, to floodLead) string {
		return "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.customer.example>\r\nTo: " + inboxUser + "\r\nSubject: Delivery Status Notification\r\n" +
			"Message-ID: <" + id + ">\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n" +
			"--b\r\nContent-Type: text/plain\r\n\r\nThis is the mail system. About " + to.address + ": " + diagnostic + "\r\n\r\n" +
			"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.customer.example\r\n\r\nFinal-Recipient: rfc822; " + to.address +
			"\r\nAction: " + action + "\r\nStatus: " + status + "\r\nDiagnostic-Code: smtp; " + diagnostic + "\r\n\r\n" +
			"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: " + to.address + "\r\nMessage-ID: <" + to.messageID + ">\r\n\r\n--b--\r\n"
	}
}

// noise64 is what attachments are cut from; it cannot be compressed.
var noise64 = func() string {
	raw := make([]byte, scan)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(raw)
	var lines strings.Builder
	for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(raw)), 76) {
		lines.Write(chunk)
		lines.WriteString("\r\n")
	}
	return lines.String()
}()

func base64Lines(size int) string {
	return strings.Repeat(noise64, size/len(noise64)) + noise64[:size%len(noise64)]
}

// kind is an index of floodKinds.
func (f flood) kind(i int) int { return i % len(floodKinds) }

// mail makes the mail with a number; every thousandth has a scan attached, and one a film.
func (f flood) mail(i int) []byte {
	kind := floodKinds[f.kind(i)]
	id, to := fmt.Sprintf("%d@flood.example", i), f.written[(i/len(floodKinds)*7+i)%len(f.written)]
	switch {
	case f.kind(i) == 0 && i/len(floodKinds) == f.filmAt():
		return []byte(attached(id, to, "Here is the film.", film))
	case f.kind(i) == 1 && i/len(floodKinds)%50 == 3:
		return []byte(attached(id, to, "Here is the form, signed.", scan))
	}
	return []byte(kind.raw(id, to))
}

// filmAt is the round of kinds in which the one very large mail comes.
func (f flood) filmAt() int { return f.size / len(floodKinds) * 6 / 10 }

func (f flood) mails() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range f.size {
			if !yield(f.mail(i)) {
				return
			}
		}
	}
}

// responses counts what the mails are to their leads.
func (f flood) responses() map[string]int {
	counts := map[string]int{}
	for i := range f.size {
		if is := floodKinds[f.kind(i)].response; is != "" {
			counts[is]++
		}
	}
	return counts
}
