package uld_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence/uld"
)

func TestBacktest(t *testing.T) {
	t.Parallel()
	later := but(ready(), human(4, "decision", num(3), "2026-06-20")) // nobody knew the time frame in time
	closed := but(ready(), human(3, "budget_process", yes(false), "2026-06-01"))
	got := uld.Backtest(course(), []uld.PastLead{
		{Key: "hit", Facts: ready(), At: now, Bought: true},
		{Key: "hit, no date", Facts: ready(), Bought: true},
		{Key: "wrong", Facts: ready(), At: now},
		{Key: "missed", Facts: later, At: now, Bought: true},
		{Key: "right to wait", Facts: later, At: now},
		{Key: "closed", Facts: closed, At: now},
		{Key: "closed, bought", Facts: closed, At: now, Bought: true},
		{Key: "nothing known", At: time.Time{}},
	})
	want := uld.BacktestResult{
		Volume: 8, Bought: 4, Promoted: 3, Nurtured: 3, Closed: 2, TruePositives: 2,
		Precision: uld.Share{Count: 2, Of: 3}, Recall: uld.Share{Count: 2, Of: 4},
		WronglyPromoted: []string{"wrong"}, Missed: []string{"missed", "closed, bought"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if p, ok := got.Recall.Value(); !ok || p != 0.5 {
		t.Errorf("recall %v, %v", p, ok)
	}
}

func TestBacktestOfNothingIsUndefined(t *testing.T) {
	t.Parallel()
	got := uld.Backtest(course(), nil)
	if diff := cmp.Diff(uld.BacktestResult{}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if p, ok := got.Precision.Value(); ok {
		t.Errorf("precision of nothing is %v", p)
	}
}

func TestBacktestKnowsWhoQualifiedItself(t *testing.T) {
	t.Parallel()
	def := course()
	def.SelfQualified = reviewed
	facts := ready()
	for i := range facts {
		facts[i].Class = uld.SelfAsserted
	}
	got := uld.Backtest(def, []uld.PastLead{{Key: "form", Facts: facts, SelfQualified: true, At: now}, {Key: "list", Facts: facts, At: now}})
	if got.Promoted != 1 || got.Nurtured != 1 {
		t.Errorf("%+v", got)
	}
}
