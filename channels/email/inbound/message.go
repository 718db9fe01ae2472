// Package inbound reads the mail that comes back: it parses whatever a mail system delivers, says what kind of answer it is,
// and gives what it can be matched by. It is pure: bytes in, values out, no I/O and no clock, and it never fails: a mail that
// cannot be read is a value that says so and keeps its bytes for a person.
//
// # Order
//
// Classify looks for, in this order: an abuse report (RFC 5965), a delivery report (RFC 3464), a read receipt (RFC 8098), a bounce
// in words, an answer to an invitation (RFC 5546), a newsletter, an automatic reply (RFC 3834), a request to unsubscribe, a human
// reply. Machines come first because they quote: a bounce returns our unsubscribe footer, an out-of-office contains
// everything that a person could say.
//
// # What errs on which side
//
// A wrong hard bounce or unsubscribe loses a lead for good; a missed one costs a retry or a minute of a person. So both need
// an unmistakable sign, and everything doubtful is a soft bounce or a human reply.
package inbound

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Message is a mail as it came in. The zero value is an empty mail.
type Message struct {
	Raw    []byte // all of it, never changed
	Header Header
	// Problem says why the mail could not be read, for a person; "" when it could. A mail with damaged parts is read as far as
	// it goes and has none.
	Problem string

	root *part
}

// Parse reads a mail. It accepts anything: what is broken is read as text, what is too deep or too large is left out. Raw is
// kept without a copy and must not be changed afterwards.
func Parse(raw []byte) (m Message) {
	defer func() {
		if p := recover(); p != nil {
			m = Message{Raw: raw, Problem: fmt.Sprintf("the mail cannot be read: %v", p), root: &part{}}
		}
	}()
	m = Message{Raw: raw}
	text := raw
	if !bytes.ContainsRune(raw, '\n') {
		text = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n")) // the line ends of old Macs
	}
	p := parser{budget: maxParts}
	m.root = p.parse(text, 0)
	m.Header = m.root.header
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		m.Problem = "the mail is empty"
	case len(m.Header) == 0:
		m.Problem = "the mail has no header"
	}
	return m
}

// Subject is the decoded subject in one line.
func (m Message) Subject() string { return m.Header.Text("Subject") }

// Date is when the sender says that the mail was written. The zero time when it does not say so, or not readably.
func (m Message) Date() time.Time {
	return parseDate(m.Header.Get("Date"))
}

// How far a mail's own date may be from its arrival: clocks and zones are set wrong by hours, and a mail is under way for days
// (RFC 5321, section 4.5.4.1).
const (
	maxAhead = 36 * time.Hour
	maxOnWay = 7 * 24 * time.Hour
)

// written is the day to read "until the 15th" from: the mail's own date, unless a clock was wrong by days, which the mailbox's own server tells:
// it wrote the first Received header (RFC 5321, section 4.4). The zone stays the sender's.
func (m Message) written(now time.Time) time.Time {
	date := m.Date()
	if date.IsZero() {
		return now
	}
	stamp := m.Header.Get("Received")
	arrived := parseDate(strings.TrimSpace(stamp[strings.LastIndexByte(stamp, ';')+1:]))
	known := !arrived.IsZero() && !arrived.After(now.Add(maxAhead))
	if !known {
		arrived = now
	}
	if date.After(arrived.Add(maxAhead)) || known && date.Before(arrived.Add(-maxOnWay)) {
		return arrived.In(date.Location())
	}
	return date
}

// Sender is the address of the From header in lower case, else that of Sender or Return-Path; "" when there is none.
func (m Message) Sender() string {
	for _, name := range []string{"From", "Sender", "Return-Path"} {
		if found := addresses(m.Header.Get(name)); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// NullSender says that the mailbox's own server noted an empty envelope sender, as reports of mail systems have (RFC 5321, section 4.5.5). A
// server writes Return-Path anew when it delivers (section 4.4), so that the first one is not the author's word. What no server noted is false.
func (m Message) NullSender() bool { return m.nullReturnPath() }

// nullReturnPath reports an empty envelope sender: reports and vacation replies have one (RFC 3464, section 2; RFC 3834,
// section 3.3).
func (m Message) nullReturnPath() bool {
	values := m.Header.All("Return-Path")
	return len(values) > 0 && strings.Trim(values[0], " \t<>") == ""
}

// content is the part that the mail begins with; never nil.
func (m Message) content() *part {
	if m.root == nil {
		return &part{}
	}
	return m.root
}
