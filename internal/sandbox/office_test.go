package sandbox

import (
	"testing"
	"time"
)

func TestMorning(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		days       int
		zone, want string
	}{
		{4, "Europe/Berlin", "2026-01-09T10:00:00+01:00"},    // a Friday
		{5, "Europe/Berlin", "2026-01-12T10:00:00+01:00"},    // a Saturday
		{180, "Europe/Berlin", "2026-07-06T10:00:00+02:00"},  // a Saturday, in summer
		{4, "America/New_York", "2026-01-09T10:00:00-05:00"}, // there it is one o'clock in the night
		{4, "Asia/Tokyo", "2026-01-12T10:00:00+09:00"},       // there it is Friday afternoon
	} {
		got, err := Morning(tc.days, tc.zone)
		if want, _ := time.Parse(time.RFC3339, tc.want); err != nil || !got.Equal(want) {
			t.Errorf("after %d days in %s: %s, %v; want %s", tc.days, tc.zone, got, err, tc.want)
		}
	}
	if _, err := Morning(1, "Mars/Olympus"); err == nil {
		t.Error("it has a morning on Mars")
	}
}
