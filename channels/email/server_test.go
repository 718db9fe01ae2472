package email

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"go.uber.org/goleak"

	"nurture/channels"
	"nurture/channels/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a real SMTP server on loopback that does as it is told.
type fake struct {
	script
	t        *testing.T
	port     int
	accepted atomic.Int32 // connections
	active   atomic.Int32
	logins   atomic.Int32
	dots     atomic.Int32
	quits    chan struct{} // closed when the test ends: frees what stalls
	mu       sync.Mutex
	got      []received
	conns    []net.Conn
	mails    int // MAIL commands
}

type received struct {
	from, to string
	utf8     bool
	tls      bool
	data     []byte
}

// dropAll closes every connection as a server does that is restarted.
func (f *fake) dropAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		_ = c.Close()
	}
}

// script says what goes wrong; the zero script accepts everything. A nil answer is success.
type script struct {
	onAuth         func(user, password string) error
	onMail, onRcpt func(n int, address string) error // n counts MAIL commands of the server from 1
	onDot          func(n int) error                 // the answer to the final dot
	dropBeforeDot  bool                              // reset the connection half-way in the content
	dropAfterDot   bool                              // reset it in place of the answer; the mail is kept
	stall          string                            // "mail", "dot": never answer there
	maxConnections int                               // more are refused with 421; -1 refuses all
	implicitTLS    bool
	noTLS          bool
	utf8           bool
	mechanisms     []string // offered; default PLAIN and LOGIN
}

func serve(t *testing.T, sc script) *fake {
	t.Helper()
	f := &fake{script: sc, t: t, quits: make(chan struct{})}
	server := smtp.NewServer(f)
	server.Domain = "mx.nurture.example"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = sc.utf8
	server.ErrorLog = log.New(io.Discard, "", 0)
	if !sc.noTLS {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{authority().server}}
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.port = inner.Addr().(*net.TCPAddr).Port
	var listener net.Listener = &counting{inner, f}
	if sc.implicitTLS {
		listener = tls.NewListener(listener, server.TLSConfig)
		server.TLSConfig = nil
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() {
		close(f.quits)
		_ = server.Close()
		<-done
	})
	return f
}

type counting struct {
	net.Listener
	f *fake
}

func (c *counting) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c.f.accepted.Add(1)
		if n := c.f.active.Add(1); c.f.maxConnections != 0 && int(n) > c.f.maxConnections {
			c.f.active.Add(-1)
			_, _ = io.WriteString(conn, "421 4.7.0 too many connections\r\n")
			_ = conn.Close()
			continue
		}
		c.f.mu.Lock()
		c.f.conns = append(c.f.conns, conn)
		c.f.mu.Unlock()
		return &counted{Conn: conn, f: c.f}, nil
	}
}

type counted struct {
	net.Conn
	f    *fake
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.f.active.Add(-1) })
	return c.Conn.Close()
}

func (f *fake) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{f: f, conn: c}, nil }

func (f *fake) received() []received {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]received{}, f.got...)
}

type session struct {
	f    *fake
	conn *smtp.Conn
	n    int
	mail received
}

func (s *session) AuthMechanisms() []string {
	if s.f.mechanisms != nil {
		return s.f.mechanisms
	}
	return []string{sasl.Plain, sasl.Login}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		s.f.logins.Add(1)
		if s.f.onAuth == nil {
			return nil
		}
		return s.f.onAuth(user, password)
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is LOGIN (draft-murchison-sasl-login), which go-sasl has for clients only.
type loginServer struct {
	check func(user, password string) error
	user  *string
	asked bool
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch text := string(response); {
	case !l.asked:
		l.asked = true
		return []byte("Username:"), false, nil
	case l.user == nil:
		l.user = &text
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check(*l.user, text)
	}
}

func (s *session) wait(where string) {
	if s.f.stall == where {
		<-s.f.quits
	}
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	s.f.mu.Lock()
	s.f.mails++
	s.n = s.f.mails
	s.f.mu.Unlock()
	s.wait("mail")
	_, secured := s.conn.TLSConnectionState()
	s.mail = received{from: from, utf8: o.UTF8, tls: secured}
	return ask(s.f.onMail, s.n, from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return ask(s.f.onRcpt, s.n, to)
}

func ask(rule func(int, string) error, n int, address string) error {
	if rule == nil {
		return nil
	}
	return rule(n, address)
}

func (s *session) Data(r io.Reader) error {
	if s.f.dropBeforeDot {
		_, _ = io.ReadFull(r, make([]byte, 10))
		reset(s.conn.Conn())
		return errors.New("dropped")
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.f.dots.Add(1)
	s.wait("dot")
	if s.f.onDot != nil {
		if err := s.f.onDot(s.n); err != nil {
			return err
		}
	}
	s.mail.data = data
	s.f.mu.Lock()
	s.f.got = append(s.f.got, s.mail)
	s.f.mu.Unlock()
	if s.f.dropAfterDot {
		reset(s.conn.Conn())
	}
	return nil
}

func reset(c net.Conn) { _ = c.Close() }

func (s *session) Reset()        { s.mail = received{} }
func (s *session) Logout() error { return nil }

// answer makes a scripted reply.
func answer(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// trust is a private authority and a server certificate for localhost.
type trust struct {
	server tls.Certificate
	pem    []byte
}

var authority = sync.OnceValue(func() trust {
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(err)
	var b bytes.Buffer
	must(pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return trust{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, b.Bytes()}
})

func caFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, authority().pem, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// connect makes a channel to the server: plain loopback unless change says otherwise.
func (f *fake) connect(marks *journal.Journal, change func(*Config)) *SMTP {
	f.t.Helper()
	c := Config{
		Host: "127.0.0.1", Port: f.port, TLS: TLSNone, LocalName: "client.nurture.example",
		Timeout: 10 * time.Second, AnswerTimeout: 10 * time.Second, Grace: time.Millisecond,
	}
	if change != nil {
		change(&c)
	}
	s, err := New(c, marks)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = s.Close() })
	return s
}

// message is a complete message for touch n.
func message(n int64) channels.Message {
	return channels.Message{
		TouchID: n,
		From:    channels.Party{Name: "Bo Berg", Address: "bo@nurture.example"},
		To:      channels.Party{Name: "Ann Lee", Address: "ann@example.com"},
		Subject: "Hello", Text: "Hello Ann\n", HTML: "<p>Hello Ann</p>\n",
		Mail: channels.Mail{
			MessageID:         "touch." + string(rune('a'+n%26)) + outboxName(n)[6:25] + "@nurture.example",
			Date:              time.Date(2026, 3, 9, 8, 30, 0, 0, time.FixedZone("", 3600)),
			ReplyTo:           "replies+tok@nurture.example",
			EnvelopeFrom:      "bounces+tok@nurture.example",
			UnsubscribeURL:    "https://nurture.example/u/tok",
			UnsubscribeMailto: "unsubscribe+tok@nurture.example",
		},
	}
}
