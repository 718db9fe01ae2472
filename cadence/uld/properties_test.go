package uld_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

var options = []string{"Economic buyer", "Influencer", "User"}

// genAnswer draws an answer of the type from a small range, so that drawn leads do qualify now and then.
func genAnswer(typ uld.AnswerType) *rapid.Generator[predicate.Value] {
	switch typ {
	case uld.AnswerChoice:
		return rapid.Map(rapid.SampledFrom(options), predicate.Text)
	case uld.AnswerYesNo:
		return rapid.Map(rapid.Bool(), predicate.Bool)
	case uld.AnswerNumber, uld.AnswerMonths:
		return rapid.Map(rapid.IntRange(0, 12), func(n int) predicate.Value { return predicate.Number(float64(n)) })
	case uld.AnswerDate:
		return rapid.Map(rapid.IntRange(-100, 500), func(n int) predicate.Value { return predicate.Date(now.AddDate(0, 0, n)) })
	case uld.AnswerText:
	}
	return rapid.Map(rapid.SampledFrom([]string{"crashes", "slow", "none"}), predicate.Text)
}

func genAccept(typ uld.AnswerType) *rapid.Generator[predicate.Predicate] {
	return rapid.Custom(func(t *rapid.T) predicate.Predicate {
		ops := []predicate.Op{"", predicate.Is, predicate.In}
		if typ == uld.AnswerNumber || typ == uld.AnswerMonths || typ == uld.AnswerDate {
			ops = append(ops, predicate.AtLeast, predicate.AtMost, predicate.Between)
		}
		arg := genAnswer(typ)
		switch op := rapid.SampledFrom(ops).Draw(t, "op"); op {
		case "":
			return predicate.Predicate{}
		case predicate.In:
			return accept(op, rapid.SliceOfN(arg, 1, 2).Draw(t, "in")...)
		case predicate.Between:
			lo, hi := arg.Draw(t, "lo"), arg.Draw(t, "hi")
			if lo.Number > hi.Number || lo.Date.After(hi.Date) {
				lo, hi = hi, lo
			}
			return accept(op, lo, hi)
		default:
			return accept(op, arg.Draw(t, "arg"))
		}
	})
}

func genDefinition() *rapid.Generator[uld.Definition] {
	return rapid.Custom(func(t *rapid.T) uld.Definition {
		def := uld.Definition{Key: "drawn", Horizon: rapid.IntRange(0, 9).Draw(t, "horizon")}
		if rapid.Bool().Draw(t, "direct") {
			def.SelfQualified = reviewed
		}
		for _, key := range []string{"a", "b", "c", "when"}[rapid.IntRange(0, 3).Draw(t, "skipped"):] {
			c := uld.Criterion{
				Key: key, Dimension: rapid.SampledFrom(uld.Dimensions()).Draw(t, "dimension"), Question: key + "?",
				Type: rapid.SampledFrom(uld.AnswerTypes()).Draw(t, "type"), Required: rapid.Bool().Draw(t, "required"),
				Evidence: uld.Class(rapid.IntRange(0, 3).Draw(t, "evidence")), Disqualifies: rapid.IntRange(0, 3).Draw(t, "disqualifies") == 0,
			}
			if key == "when" {
				c.Dimension, c.Type, c.Required = uld.TimeFrame, rapid.SampledFrom([]uld.AnswerType{uld.AnswerMonths, uld.AnswerDate}).Draw(t, "by"), true
			}
			if c.Type == uld.AnswerChoice {
				c.Options = options
			}
			c.Accept = genAccept(c.Type).Draw(t, "accept")
			def.Criteria = append(def.Criteria, c)
		}
		return def
	})
}

// genFacts draws facts about the criteria of def, some of them unreadable, and some about nothing in it. No two are stored
// under one ID.
func genFacts(def uld.Definition, classes ...uld.Class) *rapid.Generator[[]uld.Fact] {
	return rapid.Custom(func(t *rapid.T) []uld.Fact {
		var facts []uld.Fact
		for i := range rapid.IntRange(0, 12).Draw(t, "facts") {
			c := rapid.SampledFrom(def.Criteria).Draw(t, "criterion")
			f := uld.Fact{
				ID: int64(i + 1), Criterion: c.Key, Class: rapid.SampledFrom(classes).Draw(t, "class"),
				At: now.Add(-time.Duration(rapid.IntRange(0, 400).Draw(t, "days ago")) * 24 * time.Hour),
			}
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				f.Value = predicate.Text("unreadable")
			case 1:
				f.Criterion = "elsewhere"
			default:
				f.Value = genAnswer(c.Type).Draw(t, "value")
			}
			facts = append(facts, f)
		}
		return facts
	})
}

