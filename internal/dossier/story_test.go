package dossier_test

import (
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/internal/dossier"
	"nurture/store"
)

var text, num, yes = predicate.Text, predicate.Number, predicate.Bool

// at is an instant of 2026 in UTC, written "03-02 09:15".
func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-"+s)
	if err != nil {
		panic(err)
	}
	return t
}

func ptr[T any](v T) *T { return &v }

func accept(op predicate.Op, args ...predicate.Value) predicate.Predicate {
	return predicate.Predicate{Field: uld.AnswerField, Op: op, Args: args}
}

// agreed is a definition that asks for an answer of each kind.
func agreed() uld.Definition {
	return uld.Definition{
		Key: "b2b-course", Title: "Ready to talk about a course", Horizon: 6,
		Criteria: []uld.Criterion{
			{
				Key: "major_hazards", Dimension: uld.Fit, Question: "Do you run a site that falls under major-hazard rules?",
				Type: uld.AnswerYesNo, Accept: accept(predicate.Is, yes(true)), Required: true, Evidence: uld.SelfAsserted,
			},
			{
				Key: "people_to_train", Dimension: uld.Fit, Question: "How many of your people lead hazard studies or sit in them?",
				Type: uld.AnswerNumber, Accept: accept(predicate.AtLeast, num(6)), Required: true,
			},
			{
				Key: "funding", Dimension: uld.Budget, Question: "How would a course like this be paid for?", Type: uld.AnswerChoice,
				Options: []string{"training_budget", "no_way_to_pay"}, Accept: accept(predicate.Is, text("training_budget")), Required: true,
			},
			{
				Key: "part_in_decision", Dimension: uld.Authority, Question: "What is your own part when training is chosen?",
				Type: uld.AnswerChoice, Options: []string{"decides", "no_part"}, Accept: accept(predicate.Is, text("decides")),
			},
			{
				Key: "wants_on_site", Dimension: uld.Desire, Question: "Would you rather bring the course to your site?", Type: uld.AnswerYesNo,
			},
			{
				Key: "months_to_decision", Dimension: uld.TimeFrame, Question: "By when do you want the course to be booked, in months from now?",
				Type: uld.AnswerMonths, Accept: accept(predicate.AtMost, num(6)), Required: true,
			},
		},
		Dossier: []uld.DossierItem{
			{Key: "budget_process", Title: "Budget process", Question: "Who has to sign, above which amount?", Required: true},
			{Key: "pain_points", Title: "Pain points, in the lead's words", Question: "What takes too long today?", Required: true},
			{Key: "hot_buttons", Title: "Hot buttons", Question: "What would make you say yes on the spot?"},
			{Key: "competition", Title: "Competition", Question: "Whom else are you looking at?", Required: true},
			{Key: "callback_at", Title: "Agreed callback", Question: "When may our colleague call?", Required: true},
		},
	}
}

// said are the answers to it: all that is required, one on too weak evidence, one asked and none, one not asked.
func said() []uld.Fact {
	human := func(id int64, key string, v predicate.Value, words string) uld.Fact {
		return uld.Fact{ID: id, Criterion: key, Value: v, Class: uld.HumanConfirmed, ResponseID: 903, By: "Sam Reed", At: at("03-12 23:30"), Words: words}
	}
	return []uld.Fact{
		{ID: 1, Criterion: "major_hazards", Value: yes(true), Class: uld.SelfAsserted, ResponseID: 901, By: "Jana Novák", At: at("03-03 10:00")},
		{ID: 2, Criterion: "people_to_train", Value: num(4), Class: uld.Inferred, At: at("02-20 08:00")},
		human(3, "people_to_train", num(14), "fourteen, and three of them\nretire next year"),
		human(4, "funding", text("training_budget"), ""),
		{ID: 5, Criterion: "part_in_decision", Value: text("decides"), Class: uld.Inferred, At: at("02-20 08:00")},
		human(6, "months_to_decision", num(3), "before the summer stop"),
		human(7, "budget_process", text("The plant manager signs up to 20,000; above that the site board, which meets in May. "+
			strings.Repeat("Nobody wants to wait for the board. ", 8)), ""),
		human(8, "pain_points", text("studies drag on"), "We sit in a room for *three weeks* & nobody remembers why <valve 7> was discussed."),
		human(9, "competition", text(uld.NoneAnswer), ""),
		human(10, "callback_at", text("2026-03-17T14:00"), ""),
	}
}

