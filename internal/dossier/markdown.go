package dossier

import (
	"regexp"
	"strings"
	"unicode"
)

// plain makes of what somebody wrote a single line that Markdown shows letter by letter: no markup, no HTML, no link under another
// name, nothing that a terminal obeys. Addresses and numbers stay as they are, since people copy them from the text.
func plain(s string) string {
	runes := []rune(strings.Join(strings.FieldsFunc(strings.Map(visible, s), unicode.IsSpace), " "))
	var b strings.Builder
	for i, r := range runes {
		if isMarkup(runes, i) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// listMark is what would make a list at the beginning of a line.
var listMark = regexp.MustCompile(`^\d{1,9}[.)]`)

// opening is plain text at the beginning of a line, where more signs have a meaning: lists, quotes, rules, underlined headings.
func opening(s string) string {
	s = plain(s)
	if s != "" && strings.ContainsRune("-+>=", rune(s[0])) {
		return `\` + s
	}
	if mark := listMark.FindString(s); mark != "" {
		at := len(mark) - 1
		return s[:at] + `\` + s[at:]
	}
	return s
}

// visible turns control characters into spaces and drops those that reorder the text around them (Unicode TR 36, 2.3.2).
func visible(r rune) rune {
	switch {
	case unicode.IsControl(r):
		return ' '
	case unicode.Is(unicode.Bidi_Control, r):
		return -1
	}
	return r
}

// isMarkup tells whether the sign at i would be more than a letter inside a line (CommonMark 0.31, section 6; GFM's strikethrough).
func isMarkup(text []rune, i int) bool {
	at := func(j int) rune {
		if j < 0 || j >= len(text) {
			return ' '
		}
		return text[j]
	}
	switch text[i] {
	case '\\', '`', '*', '[', '<', '~':
		return true
	case '_': // inside a word it marks nothing, and addresses are full of it
		return !isWord(at(i-1)) || !isWord(at(i+1))
	case '&': // only where it may begin the name of a character
		return at(i+1) == '#' || isWord(at(i+1))
	case '#': // a heading, or the closing of one
		return at(i-1) == ' '
	}
	return false
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
