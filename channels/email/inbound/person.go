package inbound

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Person is somebody whom a text names as the one to talk to instead of its sender. Email or Phone is known. All three are a stranger's
// words: whoever shows or uses them escapes and checks them.
type Person struct {
	Name  string // as the text writes it, at most maxPersonName bytes; "" when it gives none that is plausible
	Email string // lower case; "" when the text gives only a number
	Phone string // as the text writes it; "" when it gives none
}

const (
	maxPeople     = 5
	maxPersonName = 80
	maxNameWords  = 4
)

// people are those whom the visible text names: by an address that is neither ours nor the sender's, or by a name with a number.
func (l letter) people() []Person {
	var found []Person
	sender := l.Sender()
	local, _, _ := strings.Cut(sender, "@")
	text := strings.ToLower(l.text)
	for _, address := range l.contacts() {
		theirs, _, _ := strings.Cut(address, "@")
		if theirs == local || isNoReply(theirs) {
			continue // the sender elsewhere, or nobody
		}
		p := Person{Email: address}
		if at := strings.Index(text, address); at >= 0 && len(text) == len(l.text) { // lower case may change lengths, in rare letters
			p.Name = l.nameAround(at, at+len(address))
			p.Phone = phoneNear(l.text, at, at+len(address))
		}
		found = append(found, p)
	}
	if len(found) == 0 {
		found = l.calledByNumber()
	}
	return found[:min(len(found), maxPeople)]
}

// calledByNumber are the people for whom the text gives a name with a number right behind it.
func (l letter) calledByNumber() []Person {
	var found []Person
	for _, at := range phonePattern.FindAllStringIndex(l.text, maxPeople*4) {
		phone := l.text[at[0]:at[1]]
		if !phoneLike(phone) {
			continue
		}
		if name := l.nameBefore(at[0]); name != "" {
			found = append(found, Person{Name: name, Phone: phone})
		}
	}
	return found
}

// nameAround is the name that stands with what lies from start to end: before it, behind it in brackets or after a dash, or anywhere in the
// text where its words are those of the address.
func (l letter) nameAround(start, end int) string {
	if name := l.nameBefore(start); name != "" {
		return name
	}
	if m := behindPattern.FindString(l.text[end:min(len(l.text), end+2*maxPersonName)]); m != "" {
		if name := l.plausible(leadingName(strings.Fields(m))); name != "" {
			return name
		}
	}
	local, _, _ := strings.Cut(fold(l.text[start:end]), "@")
	return l.nameLike(strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '_' || r == '-' || r == '+' }))
}

// behindPattern is what may hold a name behind an address: "bob@x.example (Bob Smith)", "bob@x.example – Bob Smith".
var behindPattern = regexp.MustCompile(`^[>\]]?\s*[(–—-]\s*[^)\n.;]{2,80}`)

// nameBefore is the name that ends where offset is, words such as "at" and "on" between them left out.
func (l letter) nameBefore(offset int) string {
	start := max(0, offset-maxPersonName*2)
	for !utf8.RuneStart(l.text[start]) {
		start++
	}
	segment := l.text[start:offset]
	if i := strings.LastIndex(segment, "\n\n"); i >= 0 {
		segment = segment[i:]
	}
	tokens := strings.Fields(segment)
	var name []string
	gap := 0
	for i := len(tokens) - 1; i >= 0 && len(name) < maxNameWords; i-- {
		token := tokens[i]
		bare := bareWord(token)
		switch {
		case len(name) == 0 && (bare == "" || isBetween(bare) || phoneLike(bare)):
			if gap++; gap > 5 || strings.HasSuffix(token, ".") && bare != "" && !abbreviated[fold(bare)] {
				return ""
			}
			continue
		case len(name) > 0 && strings.ContainsAny(token[len(token)-1:], ",;:.!?)>]") && !initial(token):
		case len(name) > 0 && particlesOf(tokens[:i+1]):
			name = append(name, bare)
			continue
		case nameWord(bare) && !(len(name) == 0 && sentenceEnd(token)):
			name = append(name, bare)
			if !strings.ContainsAny(token[:1], "(\"“„«'") {
				continue
			}
		}
		break
	}
	slices.Reverse(name)
	return l.plausible(name)
}

// nameLike finds a run of name words among which are those of an address's local part: "kim.new" is Kim New.
func (l letter) nameLike(parts []string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return utf8.RuneCountInString(s) < 3 })
	if len(parts) == 0 {
		return ""
	}
	tokens := strings.Fields(l.text[:min(len(l.text), 8<<10)])
	for i, token := range tokens {
		if !slices.Contains(parts, fold(strings.Trim(token, trimmedSigns))) {
			continue
		}
		start := i
		for start > 0 && i-start < maxNameWords-1 && nameWord(tokens[start-1]) {
			start--
		}
		if name := l.plausible(leadingName(tokens[start:])); name != "" {
			return name
		}
	}
	return ""
}

