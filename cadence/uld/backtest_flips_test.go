package uld_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence/uld"
)

// past is a set with known outcomes, checked by hand against two definitions: course(), and the stricter draft() below, which asks for
// 100 people instead of 50, no longer disqualifies for want of a budget process, and takes a decision within 12 months instead of 6.
// Every lead is judged on 2 June 2026.
//
//	key        people  budget  months left         course()  draft()   fate
//	big        250     yes     3 on 2 May: 2       promote   promote   ready
//	small      60      yes     2                   promote   nurture   ready
//	small bad  60      yes     2                   promote   nurture   not ready
//	far        250     yes     9                   nurture   promote   ready
//	far open   250     yes     9                   nurture   promote   unknown
//	poor       250     no      2                   close     nurture   not ready
//	too late   250     yes     2, said 20 June     nurture   nurture   ready
//	wrong      250     yes     2                   promote   promote   not ready
//
// course(): promoted 4 (big, small, small bad, wrong), all of known fate: precision 2 of 4; ready 4 (big, small, far, too late): recall 2 of 4.
// draft(): promoted 4 (big, far, far open, wrong), 3 of known fate: precision 2 of 3; recall 2 of 4 (big, far).
func past() []uld.PastLead {
	small := guess(1, "employees", num(60), "2026-01-10")
	far := human(4, "decision", num(9), "2026-06-02")
	lead := func(key string, fate uld.Fate, changes ...uld.Fact) uld.PastLead {
		return uld.PastLead{Key: key, Facts: but(ready(), changes...), At: now, Fate: fate}
	}
	return []uld.PastLead{
		lead("big", uld.FateReady), lead("small", uld.FateReady, small), lead("small bad", uld.FateNotReady, small),
		lead("far", uld.FateReady, far), lead("far open", uld.FateUnknown, far),
		lead("poor", uld.FateNotReady, human(3, "budget_process", yes(false), "2026-06-01")),
		lead("too late", uld.FateReady, human(4, "decision", num(2), "2026-06-20")), lead("wrong", uld.FateNotReady),
	}
}

func draft() uld.Definition {
	d := course()
	d.Horizon = 12
	d.Criteria[0].Accept.Args[0] = num(100)
	d.Criteria[2].Disqualifies = false
	return d
}

