package main

import (
	"context"

	"nurture/config"
	"nurture/internal/access/oidc"
	"nurture/internal/doctor"
)

// loginChecks look at the identity provider; none while there is none.
func (o *doctorOptions) loginChecks(env environment, settings config.Settings) []doctor.Check {
	provider, err := env.provider(settings)
	switch {
	case err != nil:
		return []doctor.Check{broken("login", err, "check login in "+config.SettingsFile)}
	case provider == nil:
		return nil
	}
	return []doctor.Check{{What: "login", Look: func(ctx context.Context) []doctor.Finding {
		return doctor.Login(ctx, provider.Issuer, provider.RedirectURL, func(ctx context.Context) (doctor.IdentityProvider, error) {
			facts, err := oidc.Examine(ctx, provider.Settings)
			return doctor.IdentityProvider(facts), err
		})
	}}}
}
