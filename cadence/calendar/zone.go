package calendar

import (
	"fmt"
	"math"
	"time"
)

// secondsPerDay is the length of a day by the reading of a clock; a day with a clock change lasts longer or shorter.
const secondsPerDay = 24 * 60 * 60

var locations cache[string, *time.Location]

// ValidZone reports whether name is an IANA time zone that this program knows, such as "Europe/Berlin" or "UTC". "" and
// "Local" are none: they would mean the zone of the machine.
func ValidZone(name string) bool {
	_, err := location(name)
	return err == nil
}

// Location gives the rules of an IANA time zone, such as "Europe/Berlin". They are read once: time.LoadLocation reads them anew each time. "" and
// "Local" are none.
func Location(name string) (*time.Location, error) { return location(name) }

// location gives the zone's rules. Names that fail are not kept: they are many and must not fill the memory.
func location(name string) (*time.Location, error) {
	if loc, ok := locations.get(name); ok {
		return loc, nil
	}
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q is not a time zone: use an IANA name such as \"Europe/Berlin\"", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known: use an IANA name such as \"Europe/Berlin\": %w", name, err)
	}
	locations.put(name, loc)
	return loc, nil
}

// offset gives how many seconds the zone is ahead of UTC at the Unix second u.
func offset(loc *time.Location, u int64) int64 {
	_, off := time.Unix(u, 0).In(loc).Zone()
	return int64(off)
}

// steady gives the stretch around the Unix second u in which the zone keeps one offset: [start, end).
func steady(loc *time.Location, u int64) (start, end int64) {
	from, to := time.Unix(u, 0).In(loc).ZoneBounds()
	start, end = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		start = from.Unix()
	}
	if !to.IsZero() {
		end = to.Unix()
	}
	return start, end
}

// split parts a local reading, in seconds since 1970-01-01 00:00 of the same clock, into day and second of the day.
func split(local int64) (day, second int64) {
	day, second = local/secondsPerDay, local%secondsPerDay
	if second < 0 {
		return day - 1, second + secondsPerDay
	}
	return day, second
}

// weekday gives the day of the week of a day counted from 1970-01-01, which was a Thursday.
func weekday(day int64) time.Weekday {
	return time.Weekday(((day+int64(time.Thursday))%7 + 7) % 7)
}
