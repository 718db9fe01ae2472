package predicate_test

import (
	"testing"
	"time"

	"nurture/cadence/predicate"
)

func TestPossible(t *testing.T) {
	t.Parallel()
	leaf := func(op predicate.Op, args ...predicate.Value) predicate.Predicate {
		return predicate.Predicate{Field: "x", Op: op, Args: args}
	}
	all := func(parts ...predicate.Predicate) predicate.Predicate { return predicate.Predicate{All: parts} }
	not := func(p predicate.Predicate) predicate.Predicate { return predicate.Predicate{Not: &p} }
	day := func(d int) predicate.Value { return predicate.Date(time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC)) }
	months := func(v predicate.Value) bool { return v.Kind == predicate.KindNumber && v.Number >= 0 && v.Number <= 4 }
	for name, c := range map[string]struct {
		p      predicate.Predicate
		values []predicate.Value
		may    func(predicate.Value) bool
		bounds []float64
		want   bool
	}{
		"one end":             {p: leaf(predicate.AtLeast, predicate.Number(200)), want: true},
		"both ends":           {p: all(leaf(predicate.AtLeast, predicate.Number(20)), leaf(predicate.AtMost, predicate.Number(50))), want: true},
		"the ends reversed":   {p: all(leaf(predicate.AtLeast, predicate.Number(50)), leaf(predicate.AtMost, predicate.Number(20)))},
		"the ends are one":    {p: all(leaf(predicate.AtLeast, predicate.Number(50)), leaf(predicate.AtMost, predicate.Number(50))), want: true},
		"only what is left":   {p: all(leaf(predicate.AtLeast, predicate.Number(1)), leaf(predicate.AtMost, predicate.Number(2)), not(leaf(predicate.In, predicate.Number(1), predicate.Number(2)))), want: true},
		"nothing is left":     {p: all(leaf(predicate.AtLeast, predicate.Number(1)), leaf(predicate.AtMost, predicate.Number(1)), not(leaf(predicate.Is, predicate.Number(1))))},
		"dates":               {p: all(leaf(predicate.AtLeast, day(3)), leaf(predicate.AtMost, day(5)), not(leaf(predicate.In, day(3), day(5)))), want: true},
		"dates reversed":      {p: all(leaf(predicate.AtLeast, day(5)), leaf(predicate.AtMost, day(3)))},
		"another text":        {p: not(leaf(predicate.In, predicate.Text("a"), predicate.Text("b"))), want: true},
		"two texts":           {p: all(leaf(predicate.Is, predicate.Text("a")), leaf(predicate.Is, predicate.Text("b")))},
		"one text twice":      {p: all(leaf(predicate.Is, predicate.Text("a")), leaf(predicate.Is, predicate.Text("A"))), want: true},
		"not known":           {p: leaf(predicate.Known, predicate.Bool(false)), want: true},
		"not known, and is":   {p: all(leaf(predicate.Known, predicate.Bool(false)), leaf(predicate.Is, predicate.Text("a")))},
		"none of the options": {p: not(leaf(predicate.In, predicate.Text("a"), predicate.Text("b"))), values: []predicate.Value{predicate.Text("a"), predicate.Text("b")}},
		"one of the options":  {p: not(leaf(predicate.In, predicate.Text("a"))), values: []predicate.Value{predicate.Text("a"), predicate.Text("b")}, want: true},
		"beyond the horizon":  {p: leaf(predicate.AtLeast, predicate.Number(5)), may: months, bounds: []float64{0, 4}},
		"at the horizon":      {p: leaf(predicate.AtLeast, predicate.Number(4)), may: months, bounds: []float64{0, 4}, want: true},
		"within the horizon":  {p: not(leaf(predicate.In, predicate.Number(0), predicate.Number(4))), may: months, bounds: []float64{0, 4}, want: true},
	} {
		if got := c.p.Possible(c.values, c.may, c.bounds...); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
