package uld

import (
	"time"

	"nurture/cadence/predicate"
)

// Answers gives what conditions find when they ask for the facts in force (see Current) at the instant now, by criterion or dossier item.
// An answer in months is counted down as in a verdict, so that a branch and the definition never disagree about how soon a lead decides;
// a text that reads as what was asked for is that; what does not is as it was given.
func (d Definition) Answers(facts []Fact, now time.Time) map[string]predicate.Value {
	held, _ := Current(facts)
	answers := make(map[string]predicate.Value, len(held))
	for key, fact := range held {
		answers[key] = fact.Value
	}
	for _, c := range d.Criteria {
		if fact, known := held[c.Key]; known {
			if v := c.aged(&fact, now); !v.IsZero() {
				answers[c.Key] = v
			}
		}
	}
	return answers
}

// FactField is what the names of fields that are answers begin with.
const FactField = "facts."

// AddAnswers puts answers among the fields that conditions look at.
func AddAnswers(fields, answers map[string]predicate.Value) {
	for key, answer := range answers {
		fields[FactField+key] = answer
	}
}

// Accepts reports whether an answer to c, which is not aged here, is one that c accepts.
func (c *Criterion) Accepts(answer predicate.Value) bool {
	return c.Accept.Eval(func(string) (predicate.Value, bool) { return answer, true }) == predicate.True
}

// CountsDown reports whether any fact answers in months, so that Answers changes by time alone.
func (d Definition) CountsDown(facts []Fact) bool {
	for _, c := range d.Criteria {
		if c.Type != AnswerMonths {
			continue
		}
		for i := range facts {
			if facts[i].Criterion == c.Key {
				return true
			}
		}
	}
	return false
}
