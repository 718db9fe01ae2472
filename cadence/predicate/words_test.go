package predicate_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
)

func Example() {
	rule := predicate.Predicate{All: []predicate.Predicate{
		{Field: "lead.country", Op: predicate.In, Args: []predicate.Value{predicate.Text("DE"), predicate.Text("AT")}},
		{Field: "facts.timeframe", Op: predicate.AtMost, Args: []predicate.Value{predicate.Number(6)}},
		{Field: "facts.role", Op: predicate.Known, Args: []predicate.Value{predicate.Bool(true)}},
	}}
	look := func(field string) (predicate.Value, bool) {
		v, ok := map[string]predicate.Value{
			"lead.country": predicate.Text("DE"), "facts.timeframe": predicate.Number(12), "facts.role": predicate.Text("CIO"),
		}[field]
		return v, ok
	}
	fmt.Println(rule)
	fmt.Println(rule.Eval(look))
	fmt.Println(rule.Explain(look))
	fmt.Println(rule.Flip(look))
	// Output:
	// lead.country is one of DE, AT and facts.timeframe is at most 6 and facts.role is known
	// false
	// facts.timeframe is 12, more than 6
	// facts.timeframe at most 6 instead of 12
}

// wordsCase is a predicate with what it says, how it explains itself, and what would flip it.
type wordsCase struct {
	p                     P
	said, explained, flip string
}

func wordss1() []wordsCase {
	return []wordsCase{
		{P{}, "always", "there is no condition", ""},
		{holds, "country is FR", "country is FR", ""},
		{fails, "country is DE", "country is FR, not DE", "country DE instead of FR"},
		{not(holds), "country is not FR", "country is FR", "country other than FR instead of FR"},
		{not(fails), "country is not DE", "country is FR, not DE", ""},
		{leaf("country", predicate.In, text("DE")), "country is DE", "country is FR, not DE", "country DE instead of FR"},
		{leaf("country", predicate.In, text("fr")), "country is fr", "country is FR", ""},
		{
			leaf("country", predicate.In, text("FR"), text("AT")), "country is one of FR, AT",
			"country is FR, one of FR, AT", "",
		},
		{
			not(leaf("country", predicate.In, text("FR"), text("AT"))), "country is not one of FR, AT",
			"country is FR, one of FR, AT", "country other than one of FR, AT instead of FR",
		},
		{
			leaf("country", predicate.In, text("DE"), text("AT")), "country is one of DE, AT",
			"country is FR, not one of DE, AT", "country one of DE, AT instead of FR",
		},
		{
			leaf("answer", predicate.AtMost, num(6)), "answer is at most 6",
			"answer is 12, more than 6", "answer at most 6 instead of 12",
		},
		{
			not(leaf("answer", predicate.AtMost, num(20))), "answer is not at most 20",
			"answer is 12, at most 20", "answer more than 20 instead of 12",
		},
		{
			leaf("answer", predicate.AtLeast, num(20)), "answer is at least 20",
			"answer is 12, less than 20", "answer at least 20 instead of 12",
		},
		{
			leaf("answer", predicate.Between, num(1), num(3)), "answer is between 1 and 3",
			"answer is 12, less than 1 or more than 3", "answer between 1 and 3 instead of 12",
		},
		{
			not(leaf("answer", predicate.Between, num(1), num(13))), "answer is not between 1 and 13",
			"answer is 12, between 1 and 13", "answer less than 1 or more than 13 instead of 12",
		},
		{
			leaf("role", predicate.AtLeast, num(3)), "role is at least 3",
			"role is Head of IT, which has no order with 3", "role at least 3 instead of Head of IT",
		},
		{not(leaf("consent", predicate.Is, yes(true))), "consent is not yes", "consent is yes", "consent no instead of yes"},
		{not(leaf("consent", predicate.In, yes(true))), "consent is not yes", "consent is yes", "consent no instead of yes"},
		{unknown, "budget is at least 1", "budget is not known", "budget at least 1"},
		{leaf("budget", predicate.Known, yes(true)), "budget is known", "budget is not known", "budget known"},
	}
}

