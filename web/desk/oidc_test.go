package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/internal/access/oidc"
	"nurture/internal/oidctest"
	"nurture/store"
)

// sso is a desk with an identity provider, which vouches for sdr@example.com unless it is told otherwise.
type sso struct {
	*desktop
	issuer *oidctest.Issuer
	ways   access.Ways
	err    error
}

func newSSO(t *testing.T) *sso {
	t.Helper()
	s := &sso{desktop: newDesktop(t), issuer: oidctest.New(t, time.Now)}
	s.ways.Provider = &access.Provider{Label: "Example ID", Settings: oidc.Settings{
		Issuer: s.issuer.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, RedirectURL: s.server.URL + OIDCCallback, GroupsClaim: "groups",
	}}
	s.desk.askWays = func(context.Context) (access.Ways, error) { return s.ways, s.err }
	s.person("1", "sdr@example.com", true)
	return s
}

// person is who is logged in at the provider.
func (s *sso) person(subject, email string, verified bool, groups ...string) {
	s.issuer.LogIn(oidctest.Person{Subject: subject, Claims: map[string]any{"email": email, "email_verified": verified, "name": "Person " + subject, "groups": groups}})
}

// walk follows a login to the provider, and gives the path with which that sends the browser back.
func (s *sso) walk(b *browser, start string) string {
	s.t.Helper()
	a := b.get(start)
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), s.issuer.URL+"/authorize?") {
		s.t.Fatalf("%s: status %d to %q", start, a.status, a.header.Get("Location"))
	}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, a.header.Get("Location"), nil)
	must(s.t, err)
	back, err := url.Parse(b.do(r).header.Get("Location"))
	must(s.t, err)
	if back.Scheme+"://"+back.Host != s.server.URL || back.Path != OIDCCallback {
		s.t.Fatalf("the provider leads to %s", back)
	}
	return back.RequestURI()
}

func TestLoginByProvider(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	b := s.browser()
	b.get("/desk/login?next=%2Fdesk%2Fqueue%3Ftab%3Ddue").mustHold(t, 200, "Log in with Example ID", `href="/desk/login/oidc?next=%2Fdesk%2Fqueue%3Ftab%3Ddue"`, `type="password"`)
	back := s.walk(b, "/desk/login/oidc?next=%2Fdesk%2Fqueue%3Ftab%3Ddue")
	if len(b.cookies()) > 0 {
		t.Error("a session begins before the login ends")
	}
	a := b.get(back)
	a.mustLead(t, "/desk/queue?tab=due")
	mustBeHard(t, a)
	b.get("/desk/queue").mustHold(t, 200, "Test sdr")
	b.get("/desk/login/oidc?next=/desk/account").mustLead(t, "/desk/account")
	if u, err := store.UserByEmail(t.Context(), s.pool, "sdr@example.com"); err != nil || u.Subject != s.issuer.URL+" 1" || u.LoggedInAt == nil {
		t.Errorf("%+v, %v", u, err)
	}
	b.post("/desk/logout").mustLead(t, "/desk/login?left")
	b.get("/desk/login?left").mustHold(t, 200, "perhaps still logged in at Example ID", `href="`+s.issuer.URL+`/logout?client_id=nurture"`)
	b.get("/desk/queue").mustLead(t, "/desk/login?next=%2Fdesk%2Fqueue")
	b.get(back).mustHold(t, 403, "did not come to an end") // from the history
	s.person("1", "sdr.married@example.com", false)
	b.get(s.walk(b, "/desk/login/oidc")).mustLead(t, "/desk/")

	// Passwords go on, and those sessions are not the provider's.
	b = s.browser()
	b.post("/desk/login", "email", "ops@example.com", "password", password).mustLead(t, "/desk/")
	b.post("/desk/logout").mustLead(t, "/desk/login")
}

