package store_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"nurture/internal/provenance"
	"nurture/store"
)

// stamped stores a statement of some days after noon.
func (b *base) stamped(kind provenance.Kind, source string, days int) int64 {
	b.t.Helper()
	at := noon.AddDate(0, 0, days)
	s, err := store.AddStamp(b.ctx, b.pool, provenance.Stamp{Kind: kind, Source: source, AsOf: at, Written: noon})
	must(b.t, err)
	if s.ID == 0 || !s.AsOf.Equal(at) || s.Kind != kind || s.Source != source {
		b.t.Fatalf("%+v", s)
	}
	return s.ID
}

func (b *base) behind(id int64) store.LeadProvenance {
	b.t.Helper()
	found, err := store.Provenances(b.ctx, b.pool, []int64{id})
	must(b.t, err)
	return found[id]
}

// TestAnImportWritesOneNumber: what a lead's fields are known by costs a number, until another statement fills some of them.
func TestAnImportWritesOneNumber(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	first, second := b.stamped(provenance.Import, "a.csv", 0), b.stamped(provenance.Import, "b.csv", 1)
	if again := b.stamped(provenance.Import, "a.csv", 0); again != first {
		t.Errorf("the same file is statement %d, was %d", again, first)
	}
	request := b.stamped(provenance.API, "crm", 0)
	if another := b.stamped(provenance.API, "crm", 0); another == request {
		t.Errorf("two requests are statement %d", request)
	}
	old, n := lead(1), lead(1)
	old.City, old.Stamp = "Bonn", first
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{old}, noon)
	must(t, err)
	p := b.behind(ids[0])
	if p.Person.FilledBy != first || len(p.Person.Stamps) != 0 || p.Account.FilledBy != first || len(p.Account.Stamps) != 0 {
		t.Errorf("%+v", p)
	}
	// The second file has a title and lacks the city, a custom field and the account's size.
	n.Title, n.City, n.Custom, n.Employees, n.Stamp = "CTO", "", map[string]any{"tier": "A"}, 0, second
	_, _, err = store.UpsertLeads(b.ctx, b.pool, []store.NewLead{n}, noon)
	must(t, err)
	p = b.behind(ids[0])
	if p.Person.FilledBy != second || !maps.Equal(p.Person.Stamps, map[string]int64{"city": first, "fields.size": first}) {
		t.Errorf("person: %+v, want the city and the size by %d", p.Person, first)
	}
	if p.Account.FilledBy != second || !maps.Equal(p.Account.Stamps, map[string]int64{"employees": first}) {
		t.Errorf("account: %+v", p.Account)
	}
	// The first file again, in full, is behind all but the second's own.
	_, _, err = store.UpsertLeads(b.ctx, b.pool, []store.NewLead{old}, noon)
	must(t, err)
	if p = b.behind(ids[0]); p.Person.FilledBy != first || !maps.Equal(p.Person.Stamps, map[string]int64{"title": second, "fields.tier": second}) || len(p.Account.Stamps) != 0 {
		t.Errorf("%+v", p)
	}
	// What was stored before statements were kept is not said to be of a file that lacks it.
	unknown := lead(2)
	unknown.City = "Bonn"
	ids, _, err = store.UpsertLeads(b.ctx, b.pool, []store.NewLead{unknown}, noon)
	must(t, err)
	bare := store.NewLead{Lead: store.Lead{Key: "k2", Title: "CTO", Origin: "inquiry"}, Stamp: second}
	_, _, err = store.UpsertLeads(b.ctx, b.pool, []store.NewLead{bare}, noon)
	must(t, err)
	if p = b.behind(ids[0]); p.Person.Behind("city") != 0 || p.Person.Behind("email") != 0 || p.Person.Behind("title") != second {
		t.Errorf("%+v", p)
	}
}

func TestWriteLeadFields(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	one, other := lead(1), lead(2)
	one.ConsentVoicemail, other.Email, other.Phone, other.NoAddress = &noon, "", "", true
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{one, other}, noon)
	must(t, err)
	must(t, store.InvalidatePhones(b.ctx, b.pool, ids[:1]))
	by := b.stamped(provenance.API, "crm", 0)
	later := noon.Add(time.Hour)
	must(t, store.WriteLeadFields(b.ctx, b.pool, []store.FieldsWritten{
		{ID: ids[0], Values: map[string]string{"title": `C"T\O`, "phone": "+4930111", "zone": "Europe/Paris", "fields.tier": "A"}, Renews: []string{"email"}, Stamp: by},
		{ID: ids[1], Values: map[string]string{"email": "new@c2.example"}, Stamp: by},
	}, later))
	leads, err := store.Leads(b.ctx, b.pool, ids)
	must(t, err)
	l := leads[0]
	if l.Title != `C"T\O` || l.Phone != "+4930111" || l.PhoneInvalid || l.ConsentVoicemail != nil || strings.Join(l.Zones, " ") != "Europe/Paris" ||
		l.Custom["tier"] != "A" || l.Custom["size"] != "L" || l.FirstName != "Pat" {
		t.Errorf("%+v", l)
	}
	p := b.behind(ids[0]).Person
	if want := map[string]int64{"title": by, "phone": by, "zone": by, "fields.tier": by, "email": by}; !maps.Equal(p.Stamps, want) || p.FilledBy != 0 {
		t.Errorf("%+v", p)
	}
	if l = leads[1]; l.EndReason != "" || l.Email != "new@c2.example" || l.IntakeAt == nil || !l.IntakeAt.Equal(later) {
		t.Errorf("a lead that can be reached again is %+v", l)
	}
}

