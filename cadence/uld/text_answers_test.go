package uld_test

import (
	"testing"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// A fact that is text, as imports bring it, counts for what an SDR would have made of it by typing it on that day.
func TestTextReadsAsIfItHadBeenTyped(t *testing.T) {
	t.Parallel()
	words := map[uld.AnswerType][]string{
		uld.AnswerMonths: {"3", "3-6 months", "in 2 weeks", "next quarter", "2026-11-30", "2026-09", "1.5 years", "now", "soon", "2027"},
		uld.AnswerNumber: {"12", "1,250", "1.250.000,50", "1.250", "12,5", "many"},
		uld.AnswerYesNo:  {"yes", "N", "1", "0", "perhaps"},
		uld.AnswerDate:   {"2026-09-01", "2026-09", "soon"},
		uld.AnswerText:   {"crashes", " none "},
	}
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		i := rapid.IntRange(0, len(def.Criteria)-1).Draw(t, "criterion")
		c := def.Criteria[i]
		if c.Type == uld.AnswerChoice {
			return
		}
		said, given := rapid.SampledFrom(words[c.Type]).Draw(t, "said"), now.AddDate(0, 0, rapid.IntRange(-200, 0).Draw(t, "day"))
		typed, err := c.ParseAnswer(said, given)
		facts := genFacts(def, uld.Classes()...).Draw(t, "facts")
		with := func(v predicate.Value) ([]uld.Fact, uld.Verdict) {
			all := append([]uld.Fact{{ID: 99, Criterion: c.Key, Class: uld.HumanConfirmed, At: given, Value: v}}, facts...)
			return all, uld.Judge(def, all, false, now)
		}
		asText, verdict := with(predicate.Text(said))
		if err != nil {
			held, _ := uld.Current(asText)
			if state := uld.Evaluate(def, asText, false, now).Criteria[i].State; held[c.Key].ID == 99 && state != uld.Missing {
				t.Fatalf("%s %q cannot be typed (%v), and counts as %s", c.Type, said, err, state)
			}
			return
		}
		read++
		asTyped, want := with(typed)
		if verdict.Outcome != want.Outcome || verdict.Readiness != want.Readiness || len(verdict.Conflicts) != len(want.Conflicts) {
			t.Fatalf("%s %q: %+v, typed: %+v", c.Type, said, verdict, want)
		}
		if got, want := def.Answers(asText, now)[c.Key], def.Answers(asTyped, now)[c.Key]; got != want {
			t.Fatalf("%s %q: conditions find %v, typed: %v", c.Type, said, got, want)
		}
	})
	if read == 0 {
		t.Error("nothing was read")
	}
}