// story is a lead that sales should call: seven touches, one left out, answers, stage moves, colleagues.
func story() dossier.Input {
	touch := func(id int64, step, channel string, attempt int, state store.TouchState, when time.Time) store.HistoryTouch {
		t := store.HistoryTouch{
			ID: id, Cadence: "first-seven", Cycle: 1, Attempt: attempt, Budget: 7, StepKey: step, Channel: channel, State: state, PlannedAt: when,
		}
		if state == store.TouchSent {
			t.SentAt = ptr(when.Add(2 * time.Minute))
		}
		return t
	}
	called := touch(14, "discovery", "call", 3, store.TouchSent, at("03-12 23:00"))
	called.Result = "connected"
	skipped := touch(12, "hello", "voicemail", 0, store.TouchSkipped, at("03-04 08:00"))
	skipped.Reason = "no_consent"
	failed := touch(13, "case-study", "email", 2, store.TouchFailed, at("03-09 08:00"))
	failed.Reason = "provider_refused"
	def, facts, now := agreed(), said(), at("03-13 08:00")
	return dossier.Input{
		Lead: store.Lead{
			ID: 7, Key: "lead-007", Email: "jana.novak_7@brenner-chemie.example", Phone: "+49 30 1234 0007", FirstName: "Jana", LastName: "Novák",
			Title: "Head of process safety", Role: "technical buyer", Country: "DE", Source: "webinar", Stage: "qualified",
			Account: store.Account{Name: "Brenner Chemie GmbH & Co. KG", Domain: "brenner-chemie.example", Industry: "chemicals", Employees: 1250, Country: "DE"},
		},
		Definition: def, Facts: facts, Verdict: uld.Evaluate(def, facts, false, now), Now: now, Zone: "Europe/Berlin",
		Touches: []store.HistoryTouch{
			touch(11, "intro", "email", 1, store.TouchSent, at("03-02 08:00")), skipped, failed, called,
			touch(15, "long-read", "email", 4, store.TouchPlanned, at("03-13 07:00")),
		},
		Responses: []store.Response{
			{ID: 901, Kind: cadence.FormFilled, At: at("03-03 10:00"), Said: "Please send the agenda.\n\nJana"},
			{ID: 902, Kind: cadence.OutOfOffice, At: at("03-09 08:05"), Date: ptr(at("03-12 00:00")), Said: "Back on the 12th"},
			{ID: 903, Kind: cadence.Connected, At: at("03-12 23:30"), By: "Sam Reed", Date: ptr(at("03-17 13:00")), Said: "Friendly, in a hurry"},
		},
		Stages: []store.LoggedStage{
			{Stage: "nurturing", Reason: "enrolled", At: at("03-02 08:00")}, {Stage: "qualified", Reason: "promoted", At: at("03-12 23:30")},
		},
		Colleagues: []store.Lead{
			{Key: "lead-008", FirstName: "Ole", LastName: "Brandt", Title: "Plant manager", Role: "economic buyer", Stage: "nurturing"},
			{Key: "lead-009", Email: "info@brenner-chemie.example"},
		},
	}
}

// blocked is the same lead before sales may have it, at a company that nobody has looked up.
func blocked() dossier.Input {
	in := story()
	in.Facts = []uld.Fact{in.Facts[0], in.Facts[1]}
	in.Verdict = uld.Evaluate(in.Definition, in.Facts, false, in.Now)
	in.Lead.Account, in.Lead.PhoneInvalid, in.Colleagues, in.Zone = store.Account{}, true, nil, "America/New_York"
	return in
}

// busy is a story with n touches and as many answers.
func busy(n int) dossier.Input {
	in := story()
	in.Touches, in.Responses = nil, nil
	for i := range n {
		when := at("01-05 09:00").Add(time.Duration(i) * 7 * time.Hour)
		in.Touches = append(in.Touches, store.HistoryTouch{
			ID: int64(i + 1), Cadence: "long-game", Cycle: 1 + i/7, Attempt: 1 + i%7, Budget: 7, StepKey: fmt.Sprintf("step-%d", i%7), Channel: "email",
			State: store.TouchSent, PlannedAt: when.Add(-time.Hour), SentAt: ptr(when),
		})
		in.Responses = append(in.Responses, store.Response{ID: int64(i + 1), Kind: cadence.NoAnswer, At: when})
	}
	return in
}
