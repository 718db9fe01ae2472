package predicate_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"nurture/cadence/predicate"
)

func kinds(field string) (predicate.Kind, bool) {
	k, ok := map[string]predicate.Kind{
		"country": predicate.KindText, "employees": predicate.KindNumber, "consent": predicate.KindBool, "end": predicate.KindDate, "custom": "",
	}[field]
	return k, ok
}

func TestCheckAccepts(t *testing.T) {
	t.Parallel()
	for _, p := range []P{
		{},
		leaf("country", predicate.In, text("DE"), text("AT")),
		leaf("country", predicate.AtLeast, num(3)), // an imported number in text form
		leaf("employees", predicate.Between, num(3), num(3)),
		leaf("employees", predicate.AtLeast, text("50")),
		leaf("consent", predicate.Is, text("yes")),
		leaf("end", predicate.Between, text("2026-01-01"), date("2026-12-31")),
		leaf("custom", predicate.AtMost, date("2026-12-31")),
		leaf("custom", predicate.Known, yes(false)),
		all(not(leaf("consent", predicate.Is, yes(true))), anyOf(leaf("country", predicate.Is, text("DE")))),
	} {
		if errs := p.Check(kinds); len(errs) > 0 {
			t.Errorf("%s: %v", p, errs)
		}
	}
	if errs := leaf("anything", predicate.Is, num(1)).Check(nil); len(errs) > 0 {
		t.Errorf("without known fields every field is accepted, got %v", errs)
	}
}

func TestCheckFinds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		p    P
		want string // the whole error
	}{
		{leaf("land", predicate.Is, text("DE")), `land: there is no such field; check the spelling, or add it to the fields of the import`},
		{P{Field: "country"}, `country: the field has no operator; use one of is, in, at_least, at_most, between, known`},
		{leaf("country", "like", text("D%")), `country like: there is no operator "like"; use one of is, in, at_least, at_most, between, known`},
		{P{Op: predicate.Is, Args: []V{num(1)}}, `is: the operator has no field; write it under a field, such as lead.country`},
		{leaf("country", predicate.Is), `country is: is takes 1 value, not 0; for one of several write in: [one, two]`},
		{leaf("employees", predicate.AtMost, num(1), num(2)), `employees at_most: at_most takes 1 value, not 2; for one of several write in: [one, two]`},
		{leaf("country", predicate.In), `country in: in has no values to choose from; write in: [one, two]`},
		{leaf("employees", predicate.Between, num(1)), `employees between: between takes 2 values, not 1; write between: [3, 6]; both ends are included`},
		{leaf("country", predicate.Known, text("yes")), `country known: known takes true or false; write known: true, or known: false`},
		{leaf("country", predicate.Is, V{}), `country is: a value is empty; to ask for a missing value write known: false`},
		{leaf("employees", predicate.Is, num(math.Inf(1))), `employees is: the number is not finite; write an ordinary number`},
		{leaf("employees", predicate.Between, num(6), num(3)), `employees between: the ends are reversed: nothing is between 6 and 3; write [3, 6]`},
		{leaf("custom", predicate.Between, num(6), date("2026-01-01")), `custom between: 6 and 2026-01-01 cannot be compared with each other; write two numbers or two dates`},
		{leaf("country", predicate.AtLeast, text("M")), `country at_least: "M" has no order; write a number or a date such as 2026-01-15, or use is or in`},
		{leaf("consent", predicate.AtLeast, num(1)), `consent at_least: a yes-or-no field has no order; write is: true or is: false`},
		{leaf("employees", predicate.In, num(3), text("many")), `employees in: the field is a number and never compares with "many"; write a number without quotes`},
		{leaf("end", predicate.Is, text("June")), `end is: the field is a date and never compares with "June"; write a date such as 2026-01-15`},
		{leaf("consent", predicate.Is, num(1)), `consent is: the field is yes or no and never compares with 1; write true or false`},
		{not(P{}), `not: the condition is empty; write a field with an operator, or leave it out`},
		{all(), `all_of: all_of has no members; write at least one condition, or leave all_of out`},
		{
			all(leaf("consent", predicate.Is, yes(true)), not(anyOf())),
			`all_of[1].not.any_of: any_of has no members; write at least one condition, or leave any_of out`,
		},
		{
			P{All: []P{leaf("consent", predicate.Is, yes(true))}, Field: "country", Op: predicate.Is, Args: []V{text("DE")}},
			`condition: all_of, any_of, not and a field stand side by side in one condition; put them into one all_of`,
		},
	} {
		errs := tc.p.Check(kinds)
		if len(errs) != 1 || errs[0].Error() != tc.want {
			t.Errorf("got  %v\nwant %s", errs, tc.want)
		}
	}
	other := leaf("note", predicate.Is, predicate.Value{Kind: predicate.KindNumber, Number: 1})
	errs := other.Check(func(string) (predicate.Kind, bool) { return "colour", true })
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "never compares") {
		t.Errorf("a kind that nobody knows: %v", errs)
	}
}

func TestCheckFindsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	p := all(leaf("land", "like", text("x")), anyOf(leaf("employees", predicate.Between, num(6), num(3)), not(P{})))
	errs := p.Check(kinds)
	want := []predicate.Fault{
		{Path: "all_of[0]", Field: "land"},
		{Path: "all_of[0]", Field: "land", Op: "like"},
		{Path: "all_of[1].any_of[0]", Field: "employees", Op: predicate.Between},
		{Path: "all_of[1].any_of[1].not"},
	}
	if len(errs) != len(want) {
		t.Fatalf("got %d faults: %v", len(errs), errs)
	}
	for i, err := range errs {
		var fault *predicate.Fault
		if !errors.As(err, &fault) {
			t.Fatalf("%v is not a Fault", err)
		}
		if fault.Path != want[i].Path || fault.Field != want[i].Field || fault.Op != want[i].Op {
			t.Errorf("fault %d at %q %q %q, want %+v", i, fault.Path, fault.Field, fault.Op, want[i])
		}
	}
	if got := (&predicate.Fault{Path: "not", Message: "wrong"}).Error(); got != "not: wrong" {
		t.Errorf("without a hint: %q", got)
	}
}
