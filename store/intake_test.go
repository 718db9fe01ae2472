package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/config"
	"nurture/store"
)

// TestCallsOfIntake: every call is answered once, the oldest first; a lead that somebody holds is called for again, and one that does not wait any
// more, or not yet, is left alone.
func TestCallsOfIntake(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	rows := make([]store.NewLead, 6)
	for i := range rows {
		rows[i] = lead(i + 1)
	}
	late, _, err := store.UpsertLeads(b.ctx, b.pool, rows[:3], noon.Add(time.Minute))
	must(t, err)
	early, _, err := store.UpsertLeads(b.ctx, b.pool, rows[3:], noon)
	must(t, err)
	_, _, err = store.UpsertLeads(b.ctx, b.pool, rows[3:4], noon) // called twice: it comes once
	must(t, err)
	must(t, store.PostponeIntake(b.ctx, b.pool, late[0], noon.Add(time.Hour)))
	must(t, store.EndLeads(b.ctx, b.pool, []store.LeadEnd{{LeadID: late[1], End: cadence.EndReason("opted_out")}}, noon))
	holder, err := b.pool.Begin(b.ctx)
	must(t, err)
	must(t, store.LockLeads(b.ctx, holder, early[1:2]))
	take := func(at time.Time, limit int) []int64 {
		t.Helper()
		ids, err := store.TakeWaiting(b.ctx, b.pool, at, limit)
		must(t, err)
		_, err = b.pool.Exec(b.ctx, `UPDATE leads SET intake_at = NULL WHERE id = ANY($1)`, ids) // as if they were taken in
		must(t, err)
		return ids
	}
	for _, step := range []struct {
		after time.Duration
		limit int
		want  []int64
	}{
		{-time.Second, 10, nil},
		{2 * time.Minute, 1, []int64{early[0], early[2]}},
		{2 * time.Minute, 10, []int64{late[2]}},
		{2 * time.Minute, 10, nil},
		{2*time.Minute + 2*time.Second, 10, nil}, // still held
	} {
		if got := take(noon.Add(step.after), step.limit); !slices.Equal(got, step.want) {
			t.Errorf("after %s: %v were called, want %v", step.after, got, step.want)
		}
	}
	must(t, holder.Rollback(b.ctx))
	if got := take(noon.Add(3*time.Minute), 10); !slices.Equal(got, early[1:2]) {
		t.Errorf("%v were called, want the one that was held: %v", got, early[1:2])
	}
	again := noon.Add(2 * time.Hour)
	must(t, store.SaveIntake(b.ctx, b.pool, []store.IntakeResult{{LeadID: early[0], Again: &again}, {LeadID: early[2], Note: "nobody takes it"}}))
	if got := take(noon.Add(time.Hour), 10); !slices.Equal(got, late[:1]) {
		t.Errorf("%v were called, want the one that was postponed: %v", got, late[:1])
	}
	must(t, store.ReconsiderUnmatched(b.ctx, b.pool, noon.Add(90*time.Minute)))
	if got := take(again, 10); !slices.Equal(got, []int64{early[2], early[0]}) {
		t.Errorf("%v were called, want %v and %v", got, early[2], early[0])
	}
}

