package access

import (
	"slices"

	"nurture/internal/access/oidc"
)

// Ways are the ways in which people log in. The zero Ways are passwords, for everybody.
type Ways struct {
	// AdminsOnly leaves passwords to admins: their way in while the identity provider is away.
	AdminsOnly bool
	Provider   *Provider // nil: there is none
}

// Password says whether somebody in a role may log in by a password.
func (w Ways) Password(role Role) bool { return !w.AdminsOnly || role == Admin }

// Provider is an identity provider, and whom we let in on its word.
type Provider struct {
	oidc.Settings
	Label string // as people know it
	// Domains are those of the addresses that are let in, in lower case; none: every domain is.
	Domains []string
	// TrustEmail takes addresses of which the provider does not say whether they are verified.
	TrustEmail bool
	// Groups names, by role, the groups that have it; nil: a role is what it is set to here.
	Groups map[Role][]string
	// Create lets people in who have no account yet, as CreateAs where Groups is nil.
	Create   bool
	CreateAs Role
}

// Precedence is the order in which the groups of roles count: who is in several has the first role.
var Precedence = []Role{Admin, Manager, Ops, Marketer, Sales, SDR}

// role is what somebody with groups is here to do; "" when no group says.
func (p *Provider) role(groups []string) Role {
	for _, role := range Precedence {
		if slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(p.Groups[role], g) }) {
			return role
		}
	}
	return ""
}
