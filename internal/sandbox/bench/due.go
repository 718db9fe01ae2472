package bench

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"nurture/store"
)

// Due is what `nurture bench due` measured: a worker process before a backlog.
type Due struct {
	Machine
	Due     int     `json:"due"`     // enrolments that were due at once
	Senders int     `json:"senders"` // mailboxes that they are spread over; none of their caps is reached
	Seconds float64 `json:"seconds"` // that the worker was watched for
	Sent    int     `json:"sent"`
	Planned int     `json:"planned_most"` // the most touches that were planned and not yet claimed, of those looked at once a second
	Idle    float64 `json:"rss_idle_mb"`  // the most that the worker process ever had resident before the mailboxes were released, MiB
	RSS     float64 `json:"rss_mb"`       // and until the end
}

// MeasureDue makes so many enrolments due at once and watches what a worker process makes of them for a span.
func MeasureDue(ctx context.Context, o Options, due, senders int, span time.Duration) (result *Due, err error) {
	g, err := newGround(ctx, o, plan{senders: senders, steps: 1, intake: "manual"})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, g.close()) }()
	if err := g.hold(ctx); err != nil {
		return nil, err
	}
	if err := g.seed(ctx, due, g.Now().UTC().Add(-time.Hour)); err != nil {
		return nil, err
	}
	if err := g.settle(ctx); err != nil {
		return nil, err
	}
	sink, err := o.spawn("sink", nil, "bench", "sink")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, sink.stop()) }()
	var hello SinkCount
	if err := sink.ask("", &hello); err != nil {
		return nil, err
	}
	worker, err := g.spawn("worker", mailTo(hello.Port, 8), "bench", "worker", "--database", g.url, "--config", g.configDir(), "--data", filepath.Join(g.Dir, "data"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, worker.stop()) }()
	if err := worker.ask("", &struct{}{}); err != nil {
		return nil, err
	}
	r := &Due{Machine: g.machine(), Due: due, Senders: senders}
	if err := g.watch(ctx, worker, span, r); err != nil {
		return nil, err
	}
	return r, nil
}

// watch releases the mailboxes and looks once a second how far the worker is.
func (g *ground) watch(ctx context.Context, worker *child, span time.Duration, r *Due) error {
	poll := time.NewTicker(time.Second)
	defer poll.Stop()
	for range 5 { // the worker ticks a few times with nothing that it may do
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
	var stats WorkerStats
	if err := worker.ask("end", &stats); err != nil {
		return err
	}
	r.Idle = float64(stats.RSSBytes) / (1 << 20)
	g.say("watching the worker for %s", span)
	if err := g.release(ctx); err != nil {
		return err
	}
	for began := g.Now(); ; {
		planned, sent, err := store.CountTouches(ctx, g.pool)
		if err != nil {
			return err
		}
		r.Planned, r.Sent, r.Seconds = max(r.Planned, planned), sent, g.Now().Sub(began).Seconds()
		if sent >= r.Due || g.Now().Sub(began) >= span {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
	if err := worker.ask("end", &stats); err != nil {
		return err
	}
	r.RSS = float64(stats.RSSBytes) / (1 << 20)
	return nil
}
