package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"testing"
)

// OurDomain is where our mail is at home: everybody at it has a mailbox.
const OurDomain = "ourco.test"

// Prospect is what the prospects' server does with mail to an address of theirs. The zero value is a mailbox as any other.
type Prospect struct {
	Refused string // the answer to RCPT, such as "552 5.2.2 Mailbox full"; one with 4 makes our server try again until the mail expires
	Bounced string // the mail is taken and comes back with a report of theirs, such as "5.2.2 Mailbox full"
	Missing bool   // nobody has that address
	Sieve   string // script that runs on what arrives (RFC 5228)
}

// Pair is two mail servers that talk with each other, ours and the prospects', as companies' do: two Postfix instances on loopback, with
// one Dovecot for the mailboxes of both. A mail that the prospects' server never takes is reported as delayed after some seconds, and
// returned as expired some seconds later.
type Pair struct {
	*Dovecot
	Submission int // port of our server for those who send: STARTTLS and a login as any user of OurDomain demanded
	Ours       int // port of our server for other servers
	Theirs     int // port of the prospects' server, for other servers and for the prospects' mail programs alike

	prospects map[string]Prospect
	instances []*postfix
}

// StartPair starts servers that end with the test. A machine without Postfix or Dovecot, or a user who cannot become root for Postfix,
// fails the test. prospects are by address; all their domains are the prospects' server's.
func StartPair(t testing.TB, prospects map[string]Prospect) *Pair {
	t.Helper()
	p := &Pair{Dovecot: newDovecot(t), prospects: prospects}
	p.delivery = &delivery{scripts: map[string]string{}}
	for address, prospect := range prospects {
		if prospect.Sieve != "" {
			p.delivery.scripts[address] = prospect.Sieve
		}
	}
	for try := 1; ; try++ {
		stop, err := p.start(t)
		if err == nil {
			t.Cleanup(stop)
			return p
		}
		if try == tries {
			t.Fatalf("mailtest: %v\n%s", err, p.Dovecot.Log())
		}
	}
}

// start tries one set of ports.
func (p *Pair) start(t testing.TB) (stop func(), err error) {
	ports, err := freePorts(7)
	if err != nil {
		return nil, err
	}
	p.Submission, p.Ours, p.Theirs = ports[0], ports[1], ports[2]
	p.Port, p.TLS, p.delivery.lmtp, p.delivery.auth, p.delivery.relay = ports[3], ports[4], ports[5], ports[6], p.Theirs
	var running []func()
	stop = func() {
		for _, stop := range running {
			stop()
		}
	}
	p.instances = []*postfix{p.ours(), p.theirs()}
	starts := []func() (func(), error){p.Dovecot.start}
	for _, instance := range p.instances {
		starts = append(starts, func() (func(), error) { return instance.start(t) })
	}
	for _, start := range starts {
		end, err := start()
		if err != nil {
			stop()
			return nil, err
		}
		running = append(running, end)
	}
	return stop, nil
}

// ours takes mail of those who log in, for anywhere, and mail of others for our own mailboxes.
func (p *Pair) ours() *postfix {
	return &postfix{
		name: "mta." + OurDomain, ports: []int{p.Ours},
		settings: fmt.Sprintf(`
virtual_mailbox_domains = %[1]s
virtual_mailbox_maps = static:x
virtual_transport = lmtp:inet:127.0.0.1:%[2]d
transport_maps = texthash:@etc@/transport
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:%[3]d
smtpd_tls_cert_file = %[4]s/cert.pem
smtpd_tls_key_file = %[4]s/key.pem
smtpd_tls_security_level = may
`, OurDomain, p.delivery.lmtp, p.delivery.auth, p.dir),
		services: fmt.Sprintf(`
127.0.0.1:%d inet n - n - - smtpd
127.0.0.1:%d inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
`, p.Ours, p.Submission),
		tables: map[string]string{"transport": fmt.Sprintf("%s lmtp:inet:127.0.0.1:%d\n* smtp:[127.0.0.1]:%d\n", OurDomain, p.delivery.lmtp, p.Theirs)},
	}
}

