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
	"testing"
	"time"

	"nurture/config"
)

func cert(left time.Duration) *x509.Certificate {
	return &x509.Certificate{DNSNames: []string{"mx.example.com"}, IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)}, NotAfter: noon.Add(left)}
}

func TestSMTPJudgesWhatItSees(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	well := MailServer{
		Address: "mx.example.com:587", TLS: true, Certificate: cert(80 * day), LoggedIn: true, Size: 35_000_000, Extensions: []string{"PIPELINING", "SIZE"},
	}
	tests := []struct {
		name        string
		host        string
		change      func(*MailServer)
		what        string
		level       Level
		detail, fix string
	}{
		{"reached", "mx.example.com", func(*MailServer) {}, "smtp", OK, "mx.example.com:587 takes our mail (nothing was sent)", ""},
		{"certificate", "mx.example.com", func(*MailServer) {}, "smtp certificate", OK, "for mx.example.com, 192.0.2.1, 80 days left", ""},
		{"ends soon", "mx.example.com", func(s *MailServer) { s.Certificate = cert(14*day - 1) }, "smtp certificate", Warn, "13 days left", "renew"},
		{"does not end soon", "mx.example.com", func(s *MailServer) { s.Certificate = cert(14 * day) }, "smtp certificate", OK, "14 days", ""},
		{"in the clear", "mx.example.com", func(s *MailServer) { s.Certificate, s.TLS = nil, false }, "smtp certificate", Warn, "unencrypted", "smtp.tls"},
		{"in the clear here", "127.0.0.1", func(s *MailServer) { s.Certificate, s.TLS = nil, false }, "smtp certificate", OK, "on this machine", ""},
		{"login", "mx.example.com", func(*MailServer) {}, "smtp login", OK, "accepted", ""},
		{"no login", "mx.example.com", func(s *MailServer) { s.LoggedIn = false }, "smtp login", OK, "none is configured", ""},
		{"extensions", "mx.example.com", func(*MailServer) {}, "smtp server", OK, "offers PIPELINING, SIZE; messages up to 35 MB", ""},
		{"none", "mx.example.com", func(s *MailServer) { s.Extensions, s.Size = nil, 0 }, "smtp server", OK, "no extensions; no PIPELINING; no limit", ""},
		{"small", "mx.example.com", func(s *MailServer) { s.Size = 1 << 19 }, "smtp server", Warn, "524288 bytes only", "larger"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := well
			test.change(&server)
			findings := SMTP(t.Context(), MailAccount{Host: test.host}, func(context.Context) (MailServer, error) { return server, nil }, noon)
			want(t, about(t, findings, test.what), test.level, test.what, test.detail, test.fix)
		})
	}
}

func TestConnectionErrorsHaveTheirFix(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err       error
		what, fix string
	}{
		{&net.DNSError{Err: "no such host", Name: "mx.exmaple.com", IsNotFound: true}, "smtp", `spelling of "mx.exmaple.com" in smtp.host`},
		{&net.DNSError{Err: "timeout", IsTimeout: true}, "smtp", "cannot ask DNS"},
		{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "smtp", "nothing listens"},
		{context.DeadlineExceeded, "smtp", "firewall"},
		{&net.OpError{Op: "read", Err: timeoutError{}}, "smtp", "firewall"},
		{&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: cert(0), Host: "smtp.example.com"}}, "smtp certificate", "made anew for smtp.example.com"},
		{&tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "h"}}, "smtp certificate", "(no name)"},
		{&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, "smtp certificate", "renewed"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "smtp certificate", "smtp.ca_cert"},
		{tls.RecordHeaderError{Msg: "not TLS"}, "smtp", "starttls is usually port 587"},
		{errors.New("target host does not support STARTTLS"), "smtp", "starttls is usually port 587"},
		{&textproto.Error{Code: 535, Msg: "5.7.8 bad credentials"}, "smtp login", "NURTURE_SMTP_PASSWORD"},
		{&textproto.Error{Code: 530, Msg: "login first"}, "smtp login", "NURTURE_SMTP_PASSWORD"},
		{&textproto.Error{Code: 421, Msg: "busy"}, "smtp", "check smtp.host"},
	}
	for _, test := range tests {
		err := fmt.Errorf("smtp mx.example.com:587: connecting: %w", test.err)
		findings := SMTP(t.Context(), MailAccount{Host: "mx.example.com"}, func(context.Context) (MailServer, error) { return MailServer{}, err }, noon)
		want(t, only(t, findings), Fail, test.what, err.Error(), test.fix)
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

func TestIMAP(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		box         Mailbox
		err         error
		level       Level
		detail, fix string
	}{
		{Mailbox{Idle: true, Marking: "flag $Nurtured", Messages: 12, Waiting: 3}, nil, OK, "12 messages, 3 not taken yet; taken ones: flag $Nurtured; the server tells", ""},
		{Mailbox{}, nil, OK, "no IDLE", ""},
		{Mailbox{}, errors.New("imap: login refused"), Fail, "login refused", "NURTURE_IMAP_PASSWORD_REPLIES or NURTURE_IMAP_PASSWORD"},
		{Mailbox{}, syscall.ECONNREFUSED, Fail, "refused", "below inboxes"},
		{Mailbox{}, x509.UnknownAuthorityError{}, Fail, "authority", "the mailbox's ca_cert"},
	} {
		findings := IMAP(t.Context(), "replies", "NURTURE_IMAP_PASSWORD_REPLIES", func(context.Context) (Mailbox, error) { return test.box, test.err })
		want(t, only(t, findings), test.level, "imap replies", test.detail, test.fix)
	}
}

