package predicate_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
)

// P, V and the leaf makers keep the tables readable.
type (
	P = predicate.Predicate
	V = predicate.Value
)

var (
	text, num, yes = predicate.Text, predicate.Number, predicate.Bool

	lead = fields{
		"country": text("FR"), "employees": num(250), "staff": text("1200"), "consent": yes(true), "end": date("2026-06-30"),
		"answer": num(12), "blank": text("  "), "role": text("Head of IT"), "nan": num(math.NaN()),
	}
)

type fields map[string]V

func (f fields) look(field string) (V, bool) {
	v, ok := f[field]
	return v, ok
}

func leaf(field string, op predicate.Op, args ...V) P { return P{Field: field, Op: op, Args: args} }
func all(members ...P) P                              { return P{All: append([]P{}, members...)} }
func anyOf(members ...P) P                            { return P{Any: append([]P{}, members...)} }
func not(p P) P                                       { return P{Not: &p} }

var (
	holds   = leaf("country", predicate.Is, text("FR"))
	fails   = leaf("country", predicate.Is, text("DE"))
	unknown = leaf("budget", predicate.AtLeast, num(1))
)

func TestEval(t *testing.T) {
	t.Parallel()
	const yesT, noT, unknownT = predicate.True, predicate.False, predicate.Unknown
	for _, tc := range []struct {
		name string
		p    P
		want predicate.Truth
	}{
		{"zero holds", P{}, yesT},
		{"text ignores case and space", leaf("country", predicate.Is, text(" fr ")), yesT},
		{"another text", fails, noT},
		{"missing field", unknown, unknownT},
		{"blank text is not known", leaf("blank", predicate.Is, text("")), unknownT},
		{"one of", leaf("country", predicate.In, text("DE"), text("FR")), yesT},
		{"none of", leaf("country", predicate.In, text("DE"), text("AT")), noT},
		{"bool", leaf("consent", predicate.Is, yes(true)), yesT},
		{"bool against text", leaf("consent", predicate.Is, text("yes")), yesT},
		{"bool against number", leaf("consent", predicate.Is, num(1)), noT},
		{"at least, equal", leaf("employees", predicate.AtLeast, num(250)), yesT},
		{"at least, less", leaf("employees", predicate.AtLeast, num(251)), noT},
		{"at most, equal", leaf("employees", predicate.AtMost, num(250)), yesT},
		{"at most, more", leaf("employees", predicate.AtMost, num(249)), noT},
		{"between includes its lower end", leaf("answer", predicate.Between, num(12), num(20)), yesT},
		{"between includes its upper end", leaf("answer", predicate.Between, num(6), num(12)), yesT},
		{"outside between", leaf("answer", predicate.Between, num(13), num(20)), noT},
		{"number in text form", leaf("staff", predicate.AtLeast, num(1000)), yesT},
		{"number in text form, as text", leaf("staff", predicate.AtLeast, text("999")), yesT},
		{"number against number in text form", leaf("employees", predicate.AtMost, text("300")), yesT},
		{"dates", leaf("end", predicate.AtMost, date("2026-06-30")), yesT},
		{"date against text", leaf("end", predicate.Between, text("2026-01-01"), text("2026-12-31")), yesT},
		{"date against number", leaf("end", predicate.AtLeast, num(3)), noT},
		{"texts have no order", leaf("role", predicate.AtLeast, text("A")), noT},
		{"bools have no order", leaf("consent", predicate.AtLeast, yes(false)), noT},
		{"nan has no order", leaf("nan", predicate.AtMost, num(3)), noT},
		{"known", leaf("country", predicate.Known, yes(true)), yesT},
		{"known of a missing field", leaf("budget", predicate.Known, yes(true)), noT},
		{"known of a blank", leaf("blank", predicate.Known, yes(true)), noT},
		{"not known of a missing field", leaf("budget", predicate.Known, yes(false)), yesT},
		{"not known of a field", leaf("country", predicate.Known, yes(false)), noT},
		{"all", all(holds, holds), yesT},
		{"all: unknown", all(holds, unknown), unknownT},
		{"all: false dominates", all(unknown, fails, holds), noT},
		{"all of nothing", all(), yesT},
		{"any", anyOf(fails, unknown, holds), yesT},
		{"any: unknown", anyOf(fails, unknown), unknownT},
		{"any: false", anyOf(fails, fails), noT},
		{"any of nothing", anyOf(), noT},
		{"not", not(fails), yesT},
		{"not of true", not(holds), noT},
		{"not of unknown", not(unknown), unknownT},
		{"malformed: no operator", P{Field: "country"}, unknownT},
		{"malformed: no field", P{Op: predicate.Is, Args: []V{num(1)}}, unknownT},
		{"malformed: args", leaf("country", predicate.Between, text("a")), unknownT},
		{"malformed: operator", leaf("country", "like", text("F%")), unknownT},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.p.Eval(lead.look); got != tc.want {
				t.Errorf("%s: got %s, want %s", tc.p, got, tc.want)
			}
		})
	}
}

