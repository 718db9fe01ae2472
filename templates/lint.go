package templates

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nurture/cadence"
)

// Rule names what a Finding is about; people turn it off by that name.
type Rule string

// The rules.
const (
	RuleSubjectLength Rule = "subject-length"  // more than MaxSubject characters
	RuleFakeReply     Rule = "fake-reply"      // Re: or Fwd: before a subject that answers nothing
	RuleCapitals      Rule = "capitals"        // SHOUTING
	RuleExclamation   Rule = "exclamation"     // excited
	RuleSpamPhrase    Rule = "spam-phrase"     // what filters and readers know from advertising
	RulePlaceholder   Rule = "placeholder"     // something that was to be filled in
	RuleImageOnly     Rule = "image-only"      // a picture and hardly a word
	RuleImageAlt      Rule = "image-alt"       // a picture without a text in its place
	RuleBrokenLink    Rule = "broken-link"     // leads nowhere, by its form
	RuleExample       Rule = "example-address" // of a domain that is reserved for examples
	RulePlainHTTP     Rule = "http-link"       // not encrypted
	RuleShortener     Rule = "url-shortener"   // hides where it leads
	RuleDeceptive     Rule = "deceptive-link"  // shows one domain and leads to another
	RuleMissingValue  Rule = "missing-value"   // fails for a lead of whom little is known
	RuleVoiceOptOut   Rule = "voice-opt-out"   // a recorded voice that does not say how to be left alone
	RuleVoiceLength   Rule = "voice-length"    // longer than anybody listens
)

// MaxSubject is how many characters of a subject most inboxes show.
const MaxSubject = 60

// maxSpoken is how many words a minute holds at an unhurried 150.
const maxSpoken = 150

// Finding is something in a template that works, and that a marketer would rather not send.
type Finding struct {
	Rule Rule
	Problem
}

// Lint looks for what harms mail and its readers, in every template. full and bare are the data of a lead of whom everything is known and of
// one of whom only the address is. Findings come in the order of files and places.
func (s *Set) Lint(full, bare Data) []Finding {
	var all []Finding
	for _, e := range s.entries() {
		doc, subject := e.document()
		l := &linter{entry: e, doc: doc}
		l.placeholders()
		switch e.channel {
		case cadence.ChannelEmail:
			l.subjectLine(subject, full)
			l.mailBody()
		case cadence.ChannelVoicemail:
			l.voice()
		case cadence.ChannelCall:
		}
		l.missing(s, full, bare)
		slices.SortStableFunc(l.found, func(a, b Finding) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Rule, b.Rule))
		})
		all = append(all, l.found...)
	}
	return all
}

// document takes the template's file apart again. subject is an email's as written.
func (e *entry) document() (doc *document, subject string) {
	doc, _ = splitDocument(e.file, e.source) // it was read before, or there would be no entry
	var h emailHeader
	switch e.channel {
	case cadence.ChannelEmail:
		doc.decode(&h, nil)
	case cadence.ChannelVoicemail:
		doc.decode(&voicemailHeader{}, nil)
	case cadence.ChannelCall:
		doc.decode(&callHeader{}, nil)
	}
	return doc, h.Subject
}

// linter gathers the findings of one template.
type linter struct {
	*entry
	doc   *document
	found []Finding
}

func (l *linter) add(rule Rule, at place, message, hint string) {
	l.found = append(l.found, Finding{rule, l.doc.problem(at, message, hint)})
}

// inBody is the place of an offset in the body.
func (l *linter) inBody(offset int) place { return l.doc.at(l.doc.body + offset) }

var fakeReply = regexp.MustCompile(`(?i)^\s*(re|aw|antw|sv|rv|fwd?|wg|tr)\s*:`)

