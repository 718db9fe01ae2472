package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"nurture/channels/email"
	"nurture/channels/email/imap"
	"nurture/config"
	"nurture/internal/dnsname"
	"nurture/internal/tlsclient"
	"nurture/web"
	"nurture/web/api"
)

// environment is what NURTURE_… variables say; they override nurture.yaml. Zero values say nothing.
type environment struct {
	smtpHost, smtpUsername, smtpTLS, smtpCACert string
	smtpPort, smtpConnections                   int
	smtpPassword                                func(username string) string
	twilioAccount, twilioToken, twilioBaseURL   string
	publicURL, inboundToken                     string
	imapHost, imapUsername, imapTLS, imapCACert string
	imapPort                                    int
	enrichmentSecrets                           []api.Secret
	imapPassword                                func(username string) string
	oidcIssuer, oidcClientID                    string
	oidcClientSecret, oidcSecretFile            string
	proxies                                     web.Proxies
	configDir                                   string // where a relative smtp.dkim.key_file begins
}

// environment reads the variables of this call. A misspelt one, or one that names a file that cannot be read, is a mistake, too.
func (a *app) environment() (environment, error) {
	e, err := readEnvironment(a.getenv)
	e.configDir = a.configDir
	return e, errors.Join(err, e.authorities(), misspeltVariables(a.environ()))
}

// authorities looks whether the files with authorities to trust can be read, so that the variable is named and not the file alone.
func (e environment) authorities() error {
	var errs []error
	for name, file := range map[string]string{"NURTURE_SMTP_CA_CERT": e.smtpCACert, "NURTURE_IMAP_CA_CERT": e.imapCACert} {
		if _, err := tlsclient.Config("", file); err != nil {
			errs = append(errs, hint(failf("%s: %w", name, err), "%s is the path of a PEM file with the certificates of the authority", name))
		}
	}
	return errors.Join(errs...)
}

// smtpModes are the values of NURTURE_SMTP_TLS.
var smtpModes = []string{email.TLSStart, email.TLSImplicit, email.TLSOpportunistic, email.TLSNone}

// imapModes are the values of NURTURE_IMAP_TLS.
var imapModes = []string{imap.TLSImplicit, imap.TLSStart, imap.TLSNone}

