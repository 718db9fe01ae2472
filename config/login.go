package config

import (
	"net/url"
	"slices"
	"strings"

	"nurture/internal/tlsclient"
)

// Login is how people log in at the desk. The zero Login is by passwords.
type Login struct {
	AdminsOnly bool  // passwords are for admins only
	OIDC       *OIDC // nil: there is no identity provider
}

// OIDC is an identity provider (OpenID Connect), and whom the desk lets in on its word. The client's secret is read from the environment:
// NURTURE_OIDC_CLIENT_SECRET, or the file that NURTURE_OIDC_CLIENT_SECRET_FILE names.
type OIDC struct {
	Issuer       string // exactly as written: a slash at the end counts
	ClientID     string
	Label        string   // what people call it
	CACert       string   // path of a PEM file with one more authority to trust; "" the system's alone
	Scopes       []string // beside openid, profile and email
	EmailDomains []string // that are let in, in lower case; none: every domain is
	TrustEmail   bool     // addresses count of which the provider does not say whether they are verified
	RolesClaim   string   // which claim holds a person's groups; "" when Roles is nil
	// Roles names, by role, the groups that have it; nil: roles are set at the desk.
	Roles    map[string][]string
	Create   bool   // people without an account get one
	CreateAs string // their role; "" when Roles says it
}

// Who may log in by a password.
type passwordsOf string

const (
	passwordsEverybody passwordsOf = "everybody"
	passwordsAdmins    passwordsOf = "admins"
)

// deskRoles are the roles of the desk, as package access has them.
var deskRoles = []string{"marketer", "sdr", "sales", "manager", "ops", "admin"}

// DeskRoles lists the names of the desk's roles.
func DeskRoles() []string { return slices.Clone(deskRoles) }

func readLogin(n node) Login {
	o := n.object()
	defer o.close()
	passwords := o.get("passwords")
	l := Login{
		AdminsOnly: choice(passwords, passwordsEverybody, passwordsEverybody, passwordsAdmins) == passwordsAdmins,
		OIDC:       readOIDC(o.get("oidc")),
	}
	if l.AdminsOnly && !o.has("oidc") {
		passwords.fail("write oidc as well, or passwords: everybody", "nobody but admins could log in")
	}
	return l
}

func readOIDC(n node) *OIDC {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	o.refuse("client_secret", "remove it here and set the environment variable NURTURE_OIDC_CLIENT_SECRET, or NURTURE_OIDC_CLIENT_SECRET_FILE",
		"secrets do not belong in the configuration")
	p := &OIDC{
		Issuer:   o.need("issuer", "issuer: https://login.example.com, as the provider writes it").issuer(),
		ClientID: o.need("client_id", "client_id: nurture, as the provider knows this program").text(),
		Label:    o.need("label", `what people call it, such as label: "Example ID"`).text(),
		CACert:   o.get("ca_cert").text(),
		Scopes:   o.get("scopes").texts(),
	}
	for _, item := range o.get("email_domains").list() {
		p.EmailDomains = append(p.EmailDomains, item.dnsName("such as example.com"))
	}
	p.TrustEmail = o.get("trust_email").yes()
	p.Roles = readGroups(o.get("roles"))
	claim := o.get("roles_claim")
	switch {
	case p.Roles != nil && !claim.given():
		p.RolesClaim = "groups"
	case claim.given():
		p.RolesClaim = claim.text()
		if p.Roles == nil {
			claim.fail("write roles as well: which groups have which role", `"roles_claim" has no effect without "roles"`)
		}
	}
	readCreate(o, p)
	return p
}

// readCreate reads whether people without an account get one. Whoever can get an account at the provider would then be let in, so something
// must say who is meant.
func readCreate(o *object, p *OIDC) {
	create, as := o.get("create"), o.get("create_as")
	p.Create = create.yes()
	if as.given() {
		p.CreateAs = choice(as, "", deskRoles...)
	}
	switch {
	case as.given() && !p.Create:
		as.fail("write create: true, or remove it", `"create_as" has no effect here`)
	case as.given() && p.Roles != nil:
		as.fail("remove it", `"roles" says what people may do`)
	case p.Create && p.Roles == nil && !as.given():
		create.fail("write create_as: sdr, or roles", "nothing says what new people may do")
	case p.Create && p.Roles == nil && len(p.EmailDomains) == 0:
		create.fail("write email_domains or roles", "everybody with an account at the provider would be let in")
	}
}

// readGroups reads which groups have which role; nil when it is not written.
func readGroups(n node) map[string][]string {
	if !n.given() {
		return nil
	}
	o := n.object()
	defer o.close()
	all := map[string][]string{}
	for _, role := range deskRoles {
		if groups := o.get(role); groups.given() {
			for _, item := range atLeastOne(groups, "group") {
				all[role] = append(all[role], item.text())
			}
		}
	}
	if len(all) == 0 && len(o.entries) == 0 {
		n.fail("such as roles: { admin: [nurture-admins] }", "%s names no role", n.name())
	}
	return all
}

// issuer reads the name of a provider: a web address whose every character counts (OpenID Connect Discovery 1.0, section 4.3).
func (n node) issuer() string {
	text := n.text()
	if text == "" {
		return ""
	}
	if strings.TrimRight(text, "/") != n.url() { // which says what is wrong with it
		return ""
	}
	if u, err := url.Parse(text); err == nil && u.Scheme != "https" && !tlsclient.Loopback(u.Hostname()) {
		n.fail("write https", "what the provider says of people could be changed on the way")
		return ""
	}
	return text
}
