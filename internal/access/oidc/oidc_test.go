package oidc

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nurture/internal/oidctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const redirect = "http://127.0.0.1:8025/desk/login/oidc/callback"

// rig is a client before an issuer, both by one clock.
type rig struct {
	*testing.T
	issuer *oidctest.Issuer
	client *Client
	of     Settings
	now    time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, now: time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return r.now }
	r.issuer = oidctest.New(t, clock)
	r.issuer.LogIn(oidctest.Person{Subject: "4711", Claims: map[string]any{
		"email": "Ann@example.com", "email_verified": true, "name": "Ann Example", "groups": []string{"sdrs", "staff"},
	}})
	r.client = New(clock)
	r.of = Settings{Issuer: r.issuer.URL, ClientID: oidctest.ClientID, ClientSecret: oidctest.ClientSecret, RedirectURL: redirect, GroupsClaim: "groups"}
	return r
}

// walk goes to the provider as a browser does, and gives the query with which that sends it back.
func (r *rig) walk() (Flow, url.Values) {
	r.Helper()
	to, f, err := r.client.Begin(r.Context(), r.of)
	if err != nil {
		r.Fatal(err)
	}
	return f, r.follow(to)
}

func (r *rig) follow(to string) url.Values {
	r.Helper()
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, to, nil)
	if err != nil {
		r.Fatal(err)
	}
	browser := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := browser.Do(request)
	if err != nil {
		r.Fatal(err)
	}
	defer response.Body.Close()
	back, err := response.Location()
	if err != nil || !strings.HasPrefix(back.String(), redirect+"?") {
		r.Fatalf("%s leads to %v, %v", to, back, err)
	}
	return back.Query()
}

func (r *rig) finish(f Flow, answer url.Values) (Identity, error) {
	return r.client.Finish(r.Context(), r.of, f, answer)
}

func (r *rig) login() (Identity, error) {
	r.Helper()
	return r.finish(r.walk())
}

func TestLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, err := r.login()
	if err != nil || id.Subject != "4711" || id.Issuer != r.issuer.URL || id.Email != "Ann@example.com" || id.Verified == nil || !*id.Verified ||
		id.Name != "Ann Example" || !slices.Equal(id.Groups, []string{"sdrs", "staff"}) {
		t.Fatalf("%+v, %v", id, err)
	}
	if scope := r.issuer.Asked().Get("scope"); scope != "openid profile email" {
		t.Errorf("scope %q", scope)
	}
	r.of.Scopes, r.of.GroupsClaim = []string{"groups"}, ""
	if id, err = r.login(); err != nil || id.Groups != nil || r.issuer.Asked().Get("scope") != "openid profile email groups" {
		t.Errorf("%+v, %v, scope %q", id, err, r.issuer.Asked().Get("scope"))
	}
	r.issuer.NewKey()
	if _, err := r.login(); err != nil {
		t.Errorf("after the issuer took a new key: %v", err)
	}
	r.issuer.SecretInForm()
	r.client = New(r.client.now)
	if _, err := r.login(); err != nil {
		t.Errorf("with the secret in the form: %v", err)
	}
	if got := r.client.EndSession(r.of); got != r.issuer.URL+"/logout?client_id=nurture" {
		t.Errorf("the session ends at %q", got)
	}
	if got := New(time.Now).EndSession(r.of); got != "" {
		t.Errorf("of a provider that was not asked the session ends at %q", got)
	}
}

