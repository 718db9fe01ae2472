package email

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// record is the DNS TXT record of a key.
func record(t *testing.T, public crypto.PublicKey) string {
	t.Helper()
	if p, ok := public.(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(p)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)}))
	for name, c := range map[string]struct {
		pem    string
		public crypto.PublicKey
	}{
		"rsa pkcs8": {pkcs8(t, rsaKey), rsaKey.Public()}, "rsa pkcs1": {pkcs1, rsaKey.Public()}, "ed25519": {pkcs8(t, edKey), edKey.Public()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message(1)
			m.Subject = "Grüße " + strings.Repeat("lang ", 40)
			m.Text = ".\n..\n" + strings.Repeat("ü", 500) + "\n\n\n"
			m.Mail.References = []string{"a@b.example"}
			got := overTheWire(t, m, func(conf *Config) { conf.DKIM = DKIM{"nurture.example", "s1", c.pem} })
			lookup := &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
				if domain != "s1._domainkey.nurture.example" {
					return nil, fmt.Errorf("asked for %s", domain)
				}
				return []string{record(t, c.public)}, nil
			}}
			verify := func(data []byte) error {
				found, err := dkim.VerifyWithOptions(bytes.NewReader(data), lookup)
				if err != nil || len(found) != 1 {
					return errors.Join(err, fmt.Errorf("%d signatures", len(found)))
				}
				if found[0].Domain != "nurture.example" {
					t.Errorf("domain %s", found[0].Domain)
				}
				for _, h := range []string{"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To"} {
					if !slices.ContainsFunc(found[0].HeaderKeys, func(k string) bool { return strings.EqualFold(k, h) }) {
						t.Errorf("%s is not signed", h)
					}
				}
				return found[0].Err
			}
			if err := verify(got.data); err != nil {
				t.Fatalf("%v\n%s", err, got.data)
			}
			for what, forged := range map[string][]byte{
				"post":        bytes.Replace(got.data, []byte("One-Click"), []byte("Two-Click"), 1),
				"unsubscribe": bytes.Replace(got.data, []byte("/u/tok"), []byte("/u/evi"), 1),
				"second from": append([]byte("From: evil@example.com\r\n"), got.data...),
				"body":        bytes.Replace(got.data, []byte("<p>Hello"), []byte("<p>Hallo"), 1),
			} {
				if bytes.Equal(forged, got.data) {
					t.Fatalf("%s: nothing forged", what)
				}
				if verify(forged) == nil {
					t.Errorf("%s: a forgery verifies", what)
				}
			}
		})
	}
}

func TestDKIMKeys(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	for want, c := range map[string]DKIM{
		"not PEM":                {"a.example", "s", "hello"},
		"neither PKCS":           {"a.example", "s", "-----BEGIN X-----\nAAAA\n-----END X-----\n"},
		"cannot sign":            {"a.example", "s", pkcs8(t, ec)},
		"must both be DNS names": {"", "s", pkcs8(t, ed)},
		"\"a; b\" must both be":  {"a.example", "a; b", pkcs8(t, ed)},
	} {
		_, err := New(Config{Host: "localhost", DKIM: c}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "PRIVATE KEY-----\n") {
			t.Errorf("the key shows: %v", err)
		}
	}
}
