package uld_test

import (
	"time"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

var (
	text, num, yes = predicate.Text, predicate.Number, predicate.Bool

	now = day("2026-06-02")
)

func accept(op predicate.Op, args ...predicate.Value) predicate.Predicate {
	return predicate.Predicate{Field: uld.AnswerField, Op: op, Args: args}
}

// course is a definition such as a seller of training would write.
func course() uld.Definition {
	return uld.Definition{
		Key: "b2b-course", Title: "Course buyers", Horizon: 6,
		Criteria: []uld.Criterion{
			{
				Key: "employees", Dimension: uld.Fit, Question: "How many people work there?", Type: uld.AnswerNumber, Required: true,
				Accept: accept(predicate.AtLeast, num(50)), Evidence: uld.Inferred,
			},
			{
				Key: "pain", Dimension: uld.Need, Question: "What hurts?", Type: uld.AnswerText, Required: true,
				Evidence: uld.HumanConfirmed,
			},
			{
				Key: "budget_process", Dimension: uld.Budget, Question: "Is there a budget process?", Type: uld.AnswerYesNo,
				Accept: accept(predicate.Is, yes(true)), Required: true, Disqualifies: true,
			},
			{
				Key: "role", Dimension: uld.Authority, Question: "What is your part?", Type: uld.AnswerChoice,
				Options: []string{"Economic buyer", "Influencer", "User"}, Accept: accept(predicate.In, text("Economic buyer"), text("Influencer")),
				Evidence: uld.SelfAsserted,
			},
			{
				Key: "decision", Dimension: uld.TimeFrame, Question: "When will you decide?", Type: uld.AnswerMonths, Required: true,
			},
		},
		Dossier: []uld.DossierItem{
			{Key: "competition", Title: "Competition", Question: "Who else?", Required: true},
			{Key: "callback_at", Title: "Expects your call", Question: "When may we call?", Required: true},
			{Key: "hot_buttons", Title: "Hot buttons"},
		},
	}
}

// human, self and guess make facts of one class, given on a day.
func human(id int64, key string, v predicate.Value, on string) uld.Fact {
	return fact(id, key, v, uld.HumanConfirmed, on)
}

func self(id int64, key string, v predicate.Value, on string) uld.Fact {
	return fact(id, key, v, uld.SelfAsserted, on)
}

func guess(id int64, key string, v predicate.Value, on string) uld.Fact {
	return fact(id, key, v, uld.Inferred, on)
}

func fact(id int64, key string, v predicate.Value, class uld.Class, on string) uld.Fact {
	f := uld.Fact{ID: id, Criterion: key, Value: v, Class: class, At: day(on)}
	switch class {
	case uld.HumanConfirmed:
		f.By, f.ResponseID = "sam", 100+id
	case uld.SelfAsserted:
		f.ResponseID = 100 + id
	}
	return f
}

// ready is what a lead that sales wants has said.
func ready() []uld.Fact {
	return []uld.Fact{
		guess(1, "employees", num(250), "2026-01-10"),
		human(2, "pain", text("ERP crashes weekly"), "2026-06-01"),
		human(3, "budget_process", yes(true), "2026-06-01"),
		human(4, "decision", num(3), "2026-05-02"),
	}
}

// but replaces or adds facts by key.
func but(facts []uld.Fact, changes ...uld.Fact) []uld.Fact {
	var out []uld.Fact
	for _, f := range facts {
		if !replaced(f, changes) {
			out = append(out, f)
		}
	}
	return append(out, changes...)
}

func replaced(f uld.Fact, changes []uld.Fact) bool {
	for _, c := range changes {
		if c.Criterion == f.Criterion {
			return true
		}
	}
	return false
}

// without drops the facts of a key.
func without(facts []uld.Fact, key string) []uld.Fact {
	var out []uld.Fact
	for _, f := range facts {
		if f.Criterion != key {
			out = append(out, f)
		}
	}
	return out
}

func finding(v uld.Verdict, key string) uld.Finding {
	for _, f := range v.Criteria {
		if f.Criterion == key {
			return f
		}
	}
	return uld.Finding{Why: "no such criterion"}
}

var reviewed = uld.SelfQualifiedPolicy{Mode: uld.DirectToSales, ReviewedBy: "Mia", ReviewedOn: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}