// readEnvironment reads the variables. Every mistake is named, with its variable.
func readEnvironment(getenv func(string) string) (environment, error) {
	var errs []error
	wrong := func(name, value, want string) {
		errs = append(errs, fmt.Errorf("%s is %q: it must be %s", name, value, want))
	}
	number := func(name string, most int) int {
		value := getenv(name)
		if value == "" {
			return 0
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > most {
			wrong(name, value, fmt.Sprintf("a whole number from 1 to %d", most))
		}
		return n
	}
	address := func(name string) string {
		value := strings.TrimRight(getenv(name), "/")
		u, err := url.Parse(value)
		if value != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			wrong(name, value, "a web address such as https://nurture.example.com")
			return value
		}
		return dnsname.URL(u)
	}
	e := environment{
		smtpHost: getenv("NURTURE_SMTP_HOST"), smtpUsername: getenv("NURTURE_SMTP_USERNAME"),
		smtpTLS: getenv("NURTURE_SMTP_TLS"), smtpCACert: getenv("NURTURE_SMTP_CA_CERT"),
		smtpPort: number("NURTURE_SMTP_PORT", 65535), smtpConnections: number("NURTURE_SMTP_CONNECTIONS", 1000),
		twilioAccount: getenv("NURTURE_TWILIO_ACCOUNT_SID"), twilioToken: getenv("NURTURE_TWILIO_AUTH_TOKEN"),
		twilioBaseURL: address("NURTURE_TWILIO_BASE_URL"), publicURL: address("NURTURE_PUBLIC_URL"), inboundToken: getenv("NURTURE_INBOUND_TOKEN"),
		imapHost: getenv("NURTURE_IMAP_HOST"), imapPort: number("NURTURE_IMAP_PORT", 65535), imapUsername: getenv("NURTURE_IMAP_USERNAME"),
		imapTLS: getenv("NURTURE_IMAP_TLS"), imapCACert: getenv("NURTURE_IMAP_CA_CERT"),
		oidcIssuer: getenv("NURTURE_OIDC_ISSUER"), oidcClientID: getenv("NURTURE_OIDC_CLIENT_ID"),
		oidcClientSecret: getenv("NURTURE_OIDC_CLIENT_SECRET"), oidcSecretFile: getenv("NURTURE_OIDC_CLIENT_SECRET_FILE"),
		smtpPassword: func(username string) string {
			return cmp.Or(getenv(smtpVariable(username)), getenv("NURTURE_SMTP_PASSWORD"))
		},
		imapPassword: func(username string) string {
			return cmp.Or(getenv(imapVariable(username)), getenv("NURTURE_IMAP_PASSWORD"))
		},
	}
	for _, text := range strings.Fields(getenv("NURTURE_ENRICHMENT_SECRET")) {
		secret, err := api.ParseSecret(text)
		if err != nil { // which is not repeated: it may be one but for a letter
			errs = append(errs, errors.New("NURTURE_ENRICHMENT_SECRET must be one or several of whsec_ and, in base64, 24 to 64 random bytes, with spaces between them"))
			break
		}
		e.enrichmentSecrets = append(e.enrichmentSecrets, secret)
	}
	e.proxies.Trusted = prefixes(getenv("NURTURE_TRUSTED_PROXIES"), wrong)
	switch header := getenv("NURTURE_PROXY_HEADER"); strings.ToLower(header) {
	case "", "x-forwarded-for":
	case "forwarded":
		e.proxies.Forwarded = true
	default:
		wrong("NURTURE_PROXY_HEADER", header, "X-Forwarded-For or Forwarded")
	}
	if e.imapTLS != "" && !slices.Contains(imapModes, e.imapTLS) {
		wrong("NURTURE_IMAP_TLS", e.imapTLS, "one of "+strings.Join(imapModes, ", "))
	}
	if strings.ContainsAny(e.imapHost, ":/ ") && !strings.HasPrefix(e.imapHost, "[") && strings.Count(e.imapHost, ":") < 2 {
		wrong("NURTURE_IMAP_HOST", e.imapHost, "a host name or an IP address; the port has a variable of its own, NURTURE_IMAP_PORT")
	}
	for _, name := range []string{"NURTURE_IMAP_PORT", "NURTURE_IMAP_USERNAME", "NURTURE_IMAP_TLS", "NURTURE_IMAP_CA_CERT"} {
		if value := getenv(name); e.imapHost == "" && value != "" {
			wrong(name, value, "given together with NURTURE_IMAP_HOST, or not at all")
		}
	}
	if e.imapHost != "" && e.imapUsername == "" {
		wrong("NURTURE_IMAP_USERNAME", "", "the user of the mailbox on NURTURE_IMAP_HOST")
	}
	if strings.ContainsAny(e.smtpHost, ":/ ") && !strings.HasPrefix(e.smtpHost, "[") && strings.Count(e.smtpHost, ":") < 2 {
		wrong("NURTURE_SMTP_HOST", e.smtpHost, "a host name or an IP address; the port has a variable of its own, NURTURE_SMTP_PORT")
	}
	if u, err := url.Parse(e.oidcIssuer); e.oidcIssuer != "" && (err != nil || u.Host == "" || u.Scheme != "https" && !tlsclient.Loopback(u.Hostname())) {
		wrong("NURTURE_OIDC_ISSUER", e.oidcIssuer, "an https address such as https://login.example.com")
	}
	if e.oidcClientSecret != "" && e.oidcSecretFile != "" {
		wrong("NURTURE_OIDC_CLIENT_SECRET_FILE", e.oidcSecretFile, "given in place of NURTURE_OIDC_CLIENT_SECRET, not beside it")
	}
	if e.smtpTLS != "" && !slices.Contains(smtpModes, e.smtpTLS) {
		wrong("NURTURE_SMTP_TLS", e.smtpTLS, "one of "+strings.Join(smtpModes, ", "))
	}
	return e, errors.Join(errs...)
}

