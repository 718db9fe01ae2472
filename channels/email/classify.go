package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strings"

	"nurture/channels"
	"nurture/channels/email/inbound"
)

// stage is how far a message came.
type stage uint8

const (
	atConnect stage = iota // connecting, greeting, EHLO, TLS
	atAuth
	atMail
	atRcpt
	atData // the DATA command and the content
	atDot  // the final dot is written, or may be
)

var stageNames = [...]string{
	atConnect: "connecting", atAuth: "login", atMail: "MAIL FROM", atRcpt: "RCPT TO", atData: "DATA", atDot: "after the final dot",
}

// fault is why a message was not taken, or why nobody knows whether it was.
type fault struct {
	stage stage
	err   error
}

func (f *fault) Error() string { return stageNames[f.stage] + ": " + f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// enhancedPattern is the status of RFC 3463, section 2, at the beginning of a reply's text (RFC 2034, section 3).
var enhancedPattern = regexp.MustCompile(`^([245])\.(\d{1,3})\.(\d{1,3})\b`)

// reply is a server's negative answer.
type reply struct {
	code     int
	enhanced string // "5.1.1" or ""
	text     string
}

// spaced is a text with one space wherever there is white space between words.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }

func replyOf(err error) (reply, bool) {
	var proto *textproto.Error
	if !errors.As(err, &proto) {
		return reply{}, false
	}
	r := reply{code: proto.Code, text: spaced(proto.Msg)}
	r.enhanced = enhancedPattern.FindString(r.text)
	return r, true
}

// receiptFor decides what a fault means for the message. The Detail of a refusal begins with the code and, where the server
// gave one, the enhanced status: "550 5.1.1 no such user (RCPT TO)".
func receiptFor(touch int64, f *fault) channels.Receipt {
	r := channels.Receipt{TouchID: touch, Unreached: f.stage <= atAuth || isUnmarked(f)}
	answer, ok := replyOf(f.err)
	if !ok {
		r.Outcome, r.StopSender = withoutAnswer(f)
		r.Detail = f.Error()
		return r
	}
	r.Outcome, r.StopSender = verdict(f.stage, answer)
	r.AddressDead = r.Outcome == channels.Permanent && f.stage >= atRcpt && inbound.AddressDead(answer.enhanced, answer.text)
	r.Detail = spaced(fmt.Sprintf("%d %s (%s)", answer.code, answer.text, stageNames[f.stage]))
	return r
}

// withoutAnswer classes broken connections, time-outs and what we refuse to go on with.
func withoutAnswer(f *fault) (channels.Outcome, bool) {
	if f.stage == atDot {
		// The server answers for the message from the moment it has the dot, also when its answer does not reach us
		// (RFC 5321, sections 4.2.5 and 6.1; the time-out that duplicates mail is RFC 1047).
		return channels.Unknown, false
	}
	var unsupported *unsupportedError
	if errors.As(f.err, &unsupported) {
		return channels.Permanent, false
	}
	// A certificate that does not verify, a server without STARTTLS where it is demanded, or without our login mechanism:
	// no message of this sender can leave until somebody changes the configuration.
	var verification *tls.CertificateVerificationError
	misconfigured := errors.As(f.err, &verification) || f.stage == atAuth && !isInterrupted(f.err) ||
		strings.Contains(f.err.Error(), "does not support STARTTLS")
	return channels.Temporary, misconfigured
}

// isInterrupted tells broken connections and ended contexts from refusals of our own.
func isInterrupted(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) || isConnectionLoss(err)
}

// verdict classes an answer. The first digit rules (RFC 5321, section 4.2.1): 4yz is worth another try, 5yz is not; the
// exceptions are those where the refusal is about us or our server rather than about this recipient.
func verdict(at stage, r reply) (outcome channels.Outcome, stopSender bool) {
	switch {
	case r.code >= 200 && r.code < 300 && at == atDot:
		// RFC 5321, section 4.3.2, knows 250 only; any 2yz is still "completed" by section 4.2.1.
		return channels.Sent, false
	case r.code < 400 || r.code > 599:
		if at == atDot {
			return channels.Unknown, false
		}
		return channels.Temporary, false
	case r.code == 421:
		// RFC 5321, sections 3.8 and 4.2.3: service not available, closing. Behind the dot too it says "not taken".
		return channels.Temporary, false
	case r.code == 454 && at <= atAuth:
		// RFC 4954, section 6: temporary authentication failure; RFC 3207, section 4: TLS not available just now.
		return channels.Temporary, false
	case at >= atRcpt && passedOn(r):
		return ofRecipient(at, r), false
	case isLogin(at, r), inbound.AccountSpent(r.text): // later than a touch has tries, perhaps
		return channels.Temporary, true
	case r.code < 500:
		// 450 mailbox busy, 451 local error, greylisting (RFC 6647), 452 storage or too many recipients, 455: section 4.2.3.
		return channels.Temporary, false
	}
	return permanentVerdict(at, r)
}

