package doctor

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	const issuer, redirect = "https://login.example.com", "https://nurture.example.com/desk/login/oidc/callback"
	whole := IdentityProvider{AuthURL: issuer + "/authorize", TokenURL: "http://127.0.0.1/token", Keys: 2}
	look := func(p IdentityProvider, err error) []Finding {
		return Login(t.Context(), issuer, redirect, func(context.Context) (IdentityProvider, error) { return p, err })
	}
	want(t, only(t, look(whole, nil)), OK, "login", "answers, with 2 keys; it sends people back to "+redirect, "")
	for _, tc := range []struct {
		change            func(*IdentityProvider)
		level             Level
		what, detail, fix string
	}{
		{func(p *IdentityProvider) { p.Keys = 0 }, Fail, "login", "no keys", "signing keys"},
		{func(p *IdentityProvider) { p.AuthURL = "http://login.example.com/authorize" }, Fail, "login https", "http://login.example.com/authorize", "public address"},
		{func(p *IdentityProvider) { p.NoPKCE = true }, Warn, "login pkce", "S256", "switch it on"},
	} {
		p := whole
		tc.change(&p)
		want(t, about(t, look(p, nil), tc.what), tc.level, tc.what, tc.detail, tc.fix)
	}
	want(t, only(t, look(whole, fmt.Errorf("it is away: %w", syscall.ECONNREFUSED))), Fail, "login", "it is away", "login.oidc.issuer")
	want(t, only(t, look(whole, errors.New("issuer URL did not match the issuer URL returned"))), Fail, "login", "did not match", "a slash at the end counts")
}
