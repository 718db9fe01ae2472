package inbound

import (
	"strings"
	"time"
)

// Kind is what a mail is.
type Kind string

// The kinds.
const (
	KindBounce      Kind = "bounce"      // a delivery failed for good; Recipients say how bad. Subkind is the worst cause
	KindDelayed     Kind = "delayed"     // the mail system still tries; never final
	KindAutoReply   Kind = "auto_reply"  // a machine answered for a person; see the Auto… subkinds
	KindComplaint   Kind = "complaint"   // reported as spam; Subkind is the Feedback-Type
	KindUnsubscribe Kind = "unsubscribe" // a person asks for no more mail; Subkind "mailto" or "visible_text"
	KindReply       Kind = "reply"       // a person wrote; Subkind "calendar_…" for an answer to an invitation
	KindDelivered   Kind = "delivered"   // a mail system reports success; Subkind is the action: delivered, relayed, expanded
	KindOther       Kind = "other"       // nothing to act on by itself: read receipts, newsletters, what cannot be read
)

// The subkinds of automatic replies.
const (
	AutoOutOfOffice    = "out_of_office"   // ReturnDate when it names one, "" for an absence without an end
	AutoLeftCompany    = "left_company"    // Contacts are the addresses that it proposes instead
	AutoAddressChanged = "address_changed" // the same person elsewhere: Contacts
	AutoChallenge      = "challenge"       // wants a click or an answer before it delivers; nurture never gives one
	AutoTicket         = "ticket"          // a help desk opened a case
	AutoReceipt        = "receipt"         // "we have your mail"
	AutoOther          = "automatic"
)

// The values of SuggestedMeaning, named as the cadence names its responses. "" is unknown.
const (
	MeansInterested    = "interested"
	MeansNotNow        = "not_now" // ReturnDate is the day that the person named, when one was
	MeansNotInterested = "not_interested"
	MeansReferral      = "referral" // Contacts are the named addresses
	MeansQuestion      = "question"
	MeansWrongPerson   = "wrong_person"
	MeansLeftCompany   = "left_company" // said by a person
)

// Classification is what is made of a mail. Its JSON has every key always.
type Classification struct {
	Kind       Kind        `json:"kind"`
	Subkind    string      `json:"subkind"`    // "" when the kind says it all
	Recipients []Recipient `json:"recipients"` // of bounces, delays, deliveries and complaints
	// ReturnDate is YYYY-MM-DD or "": the first day on which the person can be expected back, or is willing to hear again. A day given
	// as the return, and a plain "until the 15th", is that day; where the text names the last day away (a range, "until and
	// including") it is the day after. It lies before the day of the mail in a notice of absence alone, one that was left on beyond that day.
	ReturnDate  string `json:"return_date"`
	VisibleText string `json:"visible_text"` // see Message.VisibleText; "" for the reports of mail systems
	// SuggestedMeaning is for a person to confirm; it never decides by itself.
	SuggestedMeaning string `json:"suggested_meaning"`
	Why              string `json:"why"` // the header or the line that decided, for people

	// Contacts are addresses that the text proposes instead of the sender: see AutoLeftCompany and MeansReferral. Why names
	// them too.
	Contacts []string `json:"-"`
	// People are those of whom the text says that they are to be talked to instead, also while an absence lasts: AutoOutOfOffice,
	// AutoLeftCompany, MeansReferral and MeansLeftCompany. Never the sender nor we.
	People []Person `json:"-"`
}

// Recipient is one address of a report.
type Recipient struct {
	Address  string `json:"address"`  // lower case; "" when the report names nobody
	Severity string `json:"severity"` // Hard, Soft or Policy of a failure; "" otherwise
	Status   string `json:"status"`   // RFC 3463, such as "5.1.1"; "" when there is none
	Reason   string `json:"reason"`   // the server's words in one line, at most 300 characters
}

