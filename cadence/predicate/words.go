package predicate

import (
	"strings"
	"unicode/utf8"
)

// longest is how many characters of a value a sentence shows: a page of notes would drown the reason.
const longest = 80

// brief makes a text fit for a sentence: one line, cut at the longest length.
func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	return string([]rune(s)[:longest-1]) + "…"
}

func words(v Value) string { return brief(v.String()) }

func list(args []Value) string {
	parts := make([]string, len(args))
	for i, arg := range args {
		parts[i] = words(arg)
	}
	return strings.Join(parts, ", ")
}

// clause is a piece of a sentence; glue is " and " or " or " when it is a row of such pieces, which then needs brackets
// inside a row of the other glue.
type clause struct {
	text string
	glue string
}

func row(glue string, parts []clause) clause {
	if len(parts) == 1 {
		return parts[0]
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = part.text
		if part.glue != "" && part.glue != glue {
			texts[i] = "(" + part.text + ")"
		}
	}
	return clause{text: strings.Join(texts, glue), glue: glue}
}

const (
	and = " and "
	or  = " or "
)

// String gives p as a marketer would say it: "lead.country is one of DE, AT and facts.role is known". The zero Predicate
// says "always".
func (p Predicate) String() string { return p.say().text }

func (p Predicate) say() clause {
	switch {
	case p.All != nil:
		return sayGroup(and, p.All, "always")
	case p.Any != nil:
		return sayGroup(or, p.Any, "never")
	case p.Not != nil && p.Not.isLeaf():
		return p.Not.sayLeaf(true)
	case p.Not != nil:
		return clause{text: "not (" + p.Not.say().text + ")"}
	case p.IsZero():
		return clause{text: "always"}
	}
	return p.sayLeaf(false)
}

func (p Predicate) isLeaf() bool {
	return p.All == nil && p.Any == nil && p.Not == nil && p.Field != ""
}

func sayGroup(glue string, members []Predicate, empty string) clause {
	if len(members) == 0 {
		return clause{text: empty}
	}
	parts := make([]clause, len(members))
	for i, q := range members {
		parts[i] = q.say()
	}
	return row(glue, parts)
}

func (p Predicate) sayLeaf(not bool) clause {
	known := p.Op == Known && p.wellFormed()
	if known {
		not = p.Args[0].Bool == not
	}
	s := p.Field + " is "
	if not {
		s += "not "
	}
	if known {
		return clause{text: s + "known"}
	}
	return clause{text: s + p.phrase()}
}

// phrase is what a leaf asks of its value: "at most 6", "one of DE, AT".
func (p Predicate) phrase() string {
	if !p.wellFormed() {
		return strings.TrimSpace(string(p.Op)+" "+list(p.Args)) + " (malformed)"
	}
	switch p.Op { //nolint:exhaustive // Known has words of its own
	case In:
		if len(p.Args) > 1 {
			return "one of " + list(p.Args)
		}
	case AtLeast:
		return "at least " + words(p.Args[0])
	case AtMost:
		return "at most " + words(p.Args[0])
	case Between:
		return "between " + words(p.Args[0]) + and + words(p.Args[1])
	}
	return words(p.Args[0])
}

// opposite is what a value must be for the leaf not to hold; other begins it for values that have no order.
func (p Predicate) opposite(other string) string {
	switch p.Op { //nolint:exhaustive // the rest have no order
	case AtLeast:
		return "less than " + words(p.Args[0])
	case AtMost:
		return "more than " + words(p.Args[0])
	case Between:
		return "less than " + words(p.Args[0]) + or + "more than " + words(p.Args[1])
	}
	return other + p.phrase()
}

// Explain says in words what decides the answer of p: the members that hold when it holds, those that do not when it does
// not, and those without a value when it is Unknown: "lead.country is FR, not one of DE, AT".
func (p Predicate) Explain(look Lookup) string {
	if p.IsZero() {
		return "there is no condition"
	}
	return p.explain(look).text
}