// The cookie of a login under way is good for one answer, in one browser, unchanged, and shows nothing.
func TestTheCookieOfALoginUnderWay(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	b := s.browser()
	a := b.get("/desk/login/oidc?next=%2Fdesk%2Fqueue")
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"nurture_oidc=", "Path=/desk/login/oidc", "HttpOnly", "SameSite=Lax", "Max-Age="} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	r := b.request(http.MethodGet, "/desk/login/oidc", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	if cookie := b.do(r).header.Get("Set-Cookie"); !strings.Contains(cookie, "Secure") {
		t.Errorf("the cookie is %q behind TLS", cookie)
	}
	// In another browser, which began a login of its own, or none.
	stolen := s.walk(b, "/desk/login/oidc")
	other := s.browser()
	other.get(stolen).mustHold(t, 403, "did not come to an end")
	s.walk(other, "/desk/login/oidc")
	other.get(stolen).mustHold(t, 403, "did not come to an end")
	// Changed, or made up.
	base, err := url.Parse(s.server.URL + oidcPath)
	must(t, err)
	for name, change := range map[string]func(string) string{
		"changed": func(v string) string { return v[:20] + string(v[20]^1) + v[21:] }, "cut": func(v string) string { return v[:10] },
		"made up": func(string) string { return "eyJzIjoiQUJDIn0" }, "none": func(string) string { return "" },
	} {
		back := s.walk(b, "/desk/login/oidc")
		was := b.client.Jar.Cookies(base)
		b.client.Jar.SetCookies(base, []*http.Cookie{{Name: flowCookie, Value: change(was[0].Value), Path: oidcPath}})
		if a := b.get(back); a.status != 403 {
			t.Errorf("%s: status %d", name, a.status)
		}
		if left := b.client.Jar.Cookies(base); len(left) != 0 {
			t.Errorf("%s: the cookie stays", name)
		}
	}
	for _, p := range []string{"", "?state=", "?code=x&state=x", "?error=access_denied"} {
		s.browser().get(OIDCCallback+p).mustHold(t, 403, "did not come to an end")
	}
	if len(b.cookies()) > 0 || len(other.cookies()) > 0 {
		t.Error("somebody is logged in")
	}
}

// No address leads out of the desk, whoever wrote it.
func TestNoOpenRedirectByProvider(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	for _, to := range []string{"//evil.example", "https://evil.example/", "/\\evil.example", "/desk/login/oidc", "/desk/" + strings.Repeat("x", 2*longestNext)} {
		b := s.browser()
		back := s.walk(b, "/desk/login/oidc?"+url.Values{"next": {to}}.Encode())
		b.get(back+"&next=%2F%2Fevil.example").mustLead(t, "/desk/")
	}
	s.issuer.Decline("access_denied")
	b := s.browser()
	a := b.get(s.walk(b, "/desk/login/oidc?next=%2Fdesk%2Faccount") + "&next=%2F%2Fevil.example")
	a.mustHold(t, 403, "your provider said no", `name="next" value="/desk/account"`)
	a.mustLack(t, "so it is", "evil.example")
}

func TestSessionFixationByProvider(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	attacker := s.as(access.SDR)
	planted := attacker.cookies()[0].Value
	s.person("2", "admin@example.com", true)
	victim := s.browser()
	back := s.walk(victim, "/desk/login/oidc")
	base, err := url.Parse(s.server.URL)
	must(t, err)
	victim.client.Jar.SetCookies(base, []*http.Cookie{{Name: cookieName, Value: planted, Path: cookiePath}})
	victim.get(back).mustLead(t, "/desk/")
	if victim.cookies()[0].Value == planted {
		t.Error("the token is the planted one")
	}
	victim.get("/desk/account").mustHold(t, 200, "Test admin")
	attacker.get("/desk/account").mustLack(t, "Test admin")
}

// The session of a login by the provider ends the same day, however busy.
func TestSessionsOfTheProviderAreShort(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	now := time.Now()
	s.desk.realNow = func() time.Time { return now }
	b := s.browser()
	b.get(s.walk(b, "/desk/login/oidc")).mustLead(t, "/desk/")
	now = now.Add(providerSession - time.Minute)
	b.get("/desk/queue").mustHold(t, 200)
	now = now.Add(2 * time.Minute)
	b.get("/desk/queue").mustLead(t, "/desk/login?next=%2Fdesk%2Fqueue")
}

