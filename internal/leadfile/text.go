package leadfile

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean trims a value, brings it into NFC (Macs write é as two characters), takes out control and invisible characters,
// which would break mail headers and comparisons, and turns every run of white space into one space; multiline values
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
	for _, r := range norm.NFC.String(strings.ToValidUTF8(value, "\uFFFD")) {
		switch {
		case multiline && r == '\n':
			gap, lineBreak = true, true
		case unicode.IsSpace(r):
			gap = true
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != '\u200d': // U+200D joins emoji
		default:
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
