package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"syscall"
	"time"
)

// expirySoon is how long before its end a certificate is worth a warning: renewal by machine happens a month before.
const expirySoon = 14 * 24 * time.Hour

// remedies are what to do about the faults of connections, where that depends on what was connected to.
type remedies struct {
	address string // what names host and port, such as "smtp.host and smtp.port"
	login   string // what to do about a refused login
	trust   string // how to trust an authority
	tls     string // what to do when the two sides do not agree on TLS
}

// fix gives the way out of an error of a connection.
func (r remedies) fix(err error) string {
	var (
		dns       *net.DNSError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		authority x509.UnknownAuthorityError
		record    tls.RecordHeaderError
		answer    *textproto.Error
		timeout   net.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("check the spelling of %q in %s", dns.Name, r.address)
	case errors.As(err, &dns):
		return "this machine cannot ask DNS: check /etc/resolv.conf and the network"
	case errors.As(err, &name):
		return fmt.Sprintf("write the host in %s as the certificate has it (%s), or have the certificate made anew for %s",
			r.address, names(name.Certificate), name.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "have the certificate renewed (and see whether this machine's clock is right)"
	case errors.As(err, &authority):
		return "if the authority is your own, " + r.trust + "; else the server lacks its intermediate certificate"
	case errors.As(err, &record), strings.Contains(err.Error(), "STARTTLS"):
		return r.tls
	case errors.As(err, &answer) && (answer.Code == 530 || answer.Code >= 534 && answer.Code <= 538):
		return r.login
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there: check " + r.address
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "check " + r.address + ", and whether a firewall on the way drops the connection"
	}
	return "check " + r.address
}

// names are what a certificate is for.
func names(c *x509.Certificate) string {
	if c == nil {
		return "no name"
	}
	all := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return "no name"
	}
	return strings.Join(all, ", ")
}

// certificate judges a certificate that has been verified.
func certificate(what string, c *x509.Certificate, now time.Time) Finding {
	left := c.NotAfter.Sub(now)
	days := fmt.Sprintf("for %s, %d days left", names(c), int(left/(24*time.Hour)))
	if left < expirySoon {
		return warn(what, days, "renew it now, and find out why that does not happen by itself")
	}
	return good(what, "%s", days)
}