// leadingName takes the name words that tokens begin with.
func leadingName(tokens []string) []string {
	var name []string
	for i, token := range tokens {
		bare := bareWord(token)
		particle := len(name) > 0 && nameParticles[fold(bare)] && i+1 < len(tokens)
		if bare == "" && len(name) == 0 {
			continue
		}
		if !nameWord(bare) && !particle || len(name) == maxNameWords {
			break
		}
		name = append(name, bare)
		if strings.ContainsAny(token[len(token)-1:], ",;:.!?)>]\"”»") && !initial(token) {
			break
		}
	}
	return name
}

// plausible joins a name, "" when it is the sender's own or none.
func (l letter) plausible(name []string) string {
	for len(name) > 0 && nameParticles[fold(name[len(name)-1])] {
		name = name[:len(name)-1]
	}
	joined := strings.Join(name, " ")
	if len(name) == 0 || len(joined) > maxPersonName || utf8.RuneCountInString(joined) < 2 {
		return ""
	}
	from, _, _ := strings.Cut(l.Header.Text("From"), "<")
	own := splitWords(from)
	for _, w := range splitWords(joined) {
		if !slices.ContainsFunc(own, func(o word) bool { return o.text == w.text }) {
			return joined
		}
	}
	return ""
}

// bareWord is a token without what stands around it; "J." keeps its dot.
func bareWord(token string) string {
	bare := strings.Trim(token, trimmedSigns)
	if initial(strings.TrimLeft(token, trimmedSigns)) {
		bare += "."
	}
	return bare
}

// isBetween takes "all'indirizzo" for the two words that it is.
func isBetween(bare string) bool {
	for part := range strings.FieldsFuncSeq(fold(bare), func(r rune) bool { return r == '\'' || r == '’' || r == '-' }) {
		if !betweenWords[part] {
			return false
		}
	}
	return true
}

// particlesOf reports that tokens end with one or two particles behind a word of a name.
func particlesOf(tokens []string) bool {
	last := len(tokens) - 1
	for i := last; i >= 0 && last-i <= 2; i-- {
		if !nameParticles[fold(tokens[i])] {
			return i < last && nameWord(bareWord(tokens[i]))
		}
	}
	return false
}

// trimmedSigns stand around the words of a name.
const trimmedSigns = "<>()[]{}\"“”„«»‹›,;:!?–—-*|/'’."

// nameWord reports what can be a word of a person's name: a capital, then letters, and no word that only begins a sentence.
func nameWord(w string) bool {
	for _, elided := range []string{"d'", "d’", "l'", "l’"} {
		w = strings.TrimPrefix(w, elided)
	}
	first, _ := utf8.DecodeRuneInString(w)
	if !unicode.IsUpper(first) || utf8.RuneCountInString(w) > 30 || noNames[fold(w)] {
		return false
	}
	for _, r := range w {
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && r != '-' && r != '\'' && r != '’' && r != '.' {
			return false
		}
	}
	return true
}

// initial takes "J." for the letter of a name and not for the end of a sentence.
func initial(token string) bool {
	return strings.HasSuffix(token, ".") && utf8.RuneCountInString(token) == 2
}

func sentenceEnd(token string) bool {
	return strings.ContainsAny(token[len(token)-1:], ".!?") && !initial(token)
}

// phonePattern finds what may be a number; phoneLike decides.
var phonePattern = regexp.MustCompile(`(?:\+|\()?\d[\d ()./\x{00a0}-]{5,22}\d`)

var datePattern = regexp.MustCompile(`^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}`)

// phoneLike tells a number in international or national form from dates, prices and case numbers: it begins with + or 0.
func phoneLike(s string) bool {
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case strings.IndexByte("+ ()./-", c) < 0:
			return false
		}
	}
	begins := strings.TrimLeft(s, "(")
	return digits >= 7 && digits <= 16 && (strings.HasPrefix(begins, "+") || strings.HasPrefix(begins, "0")) && !datePattern.MatchString(s)
}

// phoneNear is the number that stands with an address: in its line, or in the sentence before or behind it, and nearer to it than to another
// address.
func phoneNear(text string, start, end int) string {
	after := text[end:min(len(text), end+100)]
	if i := strings.Index(after, "\n\n"); i >= 0 {
		after = after[:i]
	}
	if i := strings.IndexByte(after, '@'); i >= 0 {
		after = after[:i]
	}
	for _, at := range phonePattern.FindAllStringIndex(after, 3) {
		if phone := after[at[0]:at[1]]; phoneLike(phone) && !sentenceBreak.MatchString(after[:at[0]]) {
			return phone
		}
	}
	before := text[max(0, start-60):start]
	if i := strings.LastIndexAny(before, "@\n"); i >= 0 {
		before = before[i+1:]
	}
	found := phonePattern.FindAllStringIndex(before, -1)
	for i := len(found) - 1; i >= 0; i-- {
		phone := before[found[i][0]:found[i][1]]
		if phoneLike(phone) && !sentenceBreak.MatchString(before[found[i][1]:]) {
			return phone
		}
	}
	return ""
}

// sentenceBreak ends a sentence that a number belongs to; "Tel." does not.
var sentenceBreak = regexp.MustCompile(`[!?;]\s|[^lbnxel]\.\s+\p{Lu}`)
