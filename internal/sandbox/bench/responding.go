package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"nurture/cadence"
	"nurture/jobs"
	"nurture/store"
)

// Respond is what `nurture bench respond` measured. Rates are a second of the wall clock.
type Respond struct {
	Machine
	Responses int     `json:"responses"`
	Batch     int     `json:"batch"`           // recorded in one transaction
	Recorded  float64 `json:"recorded_per_s"`  // stored, and acted on by the cadence
	PerSecond float64 `json:"responses_per_s"` // until all of them were evaluated, too
	Evaluated int     `json:"evaluated"`
	Queries   float64 `json:"queries_per_response"` // of the worker process
	RSS       float64 `json:"rss_mb"`               // the most of the worker process, MiB
}

// MeasureRespond records n replies of as many leads while a worker process evaluates them.
func MeasureRespond(ctx context.Context, o Options, n, batch int) (result *Respond, err error) {
	g, err := newGround(ctx, o, plan{senders: 10, steps: 2, intake: "manual"})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := g.hold(ctx); err != nil { // no mail: only answers
		return nil, err
	}
	leads, err := g.enroll(ctx, "lead", n)
	if err != nil {
		return nil, err
	}
	if err := g.settle(ctx); err != nil {
		return nil, err
	}
	worker, err := g.spawn("worker", nil, "bench", "worker", "--database", g.url, "--config", g.configDir(), "--data", filepath.Join(g.Dir, "data"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, worker.stop()) }()
	if err := worker.ask("", &struct{}{}); err != nil {
		return nil, err
	}
	if err := worker.ask("begin", &WorkerStats{}); err != nil {
		return nil, err
	}
	return g.respond(ctx, worker, leads, batch)
}

func (g *ground) respond(ctx context.Context, worker *child, leads []int64, batch int) (*Respond, error) {
	n := len(leads)
	inputs := make([]jobs.ResponseInput, n)
	for i, id := range leads {
		inputs[i] = jobs.ResponseInput{
			LeadID: id, Kind: cadence.Interested, Source: "bench", ExternalID: strconv.Itoa(i), Said: "Sounds good. We plan two studies in spring, call me next week.", By: "bench",
		}
	}
	g.say("recording %d responses, %d at a time", n, batch)
	r := &Respond{Machine: g.machine(), Responses: n, Batch: batch}
	began := g.Now()
	for start := 0; start < len(inputs); start += batch {
		if _, err := g.engine.Respond(ctx, inputs[start:min(start+batch, len(inputs))]); err != nil {
			return nil, fmt.Errorf("respond: %w", err)
		}
	}
	r.Recorded = perSecond(n, g.Now().Sub(began))
	if err := g.await(ctx, "the evaluation of responses", func() (progress int, ok bool, err error) {
		r.Evaluated, err = store.CountEvaluated(ctx, g.pool)
		return r.Evaluated, r.Evaluated >= n, err
	}); err != nil {
		return nil, err
	}
	r.PerSecond = perSecond(n, g.Now().Sub(began))
	var s WorkerStats
	if err := worker.ask("end", &s); err != nil {
		return nil, err
	}
	r.Queries, r.RSS = float64(s.Statements)/float64(n), float64(s.RSSBytes)/(1<<20)
	return r, nil
}
