package calendar

import (
	"strings"
	"testing"
)

// Each name must mean one thing, each zone must exist, each regional holiday list must be reachable.
func TestTables(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		table string
		names func(cells []string) (scope string, names []string)
		zones int // column
	}{
		{countryTable, func(cells []string) (string, []string) { return "", append(cells[3:], cells[0], cells[1]) }, 2},
		{regionTable, func(cells []string) (string, []string) {
			return cells[0][:2], append(cells[2:], cells[0], cells[0][3:])
		}, 1},
	} {
		meant := map[string]string{}
		for line := range strings.Lines(c.table) {
			cells := strings.Split(strings.TrimSuffix(line, "\n"), "|")
			for _, zone := range strings.Fields(cells[c.zones]) {
				if !ValidZone(zone) {
					t.Errorf("%s: no zone %q", cells[0], zone)
				}
			}
			code := cells[0]
			scope, names := c.names(cells)
			for _, name := range names {
				key := scope + "|" + fold(name)
				if fold(name) == "" || (meant[key] != "" && meant[key] != code) {
					t.Errorf("%s: %q folds to %q, which is also %s", code, name, key, meant[key])
				}
				meant[key] = code
			}
		}
	}
	if len(places().countries) < 249*3 {
		t.Errorf("only %d names of countries", len(places().countries))
	}
}

func TestHolidayLists(t *testing.T) {
	t.Parallel()
	for key, list := range holidayLists {
		if code, ok := CountryCode(key.country); !ok || code != key.country {
			t.Errorf("%v: no such country", key)
		}
		if code, ok := RegionCode(key.country, key.region); key.region != "" && (!ok || code != key.region) {
			t.Errorf("%v: no such region", key)
		}
		for year := 2000; year < 2060; year++ {
			n := 0
			days := list.in(year)
			for yday := 1; yday <= 366; yday++ {
				if days.has(yday) {
					n++
				}
			}
			if n < 5 || n > 30 {
				t.Errorf("%v has %d holidays in %d", key, n, year)
			}
		}
	}
}