// subjectLine looks at the line that decides whether a mail is opened.
func (l *linter) subjectLine(written string, full Data) {
	at := l.doc.keyPlace("subject")
	text, problems := l.subject.plainLine(full)
	if len(problems) > 0 {
		return // missing tells it
	}
	if n := utf8.RuneCountInString(text); n > MaxSubject {
		l.add(RuleSubjectLength, at, fmt.Sprintf("the subject has %d characters: inboxes show about %d, phones fewer", n, MaxSubject),
			"say the most telling words first, and stop")
	}
	if fakeReply.MatchString(text) {
		l.add(RuleFakeReply, at, "the subject makes the mail look like an answer", "leave the Re: out: mail systems thread answers by themselves, and readers feel deceived")
	}
	literal := literalText(written)
	if shouts(literal) {
		l.add(RuleCapitals, at, "the subject is written in capitals", "write it as you would to a colleague")
	}
	if strings.Count(literal, "!") > 1 || strings.Contains(literal, "!?") || strings.Contains(literal, "?!") {
		l.add(RuleExclamation, at, "the subject is excited", "one exclamation mark is plenty; none is better")
	}
	if phrase := spamPhrase(l.tags.Language, literal); phrase != nil {
		l.add(RuleSpamPhrase, at, fmt.Sprintf("the subject says %q", literal[phrase[0]:phrase[1]]), spamHint)
	}
}

const spamHint = "filters and readers know it from advertising: say plainly what is in the mail"

// literalText is a text without what is filled in.
func literalText(s string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		b.WriteByte(' ')
		s = rest[min(actionEnd(rest, 0), len(rest)):]
	}
}

// shouts reports whether a line is in capitals, or most of its longer words are. A few abbreviations do not shout.
func shouts(s string) bool {
	letters, capitals, long := 0, 0, 0
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) {
		n := utf8.RuneCountInString(word)
		if letters += n; n < 4 {
			continue
		}
		if long++; word == strings.ToUpper(word) && word != strings.ToLower(word) {
			capitals++
		}
	}
	whole := s == strings.ToUpper(s) && s != strings.ToLower(s)
	return whole && letters >= 10 || capitals >= 3 && 2*capitals > long
}

// voice looks at what a machine says on a telephone.
func (l *linter) voice() {
	if l.body == nil || l.recording != "" {
		return
	}
	body := l.doc.text[l.doc.body:]
	if !strings.Contains(body, "sender.phone") && !phoneNumber.MatchString(body) {
		l.add(RuleVoiceOptOut, l.inBody(0), "the message names no number to call for no more messages",
			"say one, such as {{ .sender.phone }}: 47 CFR 64.1200(b)(3) wants it in the United States")
	}
	if n := len(strings.Fields(literalText(body))); n > maxSpoken {
		l.add(RuleVoiceLength, l.inBody(0), fmt.Sprintf("the message has %d words, which is more than a minute", n), "half a minute is what people listen to")
	}
}

var phoneNumber = regexp.MustCompile(`\d(?:[\s().-]?\d){5,}`)

var placeholder = regexp.MustCompile(`(?i:lorem ipsum|\[(?:insert|your|company|name|first name)\b[^\]\n]*\]|%%[a-z_]+%%|\*\|[a-z_]+\|\*)|\b(?:TODO|TBD|XXX+)\b`)

// placeholders looks for what somebody meant to fill in, and for the variables of other programs.
func (l *linter) placeholders() {
	text := l.doc.text
	for _, at := range placeholder.FindAllStringIndex(text, -1) {
		if at[1] < len(text) && text[at[1]] == '(' && text[at[0]] == '[' {
			continue // the words of a link
		}
		l.add(RulePlaceholder, l.doc.at(at[0]), fmt.Sprintf("%q is still to be filled in", text[at[0]:at[1]]), "write it out, or name a variable such as {{ .lead.first_name }}")
	}
}

// missing renders the template for both leads: what fails for the first is wrong for all, what fails for the second for some.
func (l *linter) missing(s *Set, full, bare Data) {
	seen := map[Problem]bool{}
	for i, data := range []Data{full, bare} {
		var broken *RenderError
		if !errors.As(s.tryRender(l.entry, data), &broken) {
			continue
		}
		for _, p := range broken.Problems {
			if seen[p] {
				continue
			}
			seen[p] = true
			if i == 1 {
				p.Message += " for a lead of whom only the address is known: its touch fails"
			}
			l.found = append(l.found, Finding{RuleMissingValue, p})
		}
	}
}

// tryRender renders a template of any channel.
func (s *Set) tryRender(e *entry, data Data) (err error) {
	switch e.channel {
	case cadence.ChannelEmail:
		_, err = s.RenderEmail(e.name, data)
	case cadence.ChannelVoicemail:
		_, err = s.RenderVoicemail(e.name, data)
	case cadence.ChannelCall:
		_, err = s.RenderCall(e.name, data)
	}
	return err
}