// TestArrivals: a request to be left alone that nobody reads is the worst that can come to a mailbox.
func TestArrivals(t *testing.T) {
	t.Parallel()
	arrivals := []Arrival{{"replies", "Replies@example.com"}, {"requests to be left alone", "mara@example.com"}, {"requests to be left alone", "mara@example.com"}}
	findings := Arrivals([]string{"replies@example.com"}, arrivals)
	want(t, only(t, findings), Warn, "answers", "requests to be left alone come to mara@example.com", "mail.unsubscribe")
	for _, users := range [][]string{{"replies@example.com", "mara@example.com"}, {"replies", "mara"}} {
		want(t, only(t, Arrivals(users, arrivals)), OK, "answers", "are read", "")
	}
}

func TestVoice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		account     VoiceAccount
		err         error
		level       Level
		detail, fix string
	}{
		{VoiceAccount{Name: "Ours", Status: "active"}, nil, OK, `account "Ours" is active`, ""},
		{VoiceAccount{Status: "suspended"}, nil, Fail, "AC1 is suspended", "console"},
		{VoiceAccount{Status: "active", Trial: true}, nil, Warn, "trial", "upgrade"},
		{VoiceAccount{}, errors.New("twilio 20003 (HTTP 401): Authenticate"), Fail, "Authenticate", "NURTURE_TWILIO_AUTH_TOKEN"},
		{VoiceAccount{}, errors.New("twilio 20404 (HTTP 404): not found"), Fail, "not found", "account_sid"},
		{VoiceAccount{}, errors.New("twilio: not reached: refused"), Fail, "not reached", "api.twilio.com"},
	} {
		want(t, only(t, Voice(t.Context(), "AC1", func(context.Context) (VoiceAccount, error) { return test.account, test.err })),
			test.level, "twilio", test.detail, test.fix)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	senders := func(phones ...string) (all []config.Sender) {
		for i, p := range phones {
			all = append(all, config.Sender{Email: fmt.Sprintf("s%d@example.com", i), Phone: p})
		}
		return all
	}
	want(t, only(t, Numbers(senders("+493012345601", "", "+12025550123"))), OK, "caller ids", "+493012345601, +12025550123", "")
	want(t, only(t, Numbers(senders("", ""))), Warn, "caller ids", "no sender has a number", "phone")
	want(t, only(t, Numbers(senders("+1999"))), Fail, "caller ids", "+1999 of s0@example.com", "country code")
	want(t, only(t, Numbers(senders("030123456"))), Fail, "caller ids", "no number that exists", "country code")
	mixed := Numbers(senders("+1999", "+493012345601"))
	if len(mixed) != 2 || Count(mixed, Fail) != 1 || !strings.Contains(mixed[1].Detail, "+4930") {
		t.Errorf("got %+v", mixed)
	}
}
