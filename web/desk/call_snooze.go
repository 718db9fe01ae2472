package desk

import (
	"errors"
	"strings"
	"time"

	"nurture/jobs"
	"nurture/store"
)

// snoozeChoice is a time to put a task off to.
type snoozeChoice struct {
	Value string // RFC 3339
	Label string
	At    moment
}

// snoozeChoices are the usual ones, in the user's zone, before the task lapses.
func (v *visit) snoozeChoices(t store.Task) []snoozeChoice {
	local := v.now.In(v.zone)
	at := func(days, hour int) time.Time {
		return time.Date(local.Year(), local.Month(), local.Day()+days, hour, 0, 0, 0, v.zone)
	}
	untilMonday := (int(time.Monday) - int(local.Weekday()) + 7) % 7
	if untilMonday == 0 {
		untilMonday = 7
	}
	var choices []snoozeChoice
	for _, c := range []struct {
		label string
		at    time.Time
	}{
		{"In an hour", v.now.Add(time.Hour).Truncate(time.Minute)},
		{"This afternoon", at(0, 14)},
		{"Tomorrow morning", at(1, 9)},
		{"On Monday", at(untilMonday, 9)},
	} {
		if c.at.After(v.now) && (t.ExpiresAt == nil || c.at.Before(*t.ExpiresAt)) {
			choices = append(choices, snoozeChoice{Value: c.at.UTC().Format(time.RFC3339), Label: c.label, At: v.moment(c.at)})
		}
	}
	return choices
}

// snoozeTask puts a task off, and opens the next one.
func (d *Desk) snoozeTask(v *visit) error {
	id, err := v.id()
	if err == nil {
		err = v.form()
	}
	if err != nil {
		return err
	}
	wanted := v.field("until")
	if own := strings.TrimSpace(v.field("own")); own != "" {
		wanted = own
	}
	until, err := v.parseTime(wanted)
	if err == nil {
		err = d.engine.SnoozeTask(v.r.Context(), id, v.user.Email, until)
	}
	switch {
	case errors.Is(err, errBadDate):
		return wrongField{name: "own", text: "Until when? Choose one of the times, or write one as 2026-03-02 14:00."}
	case errors.Is(err, jobs.ErrBadTime):
		return wrongField{name: "own", text: "Until when? " + sentence(err.Error()) + "."}
	case err != nil:
		return err
	}
	return d.openNext(v, "Put off until "+v.moment(until).Short()+".")
}
