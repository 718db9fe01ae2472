package leadfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"nurture/internal/oneline"
)

// clean trims a value, brings it into NFC (Macs write é as two characters), takes out control and invisible characters,
// which would break mail headers and comparisons, save joiners inside of words that are written with them, and turns every run of white space into one space; multiline values
// keep their line breaks. An apostrophe that guards a cell against being taken for a formula is taken off.
func clean(value string, multiline bool) string {
	value = strings.TrimSpace(value)
	if !plain(value) {
		value = cleanSlowly(value, multiline)
	}
	if len(value) > 1 && value[0] == '\'' && strings.IndexByte("=+-@", value[1]) >= 0 {
		value = value[1:]
	}
	return value
}

// plain tells whether clean has nothing to do: printable ASCII without two spaces in a row.
func plain(value string) bool {
	space := false
	for i := range len(value) {
		b := value[i]
		if b < ' ' || b > '~' || b == ' ' && space {
			return false
		}
		space = b == ' '
	}
	return true
}

func cleanSlowly(value string, multiline bool) string {
	var out strings.Builder
	out.Grow(len(value))
	gap, lineBreak := false, false
	var before, joiner rune
	for _, r := range norm.NFC.String(strings.ToValidUTF8(value, "\uFFFD")) {
		switch {
		case multiline && r == '\n':
			gap, lineBreak = true, true
		case unicode.IsSpace(r):
			gap = true
		case isJoiner(r):
			if joiner == 0 && !gap && joined(before) {
				joiner = r
			}
		case oneline.Hidden(r):
		default:
			if joiner != 0 && !gap && joined(r) {
				out.WriteRune(joiner)
			}
			before, joiner = r, 0
			if gap && out.Len() > 0 {
				if lineBreak {
					out.WriteByte('\n')
				} else {
					out.WriteByte(' ')
				}
			}
			gap, lineBreak = false, false
			out.WriteRune(r)
		}
	}
	return out.String()
}

// isJoiner recognises U+200C, with which Persian words are written, and U+200D, which emoji and Indic letters are made with.
func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// joined reports whether a joiner beside r can be of any use: r is an emoji, or a letter or mark of a script whose letters change their shapes. Elsewhere it
// only hides that two words differ.
func joined(r rune) bool {
	switch {
	case r < '\u0590': // the Latin, Greek, Cyrillic and Armenian scripts
		return false
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Latin, unicode.Greek, unicode.Cyrillic):
		return false
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.So, unicode.Sk)
}

// WithoutJoiners gives what tells people and companies apart, such as addresses and keys: none differs from another by what nobody sees.
func WithoutJoiners(s string) string {
	if !strings.ContainsFunc(s, isJoiner) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isJoiner(r) {
			return -1
		}
		return r
	}, s)
}

// titles stand before names and are not part of them.
var titles = map[string]bool{
	"mr": true, "mrs": true, "ms": true, "miss": true, "mx": true, "dr": true, "prof": true, "sir": true, "herr": true, "frau": true,
	"hr": true, "fr": true, "mme": true, "mlle": true, "sr": true, "sra": true, "dipl-ing": true, "ing": true,
}

// splitName cuts a full name: "Doe, Jane" and "Dr. Jane van Doe" give Jane and Doe, Jane and van Doe. A single word is a
// first name.
func splitName(name string) (first, last string) {
	if last, first, ok := strings.Cut(name, ","); ok && strings.TrimSpace(first) != "" {
		return withoutTitles(first), strings.TrimSpace(last)
	}
	first, last, _ = strings.Cut(withoutTitles(strings.TrimSuffix(name, ",")), " ")
	return first, last
}

func withoutTitles(name string) string {
	words := strings.Fields(name)
	for len(words) > 1 && titles[strings.ToLower(strings.TrimRight(words[0], "."))] {
		words = words[1:]
	}
	return strings.Join(words, " ")
}
