package config

import (
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// withSettings loads the base with lines added to its nurture.yaml, which must not have those keys.
func withSettings(t *testing.T, lines, capped string) *Config {
	t.Helper()
	files := map[string][]byte{SettingsFile: append(append([]byte{}, baseFiles(t)[SettingsFile]...), "\n"+lines...)}
	if capped != "" {
		files["cadences/capped.yaml"] = []byte("cadence: capped\ngoal: a test\n" + capped + "\nsteps:\n  - email: intro\nthen: { close: true }\n")
	}
	c, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMaxCalls(t *testing.T) {
	t.Parallel()
	c := withSettings(t, `compliance:
  max_per_day: 5
  do_not_call: { lists: [us-registry] }
  by_country:
    US: { max_per_day: 4 }
    US-FL: { call_hours: "08:00-20:00", max_per_day: 3 }
    US-TX: { call_hours: "09:00-20:00" }
    FR: { call_days: mon-fri }
`, "").Settings.Compliance
	if !c.CapsCalls() || (Compliance{}).CapsCalls() {
		t.Error("CapsCalls does not tell a cap from none")
	}
	for place, want := range map[[2]string]int{
		{"US", "FL"}: 3, {"US", "TX"}: 4, {"US", ""}: 3, {"FR", ""}: 5, {"FR", "75"}: 5, {"", ""}: 5,
	} {
		if got := c.MaxCalls(calendar.Place{Country: place[0], Region: place[1]}); got != want {
			t.Errorf("%v: %d, want %d", place, got, want)
		}
	}
	if c.DoNotCall.MaxAge != 31*24*time.Hour || len(c.DoNotCall.Lists) != 1 || c.DoNotCall.Lists[0] != "us-registry" {
		t.Errorf("%+v", c.DoNotCall)
	}
	regional := withSettings(t, "compliance: { by_country: { US-OK: { max_per_day: 3 } } }\n", "").Settings.Compliance
	for place, want := range map[[2]string]int{{"US", "OK"}: 3, {"US", ""}: 3, {"US", "NY"}: 0, {"DE", ""}: 0, {"", ""}: 0} {
		if got := regional.MaxCalls(calendar.Place{Country: place[0], Region: place[1]}); got != want {
			t.Errorf("%v: %d, want %d", place, got, want)
		}
	}
}

func TestFrequency(t *testing.T) {
	t.Parallel()
	const usual = "defaults: { frequency: { touches: 3, per: 2 weeks } }\n"
	two := cadence.Frequency{Touches: 3, Per: 14 * 24 * time.Hour}
	for own, want := range map[string]cadence.Frequency{
		"budget: 7":                             two,
		"frequency: none":                       {},
		"frequency: { touches: 1, per: 1 day }": {Touches: 1, Per: 24 * time.Hour},
	} {
		if got := withSettings(t, usual, own).Plans["capped"].Frequency; got != want {
			t.Errorf("%s: %+v, want %+v", own, got, want)
		}
	}
	// A cap of the defaults is part of the plan that it makes; without one nothing changes.
	plain, capped := withSettings(t, "", "budget: 7"), withSettings(t, usual, "budget: 7")
	none := withSettings(t, "defaults: { frequency: none }\n", "budget: 7")
	if plain.PlanHash["capped"] == capped.PlanHash["capped"] || plain.PlanHash["capped"] != none.PlanHash["capped"] {
		t.Error("the hash of a plan does not follow its cap")
	}
}
