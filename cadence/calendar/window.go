package calendar

import (
	"slices"
	"strings"
	"time"
)

// NewWindow gives the Window that is open on the given days (by time.Weekday) during hours, save on the holidays (as
// described at Window.Holidays, in any case; KnownHolidays tells which are understood).
func NewWindow(days [7]bool, hours Span, holidays []string) Window {
	var w Window
	for d, open := range days {
		if open && !hours.empty() {
			w.Hours[d] = hours
		}
	}
	w.Holidays = unite(nil, holidays)
	return w
}

// Always gives the Window that allows every instant at every place, even one whose zone is not known.
func Always() Window {
	return NewWindow([7]bool{true, true, true, true, true, true, true}, Span{0, endOfDay}, nil)
}

// Zero reports whether the window allows nothing, since no day has hours.
func (w Window) Zero() bool {
	for _, s := range w.Hours {
		if !s.empty() {
			return false
		}
	}
	return true
}

// unrestricted reports whether the window is Always.
func (w *Window) unrestricted() bool {
	for _, s := range w.Hours {
		if s.From > 0 || s.To < endOfDay {
			return false
		}
	}
	return len(w.Holidays) == 0
}

// Days tells the days of the week that have hours, by time.Weekday, as FormatDays writes them.
func (w Window) Days() [7]bool {
	var days [7]bool
	for d, s := range w.Hours {
		days[d] = !s.empty()
	}
	return days
}

// String describes the window: "mon-fri 09:00-17:00, not on holidays of lead", "mon-sat 09:00-21:00; sun 12:00-21:00",
// "always" or "never".
func (w Window) String() string {
	if w.Zero() {
		return "never"
	}
	if w.unrestricted() {
		return "always"
	}
	var parts []string
	var done [7]bool
	for _, d := range weekdays {
		hours := w.Hours[d]
		if done[d] || hours.empty() {
			continue
		}
		var same [7]bool
		for other, s := range w.Hours {
			same[other] = s == hours
			done[other] = done[other] || same[other]
		}
		parts = append(parts, FormatDays(same)+" "+hours.String())
	}
	text := strings.Join(parts, "; ")
	if len(w.Holidays) > 0 {
		text += ", not on holidays of " + strings.Join(w.Holidays, ", ")
	}
	return text
}

// Intersect gives the Window that allows what both a and b allow: the hours that they share on each day, and the holidays
// of both closed.
func Intersect(a, b Window) Window {
	var w Window
	for d := range w.Hours {
		s := Span{max(a.Hours[d].From, b.Hours[d].From), min(a.Hours[d].To, b.Hours[d].To)}
		if !s.empty() {
			w.Hours[d] = s
		}
	}
	w.Holidays = unite(a.Holidays, b.Holidays)
	return w
}

// unite lists the holidays of a and b once each, in the spelling that lookups are quick with. It is nil when there is none.
func unite(a, b []string) []string {
	var all []string
	for _, list := range [2][]string{a, b} {
		for _, code := range list {
			if code = canonicalHolidays(code); !slices.Contains(all, code) {
				all = append(all, code)
			}
		}
	}
	return all
}

// opening gives the hours of a day (counted from 1970-01-01 of the local clock) in seconds, equal when it is closed.
func (w *Window) opening(p *Place, day int64) (from, to int64) {
	hours := w.Hours[weekday(day)]
	if hours.empty() {
		return 0, 0
	}
	for _, code := range w.Holidays {
		if isHoliday(code, p, day) {
			return 0, 0
		}
	}
	return int64(hours.From) * 60, int64(min(hours.To, endOfDay)) * 60
}

// nextBusinessDay gives the next day after day on which the window has hours and no holiday is; false when there is none
// within the reach of a search.
func (w *Window) nextBusinessDay(p *Place, day int64) (int64, bool) {
	for d := day + 1; d <= day+int64(reach/(24*time.Hour)); d++ {
		if from, to := w.opening(p, d); from < to {
			return d, true
		}
	}
	return 0, false
}
