package sandbox

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/config"
	"nurture/examples"
	"nurture/internal/pgtest"
	"nurture/jobs"
	"nurture/store"
)

var migrate = pgtest.By(jobs.Migrate)

func runOnce(t *testing.T, o Options) (*Result, *pgxpool.Pool) {
	t.Helper()
	ctx := context.Background()
	pool, err := store.Open(ctx, pgtest.New(t, "sandbox", migrate), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	cfg, err := config.Load(examples.Starter())
	if err != nil {
		t.Fatal(err)
	}
	o.Pool, o.Config, o.JournalDir, o.RealNow = pool, cfg, t.TempDir(), time.Now
	r, err := Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return r, pool
}

func TestARunKeepsThePromises(t *testing.T) {
	t.Parallel()
	r, _ := runOnce(t, Options{Leads: 60, Days: 60, Seed: 1})
	keepsPromises(t, r)
	if r.Promotions == 0 {
		t.Error("nobody was promoted")
	}
	again, _ := runOnce(t, Options{Leads: 60, Days: 60, Seed: 1})
	if diff := cmp.Diff(r, again, cmpopts.IgnoreFields(Result{}, "WallSeconds", "Examples", "mails")); diff != "" {
		t.Errorf("the same seed gave other numbers (-first +second):\n%s", diff)
	}
}

func keepsPromises(t *testing.T, r *Result) {
	t.Helper()
	if r.Leaks != 0 || r.SentTwice != 0 || r.Lost != 0 || r.TouchesAfterStop != 0 || r.MaxTouchesPerCycle > 7 || r.Unknown != 0 {
		t.Errorf("a promise is broken: %+v", *r)
	}
}

// TestWorkIsLeft: leads that come in late, and days that the SDRs leave to others, leave calls to be made at the end.
func TestWorkIsLeft(t *testing.T) {
	t.Parallel()
	const late, days, leftOpen = 20, 40, 4
	r, pool := runOnce(t, Options{Leads: 40, Late: late, Days: days, LeftOpen: leftOpen, Seed: 1})
	keepsPromises(t, r)
	count := func(sql string, args ...any) (n int) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(`SELECT count(DISTINCT created_at) FROM leads WHERE created_at > $1`, Start); n != late {
		t.Errorf("%d came in late, each at a time of its own, not %d", n, late)
	}
	_, short := runOnce(t, Options{Leads: 20, Late: late, Days: 1, Seed: 1})
	if ids, err := store.LeadIDs(t.Context(), short); err != nil || len(ids) != 20 {
		t.Errorf("of 20 that came late in a run of one day there are %d, %v", len(ids), err)
	}
	if n := count(`SELECT count(*) FROM tasks WHERE kind = 'call' AND state = 'open'`); n < 3 {
		t.Errorf("%d calls are left", n)
	}
	if n := count(`SELECT count(*) FROM tasks WHERE state = 'done' AND done_at >= $1`, end(days-leftOpen)); n != 0 {
		t.Errorf("the SDRs did %d tasks in the days that they leave", n)
	}
}
