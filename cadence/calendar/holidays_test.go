package calendar_test

import (
	"sync"
	"testing"
	"time"

	"nurture/cadence/calendar"
)

func TestHolidays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code, zone, day string
		closed          bool
	}{
		{"US", "America/New_York", "2025-07-04", true},
		{"US", "America/New_York", "2021-12-31", true}, // New Year's Day 2022 was a Saturday
		{"US", "America/New_York", "2020-07-04", true}, // a Saturday,
		{"US", "America/New_York", "2020-07-03", true}, // observed on Friday
		{"US", "America/New_York", "2025-11-27", true}, // fourth Thursday
		{"US", "America/New_York", "2025-07-07", false},
		{"us", "America/New_York", "2025-12-25", true},
		{"UK", "Europe/London", "2025-08-25", true},
		{"GB", "Europe/London", "2027-12-28", true}, // Boxing Day 2027 is a Sunday
		{"GB", "Europe/London", "2022-12-26", true}, // Christmas 2022 is a Sunday,
		{"GB", "Europe/London", "2022-12-27", true}, // so that Boxing Day moves on
		{"GB", "Europe/London", "2022-12-28", false},
		{"DE", "Europe/Berlin", "2025-10-03", true},
		{"DE", "Europe/Berlin", "2025-01-06", false},
		{"DE-BY", "Europe/Berlin", "2025-01-06", true},
		{"de-by", "Europe/Berlin", "2025-10-03", true},
		{"DE-XX", "Europe/Berlin", "2025-10-03", true}, // a region without a list has its country's
		{"AU", "Australia/Sydney", "2025-04-25", true},
		{"AU", "Australia/Sydney", "2025-11-04", false}, // Melbourne Cup
		{"AU-VIC", "Australia/Melbourne", "2025-11-04", true},
		{"FR", "Europe/Paris", "2025-07-14", true},
		{"JP", "Asia/Tokyo", "2026-09-22", true}, // between two holidays
		{"JP", "Asia/Tokyo", "2025-03-20", true}, // equinox
		{"AR", "America/Argentina/Buenos_Aires", "2025-12-25", true},
		{"PL", "Europe/Warsaw", "2025-11-11", true},
		{"CH-ZH", "Europe/Zurich", "2025-08-01", true},
		{"ZZ", "UTC", "2025-12-25", false},
	} {
		w := window(t, "every day", "00:00-24:00", c.code)
		day, err := time.ParseInLocation(time.DateOnly, c.day, load(c.zone))
		if err != nil {
			t.Fatal(err)
		}
		for _, clock := range []time.Duration{0, 12 * time.Hour, 24*time.Hour - time.Second} {
			if got := w.Allows(in(c.zone), day.Add(clock)); got == c.closed {
				t.Errorf("%s on %v: allowed = %v", c.code, day.Add(clock), got)
			}
		}
	}
}

func TestHolidaysOfTheLead(t *testing.T) {
	t.Parallel()
	w := window(t, "mon-fri", "09:00-17:00", "lead")
	for _, c := range []struct{ country, region, want string }{
		{"DE", "", "2025-01-06T09:00:00+01:00"},
		{"DE", "BY", "2025-01-07T09:00:00+01:00"},
		{"de", "by", "2025-01-07T09:00:00+01:00"},
		{"DE", "NW", "2025-01-06T09:00:00+01:00"},
		{"", "", "2025-01-06T09:00:00+01:00"},
		{"IN", "MH", "2025-01-06T09:00:00+01:00"},
	} {
		p := calendar.Place{Zones: []string{"Europe/Berlin"}, Country: c.country, Region: c.region}
		if got, _ := w.Next(p, instant(t, "2025-01-04T00:00:00Z")); got != instant(t, c.want) {
			t.Errorf("%s-%s: %v, want %v", c.country, c.region, got, instant(t, c.want))
		}
	}
	literal := calendar.Window{Hours: w.Hours, Holidays: []string{"Lead"}}
	p := calendar.Place{Zones: []string{"Europe/Berlin"}, Country: "DE"}
	if literal.Allows(p, instant(t, "2025-10-03T12:00:00+02:00")) {
		t.Error("a Window written as a literal does not know \"Lead\"")
	}
}

func TestKnownHolidays(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"lead", " Lead ", "US", "us", "USA", "UK", "GB", "DE", "DE-BY", "de-by", "AU", "AU-NSW", "CH-ZH", "FR", "ES", "IT",
		"NL", "AT", "BE", "DK", "SE", "NO", "PL", "IE", "NZ", "CA", "BR", "JP",
	} {
		if !calendar.KnownHolidays(code) {
			t.Errorf("%q is not known", code)
		}
	}
	for _, code := range []string{"", "leads", "ZZ", "DE-XX", "US-CA", "FI", "PT", "IN", "-BY"} {
		if calendar.KnownHolidays(code) {
			t.Errorf("%q is known", code)
		}
	}
}

// The library's rules write to shared variables: the race detector must find nothing here.
func TestHolidaysFromManyGoroutines(t *testing.T) {
	t.Parallel()
	w := window(t, "every day", "00:00-24:00", "JP")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for year := 1960; year < 2090; year++ {
				if w.Allows(in("Asia/Tokyo"), time.Date(year, 2, 11, 3, 0, 0, 0, time.UTC)) {
					t.Errorf("National Foundation Day %d is open", year)
				}
			}
		})
	}
	wg.Wait()
}
