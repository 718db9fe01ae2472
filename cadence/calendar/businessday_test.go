package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/calendar"
)

// TestBusinessDaysAreCounted holds business days against a count on the fingers: day by day, each on which the window lets any minute through.
// The zones keep one offset all year, two of them by parts of an hour, so that a day has 1,440 minutes; holidays, leap days and the ends of years are in.
func TestBusinessDaysAreCounted(t *testing.T) {
	t.Parallel()
	places := []calendar.Place{
		{Zones: []string{"Asia/Kathmandu"}, Country: "US"},
		{Zones: []string{"Australia/Eucla"}, Country: "AU", Region: "WA"},
		{Zones: []string{"Pacific/Kiritimati"}, Country: "GB"},
		{Zones: []string{"Pacific/Pago_Pago"}, Country: "DE", Region: "BY"},
		{Zones: []string{"Asia/Tokyo"}, Country: "JP"},
		{Zones: []string{"UTC"}},
	}
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(places).Draw(t, "place")
		loc := load(p.Zones[0])
		w := drawWindow(t)
		w.Holidays = rapid.SampledFrom([][]string{nil, {"lead"}, {"lead", "US"}, {"AT"}}).Draw(t, "holidays")
		year := rapid.IntRange(2019, 2032).Draw(t, "year")
		from := time.Date(year, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"),
			rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, loc)
		if rapid.Bool().Draw(t, "at the end of the year") {
			from = time.Date(year, time.December, rapid.IntRange(22, 31).Draw(t, "day of December"), from.Hour(), from.Minute(), 0, 0, loc)
		}
		n := rapid.IntRange(1, 15).Draw(t, "business days")
		if w.Zero() {
			return
		}
		day := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, loc)
		open := func() bool {
			from := w.Hours[day.Weekday()].From
			return w.Hours[day.Weekday()].To > from && w.Allows(p, day.Add(time.Duration(from)*time.Minute))
		}
		for left := n; left > 0; {
			day = day.AddDate(0, 0, 1)
			if open() {
				left--
			}
		}
		want := time.Date(day.Year(), day.Month(), day.Day(), from.Hour(), from.Minute(), 0, 0, loc)
		for !w.Allows(p, want) { // the minutes of the window are whole
			want = want.Add(time.Minute)
			moved++
		}
		at, err := calendar.Delay{BusinessDays: n}.From(w, p, from).At()
		if err != nil || !at.Equal(want) {
			t.Fatalf("%d business days of %v after %s: %s (%v), want %s", n, w, from, at.In(loc), err, want)
		}
	})
	if moved == 0 {
		t.Error("no appointment had to wait for the window")
	}
}
