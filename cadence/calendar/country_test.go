package calendar_test

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"nurture/cadence/calendar"
)

func TestCountryCode(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"us": "US", "USA": "US", "u.s.a.": "US", "United States": "US", "the United States of America": "US", "America": "US",
		"UK": "GB", "gb": "GB", "Great Britain": "GB", "England": "GB", " united  kingdom ": "GB",
		"India": "IN", "IND": "IN", "Germany": "DE", "Deutschland": "DE", "GERMANY": "DE",
		"Österreich": "AT", "oesterreich": "AT", "Osterreich": "AT", "España": "ES", "Espana": "ES", "Türkiye": "TR", "Turkey": "TR",
		"Côte d'Ivoire": "CI", "Cote d’Ivoire": "CI", "Ivory Coast": "CI", "Åland": "AX",
		"St. Lucia": "LC", "St.Lucia": "LC", "Saint Lucia": "LC", "Trinidad & Tobago": "TT", "The Netherlands": "NL", "Holland": "NL",
		"Korea, Republic of": "KR", "Russian Federation": "RU", "Viet Nam": "VN", "Czech Republic": "CZ", "Hong Kong": "HK", "Kosovo": "XK",
		"Niger": "NE", "Nigeria": "NG", "Congo": "CG", "DRC": "CD", "Guinea-Bissau": "GW", "Dominica": "DM",
	} {
		if got, ok := calendar.CountryCode(name); !ok || got != want {
			t.Errorf("CountryCode(%q) = %q, %v; want %q", name, got, ok, want)
		}
	}
	for _, name := range []string{"", " ", "ZZ", "Atlantis", "XX", "saint", "the"} {
		if got, ok := calendar.CountryCode(name); ok || got != "" {
			t.Errorf("CountryCode(%q) = %q, %v", name, got, ok)
		}
	}
}

// notCountries are codes that Unicode adds to ISO 3166-1 for its own use, and those of states that are no more.
var notCountries = []string{"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ", "AN", "CS", "FQ", "NT", "PC", "SU", "YU"}

// Every country of Unicode's list is known by its code, its three-letter code and its English name.
func TestAllCountriesAreKnown(t *testing.T) {
	t.Parallel()
	english, seen := display.English.Regions(), 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.Canonicalize().String() != code || slices.Contains(notCountries, code) {
				continue
			}
			seen++
			for _, name := range []string{code, region.ISO3(), english.Name(region)} {
				if got, ok := calendar.CountryCode(name); !ok || got != code {
					t.Errorf("CountryCode(%q) = %q, %v; want %q", name, got, ok, code)
				}
			}
		}
	}
	if seen < 249 {
		t.Errorf("only %d countries seen", seen)
	}
}

func TestRegionCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ country, name, want string }{
		{"US", "CA", "CA"},
		{"US", "ca", "CA"},
		{"us", "US-CA", "CA"},
		{"US", "California", "CA"},
		{"US", "Washington, D.C.", "DC"},
		{"US", "New York", "NY"},
		{"CA", "Québec", "QC"},
		{"CA", "British Columbia", "BC"},
		{"AU", "new south wales", "NSW"},
		{"DE", "Bayern", "BY"},
		{"DE", "Bavaria", "BY"},
		{"DE", "ST", "ST"},
		{"CH", "Zürich", "ZH"},
		{"CH", "St. Gallen", "SG"},
		{"BR", "Sao Paulo", "SP"},
		{"US", "Ontario", ""},
		{"US", "", ""},
		{"ZZ", "CA", ""},
	} {
		if got, ok := calendar.RegionCode(c.country, c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("RegionCode(%q, %q) = %q, %v; want %q", c.country, c.name, got, ok, c.want)
		}
	}
}

func TestZonesOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country, region string
		want            []string
	}{
		{"IN", "", []string{"Asia/Kolkata"}},
		{"IN", "Maharashtra", []string{"Asia/Kolkata"}},
		{"de", "", []string{"Europe/Berlin"}},
		{"DE", "BY", []string{"Europe/Berlin"}},
		{"US", "CA", []string{"America/Los_Angeles"}},
		{"US", "US-CA", []string{"America/Los_Angeles"}},
		{"US", "Florida", []string{"America/New_York", "America/Chicago"}},
		{"US", "TX", []string{"America/Chicago", "America/Denver"}},
		{"CA", "QC", []string{"America/Toronto"}},
		{"AU", "QLD", []string{"Australia/Brisbane"}},
		{"ES", "", []string{"Europe/Madrid", "Atlantic/Canary"}},
		{"AQ", "", nil},
		{"ZZ", "", nil},
		{"", "", nil},
	} {
		if got := calendar.ZonesOf(c.country, c.region); !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("ZonesOf(%q, %q) = %q, want %q", c.country, c.region, got, c.want)
		}
	}
	for _, country := range []string{"US", "CA", "AU", "BR", "MX", "RU", "ID", "KZ"} {
		if got := calendar.ZonesOf(country, ""); len(got) < 3 {
			t.Errorf("ZonesOf(%q) = %q", country, got)
		}
	}
	got := calendar.ZonesOf("US", "FL")
	got[0] = "changed"
	if again := calendar.ZonesOf("US", "FL"); again[0] != "America/New_York" {
		t.Error("the answer is not the caller's to change")
	}
}

// A lead whose state is not known may be in any zone that a state has: the country's zones must agree on nothing that the
// state's own zones forbid. The sum is checked by the readings of the clocks in two seasons.
func TestCountryCoversItsRegions(t *testing.T) {
	t.Parallel()
	regions := map[string][]string{
		"US": {"AK", "AZ", "CA", "CO", "FL", "HI", "ID", "IL", "IN", "MI", "NY", "OR", "TX", "WA"},
		"CA": {"AB", "BC", "MB", "NB", "NL", "NS", "ON", "PE", "QC", "SK"},
		"AU": {"ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"},
		"BR": {"AC", "AM", "BA", "MT", "PA", "RJ", "RO", "RR", "SP", "TO"},
	}
	for country, codes := range regions {
		for _, season := range []string{"2025-01-15T12:00:00Z", "2025-07-15T12:00:00Z"} {
			at := instant(t, season)
			known := map[time.Time]bool{}
			for _, zone := range calendar.ZonesOf(country, "") {
				known[calendar.IntentOf(at, zone).Local] = true
			}
			for _, code := range codes {
				for _, zone := range calendar.ZonesOf(country, code) {
					if !known[calendar.IntentOf(at, zone).Local] {
						t.Errorf("%s-%s: no zone of the country agrees with %s in %s", country, code, zone, season)
					}
				}
			}
		}
	}
}
