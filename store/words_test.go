package store_test

import (
	"fmt"
	"testing"

	"nurture/store"
)

// TestWordsFollow: a lead is found by the words of its name, address, key and company at once, after its words are written as well as before, and
// under its new name once it has one; erased it is not found.
func TestWordsFollow(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	one := lead(1)
	one.FirstName, one.LastName, one.Email, one.Account.Name = "Zoë", "O'Neil", "zoe.oneil@works.example", "Acme Works"
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{one, lead(2)}, noon)
	must(t, err)
	finds := func(when string, want bool, searches ...string) {
		t.Helper()
		for _, search := range searches {
			rows, err := store.SearchLeads(b.ctx, b.pool, search, 0, 10)
			must(t, err)
			if found := len(rows) > 0 && rows[len(rows)-1].ID == ids[0]; found != want {
				t.Errorf("%s: %q finds the lead: %v", when, search, found)
			}
		}
	}
	write := func(limit int) int {
		t.Helper()
		n, err := store.WriteWords(b.ctx, b.pool, limit)
		must(t, err)
		return n
	}
	all := []string{"zo", "O'Neil zoë", "acme", "works", "k1", "zoe.oneil@works.example", "+49300000001"}
	finds("before", true, all...)
	if n := write(100); n != 4 {
		t.Errorf("the words of %d leads and companies were written, want 4", n)
	}
	finds("after", true, all...)
	together := []string{"neil acme", "acme zoë", "zoe works.example acm", "zoë o'neil acme works"}
	finds("of the lead and its company", true, together...)
	finds("of others", false, "zoë bolt", "acme nobody", "murphy acme")
	if rows, err := store.SearchLeads(b.ctx, b.pool, "acme zoë", ids[0], 10); err != nil || len(rows) > 0 {
		t.Errorf("older than the lead are %v: %v", rows, err)
	}
	found, err := store.LeadCandidates(b.ctx, b.pool, "neil zo", 10)
	must(t, err)
	if len(found) != 1 || found[0].ID != ids[0] {
		t.Errorf("candidates are %v", found)
	}
	one.LastName, one.Account.Name = "Murphy", "Bolt"
	_, _, err = store.UpsertLeads(b.ctx, b.pool, []store.NewLead{one}, noon)
	must(t, err)
	finds("renamed", true, "murphy", "bolt")
	write(100)
	finds("renamed, and written", true, "murphy", "bolt")
	finds("renamed, and written", false, "neil zoë murphy", "acme")
	one.LastName = "Byrne"
	_, _, err = store.UpsertLeads(b.ctx, b.pool, []store.NewLead{one}, noon)
	must(t, err)
	tx, err := b.pool.Begin(b.ctx)
	must(t, err)
	must(t, store.LockLeads(b.ctx, tx, ids[:1]))
	write(100) // waits for nobody
	must(t, tx.Rollback(b.ctx))
	if n := write(100); n != 1 {
		t.Errorf("%d are due after one was held, want it", n)
	}
	if n := write(100); n != 0 {
		t.Errorf("%d are due still", n)
	}
	must(t, store.EraseLead(b.ctx, b.pool, store.Erasure{Lead: store.Lead{ID: ids[0]}}))
	finds("erased", false, all...)
}

// TestWordsBacklog: with more due than a search looks at, the newest and whatever is named in full are found, and writing goes on from the oldest in bites.
func TestWordsBacklog(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	for start := 0; start < 9000; start += 3000 {
		rows := make([]store.NewLead, 3000)
		for i := range rows {
			rows[i] = store.NewLead{Lead: store.Lead{
				Key: fmt.Sprintf("k%05d", start+i), Email: fmt.Sprintf("p%05d@c.example", start+i), LastName: fmt.Sprintf("Name%dx", start+i), Origin: "inquiry",
			}}
		}
		_, _, err := store.UpsertLeads(b.ctx, b.pool, rows, noon)
		must(t, err)
	}
	for _, c := range []struct {
		write  int
		search string
		want   int
	}{{0, "name7x", 0}, {0, "k00007", 1}, {0, "P00007@c.example", 1}, {0, "name8999x", 1}, {3000, "name7x", 1}, {0, "name8999x", 1}, {6000, "name5000x", 1}} {
		if c.write > 0 {
			n, err := store.WriteWords(b.ctx, b.pool, c.write)
			must(t, err)
			if n != c.write {
				t.Errorf("%d were written, want %d", n, c.write)
			}
		}
		rows, err := store.SearchLeads(b.ctx, b.pool, c.search, 0, 10)
		must(t, err)
		if len(rows) != c.want {
			t.Errorf("%q finds %d leads, want %d", c.search, len(rows), c.want)
		}
	}
}
