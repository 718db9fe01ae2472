package uld

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMonthsBetween(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from, to string
		want     float64
	}{
		{"2026-01-15T00:00:00Z", "2026-01-15T00:00:00Z", 0},
		{"2026-01-15T00:00:00Z", "2026-07-15T00:00:00Z", 6},
		{"2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", 1},
		{"2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z", 2},
		{"2024-02-29T00:00:00Z", "2025-02-28T00:00:00Z", 12},
		{"2026-11-15T00:00:00Z", "2027-02-15T00:00:00Z", 3},
		{"2026-04-01T00:00:00Z", "2026-04-16T00:00:00Z", 0.5},
		{"2026-04-16T00:00:00Z", "2026-04-01T00:00:00Z", -0.5},
		{"2026-01-15T12:00:00Z", "2026-02-15T00:00:00Z", 1 - 0.5/31},
		{"2026-01-15T01:00:00+02:00", "2026-02-14T23:00:00Z", 1},
	} {
		from, err1 := time.Parse(time.RFC3339, tc.from)
		to, err2 := time.Parse(time.RFC3339, tc.to)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if got := monthsBetween(from, to); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("%s to %s: got %v, want %v", tc.from, tc.to, got, tc.want)
		}
	}
}

// Time never runs backwards, and the fraction never reaches a whole month.
func TestMonthsBetweenGrows(t *testing.T) {
	t.Parallel()
	seconds := rapid.Int64Range(0, 4_000_000_000)
	rapid.Check(t, func(t *rapid.T) {
		from := time.Unix(seconds.Draw(t, "from"), 0)
		a := time.Unix(seconds.Draw(t, "a"), 0)
		b := a.Add(time.Duration(rapid.Int64Range(0, 1e16).Draw(t, "later")))
		if monthsBetween(from, a) > monthsBetween(from, b) {
			t.Fatalf("from %s: %v months to %s, %v to %s", from, monthsBetween(from, a), a, monthsBetween(from, b), b)
		}
		if got, want := monthsBetween(from, a)*daysPerMonth, a.Sub(from).Hours()/24; math.Abs(got-want) > 4 {
			t.Fatalf("%s to %s: %v days, counted as %v", from, a, want, got)
		}
	})
}

// Whatever people type, reading it ends in a number or a refusal.
func TestReadMonthsNeverFailsOtherwise(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	words := rapid.SampledFrom([]string{
		"in", "about", "~", "a", "half a", "3", "1.5", "2,5", "-", "to", "months", "weeks", "q", "y", "next", "this",
		"quarter", "2026", "2026-13", "2026-09", "ü",
	})
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for _, w := range rapid.SliceOfN(words, 0, 6).Draw(t, "words") {
			s += w
			if rapid.Bool().Draw(t, "space") {
				s += " "
			}
		}
		n, ok := readMonths(s, at)
		if math.IsNaN(n) || math.IsInf(n, 0) || !ok && n != 0 {
			t.Fatalf("%q: %v, %v", s, n, ok)
		}
	})
}
