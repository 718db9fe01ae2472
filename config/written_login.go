package config

import "github.com/invopop/jsonschema"

type (
	loginForm struct {
		// Who may log in by a password. Admins always may: it is their way in while the identity provider is away.
		Passwords passwordsChoice `json:"passwords" jsonschema:"default=everybody"`
		// An identity provider (OpenID Connect). Without it, people log in by passwords.
		OIDC oidcForm `json:"oidc"`
	}

	oidcForm struct {
		// The provider, exactly as it writes itself: a slash at the end counts.
		Issuer webAddress `json:"issuer" jsonschema:"required"`
		// How the provider knows this program. The secret comes from the environment variable NURTURE_OIDC_CLIENT_SECRET, never from this file.
		ClientID plainText `json:"client_id" jsonschema:"required"`
		// What people call it; stands on the button.
		Label plainText `json:"label" jsonschema:"required"`
		// PEM file of the authority to trust; the system's when it is left out.
		CACert plainText `json:"ca_cert"`
		// Scopes to ask for beside openid, profile and email: some providers tell groups only with groups.
		Scopes []plainText `json:"scopes"`
		// Whose addresses are let in. Every domain when it is left out.
		EmailDomains []hostName `json:"email_domains"`
		// Take addresses of which the provider does not say whether they are verified. Only where nobody can choose the own address there.
		TrustEmail bool `json:"trust_email"`
		// The claim with a person's groups: its name, or a path such as realm_access.roles.
		RolesClaim plainText `json:"roles_claim" jsonschema:"default=groups"`
		// Which groups have which role, set anew at each login. Without it, roles are set at the desk.
		Roles groupsForm `json:"roles"`
		// Let people in who have no account yet.
		Create bool `json:"create"`
		// What they may do, where roles does not say it.
		CreateAs roleChoice `json:"create_as"`
	}

	// Who is in groups of several roles has the first of admin, manager, ops, marketer, sales, sdr.
	groupsForm struct {
		// Groups whose people may do everything, and manage users.
		Admin []plainText `json:"admin" jsonschema:"minItems=1"`
		// Groups of those who lead SDRs and sales.
		Manager []plainText `json:"manager" jsonschema:"minItems=1"`
		// Groups of those who keep it running.
		Ops []plainText `json:"ops" jsonschema:"minItems=1"`
		// Groups of those who write cadences and the lead definition.
		Marketer []plainText `json:"marketer" jsonschema:"minItems=1"`
		// Groups of those who take handoffs.
		Sales []plainText `json:"sales" jsonschema:"minItems=1"`
		// Groups of those who work tasks.
		SDR []plainText `json:"sdr" jsonschema:"minItems=1"`
	}
)

type (
	passwordsChoice string
	roleChoice      string
)

func (passwordsChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(passwordsEverybody, passwordsAdmins)
}

func (roleChoice) JSONSchema() *jsonschema.Schema { return oneOf(deskRoles...) }

// JSONSchemaExtend asks for one role at least.
func (groupsForm) JSONSchemaExtend(s *jsonschema.Schema) {
	one := uint64(1)
	s.MinProperties = &one
}
