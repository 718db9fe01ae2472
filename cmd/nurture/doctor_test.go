package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"nurture/config"
	"nurture/internal/doctor"
	"nurture/internal/pgtest"
	"nurture/internal/sandbox/phone"
	"nurture/store"
)

// selfSigned makes a certificate for a host, and the PEM file of its authority, which is itself.
func selfSigned(t *testing.T, host string, until time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: until.AddDate(-1, 0, 0), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, writePEM(t, "CERTIFICATE", der)
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// mailServer is a real SMTP server that knows one password and fails the test when a mail begins.
type mailServer struct{ t *testing.T }

func (m mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return m, nil }
func (m mailServer) AuthMechanisms() []string                    { return []string{sasl.Plain} }
func (m mailServer) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		if password != "corr3ct" {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "bad credentials"}
		}
		return nil
	}), nil
}

func (m mailServer) Mail(string, *smtp.MailOptions) error {
	m.t.Error("a mail was begun")
	return nil
}
func (m mailServer) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (m mailServer) Data(io.Reader) error                 { return nil }
func (m mailServer) Reset()                               {}
func (m mailServer) Logout() error                        { return nil }

// serveSMTP starts the server; a nil certificate offers no STARTTLS. It returns its port.
func serveSMTP(t *testing.T, certificate *tls.Certificate, implicit bool, size int64) string {
	t.Helper()
	server := smtp.NewServer(mailServer{t})
	server.Domain, server.AllowInsecureAuth, server.MaxMessageBytes = "mx.test", true, size
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	if certificate != nil {
		config := &tls.Config{Certificates: []tls.Certificate{*certificate}}
		if implicit {
			listener = tls.NewListener(listener, config)
		} else {
			server.TLSConfig = config
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return port
}

// patient are the options of a check-up whose variables are the given pairs. Nobody answers questions of DNS.
func patient(t *testing.T, dir string, pairs ...string) *doctorOptions {
	t.Helper()
	a := &app{configDir: dir, dataDir: t.TempDir(), system: system{
		now: time.Now, realNow: time.Now, getenv: variables(pairs...), environ: func() []string { return nil }, stdout: io.Discard, stderr: io.Discard,
	}}
	return &doctorOptions{app: a, timeout: 20 * time.Second, dns: "127.0.0.1:1"}
}

func has(t *testing.T, findings []doctor.Finding, level doctor.Level, what, detail, fix string) {
	t.Helper()
	for _, f := range findings {
		if f.Level == level && f.What == what && strings.Contains(f.Detail, detail) && strings.Contains(f.Fix, fix) {
			return
		}
	}
	t.Errorf("no finding is %s %q …%q… with the fix …%q…: %+v", level, what, detail, fix, findings)
}

func TestDoctorOnMailServers(t *testing.T) {
	t.Parallel()
	year := time.Now().AddDate(0, 6, 0)
	right, rightCA := selfSigned(t, "localhost", year)
	soon, soonCA := selfSigned(t, "localhost", time.Now().Add(30*time.Hour))
	expired, expiredCA := selfSigned(t, "localhost", time.Now().Add(-time.Hour))
	named, namedCA := selfSigned(t, "mx.example.com", year)
	starttls := func(c *tls.Certificate) string { return serveSMTP(t, c, false, 35_000_000) }
	tests := []struct {
		name              string
		port, mode, ca    string
		password          string
		level             doctor.Level
		what, detail, fix string
	}{
		{"starttls", starttls(&right), "starttls", rightCA, "corr3ct", doctor.OK, "smtp certificate", "for localhost, 1", ""},
		{"implicit", serveSMTP(t, &right, true, 0), "implicit", rightCA, "corr3ct", doctor.OK, "smtp certificate", "for localhost", ""},
		{"login", starttls(&right), "starttls", rightCA, "corr3ct", doctor.OK, "smtp login", "accepted", ""},
		{"extensions", starttls(&right), "starttls", rightCA, "corr3ct", doctor.OK, "smtp server", "offers PIPELINING, SIZE, 8BITMIME, ENHANCEDSTATUSCODES; messages up to 35 MB", ""},
		{"small", serveSMTP(t, &right, false, 1000), "starttls", rightCA, "corr3ct", doctor.Warn, "smtp server", "1000 bytes only", "larger"},
		{"wrong password", starttls(&right), "starttls", rightCA, "wrong", doctor.Fail, "smtp login", "535", "NURTURE_SMTP_PASSWORD"},
		{"ends soon", starttls(&soon), "starttls", soonCA, "corr3ct", doctor.Warn, "smtp certificate", "1 days left", "renew"},
		{"expired", starttls(&expired), "starttls", expiredCA, "corr3ct", doctor.Fail, "smtp certificate", "expired", "renewed"},
		{"expired, implicit", serveSMTP(t, &expired, true, 0), "implicit", expiredCA, "corr3ct", doctor.Fail, "smtp certificate", "expired", "renewed"},
		{"wrong name", starttls(&named), "starttls", namedCA, "corr3ct", doctor.Fail, "smtp certificate", "mx.example.com", "made anew for localhost"},
		{"unknown authority", starttls(&right), "starttls", "", "corr3ct", doctor.Fail, "smtp certificate", "unknown authority", "NURTURE_SMTP_CA_CERT"},
		{"no STARTTLS", starttls(nil), "starttls", "", "corr3ct", doctor.Fail, "smtp", "STARTTLS", "implicit 465"},
		{"not TLS at once", starttls(&right), "implicit", rightCA, "corr3ct", doctor.Fail, "smtp", "TLS", "implicit 465"},
		{"nobody", "1", "starttls", "", "corr3ct", doctor.Fail, "smtp", "refused", "nothing listens"},
		{"no such authority file", starttls(&right), "starttls", "/nonexistent.pem", "corr3ct", doctor.Fail, "smtp", "nonexistent.pem", "check smtp"},
		{"no password", starttls(&right), "starttls", "", "", doctor.Fail, "smtp", "no password", "NURTURE_SMTP_PASSWORD"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := patient(t, "", "NURTURE_SMTP_HOST", "localhost", "NURTURE_SMTP_PORT", test.port, "NURTURE_SMTP_TLS", test.mode,
				"NURTURE_SMTP_USERNAME", "nurture", "NURTURE_SMTP_PASSWORD", test.password, "NURTURE_SMTP_CA_CERT", test.ca)
			findings := doctor.Run(t.Context(), o.timeout, o.outside(nil))
			has(t, findings, test.level, test.what, test.detail, test.fix)
			for _, f := range findings {
				if strings.Contains(f.Detail+f.Fix, "corr3ct") {
					t.Errorf("the password is shown: %+v", f)
				}
			}
		})
	}
}

// TestDoctorSignsWithTheConfiguredKey goes from the key file to the record to publish. That receivers could verify it is package
// doctor's to test.
func TestDoctorSignsWithTheConfiguredKey(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	file := writePEM(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	port, _ := strconv.Atoi(serveSMTP(t, nil, false, 0))
	settings := config.Settings{
		Senders: []config.Sender{{Email: "mara@example.com"}, {Email: "jonas@example.com"}},
		SMTP: &config.SMTP{
			Host: "127.0.0.1", Port: port, TLS: config.TLSNone, DKIM: &config.DKIM{Domain: "example.com", Selector: "s1", KeyFile: filepath.Base(file)},
		},
	}
	o := patient(t, filepath.Dir(file))
	findings := doctor.Run(t.Context(), o.timeout, o.outside(&config.Config{Settings: settings}))
	has(t, findings, doctor.OK, "smtp", "takes our mail", "")
	has(t, findings, doctor.Warn, "dkim s1._domainkey.example.com", "cannot tell", "--dns")
	has(t, findings, doctor.Warn, "spf example.com", "cannot tell", "--dns")
	has(t, findings, doctor.Warn, "dmarc example.com", "cannot tell", "--dns")
	has(t, findings, doctor.OK, "reverse dns", "is inside", "")
	if n := len(findings); n != doctor.Count(findings, doctor.OK)+3 {
		t.Errorf("a domain is asked for twice: %+v", findings)
	}
	env, err := o.environment()
	if err != nil {
		t.Fatal(err)
	}
	account, err := env.smtp(settings)
	if err != nil {
		t.Fatal(err)
	}
	signing := env.signingKey(*settings.SMTP.DKIM, account.DKIM)
	record, bits, err := signing.Record()
	if err != nil || bits != 2048 || signing.Mode.Perm() != 0o600 {
		t.Fatalf("%d bits, mode %v, %v", bits, signing.Mode, err)
	}
	verified := doctor.DKIM(t.Context(), published{record}, signing, "mara@example.com", time.Now())
	has(t, verified, doctor.OK, "dkim s1._domainkey.example.com", "verifies against DNS", "")

	if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	has(t, doctor.Run(t.Context(), o.timeout, o.outside(&config.Config{Settings: settings})), doctor.Fail, "smtp", "not PEM", "check smtp")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	has(t, doctor.Run(t.Context(), o.timeout, o.outside(&config.Config{Settings: settings})), doctor.Fail, "smtp", "the DKIM key cannot be read", "key_file")
}

// published is DNS with one TXT record under every name.
type published struct{ record string }

func (p published) LookupTXT(context.Context, string) ([]string, error) {
	return []string{p.record}, nil
}
func (p published) LookupHost(context.Context, string) ([]string, error) { return nil, nil }
func (p published) LookupAddr(context.Context, string) ([]string, error) { return nil, nil }

func TestDoctorOnMailboxes(t *testing.T) {
	t.Parallel()
	user := imapmemserver.NewUser("replies@example.com", "corr3ct")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps: goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapESearch: {}}, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, test := range []struct {
		name, port, mode, password string
		level                      doctor.Level
		what, detail, fix          string
	}{
		{"right", port, "none", "corr3ct", doctor.OK, "imap replies@example.com", "0 messages, 0 not taken yet", ""},
		{"wrong password", port, "none", "wrong", doctor.Fail, "imap replies@example.com", "", "NURTURE_IMAP_PASSWORD_REPLIES_EXAMPLE_COM"},
		{"no password", port, "none", "", doctor.Fail, "imap", "no password", "NURTURE_IMAP_PASSWORD"},
		{"nobody", "1", "none", "corr3ct", doctor.Fail, "imap replies@example.com", "refused", "nothing listens"},
		{"not TLS", port, "implicit", "corr3ct", doctor.Fail, "imap replies@example.com", "", "starttls 143"},
		{"bad mode", port, "bad", "corr3ct", doctor.Fail, "environment", "NURTURE_IMAP_TLS", "variables"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := patient(t, "", "NURTURE_IMAP_HOST", "127.0.0.1", "NURTURE_IMAP_PORT", test.port, "NURTURE_IMAP_TLS", test.mode,
				"NURTURE_IMAP_USERNAME", "replies@example.com", "NURTURE_IMAP_PASSWORD", test.password)
			has(t, doctor.Run(t.Context(), o.timeout, o.outside(nil)), test.level, test.what, test.detail, test.fix)
		})
	}
}

