package doctor

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"nurture/internal/tlsclient"
)

// IdentityProvider is what an identity provider says of itself.
type IdentityProvider struct {
	AuthURL, TokenURL string
	Keys              int  // with which it signs
	NoPKCE            bool // it lists ways of PKCE, and S256 is none of them
	NoLogout          bool // it has no page to end its session
}

var loginRemedies = remedies{
	address: "login.oidc.issuer",
	login:   "let the provider's pages pass without a login",
	trust:   "name its PEM file in login.oidc.ca_cert",
	tls:     "the port does not speak TLS: check login.oidc.issuer",
}

// Login judges the identity provider of an issuer, which sends people back to redirect. Nobody is logged in: whether the provider knows this
// program and its secret is only seen then.
func Login(ctx context.Context, issuer, redirect string, ask func(context.Context) (IdentityProvider, error)) []Finding {
	const what = "login"
	found, err := ask(ctx)
	if err != nil {
		fix := loginRemedies.fix(err)
		if strings.Contains(err.Error(), "did not match the issuer") {
			fix = "write login.oidc.issuer exactly as the provider writes itself: a slash at the end counts"
		}
		return []Finding{fail(what, issuer+": "+err.Error(), fix)}
	}
	findings := []Finding{good(what, "%s answers, with %d keys; it sends people back to %s, which must be registered there", issuer, found.Keys, redirect)}
	if found.Keys == 0 {
		findings = []Finding{fail(what, issuer+" publishes no keys: nothing that it signs can be believed", "see to the provider's signing keys")}
	}
	for _, at := range []string{found.AuthURL, found.TokenURL} {
		if u, err := url.Parse(at); err != nil || u.Scheme != "https" && !tlsclient.Loopback(u.Hostname()) {
			findings = append(findings, fail("login https", fmt.Sprintf("the provider names %s, which is not protected", at), "see to the provider's public address"))
		}
	}
	if found.NoPKCE {
		findings = append(findings, warn("login pkce", "the provider does not list PKCE with S256 (RFC 7636), which every login asks for", "switch it on for this client at the provider"))
	}
	return findings
}
