package uld_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// criterion changes one criterion of the course.
func criterion(key string, change func(*uld.Criterion)) uld.Definition {
	def := course()
	for i := range def.Criteria {
		if def.Criteria[i].Key == key {
			change(&def.Criteria[i])
		}
	}
	return def
}

// outcomeCase is a definition and facts with the verdict that they give.
type outcomeCase struct {
	name      string
	def       uld.Definition
	facts     []uld.Fact
	self      bool
	outcome   uld.Outcome
	readiness uld.Readiness
	because   string
	verify    []string
}

func outcomes1() []outcomeCase {
	direct := course()
	direct.SelfQualified = reviewed
	unreviewed := course()
	unreviewed.SelfQualified.Mode = uld.DirectToSales
	said := []uld.Fact{ // what a form brought
		self(1, "employees", num(250), "2026-06-01"), self(2, "pain", text("crashes"), "2026-06-01"),
		self(3, "budget_process", yes(true), "2026-06-01"), self(4, "decision", num(3), "2026-06-01"),
	}
	return []outcomeCase{
		{
			"ready", course(), ready(), false, uld.Promote, uld.NearTerm,
			"All 4 required criteria are met and the decision is 2 months away, within the horizon of 6.", nil,
		},
		{
			"nothing known", course(), nil, false, uld.Nurture, uld.ReadinessUnknown,
			"The required criteria employees, pain and budget_process are unknown and the time frame is unknown.", nil,
		},
		{
			"long-term", course(), but(ready(), human(4, "decision", num(15), "2026-06-01")), false, uld.Nurture, uld.LongTerm,
			"The decision is 14.97 months away, beyond the horizon of 6.", nil,
		},
		{
			"a required answer missing", course(), without(ready(), "pain"), false, uld.Nurture, uld.NearTerm,
			"The required criterion pain is unknown.", nil,
		},
		{
			"a required answer not accepted", course(), but(ready(), guess(1, "employees", num(12), "2026-01-10")), false,
			uld.Nurture, uld.NearTerm, "The required criterion employees is not met.", nil,
		},
		{
			"disqualified", course(), but(ready(), human(3, "budget_process", yes(false), "2026-06-01")), false, uld.Close, uld.NearTerm,
			"The criterion budget_process rules the lead out: answer is no, not yes.", nil,
		},
		{
			"disqualified by too weak evidence", course(), but(ready(), self(3, "budget_process", yes(false), "2026-06-01")), false,
			uld.Nurture, uld.NearTerm, "The required criterion budget_process is not confirmed.", nil,
		},
		{
			"all by form", course(), said, true, uld.Nurture, uld.ReadinessUnknown,
			"The required criteria pain and budget_process are not confirmed and the time frame is not confirmed.",
			[]string{"pain", "budget_process", "decision"},
		},
	}
}

