package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"nurture/store"
)

// queueNames are all queues, in the order in which a lead meets them.
var queueNames = []string{queueEmail, queueVoicemail, queueCall, queueEvaluate, queueHandoff}

// ErrNoQueue is returned, wrapped, for a queue that the engine does not have.
var ErrNoQueue = errors.New("no queue")

// ErrNotTried is returned, wrapped, for a job that cannot be tried again or cancelled as it stands.
var ErrNotTried = errors.New("nothing to be done")

// queueSpan is the time over which finished jobs are counted.
const queueSpan = time.Hour

// Queues tells how every queue stands. Done counts the jobs of the last hour; River forgets them after a day. The instants are the real
// clock's, as River's are.
func (e *Engine) Queues(ctx context.Context) ([]store.Queue, error) {
	now := e.realNow()
	return store.Queues(ctx, e.pool, queueNames, now.Add(-queueSpan), now)
}

// PauseQueue keeps all processes from taking jobs of a queue; what is running ends. Touches stay planned meanwhile, and stop at what the planner
// puts ahead. ErrNoQueue when there is no such queue.
func (e *Engine) PauseQueue(ctx context.Context, name string) error {
	return e.setQueue(ctx, name, e.river.QueuePause)
}

// ResumeQueue lets a queue work again. What fell due meanwhile goes by the misfire policy. ErrNoQueue when there is no such queue.
func (e *Engine) ResumeQueue(ctx context.Context, name string) error {
	return e.setQueue(ctx, name, e.river.QueueResume)
}

func (e *Engine) setQueue(ctx context.Context, name string, set func(context.Context, string, *river.QueuePauseOpts) error) error {
	if !slices.Contains(queueNames, name) {
		return fmt.Errorf("%q is %w: there are %s", name, ErrNoQueue, joinOr(queueNames))
	}
	err := set(ctx, name, nil)
	if errors.Is(err, rivertype.ErrNotFound) { // no process has worked it yet, and so none would know that it is paused
		return fmt.Errorf("the queue %s was never worked: start nurture serve or nurture work first: %w", name, ErrNotTried)
	}
	if err != nil {
		return fmt.Errorf("queue %s: %w", name, err)
	}
	return nil
}

// FailingJob is a job whose last try failed.
type FailingJob struct {
	store.JobRow
	About string // what it carries, such as "mara@example.com: 87 touches"
}

// FailingJobs lists the jobs whose last try failed, those that were given up first; at most limit.
func (e *Engine) FailingJobs(ctx context.Context, limit int) ([]FailingJob, error) {
	rows, err := store.FailingJobs(ctx, e.pool, limit)
	jobs := make([]FailingJob, len(rows))
	for i, row := range rows {
		jobs[i] = FailingJob{row, about(row)}
	}
	return jobs, err
}

// about says what a job carries; "" for kinds that older versions had.
func about(row store.JobRow) string {
	var args struct {
		Batch
		Evaluate
		DeliverHandoff
	}
	if json.Unmarshal(row.Args, &args) != nil {
		return ""
	}
	amount := func(n int, one, many string) string {
		if n == 1 {
			many = one
		}
		return fmt.Sprintf("%d %s", n, many)
	}
	switch row.Kind {
	case EmailBatch{}.Kind(), VoicemailBatch{}.Kind(), CallBatch{}.Kind():
		return args.Sender + ": " + amount(len(args.TouchIDs), "touch", "touches")
	case Evaluate{}.Kind():
		return amount(len(args.ResponseIDs), "response", "responses")
	case DeliverHandoff{}.Kind():
		return fmt.Sprintf("handoff %d", args.HandoffID)
	}
	return ""
}

// RetryJob has a job that failed, or was cancelled, tried again at once. It does no harm when the job had done part of its work: the ledger
// holds each touch's fate. store.ErrNotFound when there is no such job; ErrNotTried when it is running or done.
func (e *Engine) RetryJob(ctx context.Context, id int64) error {
	return e.onJob(ctx, id, "tried again", e.river.JobRetry, rivertype.JobStateRetryable, rivertype.JobStateDiscarded, rivertype.JobStateCancelled,
		rivertype.JobStateScheduled)
}

// CancelJob ends a job for good; one that is running is told to stop. Its touches get another job after a quarter of an hour unless they are
// settled before. store.ErrNotFound when there is no such job; ErrNotTried when it is over already.
func (e *Engine) CancelJob(ctx context.Context, id int64) error {
	return e.onJob(ctx, id, "cancelled", e.river.JobCancel, rivertype.JobStateRetryable, rivertype.JobStateAvailable, rivertype.JobStatePending,
		rivertype.JobStateScheduled, rivertype.JobStateRunning)
}

// onJob does something to a job that is in one of the states.
func (e *Engine) onJob(ctx context.Context, id int64, done string, do func(context.Context, int64) (*rivertype.JobRow, error), states ...rivertype.JobState) error {
	row, err := store.Job(ctx, e.pool, id)
	if err != nil {
		return err
	}
	if !slices.Contains(states, rivertype.JobState(row.State)) {
		return fmt.Errorf("job %d is %s and cannot be %s: %w", id, row.State, done, ErrNotTried)
	}
	_, err = do(ctx, id)
	if errors.Is(err, rivertype.ErrNotFound) { // River has just forgotten it
		return fmt.Errorf("job %d: %w", id, store.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("job %d: %w", id, err)
	}
	return nil
}