// Classify says what a mail is. now stands in for the mail's own Date where it has none or one to come; nothing else depends on it. It does
// not fail: what cannot be read is KindOther with the subkind "unreadable".
func Classify(m Message, now time.Time) (c Classification) {
	defer func() {
		if p := recover(); p != nil {
			c = unreadable("the mail cannot be classified")
		}
		if c.Recipients == nil {
			c.Recipients = []Recipient{}
		}
	}()
	if m.Problem != "" && len(m.Header) == 0 {
		c = unreadable(m.Problem)
		c.VisibleText = m.VisibleText()
		return c
	}
	for _, report := range []func() (Classification, bool){m.complaint, m.delivery, m.receipt, m.textBounce} {
		if c, ok := report(); ok {
			return c
		}
	}
	return classifyText(m, newLetter(m, now))
}

func unreadable(why string) Classification {
	return Classification{Kind: KindOther, Subkind: "unreadable", Why: why}
}

// letter is a mail that is no report, with its text taken apart once.
type letter struct {
	Message
	text    string
	words   []word
	subject string // without "Re:" and the like
	reply   bool   // the subject had one, or the mail is threaded
	dates   reader
	written time.Time
}

func newLetter(m Message, now time.Time) letter {
	l := letter{Message: m, text: m.VisibleText(), written: m.written(now)}
	l.words = splitWords(l.text)
	l.dates = newReader(l.text, l.words, l.written)
	subject := m.Subject()
	l.subject = trimReply(subject)
	l.reply = l.subject != subject || m.Header.Has("In-Reply-To") || m.Header.Has("References")
	return l
}

// replyPrefixes are what mail programs put before the subject of an answer, folded.
var replyPrefixes = []string{"re:", "aw:", "wg:", "rv:", "sv:", "antw:", "antwort:", "ref:", "rif:", "r:", "res:", "enc:", "fw:", "fwd:", "tr:", "doorst:", "i:", "vs:", "re :", "tr :", "fwd :"}

func trimReply(subject string) string {
	for {
		subject = strings.TrimSpace(subject)
		folded := strings.ToLower(subject)
		cut := 0
		for _, p := range replyPrefixes {
			if strings.HasPrefix(folded, p) {
				cut = len(p)
				break
			}
		}
		if cut == 0 || cut > len(subject) {
			return subject
		}
		subject = subject[cut:]
	}
}

func classifyText(m Message, l letter) Classification {
	c := Classification{VisibleText: l.text}
	if subkind, why, ok := m.invitation(); ok && !l.asksOut() {
		c.Kind, c.Subkind, c.Why = KindReply, subkind, why
		c.SuggestedMeaning, _ = l.meaning()
		if subkind == "calendar_accepted" && c.SuggestedMeaning == "" {
			c.SuggestedMeaning = MeansInterested
		}
		return l.dated(c)
	}
	if why, ok := l.newsletter(); ok {
		c.Kind, c.Subkind, c.Why = KindOther, "newsletter", why
		return c
	}
	if why, ok := l.automatic(); ok {
		if c = l.classifyAutomatic(c, why); c.Subkind != AutoOther || l.nullReturnPath() {
			return c
		}
		// What people answer from a help desk is marked as automatic. A program that asks out by itself means it, too.
		if subkind, line, ok := l.unsubscribes(); ok && subkind == "visible_text" {
			c.Kind, c.Subkind, c.Why = KindUnsubscribe, subkind, line+"; "+why
		}
		return c
	}
	if subkind, why, ok := l.unsubscribes(); ok {
		c.Kind, c.Subkind, c.Why = KindUnsubscribe, subkind, why
		return c
	}
	c.Kind = KindReply
	var line string
	c.SuggestedMeaning, line = l.meaning()
	switch {
	case line != "":
		c.Why = "written by a person: no sign of a machine; line " + quoted(line)
	case l.text == "":
		c.Why = "no sign of a machine, and no text of its own"
	default:
		c.Why = "written by a person: no sign of a machine"
	}
	return l.dated(c)
}

// asksOut says whether the words of an answer to an invitation ask for no more mail: they count for more than the button.
func (l letter) asksOut() bool {
	_, automatic := l.proof()
	_, _, asks := l.unsubscribes()
	return asks && !automatic
}

// dated adds what goes with a meaning: the day of a "not now", the addresses of a referral.
func (l letter) dated(c Classification) Classification {
	switch c.SuggestedMeaning {
	case MeansNotNow:
		c.ReturnDate = l.dates.statedDate()
	case MeansReferral, MeansLeftCompany:
		c = l.withContacts(c)
		c.People = l.people()
	}
	return c
}

