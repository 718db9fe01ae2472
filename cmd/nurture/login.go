package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"

	"nurture/config"
	"nurture/internal/access"
	"nurture/internal/access/oidc"
	"nurture/jobs"
	"nurture/web/desk"
)

// waysToLogIn follow the live configuration; while there is none, people log in by passwords, or as the environment alone says.
func (o *outlets) waysToLogIn(ctx context.Context) (access.Ways, error) {
	settings, err := o.settings(ctx)
	if err != nil && !errors.Is(err, jobs.ErrNotReady) {
		return access.Ways{AdminsOnly: true}, err // what is meant is not known: the narrowest way
	}
	return o.env.waysToLogIn(settings)
}

// waysToLogIn are how people log in at the desk. Beside an error stands what is certain.
func (e environment) waysToLogIn(s config.Settings) (access.Ways, error) {
	ways := access.Ways{AdminsOnly: s.Login.AdminsOnly}
	provider, err := e.provider(s)
	ways.Provider = provider
	return ways, err
}

// provider is the identity provider; nil when there is none.
func (e environment) provider(s config.Settings) (*access.Provider, error) {
	var y config.OIDC
	if s.Login.OIDC != nil {
		y = *s.Login.OIDC
	}
	p := &access.Provider{
		Label: cmp.Or(y.Label, "your company's login"), Domains: y.EmailDomains, TrustEmail: y.TrustEmail, Create: y.Create, CreateAs: access.Role(y.CreateAs),
		Settings: oidc.Settings{
			Issuer: cmp.Or(e.oidcIssuer, y.Issuer), ClientID: cmp.Or(e.oidcClientID, y.ClientID), CACert: y.CACert, Scopes: y.Scopes, GroupsClaim: y.RolesClaim,
		},
	}
	switch public := e.public(s); {
	case p.Issuer == "":
		return nil, nil
	case p.ClientID == "":
		return nil, hint(failf("an identity provider is configured (%s), and there is no client id", p.Issuer), "set NURTURE_OIDC_CLIENT_ID, or login.oidc.client_id in "+config.SettingsFile)
	case public == "":
		return nil, hint(failf("an identity provider is configured (%s), and there is no address for it to send people back to", p.Issuer), "set NURTURE_PUBLIC_URL")
	default:
		p.RedirectURL = public + desk.OIDCCallback
	}
	if y.Roles != nil {
		p.Groups = map[access.Role][]string{}
		for role, groups := range y.Roles {
			p.Groups[access.Role(role)] = groups
		}
	}
	var err error
	p.ClientSecret, err = e.oidcSecret()
	if err != nil {
		return nil, err
	}
	return p, nil
}

// oidcSecret reads the client's secret, from its file anew each time, so that a new one needs no restart.
func (e environment) oidcSecret() (string, error) {
	secret := e.oidcClientSecret
	if e.oidcSecretFile != "" {
		content, err := os.ReadFile(e.oidcSecretFile)
		if err != nil {
			return "", hint(failf("the secret of the identity provider's client cannot be read: %w", err), "NURTURE_OIDC_CLIENT_SECRET_FILE names the file")
		}
		secret = strings.TrimSpace(string(content))
	}
	if secret == "" {
		return "", hint(failf("an identity provider is configured, and there is no secret of its client"), "set NURTURE_OIDC_CLIENT_SECRET, or NURTURE_OIDC_CLIENT_SECRET_FILE")
	}
	return secret, nil
}
