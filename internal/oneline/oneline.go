// Package oneline makes one line of text that others wrote, such as names and subjects, so that it can neither break a header line nor begin a
// paragraph of its own.
package oneline

import (
	"strings"
	"unicode"
)

// Of gives s with runs of white space and control characters as single spaces, none at its ends. Spaces that forbid a line break (U+00A0, U+202F) stay
// as they are where others do. What is not UTF-8 becomes U+FFFD.
func Of(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, breaks) {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, breaks), " ")
}

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
