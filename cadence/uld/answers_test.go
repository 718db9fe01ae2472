package uld_test

import (
	"testing"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// A branch or an audience that asks for what the definition accepts says what the verdict of the same instant says.
func TestConditionsAgreeWithTheVerdict(t *testing.T) {
	t.Parallel()
	counted := 0
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		facts := genFacts(def, uld.Classes()...).Draw(t, "facts")
		at := now.AddDate(0, 0, rapid.IntRange(0, 500).Draw(t, "days later"))
		held, _ := uld.Current(facts)
		answers := def.Answers(facts, at)
		if len(answers) != len(held) {
			t.Fatalf("%d answers of %d facts in force", len(answers), len(held))
		}
		for i, f := range uld.Evaluate(def, facts, false, at).Criteria {
			c, answer := def.Criteria[i], answers[f.Criterion]
			if answer != held[c.Key].Value {
				counted++
				if c.Type != uld.AnswerMonths || !def.CountsDown(facts) {
					t.Fatalf("%s changed from %s to %s by time alone", c.Key, held[c.Key].Value, answer)
				}
			}
			if f.State == uld.Missing || c.Accept.IsZero() {
				continue
			}
			accepted := c.Accept.Eval(func(string) (predicate.Value, bool) { return answer, true }) == predicate.True
			if accepted != (f.State == uld.Met) {
				t.Fatalf("%s: conditions find %s (accepted: %v), the verdict says %s", c.Key, answer, accepted, f.Why)
			}
		}
	})
	if counted == 0 {
		t.Error("no answer was counted down")
	}
}
