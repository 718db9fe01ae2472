package doctor

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// goodKey is the length from which on an RSA key is not short (RFC 8301, section 3.2).
const goodKey = 2048

// SigningKey is the key that signs our mail.
type SigningKey struct {
	Domain string
	Name   string                                    // of the TXT record
	Record func() (text string, bits int, err error) // what the TXT record must say; bits is the length of an RSA key, 0 else
	Sign   func(message []byte) ([]byte, error)
	File   string
	Mode   fs.FileMode
}

// DKIM signs a sample of a sender and verifies it against what DNS says, as a receiver does (RFC 6376).
func DKIM(ctx context.Context, r Resolver, key SigningKey, sender string, now time.Time) []Finding {
	what := "dkim " + key.Name
	record, bits, err := key.Record()
	if err != nil {
		return []Finding{fail(what, fmt.Sprintf("%s: %v", key.File, err), "make a key, openssl genrsa -out NEW.pem 2048, and name it in smtp.dkim.key_file")}
	}
	findings := keyFindings(what, key, bits)
	publish := fmt.Sprintf("publish: %s. IN TXT %s", key.Name, quoted(record))
	published, err := r.LookupTXT(ctx, key.Name+".")
	switch {
	case absent(err), err == nil && len(published) == 0:
		return append(findings, fail(what, "no record: receivers cannot verify our signatures", publish))
	case err != nil:
		return append(findings, unclear(what, err, dnsFix))
	case len(published) > 1:
		return append(findings, fail(what, fmt.Sprintf("%d records, of which receivers take any (RFC 6376, section 3.6.2.2)", len(published)), "keep one; "+publish))
	}
	if err := verify(key, sender, published[0], now); err != nil {
		return append(findings, fail(what, fmt.Sprintf("a sample signed with %s does not verify: %v", key.File, err), publish))
	}
	if inTestMode(published[0]) {
		return append(findings, warn(what, "a sample verifies, and the record says t=y: receivers treat the mail as unsigned", "take t=y out of the TXT record"))
	}
	return append(findings, good(what, "a sample signed with the key verifies against DNS"))
}

// keyFindings judges the key itself.
func keyFindings(what string, key SigningKey, bits int) []Finding {
	var findings []Finding
	if bits > 0 && bits < goodKey {
		findings = append(findings, warn(what, fmt.Sprintf("a key of %d bits is short", bits), "make one of 2048 for a new selector: openssl genrsa -out NEW.pem 2048"))
	}
	if key.Mode.Perm()&0o077 != 0 {
		findings = append(findings, warn(what, fmt.Sprintf("others on this machine may read or change %s (%v)", key.File, key.Mode.Perm()), "chmod 600 "+key.File))
	}
	return findings
}

// sample is a mail as we send it, with the headers that the signature covers.
func sample(sender string, now time.Time) []byte {
	domain := domainOf(sender)
	return []byte(strings.Join([]string{
		"From: Sample <" + sender + ">", "To: nobody@" + domain, "Subject: a sample that is never sent",
		"Date: " + now.Format(time.RFC1123Z), "Message-ID: <doctor@" + domain + ">", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
		"List-Unsubscribe: <https://" + domain + "/u/sample>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
		"", "Hello,", "", "this is a sample.", "",
	}, "\r\n"))
}

// verify signs a sample and checks it against the one published record.
func verify(key SigningKey, sender, published string, now time.Time) error {
	signed, err := key.Sign(sample(sender, now))
	if err != nil {
		return err
	}
	results, err := dkim.VerifyWithOptions(bytes.NewReader(signed), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if strings.TrimSuffix(name, ".") != key.Name {
				return nil, &net.DNSError{Err: "asked for another name", Name: name, IsNotFound: true}
			}
			return []string{published}, nil
		},
	})
	switch {
	case err != nil:
		return err
	case len(results) != 1:
		return fmt.Errorf("the sample has %d signatures", len(results))
	}
	return results[0].Err
}

// inTestMode tells whether a key record is in test mode: t=y (RFC 6376, section 3.6.1).
func inTestMode(record string) bool {
	for _, tag := range strings.Split(record, ";") {
		name, value, _ := strings.Cut(tag, "=")
		if strings.TrimSpace(name) != "t" {
			continue
		}
		for _, flag := range strings.Split(value, ":") {
			if strings.TrimSpace(flag) == "y" {
				return true
			}
		}
	}
	return false
}

// quoted writes a text as a zone file has it: strings of at most 255 bytes, which receivers join (RFC 6376, section 3.6.2.2).
func quoted(text string) string {
	const most = 255
	var parts []string
	for ; len(text) > most; text = text[most:] {
		parts = append(parts, `"`+text[:most]+`"`)
	}
	parts = append(parts, `"`+text+`"`)
	if len(parts) == 1 {
		return parts[0]
	}
	return "( " + strings.Join(parts, " ") + " )"
}
