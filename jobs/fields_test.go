package jobs

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// said is what a vendor says of the first person, some days after monday.
func said(days int, person, account map[string]string) FieldChange {
	return FieldChange{
		Lead: "lead-001", Kind: provenance.Enrichment, Source: "acme", AsOf: monday.AddDate(0, 0, days), Person: person, Account: account,
	}
}

// change carries a change out and wants what becomes of each field.
func (r *rig) change(c FieldChange, want map[string]provenance.Ruling) {
	r.t.Helper()
	got, err := r.ChangeFields(r.ctx, c)
	must(r.t, err)
	if !maps.Equal(got.Fields, want) {
		r.t.Errorf("%v of %v and %v became %v, want %v", c.Kind, c.Person, c.Account, got.Fields, want)
	}
}

func (r *rig) behind(leadID int64, field string) provenance.Stamp {
	r.t.Helper()
	all, err := store.Provenances(r.ctx, r.pool, []int64{leadID})
	must(r.t, err)
	set, name := all[leadID].Person, field
	if own, ok := strings.CutPrefix(field, accountPrefix); ok {
		set, name = all[leadID].Account, own
	}
	stamps, err := store.Stamps(r.ctx, r.pool, []int64{set.Behind(name)})
	must(r.t, err)
	return stamps[set.Behind(name)]
}