// The browser's part of the answer, forged, late, or sent twice.
func TestForgedAnswers(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(r *rig, f *Flow, answer url.Values){
		"no state":          func(_ *rig, _ *Flow, answer url.Values) { answer.Del("state") },
		"wrong state":       func(_ *rig, _ *Flow, answer url.Values) { answer.Set("state", "ABC") },
		"no login begun":    func(_ *rig, f *Flow, answer url.Values) { *f = Flow{}; answer.Del("state") },
		"too late":          func(r *rig, _ *Flow, _ url.Values) { r.now = r.now.Add(flowLife + time.Second) },
		"other issuer":      func(_ *rig, _ *Flow, answer url.Values) { answer.Set("iss", "https://evil.example") },
		"issuer is missing": func(_ *rig, _ *Flow, answer url.Values) { answer.Del("iss") },
		"begun elsewhere":   func(_ *rig, f *Flow, _ url.Values) { f.Issuer = "https://other.example" },
		"no code":           func(_ *rig, _ *Flow, answer url.Values) { answer.Del("code") },
		"invented code":     func(_ *rig, _ *Flow, answer url.Values) { answer.Set("code", "ABC") },
		"other verifier":    func(_ *rig, f *Flow, _ url.Values) { f.Verifier = strings.Repeat("x", 43) },
		"code of another login": func(r *rig, _ *Flow, answer url.Values) {
			_, other := r.walk()
			answer.Set("code", other.Get("code"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			f, answer := r.walk()
			forge(r, &f, answer)
			if id, err := r.finish(f, answer); !errors.Is(err, ErrRefused) || id.Subject != "" {
				t.Errorf("%+v, %v", id, err)
			}
		})
	}
	r := newRig(t)
	f, answer := r.walk()
	if _, err := r.finish(f, answer); err != nil {
		t.Fatal(err)
	}
	if id, err := r.finish(f, answer); !errors.Is(err, ErrRefused) {
		t.Errorf("the same answer again: %+v, %v", id, err)
	}
	r.issuer.Decline("access_denied")
	if _, err := r.login(); !errors.Is(err, ErrDeclined) || !strings.Contains(err.Error(), "access_denied") {
		t.Errorf("declined: %v", err)
	}
}

// ID tokens that are not what they should be.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	set := func(claim string, value any) func(*rig) {
		return func(r *rig) { r.issuer.Lie(func(claims map[string]any) { claims[claim] = value }) }
	}
	sign := func(alg string) func(*rig) {
		return func(r *rig) { r.issuer.SignBy(func(claims []byte) string { return r.issuer.Sign(alg, claims) }) }
	}
	for name, tc := range map[string]struct {
		lie  func(*rig)
		want string
	}{
		"wrong nonce":            {set("nonce", "ABC"), "made for another login"},
		"no nonce":               {func(r *rig) { r.issuer.Lie(func(claims map[string]any) { delete(claims, "nonce") }) }, "made for another login"},
		"wrong audience":         {set("aud", "other-program"), "expected audience"},
		"no audience":            {func(r *rig) { r.issuer.Lie(func(claims map[string]any) { delete(claims, "aud") }) }, "expected audience"},
		"many audiences":         {set("aud", []string{"other-program", oidctest.ClientID}), `made for ["other-program" "nurture" ""]`},
		"another's token":        {set("azp", "other-program"), "other-program"},
		"expired":                {set("exp", 1_700_000_000), "expired"},
		"without an end":         {func(r *rig) { r.issuer.Lie(func(claims map[string]any) { delete(claims, "exp") }) }, "expired"},
		"not valid yet":          {set("nbf", 1_900_000_000), "nbf"},
		"other issuer":           {set("iss", "https://evil.example"), "different provider"},
		"no subject":             {set("sub", ""), "subject"},
		"endless subject":        {set("sub", strings.Repeat("x", 256)), "subject"},
		"binary subject":         {set("sub", "4711\x00"), "subject"},
		"another's access token": {set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), "access token hash"},
		"alg none":               {sign("none"), "signature algorithm"},
		"public key as a secret": {sign("HS256"), "signature algorithm"},
		"stranger's key":         {sign("RS256"), "failed to verify signature"},
		"cut off":                {func(r *rig) { r.issuer.SignBy(func([]byte) string { return "e30." }) }, "malformed"},
		"none":                   {func(r *rig) { r.issuer.SignBy(func([]byte) string { return "" }) }, "malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			tc.lie(r)
			if id, err := r.login(); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), tc.want) || id.Subject != "" {
				t.Errorf("%+v, %v; want %q", id, err, tc.want)
			}
		})
	}
	r := newRig(t)
	r.issuer.Lie(func(claims map[string]any) {
		claims["aud"], claims["azp"] = []string{"other-program", oidctest.ClientID}, oidctest.ClientID
	})
	if _, err := r.login(); err != nil {
		t.Errorf("a token for several, made for us: %v", err)
	}
}

