package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/channels/email"
	"nurture/config"
	"nurture/internal/access"
	"nurture/internal/access/oidc"
)

func variables(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestEnvironmentOverridesSMTP(t *testing.T) {
	t.Parallel()
	yaml := config.Settings{SMTP: &config.SMTP{Host: "mail.example.com", Port: 2525, TLS: config.TLSStart, Username: "u", Connections: 3}}
	tests := []struct {
		name     string
		settings config.Settings
		env      []string
		want     *email.Config
	}{
		{"nothing", config.Settings{}, nil, nil},
		{"a password alone configures nothing", config.Settings{}, []string{"NURTURE_SMTP_PASSWORD", "p"}, nil},
		{
			"file and password", yaml,
			[]string{"NURTURE_SMTP_PASSWORD", "p"},
			&email.Config{Host: "mail.example.com", Port: 2525, TLS: "starttls", Username: "u", Password: "p", Connections: 3},
		},
		{
			"variables alone",
			config.Settings{},
			[]string{"NURTURE_SMTP_HOST", "127.0.0.1", "NURTURE_SMTP_PORT", "25", "NURTURE_SMTP_TLS", "none"},
			&email.Config{Host: "127.0.0.1", Port: 25, TLS: "none"},
		},
		{
			"another mode takes its own port", yaml,
			[]string{"NURTURE_SMTP_TLS", "implicit", "NURTURE_SMTP_PASSWORD", "p", "NURTURE_SMTP_CONNECTIONS", "9", "NURTURE_SMTP_CA_CERT", "ca.pem"},
			&email.Config{Host: "mail.example.com", TLS: "implicit", Username: "u", Password: "p", Connections: 9, CACert: "ca.pem"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := readEnvironment(variables(test.env...))
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.smtp(test.settings)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDKIMKeyIsReadWhenMailIsSent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := environment{configDir: dir}
	for _, named := range []string{"keys.pem", filepath.Join(dir, "keys.pem")} {
		settings := config.Settings{SMTP: &config.SMTP{
			Host: "mail.example.com", Port: 587, DKIM: &config.DKIM{Domain: "example.com", Selector: "s1", KeyFile: named},
		}}
		for _, key := range []string{"first", "second"} {
			if err := os.WriteFile(filepath.Join(dir, "keys.pem"), []byte(key), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := e.smtp(settings)
			if err != nil || got.DKIM != (email.DKIM{Domain: "example.com", Selector: "s1", KeyPEM: key}) {
				t.Errorf("%s: got %+v, %v", named, got, err)
			}
		}
		if err := os.Remove(filepath.Join(dir, "keys.pem")); err != nil {
			t.Fatal(err)
		}
		_, err := e.smtp(settings)
		if message, way := explain(err); !strings.HasPrefix(message, "the DKIM key cannot be read: ") || !strings.HasPrefix(way, "smtp.dkim.key_file") {
			t.Errorf("%s: %v", named, err)
		}
	}
}

func TestEnvironmentOverridesTwilio(t *testing.T) {
	t.Parallel()
	settings := config.Settings{PublicURL: "https://a.example.com", Twilio: &config.Twilio{AccountSID: "AC1"}}
	e, err := readEnvironment(variables("NURTURE_TWILIO_AUTH_TOKEN", "t", "NURTURE_TWILIO_BASE_URL", "http://127.0.0.1:9/", "NURTURE_PUBLIC_URL", "https://b.example.com/n/"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.twilio(settings)
	if err != nil || got == nil || *got != (twilioAccount{"AC1", "t", "http://127.0.0.1:9", "https://b.example.com/n"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := e.twilio(config.Settings{}); got != nil || err != nil {
		t.Errorf("a token alone makes an account: %+v, %v", got, err)
	}
}

func TestWaysToLogIn(t *testing.T) {
	t.Parallel()
	if !slices.Equal(config.DeskRoles(), texts(access.Roles)) {
		t.Errorf("a configuration knows the roles %q, the desk %q", config.DeskRoles(), access.Roles)
	}
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	yaml := config.Settings{PublicURL: "https://a.example.com", Login: config.Login{AdminsOnly: true, OIDC: &config.OIDC{
		Issuer: "https://login.example.com/", ClientID: "nurture", Label: "Example ID", Scopes: []string{"groups"}, RolesClaim: "roles",
		EmailDomains: []string{"example.com"}, Roles: map[string][]string{"sdr": {"a", "b"}}, Create: true,
	}}}
	ways := func(s config.Settings, env ...string) (access.Ways, error) {
		t.Helper()
		e, err := readEnvironment(variables(env...))
		if err != nil {
			t.Fatal(err)
		}
		return e.waysToLogIn(s)
	}
	want := access.Ways{AdminsOnly: true, Provider: &access.Provider{
		Label: "Example ID", Domains: []string{"example.com"}, Create: true, Groups: map[access.Role][]string{access.SDR: {"a", "b"}},
		Settings: oidc.Settings{
			Issuer: "https://login.example.com/", ClientID: "nurture", ClientSecret: "from a file", RedirectURL: "https://a.example.com/desk/login/oidc/callback",
			Scopes: []string{"groups"}, GroupsClaim: "roles",
		},
	}}
	got, err := ways(yaml, "NURTURE_OIDC_CLIENT_SECRET_FILE", file)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	got, err = ways(yaml, "NURTURE_OIDC_ISSUER", "https://test.example.com", "NURTURE_OIDC_CLIENT_ID", "n2", "NURTURE_OIDC_CLIENT_SECRET", "s", "NURTURE_PUBLIC_URL", "https://b.example.com")
	if p := got.Provider; err != nil || p.Issuer != "https://test.example.com" || p.ClientID != "n2" || p.ClientSecret != "s" || !strings.HasPrefix(p.RedirectURL, "https://b.example.com/desk") {
		t.Errorf("%+v, %v", got, err)
	}
	// What is wrong closes the way by the provider, and opens no other.
	for text, env := range map[string][]string{"no secret": nil, "cannot be read": {"NURTURE_OIDC_CLIENT_SECRET_FILE", file + ".gone"}} {
		if got, err := ways(yaml, env...); err == nil || !strings.Contains(err.Error(), text) || got.Provider != nil || !got.AdminsOnly {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	if got, err := ways(config.Settings{}, "NURTURE_OIDC_CLIENT_SECRET", "s"); err != nil || got.Provider != nil || got.AdminsOnly {
		t.Errorf("nothing is configured: %+v, %v", got, err)
	}
	for text, env := range map[string][]string{
		"no client id": {"NURTURE_OIDC_ISSUER", "https://test.example.com"},
		"no address":   {"NURTURE_OIDC_ISSUER", "https://test.example.com", "NURTURE_OIDC_CLIENT_ID", "n"},
	} {
		if _, err := ways(config.Settings{}, env...); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := readEnvironment(variables("NURTURE_OIDC_CLIENT_SECRET", "s", "NURTURE_OIDC_CLIENT_SECRET_FILE", file)); err == nil {
		t.Error("two secrets are taken")
	}
}

func texts[T ~string](values []T) []string {
	var all []string
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}

// TestMailServerWithoutHost: who names a port or a user of a mail server does not want mail in files, where it counts as sent.
func TestMailServerWithoutHost(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"NURTURE_SMTP_PORT": "587", "NURTURE_SMTP_USERNAME": "u", "NURTURE_SMTP_TLS": "starttls", "NURTURE_SMTP_CA_CERT": "ca.pem", "NURTURE_SMTP_CONNECTIONS": "2",
	} {
		env, err := readEnvironment(variables(name, value))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := env.smtp(config.Settings{}); err == nil || !strings.Contains(err.Error(), name+" is set, and no mail server is named") {
			t.Errorf("%s alone: %v, %v", name, got, err)
		}
	}
}

func TestMistakenVariables(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"NURTURE_SMTP_PORT": "70000", "NURTURE_SMTP_CONNECTIONS": "0", "NURTURE_SMTP_TLS": "ssl", "NURTURE_SMTP_HOST": "mail.example.com:587",
		"NURTURE_TWILIO_BASE_URL": "localhost", "NURTURE_PUBLIC_URL": "ftp://x.example.com",
		"NURTURE_OIDC_ISSUER": "http://login.example.com",
	} {
		_, err := readEnvironment(variables(name, value))
		if err == nil || !strings.HasPrefix(err.Error(), name+` is "`+value+`": it must be `) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	for _, host := range []string{"mail.example.com", "127.0.0.1", "::1", "2001:db8::25", "[::1]"} {
		if _, err := readEnvironment(variables("NURTURE_SMTP_HOST", host)); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestWorkerID(t *testing.T) {
	t.Parallel()
	a, b := newWorkerID("Café_1.example.com", 42), newWorkerID(strings.Repeat("x", 99), 42)
	if !strings.HasPrefix(a, "Caf-1-example-com-42-") || len(b) != 40+len("-42-")+8 {
		t.Errorf("got %q and %q", a, b)
	}
	if first, second := newWorkerID("h", 1), newWorkerID("h", 1); first == second {
		t.Error("two starts of a process id share a name")
	}
}

// TestEnrichmentSecrets: several may hold while one is being replaced, and a mistaken one is not repeated.
func TestEnrichmentSecrets(t *testing.T) {
	t.Parallel()
	const good, other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD"
	e, err := readEnvironment(variables("NURTURE_ENRICHMENT_SECRET", good+"  "+other))
	if err != nil || len(e.enrichmentSecrets) != 2 {
		t.Errorf("%d secrets, %v", len(e.enrichmentSecrets), err)
	}
	_, err = readEnvironment(variables("NURTURE_ENRICHMENT_SECRET", good+" whsec_tooshort"))
	if err == nil || !strings.Contains(err.Error(), "NURTURE_ENRICHMENT_SECRET") || strings.Contains(err.Error(), "whsec_t") {
		t.Errorf("%v", err)
	}
}

func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	e, err := readEnvironment(variables("NURTURE_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::7 192.168.1.1", "NURTURE_PROXY_HEADER", "forwarded"))
	if err != nil || fmt.Sprint(e.proxies) != "{[10.0.0.0/8 2001:db8::7/128 192.168.1.1/32] true}" {
		t.Errorf("%v, %v", e.proxies, err)
	}
	if e, err = readEnvironment(variables()); err != nil || e.proxies.Trusted != nil || e.proxies.Forwarded {
		t.Errorf("%v, %v", e.proxies, err)
	}
	for _, wrong := range []string{"10.0.0.1/8", "proxy.example.com", "10.0.0.0/33", "*"} {
		if _, err := readEnvironment(variables("NURTURE_TRUSTED_PROXIES", "127.0.0.1,"+wrong)); err == nil || !strings.Contains(err.Error(), `NURTURE_TRUSTED_PROXIES is "`+wrong+`"`) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if _, err := readEnvironment(variables("NURTURE_PROXY_HEADER", "X-Real-IP")); err == nil {
		t.Error("X-Real-IP is taken")
	}
}
