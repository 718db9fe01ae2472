// Package oneline makes one line of text that others wrote, such as names and subjects, so that it can neither break a header line nor begin a
// paragraph of its own.
package oneline

import (
	"strings"
	"unicode"
)

// Of gives s with runs of white space and control characters as single spaces, none at its ends. Spaces that forbid a line break (U+00A0, U+202F) stay
// as they are where others do. Marks that turn the direction of what follows (UAX #9: embeddings, overrides, isolates) are left out: a name that
// forgets to end one would turn round the sentence that it stands in. What is not UTF-8 becomes U+FFFD.
func Of(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsFunc(s, turns) {
		s = strings.Map(func(r rune) rune {
			if turns(r) {
				return -1
			}
			return r
		}, s)
	}
	if !strings.ContainsFunc(s, breaks) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, breaks), " ")
}

// turns recognises U+202A to U+202E and U+2066 to U+2069.
func turns(r rune) bool { return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' }

func breaks(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) && r != '\u00A0' && r != '\u202F'
}

// isPlain recognises most of what is one line already: ASCII with single spaces inside.
func isPlain(s string) bool {
	before := byte(' ')
	for _, c := range []byte(s) {
		if c < ' ' || c >= 0x7f || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' '
}