// prefixes reads networks and single addresses, with commas or spaces between them.
func prefixes(list string, wrong func(name, value, want string)) []netip.Prefix {
	var found []netip.Prefix
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(text)
		if single, singleErr := netip.ParseAddr(text); singleErr == nil {
			network, err = netip.PrefixFrom(single, single.BitLen()), nil
		}
		if err != nil || network != network.Masked() || network.Addr().Is4In6() {
			wrong("NURTURE_TRUSTED_PROXIES", text, "networks or addresses of your proxies, such as 10.0.0.0/8, 2001:db8::7, with commas between them")
			continue
		}
		found = append(found, network)
	}
	return found
}

// smtp is the common mail account; nil writes mail to files.
func (e environment) smtp(s config.Settings) (*email.Config, error) {
	c := email.Config{TLS: email.TLSStart}
	if s.SMTP != nil {
		var err error
		if c, err = e.written(*s.SMTP); err != nil {
			return nil, err
		}
	}
	if e.smtpHost != "" {
		c.Host = e.smtpHost
	}
	if e.smtpTLS != "" {
		c.TLS, c.Port = e.smtpTLS, 0 // the port follows the mode unless it is given too
	}
	c.Username = cmp.Or(e.smtpUsername, c.Username)
	c.CACert = cmp.Or(e.smtpCACert, c.CACert)
	c.Port = cmp.Or(e.smtpPort, c.Port)
	c.Connections = cmp.Or(e.smtpConnections, c.Connections)
	if c.Host == "" {
		return nil, e.hostless()
	}
	return e.withPassword(c)
}

// hostless is the error of variables that say how to reach a mail server while nothing says which: without it their mail would be written to files, and
// count as sent. A password alone may be there for later.
func (e environment) hostless() error {
	for _, v := range []struct {
		name string
		set  bool
	}{
		{"NURTURE_SMTP_PORT", e.smtpPort != 0},
		{"NURTURE_SMTP_USERNAME", e.smtpUsername != ""},
		{"NURTURE_SMTP_TLS", e.smtpTLS != ""},
		{"NURTURE_SMTP_CA_CERT", e.smtpCACert != ""},
		{"NURTURE_SMTP_CONNECTIONS", e.smtpConnections != 0},
	} {
		if v.set {
			return hint(failf("%s is set, and no mail server is named: mail would be written to files, and count as sent", v.name),
				"set NURTURE_SMTP_HOST, or write smtp in %s and apply it; without a mail server unset it", config.SettingsFile)
		}
	}
	return nil
}

// dkim reads the signing key. It is read anew for each batch of mail, so that a new key needs no restart; a key that cannot be read
// stops mail rather than letting it go unsigned.
func (e environment) dkim(y config.DKIM) (email.DKIM, error) {
	key, err := os.ReadFile(e.keyPath(y))
	if err != nil {
		return email.DKIM{}, hint(failf("the DKIM key cannot be read: %w", err),
			"smtp.dkim.key_file in %s names the file with the private key, absolute or from the configuration folder", config.SettingsFile)
	}
	return email.DKIM{Domain: y.Domain, Selector: y.Selector, KeyPEM: string(key)}, nil
}

func (e environment) keyPath(y config.DKIM) string {
	if filepath.IsAbs(y.KeyFile) {
		return y.KeyFile
	}
	return filepath.Join(e.configDir, y.KeyFile)
}

// twilioAccount is the voice account to use.
type twilioAccount struct {
	sid, token, baseURL, publicURL string
}

// twilio is the voice account to use; nil writes voicemails to files.
func (e environment) twilio(s config.Settings) (*twilioAccount, error) {
	t := twilioAccount{token: e.twilioToken, publicURL: e.public(s)}
	if y := s.Twilio; y != nil {
		t.sid, t.baseURL = y.AccountSID, y.BaseURL
	}
	if e.twilioAccount != "" {
		t.sid = e.twilioAccount
	}
	if e.twilioBaseURL != "" {
		t.baseURL = e.twilioBaseURL
	}
	if t.sid == "" {
		return nil, nil
	}
	if t.token == "" {
		return nil, hint(failf("a Twilio account is configured (%s), and there is no token", t.sid), "set NURTURE_TWILIO_AUTH_TOKEN")
	}
	return &t, nil
}

// public is where leads and providers reach us.
func (e environment) public(s config.Settings) string {
	if e.publicURL != "" {
		return e.publicURL
	}
	return s.PublicURL
}
