package email

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	for name, implicit := range map[string]bool{"starttls": false, "implicit": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, script{implicitTLS: implicit, utf8: true})
			s := f.connect(nil, func(c *Config) {
				c.Host, c.CACert, c.Username, c.Password, c.TLS = "localhost", caFile(t), "u", "p", TLSStart
				if implicit {
					c.TLS = TLSImplicit
				}
			})
			facts, err := s.Inspect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !facts.TLS || !facts.LoggedIn || facts.Certificate == nil || facts.Certificate.DNSNames[0] != "localhost" ||
				!slices.Contains(facts.Extensions, "SMTPUTF8") || !strings.HasPrefix(facts.Address, "localhost:") {
				t.Errorf("got %+v", facts)
			}
			if f.logins.Load() != 1 || len(f.received()) != 0 {
				t.Errorf("%d logins, %d mails", f.logins.Load(), len(f.received()))
			}
		})
	}
	plain, err := serve(t, script{noTLS: true}).connect(nil, nil).Inspect(t.Context())
	if err != nil || plain.TLS || plain.Certificate != nil || plain.LoggedIn {
		t.Errorf("got %+v, %v", plain, err)
	}
}

func TestInspectWrapsTheCause(t *testing.T) {
	t.Parallel()
	refusing := serve(t, script{onAuth: func(string, string) error { return answer(535, smtp.EnhancedCode{5, 7, 8}, "no") }})
	trusted := func(c *Config) {
		c.Host, c.TLS, c.CACert, c.Username, c.Password = "localhost", TLSStart, caFile(t), "u", "p"
	}
	_, err := refusing.connect(nil, trusted).Inspect(t.Context())
	var said *textproto.Error
	if !errors.As(err, &said) || said.Code != 535 || !strings.Contains(err.Error(), "login") {
		t.Errorf("got %v", err)
	}
	_, err = refusing.connect(nil, func(c *Config) { c.Host, c.TLS = "localhost", TLSStart }).Inspect(t.Context())
	if !errors.As(err, new(x509.UnknownAuthorityError)) {
		t.Errorf("got %v", err)
	}
}

func TestDKIMRecordVerifiesWhatTheKeySigns(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for bits, pem := range map[int]string{1024: pkcs8(t, rsaKey), 0: pkcs8(t, edKey)} {
		d := DKIM{Domain: "nurture.example", Selector: "s1", KeyPEM: pem}
		text, got, err := d.Record()
		if err != nil || got != bits {
			t.Fatalf("%d bits, want %d: %v", got, bits, err)
		}
		signed, err := d.Sign([]byte("From: bo@nurture.example\r\nSubject: x\r\n\r\nHello\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		results, err := dkim.VerifyWithOptions(strings.NewReader(string(signed)), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != d.Name() {
				t.Errorf("asked for %s, published as %s", name, d.Name())
			}
			return []string{text}, nil
		}})
		if err != nil || len(results) != 1 || results[0].Err != nil {
			t.Errorf("%s: %+v, %v", text, results, err)
		}
	}
	if _, _, err := (DKIM{KeyPEM: "x"}).Record(); err == nil || !strings.Contains(err.Error(), "not PEM") {
		t.Errorf("got %v", err)
	}
	if _, err := (DKIM{Domain: "a b", KeyPEM: "x"}).Sign(nil); err == nil {
		t.Error("signed with a domain that is none")
	}
}
