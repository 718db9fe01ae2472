package clock

import (
	"testing"
	"time"
)

func TestTheClockMovesOnlyForwardAndOnlyWhenTold(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 5, 9, 0, 0, 1234, time.FixedZone("x", 3600))
	c := New(start)
	want := time.Date(2026, 1, 5, 8, 0, 0, 1000, time.UTC)
	if got := c.Now(); !got.Equal(want) || got.Location() != time.UTC {
		t.Fatalf("Now() = %v, want %v in UTC and whole microseconds", got, want)
	}
	c.Advance(want.Add(-time.Hour))
	if got := c.Now(); !got.Equal(want) {
		t.Errorf("the clock went back to %v", got)
	}
	c.Advance(want.Add(time.Hour))
	if got := c.Now(); !got.Equal(want.Add(time.Hour)) {
		t.Errorf("Now() = %v after Advance by an hour", got)
	}
}
