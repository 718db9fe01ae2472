package calendar

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// noWait is how the zero Delay is written.
	noWait = "no wait"
	// longestDelay is the most that a Delay may be: ten years, in days.
	longestDelay = 3650
)

// ErrTooLong says that a delay is longer than ten years.
var ErrTooLong = errors.New("it is longer than ten years")

// ParseDelay reads a wait: "2 business days", "3 days", "36 hours", "1 hour", "2 weeks" (14 days), "no wait". The number is
// whole and at most ten years; 0 is no wait.
func ParseDelay(text string) (Delay, error) {
	words := strings.Fields(strings.ToLower(text))
	if strings.Join(words, " ") == noWait {
		return Delay{}, nil
	}
	if len(words) < 2 {
		return Delay{}, delayError(text, errors.New("it takes a number and a unit"))
	}
	n, ok := digits(words[0], 6)
	if !ok {
		return Delay{}, delayError(text, fmt.Errorf("%q is not a whole number", words[0]))
	}
	var d Delay
	longest := longestDelay
	switch unit := strings.Join(words[1:], " "); unit {
	case "hour", "hours":
		d.Hours, longest = n, longestDelay*24
	case "day", "days":
		d.Days = n
	case "week", "weeks":
		d.Days, longest = n*7, longestDelay/7
	case "business day", "business days":
		d.BusinessDays = n
	default:
		return Delay{}, delayError(text, fmt.Errorf("%q is not a unit", unit))
	}
	if n > longest {
		return Delay{}, delayError(text, ErrTooLong)
	}
	return d, nil
}

func delayError(text string, why error) error {
	return fmt.Errorf("delay %q: %w; write it like \"2 business days\", \"3 days\", \"36 hours\", \"2 weeks\" or \"no wait\"", text, why)
}

// Zero reports whether there is nothing to wait for.
func (d Delay) Zero() bool { return d == Delay{} }

// String gives the delay as ParseDelay reads it: "1 hour", "3 days", "no wait".
func (d Delay) String() string {
	var parts []string
	for _, p := range [3]struct {
		n    int
		unit string
	}{{d.BusinessDays, "business day"}, {d.Days, "day"}, {d.Hours, "hour"}} {
		switch p.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+p.unit)
		default:
			parts = append(parts, strconv.Itoa(p.n)+" "+p.unit+"s")
		}
	}
	if len(parts) == 0 {
		return noWait
	}
	return strings.Join(parts, " and ")
}

// From gives the moment of a touch that waits for the delay after t and then for the window. Days keep the reading of the
// clock in the first zone of the place; business days count the days there on which the window has hours and no holiday
// is; hours are elapsed time. When the moment so found lies outside the window, the next one inside takes its place.
//
// The Intent is in the first zone of the place, in UTC when there is none; its At is never before t plus the delay and
// always allowed by the window. It is the zero Intent, whose At fails, when the window has no opening within 400 days or a
// zone is not known.
func (d Delay) From(w Window, p Place, t time.Time) Intent {
	zone := "UTC"
	if len(p.Zones) > 0 {
		zone = p.Zones[0]
	}
	meant := IntentOf(t, zone)
	at := t
	if d.Days > 0 || d.BusinessDays > 0 {
		first, _ := split(meant.Local.Unix())
		day := first + int64(d.Days)
		for range d.BusinessDays {
			var ok bool
			if day, ok = w.nextBusinessDay(&p, day); !ok {
				return Intent{}
			}
		}
		meant.Local = meant.Local.AddDate(0, 0, int(day-first))
		var err error
		if at, err = meant.At(); err != nil {
			return Intent{}
		}
	}
	at = at.Add(time.Duration(d.Hours) * time.Hour)
	next, ok := w.Next(p, at)
	if !ok {
		return Intent{}
	}
	if d.Hours == 0 && !d.Zero() && next.Equal(at) {
		return meant // not IntentOf(next): a reading that a clock change skips is still what was meant
	}
	return w.settle(p, zone, next)
}

// settle gives the Intent for an allowed instant. In the second pass of an hour that a clock change repeats the reading would
// stand for the first pass, which is too early: the touch then waits until the repeated readings are over.
func (w *Window) settle(p Place, zone string, at time.Time) Intent {
	in := IntentOf(at, zone)
	first, err := in.At()
	if err != nil {
		return Intent{}
	}
	if first.Equal(at) {
		return in
	}
	loc, _ := location(zone) // known, or At had failed
	change, _ := steady(loc, at.Unix())
	next, ok := w.Next(p, time.Unix(change, 0).Add(at.Sub(first)))
	if !ok {
		return Intent{}
	}
	return IntentOf(next, zone)
}
