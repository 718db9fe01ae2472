package uld_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence/uld"
)

// sorted is how a definition sorts past leads.
func sorted(def uld.Definition, past []uld.PastLead) uld.BacktestResult {
	return uld.Compare(def, def, past).Live
}

func TestBacktest(t *testing.T) {
	t.Parallel()
	later := but(ready(), human(4, "decision", num(3), "2026-06-20")) // nobody knew the time frame in time
	closed := but(ready(), human(3, "budget_process", yes(false), "2026-06-01"))
	got := sorted(course(), []uld.PastLead{
		{Key: "hit", Facts: ready(), At: now, Fate: uld.FateReady},
		{Key: "hit, no date", Facts: ready(), Fate: uld.FateReady},
		{Key: "wrong", Facts: ready(), At: now, Fate: uld.FateNotReady},
		{Key: "missed", Facts: later, At: now, Fate: uld.FateReady},
		{Key: "right to wait", Facts: later, At: now, Fate: uld.FateNotReady},
		{Key: "closed", Facts: closed, At: now, Fate: uld.FateNotReady},
		{Key: "closed, ready", Facts: closed, At: now, Fate: uld.FateReady},
		{Key: "nothing known", At: time.Time{}, Fate: uld.FateNotReady},
		{Key: "still open", Facts: ready(), At: now},
		{Key: "still open, closed", Facts: closed, At: now},
	})
	want := uld.BacktestResult{
		Volume: 10, Promoted: 4, Nurtured: 3, Closed: 3,
		Ready: uld.Sorted{Promoted: 2, Nurtured: 1, Closed: 1}, NotReady: uld.Sorted{Promoted: 1, Nurtured: 2, Closed: 1},
		Unknown:   uld.Sorted{Promoted: 1, Closed: 1},
		Precision: uld.Share{Count: 2, Of: 3}, Recall: uld.Share{Count: 2, Of: 4},
		WronglyPromoted: []string{"wrong"}, Missed: []string{"missed", "closed, ready"},
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
	got := sorted(course(), nil)
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
	got := sorted(def, []uld.PastLead{{Key: "form", Facts: facts, SelfQualified: true, At: now}, {Key: "list", Facts: facts, At: now}})
	if got.Promoted != 1 || got.Nurtured != 1 {
		t.Errorf("%+v", got)
	}
}
