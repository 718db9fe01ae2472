package desk

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/store"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.browser()
	b.get("/desk/queue?tab=due").mustLead(t, "/desk/login?next=%2Fdesk%2Fqueue%3Ftab%3Ddue")
	b.get("/desk/login?next=%2Fdesk%2Fqueue%3Ftab%3Ddue").mustHold(t, 200, `name="next" value="/desk/queue?tab=due"`)
	if len(b.cookies()) > 0 {
		t.Error("a cookie is set before the login")
	}
	b.post("/desk/login", "email", "sdr@example.com", "password", "wrong", "next", "/desk/queue").
		mustHold(t, 422, "The address or the password is wrong.", `value="sdr@example.com"`)
	b.post("/desk/login", "email", "stranger@example.com", "password", password).mustHold(t, 422, "The address or the password is wrong.")
	a := b.post("/desk/login", "email", " SDR@example.com ", "password", password, "next", "/desk/queue?tab=due")
	a.mustLead(t, "/desk/queue?tab=due")
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Lax", "Path=/desk", "Expires="} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie %q lacks %s", cookie, part)
		}
	}
	b.get("/desk/queue").mustHold(t, 200, "Test sdr")
	b.get("/desk/login?next=/desk/account").mustLead(t, "/desk/account")

	b.post("/desk/logout").mustLead(t, "/desk/login")
	b.get("/desk/queue").mustLead(t, "/desk/login?next=%2Fdesk%2Fqueue")
}

func TestTheCookieIsSecureBehindTLS(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.browser()
	r := b.request(http.MethodPost, "/desk/login", url.Values{"email": {"sdr@example.com"}, "password": {password}})
	r.Header.Set("X-Forwarded-Proto", "https")
	a := b.do(r)
	if cookie := a.header.Get("Set-Cookie"); !strings.Contains(cookie, "Secure") {
		t.Errorf("the cookie is %q", cookie)
	}
	if a.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
}

func TestALoginIsLimited(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.browser()
	for i := range 10 {
		if a := b.post("/desk/login", "email", "sdr@example.com", "password", "guess"); a.status != http.StatusUnprocessableEntity {
			t.Fatalf("guess %d: status %d", i, a.status)
		}
	}
	a := b.post("/desk/login", "email", "sdr@example.com", "password", password)
	a.mustHold(t, http.StatusTooManyRequests, "Too many failed logins")
	if a.header.Get("Retry-After") != "900" {
		t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
	}
	b.post("/desk/login", "email", "ops@example.com", "password", password).mustLead(t, "/desk/")
}

// A form that is longer than the server takes is answered in words, and not as a fault.
func TestAFormThatIsTooLong(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.SDR)
	r := httptest.NewRequest(http.MethodPost, "/desk/account/zone", strings.NewReader("zone="+strings.Repeat("x", 200)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, cookie := range b.cookies() {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	r.Body = http.MaxBytesReader(w, r.Body, 100)
	d.desk.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "That is too long") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Who plants a session in somebody's browser before the login must not share it afterwards.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	attacker := d.as(access.SDR)
	planted := attacker.cookies()[0].Value
	for _, token := range []string{planted, strings.Repeat("A", 43)} {
		victim := d.browser()
		base, err := url.Parse(d.server.URL)
		must(t, err)
		victim.client.Jar.SetCookies(base, []*http.Cookie{{Name: cookieName, Value: token, Path: cookiePath}})
		victim.post("/desk/login", "email", "admin@example.com", "password", password).mustLead(t, "/desk/")
		if got := victim.cookies()[0].Value; got == token {
			t.Error("the token is the planted one")
		}
		victim.get("/desk/account").mustHold(t, 200, "Test admin")
		thief := d.browser()
		thief.client.Jar.SetCookies(base, []*http.Cookie{{Name: cookieName, Value: token, Path: cookiePath}})
		if a := thief.get("/desk/account"); strings.Contains(a.body, "Test admin") {
			t.Error("the planted session is the victim's")
		}
	}
}

func TestOpenRedirect(t *testing.T) {
	t.Parallel()
	for _, wanted := range []string{
		"https://evil.example/", "//evil.example/desk/", "/\\evil.example", "\\\\evil.example", "http:/desk/queue", "javascript:alert(1)",
		"/desk@evil.example", "/deskevil", "/outbox", "/desk/../outbox", "/desk/%2e%2e/outbox", "/desk/logout", "/desk/login?next=x", "", "desk/queue",
		"/desk/queue\r\nX: y", "%2F%2Fevil.example", "https:evil.example", "/desk/\\..\\..", "///evil.example",
	} {
		if got := next(wanted); got != "/desk/" {
			t.Errorf("%q leads to %q", wanted, got)
		}
	}
	for _, fine := range []string{"/desk/queue?tab=due&who=all", "/desk/tasks/12", "/desk/"} {
		if got := next(fine); got != fine {
			t.Errorf("%q leads to %q", fine, got)
		}
	}
	d := newDesktop(t)
	d.browser().post("/desk/login", "email", "sdr@example.com", "password", password, "next", "//evil.example/").mustLead(t, "/desk/")
}

// A page of another site must not make a browser do anything here.
func TestForgedRequests(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.SDR)
	for name, forge := range map[string]func(*http.Request){
		"cross-site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"same-site":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"other origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"null origin":  func(r *http.Request) { r.Header.Set("Origin", "null") },
	} {
		for _, path := range []string{"/desk/account/zone", "/desk/logout", "/desk/login"} {
			r := b.request(http.MethodPost, path, url.Values{"zone": {"Asia/Tokyo"}})
			forge(r)
			if a := b.do(r); a.status != http.StatusForbidden {
				t.Errorf("%s to %s: status %d", name, path, a.status)
			}
		}
	}
	u, err := store.UserByEmail(t.Context(), d.pool, "sdr@example.com")
	must(t, err)
	if u.Zone != "" {
		t.Errorf("the zone is %q", u.Zone)
	}
	own := b.request(http.MethodPost, "/desk/account/zone", url.Values{"zone": {"Asia/Tokyo"}})
	own.Header.Set("Sec-Fetch-Site", "same-origin")
	own.Header.Set("Origin", d.server.URL)
	b.do(own).mustLead(t, "/desk/account")
}