// TestDoctorOnUnreadAnswers: the sender's own mailbox is the default for requests to be left alone, also where replies go elsewhere.
func TestDoctorOnUnreadAnswers(t *testing.T) {
	t.Parallel()
	settings := config.Settings{Senders: []config.Sender{{Email: "mara@example.com"}}}
	settings.Mail.Replies, settings.Mail.Bounces = "replies@example.com", "replies@example.com"
	o := patient(t, "", "NURTURE_IMAP_HOST", "127.0.0.1", "NURTURE_IMAP_PORT", "1", "NURTURE_IMAP_TLS", "none",
		"NURTURE_IMAP_USERNAME", "replies@example.com", "NURTURE_IMAP_PASSWORD", "x")
	has(t, doctor.Run(t.Context(), o.timeout, o.outside(&config.Config{Settings: settings})), doctor.Warn, "answers",
		"requests to be left alone come to mara@example.com", "mail.unsubscribe")
}

func TestDoctorOnVoiceAccounts(t *testing.T) {
	t.Parallel()
	const sid, token = "AC00000000000000000000000000000001", "0123456789abcdef"
	stand := func(c phone.Config) string {
		c.AccountSID, c.AuthToken, c.Now = sid, token, time.Now
		s, err := phone.New(c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s.URL()
	}
	active := stand(phone.Config{})
	for _, test := range []struct {
		name, url, sid, token string
		level                 doctor.Level
		detail, fix           string
	}{
		{"right", active, sid, token, doctor.OK, "is active", ""},
		{"wrong token", active, sid, "wrong", doctor.Fail, "HTTP 401", "NURTURE_TWILIO_AUTH_TOKEN"},
		{"wrong account", active, "AC00000000000000000000000000000002", token, doctor.Fail, "HTTP 401", "account_sid"},
		{"suspended", stand(phone.Config{AccountStatus: "suspended"}), sid, token, doctor.Fail, "suspended", "console"},
		{"trial", stand(phone.Config{Trial: true}), sid, token, doctor.Warn, "trial", "upgrade"},
		{"nobody", "http://127.0.0.1:1", sid, token, doctor.Fail, "refused", "api.twilio.com"},
		{"no token", active, sid, "", doctor.Fail, "no token", "NURTURE_TWILIO_AUTH_TOKEN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := patient(t, "", "NURTURE_TWILIO_ACCOUNT_SID", test.sid, "NURTURE_TWILIO_AUTH_TOKEN", test.token, "NURTURE_TWILIO_BASE_URL", test.url,
				"NURTURE_PUBLIC_URL", "http://127.0.0.1:1")
			settings := config.Settings{Senders: []config.Sender{{Email: "mara@example.com", Phone: "+493012345601"}}}
			findings := doctor.Run(t.Context(), o.timeout, o.outside(&config.Config{Settings: settings}))
			has(t, findings, test.level, "twilio", test.detail, test.fix)
			if test.token != "" {
				has(t, findings, doctor.OK, "caller ids", "+493012345601", "")
			}
		})
	}
}

