package uld

import (
	"fmt"
	"slices"
	"strings"
)

// Change is one difference between two definitions, told to those who sign them.
type Change struct {
	Kind  ChangeKind `json:"kind"`
	What  string     `json:"what"`  // "definition", "criterion" or "dossier item"
	Key   string     `json:"key"`   // of the criterion or dossier item; "" for the definition as a whole
	Words []string   `json:"words"` // clauses without a full stop; at least one
}

// ChangeKind is what happened to a part of a definition.
type ChangeKind string

// The kinds of change.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// The parts of a definition that a Change names.
const (
	wholeDefinition = "definition"
	aCriterion      = "criterion"
	aDossierItem    = "dossier item"
)

// Diff says what next changes of old: the definition as a whole first, then criteria, then dossier items, each in the order of next with
// what is gone at the end. It is nil when both mean the same.
func Diff(old, next Definition) []Change {
	var changes []Change
	if words := diffWhole(old, next); len(words) > 0 {
		changes = append(changes, Change{Kind: Changed, What: wholeDefinition, Words: words})
	}
	changes = append(changes, diffParts(aCriterion, old.Criteria, next.Criteria, func(c Criterion) string { return c.Key }, Criterion.inFull, diffCriterion)...)
	return append(changes, diffParts(aDossierItem, old.Dossier, next.Dossier, func(d DossierItem) string { return d.Key }, DossierItem.inFull, diffItem)...)
}

func diffWhole(old, next Definition) []string {
	var w wording
	w.changed("is called %s, was %s", next.Key, old.Key)
	w.changed("has the title %q, had %q", next.Title, old.Title)
	w.changed("calls a decision within %s near-term, was %s", months(float64(next.horizon())), months(float64(old.horizon())))
	w.changed("%s; before, %s", next.SelfQualified.words(), old.SelfQualified.words())
	if a, b := commonKeys(old.Criteria, next.Criteria), commonKeys(next.Criteria, old.Criteria); !slices.Equal(a, b) {
		w.add("asks in another order: %s", strings.Join(b, ", "))
	}
	if a, b := old.timingKey(), next.timingKey(); a != b {
		w.add("reads how soon a lead decides from %s, was %s", b, a)
	}
	return w
}

// timingKey names the criterion that says how soon the lead decides.
func (d Definition) timingKey() string {
	if i := d.Timing(); i >= 0 {
		return d.Criteria[i].Key
	}
	return "nothing"
}

// commonKeys are the keys of criteria that others have too, in order.
func commonKeys(criteria, others []Criterion) []string {
	var keys []string
	for _, c := range criteria {
		if slices.ContainsFunc(others, func(o Criterion) bool { return o.Key == c.Key }) {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// diffParts matches parts by their keys.
func diffParts[T any](what string, old, next []T, key func(T) string, full func(T) string, diff func(old, next T) []string) []Change {
	find := func(parts []T, k string) int { return slices.IndexFunc(parts, func(p T) bool { return key(p) == k }) }
	var changes []Change
	for _, p := range next {
		k := key(p)
		i := find(old, k)
		if i < 0 {
			changes = append(changes, Change{Added, what, k, []string{full(p)}})
		} else if words := diff(old[i], p); len(words) > 0 {
			changes = append(changes, Change{Changed, what, k, words})
		}
	}
	for _, p := range old {
		if k := key(p); find(next, k) < 0 {
			changes = append(changes, Change{Removed, what, k, []string{full(p)}})
		}
	}
	return changes
}

func diffCriterion(old, next Criterion) []string {
	var w wording
	w.changed("asks %q, asked %q", next.Question, old.Question)
	w.changed("is about %s, was about %s", next.Dimension.words(), old.Dimension.words())
	w.changed("takes %s, took %s", next.answers(), old.answers())
	w.changed("accepts %s, accepted %s", next.accepted(), old.accepted())
	w.changed("needs %s evidence, needed %s", next.minEvidence().words(), old.minEvidence().words())
	w.flag(old.Required, next.Required, "is required now", "is no longer required")
	w.flag(old.Disqualifies, next.Disqualifies, "disqualifies now", "no longer disqualifies")
	return w
}

func diffItem(old, next DossierItem) []string {
	var w wording
	w.changed("has the title %q, had %q", next.Title, old.Title)
	w.changed("asks %q, asked %q", next.Question, old.Question)
	w.flag(old.Required, next.Required, "is required now", "is no longer required")
	return w
}

// inFull says all of a criterion in one line.
func (c Criterion) inFull() string {
	s := fmt.Sprintf("%s, %s: %q, takes %s, accepts %s, needs %s evidence", c.Dimension.words(), required(c.Required), c.Question, c.answers(),
		c.accepted(), c.minEvidence().words())
	if c.Disqualifies {
		s += ", disqualifies"
	}
	return s
}

func (d DossierItem) inFull() string {
	return fmt.Sprintf("%s, %s: %q", d.Title, required(d.Required), d.Question)
}

// answers says what can be answered.
func (c Criterion) answers() string {
	switch c.Type {
	case AnswerText:
		return "any text"
	case AnswerChoice:
		return "one of " + strings.Join(c.Options, ", ")
	case AnswerYesNo, AnswerNumber, AnswerMonths, AnswerDate:
	}
	return c.Type.words()
}

// accepted says which answers count for the lead.
func (c Criterion) accepted() string {
	if c.Accept.IsZero() {
		return "any answer"
	}
	return strings.TrimPrefix(strings.TrimPrefix(c.Accept.String(), AnswerField+" "), "is ")
}

func (d Dimension) words() string { return strings.ReplaceAll(string(d), "_", " ") }

func (p SelfQualifiedPolicy) words() string {
	if p.inForce() {
		return fmt.Sprintf("sends self-qualified leads straight to sales, as %s reviewed on %s", p.ReviewedBy, p.ReviewedOn.Format("2006-01-02"))
	}
	return "has a person verify self-qualified leads by a call"
}

func required(yes bool) string {
	if yes {
		return "required"
	}
	return "optional"
}

// wording gathers clauses.
type wording []string

func (w *wording) add(format string, args ...any) { *w = append(*w, fmt.Sprintf(format, args...)) }

// changed adds a clause about two values unless they are the same.
func (w *wording) changed(format, next, old string) {
	if next != old {
		w.add(format, next, old)
	}
}

func (w *wording) flag(old, next bool, on, off string) {
	switch {
	case next && !old:
		w.add("%s", on)
	case old && !next:
		w.add("%s", off)
	}
}
