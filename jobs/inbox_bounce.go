package jobs

import (
	"slices"
	"strings"

	"nurture/cadence"
	"nurture/channels/email/inbound"
	"nurture/internal/dnsname"
)

// bounceKind is how bad a bounce is for the address that the touch went to; false when that address is not what failed. Of several outcomes
// for it the mildest counts: it is a group's, and others got the mail. A report that names others alone, such as a member of a group or an
// address that mail is handed on to, says that something is wrong behind the address, not that it is dead.
func bounceKind(c inbound.Classification, found mailMatch) (kind cadence.ResponseKind, reason string, ok bool) {
	own, named := ownOutcomes(c, found)
	if !named {
		own = c.Recipients
	}
	reason = c.Why
	byMildness := []cadence.ResponseKind{cadence.SoftBounce, cadence.PolicyBounce, cadence.HardBounce}
	others := found.touch != nil && !named
	for _, r := range own {
		if r.Severity == "" && named { // it arrived, or may still arrive
			return "", "", false
		}
		one := kindOfSeverity(r.Severity)
		if r.Severity != "" && (kind == "" || slices.Index(byMildness, one) < slices.Index(byMildness, kind)) {
			kind, reason = one, strings.TrimSpace(r.Status+" "+r.Reason)
		}
		others = others && r.Address != ""
	}
	if kind == "" || others && kind == cadence.HardBounce {
		kind = cadence.SoftBounce
	}
	return kind, reason, true
}

func kindOfSeverity(severity string) cadence.ResponseKind {
	switch severity {
	case inbound.Hard:
		return cadence.HardBounce
	case inbound.Policy:
		return cadence.PolicyBounce
	}
	return cadence.SoftBounce
}

// ownOutcomes are what a report says of the address that the touch went to, by that name or that of a host behind it; false for none.
func ownOutcomes(c inbound.Classification, found mailMatch) ([]inbound.Recipient, bool) {
	if found.touch == nil {
		return nil, false
	}
	own := slices.DeleteFunc(slices.Clone(c.Recipients), func(r inbound.Recipient) bool { return !sameMailbox(r.Address, found.touch.Address) })
	return own, len(own) > 0
}

// sameMailbox compares addresses without tags, and takes a domain and a host in it for the same.
func sameMailbox(a, b string) bool {
	localA, domainA, _ := strings.Cut(dnsname.Address(strings.ToLower(a)), "@")
	localB, domainB, _ := strings.Cut(dnsname.Address(strings.ToLower(b)), "@")
	localA, _, _ = strings.Cut(localA, "+")
	localB, _, _ = strings.Cut(localB, "+")
	return localA == localB && (domainA == domainB || strings.HasSuffix(domainA, "."+domainB) || strings.HasSuffix(domainB, "."+domainA))
}

// reportsOn says whether a report names the very address that the touch went to.
func reportsOn(c inbound.Classification, found mailMatch) bool {
	return found.touch != nil && slices.ContainsFunc(c.Recipients, func(r inbound.Recipient) bool {
		return dnsname.Same(r.Address, found.touch.Address)
	})
}
