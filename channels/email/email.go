// Package email sends mail: over pooled SMTP connections (SMTP), or into a folder when no server is configured (Files).
//
// # What is known when
//
// The one moment that matters is the final dot, the line that ends a message on the wire (RFC 5321, section 4.1.1.4):
// before it the server must not deliver, behind it the server may have delivered whatever becomes of the connection. So
// every fault before the dot is Temporary or Permanent, and a lost answer behind it is Unknown. The send journal marks the
// same moment for the case that the process does not live to tell.
package email

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"nurture/internal/tlsclient"
)

// The values of Config.TLS.
const (
	TLSStart         = "starttls"      // required; the default
	TLSImplicit      = "implicit"      // TLS from the first byte, usually port 465
	TLSOpportunistic = "opportunistic" // STARTTLS where offered; a certificate that does not verify still fails
	TLSNone          = "none"
)

// The values of Config.Auth.
const (
	AuthAuto  = "auto" // the default: PLAIN, LOGIN, SCRAM or CRAM-MD5, as offered; none while Username is ""
	AuthPlain = "plain"
	AuthLogin = "login"
	AuthNone  = "none"
)

// Config is one SMTP account. Printing or logging it shows neither the password nor the key.
type Config struct {
	Host      string // name or IP address of the server
	Port      int    // 0 is 465 for TLSImplicit, else 587
	Username  string
	Password  string
	TLS       string // TLSStart ("" too), TLSImplicit, TLSOpportunistic, TLSNone
	CACert    string // path of a PEM file with more authorities to trust; "" trusts the system's alone
	LocalName string // what we call ourselves in EHLO, a host name; "" is the machine's
	// Connections is how many may be open at once; 0 is 8.
	Connections int
	// MessagesPerConnection renews a connection after so many messages, as many servers demand; 0 is 100.
	MessagesPerConnection int
	// Timeout is for connecting and for each command; 0 is 60 s. AnswerTimeout is for the answer to a whole message, where
	// impatience costs an Unknown; 0 is the 10 minutes of RFC 5321, section 4.5.3.2.6.
	Timeout       time.Duration
	AnswerTimeout time.Duration
	// IdleTimeout closes a connection that nobody used for so long; 0 is 30 s. It is real time even where the engine runs
	// on a virtual clock: the server at the other end does not.
	IdleTimeout time.Duration
	// Rest is how long nobody knocks at a server that could not be reached while no connection to it stood; 0 is 10 s.
	Rest time.Duration
	// Grace is how long a message whose final dot is written may wait for its answer once the context has ended; 0 is 5 s.
	Grace time.Duration
	Auth  string // AuthAuto ("" too), AuthPlain, AuthLogin, AuthNone
	DKIM  DKIM
}

// DKIM is a signing key (RFC 6376). The zero value does not sign.
type DKIM struct {
	Domain   string // d=, aligned with the domain of the From addresses
	Selector string // s=
	KeyPEM   string // private key, RSA of 1024 bits and more (PKCS #1 or #8) or ed25519 (PKCS #8)
}

// String describes the account without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("smtp %s (tls %s, auth %s, user %q, %d connections)", c.address(), c.TLS, c.Auth, c.Username, c.Connections)
}

// GoString is String: %#v must not show secrets either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String names the key without showing it.
func (d DKIM) String() string { return fmt.Sprintf("dkim %s._domainkey.%s", d.Selector, d.Domain) }

// GoString is String.
func (d DKIM) GoString() string { return d.String() }

// LogValue is String for slog.
func (d DKIM) LogValue() slog.Value { return slog.StringValue(d.String()) }

func (c Config) address() string { return net.JoinHostPort(c.Host, fmt.Sprint(c.Port)) }

// withDefaults fills in what is zero and reports everything that cannot work.
func (c Config) withDefaults() (Config, error) {
	orString := func(v *string, d string) {
		if *v == "" {
			*v = d
		}
	}
	orDuration := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	orString(&c.TLS, TLSStart)
	orString(&c.Auth, AuthAuto)
	orDuration(&c.Timeout, time.Minute)
	orDuration(&c.AnswerTimeout, 10*time.Minute)
	orDuration(&c.IdleTimeout, 30*time.Second)
	orDuration(&c.Rest, 10*time.Second)
	orDuration(&c.Grace, 5*time.Second)
	if c.Username == "" && c.Auth == AuthAuto {
		c.Auth = AuthNone
	}
	if c.Port == 0 {
		c.Port = 587
		if c.TLS == TLSImplicit {
			c.Port = 465
		}
	}
	if c.Connections == 0 {
		c.Connections = 8
	}
	if c.MessagesPerConnection == 0 {
		c.MessagesPerConnection = 100
	}
	return c, c.check()
}

func (c Config) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf("smtp: "+format, args...)) }
	if c.Host == "" || strings.ContainsAny(c.Host, " /\r\n\t") {
		fail("host %q is no host name: set it to your mail server's, such as smtp.example.com", c.Host)
	}
	if c.Port < 1 || c.Port > 65535 {
		fail("port %d does not exist: use 587 (starttls) or 465 (implicit)", c.Port)
	}
	switch c.TLS {
	case TLSStart, TLSImplicit, TLSOpportunistic, TLSNone:
	default:
		fail("tls %q is unknown: use starttls, implicit, opportunistic or none", c.TLS)
	}
	switch c.Auth {
	case AuthAuto, AuthPlain, AuthLogin:
		if c.TLS == TLSNone && !tlsclient.Loopback(c.Host) {
			fail("a password must not travel in the clear to %s: set tls to starttls or implicit", c.Host)
		}
		if c.Username == "" {
			fail("auth %s needs a username", c.Auth)
		}
	case AuthNone:
	default:
		fail("auth %q is unknown: use auto, plain, login or none", c.Auth)
	}
	if c.Connections < 0 || c.MessagesPerConnection < 0 || c.Timeout < 0 || c.AnswerTimeout < 0 || c.IdleTimeout < 0 || c.Rest < 0 || c.Grace < 0 {
		fail("connections and times must not be negative")
	}
	if strings.ContainsAny(c.LocalName, " \r\n\t<>") {
		fail("local name %q is no host name", c.LocalName)
	}
	return errors.Join(errs...)
}

func (c Config) tlsConfig() (*tls.Config, error) {
	conf, err := tlsclient.Config(c.Host, c.CACert)
	if err != nil {
		return nil, fmt.Errorf("smtp: ca_cert: %w", err)
	}
	return conf, nil
}
