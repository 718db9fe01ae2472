package main

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strings"

	"nurture/internal/spelling"
)

// knownVariables are the NURTURE_… variables that say something; those in perUser also with a user behind them, such as
// NURTURE_SMTP_PASSWORD_MARA_EXAMPLE_COM. docs/cli.md explains them.
var (
	knownVariables = []string{
		"NURTURE_ENRICHMENT_SECRET", "NURTURE_IMAP_CA_CERT", "NURTURE_IMAP_HOST", "NURTURE_IMAP_PASSWORD", "NURTURE_IMAP_PORT", "NURTURE_IMAP_TLS", "NURTURE_IMAP_USERNAME",
		"NURTURE_INBOUND_TOKEN", "NURTURE_OIDC_CLIENT_ID", "NURTURE_OIDC_CLIENT_SECRET", "NURTURE_OIDC_CLIENT_SECRET_FILE", "NURTURE_OIDC_ISSUER", "NURTURE_PROXY_HEADER",
		"NURTURE_PUBLIC_URL", "NURTURE_SMTP_CA_CERT", "NURTURE_SMTP_CONNECTIONS", "NURTURE_SMTP_HOST", "NURTURE_SMTP_PASSWORD", "NURTURE_SMTP_PORT", "NURTURE_SMTP_TLS",
		"NURTURE_SMTP_USERNAME", "NURTURE_TRUSTED_PROXIES", "NURTURE_TWILIO_ACCOUNT_SID", "NURTURE_TWILIO_AUTH_TOKEN", "NURTURE_TWILIO_BASE_URL", "NURTURE_USER",
	}
	perUser = []string{"NURTURE_IMAP_PASSWORD_", "NURTURE_SMTP_PASSWORD_"}
)

// guessedVariables are names that people give to what is called otherwise.
var guessedVariables = map[string]string{
	"NURTURE_DATABASE_URL": "DATABASE_URL", "NURTURE_DATABASE": "DATABASE_URL", "NURTURE_SMTP_USER": "NURTURE_SMTP_USERNAME", "NURTURE_SMTP_PASS": "NURTURE_SMTP_PASSWORD",
	"NURTURE_IMAP_USER": "NURTURE_IMAP_USERNAME", "NURTURE_IMAP_PASS": "NURTURE_IMAP_PASSWORD", "NURTURE_SMTP_SERVER": "NURTURE_SMTP_HOST", "NURTURE_IMAP_SERVER": "NURTURE_IMAP_HOST",
}

// foreignVariables are not for us though they begin so: our own tests' and tools', and those that Kubernetes gives every container when a service is called nurture.
var foreignVariables = regexp.MustCompile(`^NURTURE_(TEST_|PGTEST_|UPDATE_|(.+_)?SERVICE_(HOST|PORT)|(.+_)?PORT(_\d+_(TCP|UDP))?)`)

// misspelt is how far from a known name one may be to be that, misspelt: two letters changed, added, left out or swapped.
const misspelt = 2

// odd is a variable that nobody reads.
type odd struct {
	name, nearest string
	misspelt      bool // nearest is what was meant
}

// oddVariables finds, among all variables of the process, those that are meant for us and say nothing, by name.
func oddVariables(environ []string) []odd {
	var found []odd
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if value == "" || slices.Contains(knownVariables, name) || slices.ContainsFunc(perUser, func(p string) bool { return strings.HasPrefix(name, p) }) {
			continue
		}
		meant, far := nearestVariable(name)
		switch {
		case far <= misspelt:
			found = append(found, odd{name, meant, true})
		case strings.HasPrefix(name, "NURTURE_") && !foreignVariables.MatchString(name):
			found = append(found, odd{name, meant, false})
		}
	}
	slices.SortFunc(found, func(a, b odd) int { return strings.Compare(a.name, b.name) })
	return found
}

// nearestVariable is the known name that is most like one, and how far from it; 0 is for a name that people guess.
func nearestVariable(name string) (nearest string, far int) {
	if meant, ok := guessedVariables[name]; ok {
		return meant, 0
	}
	far = math.MaxInt
	near := func(known, like string) {
		if d := spelling.Distance(like, known); d < far {
			nearest, far = known, d
		}
	}
	for _, known := range knownVariables {
		near(known, name)
	}
	for _, prefix := range perUser { // with whoever's name behind it
		for n := len(prefix) - misspelt; n <= min(len(prefix)+misspelt, len(name)); n++ {
			if name[n-1] == '_' {
				near(prefix+"…", name[:n]+"…")
			}
		}
	}
	return nearest, far
}

// misspeltVariables is the error of variables that are surely meant for us and would not be heeded: mail would go to files, a database of our own would be
// set up. nil when there is none.
func misspeltVariables(environ []string) error {
	var errs []error
	for _, o := range oddVariables(environ) {
		if o.misspelt {
			errs = append(errs, failf("%s means nothing: it is %s", o.name, o.nearest))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return hint(errors.Join(errs...), "rename the variable, or unset it; docs/cli.md names all")
}