func outcomes2() []outcomeCase {
	direct := course()
	direct.SelfQualified = reviewed
	unreviewed := course()
	unreviewed.SelfQualified.Mode = uld.DirectToSales
	said := []uld.Fact{ // what a form brought
		self(1, "employees", num(250), "2026-06-01"), self(2, "pain", text("crashes"), "2026-06-01"),
		self(3, "budget_process", yes(true), "2026-06-01"), self(4, "decision", num(3), "2026-06-01"),
	}
	return []outcomeCase{
		{
			"some by form", course(), but(ready(), self(4, "decision", num(3), "2026-06-01")), false, uld.Nurture, uld.ReadinessUnknown,
			"The time frame is not confirmed.",
			[]string{"decision"},
		},
		{
			"a form that would not promote", course(), but(said, self(4, "decision", num(30), "2026-06-01")), true, uld.Nurture,
			uld.ReadinessUnknown,
			"The required criteria pain and budget_process are not confirmed and the time frame is not confirmed.", nil,
		},
		{
			"direct to sales", direct, said, true, uld.Promote, uld.NearTerm,
			"All 4 required criteria are met and the decision is 2.97 months away, within the horizon of 6.", nil,
		},
		{
			"direct to sales, of another origin", direct, said, false, uld.Nurture, uld.ReadinessUnknown,
			"The required criteria pain and budget_process are not confirmed and the time frame is not confirmed.",
			[]string{"pain", "budget_process", "decision"},
		},
		{
			"direct to sales, by guesses", direct, but(said, guess(4, "decision", num(3), "2026-06-01")), true, uld.Nurture,
			uld.ReadinessUnknown, "The time frame is not confirmed.", nil,
		},
		{
			"direct to sales, disqualified by itself", direct, but(said, self(3, "budget_process", yes(false), "2026-06-01")), true, uld.Close,
			uld.NearTerm, "The criterion budget_process rules the lead out: answer is no, not yes.", nil,
		},
		{
			"direct to sales without a review", unreviewed, said, true, uld.Nurture, uld.ReadinessUnknown,
			"The required criteria pain and budget_process are not confirmed and the time frame is not confirmed.",
			[]string{"pain", "budget_process", "decision"},
		},
		{
			"the lead's own word where that is enough", criterion("pain", func(c *uld.Criterion) { c.Evidence = uld.SelfAsserted }),
			but(ready(), self(2, "pain", text("crashes"), "2026-06-01")), false, uld.Promote, uld.NearTerm,
			"All 4 required criteria are met and the decision is 2 months away, within the horizon of 6.", nil,
		},
		{
			"contradicted since", course(), append(ready(), self(9, "budget_process", yes(false), "2026-06-02")), false, uld.Promote,
			uld.NearTerm, "All 4 required criteria are met and the decision is 2 months away, within the horizon of 6.",
			[]string{"budget_process"},
		},
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, tc := range append(outcomes1(), outcomes2()...) {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := uld.Evaluate(tc.def, tc.facts, tc.self, now)
			if v.Outcome != tc.outcome || v.Readiness != tc.readiness {
				t.Errorf("got %s, %s; want %s, %s", v.Outcome, v.Readiness, tc.outcome, tc.readiness)
			}
			if v.Because != tc.because {
				t.Errorf("because\n got %s\nwant %s", v.Because, tc.because)
			}
			if !slices.Equal(v.Verify, tc.verify) {
				t.Errorf("verify %v, want %v", v.Verify, tc.verify)
			}
			if !v.At.Equal(now) {
				t.Errorf("at %s", v.At)
			}
		})
	}
}

// A definition that asks for no person's word anywhere still promotes nobody before a person has talked to the lead.
func TestOnlyHumanContactQualifies(t *testing.T) {
	t.Parallel()
	def := course()
	for i := range def.Criteria {
		def.Criteria[i].Evidence = uld.Inferred
	}
	guessed, said := ready(), ready()
	for i := range guessed {
		guessed[i].Class, said[i].Class = uld.Inferred, uld.SelfAsserted
	}
	v := uld.Evaluate(def, guessed, true, now)
	if v.Outcome != uld.Nurture || v.Because != "No person has confirmed any of the answers." || v.Verify != nil {
		t.Errorf("by guesses: %s, %s, verify %v", v.Outcome, v.Because, v.Verify)
	}
	v = uld.Evaluate(def, said, true, now)
	if want := []string{"employees", "pain", "budget_process", "decision"}; v.Outcome != uld.Nurture || !slices.Equal(v.Verify, want) {
		t.Errorf("by form: %s, %s, verify %v, want %v", v.Outcome, v.Because, v.Verify, want)
	}
	v = uld.Evaluate(def, append(said, human(9, "pain", text("yes, crashes"), "2026-06-01")), true, now)
	if v.Outcome != uld.Promote {
		t.Errorf("with one confirmed: %s, %s", v.Outcome, v.Because)
	}
	def.SelfQualified = reviewed
	if v = uld.Evaluate(def, guessed, true, now); v.Outcome != uld.Nurture {
		t.Errorf("by guesses, direct to sales: %s, %s", v.Outcome, v.Because)
	}
	if v = uld.Evaluate(def, said, true, now); v.Outcome != uld.Promote {
		t.Errorf("by form, direct to sales: %s, %s", v.Outcome, v.Because)
	}
}

