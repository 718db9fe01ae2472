package uld

import (
	"fmt"
	"time"

	"nurture/cadence/predicate"
)

// Questions lists the keys of the criteria, then those of the dossier items.
func (d Definition) Questions() []string {
	keys := make([]string, 0, len(d.Criteria)+len(d.Dossier))
	for _, c := range d.Criteria {
		keys = append(keys, c.Key)
	}
	for _, item := range d.Dossier {
		keys = append(keys, item.Key)
	}
	return keys
}

// ParseAnswer turns what a person types into the value of the criterion or dossier item that is called key: see the methods of these.
// The error says what could have been typed, or which questions there are.
func (d Definition) ParseAnswer(key, said string, at time.Time) (predicate.Value, error) {
	for _, c := range d.Criteria {
		if c.Key == key {
			return c.ParseAnswer(said, at)
		}
	}
	for _, item := range d.Dossier {
		if item.Key == key {
			return item.ParseAnswer(said, at)
		}
	}
	return predicate.Value{}, fmt.Errorf("%q is no question of the definition; ask for %s", key, enumerate(d.Questions(), "or"))
}