func wordss2() []wordsCase {
	long := strings.Repeat("word ", 40)
	return []wordsCase{
		{leaf("country", predicate.Known, yes(false)), "country is not known", "country is known", "country not known"},
		{not(leaf("budget", predicate.Known, yes(false))), "budget is known", "budget is not known", "budget known"},
		{not(leaf("country", predicate.Known, yes(true))), "country is not known", "country is known", "country not known"},
		{
			all(holds, fails, unknown), "country is FR and country is DE and budget is at least 1",
			"country is FR, not DE", "country DE instead of FR and budget at least 1",
		},
		{all(holds, unknown), "country is FR and budget is at least 1", "budget is not known", "budget at least 1"},
		{
			all(holds, anyOf(fails, unknown)), "country is FR and (country is DE or budget is at least 1)",
			"budget is not known", "country DE instead of FR or budget at least 1",
		},
		{
			all(unknown, anyOf(fails, unknown)), "budget is at least 1 and (country is DE or budget is at least 1)",
			"budget is not known and budget is not known", "budget at least 1 and (country DE instead of FR or budget at least 1)",
		},
		{anyOf(holds, fails), "country is FR or country is DE", "country is FR", ""},
		{anyOf(fails), "country is DE", "country is FR, not DE", "country DE instead of FR"},
		{not(all(holds, fails)), "not (country is FR and country is DE)", "country is FR, not DE", ""},
		{
			not(all(holds, not(fails))), "not (country is FR and country is not DE)",
			"country is FR and country is FR, not DE", "country other than FR instead of FR or country DE instead of FR",
		},
		{
			not(anyOf(holds, unknown)), "not (country is FR or budget is at least 1)",
			"country is FR", "country other than FR instead of FR and budget less than 1",
		},
		{not(not(fails)), "not (country is not DE)", "country is FR, not DE", "country DE instead of FR"},
		{all(), "always", "there is no condition", ""},
		{anyOf(), "never", "there is no condition", "nothing"},
		{not(P{}), "not (always)", "always", "nothing"},
		{anyOf(fails, anyOf()), "country is DE or never", "country is FR, not DE and there is no condition", "country DE instead of FR"},
		{all(unknown, anyOf()), "budget is at least 1 and never", "there is no condition", "nothing"},
		{
			leaf("country", predicate.Between, text("A")), "country is between A (malformed)",
			"country is between A (malformed)", "a correction of the condition country is between A (malformed)",
		},
		{
			leaf("country", predicate.Is, text(long)), "country is " + long[:79] + "…",
			"country is FR, not " + long[:79] + "…", "country " + long[:79] + "… instead of FR",
		},
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, tc := range append(wordss1(), wordss2()...) {
		if got := tc.p.String(); got != tc.said {
			t.Errorf("String:\n got %s\nwant %s", got, tc.said)
		}
		if got := tc.p.Explain(lead.look); got != tc.explained {
			t.Errorf("Explain %s:\n got %s\nwant %s", tc.p, got, tc.explained)
		}
		if got := tc.p.Flip(lead.look); got != tc.flip {
			t.Errorf("Flip %s:\n got %s\nwant %s", tc.p, got, tc.flip)
		}
	}
}

// flipped matches what Flip says of one leaf; the value that it names is in one of the groups.
var flipped = regexp.MustCompile(
	`^[abc] (?:(known)|(not known)|(other than .+?)|at least (.+?)|at most (.+?)|less than .+ or more than (.+?)|between (.+?) and .+?|` +
		`less than (.+?)|more than (.+?)|one of ([^,]+), .+?|(.+?))(?: instead of .+)?$`)

// obey changes the field as the sentence says; false when the sentence is not understood.
func obey(sentence string) (value V, ok bool) {
	m := flipped.FindStringSubmatch(sentence)
	if m == nil {
		return V{}, false
	}
	bump := map[int]float64{6: 1, 8: -1, 9: 1} // beyond the end that is named
	switch {
	case m[1] != "":
		return text("anything"), true
	case m[2] != "":
		return V{}, true
	case m[3] != "":
		return text("something else"), true
	}
	for i := 4; i < len(m); i++ {
		if m[i] == "" {
			continue
		}
		v := text(m[i])
		if n, isNumber := v.As(predicate.KindNumber); isNumber {
			return num(n.Number + bump[i]), true
		}
		if d, isDate := v.As(predicate.KindDate); isDate {
			return predicate.Date(d.Date.AddDate(0, 0, int(bump[i]))), true
		}
		return v, true
	}
	return V{}, false
}

func TestFlipIsTrue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := genLeaf(predicate.Ops()...).Draw(t, "p")
		if errs := p.Check(nil); len(errs) > 0 {
			t.Skip("nobody can obey a faulty condition")
		}
		if rapid.Bool().Draw(t, "not") {
			p = not(p)
		}
		f := genFields().Draw(t, "fields")
		sentence := p.Flip(f.look)
		if p.Eval(f.look) == predicate.True {
			if sentence != "" {
				t.Fatalf("%s holds, yet a flip is offered: %s", p, sentence)
			}
			return
		}
		value, ok := obey(sentence)
		if !ok {
			t.Fatalf("%s: not understood: %q", p, sentence)
		}
		f[p.Fields()[0]] = value
		if p.Eval(f.look) != predicate.True {
			t.Fatalf("%s does not hold though %q was obeyed with %s", p, sentence, value)
		}
	})
}

// Every tree gets sentences, and Flip offers nothing exactly when there is nothing to change.
func TestEveryTreeIsWorded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := genTree(2, predicate.Ops()...).Draw(t, "p")
		look := genFields().Draw(t, "fields").look
		if p.String() == "" || p.Explain(look) == "" {
			t.Fatalf("no words: %q, %q", p.String(), p.Explain(look))
		}
		if (p.Flip(look) == "") != (p.Eval(look) == predicate.True) {
			t.Fatalf("%s is %s, flip %q", p, p.Eval(look), p.Flip(look))
		}
	})
}
