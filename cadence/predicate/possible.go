package predicate

import (
	"slices"
	"time"
)

// Possible reports whether a predicate whose leaves are all about one field can hold for some value that may come; nil takes every value. Where
// the field can only have certain values, these are values; nil is any. bounds are numbers that what may come turns on, beside the arguments. It answers
// true where there is too much to try.
//
// Between two neighbouring arguments nothing a predicate says changes, so that it is enough to try each of them, what lies between two, what lies
// beyond all, a text that is none of them, and no value.
func (p Predicate) Possible(values []Value, may func(Value) bool, bounds ...float64) bool {
	if values == nil {
		values = p.trials(bounds)
	}
	if len(values) > mostTrials {
		return true
	}
	return slices.ContainsFunc(values, func(v Value) bool {
		return (may == nil || may(v)) && p.Eval(func(string) (Value, bool) { return v, !v.IsZero() }) == True
	})
}

// mostTrials keeps hostile lists from costing minutes; so many values contradict each other in no written condition.
const mostTrials = 5_000

// otherText is a text that nobody writes as an argument.
const otherText = "\uFFFDother\uFFFD"

func (p Predicate) trials(numbers []float64) []Value {
	values := []Value{{}, Bool(true), Bool(false), Text(otherText)}
	numbers = slices.Clone(numbers)
	p.walk(func(leaf Predicate) {
		for _, arg := range leaf.Args {
			values = append(values, arg)
			if n, ok := arg.As(KindNumber); ok {
				numbers = append(numbers, n.Number)
			}
			if d, ok := arg.As(KindDate); ok {
				for _, day := range []int{-1, 0, 1} {
					values = append(values, Date(d.Date.In(time.UTC).AddDate(0, 0, day)))
				}
			}
		}
	})
	slices.Sort(numbers)
	for i, n := range numbers {
		values = append(values, Number(n))
		if i == 0 {
			values = append(values, Number(n-1))
			continue
		}
		values = append(values, Number(numbers[i-1]+(n-numbers[i-1])/2))
	}
	if len(numbers) > 0 {
		values = append(values, Number(numbers[len(numbers)-1]+1))
	}
	return values
}
