package predicate

import (
	"fmt"
	"math"
	"strings"
)

// Fault is one thing wrong with a predicate. Check returns only this type.
type Fault struct {
	Path    string // where in the tree, such as "all_of[1].not"; "" is the root
	Field   string // the leaf's field; "" for a fault of a group
	Op      Op     // the leaf's operator; "" for a fault of the field or a group
	Message string // what is wrong
	Hint    string // the way out
}

// Error gives place, reason and way out in one line.
func (f *Fault) Error() string {
	var place []string
	for _, s := range []string{f.Path, f.Field, string(f.Op)} {
		if s != "" {
			place = append(place, s)
		}
	}
	if len(place) == 0 {
		place = []string{"condition"}
	}
	s := strings.Join(place, " ") + ": " + f.Message
	if f.Hint != "" {
		s += "; " + f.Hint
	}
	return s
}

// Check finds everything wrong with p without evaluating it: groups that are empty or ambiguous, unknown operators, wrong
// numbers of arguments, arguments that can never compare with their field, Between with its ends reversed. known tells the
// kind of a field ("" when any kind may come) and false for a field that does not exist; nil accepts every field.
//
// Each error is a *Fault. The zero Predicate is fine.
func (p Predicate) Check(known func(field string) (Kind, bool)) []error {
	if p.IsZero() {
		return nil
	}
	c := checker{known: known}
	c.node("", p)
	return c.faults
}

type checker struct {
	known  func(string) (Kind, bool)
	faults []error
}

func (c *checker) fault(path string, leaf Predicate, message, hint string) {
	c.faults = append(c.faults, &Fault{Path: path, Field: leaf.Field, Op: leaf.Op, Message: message, Hint: hint})
}

func (c *checker) node(path string, p Predicate) {
	set := 0
	for _, is := range []bool{p.All != nil, p.Any != nil, p.Not != nil, p.Field != "" || p.Op != "" || len(p.Args) > 0} {
		if is {
			set++
		}
	}
	switch {
	case set == 0:
		c.fault(path, Predicate{}, "the condition is empty", "write a field with an operator, or leave it out")
		return
	case set > 1:
		c.fault(path, Predicate{}, "all_of, any_of, not and a field stand side by side in one condition", "put them into one all_of")
		return
	}
	c.group(path, "all_of", p.All)
	c.group(path, "any_of", p.Any)
	switch {
	case p.Not != nil:
		c.node(join(path, "not"), *p.Not)
	case p.All == nil && p.Any == nil:
		c.leaf(path, p)
	}
}

func (c *checker) group(path, name string, members []Predicate) {
	if members != nil && len(members) == 0 {
		c.fault(join(path, name), Predicate{}, name+" has no members", "write at least one condition, or leave "+name+" out")
	}
	for i, q := range members {
		c.node(join(path, fmt.Sprintf("%s[%d]", name, i)), q)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func (c *checker) leaf(path string, p Predicate) {
	kind := Kind("")
	switch {
	case p.Field == "":
		c.fault(path, p, "the operator has no field", "write it under a field, such as lead.country")
	case c.known != nil:
		k, ok := c.known(p.Field)
		if !ok {
			c.fault(path, Predicate{Field: p.Field}, "there is no such field", "check the spelling, or add it to the fields of the import")
		}
		kind = k
	}
	if !p.wellFormed() {
		message, hint := p.malformed()
		c.fault(path, p, message, hint)
		return
	}
	if p.Op == Known {
		return
	}
	for _, arg := range p.Args {
		if message, hint := incomparable(p.Op, kind, arg); message != "" {
			c.fault(path, p, message, hint)
			return
		}
	}
	if p.Op == Between {
		n, ok := order(p.Args[0], p.Args[1])
		switch {
		case !ok:
			c.fault(path, p, fmt.Sprintf("%s and %s cannot be compared with each other", quote(p.Args[0]), quote(p.Args[1])),
				"write two numbers or two dates")
		case n > 0:
			c.fault(path, p, fmt.Sprintf("the ends are reversed: nothing is between %s and %s", quote(p.Args[0]), quote(p.Args[1])),
				fmt.Sprintf("write [%s, %s]", p.Args[1], p.Args[0]))
		}
	}
}

// malformed says what is wrong with a leaf that is not well-formed.
func (p Predicate) malformed() (message, hint string) {
	switch p.Op {
	case "":
		return "the field has no operator", opsHint()
	case In:
		return "in has no values to choose from", "write in: [one, two]"
	case Between:
		return fmt.Sprintf("between takes 2 values, not %d", len(p.Args)), "write between: [3, 6]; both ends are included"
	case Known:
		return "known takes true or false", "write known: true, or known: false"
	case Is, AtLeast, AtMost:
		return fmt.Sprintf("%s takes 1 value, not %d", p.Op, len(p.Args)), "for one of several write in: [one, two]"
	}
	return fmt.Sprintf("there is no operator %q", string(p.Op)), opsHint()
}

func opsHint() string {
	names := make([]string, 0, len(Ops()))
	for _, op := range Ops() {
		names = append(names, string(op))
	}
	return "use one of " + strings.Join(names, ", ")
}

// incomparable says why a field of this kind can never compare with arg, "" when it may.
func incomparable(op Op, field Kind, arg Value) (message, hint string) {
	switch {
	case arg.Blank():
		return "a value is empty", "to ask for a missing value write known: false"
	case arg.Kind == KindNumber && (math.IsNaN(arg.Number) || math.IsInf(arg.Number, 0)):
		return "the number is not finite", "write an ordinary number"
	}
	if op != Is && op != In {
		_, number := arg.As(KindNumber)
		_, date := arg.As(KindDate)
		if !number && !date {
			return fmt.Sprintf("%s has no order", quote(arg)), "write a number or a date such as 2026-01-15, or use is or in"
		}
		if field == KindBool {
			return "a yes-or-no field has no order", "write is: true or is: false"
		}
	}
	if field == "" || field == KindText {
		return "", ""
	}
	if _, ok := arg.As(field); !ok {
		return fmt.Sprintf("the field is %s and never compares with %s", kindWords(field), quote(arg)), kindHint(field)
	}
	return "", ""
}

func kindWords(k Kind) string {
	switch k {
	case KindNumber:
		return "a number"
	case KindBool:
		return "yes or no"
	case KindDate:
		return "a date"
	case KindText:
	}
	return "a text"
}

func kindHint(k Kind) string {
	switch k { //nolint:exhaustive // text compares with everything
	case KindNumber:
		return "write a number without quotes"
	case KindDate:
		return "write a date such as 2026-01-15"
	}
	return "write true or false"
}

func quote(v Value) string {
	if v.Kind == KindText {
		return fmt.Sprintf("%q", brief(v.Text))
	}
	return v.String()
}