// TestWhoseWordCounts follows a lead through statements of files, programs, vendors and people.
func TestWhoseWordCounts(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.importLeads(person(1))[0]
	r.pass(10 * 24 * time.Hour)

	r.change(said(-1, map[string]string{"title": "Intern", "city": "Bonn"}, nil), map[string]provenance.Ruling{"title": "kept", "city": "written"})
	r.change(said(5, map[string]string{"title": "Head of plant", "phone": "+4930901820", "language": "en"}, map[string]string{
		"employees": "500", "industry": "", "fields.revenue": "10M", "domain": "Customer-001.example",
	}), map[string]provenance.Ruling{
		"title": "written", "phone": "proposed", "language": "renewed", "account.employees": "written", "account.fields.revenue": "written", "account.domain": "renewed",
	})
	l := r.lead(id)
	if l.Title != "Head of plant" || l.City != "Bonn" || l.Phone != person(1).Phone || l.Employees != 500 || l.Industry != "chemicals" || l.Account.Custom["revenue"] != "10M" {
		t.Errorf("%+v", l)
	}
	if s := r.behind(id, "title"); s.Kind != provenance.Enrichment || s.Source != "acme" || !s.AsOf.Equal(monday.AddDate(0, 0, 5)) || !s.Written.Equal(r.clock.Now()) {
		t.Errorf("%+v", s)
	}
	if s := r.behind(id, "account.industry"); s.Kind != provenance.Import || !s.AsOf.Equal(monday) {
		t.Errorf("%+v", s)
	}

	// A person's word stays, and a later one is proposed.
	who := FieldChange{Lead: "lead-001", Kind: provenance.Person, Source: "ana@example.com", Person: map[string]string{"title": "CTO"}}
	r.change(who, map[string]provenance.Ruling{"title": "written"})
	r.pass(24 * time.Hour)
	r.change(said(11, map[string]string{"title": "CEO"}, nil), map[string]provenance.Ruling{"title": "proposed"})
	r.change(said(11, map[string]string{"title": "CEO"}, nil), map[string]provenance.Ruling{"title": "proposed"})
	again := person(1)
	again.Title, again.City, again.Account.Employees = "VP", "Berlin", 900
	by, err := r.BeginImport(r.ctx, "march.csv", monday.AddDate(0, 0, 3))
	must(t, err)
	done, err := r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: again}})
	must(t, err)
	if done.Kept != 2 || done.Proposed != 0 { // title and employees; the city is older
		t.Errorf("%+v", done)
	}
	if by, err = r.BeginImport(r.ctx, "april.csv", monday.AddDate(0, 0, 90)); err != nil || !by.AsOf.Equal(r.clock.Now()) {
		t.Errorf("a date ahead: %+v, %v", by, err)
	}
	done, err = r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: again}})
	must(t, err)
	if done.Kept != 0 || done.Proposed != 1 {
		t.Errorf("%+v", done)
	}
	if l = r.lead(id); l.Title != "CTO" || l.City != "Berlin" || l.Employees != 900 {
		t.Errorf("%+v", l)
	}

	// The person takes one of three, which settles the others on the title.
	open, err := store.OpenProposals(r.ctx, r.pool, id, *l.AccountID, 10)
	must(t, err)
	got := map[string]int64{}
	for _, p := range open {
		got[p.Field+"="+p.Value] = p.ID
	}
	if len(got) != 3 || got["title=CEO"] == 0 || got["title=VP"] == 0 || got["phone=+4930901820"] == 0 {
		t.Fatalf("%+v", open)
	}
	for i, want := range []bool{true, false} {
		decided, err := r.DecideProposal(r.ctx, got["title=VP"], true, "ana@example.com")
		must(t, err)
		if decided != want {
			t.Errorf("time %d: %t", i, decided)
		}
	}
	if decided, err := r.DecideProposal(r.ctx, got["phone=+4930901820"], false, "ana@example.com"); err != nil || !decided {
		t.Errorf("%t, %v", decided, err)
	}
	r.change(said(11, map[string]string{"phone": "+4930901820"}, nil), map[string]provenance.Ruling{"phone": "proposed"})
	open, err = store.OpenProposals(r.ctx, r.pool, id, *l.AccountID, 10)
	must(t, err)
	if l = r.lead(id); len(open) != 0 || l.Title != "VP" || r.behind(id, "title").Kind != provenance.Person || l.Phone != person(1).Phone {
		t.Errorf("%+v; %+v", open, l)
	}
	if _, err := r.DecideProposal(r.ctx, 999, true, "x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// TestFieldsOfAnAccount: an account is changed once for all its leads; a lead without one joins it.
func TestFieldsOfAnAccount(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep)
	for name, text := range files {
		files[name] = strings.Replace(text, "audience: {", "audience: { account.employees: { at_least: 1000 },", 1)
	}
	r := newLiveRig(t, files)
	one, two, alone, other := person(1), person(2), person(3), person(4)
	two.Account, alone.Account = one.Account, leadfile.Account{}
	ids := r.importLeads(one, two, alone, other)
	r.tick()
	for _, id := range ids {
		if l := r.lead(id); l.IntakeAt != nil || l.IntakeNote == "" {
			t.Fatalf("no audience should have taken %+v", l)
		}
	}
	c := FieldChange{Domain: "Customer-001.example", Kind: provenance.Enrichment, Source: "acme", Account: map[string]string{"employees": "5000"}}
	r.change(c, map[string]provenance.Ruling{"account.employees": "written"})
	r.tick()
	for i, id := range ids {
		if l, taken := r.lead(id), i < 2; (r.running(id).ID != 0) != taken || (l.Employees == 5000) != taken {
			t.Errorf("lead %d runs: %t; %+v", i, r.running(id).ID != 0, l.Account)
		}
	}
	c = FieldChange{Lead: alone.Key, Kind: provenance.API, Source: "crm", Account: map[string]string{"employees": "10"}}
	if _, err := r.ChangeFields(r.ctx, c); err == nil || !strings.Contains(err.Error(), "give its domain or name") {
		t.Errorf("%v", err)
	}
	c.Account["domain"], c.Account["name"] = "www.customer-001.example", "Customer"
	r.change(c, map[string]provenance.Ruling{"account.domain": "kept", "account.employees": "written", "account.name": "written"})
	if a, b := r.lead(ids[0]), r.lead(ids[2]); *a.AccountID != *b.AccountID || a.Employees != 10 || b.Account.Name != "Customer" {
		t.Errorf("%+v, %+v", a, b)
	}
	c = said(0, nil, map[string]string{"domain": "elsewhere.example", "industry": "steel"})
	if _, err := r.ChangeFields(r.ctx, c); !errors.Is(err, ErrOtherCompany) {
		t.Errorf("%v", err)
	}
	if l := r.lead(ids[0]); l.Industry != "chemicals" || l.Domain != "customer-001.example" {
		t.Errorf("%+v", l.Account)
	}
}

