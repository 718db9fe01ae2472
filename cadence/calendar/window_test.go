package calendar_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/calendar"
)

func TestWindowText(t *testing.T) {
	t.Parallel()
	texas := window(t, "mon-sat", "09:00-21:00")
	texas.Hours[time.Sunday] = calendar.Span{From: 720, To: 1260}
	for want, w := range map[string]calendar.Window{
		"never":                                {Holidays: []string{"DE"}},
		"always":                               calendar.Always(),
		"mon-fri 09:00-17:00":                  window(t, "mon-fri", "09:00-17:00"),
		"mon-sat 09:00-21:00; sun 12:00-21:00": texas,
		"every day 00:00-24:00, not on holidays of lead, DE-BY": window(t, "every day", "00:00-24:00", "Lead", "de-by", "DE-BY"),
	} {
		if got := w.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNewWindow(t *testing.T) {
	t.Parallel()
	w := window(t, "mon,wed", "09:00-17:00", " uk ", "LEAD", "us", "USA", "XX-yy")
	if want := []string{"GB", "lead", "US", "XX-YY"}; !slices.Equal(w.Holidays, want) {
		t.Errorf("holidays = %v, want %v", w.Holidays, want)
	}
	if got := calendar.FormatDays(w.Days()); got != "mon,wed" {
		t.Errorf("days = %s", got)
	}
	if w.Zero() || calendar.Always().Zero() {
		t.Error("an open window is zero")
	}
	empty := calendar.NewWindow([7]bool{true, true, true, true, true, true, true}, calendar.Span{From: 600, To: 540}, nil)
	if !empty.Zero() || !(calendar.Window{}).Zero() {
		t.Error("a window without hours is not zero")
	}
}

func TestIntersect(t *testing.T) {
	t.Parallel()
	office := window(t, "mon-fri", "09:00-17:00", "lead", "DE")
	legal := window(t, "every day", "08:00-12:00", "de", "US")
	if got, want := calendar.Intersect(office, legal).String(), "mon-fri 09:00-12:00, not on holidays of lead, DE, US"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := calendar.Intersect(office, window(t, "mon-fri", "17:00-20:00")); !got.Zero() {
		t.Errorf("hours that only touch share %v", got)
	}
	if got := calendar.Intersect(office, calendar.Always()).String(); got != office.String() {
		t.Errorf("always is not neutral: %q", got)
	}
	if got := calendar.Intersect(calendar.Always(), calendar.Always()).String(); got != "always" {
		t.Errorf("always and always = %q", got)
	}
	if office.Holidays[0] != "lead" || len(office.Holidays) != 2 {
		t.Errorf("Intersect changed its argument: %v", office.Holidays)
	}
}

func TestIntersectAllowsWhatBothAllow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawWindow(t), drawWindow(t)
		p := in(drawZone(t, "zone"))
		at := drawTime(t, p.Zones[0])
		if got, want := calendar.Intersect(a, b).Allows(p, at), a.Allows(p, at) && b.Allows(p, at); got != want {
			t.Fatalf("%v and %v at %v in %v: %v, want %v", a, b, at, p, got, want)
		}
	})
}

// The legal calling hours of FACTS, "Law": the shape must carry each of them.
func TestQuietHoursShape(t *testing.T) {
	t.Parallel()
	const tcpa = "08:00-21:00" // 47 CFR 64.1200(c)(1), at the called party
	texas := window(t, "mon-sat", "09:00-21:00")
	texas.Hours[time.Sunday] = calendar.Span{From: 12 * 60, To: 21 * 60}
	for _, c := range []struct {
		name  string
		hours calendar.Window
		p     calendar.Place
		at    string
		want  bool
	}{
		{"US opens at 8", window(t, "every day", tcpa), in("America/New_York"), "2025-06-03T08:00:00-04:00", true},
		{"US before 8", window(t, "every day", tcpa), in("America/New_York"), "2025-06-03T07:59:59-04:00", false},
		{"US closes at 21", window(t, "every day", tcpa), in("America/New_York"), "2025-06-03T21:00:00-04:00", false},
		{"FL: 8:30 Eastern is 7:30 in Pensacola", window(t, "every day", "08:00-20:00"), in(calendar.ZonesOf("US", "FL")...), "2025-06-03T08:30:00-04:00", false},
		{"FL: 9:30 Eastern is fine in both", window(t, "every day", "08:00-20:00"), in(calendar.ZonesOf("US", "FL")...), "2025-06-03T09:30:00-04:00", true},
		{"FL: 20:30 Central in Pensacola", window(t, "every day", "08:00-20:00"), in(calendar.ZonesOf("US", "FL")...), "2025-06-03T20:30:00-05:00", false},
		{"TX on Sunday at 11", texas, in("America/Chicago"), "2025-06-01T11:59:00-05:00", false},
		{"TX on Sunday at 12", texas, in("America/Chicago"), "2025-06-01T12:00:00-05:00", true},
		{"TX on Monday at 9", texas, in("America/Chicago"), "2025-06-02T09:00:00-05:00", true},
		{"LA never on Sunday", window(t, "mon-sat", tcpa), in("America/Chicago"), "2025-06-01T12:00:00-05:00", false},
		{"KY from 10", window(t, "every day", "10:00-21:00"), in("America/New_York"), "2025-06-03T09:59:00-04:00", false},
		{"unknown zone is held", window(t, "every day", tcpa), in(), "2025-06-03T15:00:00Z", false},
		{"bad zone is held", window(t, "every day", tcpa), in("Europe/London", "Mars/Olympus"), "2025-06-03T15:00:00Z", false},
		{"machine's zone is no zone", window(t, "every day", "00:00-24:00", "US"), in("Local"), "2025-06-03T15:00:00Z", false},
	} {
		if got := c.hours.Allows(c.p, instant(t, c.at)); got != c.want {
			t.Errorf("%s: allows = %v", c.name, got)
		}
	}
}
