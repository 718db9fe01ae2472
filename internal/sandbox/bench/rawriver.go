package bench

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"nurture/store"
)

// riverSchema holds the tables of River alone, beside those that the engine's jobs are in.
const riverSchema = "river_alone"

// noop is a job that does nothing.
type noop struct{}

// Kind is the name of the job in River's tables.
func (noop) Kind() string { return "noop" }

type noopWorker struct {
	river.WorkerDefaults[noop]
	worked atomic.Int64
}

func (w *noopWorker) Work(context.Context, *river.Job[noop]) error {
	w.worked.Add(1)
	return nil
}

// rawRiver measures River by itself, set to be fast: how many jobs a second it takes, works and records as completed.
func (g *ground) rawRiver(ctx context.Context, n int) (float64, error) {
	g.say("River alone: %d jobs that do nothing", n)
	pool, err := store.Open(ctx, g.url, 16)
	if err != nil {
		return 0, err
	}
	defer pool.Close()
	if err := store.CreateSchema(ctx, pool, riverSchema); err != nil {
		return 0, err
	}
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Schema: riverSchema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return 0, fmt.Errorf("migrate River's schema: %w", err)
	}
	workers, worker := river.NewWorkers(), &noopWorker{}
	river.AddWorker(workers, worker)
	client, err := river.NewClient(driver, &river.Config{
		Schema: riverSchema, Workers: workers, Logger: slog.New(slog.DiscardHandler), FetchCooldown: time.Millisecond,
		FetchPollInterval: 10 * time.Millisecond, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1000}},
	})
	if err != nil {
		return 0, err
	}
	const chunk = 10_000
	for left := n; left > 0; left -= chunk {
		if _, err := client.InsertManyFast(ctx, noops(min(left, chunk))); err != nil {
			return 0, fmt.Errorf("insert River's jobs: %w", err)
		}
	}
	began := g.Now()
	if err := client.Start(ctx); err != nil {
		return 0, err
	}
	waited := g.await(ctx, "River's jobs", func() (int, bool, error) {
		worked := int(worker.worked.Load())
		return worked, worked >= n, nil
	})
	if err := client.Stop(context.WithoutCancel(ctx)); err != nil { // it ends when all are recorded
		return 0, err
	}
	return perSecond(n, g.Now().Sub(began)), waited
}

// noops gives n jobs that do nothing.
func noops(n int) []river.InsertManyParams {
	jobs := make([]river.InsertManyParams, n)
	for i := range jobs {
		jobs[i] = river.InsertManyParams{Args: noop{}}
	}
	return jobs
}