// TestDoctorOnADatabase finds what waits in a real one.
func TestDoctorOnADatabase(t *testing.T) {
	t.Parallel()
	pool, err := store.Open(t.Context(), pgtest.New(t, "cmd", migrateURL), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for _, sql := range []string{
		`INSERT INTO river_job (state, kind, queue, args, max_attempts, finalized_at, attempted_at, errors) VALUES
			('discarded', 'email_batch', 'email', '{}', 25, now(), now() - interval '1 minute', ARRAY['{"error": "older"}'::jsonb]),
			('retryable', 'email_batch', 'email', '{}', 25, NULL, now(), ARRAY['{"error": "first"}'::jsonb, '{"error": "no route\nto host"}'::jsonb]),
			('available', 'call_batch', 'call', '{}', 25, NULL, NULL, NULL), ('available', 'evaluate', 'evaluate', '{}', 25, NULL, NULL, NULL),
			('completed', 'evaluate', 'done', '{}', 25, now(), now(), NULL)`,
		`INSERT INTO river_queue (name, paused_at) VALUES ('call', '2026-03-02T12:00:00Z'), ('handoff', NULL), ('voicemail', now())`,
		`INSERT INTO leads (key, created_at, updated_at) VALUES ('nobody', now(), now())`,
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for id, seen := range map[string]time.Time{"living": now, "dead": now.Add(-time.Hour)} {
		if err := store.SeeWorker(t.Context(), pool, store.Worker{ID: id, Host: "h", PID: 1, StartedAt: seen, SeenAt: seen}); err != nil {
			t.Fatal(err)
		}
	}
	d := doctor.Database{DB: pool, RealNow: time.Now, Needs: 100_000, SchemaOld: func(ctx context.Context) (bool, error) { return schemaOld(ctx, pool) }}
	findings := doctor.Run(t.Context(), 20*time.Second, []doctor.Check{{What: "database", Look: d.Server}, {What: "schema", Look: d.Schema}, {What: "work", Look: d.Work}})
	has(t, findings, doctor.OK, "database", "PostgreSQL 1", "")
	has(t, findings, doctor.OK, "clock", "differ by", "")
	has(t, findings, doctor.Warn, "connections", "another worker takes up to 100000", "max_connections")
	has(t, findings, doctor.OK, "schema", "up to date", "")
	has(t, findings, doctor.Warn, "queues", "email: 1 jobs failed and are tried again, 1 for good; the last error: no route to host", "mend")
	has(t, findings, doctor.Warn, "queues", "call is paused since 2026-03-02T12:00:00Z: 1 jobs wait", "resume")
	has(t, findings, doctor.Warn, "queues", "voicemail is paused", "resume")
	has(t, findings, doctor.OK, "unknown touches", "", "")
	has(t, findings, doctor.OK, "unmatched mail", "", "")
	has(t, findings, doctor.Warn, "leaks", "1 leads", "nurture leads leaks")
	has(t, findings, doctor.Warn, "workers", "1 alive; silent: dead", "data folder")
	if n := len(findings); n != 11 {
		t.Errorf("%d findings: %+v", n, findings)
	}
	d.RealNow = func() time.Time { return time.Now().Add(-90 * time.Second) }
	has(t, d.Server(t.Context()), doctor.Fail, "clock", "differ by 1m", "NTP")
	pool.Close()
	has(t, d.Server(t.Context()), doctor.Fail, "database", "closed", "server")
	has(t, d.Work(t.Context()), doctor.Fail, "queues", "closed", "tables")
}
