package predicate_test

import (
	"slices"
	"testing"

	"nurture/cadence/predicate"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	leaf := func(op predicate.Op, args ...predicate.Value) predicate.Predicate {
		return predicate.Predicate{Field: "f", Op: op, Args: args}
	}
	one, two, three := predicate.Number(1), predicate.Number(2), predicate.Text("three")
	not := leaf(predicate.Is, three)
	p := predicate.Predicate{All: []predicate.Predicate{
		{Any: []predicate.Predicate{leaf(predicate.Between, one, two), leaf(predicate.AtLeast, one)}}, {Not: &not},
	}}
	if got := p.Arguments(); !slices.Equal(got, []predicate.Value{one, two, one, three}) {
		t.Errorf("got %v", got)
	}
	if got := (predicate.Predicate{}).Arguments(); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}
