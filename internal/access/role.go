// Package access says who may use the desk: roles, passwords, accounts and their logins.
package access

import (
	"fmt"
	"strings"
)

// Role is what somebody is here to do. What each may reach, the desk's table of routes says.
type Role string

// The roles.
const (
	Marketer Role = "marketer" // writes cadences and the lead definition
	SDR      Role = "sdr"      // works tasks
	Sales    Role = "sales"    // takes handoffs
	Manager  Role = "manager"  // leads SDRs and sales, and gets what they leave lying
	Ops      Role = "ops"      // keeps it running
	Admin    Role = "admin"    // may do everything, and manages users
)

// Roles lists all roles.
var Roles = []Role{Marketer, SDR, Sales, Manager, Ops, Admin}

// ParseRole reads a role.
func ParseRole(s string) (Role, error) {
	names := make([]string, len(Roles))
	for i, r := range Roles {
		if string(r) == strings.ToLower(strings.TrimSpace(s)) {
			return r, nil
		}
		names[i] = string(r)
	}
	return "", fmt.Errorf("%q is no role; choose one of %s", s, strings.Join(names, ", "))
}
