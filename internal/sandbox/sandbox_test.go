package sandbox

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nurture/config"
	"nurture/examples"
	"nurture/internal/pgtest"
	"nurture/jobs"
	"nurture/store"
)

var migrate = pgtest.By(jobs.Migrate)

func runOnce(t *testing.T, seed int64) *Result {
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
	r, err := Run(ctx, Options{Pool: pool, Config: cfg, Leads: 60, Days: 60, Seed: seed, JournalDir: t.TempDir(), RealNow: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARunKeepsThePromises(t *testing.T) {
	t.Parallel()
	r := runOnce(t, 1)
	if r.Promotions == 0 || r.Leaks != 0 || r.SentTwice != 0 || r.Lost != 0 || r.TouchesAfterStop != 0 || r.MaxTouchesPerCycle > 7 || r.Unknown != 0 {
		t.Errorf("a promise is broken: %+v", *r)
	}
	again := runOnce(t, 1)
	if diff := cmp.Diff(r, again, cmpopts.IgnoreFields(Result{}, "WallSeconds", "Examples", "mails")); diff != "" {
		t.Errorf("the same seed gave other numbers (-first +second):\n%s", diff)
	}
}
