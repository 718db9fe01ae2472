package simulate_test

import (
	"testing"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/internal/simulate"
)

// TestReadyLeadsMeetEveryDefinition: a lead that is ready is promoted, whatever the definition accepts, as long as anything is.
func TestReadyLeadsMeetEveryDefinition(t *testing.T) {
	t.Parallel()
	number, date := predicate.Number, func(days int) predicate.Value { return predicate.Date(monday.AddDate(0, 0, days)) }
	answer := func(op predicate.Op, args ...predicate.Value) predicate.Predicate {
		return predicate.Predicate{Field: uld.AnswerField, Op: op, Args: args}
	}
	not := func(p predicate.Predicate) predicate.Predicate { return predicate.Predicate{Not: &p} }
	either := func(ps ...predicate.Predicate) predicate.Predicate { return predicate.Predicate{Any: ps} }
	for name, c := range map[string]uld.Criterion{
		"sooner than half the horizon":      {Dimension: uld.TimeFrame, Type: uld.AnswerMonths, Accept: answer(predicate.AtMost, number(2))},
		"late in the horizon":               {Dimension: uld.TimeFrame, Type: uld.AnswerMonths, Accept: answer(predicate.Between, number(4), number(5))},
		"a fraction of a month":             {Dimension: uld.TimeFrame, Type: uld.AnswerMonths, Accept: answer(predicate.AtMost, number(0.5))},
		"any time within the horizon":       {Dimension: uld.TimeFrame, Type: uld.AnswerMonths},
		"before a day":                      {Dimension: uld.TimeFrame, Type: uld.AnswerDate, Accept: answer(predicate.AtMost, date(60))},
		"a large number":                    {Dimension: uld.Fit, Type: uld.AnswerNumber, Accept: answer(predicate.AtLeast, number(5000))},
		"a narrow number":                   {Dimension: uld.Fit, Type: uld.AnswerNumber, Accept: answer(predicate.Between, number(61.2), number(61.4))},
		"any number but the usual":          {Dimension: uld.Fit, Type: uld.AnswerNumber, Accept: not(answer(predicate.AtMost, number(4000)))},
		"one of two texts":                  {Dimension: uld.Need, Type: uld.AnswerText, Accept: either(answer(predicate.Is, predicate.Text("audit")), answer(predicate.Is, predicate.Text("growth")))},
		"a day that is no question of time": {Dimension: uld.Need, Type: uld.AnswerDate, Accept: answer(predicate.AtLeast, date(400))},
	} {
		cfg := starter(t)
		c.Key, c.Question, c.Required = "asked", "?", true
		def := uld.Definition{Key: "drawn", Horizon: 6, Criteria: []uld.Criterion{c}}
		if def.Timing() < 0 {
			def.Criteria = append(def.Criteria, uld.Criterion{Key: "when", Question: "?", Dimension: uld.TimeFrame, Type: uld.AnswerMonths, Required: true})
		}
		cfg.Definition = def
		certain := 1.0
		cfg.Simulation.Talks = map[cadence.ResponseKind]config.Talk{cadence.MeetingSet: {Ready: &certain, Complete: &certain}}
		cfg.Simulation.Asked = config.Rates{cadence.MeetingSet: 1}
		var facts []uld.Fact
		for _, a := range simulate.NewPeople(cfg, simulate.History{}, 1).OnAsked(simulate.WhoIs("k"), 1, false, monday).Answers {
			facts = append(facts, uld.Fact{Criterion: a.Key, Value: a.Value, Class: uld.HumanConfirmed, At: monday})
		}
		if v := uld.Evaluate(def, facts, false, monday); v.Outcome != uld.Promote {
			t.Errorf("%s: %s", name, v.Because)
		}
	}
}