// isLogin finds the answers about our login: 530 authentication required, 534 mechanism too weak, 535 credentials invalid,
// 538 encryption required (RFC 4954, section 6; RFC 4954 and 5248 for X.7.8, X.7.9 and X.7.11), and every 5yz to AUTH.
func isLogin(at stage, r reply) bool {
	switch r.code {
	case 530, 534, 535, 538:
		return true
	}
	switch r.enhanced {
	case "5.7.8", "5.7.9", "5.7.11":
		return true
	}
	return at == atAuth && r.code >= 500
}

// permanentVerdict classes 5yz.
func permanentVerdict(at stage, r reply) (channels.Outcome, bool) {
	switch {
	case at <= atAuth:
		// RFC 5321, section 3.1: 554 as greeting is "no SMTP service here"; a 5yz to EHLO or STARTTLS is of that kind. Not
		// this lead's fault: keep the touch and stop the sender.
		return channels.Temporary, true
	case at == atMail && !tooBig(r):
		// RFC 5321, section 3.3: MAIL is refused for the reverse-path or for us (550, 553; 555 parameters, 503 sequence),
		// never for the recipient, whom the server has not heard of yet.
		return channels.Temporary, true
	case r.enhanced == "5.1.7" || r.enhanced == "5.1.8":
		// RFC 3463, section 3.2: bad sender's mailbox or system address, also how big providers say "account blocked".
		return channels.Temporary, true
	case r.enhanced == "5.4.5":
		// RFC 3463, section 3.5: mail system congestion, in words "persistent transient" only. Gmail says so when the
		// account's daily limit is reached: nothing more leaves today.
		return channels.Temporary, true
	case at == atRcpt && r.enhanced != "5.1.1" && strings.Contains(strings.ToLower(r.text), "relay"):
		// "Relaying denied" (RFC 5321, section 7.9): the server does not know us; taken as permanent, a forgotten login
		// would burn every lead it is tried on. "User unknown in relay recipient table" (Postfix, 5.1.1) is about the recipient.
		return channels.Temporary, true
	case at >= atRcpt && refusesUs(r):
		// Servers that hold back their refusals of the client, its name and the sender until RCPT, as Postfix does by default
		// (smtpd_delay_reject), or until the content, as Exchange does (5.7.60), and providers that refuse the account.
		return channels.Temporary, true
	}
	return ofRecipient(at, r), false
}

// ofRecipient classes 4yz and 5yz that are about the recipient or the message.
func ofRecipient(at stage, r reply) channels.Outcome {
	switch {
	case r.code < 500:
		return channels.Temporary
	case at == atRcpt && r.code == 552 && !tooBig(r):
		// RFC 5321, section 4.5.3.1.10: 552 to RCPT must be treated as 452.
		return channels.Temporary
	case strings.HasPrefix(r.enhanced, "4."):
		// 5yz with 4.X.Y: RFC 3463, section 2, has the classes agree. Whoever says both mostly means a greylist or a full disk.
		return channels.Temporary
	case r.enhanced == "5.2.2":
		// RFC 3463, section 3.3: mailbox full. It empties.
		return channels.Temporary
	case r.code == 503 && at != atDot:
		// RFC 5321, section 4.2.3: bad sequence of commands: this connection is out of step, another will not be.
		return channels.Temporary
	}
	// 550, 551, 553 no such mailbox or policy, 552 too big, 554 transaction failed, 500–504, 521, 555, 556.
	return channels.Permanent
}

// tooBig finds the message being refused for its size: RFC 3463, sections 3.3 and 3.4.
func tooBig(r reply) bool { return r.enhanced == "5.3.4" || r.enhanced == "5.2.3" }

// unsupportedError is a message that this server can never take.
type unsupportedError struct{ what string }

func (e *unsupportedError) Error() string { return e.what }

// unmarkedError says that the send journal cannot be written, as on a full disk: without its mark no mail may leave.
type unmarkedError struct{ error }

func (e *unmarkedError) Unwrap() error { return e.error }

// isUnmarked tells faults of the journal, which are no mail's own: none leaves until somebody makes room.
func isUnmarked(f *fault) bool {
	var unmarked *unmarkedError
	return errors.As(f.err, &unmarked)
}