// withContacts adds the addresses that the text names.
func (l letter) withContacts(c Classification) Classification {
	if c.Contacts = l.contacts(); len(c.Contacts) > 0 {
		c.Why += "; names " + strings.Join(c.Contacts, ", ")
	}
	return c
}

// contacts are the addresses in the visible text that belong neither to the sender nor to us.
func (l letter) contacts() []string {
	own := append(fieldAddresses(l.Header, append([]string{"From", "Reply-To", "Sender"}, recipientFields...)...), l.Sender())
	var kept []string
	for _, a := range addressesInText(l.text) {
		ours := false
		for _, o := range own {
			ours = ours || sameMailbox(a, o)
		}
		if !ours && strings.Contains(a, ".") && len(kept) < 5 {
			kept = append(kept, a)
		}
	}
	return kept
}

func quoted(s string) string { return `"` + s + `"` }

// invitation recognises an answer to an invitation (RFC 5546, METHOD:REPLY or COUNTER), and an invitation. Calendars mark them as
// automatic, but a person pressed the button.
func (m Message) invitation() (subkind, why string, ok bool) {
	p := m.content().find("text/calendar")
	if p == nil {
		return "", "", false
	}
	attached := p.attachment() // a calendar file that somebody sends along, unless it is an answer: Apple attaches those
	body := p.text()
	method := strings.ToUpper(p.params["method"])
	lines := calendarLines(body)
	if method == "" {
		method = strings.ToUpper(lines["METHOD"])
	}
	switch method {
	case "REPLY":
		status := strings.ToUpper(lines["PARTSTAT"])
		subkind = map[string]string{"ACCEPTED": "calendar_accepted", "DECLINED": "calendar_declined", "TENTATIVE": "calendar_tentative"}[status]
		if subkind == "" {
			subkind = "calendar_reply"
		}
		return subkind, "calendar METHOD:REPLY, PARTSTAT=" + dash(status), true
	case "COUNTER":
		return "calendar_counter", "calendar METHOD:COUNTER", true
	case "REQUEST", "PUBLISH":
		if attached {
			return "", "", false
		}
		return "calendar_request", "calendar METHOD:" + method, true
	case "CANCEL":
		return "calendar_cancel", "calendar METHOD:CANCEL", !attached
	}
	return "", "", false
}

// calendarLines takes METHOD and the first attendee's PARTSTAT out of an iCalendar text (RFC 5545, section 3.1: folded lines).
func calendarLines(s string) map[string]string {
	s = s[:min(len(s), 64<<10)]
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\n ", ""), "\n\t", "")
	found := map[string]string{}
	for line := range strings.SplitSeq(s, "\n") {
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToUpper(name)
		switch {
		case name == "METHOD" && found["METHOD"] == "":
			found["METHOD"] = strings.TrimSpace(value)
		case strings.HasPrefix(name, "ATTENDEE") && found["PARTSTAT"] == "":
			if _, rest, ok := strings.Cut(name, "PARTSTAT="); ok {
				rest, _, _ = strings.Cut(rest, ";")
				found["PARTSTAT"] = strings.Trim(rest, ` "`)
			}
		}
	}
	return found
}

// newsletter recognises bulk mail that answers nothing: list headers (RFC 2369, RFC 2919) of somebody else's list. A Feedback-ID is no sign:
// Amazon's servers give one to what people write, too.
func (l letter) newsletter() (why string, ok bool) {
	if l.reply {
		return "", false
	}
	field := ""
	for _, name := range []string{"List-Unsubscribe", "List-Id"} {
		if l.Header.Has(name) {
			field = name
			break
		}
	}
	if field == "" {
		return "", false
	}
	if _, hint := hintedSubject(l.subject); hint && l.Header.Has("Auto-Submitted") {
		return "", false
	}
	id := strings.ToLower(l.Header.Get("List-Id"))
	for _, a := range fieldAddresses(l.Header, recipientFields...) {
		if _, domain, _ := strings.Cut(a, "@"); id != "" && strings.Contains(id, domain) {
			return "", false // a group of ours hands people's mail on
		}
	}
	return "header " + field + " on a mail that answers nothing", true
}
