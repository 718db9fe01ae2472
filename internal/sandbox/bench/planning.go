package bench

import (
	"context"
	"errors"
	"slices"
	"time"

	"nurture/jobs"
	"nurture/store"
)

// Plan is what `nurture bench plan` measured.
type Plan struct {
	Machine
	Idle    int         `json:"idle"`
	Ticks   int         `json:"ticks"`
	Median  float64     `json:"tick_ms"`          // of a planner tick with nothing due
	P99     float64     `json:"tick_p99_ms"`      //
	Queries float64     `json:"queries_per_tick"` // statements, begin and commit included
	Trips   float64     `json:"round_trips_per_tick"`
	Moved   int         `json:"moved"` // rows that ticks moved: 0 unless something was due after all
	Top     []Statement `json:"statements"`
}

// MeasurePlan measures planner ticks with so many idle enrolments and nothing due.
func MeasurePlan(ctx context.Context, o Options, idle, ticks int) (result *Plan, err error) {
	g, err := newGround(ctx, o, plan{senders: 10, steps: 1, intake: "manual"})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := g.idle(ctx, idle); err != nil {
		return nil, err
	}
	if err := g.settle(ctx); err != nil {
		return nil, err
	}
	probe := NewProbe(g.Now)
	pool, err := store.OpenTraced(ctx, g.url, 4, probe)
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	engine, err := jobs.New(ctx, jobs.Options{Pool: pool, Now: g.Now})
	if err != nil {
		return nil, err
	}
	for range 20 { // statements are prepared and their plans settle
		if _, err := engine.Tick(ctx); err != nil {
			return nil, err
		}
	}
	g.say("%d ticks", ticks)
	r := &Plan{Machine: g.machine(), Idle: idle, Ticks: ticks}
	took := make([]time.Duration, ticks)
	probe.reset()
	for i := range took {
		began := g.Now()
		moved, err := engine.Tick(ctx)
		if err != nil {
			return nil, err
		}
		took[i] = g.Now().Sub(began)
		r.Moved += moved
	}
	stats := probe.stats()
	slices.Sort(took)
	r.Median, r.P99 = milliseconds(took[ticks/2]), milliseconds(took[ticks*99/100])
	r.Queries, r.Trips, r.Top = float64(stats.Statements)/float64(ticks), float64(stats.Trips)/float64(ticks), stats.Top
	return r, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
