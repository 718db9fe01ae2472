package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"nurture/config"
	"nurture/internal/dnsname"
)

// Resolver asks DNS. *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupAddr(ctx context.Context, address string) ([]string, error)
}

const dnsFix = "check this machine's DNS, or name another server with --dns HOST:PORT"

// texts gives the TXT records of a name that begin with a version tag, such as "v=spf1"; none is no error.
func texts(ctx context.Context, r Resolver, name, version string) ([]string, error) {
	all, err := r.LookupTXT(ctx, strings.TrimSuffix(name, ".")+".") // the dot: no search domains
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []string
	for _, text := range all {
		if first, _, _ := strings.Cut(text, ";"); hasVersion(first, version) {
			found = append(found, text)
		}
	}
	return found, nil
}

// hasVersion tells whether a record begins with the tag as a whole word; "v = DMARC1" is allowed (RFC 7489, section 6.4).
func hasVersion(text, version string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	return strings.EqualFold(word, version) || strings.EqualFold(strings.ReplaceAll(strings.TrimSpace(text), " ", ""), version)
}

// absent recognises the answer that there is no such name or no such record.
func absent(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// organization is the part of a domain that somebody registered (RFC 7489, section 3.2).
func organization(domain string) string {
	if found, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return found
	}
	return domain
}

// MailDomains are the domains that one sender's mail shows.
type MailDomains struct {
	From     string // of the header that people read
	Envelope string // of the return path, where bounces go: SPF is about this one
	Sender   string // one address of From
}

// Domains lists the domains of the senders, each once.
func Domains(s config.Settings) []MailDomains {
	var all []MailDomains
	seen := map[[2]string]bool{}
	for _, sender := range s.Senders {
		from, envelope := domainOf(sender.Email), domainOf(s.BouncesTo(sender))
		if pair := [2]string{from, envelope}; !seen[pair] {
			seen[pair] = true
			all = append(all, MailDomains{From: from, Envelope: envelope, Sender: sender.Email})
		}
	}
	return all
}

func domainOf(address string) string {
	return dnsname.Host(strings.ToLower(address[strings.LastIndexByte(address, '@')+1:]))
}

// ReverseDNS judges whether the addresses of the mail server's name have names that lead back to them: receivers doubt servers without
// (the requirements for senders of Gmail and Yahoo). It can see the server that we hand mail to only, not those behind it.
func ReverseDNS(ctx context.Context, r Resolver, host string) []Finding {
	const what = "reverse dns"
	addresses := []string{host}
	if _, err := netip.ParseAddr(host); err != nil {
		if addresses, err = r.LookupHost(ctx, host); err != nil {
			return []Finding{unclear(what, err, dnsFix)}
		}
	}
	var findings []Finding
	for _, text := range addresses {
		address, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		if address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast() {
			findings = append(findings, good(what, "%s is inside: what counts is the address from which it sends on", address))
			continue
		}
		findings = append(findings, confirmed(ctx, r, address.Unmap()))
	}
	return findings
}

// confirmed judges one address.
func confirmed(ctx context.Context, r Resolver, address netip.Addr) Finding {
	const what = "reverse dns"
	names, err := r.LookupAddr(ctx, address.String())
	if err != nil && !absent(err) {
		return unclear(what, err, dnsFix)
	}
	if len(names) == 0 {
		return warn(what, fmt.Sprintf("%s has no name", address), "have whoever runs the address set its PTR record to the mail server's name")
	}
	for _, name := range names {
		back, err := r.LookupHost(ctx, name)
		if err != nil && !absent(err) {
			return unclear(what, err, dnsFix)
		}
		for _, text := range back {
			if found, err := netip.ParseAddr(text); err == nil && found.Unmap() == address {
				return good(what, "%s is %s, and back", address, strings.TrimSuffix(name, "."))
			}
		}
	}
	return warn(what, fmt.Sprintf("%s is called %s, and that name does not lead back", address, strings.TrimSuffix(names[0], ".")),
		"let the name's address record and the address's PTR record agree")
}
