package store

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// CoverageTally counts the leads of a stage and a source for which a field is known by the statements of one source.
type CoverageTally struct {
	Stage      string     `db:"stage"`
	LeadSource string     `db:"lead_source"` // OtherSources for those that are told apart no further
	Field      string     `db:"field"`       // an account's with "account." before it; "" counts the leads themselves
	Kind       string     `db:"kind"`        // provenance.Kind; "" with Field ""
	Source     string     `db:"source"`      // OtherSources likewise
	Leads      int        `db:"leads"`
	Stale      int        `db:"stale"`  // of these, those whose value is old
	Oldest     *time.Time `db:"oldest"` // nil: not known
	Newest     *time.Time `db:"newest"`
}

// OtherSources stands for all sources of leads, or of statements, beyond those that are told apart.
const OtherSources = "*"

const (
	// coverageSources is how many sources are told apart: of leads those with the most, of statements the latest.
	coverageSources = 20
	// coverageCustom is how many fields of their own are counted: those that most leads have.
	coverageCustom = 60
	accountField   = "account."
)

// coverageWith names sources and dates statements: l is a lead, said what is behind a field.
const coverageWith = `WITH lead_sources AS MATERIALIZED (
		SELECT source FROM leads GROUP BY source ORDER BY count(*) DESC, source LIMIT $2
	), told AS (
		SELECT kind, source FROM field_stamps GROUP BY kind, source ORDER BY max(id) DESC LIMIT $2
	), said AS MATERIALIZED (
		SELECT s.id, s.kind, CASE WHEN t.kind IS NULL THEN '*' ELSE s.source END AS source, coalesce(s.as_of < $1, false) AS stale, s.as_of
		FROM field_stamps s LEFT JOIN told t ON t.kind = s.kind AND t.source = s.source
	)`

// coverageGroup are the columns by which is counted, and what is.
const coverageGroup = `l.stage, CASE WHEN ls.source IS NULL THEN '*' ELSE l.source END AS lead_source, coalesce(s.kind, 'unknown') AS kind,
	coalesce(s.source, '') AS source, count(*)::int AS leads, (count(*) FILTER (WHERE s.stale))::int AS stale, min(s.as_of) AS oldest, max(s.as_of) AS newest`

// CountCoverage reads all leads and counts what is known of them, by statements of before staleBefore or later. It is for the background: of a million
// leads it takes seconds.
func CountCoverage(ctx context.Context, db DB, staleBefore time.Time) ([]CoverageTally, error) {
	count := coverageCount{at: map[CoverageTally]int{}}
	for _, of := range []struct {
		prefix, row, join string
		fields            []string
	}{{"", "l", "", PersonFields}, {accountField, "a", "JOIN accounts a ON a.id = l.account_id", AccountFields}} {
		if err := count.filled(ctx, db, staleBefore, of.prefix, of.row, of.join, of.fields); err != nil {
			return nil, fmt.Errorf("count what is known: %w", err)
		}
		if err := count.others(ctx, db, staleBefore, of.prefix, of.row, of.join); err != nil {
			return nil, fmt.Errorf("count what is known by name: %w", err)
		}
	}
	return count.bounded(), nil
}

// coverageCount gathers tallies by all but their numbers.
type coverageCount struct {
	tallies []CoverageTally
	at      map[CoverageTally]int
}

func (c *coverageCount) add(t CoverageTally) {
	key := CoverageTally{Stage: t.Stage, LeadSource: t.LeadSource, Field: t.Field, Kind: t.Kind, Source: t.Source}
	i, ok := c.at[key]
	if !ok {
		i = len(c.tallies)
		c.at[key], c.tallies = i, append(c.tallies, key)
	}
	c.tallies[i].Add(t)
}

// Add adds another tally's numbers.
func (t *CoverageTally) Add(o CoverageTally) {
	t.Leads, t.Stale = t.Leads+o.Leads, t.Stale+o.Stale
	if t.Oldest == nil || o.Oldest != nil && o.Oldest.Before(*t.Oldest) {
		t.Oldest = o.Oldest
	}
	if t.Newest == nil || o.Newest != nil && o.Newest.After(*t.Newest) {
		t.Newest = o.Newest
	}
}

// filled counts what the statement behind a whole lead or account filled: one row for each set of fields that it did.
func (c *coverageCount) filled(ctx context.Context, db DB, staleBefore time.Time, prefix, row, join string, fields []string) error {
	bits := make([]string, len(fields))
	for i, field := range fields {
		bits[i] = fmt.Sprintf("CASE WHEN %[1]s.%[2]s AND NOT %[1]s.provenance ? '%[3]s' THEN %[4]d ELSE 0 END", row, hasSQL(field), field, 1<<i)
	}
	type counted struct {
		CoverageTally
		Mask int `db:"mask"`
	}
	rows, err := collect[counted](ctx, db, coverageWith+` SELECT '' AS field, `+strings.Join(bits, " + ")+` AS mask, `+coverageGroup+`
		FROM leads l `+join+` LEFT JOIN lead_sources ls ON ls.source = l.source LEFT JOIN said s ON s.id = `+row+`.filled_by
		GROUP BY mask, l.stage, 4, 5, 6`, staleBefore, coverageSources)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if prefix == "" {
			c.add(CoverageTally{Stage: r.Stage, LeadSource: r.LeadSource, Leads: r.Leads})
		}
		for i, field := range fields {
			if r.Mask&(1<<i) != 0 {
				t := r.CoverageTally
				t.Field = prefix + field
				c.add(t)
			}
		}
	}
	return nil
}

