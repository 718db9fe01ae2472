package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/calendar"
)

func TestDelayFrom(t *testing.T) {
	t.Parallel()
	office := window(t, "mon-fri", "09:00-17:00")
	german := window(t, "mon-fri", "09:00-17:00", "lead")
	berlin := calendar.Place{Zones: []string{"Europe/Berlin"}, Country: "DE"}
	always := calendar.Always()
	for _, c := range []struct {
		name, delay string
		w           calendar.Window
		p           calendar.Place
		from, want  string
	}{
		{"no wait", "no wait", office, berlin, "2025-06-03T10:00:00+02:00", "2025-06-03 10:00:00 Europe/Berlin"},
		{"no wait, closed", "no wait", office, berlin, "2025-06-03T18:00:00+02:00", "2025-06-04 09:00:00 Europe/Berlin"},
		{"a day keeps the reading over the spring change", "1 day", always, berlin, "2025-03-29T08:00:00+01:00", "2025-03-30 08:00:00 Europe/Berlin"},
		{"24 hours do not", "24 hours", always, berlin, "2025-03-29T08:00:00+01:00", "2025-03-30 09:00:00 Europe/Berlin"},
		{"a day keeps the reading over the autumn change", "1 day", always, berlin, "2025-10-25T08:00:00+02:00", "2025-10-26 08:00:00 Europe/Berlin"},
		{"24 hours do not either", "24 hours", always, berlin, "2025-10-25T08:00:00+02:00", "2025-10-26 07:00:00 Europe/Berlin"},
		{"a reading in the gap is still meant", "1 day", always, berlin, "2025-03-29T02:30:00+01:00", "2025-03-30 02:30:00 Europe/Berlin"},
		{"days land on the next open one", "2 days", office, berlin, "2025-06-05T10:00:00+02:00", "2025-06-09 09:00:00 Europe/Berlin"},
		{"business days leave the weekend out", "2 business days", office, berlin, "2025-06-05T10:00:00+02:00", "2025-06-09 10:00:00 Europe/Berlin"},
		{"business days leave holidays out", "2 business days", german, berlin, "2025-06-05T10:00:00+02:00", "2025-06-10 10:00:00 Europe/Berlin"},
		{"business days from a weekend", "1 business day", office, berlin, "2025-06-07T10:00:00+02:00", "2025-06-09 10:00:00 Europe/Berlin"},
		{"business days over Christmas", "1 business day", german, berlin, "2025-12-24T16:00:00+01:00", "2025-12-29 16:00:00 Europe/Berlin"},
		{"late reading goes to the next morning", "1 business day", office, berlin, "2025-06-03T20:00:00+02:00", "2025-06-05 09:00:00 Europe/Berlin"},
		{"hours land inside", "36 hours", office, berlin, "2025-06-03T10:00:00+02:00", "2025-06-05 09:00:00 Europe/Berlin"},
		{"hours that lead into the second pass wait until it is over", "2 hours", always, berlin, "2025-10-26T01:30:00+02:00", "2025-10-26 03:00:00 Europe/Berlin"},
		{"the end of the second pass may be closed", "2 hours", window(t, "sun", "00:00-03:00"), berlin, "2025-10-26T01:30:00+02:00", "2025-11-02 00:00:00 Europe/Berlin"},
		{"the first zone counts", "1 day", always, in("Asia/Tokyo", "Europe/Berlin"), "2025-03-29T08:00:00+01:00", "2025-03-30 16:00:00 Asia/Tokyo"},
		{"all zones must agree", "1 business day", office, in("America/New_York", "America/Los_Angeles"), "2025-06-03T09:00:00-04:00", "2025-06-04 12:00:00 America/New_York"},
		{"Apia had no 30 December 2011", "1 day", window(t, "every day", "09:00-17:00"), in("Pacific/Apia"), "2011-12-29T10:00:00-10:00", "2011-12-31 09:00:00 Pacific/Apia"},
		{"the reading itself in Apia", "1 day", always, in("Pacific/Apia"), "2011-12-29T10:00:00-10:00", "2011-12-30 10:00:00 Pacific/Apia"},
		{"always needs no zone", "1 day", always, in(), "2025-03-29T08:00:00Z", "2025-03-30 08:00:00 UTC"},
	} {
		d, err := calendar.ParseDelay(c.delay)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.From(c.w, c.p, instant(t, c.from)).String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestDelayWithoutOpening(t *testing.T) {
	t.Parallel()
	office := window(t, "mon-fri", "09:00-17:00")
	spring := instant(t, "2025-03-30T00:00:00Z")
	for name, got := range map[string]calendar.Intent{
		"never open":          calendar.Delay{}.From(calendar.Window{}, in("Asia/Tokyo"), spring),
		"no business day":     calendar.Delay{BusinessDays: 1}.From(calendar.Window{}, in("Asia/Tokyo"), spring),
		"no zone":             calendar.Delay{Hours: 1}.From(office, in(), spring),
		"bad zone":            calendar.Delay{Hours: 1}.From(office, in("Mars/Olympus"), spring),
		"bad zone, days":      calendar.Delay{Days: 1}.From(office, in("Mars/Olympus"), spring),
		"bad zone, no window": calendar.Delay{Hours: 1}.From(calendar.Always(), in("Mars/Olympus"), spring),
		"no common hours":     calendar.Delay{BusinessDays: 2}.From(office, in("Asia/Tokyo", "America/New_York"), spring),
		"bad second zone":     calendar.Delay{Days: 2}.From(office, in("Asia/Tokyo", "Mars/Olympus"), spring),
	} {
		if !got.IsZero() {
			t.Errorf("%s: %v", name, got)
		}
		if _, err := got.At(); err == nil {
			t.Errorf("%s: the zero Intent has an instant", name)
		}
	}
}

// drawDelay draws one of the three kinds, or no wait.
func drawDelay(t *rapid.T) calendar.Delay {
	n := rapid.IntRange(0, 40).Draw(t, "n")
	return rapid.SampledFrom([]calendar.Delay{{}, {Hours: n}, {Days: n}, {BusinessDays: n}}).Draw(t, "delay")
}

func TestDelayIsNeverEarlyAndAlwaysAllowed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, p, d := drawWindow(t), drawPlace(t), drawDelay(t)
		from := drawTime(t, p.Zones[0])
		got := d.From(w, p, from)
		if got.IsZero() {
			return
		}
		at, err := got.At()
		if err != nil {
			t.Fatal(err)
		}
		if !allowedInAll(w, p, at) {
			t.Fatalf("%v from %v, %v in %v: %v is not allowed", d, from, w, p.Zones, got)
		}
		if earliest := from.Add(time.Duration(d.Hours) * time.Hour); d.Days == 0 && d.BusinessDays == 0 && at.Before(earliest) {
			t.Fatalf("%v from %v in %v: %v is early", d, from, p.Zones, at)
		}
		meant := calendar.IntentOf(from, p.Zones[0]).Local.AddDate(0, 0, d.Days+d.BusinessDays)
		if d.Hours == 0 && !d.Zero() && got.Local.Before(meant) {
			t.Fatalf("%v from %v in %v: %v is before %v", d, from, p.Zones, got, meant)
		}
	})
}

// Calendar days keep the reading of the clock whenever nothing restricts them, also when the reading does not exist.
func TestDaysKeepTheReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, days := in(drawZone(t, "zone")), rapid.IntRange(1, 500).Draw(t, "days")
		from := drawTime(t, p.Zones[0])
		meant := calendar.IntentOf(from, p.Zones[0]).Local.AddDate(0, 0, days)
		got := calendar.Delay{Days: days}.From(calendar.Always(), p, from)
		if got.Local != meant || got.Zone != p.Zones[0] {
			t.Fatalf("%d days from %v: %v, want %v", days, from, got, meant)
		}
		at, err := got.At()
		if err != nil {
			t.Fatal(err)
		}
		if shown := calendar.IntentOf(at, p.Zones[0]).Local; shown.Before(meant) {
			t.Fatalf("%d days from %v: the clock shows %v, want %v", days, from, shown, meant)
		}
	})
}
