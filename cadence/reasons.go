package cadence

import (
	"maps"
	"slices"
)

// Reasons lists all reasons, in alphabetical order.
func Reasons() []Reason { return slices.Sorted(maps.Keys(sentences)) }
