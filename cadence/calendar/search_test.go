package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/calendar"
)

func TestNextAndEnds(t *testing.T) {
	t.Parallel()
	const never = ""
	office := func() calendar.Window { return window(t, "mon-fri", "09:00-17:00") }
	for _, c := range []struct {
		name           string
		w              calendar.Window
		p              calendar.Place
		at, next, ends string // ends: of next
	}{
		{"inside stays", office(), in("Asia/Kolkata"), "2025-06-03T10:00:00.000001+05:30", "2025-06-03T10:00:00.000001+05:30", "2025-06-03T17:00:00+05:30"},
		{"nanoseconds round up", office(), in("Asia/Kolkata"), "2025-06-03T10:00:00.000001001+05:30", "2025-06-03T10:00:00.000002+05:30", "2025-06-03T17:00:00+05:30"},
		{"nanoseconds round out of the window", office(), in("Asia/Kolkata"), "2025-06-03T16:59:59.999999001+05:30", "2025-06-04T09:00:00+05:30", "2025-06-04T17:00:00+05:30"},
		{"morning", office(), in("Asia/Kolkata"), "2025-06-03T03:00:00+05:30", "2025-06-03T09:00:00+05:30", "2025-06-03T17:00:00+05:30"},
		{"the end is outside", office(), in("Asia/Kolkata"), "2025-06-03T17:00:00+05:30", "2025-06-04T09:00:00+05:30", "2025-06-04T17:00:00+05:30"},
		{"over the weekend", office(), in("Asia/Kolkata"), "2025-06-06T18:00:00+05:30", "2025-06-09T09:00:00+05:30", "2025-06-09T17:00:00+05:30"},
		{"over the weekend of the spring change", office(), in("America/New_York"), "2025-03-07T17:00:00-05:00", "2025-03-10T09:00:00-04:00", "2025-03-10T17:00:00-04:00"},
		{"over the weekend of the autumn change", office(), in("America/New_York"), "2025-10-31T17:00:00-04:00", "2025-11-03T09:00:00-05:00", "2025-11-03T17:00:00-05:00"},
		{"New York: opening in the gap", window(t, "sun", "02:30-05:00"), in("America/New_York"), "2025-03-09T00:00:00-05:00", "2025-03-09T03:00:00-04:00", "2025-03-09T05:00:00-04:00"},
		{"New York: all hours in the gap", window(t, "sun", "02:15-02:45"), in("America/New_York"), "2025-03-09T00:00:00-05:00", "2025-03-16T02:15:00-04:00", "2025-03-16T02:45:00-04:00"},
		{"New York: closing in the gap", window(t, "sun", "01:00-02:30"), in("America/New_York"), "2025-03-09T00:00:00-05:00", "2025-03-09T01:00:00-05:00", "2025-03-09T03:00:00-04:00"},
		{"New York: first of two passes", window(t, "sun", "01:00-01:30"), in("America/New_York"), "2025-11-02T00:00:00-04:00", "2025-11-02T01:00:00-04:00", "2025-11-02T01:30:00-04:00"},
		{"New York: second of two passes", window(t, "sun", "01:00-01:30"), in("America/New_York"), "2025-11-02T01:30:00-04:00", "2025-11-02T01:00:00-05:00", "2025-11-02T01:30:00-05:00"},
		{"Berlin: span over the gap", window(t, "sun", "01:00-04:00"), in("Europe/Berlin"), "2025-03-30T00:00:00+01:00", "2025-03-30T01:00:00+01:00", "2025-03-30T04:00:00+02:00"},
		{"Berlin: span over both passes", window(t, "sun", "01:00-04:00"), in("Europe/Berlin"), "2025-10-26T00:00:00+02:00", "2025-10-26T01:00:00+02:00", "2025-10-26T04:00:00+01:00"},
		{"Lord Howe: half an hour forward", window(t, "sun", "02:10-03:00"), in("Australia/Lord_Howe"), "2025-10-05T00:00:00+10:30", "2025-10-05T02:30:00+11:00", "2025-10-05T03:00:00+11:00"},
		{"Lord Howe: half an hour back", window(t, "sun", "01:30-01:45"), in("Australia/Lord_Howe"), "2025-04-06T01:45:00+11:00", "2025-04-06T01:30:00+10:30", "2025-04-06T01:45:00+10:30"},
		{"Sao Paulo: a day that began at one", window(t, "sun", "00:00-02:00"), in("America/Sao_Paulo"), "2018-11-03T12:00:00-03:00", "2018-11-04T01:00:00-02:00", "2018-11-04T02:00:00-02:00"},
		{"Sao Paulo: midnight that came twice", window(t, "sat", "23:00-24:00"), in("America/Sao_Paulo"), "2018-02-18T00:00:00-03:00", "2018-02-24T23:00:00-03:00", "2018-02-25T00:00:00-03:00"},
		{"Sao Paulo: both passes join", window(t, "sat", "23:00-24:00"), in("America/Sao_Paulo"), "2018-02-17T12:00:00-02:00", "2018-02-17T23:00:00-02:00", "2018-02-18T00:00:00-03:00"},
		{"Sao Paulo: no summer time since 2019", office(), in("America/Sao_Paulo"), "2024-12-02T05:00:00-03:00", "2024-12-02T09:00:00-03:00", "2024-12-02T17:00:00-03:00"},
		{"Kiritimati is a day ahead of Hawaii", office(), in("Pacific/Kiritimati"), "2025-06-01T12:00:00-10:00", "2025-06-02T12:00:00+14:00", "2025-06-02T17:00:00+14:00"},
		{"Apia had no 30 December 2011", window(t, "fri", "09:00-17:00"), in("Pacific/Apia"), "2011-12-29T12:00:00-10:00", "2012-01-06T09:00:00+14:00", "2012-01-06T17:00:00+14:00"},
		{"Apia: open over the missing day", window(t, "every day", "00:00-24:00", "lead"), in("Pacific/Apia"), "2011-12-29T23:00:00-10:00", "2011-12-29T23:00:00-10:00", "2012-01-06T09:00:00Z"},
		{"Apia: open until the missing day", window(t, "thu,fri", "20:00-24:00"), in("Pacific/Apia"), "2011-12-29T00:00:00-10:00", "2011-12-29T20:00:00-10:00", "2011-12-30T10:00:00Z"},
		{"all zones must agree", office(), in("America/New_York", "America/Los_Angeles"), "2025-06-03T09:00:00-04:00", "2025-06-03T12:00:00-04:00", "2025-06-03T17:00:00-04:00"},
		{"all zones, the other order", office(), in("America/Los_Angeles", "America/New_York"), "2025-06-03T14:00:00-07:00", "2025-06-04T09:00:00-07:00", "2025-06-04T14:00:00-07:00"},
		{"the same zone twice", office(), in("Asia/Tokyo", "Asia/Tokyo"), "2025-06-03T18:00:00+09:00", "2025-06-04T09:00:00+09:00", "2025-06-04T17:00:00+09:00"},
		{"zones without common hours", office(), in("Asia/Tokyo", "America/New_York"), "2025-06-03T09:00:00Z", never, never},
		{"days that never meet", window(t, "mon", "00:00-10:00"), in("Pacific/Kiritimati", "Pacific/Honolulu"), "2025-06-03T09:00:00Z", never, never},
		{"never open", calendar.Window{}, in("Asia/Tokyo"), "2025-06-03T09:00:00Z", never, never},
		{"no zone", office(), in(), "2025-06-03T09:00:00Z", never, never},
		{"unknown zone", office(), in("Asia/Tokyo", "Mars/Olympus"), "2025-06-03T01:00:00Z", never, never},
		{"always, wherever", calendar.Always(), in(), "2025-06-03T09:00:00.000000001Z", "2025-06-03T09:00:00.000001Z", "2025-06-10T09:00:00.000001Z"},
		{"no longer than a week", window(t, "every day", "00:00-24:00", "jp"), in("Asia/Tokyo"), "2025-06-03T09:00:00.5Z", "2025-06-03T09:00:00.5Z", "2025-06-10T09:00:00.5Z"},
		{"two days in a row", window(t, "tue,wed", "00:00-24:00"), in("Asia/Tokyo"), "2025-06-03T10:00:00+09:00", "2025-06-03T10:00:00+09:00", "2025-06-05T00:00:00+09:00"},
		{"a span past midnight counts to midnight", calendar.Window{Hours: [7]calendar.Span{time.Tuesday: {From: 600, To: 2000}}}, in("UTC"), "2025-06-03T00:00:00Z", "2025-06-03T10:00:00Z", "2025-06-04T00:00:00Z"},
	} {
		got, ok := c.w.Next(c.p, instant(t, c.at))
		if ok != (c.next != never) {
			t.Errorf("%s: Next = %v, %v", c.name, got, ok)
			continue
		}
		if !ok {
			if ends := c.w.Ends(c.p, instant(t, c.at)); !ends.IsZero() || c.w.Allows(c.p, instant(t, c.at)) {
				t.Errorf("%s: nothing is open, but it ends at %v", c.name, ends)
			}
			continue
		}
		if got != instant(t, c.next) {
			t.Errorf("%s: Next = %v, want %v", c.name, got, instant(t, c.next))
		}
		if ends := c.w.Ends(c.p, got); ends != instant(t, c.ends) {
			t.Errorf("%s: Ends = %v, want %v", c.name, ends, instant(t, c.ends))
		}
	}
}

