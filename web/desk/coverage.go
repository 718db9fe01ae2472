package desk

import (
	"net/http"
	"strings"

	"nurture/config"
	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

// coveragePage says how much is known of leads.
type coveragePage struct {
	Counted       moment
	Leads         int
	Rows          []coverageRow
	Stage, Source string
	Stages        []choice
	Sources       []choice
}

// choice is an option of a list.
type choice struct{ Value, Label string }

// coverageRow is a field.
type coverageRow struct {
	Label          string
	Share          rate
	Bar            int // of 100
	Stale          rate
	Oldest, Newest moment
	Sources        []sourceShare // those that fill most of it
	More           int           // others
}

// Span is from when to when the values are.
func (r coverageRow) Span() string {
	const day = "2 Jan 2006"
	from, to := r.Oldest.At.Format(day), r.Newest.At.Format(day)
	if from == to {
		return from
	}
	return from + " to " + to
}

// sourceShare is what a source fills of a field.
type sourceShare struct {
	Label string
	rate
}

const (
	sourcesShown = 3
	sourceLength = 40
)

// showCoverage shows of how many leads each field is known, as it was counted in the background.
func (d *Desk) showCoverage(v *visit) error {
	ctx, query := v.r.Context(), v.r.URL.Query()
	p := coveragePage{Stage: store.Clean(query.Get("stage")), Source: store.Clean(query.Get("source")), Stages: []choice{{"", "All stages"}}, Sources: []choice{{"", "All sources"}}}
	var err error
	if p.Counted, err = v.counted(); err != nil {
		return err
	}
	for _, s := range config.Stages() {
		p.Stages = append(p.Stages, choice{string(s), sentence(words(s))})
	}
	sources, err := store.CoverageSources(ctx, d.pool)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if s != "" {
			p.Sources = append(p.Sources, choice{s, sourceOfLeads(s)})
		}
	}
	tallies, err := store.CoverageTallies(ctx, d.pool, p.Stage, p.Source)
	if err != nil {
		return err
	}
	c := jobs.CoverageOf(tallies)
	p.Leads = c.Leads
	for _, f := range c.Fields {
		p.Rows = append(p.Rows, v.coverageRow(f, c.Leads))
	}
	return v.render(http.StatusOK, "coverage.html", "Coverage", p)
}

func (v *visit) coverageRow(f jobs.FieldCoverage, leads int) coverageRow {
	row := coverageRow{
		Label: fieldLabel(f.Field), Share: rate{N: f.Filled, Of: leads}, Stale: rate{N: f.Stale, Of: f.Filled},
		Oldest: v.momentOf(f.Oldest), Newest: v.momentOf(f.Newest), More: max(0, len(f.Sources)-sourcesShown),
	}
	if leads > 0 {
		row.Bar = 100 * f.Filled / leads
	}
	for _, s := range f.Sources[:min(sourcesShown, len(f.Sources))] {
		row.Sources = append(row.Sources, sourceShare{sourceLabel(s.Kind, s.Source), rate{N: s.Leads, Of: f.Filled}})
	}
	return row
}

func sourceOfLeads(source string) string {
	if source == store.OtherSources {
		return "Other sources"
	}
	return shorten(source, sourceLength)
}

// fieldLabel names a field for people.
func fieldLabel(field string) string {
	label := field
	if own, ok := strings.CutPrefix(label, "account."); ok {
		label = "company " + strings.TrimPrefix(own, store.CustomField)
	}
	return sentence(words(strings.TrimPrefix(label, store.CustomField)))
}

// sourceLabel says who made a statement.
func sourceLabel(kind provenance.Kind, source string) string {
	name := shorten(source, sourceLength)
	switch kind {
	case provenance.Unknown:
		return "before sources were kept"
	case provenance.Import:
		if source == "" {
			return "an import"
		}
		name = "file " + name
	case provenance.API:
		name = "program " + name
	case provenance.Enrichment:
		name = "vendor " + name
	case provenance.Referral:
		name = "referral by " + name
	case provenance.Person:
	}
	if source == store.OtherSources {
		return map[provenance.Kind]string{
			provenance.Import: "other files", provenance.API: "other programs", provenance.Enrichment: "other vendors",
			provenance.Referral: "other referrals", provenance.Person: "other people",
		}[kind]
	}
	return name
}