// whole marshals nothing away: two verdicts are the same when all their fields are.
func whole(a, b any) string { return cmp.Diff(a, b) }

func TestVerdictDoesNotDependOnTheOrderOfFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		facts := genFacts(def, uld.Classes()...).Draw(t, "facts")
		if rapid.Bool().Draw(t, "not stored yet") {
			for i := range facts {
				facts[i].ID = 0
			}
		}
		shuffled := rapid.Permutation(facts).Draw(t, "shuffled")
		self := rapid.Bool().Draw(t, "self-qualified")
		first := uld.Evaluate(def, facts, self, now)
		for name, again := range map[string]uld.Verdict{
			"once more": uld.Evaluate(def, facts, self, now), "shuffled": uld.Evaluate(def, shuffled, self, now),
		} {
			if diff := whole(first, again); diff != "" {
				t.Fatalf("%s:\n%s", name, diff)
			}
		}
		bare := first
		bare.Because, bare.Criteria = "", nil
		if diff := whole(bare, uld.Judge(def, facts, self, now)); diff != "" {
			t.Fatalf("judged without the words:\n%s", diff)
		}
	})
}

func TestScoresAndFormsNeverPromote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		self := rapid.Bool().Draw(t, "self-qualified")
		guesses := genFacts(def, uld.Inferred).Draw(t, "guesses")
		if v := uld.Evaluate(def, guesses, self, now); v.Outcome == uld.Promote {
			t.Fatalf("promoted by guesses: %s", v.Because)
		}
		forms := append(guesses, genFacts(def, uld.SelfAsserted).Draw(t, "forms")...)
		reviewedPolicy := self && def.SelfQualified.Mode == uld.DirectToSales
		if v := uld.Evaluate(def, forms, self, now); v.Outcome == uld.Promote && !reviewedPolicy {
			t.Fatalf("promoted by forms: %s", v.Because)
		}
	})
}

func TestLowerClassNeverChangesWhatIsHeld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		facts := genFacts(def, uld.Classes()...).Draw(t, "facts")
		before, _ := uld.Current(facts)
		added := genFacts(def, uld.ClassNone, uld.Inferred, uld.SelfAsserted).Draw(t, "added")
		added = slices.DeleteFunc(added, func(f uld.Fact) bool { return f.Class >= before[f.Criterion].Class })
		after, conflicts := uld.Current(append(slices.Clone(facts), added...))
		if diff := whole(before, after); diff != "" {
			t.Fatalf("held changed:\n%s", diff)
		}
		for _, c := range conflicts {
			if c.Against.Class >= c.Held.Class || !c.Against.At.After(c.Held.At) || c.Against.Value.Same(c.Held.Value) {
				t.Fatalf("no conflict: %+v", c)
			}
		}
	})
}

func TestVerdictIsConsistent(t *testing.T) {
	t.Parallel()
	seen := map[uld.Outcome]int{}
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		facts := genFacts(def, uld.Classes()...).Draw(t, "facts")
		v := uld.Evaluate(def, facts, rapid.Bool().Draw(t, "self-qualified"), now)
		seen[v.Outcome]++
		if len(v.Criteria) != len(def.Criteria) {
			t.Fatalf("%d findings for %d criteria", len(v.Criteria), len(def.Criteria))
		}
		closes, hinders := false, v.Readiness != uld.NearTerm
		for i, f := range v.Criteria {
			c := def.Criteria[i]
			if f.Criterion != c.Key || f.Required != c.Required || f.Why == "" {
				t.Fatalf("finding %d is %+v, the criterion is %s", i, f, c.Key)
			}
			if f.State != uld.Met && f.Flip == "" {
				t.Fatalf("%s is %s and nothing is said to flip it", f.Criterion, f.State)
			}
			closes = closes || c.Disqualifies && f.State == uld.Unmet
			hinders = hinders || c.Required && f.State != uld.Met
		}
		switch v.Outcome {
		case uld.Close:
			hinders = !closes
		case uld.Promote:
			hinders = hinders || closes
		case uld.Nurture:
			hinders = closes
		default:
			t.Fatalf("outcome %q", v.Outcome)
		}
		if hinders {
			t.Fatalf("%s cannot be: %s", v.Outcome, v.Because)
		}
		if v.Because == "" || !strings.HasSuffix(v.Because, ".") {
			t.Fatalf("because %q", v.Because)
		}
	})
	if seen[uld.Close] == 0 || seen[uld.Nurture] == 0 {
		t.Errorf("the drawn leads are too much alike: %v", seen)
	}
}