func TestTruthString(t *testing.T) {
	t.Parallel()
	for truth, want := range map[predicate.Truth]string{predicate.True: "true", predicate.False: "false", predicate.Unknown: "unknown"} {
		if got := truth.String(); got != want {
			t.Errorf("%d: got %q, want %q", truth, got, want)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	p := all(leaf("b", predicate.Is, num(1)), anyOf(leaf("a", predicate.Is, num(1)), not(leaf("c", predicate.Is, num(1)))),
		leaf("b", predicate.Is, num(2)))
	if got, want := p.Fields(), []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (P{}).Fields(); len(got) != 0 {
		t.Errorf("the zero predicate reads %v", got)
	}
}

// genValue draws values of few kinds from a small range, so that drawn predicates do hold now and then.
func genValue() *rapid.Generator[V] {
	return rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 9), func(n int) V { return num(float64(n)) }),
		rapid.Map(rapid.SampledFrom([]string{"DE", "at", "3", "yes", "2026-01-15"}), text),
		rapid.Map(rapid.Bool(), yes),
		rapid.Map(rapid.SampledFrom([]string{"2026-01-15", "2026-03-01", "2027-01-01"}), date),
	)
}

func genLeaf(ops ...predicate.Op) *rapid.Generator[P] {
	return rapid.Custom(func(t *rapid.T) P {
		p := P{Field: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "field"), Op: rapid.SampledFrom(ops).Draw(t, "op")}
		switch p.Op {
		case predicate.Between:
			p.Args = []V{genValue().Draw(t, "lo"), genValue().Draw(t, "hi")}
		case predicate.Known:
			p.Args = []V{yes(rapid.Bool().Draw(t, "known"))}
		case predicate.In:
			p.Args = rapid.SliceOfN(genValue(), 1, 3).Draw(t, "in")
		default:
			p.Args = []V{genValue().Draw(t, "arg")}
		}
		return p
	})
}

func genTree(depth int, ops ...predicate.Op) *rapid.Generator[P] {
	if depth == 0 {
		return genLeaf(ops...)
	}
	return rapid.Custom(func(t *rapid.T) P {
		members := rapid.SliceOfN(genTree(depth-1, ops...), 1, 3)
		switch rapid.IntRange(0, 3).Draw(t, "node") {
		case 0:
			return all(members.Draw(t, "all")...)
		case 1:
			return anyOf(members.Draw(t, "any")...)
		case 2:
			return not(genTree(depth-1, ops...).Draw(t, "not"))
		}
		return genLeaf(ops...).Draw(t, "leaf")
	})
}

func genFields() *rapid.Generator[fields] {
	return rapid.Custom(func(t *rapid.T) fields {
		return rapid.MapOf(rapid.SampledFrom([]string{"a", "b", "c"}), genValue()).Draw(t, "fields")
	})
}

var comparing = []predicate.Op{predicate.Is, predicate.In, predicate.AtLeast, predicate.AtMost, predicate.Between}

// Unknown means "depends on what is missing": whatever is learned later, an answer that was True or False stays.
func TestLearningMoreNeverOverturnsAnAnswer(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := genTree(2, comparing...).Draw(t, "p")
		less := genFields().Draw(t, "less")
		before := p.Eval(less.look)
		more := fields{}
		for _, field := range []string{"a", "b", "c"} {
			if v, ok := less[field]; ok {
				more[field] = v
				continue
			}
			more[field] = genValue().Draw(t, field)
		}
		after := p.Eval(more.look)
		if after == predicate.Unknown {
			t.Fatalf("%s is unknown though every field is known", p)
		}
		if before != predicate.Unknown && before != after {
			t.Fatalf("%s was %s and became %s", p, before, after)
		}
	})
}

func TestDeMorgan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, q := genTree(1, predicate.Ops()...).Draw(t, "p"), genTree(1, predicate.Ops()...).Draw(t, "q")
		look := genFields().Draw(t, "fields").look
		if a, b := not(all(p, q)).Eval(look), anyOf(not(p), not(q)).Eval(look); a != b {
			t.Fatalf("not(p and q) is %s, (not p or not q) is %s", a, b)
		}
	})
}
