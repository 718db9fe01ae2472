// Package dnsname writes domains as DNS and mail systems do: an internationalised one in ASCII (RFC 5890, section 2.3.2.1), whichever way people
// write it.
package dnsname

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Host writes a domain or host name in ASCII; one that is ASCII already, or no domain, stays as it is.
func Host(name string) string {
	if name == "" || isASCII(name) {
		return name
	}
	ascii, err := idna.Lookup.ToASCII(name)
	if err != nil {
		return name
	}
	return ascii
}

// Address writes the domain of a mail address in ASCII. What stands before the "@" stays: it may need SMTPUTF8 (RFC 6531) all the same.
func Address(address string) string {
	at := strings.LastIndexByte(address, '@') + 1
	return address[:at] + Host(address[at:])
}

// URL writes a web address with its host, and all else, in ASCII.
func URL(u *url.URL) string {
	ascii := *u
	if host := u.Hostname(); !isASCII(host) {
		ascii.Host = strings.Replace(u.Host, host, Host(host), 1)
	}
	return ascii.String()
}

// Same says whether two mail addresses are one, in whatever case and letters their domains are written.
func Same(a, b string) bool { return strings.EqualFold(Address(a), Address(b)) }

// Spellings are an address as given, and with its domain in the letters of DNS and of people where that differs.
func Spellings(address string) []string {
	list := []string{address}
	at := strings.LastIndexByte(address, '@') + 1
	if isASCII(address[at:]) && !strings.Contains(strings.ToLower(address[at:]), "xn--") {
		return list
	}
	if ascii := Address(address); ascii != address {
		list = append(list, ascii)
	}
	if unicode, err := idna.Lookup.ToUnicode(address[at:]); err == nil && unicode != "" && !strings.EqualFold(unicode, address[at:]) {
		list = append(list, address[:at]+unicode)
	}
	return list
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