// flipSentence takes a Flip apart: the answer that it names, by operator, and the class.
var flipSentence = regexp.MustCompile(`^(?:(the same answer)|(any answer)|a decision within (\d+) months?|a decision more than (\d+) months? away|` +
	`answer (?:at least (.+?)|at most (.+?)|less than .+ or more than (.+?)|between (.+?) and .+?|less than (.+?)|more than (.+?)|` +
	`(other than) .+?|one of ([^,]+), .+?|(.+?)))(?: instead of .+?)?, (human-confirmed|self-asserted or human-confirmed|from any source)$`)

// obey makes the fact that the sentence asks for, given now; false when the sentence is not understood.
func obey(c uld.Criterion, held predicate.Value, sentence string) (uld.Fact, bool) {
	m := flipSentence.FindStringSubmatch(sentence)
	if m == nil {
		return uld.Fact{}, false
	}
	f := uld.Fact{ID: 1000, Criterion: c.Key, At: now, Class: map[string]uld.Class{
		"human-confirmed": uld.HumanConfirmed, "self-asserted or human-confirmed": uld.SelfAsserted, "from any source": uld.Inferred,
	}[m[len(m)-1]]}
	bump := map[int]int{4: 1, 7: 1, 9: -1, 10: 1} // beyond the end that is named
	for i := 1; i < len(m)-1; i++ {
		if m[i] == "" {
			continue
		}
		f.Value = said(c, i, m[i], held, bump[i])
		return f, true
	}
	return f, false
}

func said(c uld.Criterion, group int, s string, held predicate.Value, bump int) predicate.Value {
	switch group {
	case 1:
		return held
	case 2:
		return map[predicate.Kind]predicate.Value{
			predicate.KindText: text("anything"), predicate.KindBool: yes(false), predicate.KindNumber: num(1), predicate.KindDate: predicate.Date(now),
		}[c.Type.Kind()]
	case 3, 4:
		n, _ := text(s).As(predicate.KindNumber)
		if c.Type == uld.AnswerDate {
			return predicate.Date(now.AddDate(0, int(n.Number), bump))
		}
		return num(n.Number + float64(bump))
	case 11:
		return map[predicate.Kind]predicate.Value{
			predicate.KindText: text("something else"), predicate.KindNumber: num(99), predicate.KindDate: predicate.Date(now.AddDate(9, 0, 0)),
		}[c.Type.Kind()]
	}
	v, _ := text(s).As(c.Type.Kind())
	if v.Kind == predicate.KindDate {
		return predicate.Date(v.Date.AddDate(0, 0, bump))
	}
	v.Number += float64(bump)
	return v
}

func TestFlipIsTrue(t *testing.T) {
	t.Parallel()
	flips := map[uld.State]int{}
	rapid.Check(t, func(t *rapid.T) {
		def := genDefinition().Draw(t, "def")
		facts := genFacts(def, uld.Classes()...).Draw(t, "facts")
		self := rapid.Bool().Draw(t, "self-qualified")
		for i, f := range uld.Evaluate(def, facts, self, now).Criteria {
			if f.Flip == "" {
				continue
			}
			c := def.Criteria[i]
			answer, ok := obey(c, heldNow(c, facts), f.Flip)
			if !ok {
				t.Fatalf("%s: not understood: %q", c.Key, f.Flip)
			}
			if answer.Value.Number < 0 && c.Type == uld.AnswerMonths {
				continue // "less than 0" is a flip that no lead can bring about
			}
			want := uld.Met
			if f.State == uld.Met {
				want = uld.Unmet
			}
			flips[f.State]++
			got := uld.Evaluate(def, append(slices.Clone(facts), answer), self, now).Criteria[i]
			if got.State != want {
				t.Fatalf("%s was %s (%s); %q was obeyed with %s, and it is %s (%s), want %s",
					c.Key, f.State, f.Why, f.Flip, answer.Value, got.State, got.Why, want)
			}
		}
	})
	for _, state := range []uld.State{uld.Met, uld.Unmet, uld.Missing} {
		if flips[state] == 0 {
			t.Errorf("no criterion that is %s was flipped", state)
		}
	}
}

// heldNow is the answer in force as it would be given again today: months counted down.
func heldNow(c uld.Criterion, facts []uld.Fact) predicate.Value {
	held, _ := uld.Current(facts)
	f := held[c.Key]
	if c.Type != uld.AnswerMonths || f.Value.Kind != predicate.KindNumber {
		return f.Value
	}
	gone := uld.Criterion{Key: "k", Type: uld.AnswerMonths}
	elapsed, err := gone.ParseAnswer(now.Format(time.DateOnly), f.At)
	if err != nil {
		panic(err)
	}
	return num(max(0, f.Value.Number-elapsed.Number))
}
