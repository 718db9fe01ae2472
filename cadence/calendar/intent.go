package calendar

import (
	"fmt"
	"time"
)

// IntentOf gives the reading of the zone's clock at t, to the microsecond. With an unknown zone it is the reading in UTC,
// and At of the Intent fails. Of an hour that a clock change repeats, the reading does not tell which of the two it was:
// At gives the first.
func IntentOf(t time.Time, zone string) Intent {
	local := t.UTC()
	if loc, err := location(zone); err == nil {
		local = local.Add(time.Duration(offset(loc, t.Unix())) * time.Second)
	}
	return Intent{Local: local.Truncate(time.Microsecond), Zone: zone}
}

// IsZero reports whether the Intent names no moment.
func (in Intent) IsZero() bool { return in.Zone == "" && in.Local.IsZero() }

// String gives the reading and the zone: "2025-03-30 09:00:00 Europe/Berlin".
func (in Intent) String() string {
	return in.Local.Format(time.DateTime) + " " + in.Zone
}

// At gives the instant at which a clock in the zone first shows the reading, UTC, to the microsecond. A reading that a
// clock change skips gives the instant of the change (02:30 in a spring gap from 02:00 to 03:00 becomes 03:00), one that a
// clock change repeats gives the first of the two. The error says that the zone is not known.
func (in Intent) At() (time.Time, error) {
	loc, err := location(in.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("cannot tell when %s is: %w", in.Local.Format(time.DateTime), err)
	}
	year, month, day := in.Local.Date()
	hour, minute, second := in.Local.Clock()
	reading := time.Date(year, month, day, hour, minute, second, 0, time.UTC).Unix()
	micros := int64(in.Local.Nanosecond()) / int64(time.Microsecond)

	// The search starts before the reading can have come: no zone was ever 26 hours off UTC.
	for u := reading - 26*60*60; ; {
		off := offset(loc, u)
		if u+off > reading { // a clock change has just leapt over it
			return time.Unix(u, 0).UTC(), nil
		}
		_, end := steady(loc, u)
		if at := reading - off; at < end {
			return time.UnixMicro(at*1e6 + micros).UTC(), nil
		}
		u = end
	}
}