// allowedInAll is the oracle for several zones.
func allowedInAll(w calendar.Window, p calendar.Place, at time.Time) bool {
	for _, zone := range p.Zones {
		if !oracle(w, zone, at) {
			return false
		}
	}
	return true
}

// drawPlace draws one zone to three.
func drawPlace(t *rapid.T) calendar.Place {
	p := in(drawZone(t, "zone"))
	for range rapid.IntRange(0, 2).Draw(t, "more zones") {
		p.Zones = append(p.Zones, drawZone(t, "other zone"))
	}
	return p
}

func TestNextIsTheFirstAllowed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, p := drawWindow(t), drawPlace(t)
		at := drawTime(t, p.Zones[0])
		if w.Allows(p, at) != allowedInAll(w, p, at) {
			t.Fatalf("%v at %v in %v: Allows = %v", w, at, p.Zones, w.Allows(p, at))
		}
		next, ok := w.Next(p, at)
		last := at.Add(400 * 24 * time.Hour)
		if ok {
			if next.Before(at) || next.After(last) || !allowedInAll(w, p, next) || next.Location() != time.UTC {
				t.Fatalf("%v from %v in %v: Next = %v", w, at, p.Zones, next)
			}
			if again, ok := w.Next(p, next); !ok || again != next {
				t.Fatalf("Next of %v = %v", next, again)
			}
			last = next.Add(-time.Microsecond)
		}
		if last.Before(at) {
			return
		}
		for range 60 {
			probe := at.Add(time.Duration(rapid.Int64Range(0, int64(last.Sub(at))).Draw(t, "probe")))
			if allowedInAll(w, p, probe) {
				t.Fatalf("%v from %v in %v: Next = %v, %v, but %v is allowed", w, at, p.Zones, next, ok, probe)
			}
		}
		if allowedInAll(w, p, last) {
			t.Fatalf("%v from %v in %v: Next = %v, %v, but %v is allowed", w, at, p.Zones, next, ok, last)
		}
	})
}

