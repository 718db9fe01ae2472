package cadence

import "time"

// NamedDay is how the Date of a response says a day and no hour; where the lead is tells when that day begins.
func NamedDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// NamedInstant is how the Date of a response says an instant, to the microsecond. Midnight in UTC would name a whole day, and is nine in the morning
// of Tokyo and four in the afternoon of Los Angeles: such an instant is a microsecond later.
func NamedInstant(t time.Time) time.Time {
	t = t.UTC().Truncate(time.Microsecond)
	if NamesDay(t) {
		return t.Add(time.Microsecond)
	}
	return t
}

// NamesDay reports whether the Date of a response names a day and no hour.
func NamesDay(date time.Time) bool { return date.Equal(date.Truncate(24 * time.Hour)) }
