package email

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConfigErrors(t *testing.T) {
	t.Parallel()
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]Config{
		`host "" is no host name`:      {},
		`host "a b" is no host name`:   {Host: "a b"},
		"port 70000 does not exist":    {Host: "a", Port: 70000},
		`tls "ssl" is unknown`:         {Host: "a", TLS: "ssl"},
		`auth "ntlm" is unknown`:       {Host: "a", Auth: "ntlm"},
		"auth plain needs a username":  {Host: "a", Auth: AuthPlain},
		"must not travel in the clear": {Host: "mx.example.com", TLS: TLSNone, Username: "u", Password: "s3cret"},
		"must not be negative":         {Host: "a", Connections: -1},
		`local name "a b" is no host`:  {Host: "a", LocalName: "a b"},
		"ca_cert: reading the auth":    {Host: "a", CACert: filepath.Join(t.TempDir(), "none")},
		"junk.pem holds no PEM":        {Host: "a", CACert: junk},
	} {
		if _, err := New(c, nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	_, err := New(Config{Port: -1, TLS: "x", Auth: "y"}, nil)
	if n := strings.Count(fmt.Sprint(err), "\n"); n != 3 {
		t.Errorf("not every error at once: %v", err)
	}
	for _, c := range []Config{
		{Host: "127.0.0.1", TLS: TLSNone, Username: "u"}, {Host: "::1", TLS: TLSNone, Username: "u"}, {Host: "mx.example.com", Username: "u"},
	} {
		if _, err := New(c, nil); err != nil {
			t.Error(err)
		}
	}
	for tls, port := range map[string]int{"": 587, TLSImplicit: 465, TLSStart: 587} {
		if c, _ := (Config{Host: "a", TLS: tls}).withDefaults(); c.Port != port {
			t.Errorf("%q: port %d", tls, c.Port)
		}
	}
}

// TestSecretsDoNotShow: however a Config is printed or logged.
func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	c := Config{Host: "a", Username: "bo", Password: "s3cret", DKIM: DKIM{"a.example", "s", "k3y"}}
	var b bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&b, nil))
	log.Info("x", "config", c, "dkim", c.DKIM)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "config", c, "pointer", &c)
	_, _ = fmt.Fprintf(&b, "%v %+v %#v %s %v %+v %#v %v", c, c, c, c, &c, c.DKIM, c.DKIM, []Config{c})
	if s := b.String(); strings.Contains(s, "s3cret") || strings.Contains(s, "k3y") || !strings.Contains(s, "bo") {
		t.Error(s)
	}
}
