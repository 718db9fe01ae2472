package uld_test

import (
	"fmt"
	"testing"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

func ExampleEvaluate() {
	v := uld.Evaluate(course(), but(ready(), human(4, "decision", num(15), "2026-03-02")), false, now)
	fmt.Println(v.Outcome, v.Readiness)
	fmt.Println(v.Because)
	for _, f := range v.Criteria {
		fmt.Printf("%s %s: %s\n\tto change it: %q\n", f.Criterion, f.State, f.Why, f.Flip)
	}
	// Output:
	// nurture long_term
	// The decision is 12 months away, beyond the horizon of 6.
	// employees met: answer is 250, at least 50; inferred on 2026-01-10 (imported)
	// 	to change it: "answer less than 50 instead of 250, from any source"
	// pain met: answer is ERP crashes weekly, any is accepted; human-confirmed on 2026-06-01 by sam (response 102)
	// 	to change it: ""
	// budget_process met: answer is yes; human-confirmed on 2026-06-01 by sam (response 103)
	// 	to change it: "answer no instead of yes, human-confirmed"
	// role unknown: there is no answer yet
	// 	to change it: "answer one of Economic buyer, Influencer, self-asserted or human-confirmed"
	// decision unmet: the decision is 12 months away, beyond the horizon of 6; human-confirmed on 2026-03-02 by sam (response 104)
	// 	to change it: "a decision within 6 months instead of 12 months, human-confirmed"
}

// findingCase is one fact with what is said of its criterion.
type findingCase struct {
	name      string
	def       uld.Definition
	fact      uld.Fact
	state     uld.State
	why, flip string
}

func findings1() []findingCase {
	bySelf := criterion("pain", func(c *uld.Criterion) { c.Evidence = uld.SelfAsserted })
	month := course()
	month.Horizon = 1
	return []findingCase{
		{
			"the lead's own word", course(), self(2, "pain", text("crashes"), "2026-06-01"), uld.Missing,
			"answer is crashes, any is accepted; self-asserted on 2026-06-01 (response 102): answered by the lead itself, a person must confirm",
			"the same answer, human-confirmed",
		},
		{
			"a guess", course(), guess(2, "pain", text("crashes"), "2026-06-01"), uld.Missing,
			"answer is crashes, any is accepted; inferred on 2026-06-01 (imported): only inferred, a person must confirm",
			"the same answer, human-confirmed",
		},
		{
			"a guess where the lead's word would do", bySelf, guess(2, "pain", text("crashes"), "2026-06-01"), uld.Missing,
			"answer is crashes, any is accepted; inferred on 2026-06-01 (imported): only inferred, the lead itself or a person must say so",
			"the same answer, self-asserted or human-confirmed",
		},
		{
			"weak and not accepted", course(), self(3, "budget_process", yes(false), "2026-06-01"), uld.Missing,
			"answer is no, not yes; self-asserted on 2026-06-01 (response 103): answered by the lead itself, a person must confirm",
			"answer yes instead of no, human-confirmed",
		},
		{
			"stronger than asked for", course(), human(1, "employees", num(12), "2026-06-01"), uld.Unmet,
			"answer is 12, less than 50; human-confirmed on 2026-06-01 by sam (response 101)",
			"answer at least 50 instead of 12, human-confirmed",
		},
		{
			"unmet, not required", course(), self(5, "role", text("User"), "2026-06-01"), uld.Unmet,
			"answer is User, not one of Economic buyer, Influencer; self-asserted on 2026-06-01 (response 105)",
			"answer one of Economic buyer, Influencer instead of User, self-asserted or human-confirmed",
		},
		{
			"met, and it would not matter", course(), self(5, "role", text("Influencer"), "2026-06-01"), uld.Met,
			"answer is Influencer, one of Economic buyer, Influencer; self-asserted on 2026-06-01 (response 105)", "",
		},
		{
			"near-term", course(), human(4, "decision", num(3), "2026-06-02"), uld.Met,
			"the decision is 3 months away, within the horizon of 6; human-confirmed on 2026-06-02 by sam (response 104)",
			"a decision more than 6 months away instead of 3 months, human-confirmed",
		},
		{
			"a horizon of one", month, human(4, "decision", num(3), "2026-06-02"), uld.Unmet,
			"the decision is 3 months away, beyond the horizon of 1; human-confirmed on 2026-06-02 by sam (response 104)",
			"a decision within 1 month instead of 3 months, human-confirmed",
		},
		{
			"near-term by its own word", course(), self(4, "decision", num(3), "2026-06-02"), uld.Missing,
			"the decision is 3 months away, within the horizon of 6; self-asserted on 2026-06-02 (response 104): " +
				"answered by the lead itself, a person must confirm",
			"the same answer, human-confirmed",
		},
	}
}

func findings2() []findingCase {
	within := func(n float64) uld.Definition {
		return criterion("decision", func(c *uld.Criterion) { c.Accept = accept(predicate.AtMost, num(n)) })
	}
	typed := func(key string, typ uld.AnswerType) uld.Definition {
		return criterion(key, func(c *uld.Criterion) { c.Type = typ })
	}
	month := course()
	month.Horizon = 1
	return []findingCase{
		{
			"long-term by its own word", course(), self(4, "decision", num(9), "2026-06-02"), uld.Missing,
			"the decision is 9 months away, beyond the horizon of 6; self-asserted on 2026-06-02 (response 104): " +
				"answered by the lead itself, a person must confirm",
			"a decision within 6 months instead of 9 months, human-confirmed",
		},
		{
			"no time frame", course(), human(4, "elsewhere", num(3), "2026-06-02"), uld.Missing,
			"there is no answer yet", "a decision within 6 months, human-confirmed",
		},
		{
			"no answer where any is accepted", typed("decision", uld.AnswerText), human(4, "elsewhere", num(3), "2026-06-02"), uld.Missing,
			"there is no answer yet", "any answer, human-confirmed",
		},
		{
			"counted down", within(2), human(4, "decision", num(12), "2026-04-02"), uld.Unmet,
			"answer is 10, more than 2 (counted down from 12 months); human-confirmed on 2026-04-02 by sam (response 104)",
			"answer at most 2 instead of 10, human-confirmed",
		},
		{
			"not months", course(), human(4, "decision", text("soon"), "2026-06-02"), uld.Missing,
			`the answer "soon" does not read as a number of months; human-confirmed on 2026-06-02 by sam (response 104)`,
			"a decision within 6 months, human-confirmed",
		},
		{
			"not yes or no", course(), self(3, "budget_process", text("maybe"), "2026-06-02"), uld.Missing,
			`the answer "maybe" does not read as yes or no; self-asserted on 2026-06-02 (response 103)`,
			"answer yes, human-confirmed",
		},
		{
			"not a number", course(), guess(1, "employees", text("many"), "2026-06-02"), uld.Missing,
			`the answer "many" does not read as a number; inferred on 2026-06-02 (imported)`, "answer at least 50, from any source",
		},
		{
			"not a date", typed("decision", uld.AnswerDate), human(4, "decision", num(3), "2026-06-02"), uld.Missing,
			`the answer "3" does not read as a date; human-confirmed on 2026-06-02 by sam (response 104)`,
			"a decision within 6 months, human-confirmed",
		},
		{
			"a type that does not exist", typed("pain", "essay"), human(2, "pain", text("crashes"), "2026-06-02"), uld.Missing,
			`the answer "crashes" does not read as an answer of the type "essay"; human-confirmed on 2026-06-02 by sam (response 102)`,
			"any answer, human-confirmed",
		},
		{
			"a malformed condition", criterion("pain", func(c *uld.Criterion) { c.Accept = accept(predicate.Is) }),
			human(2, "pain", text("crashes"), "2026-06-02"), uld.Missing,
			"the accepted answers cannot be judged: answer is is (malformed); human-confirmed on 2026-06-02 by sam (response 102)",
			"a correction of the condition answer is is (malformed), human-confirmed",
		},
	}
}

func TestFindingWords(t *testing.T) {
	t.Parallel()
	for _, tc := range append(findings1(), findings2()...) {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			key := tc.fact.Criterion
			if key == "elsewhere" {
				key = "decision"
			}
			got := finding(uld.Evaluate(tc.def, []uld.Fact{tc.fact}, false, now), key)
			if got.State != tc.state {
				t.Errorf("state %s, want %s", got.State, tc.state)
			}
			if got.Why != tc.why {
				t.Errorf("why\n got %s\nwant %s", got.Why, tc.why)
			}
			if got.Flip != tc.flip {
				t.Errorf("flip\n got %s\nwant %s", got.Flip, tc.flip)
			}
		})
	}
}

func TestFindingNamesItsEvidence(t *testing.T) {
	t.Parallel()
	got := finding(uld.Evaluate(course(), ready(), false, now), "budget_process")
	want := uld.Finding{
		Criterion: "budget_process", Dimension: uld.Budget, Required: true, State: uld.Met, Answer: yes(true),
		Class: uld.HumanConfirmed, FactID: 3, ResponseID: 103, Why: got.Why, Flip: got.Flip,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestOneRequiredCriterion(t *testing.T) {
	t.Parallel()
	def := course()
	def.Criteria = def.Criteria[4:]
	v := uld.Evaluate(def, ready(), false, now)
	if want := "The one required criterion is met and the decision is 2 months away, within the horizon of 6."; v.Because != want {
		t.Errorf("got %s, want %s", v.Because, want)
	}
}
