package predicate

import (
	"cmp"
	"math"
	"strings"
)

// Eval answers p by three-valued logic: in All a False decides, in Any a True, and otherwise an Unknown leaves the whole
// Unknown; Not turns True and False round. Known always answers True or False.
//
// Values of different kinds compare when one is text that reads as the other's kind ("12" with 12, "yes" with true,
// "2026-01-15" with that date); else the comparison is False. Only numbers and dates have an order. A text of white space
// only counts as not known. A malformed leaf (see Check) is Unknown.
func (p Predicate) Eval(look Lookup) Truth {
	switch {
	case p.All != nil:
		return p.evalAll(look)
	case p.Any != nil:
		return p.evalAny(look)
	case p.Not != nil:
		return -p.Not.Eval(look)
	case p.Field != "":
		v, _ := find(look, p.Field)
		return p.evalLeaf(v)
	case p.IsZero():
		return True
	}
	return Unknown // an operator without a field
}

func (p Predicate) evalAll(look Lookup) Truth {
	t := True
	for _, q := range p.All {
		if t = min(t, q.Eval(look)); t == False {
			break
		}
	}
	return t
}

func (p Predicate) evalAny(look Lookup) Truth {
	t := False
	for _, q := range p.Any {
		if t = max(t, q.Eval(look)); t == True {
			break
		}
	}
	return t
}

// find is look, with blank values taken as none.
func find(look Lookup, field string) (Value, bool) {
	v, ok := look(field)
	if !ok || v.Blank() {
		return Value{}, false
	}
	return v, true
}

// evalLeaf answers a leaf for the value v of its field, zero when that is not known.
func (p Predicate) evalLeaf(v Value) Truth {
	if !p.wellFormed() {
		return Unknown
	}
	if p.Op == Known {
		return truth(p.Args[0].Bool != v.IsZero())
	}
	if v.IsZero() {
		return Unknown
	}
	switch p.Op { //nolint:exhaustive // Known is answered, others are not well-formed
	case Is, In:
		for _, arg := range p.Args {
			if equal(v, arg) {
				return True
			}
		}
		return False
	case AtLeast:
		c, ok := order(v, p.Args[0])
		return truth(ok && c >= 0)
	case AtMost:
		c, ok := order(v, p.Args[0])
		return truth(ok && c <= 0)
	default: // Between
		lo, okLo := order(v, p.Args[0])
		hi, okHi := order(v, p.Args[1])
		return truth(okLo && okHi && lo >= 0 && hi <= 0)
	}
}

// wellFormed reports whether the leaf has an operator and as many arguments as that takes.
func (p Predicate) wellFormed() bool {
	switch p.Op {
	case Is, AtLeast, AtMost:
		return len(p.Args) == 1
	case Known:
		return len(p.Args) == 1 && p.Args[0].Kind == KindBool
	case Between:
		return len(p.Args) == 2
	case In:
		return len(p.Args) > 0
	}
	return false
}

func truth(b bool) Truth {
	if b {
		return True
	}
	return False
}

// alike brings two values to one kind: a text is read as the other's kind. False when that fails.
func alike(a, b Value) (Value, Value, bool) {
	ok := a.Kind == b.Kind
	switch {
	case ok:
	case a.Kind == KindText:
		a, ok = a.As(b.Kind)
	case b.Kind == KindText:
		b, ok = b.As(a.Kind)
	}
	return a, b, ok
}

// equal compares two values that are not blank.
func equal(a, b Value) bool {
	a, b, ok := alike(a, b)
	if !ok {
		return false
	}
	switch a.Kind {
	case KindText:
		return strings.EqualFold(strings.TrimSpace(a.Text), strings.TrimSpace(b.Text))
	case KindNumber:
		return a.Number == b.Number
	case KindBool:
		return a.Bool == b.Bool
	case KindDate:
		return a.Date.Equal(b.Date)
	}
	return false
}

// order compares two numbers or two dates, or two texts that both read as numbers or both as dates; false when the two have
// no order.
func order(a, b Value) (int, bool) {
	a, b, ok := alike(a, b)
	if !ok {
		return 0, false
	}
	if a.Kind == KindText {
		for _, k := range []Kind{KindNumber, KindDate} {
			x, okA := a.As(k)
			y, okB := b.As(k)
			if okA && okB {
				return order(x, y)
			}
		}
		return 0, false
	}
	switch a.Kind { //nolint:exhaustive // the others have no order
	case KindNumber:
		// NaN has no order, though cmp.Compare would put it first.
		return cmp.Compare(a.Number, b.Number), !math.IsNaN(a.Number) && !math.IsNaN(b.Number)
	case KindDate:
		return a.Date.Compare(b.Date), true
	}
	return 0, false
}