// TestZonesFollowThePlace: who moves is called by the clock of the new place, unless the zone was said by itself.
// TestFilesFillOwnFieldsOfAnAccount: they add to what the account has, and give way to a later word as all fields do.
func TestFilesFillOwnFieldsOfAnAccount(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	one, fresh := person(1), person(2)
	one.Account.Fields = map[string]string{"revenue": "10M", "segment": "smb"}
	ids := r.importLeads(one, fresh)
	r.change(FieldChange{Lead: one.Key, Kind: provenance.Person, Source: "ana", Account: map[string]string{"fields.revenue": "12M"}},
		map[string]provenance.Ruling{"account.fields.revenue": "written"})
	one.Account.Fields = map[string]string{"revenue": "11M", "parts": "gears"}
	fresh.Account.Fields = map[string]string{"segment": "enterprise"}
	by, err := r.BeginImport(r.ctx, "newer.csv", monday.AddDate(0, 0, 1))
	must(t, err)
	done, err := r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: one}, {Line: 3, Lead: fresh}})
	must(t, err)
	if done.Proposed != 1 {
		t.Errorf("%+v", done)
	}
	if got := r.lead(ids[0]).Account.Custom; !maps.Equal(got, map[string]any{"revenue": "12M", "segment": "smb", "parts": "gears"}) {
		t.Errorf("the account has %v", got)
	}
	if got := r.lead(ids[1]).Account.Custom; !maps.Equal(got, map[string]any{"segment": "enterprise"}) {
		t.Errorf("the other account has %v", got)
	}
	for field, source := range map[string]string{"account.fields.revenue": "ana", "account.fields.parts": "newer.csv", "account.fields.segment": "a file"} {
		if got := r.behind(ids[0], field); got.Source != source && (source != "a file" || got.ID == by.ID || got.Kind != provenance.Import) {
			t.Errorf("%s is by %+v", field, got)
		}
	}
}

func TestZonesFollowThePlace(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	one, two := person(1), person(2)
	two.Zones = []string{"Asia/Tokyo"} // said by a file's own column
	ids := r.importLeads(one, two)
	for _, key := range []string{one.Key, two.Key} {
		c := FieldChange{Lead: key, Kind: provenance.Person, Source: "ana", Person: map[string]string{"phone": "+1 415 555 2671", "country": "United States", "region": "California"}}
		r.change(c, map[string]provenance.Ruling{"phone": "written", "country": "written", "region": "written"})
	}
	if l := r.lead(ids[0]); strings.Join(l.Zones, " ") != "America/Los_Angeles" || l.Region != "CA" || l.ConsentVoicemail != nil {
		t.Errorf("%+v", l)
	}
	if l := r.lead(ids[1]); strings.Join(l.Zones, " ") != "Asia/Tokyo" {
		t.Errorf("%+v", l)
	}
}

// TestRefusedChanges leave everything as it is, and name what is wrong.
func TestRefusedChanges(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.importLeads(person(1))[0]
	tooMany := map[string]string{}
	for i := range customLimit + 1 {
		tooMany[fmt.Sprintf("fields.f%d", i)] = "x"
	}
	for name, c := range map[string]struct {
		change FieldChange
		want   string
	}{
		"nobody":       {FieldChange{Person: map[string]string{"title": "x"}}, ErrFieldTarget.Error()},
		"two":          {FieldChange{Lead: "lead-001", Email: "a@b.example"}, ErrFieldTarget.Error()},
		"of a company": {FieldChange{Domain: "customer-001.example", Person: map[string]string{"title": "x"}}, ErrFieldTarget.Error()},
		"unknown":      {FieldChange{Lead: "nobody", Person: map[string]string{"title": "x"}}, "not found"},
		"no account":   {FieldChange{Domain: "nowhere.example", Account: map[string]string{"name": "x"}}, "not found"},
		"all at once": {
			said(0, map[string]string{"title": "fine", "titel": "x", "zone": "Mars"}, map[string]string{"employees": "lots", "stage": "won"}),
			`account.employees: this is no number of employees: lots; account.stage: there is no such field: "stage"; there are name,`,
		},
		"ahead":    {said(5, map[string]string{"title": "x"}, nil), "as_of: the date lies ahead: 2026-03-07"},
		"too many": {said(0, tooMany, nil), "more than 200 fields of your own"},
	} {
		_, err := r.ChangeFields(r.ctx, c.change)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if l := r.lead(id); l.Title != person(1).Title || len(l.Custom) != 0 || r.count(`SELECT count(*) FROM field_stamps WHERE kind = 'enrichment'`) != 0 {
		t.Errorf("%+v", l)
	}
}

// TestTheSameMessageAgain, at once and later, does its work once; another one under its name is refused, and one that failed may come again.
func TestTheSameMessageAgain(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	c := said(0, map[string]string{"city": "Bonn"}, map[string]string{"fields.revenue": "10M"})
	digest := sha256.Sum256([]byte("one"))
	c.Message = &store.FieldMessage{Source: "enrichment", ID: "msg_1\x00", Digest: digest[:]}
	if _, err := r.ChangeFields(r.ctx, c); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("%v", err)
	}
	id := r.importLeads(person(1))[0]
	var wait sync.WaitGroup
	results, errs := make([]FieldResult, 6), make([]error, 6)
	for i := range results {
		wait.Go(func() { results[i], errs[i] = r.ChangeFields(r.ctx, c) })
	}
	wait.Wait()
	must(t, errors.Join(errs...))
	fresh := 0
	for _, got := range results {
		if !got.Repeated {
			fresh++
		}
		if got.Leads != 1 || !got.Account || got.Fields["city"] != provenance.Write || got.Fields["account.fields.revenue"] != provenance.Write {
			t.Errorf("%+v", got)
		}
	}
	if n := r.count(`SELECT count(*) FROM field_stamps WHERE kind = 'enrichment'`); fresh != 1 || n != 1 || r.lead(id).City != "Bonn" {
		t.Errorf("%d did the work, %d statements", fresh, n)
	}
	other := sha256.Sum256([]byte("other"))
	c.Message = &store.FieldMessage{Source: "enrichment", ID: "msg_1", Digest: other[:]}
	if _, err := r.ChangeFields(r.ctx, c); !errors.Is(err, store.ErrMessageReused) {
		t.Errorf("%v", err)
	}
	r.pass(100 * 24 * time.Hour)
	c.Message.ID = "msg_2"
	_, err := r.ChangeFields(r.ctx, c)
	must(t, err)
	if n := r.count(`SELECT count(*) FROM field_messages`); n != 1 {
		t.Errorf("%d messages are kept", n)
	}
}

