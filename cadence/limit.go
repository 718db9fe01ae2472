package cadence

import (
	"slices"
	"time"
)

// CallSpan is the span in which calls to one number are counted: any 24 hours (such as Fla. Stat. 501.616(6)).
const CallSpan = 24 * time.Hour

// Frequency caps how many touches a lead gets in any span of time, over all channels and cadences; the zero Frequency does not.
type Frequency struct {
	Touches int
	Per     time.Duration
}

// Capped reports whether there is a cap.
func (f Frequency) Capped() bool { return f.Touches > 0 && f.Per > 0 }

// Room gives the first instant at or after now at which one more touch fits, when touches were made at the given instants, in any order.
// A touch leaves the span when exactly Per has gone by.
func (f Frequency) Room(made []time.Time, now time.Time) time.Time {
	if !f.Capped() {
		return now
	}
	return roomAfter(made, f.Touches, f.Per, now)
}

// CallRoom is Room for calls to one number, of which most fit into CallSpan; most 0 is no cap.
func CallRoom(made []time.Time, most int, now time.Time) time.Time {
	if most <= 0 {
		return now
	}
	return roomAfter(made, most, CallSpan, now)
}

func roomAfter(made []time.Time, most int, span time.Duration, now time.Time) time.Time {
	if len(made) < most {
		return now
	}
	sorted := slices.SortedFunc(slices.Values(made), time.Time.Compare)
	// Of the latest `most` the first must have left.
	if room := sorted[len(sorted)-most].Add(span); room.After(now) {
		return room
	}
	return now
}