// theirs takes mail for the prospects, and theirs for us.
func (p *Pair) theirs() *postfix {
	domains := map[string]bool{}
	var boxes, refused strings.Builder
	var transport strings.Builder
	fmt.Fprintf(&transport, "%s smtp:[127.0.0.1]:%d\n", OurDomain, p.Ours)
	for address, prospect := range p.prospects {
		_, domain, _ := strings.Cut(address, "@")
		domains[domain] = true
		if !prospect.Missing {
			fmt.Fprintf(&boxes, "%s x\n", address)
		}
		if prospect.Refused != "" {
			fmt.Fprintf(&refused, "%s %s\n", address, prospect.Refused)
		}
		if prospect.Bounced != "" {
			fmt.Fprintf(&transport, "%s error:%s\n", address, prospect.Bounced)
		}
	}
	var hosted strings.Builder
	for domain := range domains {
		fmt.Fprintf(&hosted, "%s x\n", domain)
	}
	return &postfix{
		name: "mx.prospects.test", ports: []int{p.Theirs},
		settings: fmt.Sprintf(`
virtual_mailbox_domains = texthash:@etc@/domains
virtual_mailbox_maps = texthash:@etc@/boxes
virtual_transport = lmtp:inet:127.0.0.1:%d
transport_maps = texthash:@etc@/transport
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access texthash:@etc@/refused, reject_unlisted_recipient, permit_mynetworks, reject
`, p.delivery.lmtp),
		services: fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd\n", p.Theirs),
		tables:   map[string]string{"domains": hosted.String(), "boxes": boxes.String(), "refused": refused.String(), "transport": transport.String()},
	}
}

// Answer hands a mail to the prospects' server, as one of their mail programs or the server's own auto-responder does; from "" is the null
// sender, which asks for no reports (RFC 5321, section 4.5.5).
func (p *Pair) Answer(t testing.TB, from, to string, message []byte) {
	t.Helper()
	err := func() error {
		client, err := smtp.Dial(net.JoinHostPort(p.Host, strconv.Itoa(p.Theirs)))
		if err != nil {
			return err
		}
		defer client.Close()
		return handOver(client, from, to, message)
	}()
	if err != nil {
		t.Fatalf("mailtest: mail of %q to %s: %v\n%s", from, to, err, p.Log())
	}
}

// Write hands a mail to our server as the mail program of one of our people does: over STARTTLS, with a login.
func (p *Pair) Write(t testing.TB, from, to string, message []byte) {
	t.Helper()
	err := func() error {
		pem, err := os.ReadFile(p.CACert)
		if err != nil {
			return err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		client, err := smtp.Dial(net.JoinHostPort(p.Host, strconv.Itoa(p.Submission)))
		if err != nil {
			return err
		}
		defer client.Close()
		if err := client.StartTLS(&tls.Config{ServerName: p.Host, RootCAs: roots}); err != nil {
			return err
		}
		if err := client.Auth(smtp.PlainAuth("", from, Password, p.Host)); err != nil {
			return err
		}
		return handOver(client, from, to, message)
	}()
	if err != nil {
		t.Fatalf("mailtest: mail of %s to %s: %v\n%s", from, to, err, p.Log())
	}
}

func handOver(client *smtp.Client, from, to string, message []byte) error {
	if err := client.Mail(from); err != nil {
		return err
	}
	if err := client.Rcpt(to); err != nil {
		return err
	}
	data, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := data.Write(message); err != nil {
		return err
	}
	if err := data.Close(); err != nil {
		return err
	}
	return client.Quit()
}

// Log is what all the servers have written so far, for failures.
func (p *Pair) Log() string {
	text := p.Dovecot.Log()
	for _, instance := range p.instances {
		text += "\n" + instance.name + ":\n" + instance.log()
	}
	return text
}
