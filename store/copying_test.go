package store_test

import (
	"errors"
	"testing"
	"time"

	"nurture/store"
)

// TestNewAndKnownTogether: what is copied and what is merged come back in the order in which they were given.
func TestNewAndKnownTogether(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	first, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{lead(2), lead(4)}, noon)
	must(t, err)
	bare := store.NewLead{Lead: store.Lead{Key: "k1", Origin: "inquiry"}, NoAddress: true}
	rows := []store.NewLead{bare, lead(2), lead(3), lead(4), lead(5)}
	rows[4].CreatedAt, rows[4].ConsentCall = noon.AddDate(-1, 0, 0), &noon
	ids, inserted, err := store.UpsertLeads(b.ctx, b.pool, rows, noon.Add(time.Hour))
	must(t, err)
	if inserted != 3 || ids[1] != first[0] || ids[3] != first[1] {
		t.Fatalf("ids %v after %v, %d new", ids, first, inserted)
	}
	for i := range rows {
		got, err := store.LeadByID(b.ctx, b.pool, ids[i])
		must(t, err)
		if got.Key != rows[i].Key || got.Email != rows[i].Email || got.Domain != rows[i].Domain || len(got.Zones) != len(rows[i].Zones) ||
			len(got.Custom) != len(rows[i].Custom) || (got.ConsentCall == nil) != (rows[i].ConsentCall == nil) || (got.IntakeAt == nil) != rows[i].NoAddress ||
			(got.EndReason == "unreachable") != rows[i].NoAddress {
			t.Errorf("row %d is %+v", i, got)
		}
	}
	if got, err := store.LeadByID(b.ctx, b.pool, ids[4]); err != nil || !got.CreatedAt.Equal(rows[4].CreatedAt) {
		t.Errorf("created at %v, %v", got.CreatedAt, err)
	}
}

// TestBracesAreAName: what is the default of one column is a value in another.
func TestBracesAreAName(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	odd := lead(1)
	odd.FirstName, odd.Custom = "{}", nil
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{odd}, noon)
	must(t, err)
	if got, err := store.LeadByID(b.ctx, b.pool, ids[0]); err != nil || got.FirstName != "{}" {
		t.Errorf("the name is %q, %v", got.FirstName, err)
	}
}

// TestKeyTakenMeanwhile: who finds a key free that somebody else is just taking has to try again.
func TestKeyTakenMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	tx, err := b.pool.Begin(b.ctx)
	must(t, err)
	ids, _, err := store.UpsertLeads(b.ctx, tx, []store.NewLead{lead(1)}, noon)
	must(t, err)
	later := make(chan error, 1)
	go func() {
		one := lead(1)
		one.AccountKey = ""
		_, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{one}, noon)
		later <- err
	}()
	b.untilSomebodyWaits()
	must(t, tx.Commit(b.ctx))
	var again interface{ SQLState() string }
	if err := <-later; !errors.As(err, &again) || again.SQLState() != "40001" {
		t.Errorf("error %v does not ask to try again", err)
	}
	same, inserted, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{lead(1)}, noon)
	must(t, err)
	if same[0] != ids[0] || inserted != 0 {
		t.Errorf("lead %d, %d new; it was %d", same[0], inserted, ids[0])
	}
}
