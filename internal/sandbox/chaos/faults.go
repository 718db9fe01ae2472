package chaos

import (
	"time"

	"nurture/internal/sandbox/mailsink"
	"nurture/internal/sandbox/phone"
)

// mailFaults are by how many mails in a thousand meet them.
var mailFaults = []struct {
	name     string
	weight   float64
	verdict  mailsink.Verdict
	withheld bool // the sender may be left without an answer to its final dot
}{
	{"smtp_421", 8, mailsink.Refuse(mailsink.AtRcpt, 421, [3]int{4, 3, 2}, "closing for maintenance"), false},
	{"smtp_421_data", 3, mailsink.Refuse(mailsink.AtData, 421, [3]int{4, 3, 2}, "closing for maintenance"), true},
	{"smtp_451", 12, mailsink.Refuse(mailsink.AtRcpt, 451, [3]int{4, 7, 1}, "come back later"), false},
	{"smtp_451_data", 8, mailsink.Refuse(mailsink.AtData, 451, [3]int{4, 3, 0}, "no room just now"), false},
	{"smtp_550", 8, mailsink.Refuse(mailsink.AtRcpt, 550, [3]int{5, 1, 1}, "no such mailbox"), false},
	{"smtp_drop_before_data", 8, mailsink.DropBeforeDot(), true},
	{"smtp_drop_after_dot", 5, mailsink.DropAfterDot(), true},
	{"smtp_stall", 15, mailsink.Stall(mailsink.AtData), false},
	{"smtp_stall_rcpt", 3, mailsink.Stall(mailsink.AtRcpt), false},
}

// mailFault decides what becomes of a mail.
func (w *world) mailFault(e mailsink.Envelope) mailsink.Verdict {
	if w.clear.Load() {
		return mailsink.Verdict{}
	}
	at := w.mailDice.roll() * 1000
	for _, f := range mailFaults {
		if at -= f.weight; at < 0 {
			w.counts.add(f.name, 1)
			if f.withheld {
				w.withhold(e.To)
			}
			return f.verdict
		}
	}
	return mailsink.Verdict{}
}

// phoneFaults are by how many requests in a thousand meet them.
var phoneFaults = []struct {
	name   string
	weight float64
	fault  phone.Fault
}{
	{"twilio_429", 20, phone.Fault{Answer: phone.RateLimited, RetryAfter: time.Second}},
	{"twilio_500", 6, phone.Fault{Answer: phone.ServerError}},
	{"twilio_500_accepted", 6, phone.Fault{Answer: phone.ServerError, Created: true}},
	{"twilio_502_html", 6, phone.Fault{Answer: phone.BadGateway}},
	{"twilio_502_html_accepted", 6, phone.Fault{Answer: phone.BadGateway, Created: true}},
	{"twilio_502_accepted_no_callback", 4, phone.Fault{Answer: phone.BadGateway, Created: true, Callbacks: phone.Never}},
	{"twilio_dropped", 6, phone.Fault{Answer: phone.Dropped}},
	{"twilio_dropped_accepted", 6, phone.Fault{Answer: phone.Dropped, Created: true}},
	{"twilio_dropped_accepted_no_callback", 6, phone.Fault{Answer: phone.Dropped, Created: true, Callbacks: phone.Never}},
	{"twilio_empty_answer", 3, phone.Fault{Answer: phone.EmptyBody}},
	{"twilio_callback_early", 60, phone.Fault{Callbacks: phone.Early}},
	{"twilio_callback_doubled", 60, phone.Fault{Callbacks: phone.Doubled}},
	{"twilio_callback_reversed", 30, phone.Fault{Callbacks: phone.Reversed}},
	{"twilio_callback_never", 60, phone.Fault{Callbacks: phone.Never}},
}

// phoneFault decides what becomes of a request to call somebody.
func (w *world) phoneFault(a phone.Attempt) phone.Fault {
	if w.clear.Load() {
		return phone.Fault{}
	}
	at := w.phoneDice.roll() * 1000
	for _, f := range phoneFaults {
		if at -= f.weight; at < 0 {
			w.counts.add(f.name, 1)
			if f.fault.Answer != phone.Answered {
				w.withhold(a.To)
			}
			return f.fault
		}
	}
	return phone.Fault{}
}

// withhold remembers that the sender of a touch to the address may be left without an answer.
func (w *world) withhold(address string) {
	w.peopleMu.Lock()
	defer w.peopleMu.Unlock()
	w.withheld[address] = true
}
