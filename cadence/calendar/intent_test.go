package calendar_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/calendar"
)

// reading makes the Local of an Intent from "2025-03-30 02:30:00".
func reading(t testing.TB, text string) time.Time {
	t.Helper()
	local, err := time.Parse("2006-01-02 15:04:05.999999999", text)
	if err != nil {
		t.Fatal(err)
	}
	return local
}

func TestIntentAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ local, zone, want string }{
		{"2025-06-03 09:00:00", "Asia/Kolkata", "2025-06-03T09:00:00+05:30"},
		{"2025-06-03 09:00:00.123456789", "UTC", "2025-06-03T09:00:00.123456Z"},
		{"2025-03-09 01:59:59.5", "America/New_York", "2025-03-09T01:59:59.5-05:00"},
		{"2025-03-09 02:00:00", "America/New_York", "2025-03-09T03:00:00-04:00"},
		{"2025-03-09 02:30:00.5", "America/New_York", "2025-03-09T03:00:00-04:00"},
		{"2025-03-09 03:00:00.5", "America/New_York", "2025-03-09T03:00:00.5-04:00"},
		{"2025-11-02 01:30:00", "America/New_York", "2025-11-02T01:30:00-04:00"},
		{"2025-11-02 02:00:00", "America/New_York", "2025-11-02T02:00:00-05:00"},
		{"2025-03-30 02:30:00", "Europe/Berlin", "2025-03-30T03:00:00+02:00"},
		{"2025-10-26 02:30:00", "Europe/Berlin", "2025-10-26T02:30:00+02:00"},
		{"2025-10-05 02:15:00", "Australia/Lord_Howe", "2025-10-05T02:30:00+11:00"},
		{"2025-04-06 01:45:00", "Australia/Lord_Howe", "2025-04-06T01:45:00+11:00"},
		{"2018-11-04 00:00:00", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"},
		{"2018-02-17 23:30:00", "America/Sao_Paulo", "2018-02-17T23:30:00-02:00"},
		{"2025-01-01 00:00:00", "Pacific/Kiritimati", "2025-01-01T00:00:00+14:00"},
		{"2011-12-30 10:00:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"},
		{"2011-12-31 00:00:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00"},
		{"2050-07-01 09:00:00", "Europe/Berlin", "2050-07-01T09:00:00+02:00"},
	} {
		got, err := calendar.Intent{Local: reading(t, c.local), Zone: c.zone}.At()
		if err != nil || got != instant(t, c.want) {
			t.Errorf("%s %s: At = %v, %v; want %v", c.local, c.zone, got, err, instant(t, c.want))
		}
	}
}

func TestIntentOfUnknownZone(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Local", "Mars/Olympus", "../etc/passwd"} {
		got := calendar.IntentOf(instant(t, "2025-06-03T09:00:00Z"), zone)
		if got.Local != reading(t, "2025-06-03 09:00:00") || got.Zone != zone || got.IsZero() {
			t.Errorf("IntentOf in %q = %v", zone, got)
		}
		_, err := got.At()
		if err == nil || !strings.Contains(err.Error(), "Europe/Berlin") || !strings.Contains(err.Error(), "2025-06-03") {
			t.Errorf("At in %q: %v; the error should name the moment and an example", zone, err)
		}
		if calendar.ValidZone(zone) {
			t.Errorf("ValidZone(%q)", zone)
		}
	}
	if !(calendar.Intent{}).IsZero() {
		t.Error("the zero Intent is not zero")
	}
	if got := calendar.IntentOf(instant(t, "2025-06-03T09:00:00Z"), "Asia/Tokyo").String(); got != "2025-06-03 18:00:00 Asia/Tokyo" {
		t.Errorf("String = %q", got)
	}
}

// Of any reading in any zone, At is the first instant whose reading is not earlier: the reading itself wherever it exists.
func TestAtIsTheFirstInstantOfItsReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := drawZone(t, "zone")
		want := calendar.IntentOf(drawTime(t, "UTC"), "UTC").Local
		if rapid.Bool().Draw(t, "near change") {
			want = calendar.IntentOf(drawTime(t, zone), zone).Local
			want = want.Add(time.Duration(rapid.IntRange(-7200, 7200).Draw(t, "seconds")) * time.Second)
		}
		at, err := calendar.Intent{Local: want, Zone: zone}.At()
		if err != nil {
			t.Fatal(err)
		}
		if got := calendar.IntentOf(at, zone).Local; got.Before(want) {
			t.Fatalf("%v %s: At = %v reads %v", want, zone, at, got)
		} else if got.After(want) && got.Sub(want) > 25*time.Hour {
			t.Fatalf("%v %s: At = %v reads %v: no gap is that long", want, zone, at, got)
		}
		for _, back := range []time.Duration{time.Microsecond, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 12 * time.Hour} {
			if got := calendar.IntentOf(at.Add(-back), zone).Local; !got.Before(want) {
				t.Fatalf("%v %s: At = %v, but %v before reads %v already", want, zone, at, back, got)
			}
		}
	})
}

// An instant survives the way through its Intent, unless it is in the second pass of repeated hours.
func TestIntentRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := drawZone(t, "zone")
		want := drawTime(t, zone)
		in := calendar.IntentOf(want, zone)
		got, err := in.At()
		if err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
		if !got.Before(want) || calendar.IntentOf(got, zone) != in {
			t.Fatalf("%v in %s reads %v, which is %v", want, zone, in, got)
		}
	})
}
