package mailsink

import "github.com/emersion/go-smtp"

// Envelope is what is known of a mail when a recipient is named.
type Envelope struct {
	Connection int64 // counts connections from 1
	Mail       int   // counts this connection's mails from 1
	From       string
	To         string // the recipient to judge
}

// Stage is where in the dialogue a verdict takes effect.
type Stage int

// The stages.
const (
	AtRcpt Stage = iota // in answer to RCPT: this recipient only
	AtData              // after the mail's final dot: the whole mail
)

type verdictKind int

const (
	accept verdictKind = iota
	refuse
	dropBefore
	dropAfter
	stallMail
)

// Verdict is what becomes of a mail. The zero value accepts it. Of several recipients' verdicts on the whole mail, the first that
// is not acceptance holds.
type Verdict struct {
	kind  verdictKind
	stage Stage
	reply smtp.SMTPError
}

// Refuse answers with code (such as 451 or 550), enhanced status code (RFC 3463, zero leaves it to the class) and text. A 421
// closes the connection after the answer, RFC 5321 section 3.8.
func Refuse(at Stage, code int, enhanced [3]int, text string) Verdict {
	return Verdict{kind: refuse, stage: at, reply: smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}}
}

// DropBeforeDot closes the connection while the mail is being sent: it is not accepted, and the sender can know.
func DropBeforeDot() Verdict { return Verdict{kind: dropBefore, stage: AtData} }

// DropAfterDot accepts the mail and closes the connection instead of saying so: the sender cannot know.
func DropAfterDot() Verdict { return Verdict{kind: dropAfter, stage: AtData} }

// Stall gives no answer at that stage before Release; then the mail is accepted. When the sender has gone by then, it is
// accepted all the same at AtData, as its final dot was seen.
func Stall(at Stage) Verdict { return Verdict{kind: stallMail, stage: at} }
