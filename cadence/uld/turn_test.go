package uld_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// talked is a lead that a person talked to on one day, and that said so when it decides.
func talked(on string, decision predicate.Value) []uld.Fact {
	return []uld.Fact{
		human(1, "employees", num(250), on), human(2, "pain", text("crashes"), on), human(3, "budget_process", yes(true), on), human(4, "decision", decision, on),
	}
}

// byDateOf is course with the decision asked for as a date.
func byDateOf(def uld.Definition) uld.Definition {
	def.Criteria = slices.Clone(def.Criteria)
	def.Criteria[4].Type = uld.AnswerDate
	return def
}

// TestTimeMakesNearTermAndAsksAPerson: who said in March that it decides in 14 months is near-term from November on, and somebody rings it before sales
// does.
func TestTimeMakesNearTermAndAsksAPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		def      uld.Definition
		decision predicate.Value
		want     time.Time // to the day
	}{
		"months": {course(), num(14), day("2026-11-02")},
		"a date": {byDateOf(course()), predicate.Date(day("2027-05-02")), day("2026-11-02")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := talked("2026-03-02", c.decision)
			at, ok := uld.NextTurn(c.def, facts, false, day("2026-03-02"))
			if !ok || at.Before(c.want.Add(-24*time.Hour)) || at.After(c.want.Add(24*time.Hour)) {
				t.Fatalf("turns at %v (%v), want %v", at, ok, c.want)
			}
			before, then := uld.Evaluate(c.def, facts, false, at.Add(-time.Microsecond)), uld.Evaluate(c.def, facts, false, at)
			if before.Readiness != uld.LongTerm || before.Outcome != uld.Nurture || len(before.Verify) != 0 {
				t.Errorf("before: %+v", before)
			}
			if then.Readiness != uld.NearTerm || then.Outcome != uld.Nurture || !slices.Equal(then.Verify, []string{"decision"}) {
				t.Errorf("then: %+v", then)
			}
			if !strings.Contains(then.Because, "only time has made it so since 2026-03-02: a person must confirm decision first") {
				t.Errorf("because: %s", then.Because)
			}
			if again, ok := uld.NextTurn(c.def, facts, false, at); ok {
				t.Errorf("turns once more at %v", again)
			}
			said := human(9, "decision", num(6), at.Format(time.DateOnly))
			if c.decision.Kind == predicate.KindDate {
				said.Value = c.decision
			}
			if v := uld.Evaluate(c.def, append(facts, said), false, at.Add(time.Hour)); v.Outcome != uld.Promote {
				t.Errorf("confirmed: %s", v.Because)
			}
		})
	}
}

// TestFreshWordLetsTimePromote: nobody rings again whom somebody talked to within the month, and who is not handed over by then is to be verified.
func TestFreshWordLetsTimePromote(t *testing.T) {
	t.Parallel()
	facts := talked("2026-03-02", num(6.5))
	at, ok := uld.NextTurn(course(), facts, false, day("2026-03-02"))
	if !ok {
		t.Fatal("no turn")
	}
	if v := uld.Evaluate(course(), facts, false, at); v.Outcome != uld.Promote || v.Readiness != uld.NearTerm {
		t.Errorf("on %v: %s, %s", at, v.Outcome, v.Because)
	}
	stale, ok := uld.NextTurn(course(), facts, false, at)
	if !ok || stale.Sub(day("2026-04-02")) > time.Hour {
		t.Fatalf("stale at %v, %v", stale, ok)
	}
	if v := uld.Evaluate(course(), facts, false, stale); v.Outcome != uld.Nurture || v.Readiness != uld.NearTerm || !slices.Equal(v.Verify, []string{"decision"}) {
		t.Errorf("on %v: %s, %s", stale, v.Outcome, v.Because)
	}
}

// TestFormsRipenToACall: what a lead wrote on a form counts for a call, by time as at once.
func TestFormsRipenToACall(t *testing.T) {
	t.Parallel()
	facts := talked("2026-03-02", num(14))
	for i := range facts {
		facts[i].Class = uld.SelfAsserted
	}
	at, ok := uld.NextTurn(course(), facts, true, day("2026-03-02"))
	if !ok {
		t.Fatal("no turn")
	}
	if v := uld.Evaluate(course(), facts, true, at); v.Outcome != uld.Nurture || len(v.Verify) == 0 || v.Readiness != uld.ReadinessUnknown {
		t.Errorf("%+v", v)
	}
	direct := course()
	direct.SelfQualified = reviewed
	if at, ok = uld.NextTurn(direct, facts, true, day("2026-03-02")); !ok {
		t.Fatal("no turn by the reviewed policy")
	}
	if v := uld.Evaluate(direct, facts, true, at); v.Outcome != uld.Nurture || !slices.Equal(v.Verify, []string{"decision"}) || v.Readiness != uld.NearTerm {
		t.Errorf("directly to sales: %+v", v)
	}
}

// TestTimeTakesBack what rests on an answer that has run out.
func TestTimeTakesBack(t *testing.T) {
	t.Parallel()
	late := func(disqualifies bool) uld.Definition {
		def := course()
		def.Criteria = slices.Clone(def.Criteria)
		c := &def.Criteria[4]
		c.Accept, c.Disqualifies = accept(predicate.AtLeast, num(1)), disqualifies
		return def
	}
	facts := talked("2026-06-02", num(3))
	at, ok := uld.NextTurn(late(false), facts, false, now)
	v := uld.Evaluate(late(false), facts, false, at)
	if !ok || v.Outcome != uld.Nurture || finding(v, "decision").State != uld.Unmet || len(v.Verify) != 0 {
		t.Errorf("%v, %v: %+v", at, ok, v)
	}
	if at, ok = uld.NextTurn(late(true), facts, false, now); !ok || uld.Evaluate(late(true), facts, false, at).Outcome != uld.Close {
		t.Errorf("%v, %v: does not close", at, ok)
	}
}

// TestNextTurnIsTheFirst: between two turns no verdict changes, and at each turn one does.
func TestNextTurnIsTheFirst(t *testing.T) {
	t.Parallel()
	turned := 0
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		facts := genFacts(def, uld.Classes()...).Draw(t, "facts")
		self := rapid.Bool().Draw(t, "self-qualified")
		same := func(a, b uld.Verdict) bool {
			return a.Outcome == b.Outcome && a.Readiness == b.Readiness && slices.Equal(a.Verify, b.Verify)
		}
		from := now
		for range 20 {
			stands := uld.Judge(def, facts, self, from)
			at, ok := uld.NextTurn(def, facts, self, from)
			end := at
			if !ok {
				end = now.AddDate(3, 0, 0)
			} else {
				turned++
				if same(stands, uld.Judge(def, facts, self, at)) || !at.After(from) || !at.Equal(at.Truncate(time.Microsecond)) {
					t.Fatalf("nothing turns at %v, asked at %v", at, from)
				}
			}
			for probe := from; probe.Before(end); probe = probe.Add(time.Duration(rapid.IntRange(1, 20*24*60).Draw(t, "minutes")) * time.Minute) {
				if v := uld.Judge(def, facts, self, probe); !same(stands, v) {
					t.Fatalf("turns at or before %v already, not first at %v: %+v, then %+v", probe, at, stands, v)
				}
			}
			if v := uld.Judge(def, facts, self, end.Add(-time.Microsecond)); end.After(from.Add(time.Microsecond)) && !same(stands, v) {
				t.Fatalf("turns before %v", end)
			}
			if !ok {
				return
			}
			from = at
		}
		t.Fatal("turns without end")
	})
	if turned == 0 {
		t.Error("nothing drawn ever turned")
	}
}
