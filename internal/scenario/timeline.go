package scenario

import (
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/uld"
)

// Entry is something that happened in a scenario.
type Entry struct {
	At   time.Time
	Kind string // as expectations name it, "event" for what came from outside, or "overdue" for a task that nobody did
	// Name is the step, task, reason, outcome, cadence, stage, scope or response.
	Name     string
	Cadence  string
	Reason   cadence.Reason
	Channel  cadence.Channel
	Variant  string
	Template string
	Run      int // of the step, from 1
	// Attempt of Budget: how many touches of the cycle are spent with this one.
	Attempt, Budget int
	Until           time.Time // zero: none
	By              time.Time // zero: none
	Ask             []string
	Missing         []string
	Verify          []string
	Readiness       uld.Readiness
	Why             string // the sentence of a verdict; "" when it is that of the one before
}

// Shown gives an instant as timelines show it, in a zone.
func Shown(at time.Time, zone string) string {
	return calendar.IntentOf(at, zone).Local.Format("Mon 2006-01-02 15:04")
}

// Line says what happened, with times in a zone; when it did is left out.
func (e Entry) Line(zone string) string {
	switch e.Kind {
	case "event":
		return "» " + e.Name
	case "touch":
		return e.touchLine()
	case "overdue":
		return "nobody did " + e.Name + e.nth() + " in time"
	case "skip":
		return fmt.Sprintf("skip %s%s by %s: %s", e.Name, e.nth(), e.Channel, e.because())
	case "pause":
		if e.Until.IsZero() {
			return "pause: " + e.Name + ", until a person resumes"
		}
		return "pause: " + e.Name + ", until " + Shown(e.Until, zone)
	case "task":
		line := "task " + e.Name + " by " + Shown(e.By, zone)
		if len(e.Ask) > 0 {
			line += ", ask for " + strings.Join(e.Ask, ", ")
		}
		return line + ": " + e.because()
	case "verdict":
		return strings.TrimSuffix("verdict "+e.Name+": "+e.Why, ": ")
	case "handoff":
		if len(e.Missing) > 0 {
			return "handoff " + e.Name + ", lacks " + strings.Join(e.Missing, ", ")
		}
		return "handoff " + e.Name
	case "move":
		if e.Until.IsZero() {
			return "move to " + e.Name + ": " + e.because()
		}
		return "move to " + e.Name + " from " + Shown(e.Until, zone) + " on: " + e.because()
	case "finish":
		return e.Cadence + " is over: " + e.Name
	case "end":
		return "the lead ends: " + e.Name
	case "suppress":
		return "suppress " + e.Name + ": " + e.because()
	}
	return strings.TrimSuffix(e.Kind+" "+e.Name+": "+e.because(), ": ")
}

func (e Entry) touchLine() string {
	line := fmt.Sprintf("touch %s%s by %s", e.Name, e.nth(), e.Channel)
	if e.Variant != "" {
		line += fmt.Sprintf(", variant %s (%s)", e.Variant, e.Template)
	}
	return fmt.Sprintf("%s, %d of %d: %s", line, e.Attempt, e.Budget, e.because())
}

// nth tells a later run of a step.
func (e Entry) nth() string {
	if e.Run > 1 {
		return fmt.Sprintf(" (run %d)", e.Run)
	}
	return ""
}

// because is the reason as it is written in scenarios.
func (e Entry) because() string { return string(e.Reason) }

// LastMatter is the index of the last entry that the scenario is about: that meets an expectation, comes nearest to one, or is an event;
// −1 when there is none.
func (r Result) LastMatter() int {
	last := r.matched
	for _, f := range r.Failures {
		last = max(last, f.Near)
	}
	for i, e := range r.Timeline {
		if e.Kind == "event" {
			last = max(last, i)
		}
	}
	return last
}
