package uld

import (
	"fmt"
	"slices"
	"strings"

	"nurture/cadence/predicate"
)

// finding puts the judgement into words. Why and Flip are clauses without a full stop, fit for a list.
func (j *judgement) finding() Finding {
	return Finding{
		Criterion: j.Key, Dimension: j.Dimension, Required: j.Required, State: j.state,
		Answer: j.fact.Value, Class: j.fact.Class, FactID: j.fact.ID, ResponseID: j.fact.ResponseID,
		Why: j.why(), Flip: j.flip(),
	}
}

func (j *judgement) why() string {
	switch {
	case j.fact.Value.IsZero():
		return "there is no answer yet"
	case j.answer.IsZero():
		return fmt.Sprintf("the answer %q does not read as %s; %s", j.fact.Value, j.Type.words(), j.fact.evidence())
	case j.counts():
		return j.reason() + "; " + j.fact.evidence()
	case j.fact.Class == SelfAsserted:
		return j.reason() + "; " + j.fact.evidence() + ": answered by the lead itself, a person must confirm"
	case j.need == SelfAsserted:
		return j.reason() + "; " + j.fact.evidence() + ": only inferred, the lead itself or a person must say so"
	}
	return j.reason() + "; " + j.fact.evidence() + ": only inferred, a person must confirm"
}

// reason says what the answer is and how it compares with what is accepted.
func (j *judgement) reason() string {
	switch {
	case j.would == Missing:
		return "the accepted answers cannot be judged: " + j.Accept.String()
	case j.byReadiness():
		return j.distance()
	case j.Accept.IsZero():
		return fmt.Sprintf("answer is %s, any is accepted", j.answer)
	}
	s := j.Accept.Explain(j.look)
	if was := j.read(&j.fact); j.Type == AnswerMonths && !j.answer.Same(was) {
		s += fmt.Sprintf(" (counted down from %s months)", was)
	}
	return s
}

// distance says how far off the decision is: "the decision is 14 months away, beyond the horizon of 6".
func (j *judgement) distance() string {
	within := "within"
	if !j.near() {
		within = "beyond"
	}
	return fmt.Sprintf("the decision is %s away, %s the horizon of %d", months(j.left), within, j.within)
}

func months(n float64) string {
	if n == 1 {
		return "1 month"
	}
	return predicate.Number(n).String() + " months"
}

// evidence names where a fact comes from: "human-confirmed on 2026-03-02 by sam (response 12)".
func (f Fact) evidence() string {
	s := f.Class.words() + " on " + predicate.Date(f.At).String()
	if f.By != "" {
		s += " by " + f.By
	}
	if f.ResponseID == 0 {
		return s + " (imported)"
	}
	return s + fmt.Sprintf(" (response %d)", f.ResponseID)
}

func (t AnswerType) words() string {
	switch t {
	case AnswerYesNo:
		return "yes or no"
	case AnswerNumber:
		return "a number"
	case AnswerMonths:
		return "a number of months"
	case AnswerDate:
		return "a date"
	case AnswerText, AnswerChoice: // every answer reads as text
	}
	return fmt.Sprintf("an answer of the type %q", string(t))
}

// flip says what would change the state: an answer, and the class that it needs to come into force. "" when nothing would,
// or when it would not matter.
func (j *judgement) flip() string {
	what := ""
	switch {
	case j.state == Met && !j.decides() && !j.Disqualifies:
		return ""
	case j.byReadiness():
		what = j.flipTiming()
	case j.state == Met:
		if what = j.flipTo(predicate.False); what == "" {
			return ""
		}
	case j.would == Met:
		what = "the same answer"
	case j.Accept.IsZero():
		what = "any answer"
	default:
		what = j.flipTo(predicate.True)
	}
	switch max(j.need, j.fact.Class) { //nolint:exhaustive // higher ones need a person
	case Inferred:
		return what + ", from any source"
	case SelfAsserted:
		return what + ", self-asserted or human-confirmed"
	}
	return what + ", human-confirmed"
}

