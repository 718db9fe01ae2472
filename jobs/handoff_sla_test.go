package jobs

import (
	"testing"
	"time"

	"nurture/cadence/calendar"
	"nurture/config"
)

// TestTimeToAnswer: sales has its whole time, counted in working days of its own: no weekend, no public holiday of the operator's, and no night before
// the office opens counts.
func TestTimeToAnswer(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	workdays := [7]bool{time.Monday: true, time.Tuesday: true, time.Wednesday: true, time.Thursday: true, time.Friday: true}
	window := func(holidays ...string) calendar.Window {
		return calendar.NewWindow(workdays, calendar.Span{From: 9 * 60, To: 17 * 60}, holidays)
	}
	one, two := calendar.Delay{BusinessDays: 1}, calendar.Delay{BusinessDays: 2}
	for name, c := range map[string]struct {
		country string
		within  calendar.Delay
		window  calendar.Window
		now     string
		want    string
	}{
		"in the office":                     {"DE", two, window("lead"), "2026-03-02 10:30", "2026-03-04 10:30"},
		"over a weekend":                    {"DE", one, window("lead"), "2026-03-06 10:30", "2026-03-09 10:30"},
		"over the beginning of summer time": {"DE", one, window("lead"), "2026-03-27 10:30", "2026-03-30 10:30"},
		"over the end of summer time":       {"DE", one, window("lead"), "2026-10-23 10:30", "2026-10-26 10:30"},
		"over Christmas":                    {"DE", two, window("lead"), "2026-12-23 10:30", "2026-12-28 10:30"}, // 24, not 25
		"over Good Friday and Easter":       {"DE", one, window("lead"), "2026-04-02 10:30", "2026-04-07 10:30"},
		"where holidays are worked":         {"DE", two, window(), "2026-12-23 10:30", "2026-12-25 10:30"},
		"where others have holidays":        {"US", two, window("lead"), "2026-11-25 10:30", "2026-11-30 10:30"},
		"by a list":                         {"", one, window("DE"), "2026-04-02 10:30", "2026-04-07 10:30"},
		"by night":                          {"DE", one, window("lead"), "2026-03-03 02:00", "2026-03-04 09:00"},
		"after hours":                       {"DE", one, window("lead"), "2026-03-03 19:00", "2026-03-05 09:00"},
		"on a Friday night":                 {"DE", one, window("lead"), "2026-03-06 22:00", "2026-03-10 09:00"},
		"on a Saturday":                     {"DE", one, window("lead"), "2026-03-07 02:00", "2026-03-10 09:00"},
		"on a holiday":                      {"DE", one, window("lead"), "2026-04-06 12:00", "2026-04-08 09:00"},
		"hours":                             {"DE", calendar.Delay{Hours: 4}, window("lead"), "2026-03-03 10:00", "2026-03-03 14:00"},
		"hours on a Sunday":                 {"DE", calendar.Delay{Hours: 4}, window("lead"), "2026-03-08 10:00", "2026-03-09 13:00"},
		"in an office that never opens":     {"DE", one, calendar.Window{}, "2026-03-03 10:00", "2026-03-05 10:00"},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.now, berlin)
		must(t, err)
		settings := config.Settings{Country: c.country, Zone: "Europe/Berlin", Handoff: config.Handoff{AcceptWithin: c.within, Window: c.window}}
		if got := within(settings, at.UTC()).In(berlin).Format("2006-01-02 15:04"); got != c.want {
			t.Errorf("%s: offered %s, to be answered by %s, want %s", name, c.now, got, c.want)
		}
	}
}
