package config

import (
	"fmt"
	"slices"
	"strings"

	"nurture/internal/spelling"
)

// listable is how many allowed names are few enough to be listed in a hint.
const listable = 12

// suggest makes a hint out of the names that would have been right: the nearest one, else all of them when they are few.
func suggest(wrong string, allowed []string) string {
	if nearest := nearest(wrong, allowed); nearest != "" {
		return fmt.Sprintf("did you mean %q?", nearest)
	}
	names := slices.Compact(slices.Sorted(slices.Values(allowed)))
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return fmt.Sprintf("only %q is allowed here", names[0])
	case len(names) > listable:
		return "docs/configuration.md lists what is allowed here"
	}
	return "one of: " + strings.Join(names, ", ")
}

// nearest finds the name that wrong was probably meant to be, or "": one typing slip in three characters is forgiven, and so are words that
// are missing behind the first, where only one name begins with it.
func nearest(wrong string, allowed []string) string {
	const longest = 64 // nobody mistypes a name this long; keeps the cost of hostile input small
	if len(wrong) > longest {
		return ""
	}
	wrong = plain(wrong)
	best, bestDistance := "", len(wrong)/3+1
	for _, name := range slices.Sorted(slices.Values(allowed)) {
		if d := spelling.Distance(wrong, plain(name)); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	if best != "" || len(wrong) < 4 {
		return best
	}
	for _, name := range allowed {
		if strings.HasPrefix(plain(name), wrong+"_") {
			if best != "" && best != name {
				return ""
			}
			best = name
		}
	}
	return best
}

// plain makes names that differ only in case, in the joining character and in what cannot be seen equal.
func plain(name string) string {
	name = strings.Map(func(r rune) rune {
		if isUnseen(r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
	return strings.NewReplacer("-", "_", " ", "_").Replace(name)
}
