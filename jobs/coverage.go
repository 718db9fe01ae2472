package jobs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"nurture/internal/provenance"
	"nurture/store"
)

// Coverage says how much is known of leads.
type Coverage struct {
	Leads  int             `json:"leads"`
	Fields []FieldCoverage `json:"fields"` // a person's, then an account's, each in the order of their lists, and then their own by name
}

// FieldCoverage says of how many leads a field is known.
type FieldCoverage struct {
	Field   string           `json:"field"` // an account's with "account." before it
	Filled  int              `json:"filled"`
	Stale   int              `json:"stale"`  // of these, of a value that is old
	Oldest  *time.Time       `json:"oldest"` // null: not known
	Newest  *time.Time       `json:"newest"`
	Sources []SourceCoverage `json:"sources"` // the one that fills most first
}

// SourceCoverage says for how many leads a source fills a field.
type SourceCoverage struct {
	Kind   provenance.Kind `json:"kind"`
	Source string          `json:"source"` // store.OtherSources for all beyond those that are told apart
	Leads  int             `json:"leads"`
}

// CountCoverage counts what is known of the leads of a stage and a source, each all for "", by reading every lead.
func (e *Engine) CountCoverage(ctx context.Context, stage, source string) (Coverage, error) {
	tallies, err := store.CountCoverage(ctx, e.pool, e.now().Add(-provenance.StaleAfter))
	if err != nil {
		return Coverage{}, err
	}
	return CoverageOf(slices.DeleteFunc(tallies, func(t store.CoverageTally) bool {
		return stage != "" && t.Stage != stage || source != "" && t.LeadSource != source
	})), nil
}

// CoverageOf puts tallies together, of whatever stages and sources of leads they are. A plain field that nobody has is there with 0.
func CoverageOf(tallies []store.CoverageTally) Coverage {
	c := Coverage{}
	at := map[string]*store.CoverageTally{}
	sources := map[string]map[SourceCoverage]int{} // by field: without the count
	var custom []string
	for _, t := range tallies {
		if t.Field == "" {
			c.Leads += t.Leads
			continue
		}
		if at[t.Field] == nil {
			at[t.Field], sources[t.Field] = &store.CoverageTally{}, map[SourceCoverage]int{}
			if strings.HasPrefix(strings.TrimPrefix(t.Field, accountPrefix), store.CustomField) {
				custom = append(custom, t.Field)
			}
		}
		at[t.Field].Add(t)
		sources[t.Field][SourceCoverage{provenance.Kind(t.Kind), t.Source, 0}] += t.Leads
	}
	slices.SortFunc(custom, func(a, b string) int { // the person's before the account's
		if of := cmp.Compare(len(a)-len(strings.TrimPrefix(a, accountPrefix)), len(b)-len(strings.TrimPrefix(b, accountPrefix))); of != 0 {
			return of
		}
		return strings.Compare(a, b)
	})
	for _, field := range coverageOrder(custom) {
		f := FieldCoverage{Field: field, Sources: []SourceCoverage{}}
		if t := at[field]; t != nil {
			f.Filled, f.Stale, f.Oldest, f.Newest = t.Leads, t.Stale, utc(t.Oldest), utc(t.Newest)
		}
		for s, n := range sources[field] {
			s.Leads = n
			f.Sources = append(f.Sources, s)
		}
		slices.SortFunc(f.Sources, func(a, b SourceCoverage) int {
			return cmp.Or(cmp.Compare(b.Leads, a.Leads), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Source, b.Source))
		})
		c.Fields = append(c.Fields, f)
	}
	return c
}

// coverageOrder is the order in which fields are shown.
func coverageOrder(custom []string) []string {
	order := slices.Clone(store.PersonFields)
	for _, field := range store.AccountFields {
		order = append(order, accountPrefix+field)
	}
	return append(order, custom...)
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC()
	return &at
}
