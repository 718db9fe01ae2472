package uld_test

import (
	"testing"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// An answer that stayed behind when its question took another form is no answer: it must not count as 0 months, or as a date long past,
// and make a lead near-term.
func TestAnswersThatDoNotReadCountForNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		typ    uld.AnswerType
		said   string
		accept predicate.Predicate
	}{
		{uld.AnswerMonths, "3-", predicate.Predicate{}},
		{uld.AnswerMonths, "2026", accept(predicate.AtMost, num(6))},
		{uld.AnswerMonths, "2026-01", accept(predicate.AtMost, num(6))},
		{uld.AnswerMonths, "soon", predicate.Predicate{}},
		{uld.AnswerDate, "next summer", predicate.Predicate{}},
		{uld.AnswerDate, "2026-09", predicate.Predicate{}},
		{uld.AnswerDate, "not before 2028", accept(predicate.AtMost, predicate.Date(now))},
		{uld.AnswerNumber, "1.250", accept(predicate.AtMost, num(6))},
	} {
		def := course()
		def.Criteria[4].Type, def.Criteria[4].Accept = tc.typ, tc.accept
		v := uld.Evaluate(def, but(ready(), human(4, "decision", text(tc.said), "2026-06-01")), false, now)
		if got := v.Criteria[4]; got.State != uld.Missing || v.Readiness != uld.ReadinessUnknown || v.Outcome != uld.Nurture {
			t.Errorf("%s %q: %s (%s), readiness %s, %s", tc.typ, tc.said, got.State, got.Why, v.Readiness, v.Outcome)
		}
	}
}
