package jobs

import (
	"fmt"
	"sync"
	"testing"

	"nurture/cadence"
	"nurture/store"
)

// TestRepsShareWhatIsReadyAtOnce: leads that become ready in the same moment, weighed by several workers, are shared as if one had come behind the other.
func TestRepsShareWhatIsReadyAtOnce(t *testing.T) {
	t.Parallel()
	const n = 5
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	r.respond(r.importLeads(person(1))[0], cadence.Connected, r.ready()) // a German one, whom Tomas alone takes: Priya has fewer from now on
	r.evaluateAll()
	var evaluations []Evaluate
	for i := range n {
		american := person(i + 2) // whom both take
		american.Country, american.Zones, american.Phone = "US", []string{"America/New_York"}, fmt.Sprintf("+1212555%04d", i+1)
		lead := r.importLeads(american)[0]
		evaluations = append(evaluations, Evaluate{[]int64{r.respond(lead, cadence.Connected, r.ready())}})
	}
	// All of them come as far as to store their handoffs, and no further.
	tx, err := r.pool.Begin(r.ctx)
	must(t, err)
	defer func() { _ = tx.Rollback(r.ctx) }()
	_, err = tx.Exec(r.ctx, `LOCK TABLE handoffs IN SHARE ROW EXCLUSIVE MODE`)
	must(t, err)
	var wait sync.WaitGroup
	failed := make([]error, n)
	for i, args := range evaluations {
		wait.Go(func() { failed[i] = (&evaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(args)) })
	}
	eventually(t, "all wait", func() bool {
		return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == n
	})
	must(t, tx.Commit(r.ctx))
	wait.Wait()
	for _, err := range failed {
		must(t, err)
	}
	load, err := store.OpenHandoffsByRep(r.ctx, r.pool)
	must(t, err)
	if load["priya@example.com"] != 3 || load["tomas@example.com"] != 3 {
		t.Errorf("the reps have %v", load)
	}
	r.noLeaks()
}
