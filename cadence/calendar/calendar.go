// Package calendar decides when a touch may happen: send windows in the lead's own zone, business days, holidays and
// legal quiet hours. It is pure: it never reads the clock, and the same inputs give the same instant.
//
// All instants that it returns are UTC and whole microseconds. A wall-clock reading that a clock change skips stands for the
// end of the skipped stretch; one that a clock change repeats stands for its first occurrence.
package calendar

import "time"

// Minute is a wall-clock time as minutes since local midnight, 0 to 1440 (1440 only as the end of a span).
type Minute int

// Span is a stretch of one local day: From is inside, To is not. It is read off the local clock: hours that a clock change
// repeats are in it twice, skipped ones never. A Span with To <= From is empty.
type Span struct{ From, To Minute }

// Window is when a touch is allowed in one zone. The zero Window allows nothing; use Always for no restriction. Each
// weekday has its own hours, so that legal hours such as "9-21, Sunday 12-21" fit.
type Window struct {
	Hours [7]Span // by time.Weekday; an empty Span closes that day
	// Holidays are closed: ISO 3166 country codes, optionally with region ("DE-BY"), or the word "lead" for the country and
	// region of the place. Empty: none. See KnownHolidays.
	Holidays []string
}

// Place is where a lead may be: every zone in Zones could be theirs, so an instant is allowed only if it is allowed in
// all. Country selects public holidays when a window says "holidays: lead". Without a zone, or with one that is not known,
// nothing is allowed, save by a Window without any restriction.
type Place struct {
	Zones   []string // IANA names, never empty once resolved
	Country string   // ISO 3166-1 alpha-2, "" unknown
	Region  string   // state or province code as RegionCode gives it, "" unknown
}

// Intent is a moment as people mean it: a wall-clock reading in a zone. It is what is stored; At is recomputed from it, so
// that a change of daylight-saving rules moves the instant and not the reading.
type Intent struct {
	Local time.Time // its date and clock fields count, its Location is UTC
	Zone  string    // IANA name
}

// Delay is a wait as marketers write it: exactly one of the fields is set, or none for no wait. None is negative.
type Delay struct {
	Hours        int // elapsed time
	Days         int // calendar days, same wall-clock time
	BusinessDays int // days on which the window is open and no holiday is
}
