package desk

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// moment is an instant as the viewer reads it.
type moment struct {
	At   time.Time // in the viewer's zone
	now  time.Time
	None bool // there is no such instant
}

// moment shows an instant in the user's zone.
func (v *visit) moment(t time.Time) moment {
	return moment{At: t.In(v.zone), now: v.now.In(v.zone), None: t.IsZero()}
}

// momentOf is moment for an instant that may be missing.
func (v *visit) momentOf(t *time.Time) moment {
	if t == nil {
		return moment{None: true}
	}
	return v.moment(*t)
}

// Machine is the instant for programs, RFC 3339.
func (m moment) Machine() string { return m.At.UTC().Format(time.RFC3339) }

// Full is the whole instant, with its zone.
func (m moment) Full() string { return m.At.Format("Monday 2 January 2006, 15:04 MST") }

// Short is as much as tells it from others near now: the clock today, the weekday within a week, else the date.
func (m moment) Short() string {
	days := daysBetween(m.now, m.At)
	switch {
	case days == 0:
		return m.At.Format("15:04")
	case days == 1:
		return "tomorrow " + m.At.Format("15:04")
	case days == -1:
		return "yesterday " + m.At.Format("15:04")
	case days > -7 && days < 7:
		return m.At.Format("Mon 15:04")
	case m.At.Year() == m.now.Year():
		return m.At.Format("2 Jan")
	}
	return m.At.Format("2 Jan 2006")
}

// Relative is how far it is from now, in the largest unit.
func (m moment) Relative() string {
	d := m.At.Sub(m.now)
	span := spanOf(d.Abs())
	switch {
	case span == "":
		return "now"
	case d > 0:
		return "in " + span
	}
	return span + " ago"
}

// Past says whether it is over.
func (m moment) Past() bool { return m.At.Before(m.now) }

// spanOf is a duration in its largest unit, "" below a minute.
func spanOf(d time.Duration) string {
	switch {
	case d < time.Minute:
		return ""
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// daysBetween counts the midnights from a to b, which are in one zone.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)).Hours() / 24)
}

// dayStart is the midnight before now, in the user's zone.
func (v *visit) dayStart() time.Time {
	t := v.now.In(v.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, v.zone)
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
