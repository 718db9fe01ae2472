package jobs

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// TestCoverageIsWhatEachLeadShows: whatever was said of leads in whatever order, the count equals one that asks each lead what is known of it.
func TestCoverageIsWhatEachLeadShows(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	chance := rand.New(rand.NewPCG(1, 2))
	some := func(texts ...string) string { return append(texts, "", "")[chance.IntN(len(texts)+2)] }
	const n = 40
	ids := make([]int64, n)
	for round := range 3 {
		by, err := r.BeginImport(r.ctx, fmt.Sprintf("round-%d.csv", round), r.clock.Now().AddDate(-2+round, 0, 0))
		must(t, err)
		for i := range n {
			l := person(i)
			if round > 0 && chance.IntN(2) == 0 {
				continue
			}
			l.Title, l.City, l.Role, l.Language, l.Source = some("CTO", "CEO"), some("Bonn"), some("decides"), some("en"), fmt.Sprintf("source %d", i%4)
			l.Account = leadfile.Account{Name: fmt.Sprintf("Firm %d", i%7), Industry: some("steel"), Employees: len(some("x"))}
			if own := some("A", "B"); own != "" {
				l.Fields = map[string]string{"tier": own}
			}
			_, err := r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: l}})
			must(t, err)
		}
	}
	for i := range n {
		found, err := store.FindLead(r.ctx, r.pool, person(i).Key)
		must(t, err)
		ids[i] = found.ID
		kind := []provenance.Kind{provenance.API, provenance.Enrichment, provenance.Person}[i%3]
		_, err = r.ChangeFields(r.ctx, FieldChange{
			Lead: person(i).Key, Kind: kind, Source: "source of " + string(kind), AsOf: r.clock.Now().AddDate(0, -i, 0),
			Person: map[string]string{"title": some("VP"), "fields.tier": some("C"), "fields.seats": some("5")}, Account: map[string]string{"country": some("DE"), "fields.revenue": some("1")},
		})
		must(t, err)
	}
	must(t, store.MoveStages(r.ctx, r.pool, []store.StageMove{{LeadID: ids[0], Stage: cadence.StageNurturing}, {LeadID: ids[5], Stage: cadence.StageNurturing}}, r.clock.Now()))
	for _, of := range []struct{ stage, source string }{{"", ""}, {"nurturing", ""}, {"", "source 1"}, {"nurturing", "source 1"}, {"won", ""}} {
		got, err := r.CountCoverage(r.ctx, of.stage, of.source)
		must(t, err)
		if d := cmp.Diff(r.askedOneByOne(ids, of.stage, of.source), got); d != "" {
			t.Errorf("stage %q, source %q (-asked one by one +counted):\n%s", of.stage, of.source, d)
		}
		if counted, err := r.Tally(r.ctx); err != nil {
			t.Fatal(counted, err)
		}
		tallies, err := store.CoverageTallies(r.ctx, r.pool, of.stage, of.source)
		must(t, err)
		if d := cmp.Diff(got, CoverageOf(tallies)); d != "" {
			t.Errorf("stage %q, source %q (-counted +stored):\n%s", of.stage, of.source, d)
		}
	}
	sources, err := store.CoverageSources(r.ctx, r.pool)
	must(t, err)
	if len(sources) != 4 {
		t.Errorf("sources %q", sources)
	}
}

func (r *rig) askedOneByOne(ids []int64, stage, source string) Coverage {
	r.t.Helper()
	var tallies []store.CoverageTally
	for _, id := range ids {
		l := r.lead(id)
		if stage != "" && l.Stage != stage || source != "" && l.Source != source {
			continue
		}
		tallies = append(tallies, store.CoverageTally{Leads: 1})
		fields, _, err := r.KnownFields(r.ctx, id)
		must(r.t, err)
		for _, f := range fields {
			t := store.CoverageTally{Field: f.Field, Kind: string(f.By.Kind), Source: f.By.Source, Leads: 1}
			if f.Stale {
				t.Stale = 1
			}
			if !f.By.AsOf.IsZero() {
				t.Oldest, t.Newest = &f.By.AsOf, &f.By.AsOf
			}
			tallies = append(tallies, t)
		}
	}
	return CoverageOf(tallies)
}

// TestCoverageIsBounded: however many sources and names there are, what is stored and shown is not more than a page takes.
func TestCoverageIsBounded(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	for i := range 30 {
		l := person(i)
		l.Source, l.Fields = fmt.Sprintf("source %02d", i), map[string]string{}
		for k := range 5 {
			l.Fields[fmt.Sprintf("f%d_%d", i, k)] = "x"
		}
		by, err := r.BeginImport(r.ctx, fmt.Sprintf("file-%02d.csv", i), time.Time{})
		must(t, err)
		_, err = r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: l}})
		must(t, err)
	}
	got, err := r.CountCoverage(r.ctx, "", "")
	must(t, err)
	if got.Leads != 30 || len(got.Fields) != len(store.PersonFields)+len(store.AccountFields)+60 {
		t.Errorf("%d leads, %d fields", got.Leads, len(got.Fields))
	}
	title := got.Fields[4]
	if title.Field != "title" || title.Filled != 30 || len(title.Sources) != 21 || title.Sources[0] != (SourceCoverage{provenance.Import, store.OtherSources, 10}) {
		t.Errorf("%+v", title)
	}
	if others, err := r.CountCoverage(r.ctx, "", store.OtherSources); err != nil || others.Leads != 10 {
		t.Errorf("%d leads of other sources, %v", others.Leads, err)
	}
}