// flipTo names the answers of which Accept would say want; "" when there are none. Where the answers can be counted those
// that do are named, rather than what they must not be.
func (j *judgement) flipTo(want predicate.Truth) string {
	var answers []predicate.Value
	switch j.Type { //nolint:exhaustive // the others have no end
	case AnswerYesNo:
		answers = []predicate.Value{predicate.Bool(true), predicate.Bool(false)}
	case AnswerChoice:
		for _, option := range j.Options {
			answers = append(answers, predicate.Text(option))
		}
	}
	fits := slices.DeleteFunc(answers, func(v predicate.Value) bool {
		return j.Accept.Eval(func(field string) (predicate.Value, bool) { return v, field == AnswerField }) != want
	})
	switch {
	case len(fits) > 0:
		return predicate.Predicate{Field: AnswerField, Op: predicate.In, Args: fits}.Flip(j.look)
	case want == predicate.True:
		return j.Accept.Flip(j.look)
	case j.Accept.IsZero() || j.Type == AnswerYesNo || j.Type == AnswerChoice:
		return ""
	}
	return predicate.Predicate{Not: &j.Accept}.Flip(j.look)
}

func (j *judgement) flipTiming() string {
	switch {
	case j.state == Met:
		return fmt.Sprintf("a decision more than %s away instead of %s", months(float64(j.within)), months(j.left))
	case j.would == Met:
		return "the same answer"
	case j.would == Unmet:
		return fmt.Sprintf("a decision within %s instead of %s", months(float64(j.within)), months(j.left))
	}
	return "a decision within " + months(float64(j.within))
}

// because gives the reason of the outcome in one sentence.
func (a *assessment) because() string {
	switch a.outcome() {
	case Close:
		for i := range a.judged {
			if j := &a.judged[i]; j.Disqualifies && j.state == Unmet {
				return fmt.Sprintf("The criterion %s rules the lead out: %s.", j.Key, j.reason())
			}
		}
	case Promote:
		required := 0
		for i := range a.judged {
			if a.judged[i].Required {
				required++
			}
		}
		met := fmt.Sprintf("All %d required criteria are met", required)
		if required == 1 {
			met = "The one required criterion is met"
		}
		return met + " and " + a.judged[a.timing].distance() + "."
	case Nurture:
	}
	if len(a.ripe) > 0 {
		return fmt.Sprintf("All required criteria are met and %s, but only time has made it so since %s: a person must confirm %s first.",
			a.judged[a.timing].distance(), predicate.Date(a.confirmedAt()), enumerate(a.ripe, "and"))
	}
	s := enumerate(a.hindrances(), "and")
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// fewKeys is how many keys a sentence lists even if they are all there are.
const fewKeys = 3

// hindrances says what keeps the lead from being promoted; never empty for Nurture.
func (a *assessment) hindrances() []string {
	var unmet, unknown, weak, out []string
	required := 0
	for i := range a.judged {
		j := &a.judged[i]
		if j.Required {
			required++
		}
		if !j.Required || j.state == Met || j.byReadiness() {
			continue
		}
		switch {
		case j.state == Unmet:
			unmet = append(unmet, j.Key)
		case j.would == Missing:
			unknown = append(unknown, j.Key)
		default:
			weak = append(weak, j.Key)
		}
	}
	out = appendKeys(out, unmet, "not met")
	if len(unknown) == required && required > fewKeys { // where every lead begins: a list of all keys would say nothing
		out = append(out, fmt.Sprintf("none of the %d required criteria has an answer", required))
	} else {
		out = appendKeys(out, unknown, "unknown")
	}
	out = appendKeys(out, weak, "not confirmed")
	if required == 0 {
		out = append(out, "the definition requires nothing")
	}
	switch r := a.readiness(); {
	case a.timing < 0:
		out = append(out, "the definition does not ask for the time frame")
	case r == LongTerm:
		out = append(out, a.judged[a.timing].distance())
	case r == ReadinessUnknown && a.judged[a.timing].answer.IsZero():
		out = append(out, "the time frame is unknown")
	case r == ReadinessUnknown:
		out = append(out, "the time frame is not confirmed")
	}
	if len(out) == 0 {
		out = append(out, "no person has confirmed any of the answers")
	}
	return out
}

func appendKeys(out, keys []string, state string) []string {
	switch len(keys) {
	case 0:
		return out
	case 1:
		return append(out, fmt.Sprintf("the required criterion %s is %s", keys[0], state))
	}
	return append(out, fmt.Sprintf("the required criteria %s are %s", enumerate(keys, "and"), state))
}

// enumerate joins "a", "b" and "c" to "a, b and c", or with another word before the last.
func enumerate(parts []string, word string) string {
	last := len(parts) - 1
	if last < 1 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:last], ", ") + " " + word + " " + parts[last]
}
