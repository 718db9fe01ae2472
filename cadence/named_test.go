package cadence_test

import (
	"testing"
	"time"

	"nurture/cadence"
)

// TestCallbackAtMidnightOfUTC: an hour that a lead names is kept to the minute, also where it is midnight in Greenwich, and a day that it names is its
// own, wherever that was typed.
func TestCallbackAtMidnightOfUTC(t *testing.T) {
	t.Parallel()
	for zone, hour := range map[string]int{"Asia/Tokyo": 9, "America/Los_Angeles": 16, "Australia/Perth": 8, "Europe/London": 10} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		e, now := running(t, 2)
		e.Lead.Place.Zones = []string{zone}
		said := time.Date(2026, 3, 6, hour, 0, 0, 0, loc)
		for what, c := range map[string]struct{ date, want time.Time }{
			"an hour": {cadence.NamedInstant(said), said}, "a day": {cadence.NamedDay(said), time.Date(2026, 3, 6, 9, 0, 0, 0, loc)},
		} {
			_, actions := cadence.Decide(plans()["first-seven"], e, cadence.Responded{Kind: cadence.CallBackLater, Step: -1, Date: &c.date}, now)
			if got := find[cadence.OpenTask](t, actions).DueBy.Truncate(time.Minute); !got.Equal(c.want) {
				t.Errorf("%s in %s: due %s, want %s", what, zone, got.In(loc), c.want)
			}
		}
	}
}
