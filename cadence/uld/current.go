package uld

import (
	"cmp"
	"slices"
	"strings"
)

// Current tells which fact of each criterion or dossier item is in force: the one of the highest class, within a class the
// latest, among those of one instant the one with the highest ID. Facts with a blank value or without a class say nothing
// and are left out.
//
// The conflicts are the lower-class facts, the latest of each class, that are newer than the one held and say something
// else (A4): they override nothing, a person must verify. They are sorted by criterion, then class.
func Current(facts []Fact) (held map[string]Fact, conflicts []Conflict) {
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
			case f.At.After(top.At) && !f.Value.Same(top.Value):
				conflicts = append(conflicts, Conflict{Criterion: key, Held: *top, Against: *f})
			}
		}
	}
	slices.SortFunc(conflicts, func(a, b Conflict) int {
		return cmp.Or(strings.Compare(a.Criterion, b.Criterion), cmp.Compare(a.Against.Class, b.Against.Class))
	})
	return held, conflicts
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