// Providers that keep claims out of ID tokens, and write them in their own ways.
func TestClaims(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.issuer.Hide("email", "email_verified", "groups", "name")
	id, err := r.login()
	if err != nil || id.Email != "Ann@example.com" || id.Verified == nil || !*id.Verified || id.Name != "Ann Example" || len(id.Groups) != 2 {
		t.Errorf("from userinfo: %+v, %v", id, err)
	}
	r.issuer.Inform(map[string]any{"sub": "4712", "email": "boss@example.com", "email_verified": true})
	if id, err = r.login(); !errors.Is(err, ErrRefused) {
		t.Errorf("userinfo about somebody else: %+v, %v", id, err)
	}
	// Whether an address is verified is said of that address, not of one that is told elsewhere.
	r.issuer.Hide("email_verified", "groups")
	r.issuer.Inform(map[string]any{"sub": "4711", "email": "other@example.com", "email_verified": true, "groups": "one"})
	if id, err = r.login(); err != nil || id.Email != "Ann@example.com" || id.Verified != nil || !slices.Equal(id.Groups, []string{"one"}) {
		t.Errorf("mixed: %+v, %v", id, err)
	}
	r.issuer.Hide("email", "groups")
	r.issuer.Inform(map[string]any{"sub": "4711", "email": "other@example.com"})
	if id, err = r.login(); err != nil || id.Email != "other@example.com" || id.Verified != nil {
		t.Errorf("the other way round: %+v, %v", id, err)
	}
	for _, tc := range []struct {
		claims claims
		path   string
		want   []string
	}{
		{claims{"groups": []any{"a", 1, "b"}}, "groups", []string{"a", "b"}},
		{claims{"realm_access": map[string]any{"roles": []any{"a"}}}, "realm_access.roles", []string{"a"}},
		{claims{"https://example.com/roles": []any{"a"}}, "https://example.com/roles", []string{"a"}},
		{claims{"urn:zitadel:roles": map[string]any{"b": map[string]any{}, "a": map[string]any{}}}, "urn:zitadel:roles", []string{"a", "b"}},
		{claims{"role": "a"}, "role", []string{"a"}},
		{claims{"role": true}, "role", nil},
		{claims{"role": "a"}, "role.name", nil},
		{claims{}, "groups", nil},
	} {
		if got := tc.claims.identity("", "", tc.path).Groups; !slices.Equal(got, tc.want) {
			t.Errorf("%v at %s: %q, want %q", tc.claims, tc.path, got, tc.want)
		}
	}
	for value, want := range map[any]bool{true: true, false: false, "true": true, "false": false, "yes": false} {
		if got := (claims{"email_verified": value}).identity("", "", "").Verified; got == nil || *got != want {
			t.Errorf("email_verified %v: %v", value, got)
		}
	}
}

func TestAProviderThatIsAway(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	begin := func() error {
		_, _, err := r.client.Begin(r.Context(), r.of)
		return err
	}
	r.issuer.Down(true)
	if err := begin(); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), "503") {
		t.Fatal(err)
	}
	r.issuer.Down(false)
	if err := begin(); !errors.Is(err, ErrAway) {
		t.Errorf("it is asked again at once: %v", err)
	}
	r.now = r.now.Add(retryAfter)
	if err := begin(); err != nil {
		t.Errorf("once it is back: %v", err)
	}
	f, answer := r.walk()
	r.issuer.Down(true)
	if _, err := r.finish(f, answer); !errors.Is(err, ErrAway) {
		t.Errorf("away at the end of a login: %v", err)
	}
	r.now = r.now.Add(2 * discoveryKept)
	if err := begin(); err != nil {
		t.Errorf("what it said before is forgotten: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	other := r.of
	other.Issuer += "/"
	if _, _, err := r.client.Begin(gone, other); !errors.Is(err, ErrAway) {
		t.Error(err)
	}
	r.issuer.Down(false)
	if _, _, err := r.client.Begin(t.Context(), other); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), "did not match") {
		t.Errorf("an issuer that names itself otherwise: %v", err)
	}
	other.CACert = "nowhere.pem"
	if _, _, err := r.client.Begin(t.Context(), other); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), "nowhere.pem") {
		t.Errorf("an authority that cannot be read: %v", err)
	}
	r.of.ClientSecret = "wrong"
	if _, err := r.login(); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "invalid_client") {
		t.Errorf("with a wrong secret: %v", err)
	}
}

func TestExamine(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	f, err := Examine(t.Context(), r.of)
	if err != nil || f.Keys != 1 || f.NoPKCE || f.NoLogout || f.AuthURL != r.issuer.URL+"/authorize" || f.TokenURL != r.issuer.URL+"/token" {
		t.Errorf("%+v, %v", f, err)
	}
	r.issuer.Down(true)
	if _, err := Examine(t.Context(), r.of); !errors.Is(err, ErrAway) {
		t.Error(err)
	}
}