func TestCompareByHand(t *testing.T) {
	t.Parallel()
	got := uld.Compare(course(), draft(), past())
	want := uld.Comparison{
		Live: uld.BacktestResult{
			Volume: 8, Promoted: 4, Nurtured: 3, Closed: 1,
			Ready: uld.Sorted{Promoted: 2, Nurtured: 2}, NotReady: uld.Sorted{Promoted: 2, Closed: 1}, Unknown: uld.Sorted{Nurtured: 1},
			Precision: uld.Share{Count: 2, Of: 4}, Recall: uld.Share{Count: 2, Of: 4},
			WronglyPromoted: []string{"small bad", "wrong"}, Missed: []string{"far", "too late"},
		},
		Draft: uld.BacktestResult{
			Volume: 8, Promoted: 4, Nurtured: 4,
			Ready: uld.Sorted{Promoted: 2, Nurtured: 2}, NotReady: uld.Sorted{Promoted: 1, Nurtured: 2}, Unknown: uld.Sorted{Promoted: 1},
			Precision: uld.Share{Count: 2, Of: 3}, Recall: uld.Share{Count: 2, Of: 4},
			WronglyPromoted: []string{"wrong"}, Missed: []string{"small", "too late"},
		},
		Flips: []uld.Flip{
			flip("small", uld.FateReady, uld.Promote, uld.Nurture, "employees", "answer is 60, less than 100; inferred on 2026-01-10 (imported)"),
			flip("small bad", uld.FateNotReady, uld.Promote, uld.Nurture, "employees", "answer is 60, less than 100; inferred on 2026-01-10 (imported)"),
			flip("far", uld.FateReady, uld.Nurture, uld.Promote, "decision",
				"the decision is 9 months away, within the horizon of 12; human-confirmed on 2026-06-02 by sam (response 104)"),
			flip("far open", uld.FateUnknown, uld.Nurture, uld.Promote, "decision",
				"the decision is 9 months away, within the horizon of 12; human-confirmed on 2026-06-02 by sam (response 104)"),
			flip("poor", uld.FateNotReady, uld.Close, uld.Nurture, "budget_process", "it does not disqualify by the draft"),
		},
		Causes: []uld.Cause{{Criterion: "decision", Up: 2}, {Criterion: "employees", Down: 2}, {Criterion: "budget_process", Up: 1}},
	}
	for i := range got.Flips {
		if got.Flips[i].Because == "" {
			t.Errorf("%s: no reason", got.Flips[i].Key)
		}
		got.Flips[i].Because = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func flip(key string, fate uld.Fate, from, to uld.Outcome, criterion, why string) uld.Flip {
	return uld.Flip{Key: key, At: now, Fate: fate, From: from, To: to, Turns: []uld.Turn{{Criterion: criterion, Why: why}}}
}

// TestCompareSortsAsEvaluateDoes: each side of a comparison is what Evaluate says of the leads, whatever the other side is.
func TestCompareSortsAsEvaluateDoes(t *testing.T) {
	t.Parallel()
	for _, lead := range past() {
		c := uld.Compare(course(), draft(), []uld.PastLead{lead})
		facts := slices.DeleteFunc(lead.Facts, func(f uld.Fact) bool { return f.At.After(lead.At) })
		for side, def := range map[*uld.BacktestResult]uld.Definition{&c.Live: course(), &c.Draft: draft()} {
			outcome := uld.Evaluate(def, facts, lead.SelfQualified, lead.At).Outcome
			want := map[uld.Outcome][3]int{uld.Promote: {1, 0, 0}, uld.Nurture: {0, 1, 0}, uld.Close: {0, 0, 1}}[outcome]
			if got := [3]int{side.Promoted, side.Nurtured, side.Closed}; got != want {
				t.Errorf("%s: %v, want %v: %s", lead.Key, got, want, outcome)
			}
		}
	}
	same := uld.Compare(course(), course(), past())
	if len(same.Flips) != 0 || len(same.Causes) != 0 {
		t.Errorf("a definition against itself flips %v", same.Flips)
	}
}

func TestCompareSaysWhatTurns(t *testing.T) {
	t.Parallel()
	lacking := func(key string) uld.Definition {
		d := course()
		for i := range d.Criteria {
			if d.Criteria[i].Key == key {
				d.Criteria = append(d.Criteria[:i], d.Criteria[i+1:]...)
				return d
			}
		}
		return d
	}
	optional := course()
	optional.Criteria[1].Required = false
	stricter := course()
	stricter.Criteria[0].Disqualifies = true
	painless := without(ready(), "pain")
	small := but(ready(), guess(1, "employees", num(10), "2026-01-10"))
	for _, c := range []struct {
		name        string
		live, draft uld.Definition
		facts       []uld.Fact
		want        string
	}{
		{"dropped", course(), lacking("pain"), painless, "nurture promote pain: the draft does not ask for it"},
		{"new", lacking("pain"), course(), painless, "promote nurture pain: there is no answer yet"},
		{"optional", course(), optional, painless, "nurture promote pain: the draft does not require it"},
		{"disqualifies", course(), stricter, small, "nurture close employees: answer is 10, less than 50; inferred on 2026-01-10 (imported)"},
	} {
		got := uld.Compare(c.live, c.draft, []uld.PastLead{{Key: "x", Facts: c.facts, At: now}})
		if len(got.Flips) != 1 {
			t.Errorf("%s: flips %+v", c.name, got.Flips)
			continue
		}
		f := got.Flips[0]
		line := string(f.From) + " " + string(f.To)
		for _, turn := range f.Turns {
			line += " " + turn.Criterion + ": " + turn.Why
		}
		if line != c.want {
			t.Errorf("%s: %q, want %q", c.name, line, c.want)
		}
	}
}
