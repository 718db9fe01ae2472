// Package channels is the contract between the engine and the ways of reaching a lead. A channel knows messages, not
// leads' fates: it is handed what to send and answers with one receipt for each.
package channels

import (
	"context"
	"time"
)

// Channel sends messages. Send returns exactly one receipt per message, in the same order; it never panics on a bad message
// and one bad message never fails another. It may be called by several goroutines at once.
//
// When ctx ends, messages not yet begun get Temporary receipts; one whose fate is then open gets Unknown.
type Channel interface {
	Send(ctx context.Context, messages []Message) []Receipt
}

// Lanes is a Channel that says how its messages leave. Those that take the same way have the same lane: its key is the same, and its
// width is how many it carries at once. So nothing that waits for one lane has to hold up another.
type Lanes interface {
	Channel
	Lane(ctx context.Context, from string) (key string, width int)
}

// Message is one touch, rendered.
type Message struct {
	TouchID int64
	From    Party // the named human sender; Address is a mailbox or an E.164 number
	To      Party
	Subject string // email only
	Text    string // email: the text part; voicemail: what is said; call: the script for the person who calls
	HTML    string // email only
	Mail    Mail   // email only
	Voice   Voice  // voicemail only
}

// Party is one end of a message.
type Party struct {
	Name    string
	Address string
}

// Mail is what an email carries beside its text.
type Mail struct {
	MessageID         string // without angle brackets; the same for every try of a touch
	Date              time.Time
	ReplyTo           string
	EnvelopeFrom      string   // where bounces go
	References        []string // Message-IDs of the thread, oldest first, without brackets; the last one is In-Reply-To
	UnsubscribeURL    string   // RFC 8058 one-click; "" leaves the List-Unsubscribe headers out
	UnsubscribeMailto string   // an address
	// Automatic says that the program itself writes, to somebody who works here: no responder is to answer (RFC 3834).
	Automatic bool
}

// Voice is what a voicemail drop carries beside its text.
type Voice struct {
	RecordingURL string // played instead of saying the text; "" says it
	OnHuman      string // number to connect to when a person picks up; "" apologises and hangs up
	Language     string // BCP 47, "" is en-US
}

// Outcome classes what became of a message.
type Outcome string

// The outcomes.
const (
	Sent      Outcome = "sent"      // the provider has it
	Temporary Outcome = "temporary" // not taken, a later try may succeed
	Permanent Outcome = "permanent" // refused for good
	Unknown   Outcome = "unknown"   // the answer was lost: the provider may or may not have it
)

// Receipt is the provider's answer to one message.
type Receipt struct {
	TouchID    int64
	Outcome    Outcome
	ProviderID string        // such as the CallSid; "" when the provider gives none
	Detail     string        // the provider's code and words, for people
	RetryAfter time.Duration // Temporary: how long the provider asks to wait; 0 lets the engine choose
	// StopSender says that the sender itself is refused (bad login, blocked account): nothing more should be tried from it.
	StopSender bool
	// Unreached says that the message was not put to the provider at all: no connection, no login, no time left. It is no try of
	// the message, however often it happens: a provider may be away for days.
	Unreached bool
	// AddressDead says of a Permanent one that the provider knows no such address, or that it is closed: never again.
	AddressDead bool
	CostMicros  int64 // millionths of the account's currency; 0 unknown or free
}