// hasSQL is the test of a column for a value, after the row's name and a dot.
func hasSQL(field string) string {
	switch field {
	case "zone":
		return "zones <> '{}'"
	case "employees":
		return "employees > 0"
	}
	return field + " <> ''"
}

// others counts fields that statements filled by name, and those of leads' and accounts' own.
func (c *coverageCount) others(ctx context.Context, db DB, staleBefore time.Time, prefix, row, join string) error {
	for _, each := range []string{
		`JOIN LATERAL (SELECT key AS field, value::bigint AS stamp FROM jsonb_each(` + row + `.provenance)) f ON ` + row + `.provenance <> '{}'`,
		`JOIN LATERAL (SELECT 'fields.' || k AS field, ` + row + `.filled_by AS stamp FROM jsonb_object_keys(` + row + `.fields) k) f
			ON ` + row + `.fields <> '{}' AND NOT ` + row + `.provenance ? f.field`,
	} {
		rows, err := collect[CoverageTally](ctx, db, coverageWith+` SELECT f.field, `+coverageGroup+`
			FROM leads l `+join+` `+each+` LEFT JOIN lead_sources ls ON ls.source = l.source LEFT JOIN said s ON s.id = f.stamp
			GROUP BY f.field, l.stage, 3, 4, 5`, staleBefore, coverageSources)
		if err != nil {
			return err
		}
		for _, r := range rows {
			r.Field = prefix + r.Field
			c.add(r)
		}
	}
	return nil
}

// bounded leaves out the rarest of more fields of leads' own than are counted.
func (c *coverageCount) bounded() []CoverageTally {
	leads := map[string]int{}
	for _, t := range c.tallies {
		if strings.HasPrefix(strings.TrimPrefix(t.Field, accountField), CustomField) {
			leads[t.Field] += t.Leads
		}
	}
	names := make([]string, 0, len(leads))
	for name := range leads {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		if leads[names[i]] != leads[names[j]] {
			return leads[names[i]] > leads[names[j]]
		}
		return names[i] < names[j]
	})
	rare := map[string]bool{}
	for _, name := range names[min(len(names), coverageCustom):] {
		rare[name] = true
	}
	kept := c.tallies[:0]
	for _, t := range c.tallies {
		if !rare[t.Field] {
			kept = append(kept, t)
		}
	}
	return kept
}

// queueCoverage adds the statement that stores tallies to a batch.
func queueCoverage(batch *pgx.Batch, tallies []CoverageTally) {
	text := func(f func(*CoverageTally) string) []string { return column(tallies, f) }
	batch.Queue(`INSERT INTO coverage_tallies (stage, lead_source, field, kind, source, leads, stale, oldest, newest)
		SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::timestamptz[], $9::timestamptz[])`,
		text(func(t *CoverageTally) string { return t.Stage }), text(func(t *CoverageTally) string { return t.LeadSource }),
		text(func(t *CoverageTally) string { return t.Field }), text(func(t *CoverageTally) string { return t.Kind }),
		text(func(t *CoverageTally) string { return t.Source }), column(tallies, func(t *CoverageTally) int { return t.Leads }),
		column(tallies, func(t *CoverageTally) int { return t.Stale }), column(tallies, func(t *CoverageTally) *time.Time { return t.Oldest }),
		column(tallies, func(t *CoverageTally) *time.Time { return t.Newest }))
}

// CoverageTallies sums the tallies of a stage and a source of leads, each all for "", by field and source of statements.
func CoverageTallies(ctx context.Context, db DB, stage, leadSource string) ([]CoverageTally, error) {
	return collect[CoverageTally](ctx, db, `SELECT '' AS stage, '' AS lead_source, field, kind, source, sum(leads)::int AS leads, sum(stale)::int AS stale,
			min(oldest) AS oldest, max(newest) AS newest
		FROM coverage_tallies WHERE ($1 = '' OR stage = $1) AND ($2 = '' OR lead_source = $2)
		GROUP BY field, kind, source ORDER BY field, leads DESC, kind, source`, stage, leadSource)
}

// CoverageSources lists the sources of leads by which coverage is told apart, those with the most leads first.
func CoverageSources(ctx context.Context, db DB) ([]string, error) {
	return scalars[string](ctx, db, `SELECT lead_source FROM coverage_tallies WHERE field = '' GROUP BY 1 ORDER BY sum(leads) DESC, 1`)
}
