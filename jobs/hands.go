package jobs

import (
	"context"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"nurture/store"
)

// lostAfter is how long a job may be in this process's hands as River has it while the process does not work it. River writes that a job has
// ended a moment after its end, and hands one out a moment before its begin; but what it hands out over a connection that breaks arrives
// nowhere, and without this would wait for River's rescue: sendTimeout.
const lostAfter = 20 * time.Second

// hands are the jobs that this process works, by id.
type hands struct {
	mu   sync.Mutex
	jobs map[int64]int // how many times at once
}

// Work is River's middleware: it keeps the job in hand while it is worked.
func (h *hands) Work(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	h.add(job.ID, 1)
	defer h.add(job.ID, -1)
	return work(ctx)
}

func (h *hands) add(id int64, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.jobs == nil {
		h.jobs = map[int64]int{}
	}
	if h.jobs[id] += n; h.jobs[id] == 0 {
		delete(h.jobs, id)
	}
}

func (h *hands) hold(id int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.jobs[id] > 0
}

// middleware is what every job runs through.
func (e *Engine) middleware() []rivertype.Middleware {
	return []rivertype.Middleware{river.WorkerMiddlewareFunc(e.hands.Work)}
}

// sighting is a try of a job that nobody works, and since when this process has seen that.
type sighting struct {
	attempt int
	since   time.Time // on the real clock
}

// freeLostJobs gives back the jobs that River handed to this process and that never arrived, and those of workers that are forgotten. The
// caller holds recoverMu.
func (e *Engine) freeLostJobs(ctx context.Context) error {
	held, err := store.HeldJobs(ctx, e.pool, e.worker.ID)
	if err != nil {
		return err
	}
	now := e.realNow()
	sighted := map[int64]sighting{}
	var lost []store.HeldJob
	for _, job := range held {
		if e.hands.hold(job.ID) {
			continue
		}
		s, ok := e.sighted[job.ID]
		if !ok || s.attempt != job.Attempt {
			s = sighting{attempt: job.Attempt, since: now}
		}
		sighted[job.ID] = s
		if now.Sub(s.since) >= lostAfter {
			lost = append(lost, job)
		}
	}
	e.sighted = sighted
	n, err := store.FreeJobs(ctx, e.pool, lost)
	if n > 0 {
		e.log.WarnContext(ctx, "giving back jobs that were handed out and never arrived", "jobs", n)
	}
	return err
}

// A job fails when the database is away, so it is tried again soon, soonTries times; after that it waits as long as River would have it.
const (
	soonest   = time.Minute
	soonTries = 6
)

// retries say when a job that failed is tried again.
type retries struct {
	patient river.DefaultClientRetryPolicy
}

// NextRetry implements river.ClientRetryPolicy.
func (r *retries) NextRetry(job *rivertype.JobRow) time.Time {
	at := r.patient.NextRetry(job)
	if job.AttemptedAt == nil || len(job.Errors) >= soonTries {
		return at
	}
	return earlier(at, job.AttemptedAt.Add(soonest))
}
