package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nurture/internal/tlsclient"
)

var publicRemedies = remedies{
	address: "public_url (NURTURE_PUBLIC_URL), the proxy behind it, and whether nurture serve runs",
	login:   "let the proxy pass /healthz, /u/ and /twilio/ without a login",
	trust:   "leads' mail programs and Twilio do not trust it: get a certificate of a public one",
	tls:     "the port does not speak TLS: give the proxy a certificate, and keep https in public_url",
}

// PublicURL judges the address at which leads and providers reach us. client must not follow redirects.
func PublicURL(ctx context.Context, address string, client *http.Client, now time.Time) []Finding {
	const what = "public url"
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return []Finding{fail(what, fmt.Sprintf("%q is no web address", address), "set public_url, such as https://nurture.example.com")}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(address, "/")+"/healthz", nil)
	if err != nil {
		return []Finding{fail(what, err.Error(), "set public_url, such as https://nurture.example.com")}
	}
	findings := []Finding{scheme(u)}
	response, err := client.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		var dns *net.DNSError
		if errors.As(err, &dns) && !dns.IsNotFound {
			return append(findings, unclear(what, err, dnsFix))
		}
		return append(findings, fail(what, address+" is not reached from here: "+err.Error(), publicRemedies.fix(err)))
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // a body cut short is not "ok", which is said below
	findings = append(findings, health(address, response, strings.TrimSpace(string(body))))
	if response.TLS != nil && len(response.TLS.PeerCertificates) > 0 {
		findings = append(findings, certificate("public url certificate", response.TLS.PeerCertificates[0], now))
	}
	return findings
}

// scheme judges the address itself. One-click unsubscription demands https (RFC 8058, section 3.1).
func scheme(u *url.URL) Finding {
	const what = "public url https"
	switch {
	case tlsclient.Loopback(u.Hostname()):
		return warn(what, u.Host+" is this machine: neither leads nor providers reach it", "set public_url to the https address that the world sees")
	case u.Scheme != "https":
		return fail(what, "one-click unsubscription needs https (RFC 8058), and mailbox providers check", "give the proxy a certificate and write https in public_url")
	}
	return good(what, "%s", u.Host)
}

func health(address string, response *http.Response, body string) Finding {
	const what = "public url"
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return fail(what, fmt.Sprintf("%s answers with a redirect to %s", address, response.Header.Get("Location")),
			"write the address behind the redirect: a one-click POST does not follow one (RFC 8058)")
	case response.StatusCode == http.StatusServiceUnavailable:
		return fail(what, "nurture serve answers, and says that it is not well: "+body, "see its log: mostly it cannot reach the database")
	case response.StatusCode != http.StatusOK, body != "ok":
		return fail(what, fmt.Sprintf("%s/healthz answers HTTP %d, and not as nurture does", address, response.StatusCode),
			"point the proxy of public_url at nurture serve, and let it pass /healthz, /u/ and /twilio/")
	}
	return good(what, "%s answers", address)
}
