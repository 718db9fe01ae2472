package desk

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// ruleView is what a response does, in words.
type ruleView struct{ Kind, Does string }

// rulesOf says what each response does: where the cadence has a rule of its own, and where it leaves the usual one.
func rulesOf(plan cadence.Plan) (own, usual []ruleView) {
	defaults := cadence.DefaultRules()
	kinds := maps.Clone(defaults)
	maps.Copy(kinds, plan.OnResponse)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		rule := plan.RuleFor(kind)
		view := ruleView{sentence(words(kind)), ruleWords(rule, plan)}
		if reflect.DeepEqual(rule, cadence.Plan{}.RuleFor(kind)) {
			usual = append(usual, view)
		} else {
			own = append(own, view)
		}
	}
	return own, usual
}

// ruleWords says what a rule does.
func ruleWords(r cadence.Rule, plan cadence.Plan) string {
	does := flowWords(r, plan)
	if r.Task != "" {
		does += "; a task for a person (" + words(r.Task) + ")"
		if !r.TaskWithin.Zero() {
			does += " within " + r.TaskWithin.String()
		}
	}
	if never := map[cadence.SuppressScope]string{
		cadence.SuppressEmail: "never mailed again", cadence.SuppressPhone: "never called again", cadence.SuppressAll: "never contacted again",
	}[r.Suppress]; never != "" {
		does += "; " + never
		if r.SuppressAfter > 1 {
			does += fmt.Sprintf(" after %d in a row", r.SuppressAfter)
		}
	}
	if r.InvalidatePhone {
		does += "; the number is marked as wrong"
	}
	return does
}

func flowWords(r cadence.Rule, plan cadence.Plan) string {
	switch r.Flow {
	case cadence.FlowPause:
		return "pauses" + whenWords(r.Until, r.Else, "until", "for", " until a person lets it go on")
	case cadence.FlowResume:
		return "goes on where it was paused"
	case cadence.FlowRetry:
		return "tries the step again after " + r.RetryAfter.String()
	case cadence.FlowFinish:
		if r.End != "" {
			return "ends here; the lead leaves nurture (" + words(r.End) + ")"
		}
		return "ends here; then as at the end"
	case cadence.FlowMove:
		if r.Move != nil {
			return "moves to " + r.Move.To + whenWords(r.Move.Until, r.Move.Else, "at", "after", "")
		}
		to := "where the cadence's end leads"
		if plan.Then.Move != nil {
			to = plan.Then.Move.To
		}
		return "moves to " + to + whenWords(r.Until, r.Else, "at", "after", "")
	case cadence.FlowContinue:
	}
	return "goes on"
}

// whenWords says when: at a date that the response names, else after a delay; never where there is neither.
func whenWords(date cadence.DateSource, otherwise calendar.Delay, at, after, never string) string {
	switch {
	case date != cadence.NoDate && !otherwise.Zero():
		return " " + at + " the " + dateWords(date) + ", without one " + after + " " + otherwise.String()
	case date != cadence.NoDate:
		return " " + at + " the " + dateWords(date)
	case !otherwise.Zero():
		return " " + after + " " + otherwise.String()
	}
	return never
}

func dateWords(d cadence.DateSource) string {
	if d == cadence.ReturnDate {
		return "date of return"
	}
	return "date that the lead named"
}

// thenWords says what follows the last step.
func thenWords(e cadence.Ending) string {
	switch {
	case e.Move != nil:
		return "The lead moves to " + e.Move.To + whenWords(e.Move.Until, e.Move.Else, "at", "after", "") + "."
	case e.Close:
		return "The lead leaves nurture: everything was tried."
	}
	return "Nothing follows."
}

func accountWords(a cadence.AccountPolicy) string {
	switch a.Do {
	case cadence.AccountPause:
		return "When somebody at the same company answers, it pauses for " + a.Pause.String() + "."
	case cadence.AccountStop:
		return "When somebody at the same company answers, it ends."
	case cadence.AccountContinue:
	}
	return "When somebody at the same company answers, it goes on."
}

func intakeWords(perDay int) string {
	switch {
	case perDay < 0:
		return "by hand, or from another cadence"
	case perDay == 0:
		return "by itself, all that fit"
	}
	return fmt.Sprintf("by itself, at most %d a day", perDay)
}

// waitWords says how long a step waits for the one before it.
func waitWords(i int, s cadence.Step) string {
	switch {
	case s.After.Zero() && i == 0:
		return "at the start"
	case s.After.Zero():
		return "at once"
	case i == 0:
		return s.After.String() + " after the start"
	}
	return s.After.String() + " later"
}

// moreOf is what else there is to say of a step.
func moreOf(s cadence.Step) []string {
	var more []string
	if !s.Within.Zero() {
		does := map[cadence.OverduePolicy]string{
			cadence.OverdueAdvance: "then the cadence goes on", cadence.OverdueKeep: "then the task stays open", cadence.OverdueFinish: "then the cadence ends",
		}[s.Overdue]
		more = append(more, "a person has "+s.Within.String()+", "+cmp.Or(does, "then the cadence goes on"))
	}
	if s.Tries > 1 {
		more = append(more, fmt.Sprintf("up to %d tries while nobody answers", s.Tries))
	}
	return more
}

func branchWords(b cadence.Branch) branchView {
	view := branchView{When: "else", To: b.Goto}
	if !b.When.IsZero() {
		view.When = "if " + b.When.String()
	}
	if b.Goto == cadence.GotoEnd {
		view.To = "the end"
	}
	return view
}
