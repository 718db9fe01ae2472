package leadfile

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths of RFC 5321 section 4.5.3.1; 254 is what fits into a path of 256 with its brackets.
const (
	localLimit   = 64
	domainLimit  = 253
	labelLimit   = 63
	addressLimit = 254
)

// parseEmail normalises one address: lower case, without display name, "mailto:" and brackets. It takes the dot-atoms of
// RFC 5322 and, by RFC 6531, letters of any script; no quoted local parts, address literals or comments, which in lead
// files are mistakes. International domains stay in their own script. reason is "" when the address is fine.
func parseEmail(text string) (address, reason string) {
	text = strings.TrimRight(strings.TrimSpace(WithoutJoiners(text)), ";, ")
	if open := strings.LastIndexByte(text, '<'); open >= 0 && strings.HasSuffix(text, ">") {
		text = text[open+1 : len(text)-1]
	}
	text = strings.ToLower(strings.TrimSpace(text))
	text = strings.TrimPrefix(text, "mailto:")
	if strings.Count(text, "@") > 1 {
		return "", "there is more than one address in the cell"
	}
	local, domain, ok := strings.Cut(text, "@")
	switch {
	case !ok:
		return "", "the address has no @"
	case local == "":
		return "", "nothing stands before the @"
	case domain == "":
		return "", "nothing stands behind the @"
	case len(local) > localLimit || len(text) > addressLimit:
		return "", "the address is too long"
	}
	if reason := badLocal(local); reason != "" {
		return "", reason
	}
	if reason := badDomain(domain); reason != "" {
		return "", reason
	}
	return text, ""
}

func badLocal(local string) string {
	if local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(local, "..") {
		return "a dot stands where none may, before the @"
	}
	for _, r := range local {
		if r < utf8.RuneSelf {
			if !alphanumeric(r) && !strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r) {
				return "character " + quoteRune(r) + " may not stand before the @"
			}
		} else if !international(r) {
			return "character " + quoteRune(r) + " may not stand before the @"
		}
	}
	return ""
}

func badDomain(domain string) string {
	if len(domain) > domainLimit {
		return "the domain is too long"
	}
	labels := strings.Split(domain, ".")
	if len(labels) < 2 {
		return "the domain has no dot"
	}
	for _, label := range labels {
		switch {
		case label == "":
			return "the domain has an empty part"
		case len(label) > labelLimit:
			return "a part of the domain is too long"
		case label[0] == '-' || label[len(label)-1] == '-':
			return "a part of the domain begins or ends with a hyphen"
		}
		for _, r := range label {
			if !alphanumeric(r) && r != '-' && !(r >= utf8.RuneSelf && international(r)) {
				return "character " + quoteRune(r) + " may not stand in a domain"
			}
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "the domain ends with a number"
	}
	return ""
}

func alphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
}

// international accepts what names in other scripts are made of.
func international(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
}

func quoteRune(r rune) string {
	if r == ' ' {
		return "space"
	}
	return "“" + string(r) + "”"
}

// ascii tells whether a text needs no SMTPUTF8.
func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