// Whom the provider vouches for, and who is not let in all the same.
func TestRefusedByProvider(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	try := func(status int, text string) {
		t.Helper()
		b := s.browser()
		b.get(s.walk(b, "/desk/login/oidc")).mustHold(t, status, text)
		if len(b.cookies()) > 0 {
			t.Errorf("%s: logged in", text)
		}
	}
	s.person("6", "admin@example.com", false)
	try(403, "does not say that your email address is yours")
	s.person("7", "nobody@example.com", true)
	try(403, "You have no account here yet")
	s.ways.Provider.Domains = []string{"example.org"}
	try(403, "Addresses of your domain are not let in")
	s.ways.Provider.Domains = nil
	s.ways.Provider.Groups = map[access.Role][]string{access.Ops: {"ops"}}
	s.person("8", "sdr@example.com", true, "staff")
	try(403, "None of your groups")
	s.person("8", "sdr@example.com", true, "ops")
	b := s.browser()
	b.get(s.walk(b, "/desk/login/oidc")).mustLead(t, "/desk/")
	b.get("/desk/ops").mustHold(t, 200)
	s.person("9", "sdr@example.com", true, "ops")
	try(403, "belongs to another identity")
	must(t, s.desk.accounts.Disable(t.Context(), "sdr@example.com", access.Actor{Who: "cli:test"}))
	b.get("/desk/ops").mustLead(t, "/desk/login?next=%2Fdesk%2Fops")
	s.person("8", "sdr@example.com", true, "ops")
	try(403, "kept out of the desk")
	s.issuer.SignBy(func(claims []byte) string { return s.issuer.Sign("none", claims) })
	try(403, "did not come to an end")
	if !strings.Contains(s.log.String(), "signature algorithm") {
		t.Errorf("the log does not say why:\n%s", s.log)
	}
	deeds, err := store.Deeds(t.Context(), s.pool, "", 0, 1)
	must(t, err)
	if d := deeds[0]; d.Action != "login oidc" || d.Object != "answer refused" || d.Outcome != store.DeedRefused || d.Address != "127.0.0.1" {
		t.Errorf("the audit log ends with %+v", d)
	}
}

// While the provider is away the page says so, and passwords open the door as far as they are meant to.
func TestTheProviderIsAway(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	s.issuer.Down(true)
	b := s.browser()
	a := b.get("/desk/login/oidc?next=%2Fdesk%2Faccount")
	a.mustHold(t, 502, "Example ID does not answer as it should", "With a password you can log in all the same", `name="next" value="/desk/account"`)
	mustBeHard(t, a)
	b.post("/desk/login", "email", "sdr@example.com", "password", password, "next", "/desk/account").mustLead(t, "/desk/account")
	s.ways.AdminsOnly = true
	b = s.browser()
	b.get("/desk/login/oidc").mustLack(t, "all the same")
	b.get("/desk/login").mustHold(t, 200, "Admins: log in with a password")
	b.post("/desk/login", "email", "sdr@example.com", "password", password).mustHold(t, 422, "The address or the password is wrong.", "<details class=\"local\" open>")
	b.post("/desk/login", "email", "admin@example.com", "password", password).mustLead(t, "/desk/")
	// Wrong settings close the way by the provider, and open no other.
	s.ways.Provider, s.err = nil, errors.New("the secret is missing")
	b = s.browser()
	b.get("/desk/login").mustLack(t, "Example ID")
	b.get("/desk/login/oidc").mustHold(t, 404, "That way in is not open")
	b.get(OIDCCallback).mustHold(t, 404, "That way in is not open")
	b.post("/desk/login", "email", "sdr@example.com", "password", password).mustHold(t, 422)
	if !strings.Contains(s.log.String(), "the secret is missing") {
		t.Error("the log does not say what is wrong")
	}
}

// In a real browser, from another site: the policy of our pages and the cookies' rules let the way there and back pass.
func TestLoginByProviderInABrowser(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	tab := s.screens(t, 1)[0]
	tab.open("/desk/queue")
	tab.sees("Log in with Example ID")
	tab.until(`(document.querySelector("a.button.primary").click(), true)`)
	tab.until(`location.pathname === "/desk/queue" && ` + ready)
	tab.sees("Test sdr")
	tab.until(`(document.querySelector('form[action="/desk/logout"]').requestSubmit(), true)`)
	tab.sees("perhaps still logged in at Example ID")
	tab.until(`(document.querySelector(".note a").click(), true)`)
	tab.sees("You are logged out of the provider.")
}
