package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"nurture/internal/tlsclient"
)

// MailServer is what a mail server that was logged in to showed of itself.
type MailServer struct {
	Address     string // host and port
	TLS         bool
	Certificate *x509.Certificate // nil without TLS
	LoggedIn    bool              // false: none is configured
	Extensions  []string
	Size        int64 // the largest message in bytes; 0: the server names none
}

// smallestSize is what every mail of ours fits in.
const smallestSize = 1 << 20

// MailAccount is an account for outgoing mail, for the words of findings.
type MailAccount struct {
	Name     string // of its sender; "" for the one of all senders
	Host     string
	Variable string // what holds its password, beside NURTURE_SMTP_PASSWORD; "" none
}

// what names something of the account.
func (a MailAccount) what(kind string) string {
	if a.Name == "" {
		return kind
	}
	return kind + " " + a.Name
}

func (a MailAccount) remedies() remedies {
	r := remedies{
		address: "smtp.host and smtp.port (NURTURE_SMTP_HOST, NURTURE_SMTP_PORT)",
		login:   "check smtp.username and NURTURE_SMTP_PASSWORD; many providers want a password made for this program",
		trust:   "name its PEM file in smtp.ca_cert (NURTURE_SMTP_CA_CERT)",
		tls:     "let smtp.tls and smtp.port agree: starttls is usually port 587, implicit 465",
	}
	if a.Name != "" {
		r.address = "host and port of the smtp of " + a.Name
		r.login = "check the username in the smtp of " + a.Name + ", and its password in " + a.Variable +
			" or NURTURE_SMTP_PASSWORD; many providers want a password made for this program"
		r.trust = "name its PEM file in ca_cert of the smtp of " + a.Name
		r.tls = "let tls and port of the smtp of " + a.Name + " agree: starttls is usually port 587, implicit 465"
	}
	return r
}

// SMTP judges a mail server for outgoing mail. inspect connects, encrypts, logs in, and sends nothing.
func SMTP(ctx context.Context, account MailAccount, inspect func(context.Context) (MailServer, error), now time.Time) []Finding {
	server, err := inspect(ctx)
	if err != nil {
		what := "smtp"
		var answer *textproto.Error
		if errors.As(err, &answer) && answer.Code >= 530 && answer.Code <= 538 {
			what = "smtp login"
		} else if isCertificate(err) {
			what = "smtp certificate"
		}
		return []Finding{fail(account.what(what), err.Error(), account.remedies().fix(err))}
	}
	findings := []Finding{good(account.what("smtp"), "%s takes our mail (nothing was sent)", server.Address)}
	encryption := account.what("smtp certificate")
	switch {
	case server.Certificate != nil:
		findings = append(findings, certificate(encryption, server.Certificate, now))
	case tlsclient.Loopback(account.Host):
		findings = append(findings, good(encryption, "not encrypted, on this machine"))
	default:
		findings = append(findings, warn(encryption, "mail leaves unencrypted", "set smtp.tls to starttls or implicit"))
	}
	login := "accepted"
	if !server.LoggedIn {
		login = "none is configured, and the server asks for none so far"
	}
	findings = append(findings, good(account.what("smtp login"), "%s", login))
	return append(findings, extensions(account.what("smtp server"), server))
}

// isCertificate recognises certificates that do not verify.
func isCertificate(err error) bool {
	return errors.As(err, new(x509.HostnameError)) || errors.As(err, new(x509.CertificateInvalidError)) || errors.As(err, new(x509.UnknownAuthorityError))
}

func extensions(what string, server MailServer) Finding {
	offers := "offers " + strings.Join(server.Extensions, ", ")
	if len(server.Extensions) == 0 {
		offers = "offers no extensions"
	}
	if !slices.Contains(server.Extensions, "PIPELINING") {
		offers += "; no PIPELINING"
	}
	switch {
	case server.Size == 0:
		return good(what, "%s; no limit of size", offers)
	case server.Size < smallestSize:
		return warn(what, fmt.Sprintf("%s; messages up to %d bytes only", offers, server.Size), "ask for a larger limit: a mail with its HTML part may not fit")
	}
	return good(what, "%s; messages up to %d MB", offers, server.Size/1_000_000)
}

// Mailbox is what a mailbox that was logged in to showed of itself.
type Mailbox struct {
	Idle     bool   // the server tells of new mail
	Marking  string // how taken messages are marked, in words
	Messages int    // in the mailbox
	Waiting  int    // of these, not taken yet
}

// IMAP judges a mailbox that answers arrive in; name is its user. inspect changes nothing. variable holds its password.
func IMAP(ctx context.Context, name, variable string, inspect func(context.Context) (Mailbox, error)) []Finding {
	what := "imap " + name
	box, err := inspect(ctx)
	if err != nil {
		login := "check the user, the folder, and the password in " + variable + " or NURTURE_IMAP_PASSWORD"
		r := remedies{
			address: "host and port of this mailbox below inboxes", login: login, trust: "name its PEM file in the mailbox's ca_cert",
			tls: "let tls and port of the mailbox agree: implicit is usually port 993, starttls 143",
		}
		fix := r.fix(err)
		if fix == "check "+r.address { // none of the network's faults
			fix = login
		}
		return []Finding{fail(what, err.Error(), fix)}
	}
	news := "the server tells of new mail"
	if !box.Idle {
		news = "asked for new mail every minute (no IDLE)"
	}
	return []Finding{good(what, "%d messages, %d not taken yet; taken ones: %s; %s", box.Messages, box.Waiting, box.Marking, news)}
}

// Arrival is an address to which our mail has answers come.
type Arrival struct{ What, Address string } // What comes there, such as "replies"

// Arrivals judges whether what comes back is read. users are those of the mailboxes that are: their addresses, or what stands before the "@". An alias looks
// unread from here; nobody but its owner knows where it leads.
func Arrivals(users []string, arrivals []Arrival) []Finding {
	const what = "answers"
	read := func(address string) bool {
		local, _, _ := strings.Cut(address, "@")
		return slices.ContainsFunc(users, func(user string) bool { return strings.EqualFold(user, address) || strings.EqualFold(user, local) })
	}
	var findings []Finding
	told := map[Arrival]bool{}
	for _, a := range arrivals {
		if told[a] || read(a.Address) {
			continue
		}
		told[a] = true
		findings = append(findings, warn(what, fmt.Sprintf("%s come to %s, and no mailbox of that name is read", a.What, a.Address),
			"add that mailbox to inboxes, or name one that is read in mail.replies, mail.bounces and mail.unsubscribe; where it is an alias of one, all is well"))
	}
	if len(findings) == 0 {
		findings = append(findings, good(what, "replies, bounces and requests to be left alone come to mailboxes that are read"))
	}
	return findings
}
