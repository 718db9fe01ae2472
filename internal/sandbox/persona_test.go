package sandbox

import (
	"testing"
	"time"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// TestBuyersMeetTheDefinition: a persona that is near its decision answers what a definition accepts, also one that its marketer has just written.
func TestBuyersMeetTheDefinition(t *testing.T) {
	t.Parallel()
	p := &persona{chance: chance{1}, key: "k", buyer: true, start: Start}
	accept := func(op predicate.Op, v float64) predicate.Predicate {
		return predicate.Predicate{Field: uld.AnswerField, Op: op, Args: []predicate.Value{predicate.Number(v)}}
	}
	now := Start.Add(time.Hour)
	for _, soon := range []predicate.Predicate{{}, accept(predicate.AtMost, 6), accept(predicate.AtMost, 2), accept(predicate.AtMost, 0)} {
		def := uld.Definition{Key: "own", Horizon: 6, Criteria: []uld.Criterion{
			{Key: "size", Dimension: uld.Fit, Question: "?", Type: uld.AnswerNumber, Required: true, Accept: accept(predicate.AtLeast, 5000)},
			{Key: "when", Dimension: uld.TimeFrame, Question: "?", Type: uld.AnswerMonths, Required: true, Accept: soon},
		}}
		answers, _ := p.answers(def, 1, now)
		var facts []uld.Fact
		for key, text := range answers {
			v, err := def.ParseAnswer(key, text, now)
			must(t, err)
			facts = append(facts, uld.Fact{Criterion: key, Value: v, Class: uld.HumanConfirmed, At: now})
		}
		if v := uld.Evaluate(def, facts, false, now); v.Outcome != uld.Promote {
			t.Errorf("%v: said %v: %s", soon, answers, v.Because)
		}
	}
}
