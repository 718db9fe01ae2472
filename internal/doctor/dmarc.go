package doctor

import (
	"context"
	"fmt"

	"github.com/emersion/go-msgauth/dmarc"
)

// DMARC judges the record that says what receivers do with mail of a domain that is not authenticated, and whether ours is (RFC 7489).
// signed is the d= of our DKIM signatures, "" when we do not sign.
func DMARC(ctx context.Context, r Resolver, d MailDomains, signed string) []Finding {
	what := "dmarc " + d.From
	records, err := texts(ctx, r, "_dmarc."+d.From, "v=DMARC1")
	at := d.From
	if parent := organization(d.From); err == nil && len(records) == 0 && parent != d.From {
		at = parent // RFC 7489, section 6.6.3
		records, err = texts(ctx, r, "_dmarc."+parent, "v=DMARC1")
	}
	publish := fmt.Sprintf(`publish a TXT record for _dmarc.%s, to begin with "v=DMARC1; p=none; rua=mailto:postmaster@%s"`, d.From, d.From)
	if err != nil {
		return []Finding{unclear(what, err, dnsFix)}
	}
	switch len(records) {
	case 0:
		return []Finding{fail(what, "no record: Gmail and Yahoo refuse bulk mail of such domains", publish)}
	case 1:
	default:
		return []Finding{fail(what, fmt.Sprintf("%d records: receivers then use none (RFC 7489, section 6.6.3)", len(records)), "keep one TXT record for _dmarc."+at)}
	}
	record, err := dmarc.Parse(records[0])
	if err != nil {
		return []Finding{fail(what, fmt.Sprintf("%s: %v", records[0], err), "mend the TXT record of _dmarc."+at)}
	}
	policy := record.Policy
	if at != d.From && record.SubdomainPolicy != "" {
		policy = record.SubdomainPolicy
	}
	return []Finding{good(what, "policy %s: %s", policy, records[0]), alignment(d, signed, record)}
}

// aligned is identifier alignment (RFC 7489, section 3.1).
func aligned(from, other string, mode dmarc.AlignmentMode) bool {
	return from == other || mode != dmarc.AlignmentStrict && organization(from) == organization(other)
}

// alignment judges whether what authenticates our mail speaks for the domain that people read.
func alignment(d MailDomains, signed string, record *dmarc.Record) Finding {
	what := "alignment " + d.From
	bySPF := aligned(d.From, d.Envelope, record.SPFAlignment)
	byDKIM := signed != "" && aligned(d.From, signed, record.DKIMAlignment)
	switch {
	case byDKIM && bySPF:
		return good(what, "DKIM (d=%s) and SPF (%s) both speak for it", signed, d.Envelope)
	case byDKIM:
		return good(what, "DKIM (d=%s) speaks for it; SPF speaks for %s", signed, d.Envelope)
	case signed != "" && bySPF:
		return warn(what, fmt.Sprintf("the DKIM signature speaks for %s, only SPF for %s: forwarded mail fails DMARC", signed, d.From),
			"sign with smtp.dkim.domain: "+d.From+", or send such mail from "+signed)
	case signed != "":
		return fail(what, fmt.Sprintf("neither DKIM (d=%s) nor SPF (%s) speaks for it: its mail fails DMARC", signed, d.Envelope),
			"sign with smtp.dkim.domain: "+d.From+", or use senders of "+signed)
	case bySPF:
		return warn(what, "only SPF speaks for it as far as can be told from here: forwarded mail fails DMARC",
			"configure smtp.dkim, or make sure that the mail server signs with d="+d.From)
	}
	return warn(what, fmt.Sprintf("the return path is in %s, and mail is not signed here: unless the mail server signs with d=%s it fails DMARC", d.Envelope, d.From),
		"configure smtp.dkim, or remove mail.bounces so that bounces go to the sender's own domain")
}