func TestFaultyDefinitionsPromoteNobody(t *testing.T) {
	t.Parallel()
	noTiming := course()
	noTiming.Criteria = noTiming.Criteria[:4]
	noneRequired := course()
	for i := range noneRequired.Criteria {
		noneRequired.Criteria[i].Required = false
	}
	for _, tc := range []struct {
		def     uld.Definition
		because string
	}{
		{noTiming, "The definition does not ask for the time frame."},
		{noneRequired, "The definition requires nothing."},
		{uld.Definition{}, "The definition requires nothing and the definition does not ask for the time frame."},
	} {
		v := uld.Evaluate(tc.def, ready(), false, now)
		if v.Outcome != uld.Nurture || v.Because != tc.because {
			t.Errorf("got %s, %s; want %s", v.Outcome, v.Because, tc.because)
		}
	}
	twice := course()
	twice.Criteria = append(twice.Criteria, twice.Criteria[2])
	v := uld.Evaluate(twice, append(ready(), self(9, "budget_process", yes(false), "2026-06-02")), false, now)
	if len(v.Criteria) != 6 || len(v.Conflicts) != 1 || len(v.Verify) != 1 {
		t.Errorf("a repeated key: %d criteria, %d conflicts, verify %v", len(v.Criteria), len(v.Conflicts), v.Verify)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	byDate := func(c *uld.Criterion) { c.Type = uld.AnswerDate }
	for _, tc := range []struct {
		name   string
		def    uld.Definition
		answer uld.Fact
		want   uld.Readiness
		state  uld.State
	}{
		{"exactly the horizon", course(), human(4, "decision", num(6), "2026-06-02"), uld.NearTerm, uld.Met},
		{"beyond it", course(), human(4, "decision", num(6.5), "2026-06-02"), uld.LongTerm, uld.Unmet},
		{"counted down", course(), human(4, "decision", num(12), "2025-12-02"), uld.NearTerm, uld.Met},
		{"counted down, not yet", course(), human(4, "decision", num(12), "2026-01-02"), uld.LongTerm, uld.Unmet},
		{"counted down to nothing", course(), human(4, "decision", num(3), "2024-06-02"), uld.NearTerm, uld.Met},
		{"not counted up", course(), human(4, "decision", num(6), "2026-09-02"), uld.NearTerm, uld.Met},
		{"a number in text form", course(), human(4, "decision", text("3"), "2026-06-01"), uld.NearTerm, uld.Met},
		{"no number", course(), human(4, "decision", text("soon"), "2026-06-01"), uld.ReadinessUnknown, uld.Missing},
		{"too weak", course(), self(4, "decision", num(3), "2026-06-01"), uld.ReadinessUnknown, uld.Missing},
		{"date at the horizon", criterion("decision", byDate), human(4, "decision", predicate.Date(day("2026-12-02")), "2026-06-01"), uld.NearTerm, uld.Met},
		{"date beyond it", criterion("decision", byDate), human(4, "decision", predicate.Date(day("2026-12-03")), "2026-06-01"), uld.LongTerm, uld.Unmet},
		{"date past", criterion("decision", byDate), human(4, "decision", predicate.Date(day("2025-12-03")), "2025-06-01"), uld.NearTerm, uld.Met},
		{
			"accept is judged on what is left", criterion("decision", func(c *uld.Criterion) { c.Accept = accept(predicate.AtMost, num(12)) }),
			human(4, "decision", num(18), "2025-12-02"), uld.LongTerm, uld.Met,
		},
		{
			"accept of its own", criterion("decision", func(c *uld.Criterion) { c.Accept = accept(predicate.AtMost, num(1)) }),
			human(4, "decision", num(3), "2026-06-02"), uld.NearTerm, uld.Unmet,
		},
		{
			"default horizon", func() uld.Definition { def := course(); def.Horizon = 0; return def }(),
			human(4, "decision", num(6), "2026-06-02"), uld.NearTerm, uld.Met,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := uld.Evaluate(tc.def, but(ready(), tc.answer), false, now)
			if got := finding(v, "decision"); v.Readiness != tc.want || got.State != tc.state {
				t.Errorf("got %s, %s (%s); want %s, %s", v.Readiness, got.State, got.Why, tc.want, tc.state)
			}
			if (v.Outcome == uld.Promote) != (tc.want == uld.NearTerm && tc.state == uld.Met) {
				t.Errorf("outcome %s: %s", v.Outcome, v.Because)
			}
		})
	}
}

func TestVerdictJSON(t *testing.T) {
	t.Parallel()
	v := uld.Evaluate(course(), append(ready(), self(9, "budget_process", yes(false), "2026-06-02")), false, now)
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back uld.Verdict
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(data) {
		t.Errorf("the verdict changed on its way through JSON (%v):\n%s\n%s", err, data, again)
	}
	if len(back.Conflicts) != 1 || back.Conflicts[0].Against.Value != yes(false) || !back.At.Equal(now.Truncate(time.Microsecond)) {
		t.Errorf("came back as %+v", back)
	}
}
