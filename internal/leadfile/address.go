package leadfile

import (
	"strings"
)

// AddressKinds says which addresses a list may hold.
type AddressKinds struct {
	Emails bool // and whole domains
	Phones bool
}

// ParseAddress normalises an address as leads have it: an email address in lower case, a whole domain as "@example.com", a phone
// number, written in country (ISO alpha-2, "" when unknown), in E.164 form. reason is "" when it is one of kinds.
func ParseAddress(text, country string, kinds AddressKinds) (address, reason, hint string) {
	text = clean(text, false)
	if strings.Contains(text, "@") {
		if !kinds.Emails {
			return "", "this is an email address, and the list is of phone numbers", "give it the scope email or all"
		}
		if name, whole := wholeDomain(text); whole {
			return parseDomain(name)
		}
		address, reason = parseEmail(text)
		return address, reason, ""
	}
	if strings.IndexFunc(text, isDigit) < 0 || !kinds.Phones && strings.IndexFunc(text, isLetter) >= 0 {
		return "", "this is no address", "write an email address, a phone number, or @example.com for a whole domain"
	}
	if !kinds.Phones {
		return "", "this is a phone number, and the list is of email addresses", "give it the scope phone or all"
	}
	number, reason, hint := parsePhone(text, country)
	return number.e164, reason, hint
}

// wholeDomain gives the domain of "@example.com" and "*@example.com".
func wholeDomain(text string) (name string, whole bool) {
	return strings.CutPrefix(strings.TrimPrefix(text, "*"), "@")
}

func parseDomain(text string) (address, reason, hint string) {
	name := strings.ToLower(strings.TrimSpace(text))
	if reason := badDomain(name); reason != "" {
		return "", reason, "write a whole domain as @example.com"
	}
	return "@" + name, "", ""
}

// looksLikeAddress tells an address, even a broken one, from the name of a column.
func looksLikeAddress(cell string) bool {
	if strings.Contains(cell, "@") {
		return true
	}
	numbers := 0
	for _, r := range cell {
		switch {
		case isDigit(r):
			numbers++
		case isLetter(r):
			return false
		}
	}
	return numbers >= 5
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
