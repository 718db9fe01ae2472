// Package predicate holds the typed conditions that marketers write in YAML: audience rules, branches and the
// accepted answers of the Universal Lead Definition are all built of the same few operators, so each of them
// can say why it held and what would make it hold.
package predicate

import (
	"maps"
	"slices"
)

// Op names one operator. The set is closed: there is no expression language.
type Op string

// The operators. Is, In, AtLeast, AtMost and Between compare a field with their arguments; Known asks only whether the
// field has a value.
const (
	Is      Op = "is"
	In      Op = "in"
	AtLeast Op = "at_least"
	AtMost  Op = "at_most"
	Between Op = "between"
	Known   Op = "known"
)

// Ops lists the operators in the order in which help texts show them.
func Ops() []Op { return []Op{Is, In, AtLeast, AtMost, Between, Known} }

// Predicate is a tree: exactly one of All, Any, Not or Field is set. The zero Predicate holds for everything.
//
// A leaf compares the value of Field with Args: one for Is, AtLeast, AtMost and Known (a bool), two for Between (both
// ends included), one or more for In. Text compares without regard to case and surrounding space.
//
// An All without members holds for everything, an Any without members (not nil) for nothing. Check reports such trees, and
// those with more than one of the four set: of these Eval reads the first in the order above and ignores the others.
type Predicate struct {
	All   []Predicate
	Any   []Predicate
	Not   *Predicate
	Field string
	Op    Op
	Args  []Value
}

// Truth is the answer of a predicate. A field without a value makes a comparison Unknown, never False, so that a
// missing answer is asked for and not held against the lead.
type Truth int8

// The three answers.
const (
	False   Truth = -1
	Unknown Truth = 0
	True    Truth = 1
)

// String gives "true", "false" or "unknown".
func (t Truth) String() string {
	switch t {
	case True:
		return "true"
	case False:
		return "false"
	default:
		return "unknown"
	}
}

// Lookup gives the value of a field, such as "lead.country" or "facts.role"; false when it has none.
type Lookup func(field string) (Value, bool)

// IsZero reports whether p is the zero Predicate, which holds for everything.
func (p Predicate) IsZero() bool {
	return p.All == nil && p.Any == nil && p.Not == nil && p.Field == "" && p.Op == "" && len(p.Args) == 0
}

// Fields lists the fields that p reads, each once, sorted.
func (p Predicate) Fields() []string {
	set := map[string]bool{}
	p.walk(func(leaf Predicate) { set[leaf.Field] = true })
	return slices.Sorted(maps.Keys(set))
}

// Arguments lists the values that p compares with, in the order in which they are written, repetitions included.
func (p Predicate) Arguments() []Value {
	var args []Value
	p.walk(func(leaf Predicate) { args = append(args, leaf.Args...) })
	return args
}

// walk visits the leaves in the order in which they are written.
func (p Predicate) walk(visit func(leaf Predicate)) {
	for _, q := range p.All {
		q.walk(visit)
	}
	for _, q := range p.Any {
		q.walk(visit)
	}
	if p.Not != nil {
		p.Not.walk(visit)
	}
	if p.Field != "" {
		visit(p)
	}
}