// TestKinAreAlike: whatever predicates ask for, each lead looks to the core as its kin do, is told of by the same predicates in the same way, and
// its mails count for the same domain.
func TestKinAreAlike(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	random := rand.New(rand.NewPCG(4, 9))
	ids := b.strangers(random, 300)
	leads, err := store.Leads(b.ctx, b.pool, ids)
	must(t, err)
	byID := map[int64]*store.Lead{}
	var all []string
	for i := range leads {
		byID[leads[i].ID] = &leads[i]
		for name := range leads[i].Core("UTC").Fields {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	if len(all) < 25 {
		t.Fatalf("the leads have only the fields %s", all)
	}
	mail := config.Mail{PerDomain: map[string]cadence.Allowance{"big.example": {}}}
	for round := range 60 {
		var asked []string
		for _, name := range all {
			if random.IntN(60) < round {
				asked = append(asked, name)
			}
		}
		query := store.KinQuery{Fields: asked, Domains: mail.ThrottledDomains()}
		if !query.Answerable() {
			t.Fatalf("leads cannot be told apart by %s", asked)
		}
		kin, err := store.FindKin(b.ctx, b.pool, ids, query)
		must(t, err)
		seen := 0
		for _, k := range kin {
			for _, id := range k.IDs {
				seen++
				one := byID[id]
				if diff := cmp.Diff(seenAs(one, asked), seenAs(&k.Lead, asked)); diff != "" {
					t.Fatalf("asked for %s: lead (-) and kin (+) differ:\n%s", asked, diff)
				}
				if got, want := mail.ThrottledDomain(k.Email), mail.ThrottledDomain(one.Email); got != want || k.Mailbox != one.Mailbox || k.Lead.Owner != one.Owner {
					t.Fatalf("the kin of %+v wait in the domain %q, mailbox %q, of %q; want %q", *one, got, k.Mailbox, k.Lead.Owner, want)
				}
			}
		}
		if seen != len(ids) {
			t.Fatalf("%d of %d leads have kin", seen, len(ids))
		}
		if round == 0 && len(kin) == len(ids) {
			t.Error("no two leads are kin")
		}
	}
}

// seenAs is a lead as the core sees it with no other fields than those that are asked for and those that priorities look at.
func seenAs(l *store.Lead, asked []string) cadence.Lead {
	core := l.Core("Asia/Tokyo")
	core.ID, core.Key = 0, ""
	fields := map[string]predicate.Value{}
	for _, name := range append([]string{"lead.readiness", "lead.origin"}, asked...) {
		if v, ok := core.Fields[name]; ok {
			fields[name] = v
		}
	}
	core.Fields = fields
	return core
}

// strangers stores leads that have, and lack, all there is to have, in few ways each.
func (b *base) strangers(random *rand.Rand, n int) []int64 {
	b.t.Helper()
	some := func(values ...string) string { return values[random.IntN(len(values))] }
	given := func() *time.Time {
		if random.IntN(2) == 0 {
			return nil
		}
		at := noon.Add(-time.Duration(random.IntN(1000)) * time.Hour)
		return &at
	}
	rows := make([]store.NewLead, n)
	for i := range rows {
		account := some("", "", "A", "B", "Ç Gmbh")
		rows[i] = store.NewLead{
			Lead: store.Lead{
				Key: fmt.Sprintf("k%d", i), Email: some("", fmt.Sprintf("p%d@big.example", i), fmt.Sprintf("p%d@c%d.example", i, i)),
				Phone: some("", fmt.Sprintf("+4930%07d", i)), FirstName: some("Pat", "Kim"), Title: some("", "CEO", "Ärztin"), Role: some("", "buyer"),
				City: some("", "Rome"), Country: some("", "DE", "US"), Region: some("", "TX"), Zones: [][]string{nil, {"Europe/Berlin"}, {"America/Chicago", "America/Denver"}}[random.IntN(3)],
				Language: some("", "de", "en"), Source: some("", "fair", "Fair"), Origin: some("inquiry", "self_qualified"), Mailbox: some("m@us.example", "n@us.example"),
				Owner: some("o@us.example", "q@us.example"), ConsentEmail: given(), ConsentVoicemail: given(), ConsentCall: given(),
				Account: store.Account{Name: account, Domain: strings.ToLower(strings.Fields(account + " x")[0]) + ".example", Industry: some("", "tools"), Employees: 100 * (1 + random.IntN(3)), Country: some("", "FR")},
			},
			AccountKey: account,
		}
		for name, value := range map[string]any{"tier": some("gold", "", "élan"), "size": float64(random.IntN(3)), "odd \"name\"": random.IntN(2) == 0} {
			if random.IntN(2) == 0 {
				if rows[i].Custom == nil {
					rows[i].Custom = map[string]any{}
				}
				rows[i].Custom[name] = value
			}
		}
	}
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, rows, noon)
	must(b.t, err)
	for _, sql := range []string{
		`UPDATE leads SET phone_invalid = true WHERE id % 7 = 0`,
		`UPDATE leads SET stage = 'recycled' WHERE id % 5 = 0`,
		`UPDATE leads SET readiness = 'near_term' WHERE id % 3 = 0`,
		`UPDATE leads SET end_reason = 'opted_out' WHERE id % 11 = 0`,
		`UPDATE leads SET topics_off = '{news}' WHERE id % 4 = 0`,
	} {
		_, err := b.pool.Exec(b.ctx, sql)
		must(b.t, err)
	}
	must(b.t, store.InsertSuppressions(b.ctx, b.pool, []store.Suppression{
		{Address: "p7@big.example", Scope: cadence.SuppressEmail},
		{Address: "@c9.example", Scope: cadence.SuppressEmail},
		{Address: "+49300000012", Scope: cadence.SuppressPhone},
		{Address: rows[20].Email, Scope: cadence.SuppressAll},
		{Address: rows[21].Phone, Scope: cadence.SuppressAll},
	}, noon))
	return ids
}

// TestKinLeavesOut those that were in a cadence, those in hand, and those of whom something is known where facts are asked for.
func TestKinLeavesOut(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	inside, _ := b.enrolled(1)
	rows := []store.NewLead{lead(2), lead(3), lead(4)}
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, rows, noon)
	must(t, err)
	_, err = b.pool.Exec(b.ctx, `INSERT INTO tasks (lead_id, kind, state, owner, title, why, opened_at, due_at) VALUES ($1, 'triage', 'open', 'o', 't', 'w', $2, $2)`, ids[0], noon)
	must(t, err)
	_, err = b.pool.Exec(b.ctx, `INSERT INTO facts (lead_id, criterion, value, class, by, at) VALUES ($1, 'driver', '"x"', 1, 'me', $2)`, ids[1], noon)
	must(t, err)
	for _, c := range []struct {
		fields []string
		want   []int64
	}{
		{nil, []int64{ids[1], ids[2]}},
		{[]string{"facts.driver"}, []int64{ids[2]}},
	} {
		kin, err := store.FindKin(b.ctx, b.pool, append(inside, ids...), store.KinQuery{Fields: c.fields})
		must(t, err)
		var got []int64
		for _, k := range kin {
			got = append(got, k.IDs...)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.SortSlices(func(a, b int64) bool { return a < b })); diff != "" {
			t.Errorf("asked for %s: wanted (-) and found (+) differ:\n%s", c.fields, diff)
		}
	}
	if (store.KinQuery{Fields: []string{"lead.shoe_size"}}).Answerable() {
		t.Error("leads are told apart by what they do not have")
	}
}
