package desk

import (
	"errors"
	"testing"
	"time"
)

// TestDateThatTheLeadNamed: four in the afternoon of Los Angeles, which is midnight in UTC, is an hour; a day without an hour is the lead's own.
func TestDateThatTheLeadNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, typed, want string }{
		{"America/Los_Angeles", "2026-03-02T16:00", "2026-03-03T00:00:00.000001Z"},
		{"Asia/Tokyo", " 2026-03-02 09:00", "2026-03-02T00:00:00.000001Z"},
		{"Europe/Berlin", "2026-07-02T14:00", "2026-07-02T12:00:00Z"},
		{"Europe/Berlin", "2026-07-02 ", "2026-07-02T00:00:00Z"},
		{"America/Los_Angeles", "2026-07-02", "2026-07-02T00:00:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := (&visit{zone: zone}).namedDate(c.typed); err != nil || got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%q in %s: %v, %v; want %s", c.typed, c.zone, got, err, c.want)
		}
	}
	la, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{"2026-03-03": "Tuesday 3 March 2026", "2026-03-02 16:00": "Monday 2 March 2026, 16:00 PST"} {
		v := &visit{zone: la}
		if at, err := v.namedDate(typed); err != nil || v.dateNamed(at) != want {
			t.Errorf("%s is shown as %s, want %s (%v)", typed, v.dateNamed(at), want, err)
		}
	}
	if _, err := (&visit{zone: time.UTC}).namedDate("soon"); !errors.Is(err, errBadDate) {
		t.Errorf("soon: %v", err)
	}
}
