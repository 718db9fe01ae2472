package cadence

import (
	"time"

	"nurture/cadence/calendar"
)

// farAhead bounds the dates that responses name: one further away is a misread, and would lose the lead.
const farAhead = 5 // years

// undated is the zone in which a lead without a known one is mailed. Voice is held for such a lead.
const undated = "UTC"

// window is when the touch of a step may leave: the step's own window, else the plan's; for voice cut by the call hours.
func (d *decision) window(step Step) calendar.Window {
	w := d.plan.Window
	if step.Window != nil {
		w = *step.Window
	}
	if step.isVoice() {
		w = calendar.Intersect(w, d.plan.CallHours)
	}
	return w
}

// places lists where the lead may be taken to be, the most careful first. Voice is allowed only where every possible zone
// allows it; mail to a lead in one of several zones, or in an unknown one, harms nobody and must not starve.
func (d *decision) places(step Step) []calendar.Place {
	place := d.e.Lead.Place
	if step.isVoice() {
		return []calendar.Place{place}
	}
	var candidates []calendar.Place
	if len(place.Zones) > 0 {
		candidates = append(candidates, place)
	}
	if len(place.Zones) > 1 {
		first := place
		first.Zones = place.Zones[:1:1]
		candidates = append(candidates, first)
	}
	utc := place
	utc.Zones = []string{undated}
	return append(candidates, utc)
}

// opening gives the first instant at or after t at which the step may be made, and the place that allows it; false when
// there is none.
func (d *decision) opening(step Step, t time.Time) (calendar.Place, time.Time, bool) {
	w := d.window(step)
	for _, place := range d.places(step) {
		if opens, ok := w.Next(place, t); ok {
			return place, opens, true
		}
	}
	return calendar.Place{}, time.Time{}, false
}

// after gives the moment that comes delay after from, inside the step's window. Steps without a touch wait by the clock
// alone, save that business days are still the plan's. Where the window never opens the delay counts as plain time: the step
// is then skipped when it is due.
func (d *decision) after(step Step, delay calendar.Delay, from time.Time) (calendar.Intent, time.Time) {
	w := d.window(step)
	if step.Kind.Channel() == "" && delay.BusinessDays == 0 {
		w = calendar.Always()
	}
	for _, place := range d.places(step) {
		intent := delay.From(w, place, from)
		if at, err := intent.At(); err == nil {
			return intent, at
		}
	}
	at := from.AddDate(0, 0, delay.Days+delay.BusinessDays).Add(time.Duration(delay.Hours) * time.Hour)
	return calendar.IntentOf(at, undated), at.UTC().Truncate(time.Microsecond)
}

// due is the appointment for a step, delay after from. When the step has no delay of its own and nothing happened to put it
// off, what it waits for is the window.
func (d *decision) due(step Step, delay calendar.Delay, from time.Time, reason Reason) *Due {
	intent, at := d.after(step, delay, from)
	if plain := reason == ReasonStepDelay || reason == ReasonEnrolled || reason == ReasonBranch; plain && delay.Zero() && at.After(from) {
		reason = ReasonOutsideWindow
	}
	return &Due{Intent: intent, At: at, Reason: reason}
}

// atDesk stands for what belongs to no step: pauses, tasks and moves count in the plan's window.
var atDesk = Step{Kind: StepManualEmail}

// later gives the instant that comes delay after now at a desk.
func (d *decision) later(delay calendar.Delay) time.Time {
	_, at := d.after(atDesk, delay, d.now)
	return at
}

// zone is the zone in which the lead's calendar days are read.
func (d *decision) zone() string {
	if zones := d.e.Lead.Place.Zones; len(zones) > 0 && calendar.ValidZone(zones[0]) {
		return zones[0]
	}
	return undated
}

// dated reads the date of a response, extraDays later: a whole day is the start of that day for the lead, an instant is
// itself unless days are added. It is false when the response names none that can be waited for.
func (d *decision) dated(date *time.Time, extraDays int) (time.Time, bool) {
	if !d.believable(date) {
		return time.Time{}, false
	}
	at := date.UTC().Truncate(time.Microsecond)
	whole := NamesDay(at)
	if whole || extraDays > 0 {
		local := at
		if !whole {
			local = calendar.IntentOf(at, d.zone()).Local
		}
		y, m, day := local.Date()
		start, err := calendar.Intent{Local: time.Date(y, m, day+extraDays, 0, 0, 0, 0, time.UTC), Zone: d.zone()}.At()
		if err != nil {
			return time.Time{}, false
		}
		at = start
	}
	return at, at.After(d.now)
}

// believable refuses no date, and those so far off that they were read wrongly.
func (d *decision) believable(date *time.Time) bool {
	return date != nil && !date.After(d.now.AddDate(farAhead, 0, 0)) && !date.Before(d.now.AddDate(-1, 0, 0))
}

// isToday reports whether a date names the day that it is for the lead, and no hour.
func (d *decision) isToday(date time.Time) bool {
	y, m, day := calendar.IntentOf(d.now, d.zone()).Local.Date()
	return date.Equal(time.Date(y, m, day, 0, 0, 0, 0, time.UTC))
}

// closing gives when the window at a desk closes today; when it does not open any more today, the next opening.
func (d *decision) closing() time.Time {
	place, opens, ok := d.opening(atDesk, d.now)
	if !ok {
		return d.now
	}
	y, m, day := calendar.IntentOf(d.now, d.zone()).Local.Date()
	midnight, err := calendar.Intent{Local: time.Date(y, m, day+1, 0, 0, 0, 0, time.UTC), Zone: d.zone()}.At()
	if err != nil || !opens.Before(midnight) {
		return opens
	}
	if ends := d.window(atDesk).Ends(place, opens); ends.Before(midnight) {
		return ends
	}
	return midnight
}