// TestChangesAndImportsAtOnce: nobody waits for another for ever, and a person's word survives it all.
func TestChangesAndImportsAtOnce(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	people := make([]leadfile.Lead, 6)
	for i := range people {
		people[i] = person(i + 1)
		people[i].Account = person(i%2 + 1).Account
	}
	ids := r.importLeads(people...)
	r.pass(time.Hour)
	for _, l := range people {
		r.change(FieldChange{Lead: l.Key, Kind: provenance.Person, Source: "ana", Person: map[string]string{"title": "Her own words"}}, map[string]provenance.Ruling{"title": "written"})
	}
	r.pass(time.Hour)
	var wait sync.WaitGroup
	errs := make(chan error, 100)
	for round := range 4 {
		wait.Go(func() {
			rows := make([]leadfile.Row, len(people))
			for i := range people {
				rows[i] = leadfile.Row{Line: i + 2, Lead: people[(i+round)%len(people)]}
				rows[i].Lead.Title = "From a file"
			}
			_, err := r.Import(r.ctx, rows)
			errs <- err
		})
		for _, l := range people {
			wait.Go(func() {
				_, err := r.ChangeFields(r.ctx, FieldChange{
					Email: l.Email, Kind: provenance.API, Source: "crm",
					Person: map[string]string{"title": "From a program", "city": "Bonn"}, Account: map[string]string{"industry": "steel", "domain": l.Account.Domain},
				})
				errs <- err
			})
		}
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	for _, id := range ids {
		if l := r.lead(id); l.Title != "Her own words" || l.City != "Bonn" || l.Industry == "" {
			t.Errorf("%+v", l)
		}
	}
}

// TestAnEditDuringAnImport: what a person writes while the lead's file is being imported stays, also when it is the first thing that a person ever wrote.
func TestAnEditDuringAnImport(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.importLeads(person(1))[0]
	for round, words := range []string{"First words", "Second words"} {
		r.pass(time.Hour)
		l := person(1)
		l.Title = fmt.Sprintf("From file %d", round)
		by, err := r.BeginImport(r.ctx, l.Title, time.Time{})
		must(t, err)
		// The import waits for the lead, which somebody holds; the edit that is made meanwhile is committed first.
		tx, err := r.pool.Begin(r.ctx)
		must(t, err)
		defer func() { _ = tx.Rollback(r.ctx) }()
		edit := FieldChange{Lead: l.Key, Kind: provenance.Person, Source: "ana", Person: map[string]string{"title": words}}
		must(t, r.changeFields(r.ctx, tx, r.clock.Now(), edit, &FieldResult{}))
		stored := make(chan error, 1)
		go func() {
			_, err := r.ImportBy(r.ctx, by, []leadfile.Row{{Line: 2, Lead: l}})
			stored <- err
		}()
		eventually(t, "the import waits", func() bool {
			return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
		})
		must(t, tx.Commit(r.ctx))
		must(t, <-stored)
		if got := r.lead(id).Title; got != words {
			t.Errorf("the title is %q, the person wrote %q", got, words)
		}
		open, err := store.OpenProposals(r.ctx, r.pool, id, 0, 10)
		must(t, err)
		if n := len(open); n == 0 || open[n-1].Value != l.Title {
			t.Errorf("proposals %+v", open)
		}
	}
}
