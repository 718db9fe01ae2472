package inbound

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxAddresses bounds what is taken from one header or text.
const maxAddresses = 200

// addressPattern finds a bare address in text: no quoted local parts and no address literals, which nobody has.
var addressPattern = regexp.MustCompile(`[\pL\pN!#$%&'*+/=?^_{|}~.-]+@[\pL\pN](?:[\pL\pN-]*[\pL\pN])?(?:\.[\pL\pN](?:[\pL\pN-]*[\pL\pN])?)*`)

// anglePattern finds an address in angle brackets, with or without a route (RFC 5322, section 4.4).
var anglePattern = regexp.MustCompile(`<(?:@[^:<>]*:)?\s*([^<>\s]+@[^<>\s]+?)\s*>`)

// encodedWord is a part of a display name (RFC 2047, section 2).
var encodedWord = regexp.MustCompile(`=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=`)

// addresses reads the addresses of a header, as it came, in lower case, each once. What stands in angle brackets counts; a display name that
// looks like an address does not, be it quoted, a comment or encoded, for anybody can put somebody else's there. Where nothing else holds an
// address, these are read too: there are programs that quote or encode the whole of it.
func addresses(value string) []string {
	value = value[:min(len(value), maxFieldBytes)]
	if !utf8.ValidString(value) {
		value = toUTF8([]byte(value), "")
	}
	if found := listed(withoutNames(encodedWord.ReplaceAllString(value, " "))); len(found) > 0 {
		return found
	}
	return listed(decodeText(value))
}

// withoutNames drops quoted strings and comments (RFC 5322, sections 3.2.2 and 3.2.4) outside of angle brackets.
func withoutNames(s string) string {
	var b strings.Builder
	quoted, angle, comments := false, false, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && (quoted || comments > 0):
			i++
			continue
		case angle:
			angle = c != '>'
		case c == '"' && comments == 0:
			quoted = !quoted
			continue
		case quoted:
			continue
		case c == '(':
			comments++
			continue
		case c == ')' && comments > 0:
			comments--
			continue
		case comments > 0:
			continue
		case c == '<':
			angle = true
		}
		b.WriteByte(c)
	}
	return b.String()
}

// listed reads the addresses of a list: of each piece the one in angle brackets, else all.
func listed(value string) []string {
	if !strings.Contains(value, "@") {
		return nil
	}
	var found []string
	for _, piece := range splitList(value) {
		if m := anglePattern.FindStringSubmatch(piece); m != nil {
			found = append(found, m[1])
		} else {
			found = append(found, addressPattern.FindAllString(piece, maxAddresses)...)
		}
		if len(found) > maxAddresses {
			break
		}
	}
	return unique(found)
}

// splitList splits at commas and semicolons outside quotes and angle brackets.
func splitList(s string) []string {
	var pieces []string
	start := 0
	quoted, angle := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case (c == ',' || c == ';') && !angle:
			pieces = append(pieces, s[start:i])
			start = i + 1
		}
	}
	return append(pieces, s[start:])
}

// addressesInText finds addresses in prose, in lower case, each once.
func addressesInText(s string) []string {
	if !strings.Contains(s, "@") {
		return nil
	}
	found := addressPattern.FindAllString(s, maxAddresses)
	for i, a := range found {
		a = strings.TrimPrefix(a, "mailto:")
		found[i] = strings.Trim(a, ".'*_-/=")
	}
	return unique(found)
}

// unique lowers, and keeps the first of equals.
func unique(list []string) []string {
	var kept []string
	for _, s := range list {
		if s = strings.ToLower(s); s != "" && !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}