// TestWriteAccountFields: an account is written once for all its leads, and those that no cadence took are looked at again.
func TestWriteAccountFields(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	one, two, other := lead(1), lead(2), lead(3)
	two.AccountKey = one.AccountKey
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{one, two, other}, noon)
	must(t, err)
	must(t, store.SaveIntake(b.ctx, b.pool, []store.IntakeResult{{LeadID: ids[0], Note: "no audience"}, {LeadID: ids[1]}, {LeadID: ids[2], Note: "no audience"}}))
	account := b.behind(ids[0]).Account.ID
	by, later := b.stamped(provenance.Enrichment, "acme", 0), noon.Add(time.Hour)
	must(t, store.WriteAccountFields(b.ctx, b.pool, []store.FieldsWritten{{
		ID: account, Values: map[string]string{"industry": "steel", "employees": "250", "fields.revenue": "10M"}, Renews: []string{"name"}, Stamp: by,
	}}, later))
	leads, err := store.Leads(b.ctx, b.pool, ids)
	must(t, err)
	for i, l := range leads[:2] {
		if l.Industry != "steel" || l.Employees != 250 || l.Account.Custom["revenue"] != "10M" || l.Account.Name != "C" {
			t.Errorf("lead %d: %+v", i, l.Account)
		}
		if got := l.Core("UTC").Fields["account.fields.revenue"].Text; got != "10M" {
			t.Errorf("a condition sees %q", got)
		}
	}
	if leads[0].IntakeAt == nil || !leads[0].IntakeAt.Equal(later) || leads[1].IntakeAt != nil || leads[2].IntakeAt != nil || leads[2].Industry != "" {
		t.Errorf("intake %v, %v, %v", leads[0].IntakeAt, leads[1].IntakeAt, leads[2].IntakeAt)
	}
	if got := b.behind(ids[1]).Account; got.Behind("industry") != by || got.Behind("name") != by || got.Behind("domain") != 0 {
		t.Errorf("%+v", got)
	}
}

func TestProposals(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{lead(1)}, noon)
	must(t, err)
	account := b.behind(ids[0]).Account.ID
	first, second := b.stamped(provenance.Enrichment, "acme", 0), b.stamped(provenance.Enrichment, "other", 1)
	long := strings.Repeat("x", 9000)
	propose := func(stamp int64) {
		t.Helper()
		must(t, store.InsertProposals(b.ctx, b.pool, []store.Proposal{
			{LeadID: ids[0], Field: "title", Value: "CEO", StampID: stamp},
			{LeadID: ids[0], Field: "title", Value: "CEO", StampID: stamp},
			{AccountID: account, Field: "domain", Value: long, StampID: stamp},
		}, noon))
	}
	propose(first)
	propose(second)
	open, err := store.OpenProposals(b.ctx, b.pool, ids[0], account, 10)
	must(t, err)
	if len(open) != 2 || open[0].StampID != second || open[1].AccountID != account || open[1].Value != long {
		t.Fatalf("%d proposals: %+v", len(open), open)
	}
	for i, want := range []int64{1, 0} {
		n, err := store.DecideProposals(b.ctx, b.pool, []int64{open[0].ID}, false, "sdr@example.com", noon)
		must(t, err)
		if n != want {
			t.Errorf("time %d: %d decided", i, n)
		}
	}
	propose(second) // what was declined is not asked again
	open, err = store.OpenProposals(b.ctx, b.pool, ids[0], account, 10)
	must(t, err)
	if len(open) != 1 || open[0].Field != "domain" {
		t.Errorf("%+v", open)
	}
	must(t, store.EraseLead(b.ctx, b.pool, store.Erasure{Lead: store.Lead{ID: ids[0]}}))
	open, err = store.OpenProposals(b.ctx, b.pool, ids[0], 0, 10)
	must(t, err)
	if len(open) != 0 {
		t.Errorf("%+v of an erased lead", open)
	}
}
