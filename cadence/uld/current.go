package uld

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Current tells which fact of each criterion or dossier item is in force: the one of the highest class, within a class the
// latest, among those of one instant the one with the highest ID. Facts with a blank value or without a class say nothing
// and are left out.
//
// The conflicts are the lower-class facts, the latest of each class, that are newer than the one held and say something
// else (A4): they override nothing, a person must verify. They are sorted by criterion, then class. Which answers are given in months is
// known to a definition alone: Evaluate counts the one held down to the day of the newer before it compares them.
func Current(facts []Fact) (held map[string]Fact, conflicts []Conflict) {
	return current(facts, func(held, newer *Fact) bool { return !newer.Value.Same(held.Value) })
}

// current is Current by a comparison of one's own: contradicts reports whether the newer answer says something else than the one held.
func current(facts []Fact, contradicts func(held, newer *Fact) bool) (held map[string]Fact, conflicts []Conflict) {
	held = map[string]Fact{}
	latest := map[string]*[HumanConfirmed + 1]*Fact{}
	for i := range facts {
		f := &facts[i]
		if f.Value.Blank() || !f.Class.Valid() {
			continue
		}
		classes := latest[f.Criterion]
		if classes == nil {
			classes = new([HumanConfirmed + 1]*Fact)
			latest[f.Criterion] = classes
		}
		if best := classes[f.Class]; best == nil || byAge(*f, *best) > 0 {
			classes[f.Class] = f
		}
	}
	for key, classes := range latest {
		var top *Fact
		for class := HumanConfirmed; class >= Inferred; class-- {
			f := classes[class]
			switch {
			case f == nil:
			case top == nil:
				top = f
				held[key] = *f
			case f.At.After(top.At) && contradicts(top, f):
				conflicts = append(conflicts, Conflict{Criterion: key, Held: *top, Against: *f})
			}
		}
	}
	slices.SortFunc(conflicts, func(a, b Conflict) int {
		return cmp.Or(strings.Compare(a.Criterion, b.Criterion), cmp.Compare(a.Against.Class, b.Against.Class))
	})
	return held, conflicts
}

// sameTime is how far apart, in months, two answers may point and mean the same time: people answer in whole months.
const sameTime = 0.5

// contradicts reports whether the newer answer says something else than the one held. Answers in months say when, seen from the day
// they were given: "in 6 months" and, five months later, "in 1 month" mean one day, and "in 6 months" said again puts it off.
func (d Definition) contradicts(held, newer *Fact) bool {
	for i := range d.Criteria {
		c := &d.Criteria[i]
		if c.Key != newer.Criterion {
			continue
		}
		was, is := c.aged(held, newer.At), c.read(newer)
		switch {
		case was.IsZero() || is.IsZero():
		case c.Type == AnswerMonths:
			return math.Abs(was.Number-is.Number) > sameTime
		default:
			return !is.Same(was)
		}
	}
	return !newer.Value.Same(held.Value)
}

// byAge orders facts of one class, the latest being the greatest. What follows the ID tells apart only facts that are not stored
// yet, so that their order in a slice never matters.
func byAge(a, b Fact) int {
	return cmp.Or(
		a.At.Compare(b.At),
		cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.ResponseID, b.ResponseID),
		strings.Compare(string(a.Value.Kind), string(b.Value.Kind)),
		strings.Compare(a.Value.String(), b.Value.String()),
		strings.Compare(a.By, b.By),
		strings.Compare(a.Words, b.Words),
	)
}

// MissingForHandoff lists what nobody knows yet of what sales must have: the keys of required criteria without any answer,
// whatever its class, then those of required dossier items without a fact, in the order of the definition. The answer
// "none" counts as known. The result is nil when nothing is missing.
func MissingForHandoff(def Definition, facts []Fact) []string {
	known := map[string]bool{}
	for _, f := range facts {
		if !f.Value.Blank() && f.Class.Valid() {
			known[f.Criterion] = true
		}
	}
	var missing []string
	for _, c := range def.Criteria {
		if c.Required && !known[c.Key] {
			missing = append(missing, c.Key)
		}
	}
	for _, d := range def.Dossier {
		if d.Required && !known[d.Key] {
			missing = append(missing, d.Key)
		}
	}
	return missing
}
