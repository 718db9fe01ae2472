package inbound

import (
	"regexp"
	"slices"
	"strings"
)

// maxAddresses bounds what is taken from one header or text.
const maxAddresses = 200

// addressPattern finds a bare address in text: no quoted local parts and no address literals, which nobody has.
var addressPattern = regexp.MustCompile(`[\pL\pN!#$%&'*+/=?^_{|}~.-]+@[\pL\pN](?:[\pL\pN-]*[\pL\pN])?(?:\.[\pL\pN](?:[\pL\pN-]*[\pL\pN])?)*`)

// anglePattern finds an address in angle brackets, with or without a route (RFC 5322, section 4.4).
var anglePattern = regexp.MustCompile(`<(?:@[^:<>]*:)?\s*([^<>\s]+@[^<>\s]+?)\s*>`)

// addresses reads the addresses of a header in lower case, each once. What stands in angle brackets counts; a display name
// that looks like an address does not.
func addresses(value string) []string {
	value = value[:min(len(value), maxFieldBytes)]
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

// splitList splits at commas and semicolons outside quotes, comments and angle brackets.
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
