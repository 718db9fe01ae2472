package cadence

import (
	"strings"

	"nurture/cadence/calendar"
)

// Effect says in a clause what follows by the rule, as a desk shows it beside an outcome before that is chosen.
func (r Rule) Effect() string { return r.effect(r.course()) }

// EffectAtRest is Effect for a lead that a person's order rests until somebody resumes it: only an end or a move changes its course.
func (r Rule) EffectAtRest() string {
	if r.Flow == FlowFinish || r.Flow == FlowMove {
		return r.Effect()
	}
	return r.effect("rests on; you are asked again in four weeks")
}

// EffectUntaken is Effect for a lead that is in no cadence and that no audience takes.
func (r Rule) EffectUntaken() string {
	again := againWithin
	switch {
	case r.Flow == FlowFinish && r.End != "", r.Move != nil:
		return r.Effect()
	case r.Flow == FlowMove:
		return r.effect("left alone " + restOf(r.Until, r.Else) + "; then you are asked again, unless a cadence takes the lead")
	case r.Flow == FlowRetry:
		again = r.RetryAfter
	case r.Task != "":
		return r.effect("no cadence goes on")
	}
	return r.effect("you are asked again after " + again.String() + ", unless a cadence takes the lead")
}

// effect is what follows beside a course.
func (r Rule) effect(course string) string {
	parts := []string{course}
	switch {
	case r.Task == "":
	case r.Task == TaskCallback && r.Until == StatedDate:
		parts = append(parts, "a task to call back then")
	default:
		parts = append(parts, "opens a task: "+strings.ReplaceAll(string(r.Task), "_", " "))
	}
	if r.InvalidatePhone {
		parts = append(parts, "the number is wrong from now on")
	}
	switch r.Suppress {
	case SuppressPhone:
		parts = append(parts, "never called again")
	case SuppressEmail:
		parts = append(parts, "never mailed again")
	case SuppressAll:
		parts = append(parts, "left alone for ever")
	case SuppressNone:
	}
	return strings.Join(parts, "; ")
}

// course is what becomes of the cadence.
func (r Rule) course() string {
	switch r.Flow {
	case FlowRetry:
		return "tries again after " + r.RetryAfter.String() + ", within the budget"
	case FlowPause:
		return "pauses " + restOf(r.Until, r.Else)
	case FlowResume:
		return "resumes the cadence"
	case FlowFinish:
		if r.End != "" {
			return "ends nurturing: " + strings.ReplaceAll(string(r.End), "_", " ")
		}
		return "ends this cadence"
	case FlowMove:
		if r.Move != nil {
			return "moves to " + r.Move.To + ", after a rest " + restOf(r.Move.Until, r.Move.Else)
		}
		return "rests " + restOf(r.Until, r.Else)
	case FlowContinue:
	}
	return "the next step follows"
}

// restOf is for how long a rule rests.
func restOf(until DateSource, or calendar.Delay) string {
	open := or == (calendar.Delay{})
	switch {
	case until != NoDate && open:
		return "until the date named"
	case until != NoDate:
		return "until the date named, else for " + or.String()
	case open:
		return "until a person resumes it"
	}
	return "for " + or.String() + " at most"
}