func TestChangesReachSessions(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	accounts := access.NewAccounts(d.pool, time.Now)
	by := access.Actor{Who: "cli:test"}
	b := d.as(access.SDR)
	must(t, accounts.SetRole(t.Context(), "sdr@example.com", access.Ops, by))
	b.get("/desk/queue").mustHold(t, 403, "Your role, ops, does not include this page")
	must(t, accounts.SetRole(t.Context(), "sdr@example.com", access.SDR, by))
	b.get("/desk/queue").mustHold(t, 200)
	must(t, accounts.SetPassword(t.Context(), "sdr@example.com", "another long password", by))
	b.get("/desk/queue").mustLead(t, "/desk/login?next=%2Fdesk%2Fqueue")
	b = d.as(access.SDR)
	must(t, accounts.Disable(t.Context(), "sdr@example.com", by))
	b.get("/desk/queue").mustLead(t, "/desk/login?next=%2Fdesk%2Fqueue")
	b.post("/desk/login", "email", "sdr@example.com", "password", "another long password").mustHold(t, 422)
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b, other := d.as(access.Sales), d.as(access.Sales)
	b.get("/desk/account").mustHold(t, 200, "Europe/Berlin", "10:00 CET")
	b.post("/desk/account/zone", "zone", "Mars/Olympus").mustHold(t, 422, `value="Mars/Olympus"`, "is no IANA time zone", `aria-invalid="true"`)
	b.post("/desk/account/zone", "zone", "America/New_York").mustLead(t, "/desk/account")
	refresh := b.request(http.MethodGet, "/desk/account", nil) // of another tab, by itself
	refresh.Header.Set("X-Desk", "refresh")
	b.do(refresh).mustLack(t, "Times are shown in your zone now.")
	b.get("/desk/account").mustHold(t, 200, "Times are shown in your zone now.", "04:00 EST")
	b.get("/desk/account").mustLack(t, "Times are shown in your zone now.")

	b.post("/desk/account/password", "old", "wrong", "new", "a long new password").mustHold(t, 422, `name="old" autocomplete="current-password" required aria-invalid="true" aria-describedby="old-problem"`, `id="old-problem">The old password is wrong.`)
	b.post("/desk/account/password", "old", password, "new", "short").mustHold(t, 422, "must have at least 12")
	b.post("/desk/account/password", "old", password, "new", "a long new password").mustLead(t, "/desk/account")
	b.get("/desk/account").mustHold(t, 200, "Your password is changed")
	other.get("/desk/account").mustLead(t, "/desk/login?next=%2Fdesk%2Faccount")
}

// Every change stands in the log, with who and what; and nobody can take it out.
func TestTheAuditLog(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.browser()
	b.post("/desk/login", "email", "sdr@example.com", "password", "wrong")
	b.post("/desk/login", "email", "sdr@example.com", "password", password)
	b.post("/desk/account/zone", "zone", "Nowhere")
	b.post("/desk/account/zone", "zone", "Asia/Tokyo")
	b.post("/desk/logout")
	deeds, err := store.Deeds(t.Context(), d.pool, "sdr@example.com", 0, 100)
	must(t, err)
	var got []string
	for _, deed := range deeds {
		got = append(got, deed.Action+" "+deed.Outcome)
		if deed.Address != "127.0.0.1" || deed.Role != "sdr" {
			t.Errorf("deed %+v", deed)
		}
	}
	want := []string{
		"POST /desk/logout done", "POST /desk/account/zone done", "users set-zone done", "POST /desk/account/zone refused", "login done", "login refused",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the log holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, sql := range []string{`UPDATE audit_log SET who = 'nobody'`, `DELETE FROM audit_log`} {
		if _, err := d.pool.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// cookies are those of the desk.
func (b *browser) cookies() []*http.Cookie {
	base, err := url.Parse(b.base + "/desk/")
	must(b.t, err)
	return b.client.Jar.Cookies(base)
}
