package store_test

import (
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// TestSuppressionsHoldInBothSpellings: who asked out at müller.example is not mailed at xn--mller-kva.example, as another list may have the
// same address.
func TestSuppressionsHoldInBothSpellings(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	added, err := store.AddSuppressions(b.ctx, b.pool, []store.Suppression{
		{Address: "jane@müller.example", Scope: cadence.SuppressEmail, Reason: "opted_out"},
		{Address: "@xn--bcher-kva.example", Scope: cadence.SuppressEmail, Reason: "customer"},
		{Address: "bob@plain.example", Scope: cadence.SuppressAll, Reason: "opted_out"},
	}, noon)
	must(t, err)
	if added != 3 {
		t.Errorf("%d are counted as new", added)
	}
	barred := func(address string) bool {
		t.Helper()
		found, err := store.FindSuppressions(b.ctx, b.pool, []string{address})
		must(t, err)
		return len(found) == 1
	}
	for _, address := range []string{"jane@müller.example", "jane@xn--mller-kva.example", "@bücher.example", "@xn--bcher-kva.example", "bob@plain.example"} {
		if !barred(address) {
			t.Errorf("%s is not barred", address)
		}
	}
	again, err := store.AddSuppressions(b.ctx, b.pool, []store.Suppression{{Address: "jane@xn--mller-kva.example", Scope: cadence.SuppressEmail, Reason: "again"}}, noon)
	must(t, err)
	lifted, err := store.RemoveSuppressions(b.ctx, b.pool, "jane@xn--mller-kva.example", "", "it was a mistake", "ana", noon.Add(time.Hour))
	must(t, err)
	if again != 0 || len(lifted) != 1 || lifted[0].Reason != "opted_out" || barred("jane@müller.example") || barred("jane@xn--mller-kva.example") {
		t.Errorf("%d were new again, lifted %+v", again, lifted)
	}
}
