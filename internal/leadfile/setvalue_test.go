package leadfile

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestOneValue: a value that is set by itself is normalised as in a file.
func TestOneValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, country, want, err string }{
		{"email", " Jane@Example.COM ", "", "jane@example.com", ""},
		{"email", "jane", "", "", "the address has no @: jane"},
		{"phone", "030 901820", "DE", "+4930901820", ""},
		{"phone", "030 901820", "", "", "the number has no country code"},
		{"title", "\u202eVP\x00 of  <b>Sales</b>", "", "VP of <b>Sales</b>", ""},
		{"title", strings.Repeat("ü", 501), "", "", "it has 501 characters, and at most 500 are taken"},
		{"country", "Germany", "", "DE", ""},
		{"country", "Atlantis", "", "", "country not known: Atlantis"},
		{"region", "California", "US", "CA", ""},
		{"region", "California", "", "California", ""},
		{"zone", "Europe/Berlin", "", "Europe/Berlin", ""},
		{"zone", "Berlin", "", "", "time zone not known"},
		{"language", "German", "", "de", ""},
		{"language", "?", "", "", "language not known"},
		{"fields.tier", "A", "", "A", ""},
		{"fields.Tier", "A", "", "", ErrNoField.Error()},
		{"fields.", "A", "", "", ErrNoField.Error()},
		{"titel", "CTO", "", "", `did you mean "title"?`},
		{"stage", "won", "", "", "and fields.NAME for your own"},
		{"owner", "x", "", "", ErrNoField.Error()},
		{"", "x", "", "", ErrNoField.Error()},
		{"account.employees", "51-200", "", "51", ""},
		{"account.employees", "0", "", "", "this is no number of employees"},
		{"account.employees", "many", "", "", "this is no number of employees"},
		{"account.domain", "https://www.Acme.example/x", "", "acme.example", ""},
		{"account.domain", "acme", "", "", "this is no domain"},
		{"account.country", "fr", "", "FR", ""},
		{"account.industry", "  steel\n works ", "", "steel works", ""},
		{"account.fields.revenue", "10M", "", "10M", ""},
		{"account.title", "x", "", "", ErrNoField.Error()},
		{"account.account.name", "x", "", "", ErrNoField.Error()},
		{"title", " ", "", "", ""},
	} {
		got, err := PersonValue(c.name, c.value, c.country)
		if name, ok := strings.CutPrefix(c.name, accountPrefix); ok {
			got, err = AccountValue(name, c.value)
		}
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s = %q: %q, %v; want %q, %s", c.name, c.value, got, err, c.want, c.err)
		}
		if strings.Contains(c.err, "no such field") != errors.Is(err, ErrNoField) && !strings.Contains(c.err, "did you") && !strings.Contains(c.err, "fields.NAME") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if got := ZonesOf("+4930901820", "", ""); !slices.Equal(got, []string{"Europe/Berlin"}) {
		t.Errorf("zones %v", got)
	}
	if got := ZonesOf("", "US", "CA"); !slices.Equal(got, []string{"America/Los_Angeles"}) {
		t.Errorf("zones %v", got)
	}
}
