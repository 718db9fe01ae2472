package cadence

import (
	"fmt"
	"reflect"

	"nurture/cadence/calendar"
)

// Revision is how one version of a plan became another: all that Carry needs to know of it, worked out once for every lead inside.
type Revision struct {
	Old, New Plan
	// To gives for each step of Old its index in New, −1 when it was removed; From the same the other way, −1 for an added step.
	To, From []int
	// Changed tells which steps of New differ from what they were in Old: their kind of wait, window, templates or texts. An added step
	// is changed.
	Changed []bool
	// First is the first step of Old from which on the two versions differ; len(Old.Steps) when no step of Old does.
	First int
}

// Revise compares two versions of a plan. rewritten tells of a template whether its text differs between the two; nil says that none does.
//
// A step is the same step in both when it has the same key and kind. A step whose key says only its place (wait-2), or that was given
// another template and had no name of its own, is known by its neighbours: it stands beside a step that is the same in both, and is of
// the same kind. So a name makes a step's identity certain; without one it is as good as a reader of both files would guess.
func Revise(old, next Plan, rewritten func(channel Channel, template string) bool) Revision {
	r := Revision{Old: old, New: next, To: unmatched(len(old.Steps)), From: unmatched(len(next.Steps)), Changed: make([]bool, len(next.Steps))}
	r.matchKeys()
	for i := range r.To { // downwards: behind a step that is the same in both
		r.matchBeside(i, -1)
	}
	for i := len(r.To) - 1; i >= 0; i-- { // and upwards: before one
		r.matchBeside(i, 1)
	}
	for j := range r.From {
		r.Changed[j] = r.From[j] < 0 || differ(old, next, r.From[j], j, rewritten)
	}
	for r.First < len(r.To) && r.First < len(r.From) && r.To[r.First] == r.First && !r.Changed[r.First] {
		r.First++
	}
	return r
}

// At is the revision for a lead at whose place the law allows calls at the given hours, which hold for every version.
func (r Revision) At(calls calendar.Window) Revision {
	r.Old.CallHours, r.New.CallHours = calls, calls
	return r
}

func unmatched(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = -1
	}
	return indices
}

func (r *Revision) match(i, j int) { r.To[i], r.From[j] = j, i }

// matchKeys finds the steps that keep their names.
func (r *Revision) matchKeys() {
	byKey := map[string]int{}
	for j, s := range r.New.Steps {
		if !s.numbered(j) {
			byKey[s.Key] = j
		}
	}
	for i, s := range r.Old.Steps {
		if j, ok := byKey[s.Key]; ok && !s.numbered(i) && r.New.Steps[j].Kind == s.Kind {
			r.match(i, j)
		}
	}
}

// matchBeside matches step i of Old by its neighbour, above (−1) or below (+1) it.
func (r *Revision) matchBeside(i, side int) {
	if r.To[i] >= 0 {
		return
	}
	neighbour := i + side
	var j int
	switch {
	case neighbour < 0:
		j = 0
	case neighbour >= len(r.To):
		j = len(r.From) - 1
	case r.To[neighbour] < 0:
		return
	default:
		j = r.To[neighbour] - side
	}
	if j >= 0 && j < len(r.From) && r.From[j] < 0 && r.Old.Steps[i].Kind == r.New.Steps[j].Kind {
		r.match(i, j)
	}
}

// numbered reports whether the step's key says only where it stands: then it is no name.
func (s Step) numbered(index int) bool { return s.Key == fmt.Sprintf("%s-%d", s.Kind, index+1) }

// differ reports whether a step is made otherwise in two versions: another wait, window, template or text.
func differ(old, next Plan, i, j int, rewritten func(Channel, string) bool) bool {
	a, b := old.Steps[i], next.Steps[j]
	for _, v := range b.Variants {
		if rewritten != nil && rewritten(b.Kind.Channel(), v.Template) {
			return true
		}
	}
	a.Key, b.Key = "", ""
	return !reflect.DeepEqual(a, b)
}

// sameTiming reports whether a step waits alike and may leave at the same hours in two versions.
func sameTiming(old, next Plan, i, j int) bool {
	a, b := decision{plan: old}, decision{plan: next}
	return old.Steps[i].After == next.Steps[j].After && reflect.DeepEqual(a.window(old.Steps[i]), b.window(next.Steps[j]))
}
