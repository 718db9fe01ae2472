package oidc

import (
	"maps"
	"slices"
	"strings"
)

// Identity is who a provider says that somebody is.
type Identity struct {
	Issuer  string
	Subject string // unique at the issuer, and never given to anybody else
	Email   string // as the provider writes it; "" when it tells none
	// Verified is what the provider says about whether the address is this person's; nil when it says nothing.
	Verified *bool
	Name     string   // "" when it tells none
	Groups   []string // values of the claim of Settings.GroupsClaim
}

// claims are what a provider tells about somebody.
type claims map[string]any

// lack says whether the address or the groups are not told.
func (c claims) lack(groups string) bool {
	email, _ := c["email"].(string)
	return email == "" || groups != "" && c.at(groups) == nil
}

// add takes over what is not told yet. An address and whether it is verified belong together.
func (c claims) add(more claims) {
	if email, _ := c["email"].(string); email == "" {
		delete(c, "email_verified")
	} else {
		delete(more, "email_verified")
	}
	for key, value := range more {
		if old, told := c[key]; !told || old == "" {
			c[key] = value
		}
	}
}

// at finds a claim by its name, or by a path into groups of claims.
func (c claims) at(path string) any {
	if value, ok := c[path]; ok {
		return value
	}
	head, rest, more := strings.Cut(path, ".")
	if inner, ok := c[head].(map[string]any); ok && more {
		return claims(inner).at(rest)
	}
	return nil
}

func (c claims) identity(issuer, subject, groups string) Identity {
	id := Identity{Issuer: issuer, Subject: subject}
	id.Email, _ = c["email"].(string)
	id.Name, _ = c["name"].(string)
	switch v := c["email_verified"].(type) {
	case bool:
		id.Verified = &v
	case string: // AWS Cognito, and others
		verified := v == "true"
		id.Verified = &verified
	}
	if groups != "" {
		id.Groups = texts(c.at(groups))
	}
	return id
}

// texts reads a claim that is one text, a list of them, or a group named by them, as Zitadel writes roles.
func texts(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, item := range v {
			if text, ok := item.(string); ok {
				all = append(all, text)
			}
		}
		return all
	case map[string]any:
		return slices.Sorted(maps.Keys(v))
	}
	return nil
}
