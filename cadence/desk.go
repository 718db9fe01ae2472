package cadence

import (
	"time"

	"nurture/cadence/calendar"
)

// deskDay is how long a person has for the task of a step that names no limit.
var deskDay = calendar.Delay{BusinessDays: 1}

// TaskTimes gives by when the task of a step should be done, when it is filed at now, and when it expires; the latter is nil when it never
// does. A person's work counts in the plan's window.
func (p Plan) TaskTimes(step Step, place calendar.Place, now time.Time) (due time.Time, expires *time.Time) {
	within := step.Within
	if within.Zero() {
		within = deskDay
	}
	due, err := within.From(p.Window, place, now).At()
	if err != nil || !due.After(now) {
		due = now.Add(24 * time.Hour)
	}
	if !step.Patient() {
		at := due
		expires = &at
	}
	return due, expires
}