func TestEndsIsTheFirstNotAllowed(t *testing.T) {
	t.Parallel()
	const week = 7 * 24 * time.Hour
	rapid.Check(t, func(t *rapid.T) {
		w, p := drawWindow(t), drawPlace(t)
		at, ok := w.Next(p, drawTime(t, p.Zones[0]))
		if !ok {
			return
		}
		ends := w.Ends(p, at)
		if !ends.After(at) || ends.Sub(at) > week {
			t.Fatalf("%v at %v in %v: Ends = %v", w, at, p.Zones, ends)
		}
		if ends.Sub(at) < week && allowedInAll(w, p, ends) {
			t.Fatalf("%v at %v in %v: still allowed at its end %v", w, at, p.Zones, ends)
		}
		if before := ends.Add(-time.Microsecond); !allowedInAll(w, p, before) || !w.Allows(p, before) {
			t.Fatalf("%v at %v in %v: not allowed just before its end %v", w, at, p.Zones, ends)
		}
		for range 30 {
			probe := at.Add(time.Duration(rapid.Int64Range(0, int64(ends.Sub(at))-1).Draw(t, "probe")))
			if !allowedInAll(w, p, probe) {
				t.Fatalf("%v at %v in %v: Ends = %v, but %v is not allowed", w, at, p.Zones, ends, probe)
			}
		}
	})
}

// Minute by minute over half a day around each change of every zone's clock since 1995.
func TestEveryChangeOfEveryZone(t *testing.T) {
	t.Parallel()
	zones := allZones()
	if len(zones) < 500 {
		t.Fatalf("only %d zones: the list is not Go's", len(zones))
	}
	small := window(t, "every day", "00:20-02:40")
	late := window(t, "sat,sun", "22:50-24:00")
	for _, w := range []calendar.Window{small, late} {
		for i, zone := range zones {
			all := changes(zone, 1995, 2040)
			for n := i % 7; n < len(all); n += 7 { // a seventh of them: names share most of their history
				checkByMinutes(t, w, zone, all[n])
			}
		}
	}
}

// checkByMinutes compares Next and Ends with a walk by minutes; since 1995 every offset is made of whole minutes.
func checkByMinutes(t *testing.T, w calendar.Window, zone string, change time.Time) {
	t.Helper()
	p := in(zone)
	start := change.Add(-6 * time.Hour)
	const steps = 12 * 60
	allowed := make([]bool, steps+1)
	for i := range allowed {
		allowed[i] = oracle(w, zone, start.Add(time.Duration(i)*time.Minute))
	}
	nextOpen, nextClosed := -1, -1
	for i := steps; i >= 0; i-- {
		at := start.Add(time.Duration(i) * time.Minute)
		if allowed[i] {
			nextOpen = i
		} else {
			nextClosed = i
		}
		if i%13 != 0 {
			continue
		}
		if next, ok := w.Next(p, at); nextOpen >= 0 && (!ok || next != start.Add(time.Duration(nextOpen)*time.Minute)) {
			t.Fatalf("%s, %v from %v: Next = %v", zone, w, at, next)
		}
		if ends := w.Ends(p, at); allowed[i] && nextClosed >= 0 && ends != start.Add(time.Duration(nextClosed)*time.Minute) {
			t.Fatalf("%s, %v from %v: Ends = %v", zone, w, at, ends)
		}
	}
}

// Simulation asks millions of times.
func TestNextDoesNotAllocate(t *testing.T) {
	w := window(t, "mon-fri", "09:00-17:00", "lead", "US", "DE-BY")
	p := calendar.Place{Zones: []string{"Europe/Berlin"}, Country: "DE", Region: "BY"}
	at := instant(t, "2025-12-24T18:00:00+01:00")
	got := testing.AllocsPerRun(100, func() {
		next, ok := w.Next(p, at)
		if !ok || w.Ends(p, next).IsZero() {
			t.Error("no opening")
		}
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}
