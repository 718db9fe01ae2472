package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// selfMade makes a certificate that is its own authority.
func selfMade(t *testing.T, host string, from, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// site serves https as nurture.example.com, wherever a name leads; until is the end of its certificate.
func site(t *testing.T, host string, until time.Time, handler http.HandlerFunc) *http.Client {
	t.Helper()
	certificate, pool := selfMade(t, host, noon.AddDate(-1, 0, 0), until)
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, Time: func() time.Time { return noon }}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, "tcp", server.Listener.Addr().String())
		},
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	const host = "nurture.example.com"
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/n/healthz" {
				status = http.StatusNotFound
			}
			w.Header().Set("Location", "https://www.example.com/")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	year := noon.AddDate(1, 0, 0)
	tests := []struct {
		name        string
		host        string // of the certificate
		until       time.Time
		handler     http.HandlerFunc
		what        string
		level       Level
		detail, fix string
	}{
		{"well", host, year, answer(200, "ok\n"), "public url", OK, "https://nurture.example.com/n answers", ""},
		{"https", host, year, answer(200, "ok\n"), "public url https", OK, host, ""},
		{"certificate", host, year, answer(200, "ok\n"), "public url certificate", OK, "365 days left", ""},
		{"ends soon", host, noon.AddDate(0, 0, 5), answer(200, "ok\n"), "public url certificate", Warn, "5 days left", "renew"},
		{"expired", host, noon.AddDate(0, 0, -1), answer(200, "ok\n"), "public url", Fail, "expired", "renewed"},
		{"another name", "www.example.com", year, answer(200, "ok\n"), "public url", Fail, "valid for www.example.com", "made anew for nurture.example.com"},
		{"somebody else", host, year, answer(200, "<html>"), "public url", Fail, "not as nurture does", "proxy"},
		{"not passed on", host, year, answer(404, "no"), "public url", Fail, "HTTP 404", "/healthz"},
		{"a redirect", host, year, answer(308, ""), "public url", Fail, "redirect to https://www.example.com/", "behind the redirect"},
		{"not well", host, year, answer(503, "database"), "public url", Fail, "not well: database", "log"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := site(t, test.host, test.until, test.handler)
			findings := PublicURL(t.Context(), "https://nurture.example.com/n/", client, noon)
			detail := strings.TrimSuffix(test.detail, "/n answers")
			want(t, about(t, findings, test.what), test.level, test.what, detail, test.fix)
		})
	}
}

func TestPublicURLAddress(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
			switch {
			case strings.HasPrefix(address, "mute."):
				return nil, errSilent
			case strings.HasPrefix(address, "gone."):
				return nil, &net.DNSError{Err: "no such host", Name: "gone.example.com", IsNotFound: true}
			}
			return net.Dial("tcp", "127.0.0.1:1") // nothing listens there
		},
	}}
	for _, test := range []struct {
		address, what string
		level         Level
		detail, fix   string
	}{
		{"http://nurture.example.com", "public url https", Fail, "RFC 8058", "https"},
		{"http://127.0.0.1:8025", "public url https", Warn, "this machine", "public_url"},
		{"http://localhost:8025", "public url https", Warn, "this machine", "public_url"},
		{"https://nurture.example.com", "public url", Fail, "not reached from here", "nurture serve runs"},
		{"https://mute.example.com", "public url", Warn, "cannot tell", "DNS"},
		{"https://gone.example.com", "public url", Fail, "no such host", `spelling of "gone.example.com"`},
		{"nonsense", "public url", Fail, "no web address", "public_url"},
		{"https://%zz", "public url", Fail, "no web address", "public_url"},
	} {
		want(t, about(t, PublicURL(t.Context(), test.address, client, noon), test.what), test.level, test.what, test.detail, test.fix)
	}
}
