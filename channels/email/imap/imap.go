// Package imap takes mail out of a mailbox: a Watcher stays connected, hands every message that it has not handed over yet
// to a Deliver function, a few at a time, and marks it on the server once that function has committed it. It knows messages, not what they
// mean.
//
// # What is promised
//
// No message is lost: one is marked only after Deliver returned nil, so whatever happens before that (a crash, a cut
// connection, a database that is down) brings it back. A message can therefore come twice, and the second time it has the
// same ExternalID. Only when the server renumbers the mailbox (a new UIDVALIDITY, RFC 9051, section 2.3.1.1) does an
// unmarked message come back under another ExternalID; MessageID and Digest recognise it then.
//
// No message holds up the others: one that Deliver refuses, or that the server cannot hand out, is set aside and tried
// again later. And no mailbox is too large: what is in memory at once is a batch, bounded in bytes, or one larger message.
package imap

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"nurture/internal/tlsclient"
)

// The values of Config.TLS.
const (
	TLSImplicit = "implicit" // TLS from the first byte, usually port 993; the default
	TLSStart    = "starttls" // TLS from the STARTTLS command on, usually port 143; required, never skipped
	TLSNone     = "none"     // only to this machine
)

// Keyword is the flag that marks a taken message unless Processed says otherwise. IMAP keywords that begin with $ are the
// ones that programs give (RFC 9051, section 2.3.2).
const Keyword = "$Nurtured"

// Config is one mailbox. Printing or logging it does not show the password.
type Config struct {
	Host      string // name or IP address of the server
	Port      int    // 0 is 993 for TLSImplicit, else 143
	Username  string
	Password  string // any UTF-8
	TLS       string // TLSImplicit ("" too), TLSStart, TLSNone
	CACert    string // path of a PEM file with more authorities to trust; "" trusts the system's alone
	Mailbox   string // "" is INBOX
	Processed Processed
	// PollEvery is how often to look for new mail where the server cannot tell of it (no IDLE), and when to look once more
	// after mail came where it can; 0 is 60 s.
	PollEvery time.Duration
	// IdleRefresh is how often to begin IDLE anew and look all the same; 0 is 25 min: servers may log out after 30
	// (RFC 2177).
	IdleRefresh time.Duration
	// MaxSize is up to how many bytes a message is taken whole; 0 is 25 MB. Of a larger one Deliver gets the beginning.
	MaxSize int64
	// Batch and BatchBytes are how many messages one command asks for and Deliver gets at once, and how many bytes together;
	// what is larger is asked for alone. 0 is 20 messages and 1 MB. They trade round trips for how much comes twice after a
	// crash.
	Batch      int
	BatchBytes int64
	// Timeout is how long the server may be silent while it owes an answer; 0 is 60 s. It is real time even where the
	// engine runs on a virtual clock: the server at the other end does not.
	Timeout time.Duration
}

// Processed says how a taken message is marked. The zero value sets Keyword.
type Processed struct {
	// Keyword is the flag to set; "" is Keyword. A server that keeps no keywords gets \Seen instead, and then a message that
	// a person has opened first is taken for a marked one: better move there.
	Keyword string
	// MoveTo is a folder to move taken messages to, made when missing; "" leaves them where they are.
	MoveTo string
}

// String describes the mailbox without its secret.
func (c Config) String() string {
	return fmt.Sprintf("imap %s (tls %s, port %d)", c.Name(), c.TLS, c.Port)
}

// GoString is String: %#v must not show secrets either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Config) address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// Name is the mailbox as Item.Mailbox, Status, Options.Tell and ExternalIDs spell it: user@host/folder.
func (c Config) Name() string { return c.Username + "@" + c.Host + "/" + c.Mailbox }

// withDefaults fills in what is zero and reports everything that cannot work.
func (c Config) withDefaults() (Config, error) {
	or(&c.TLS, TLSImplicit)
	or(&c.Mailbox, "INBOX")
	or(&c.PollEvery, time.Minute)
	or(&c.IdleRefresh, 25*time.Minute)
	or(&c.MaxSize, 25<<20)
	or(&c.Batch, 20)
	or(&c.BatchBytes, 1<<20)
	or(&c.Timeout, time.Minute)
	or(&c.Processed.Keyword, Keyword)
	if c.TLS == TLSImplicit {
		or(&c.Port, 993)
	}
	or(&c.Port, 143)
	if strings.EqualFold(c.Mailbox, "INBOX") { // the one name that is the same in any case: ExternalIDs must agree too
		c.Mailbox = "INBOX"
	}
	return c, c.check()
}

func or[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

func (c Config) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf("imap: "+format, args...)) }
	if c.Host == "" || strings.ContainsAny(c.Host, " /\r\n\t") {
		fail("host %q is no host name: set it to your mail server's, such as imap.example.com", c.Host)
	}
	if c.Port < 1 || c.Port > 65535 {
		fail("port %d does not exist: use 993 (implicit) or 143 (starttls)", c.Port)
	}
	switch c.TLS {
	case TLSImplicit, TLSStart:
	case TLSNone:
		if !tlsclient.Loopback(c.Host) {
			fail("a password must not travel in the clear to %s: set tls to implicit or starttls", c.Host)
		}
	default:
		fail("tls %q is unknown: use implicit, starttls or none", c.TLS)
	}
	if c.Username == "" || c.Password == "" {
		fail("%s needs a username and a password", c.Host)
	}
	if strings.ContainsAny(c.Username+c.Password+c.Mailbox+c.Processed.MoveTo, "\r\n\x00") {
		fail("username, password and folder names hold no line breaks and no NUL")
	}
	if !isKeyword(c.Processed.Keyword) {
		fail("the mark %q is no IMAP keyword: use letters, digits, $, - and _", c.Processed.Keyword)
	}
	if c.Processed.MoveTo == c.Mailbox {
		fail("taken messages cannot move to %s, where they come from: name another folder", c.Mailbox)
	}
	if c.PollEvery < 0 || c.IdleRefresh < 0 || c.MaxSize < 0 || c.Batch < 0 || c.BatchBytes < 0 || c.Timeout < 0 {
		fail("times and sizes must not be negative")
	}
	return errors.Join(errs...)
}

// isKeyword is narrower than flag-keyword of RFC 9051, section 9: what every server takes.
func isKeyword(s string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("$-_", r):
		default:
			return false
		}
	}
	return s != ""
}

func (c Config) tlsConfig() (*tls.Config, error) {
	conf, err := tlsclient.Config(c.Host, c.CACert)
	if err != nil {
		return nil, fmt.Errorf("imap: ca_cert: %w", err)
	}
	return conf, nil
}