func (p Predicate) explain(look Lookup) clause {
	switch {
	case p.All != nil:
		return explainGroup(p.All, p.Eval(look), look)
	case p.Any != nil:
		return explainGroup(p.Any, p.Eval(look), look)
	case p.Not != nil:
		return p.Not.explain(look)
	case p.Field == "" || !p.wellFormed():
		return p.say()
	}
	v, ok := find(look, p.Field)
	if !ok {
		return clause{text: p.Field + " is not known"}
	}
	is := p.Field + " is "
	switch t := p.evalLeaf(v); {
	case p.Op == Known:
		return clause{text: is + "known"}
	case t == True && (p.Op == Is || len(p.Args) == 1 && p.Op == In):
		return clause{text: is + words(v)}
	case t == True:
		return clause{text: is + words(v) + ", " + p.phrase()}
	case p.Op != Is && p.Op != In && !p.ordered(v):
		return clause{text: is + words(v) + ", which has no order with " + list(p.Args)}
	}
	return clause{text: is + words(v) + ", " + p.opposite("not ")}
}

// ordered reports whether v compares with the arguments of an AtLeast, AtMost or Between.
func (p Predicate) ordered(v Value) bool {
	for _, arg := range p.Args {
		if _, ok := order(v, arg); !ok {
			return false
		}
	}
	return true
}

// explainGroup names the members that have the answer of their group: it is theirs.
func explainGroup(members []Predicate, answer Truth, look Lookup) clause {
	var parts []clause
	for _, q := range members {
		if q.Eval(look) == answer && !q.IsZero() {
			parts = append(parts, q.explain(look))
		}
	}
	if len(parts) == 0 {
		return clause{text: "there is no condition"}
	}
	return row(and, parts)
}

// Flip says what would make p hold: "answer at most 6 instead of 12". It is "" when p holds already, and "nothing" when
// nothing would.
func (p Predicate) Flip(look Lookup) string {
	if p.Eval(look) == True {
		return ""
	}
	return p.flip(look, false).text
}

// flip says what would make p True, or False when not is set. The answer of p is then another one.
func (p Predicate) flip(look Lookup, not bool) clause {
	switch {
	case p.All != nil:
		return flipGroup(p.All, look, not, !not)
	case p.Any != nil:
		return flipGroup(p.Any, look, not, not)
	case p.Not != nil:
		return p.Not.flip(look, !not)
	case p.IsZero():
		return clause{text: "nothing"}
	case p.Field == "" || !p.wellFormed():
		return clause{text: "a correction of the condition " + p.say().text}
	}
	return p.flipLeaf(look, not)
}

// flipGroup joins what is to change in the members: every one of them, or any single one.
func flipGroup(members []Predicate, look Lookup, not, every bool) clause {
	want, glue := True, or
	if not {
		want = False
	}
	if every {
		glue = and
	}
	var parts []clause
	for _, q := range members {
		if q.Eval(look) == want {
			continue
		}
		part := q.flip(look, not)
		switch {
		case part.text != "nothing":
			parts = append(parts, part)
		case every:
			return part // one member that nothing can change decides
		}
	}
	if len(parts) == 0 {
		return clause{text: "nothing"}
	}
	return row(glue, parts)
}

func (p Predicate) flipLeaf(look Lookup, not bool) clause {
	if p.Op == Known {
		if p.Args[0].Bool == not {
			return clause{text: p.Field + " not known"}
		}
		return clause{text: p.Field + " known"}
	}
	text := p.Field + " " + p.phrase()
	switch {
	case not && (p.Op == Is || p.Op == In) && len(p.Args) == 1 && p.Args[0].Kind == KindBool:
		text = p.Field + " " + Bool(!p.Args[0].Bool).String()
	case not:
		text = p.Field + " " + p.opposite("other than ")
	}
	if v, ok := find(look, p.Field); ok {
		text += " instead of " + words(v)
	}
	return clause{text: text}
}
