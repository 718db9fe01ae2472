package jobs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"nurture/cadence"
	"nurture/store"
)

// started runs the engine's queues until the test ends.
func (r *rig) started() {
	r.t.Helper()
	must(r.t, r.Start(r.ctx))
	r.t.Cleanup(func() { _ = r.Stop(r.t.Context()) })
}

func (r *rig) queue(name string) store.Queue {
	r.t.Helper()
	queues, err := r.Queues(r.ctx)
	must(r.t, err)
	for _, q := range queues {
		if q.Name == name {
			return q
		}
	}
	r.t.Fatalf("no queue %s among %v", name, queues)
	return store.Queue{}
}

// TestPausedQueue: what is planned waits while its queue is paused, other queues go on, and it leaves once the queue is resumed.
func TestPausedQueue(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	before := rigOn(t, r.url) // queues are known once somebody has worked them
	must(t, before.Start(t.Context()))
	eventually(t, "the queues are known", func() bool { return r.count(`SELECT count(*) FROM river_queue`) == len(queueNames) })
	must(t, before.Stop(t.Context()))
	must(t, r.PauseQueue(r.ctx, queueEmail))
	must(t, r.PauseQueue(r.ctx, queueEmail)) // it may repeat
	if r.queue(queueEmail).PausedAt == nil || r.queue(queueCall).PausedAt != nil {
		t.Error("not the one queue is paused")
	}
	touchID := r.planned(1)[0]
	r.started()
	r.insertEvaluation()
	eventually(t, "another queue works", func() bool { return r.queue(queueEvaluate).Done == 1 })
	if q := r.queue(queueEmail); q.Ready != 1 || q.OldestReady == nil || r.touch(touchID).State != "planned" {
		t.Errorf("paused, and yet %+v", q)
	}
	must(t, r.ResumeQueue(r.ctx, queueEmail))
	eventually(t, "it left", func() bool { return len(r.mail.messages()) == 1 })
	eventually(t, "the job is counted", func() bool { return r.queue(queueEmail).Done == 1 })
	if err := r.PauseQueue(r.ctx, "emial"); !errors.Is(err, ErrNoQueue) || !strings.Contains(err.Error(), "voicemail") {
		t.Errorf("a queue that is none: %v", err)
	}
}

// insertEvaluation enqueues a job that has nothing to do.
func (r *rig) insertEvaluation() {
	r.t.Helper()
	must(r.t, r.inTx(r.ctx, func(tx pgx.Tx, _ time.Time) error {
		return r.insertJobs(r.ctx, tx, []river.InsertManyParams{{Args: Evaluate{}, InsertOpts: &river.InsertOpts{Queue: queueEvaluate}}})
	}))
}

// TestPauseBeforeAnybodyWorks: a pause that no process would hear of is refused rather than lost.
func TestPauseBeforeAnybodyWorks(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	if err := r.PauseQueue(r.ctx, queueEmail); !errors.Is(err, ErrNotTried) {
		t.Errorf("%v", err)
	}
	for _, q := range queueNames {
		if got := r.queue(q); got.Ready+got.Running+got.Later+got.Discarded+got.Done != 0 || got.OldestReady != nil {
			t.Errorf("%+v", got)
		}
	}
}

// TestRetryAndCancelJobs: a job that was given up is tried again, one that waits is cancelled, one that is done is left alone.
func TestRetryAndCancelJobs(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.planned(1)
	jobID := int64(r.count(`SELECT max(id) FROM river_job WHERE kind = 'email_batch'`))
	r.exec(`UPDATE river_job SET state = 'discarded', finalized_at = now(), attempt = 25, attempted_at = now(),
		errors = ARRAY['{"attempt": 25, "error": "first"}', '{"attempt": 25, "error": "the <b>server</b> is gone"}']::jsonb[] WHERE id = $1`, jobID)
	failing, err := r.FailingJobs(r.ctx, 10)
	must(t, err)
	if len(failing) != 1 || failing[0].ID != jobID || failing[0].Error != "the <b>server</b> is gone" || !strings.HasSuffix(failing[0].About, ": 1 touch") {
		t.Fatalf("%+v", failing)
	}
	if r.queue(queueEmail).Discarded != 1 {
		t.Errorf("%+v", r.queue(queueEmail))
	}
	if err := r.CancelJob(r.ctx, jobID); !errors.Is(err, ErrNotTried) || !strings.Contains(err.Error(), "discarded") {
		t.Errorf("a job that was given up is cancelled: %v", err)
	}
	must(t, r.RetryJob(r.ctx, jobID))
	r.started()
	eventually(t, "it left", func() bool { return len(r.mail.messages()) == 1 })
	eventually(t, "the job is done", func() bool { return r.queue(queueEmail).Done == 1 })
	if err := r.RetryJob(r.ctx, jobID); !errors.Is(err, ErrNotTried) {
		t.Errorf("a job that is done is tried again: %v", err)
	}
	if err := r.RetryJob(r.ctx, 1<<40); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no such job: %v", err)
	}
}

// TestCancelWaitingJob: the touches of a cancelled job are not lost.
func TestCancelWaitingJob(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.planned(1)
	jobID := int64(r.count(`SELECT max(id) FROM river_job WHERE kind = 'email_batch'`))
	must(t, r.CancelJob(r.ctx, jobID))
	if q := r.queue(queueEmail); q.Ready != 0 {
		t.Errorf("%+v", q)
	}
	r.pass(20 * time.Minute)
	r.tick()
	r.started()
	eventually(t, "it left by another job", func() bool { return len(r.mail.messages()) == 1 })
}

// TestSenderStates: used, spent, waiting, paused and refused, each where it belongs.
func TestSenderStates(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 2")
	r := newLiveRig(t, files)
	r.importPeople(6)
	r.exec(`UPDATE leads SET mailbox = 'mara@example.com'`)
	r.at(tenOClock)
	r.tick()
	find := func() SenderState {
		t.Helper()
		states, err := r.SenderStates(r.ctx)
		must(t, err)
		for _, s := range states {
			if s.Channel == cadence.ChannelEmail && s.Sender == "mara@example.com" {
				return s
			}
		}
		t.Fatalf("no mara@example.com among %+v", states)
		return SenderState{}
	}
	got := find()
	if got.Used.Day != 2 || got.Allowance.Day != 2 || got.Why != cadence.ReasonCapacity || got.Due != 4 || got.OldestDue == nil || got.Name == "" || got.PausedAt != nil {
		t.Errorf("spent: %+v", got)
	}
	_, err := r.PauseSender(r.ctx, "mara@example.com", "moving", "Ann")
	must(t, err)
	if got := find(); got.PausedAt == nil || !strings.Contains(got.Paused, "moving") {
		t.Errorf("paused: %+v", got)
	}
	r.exec(`INSERT INTO senders (mailbox, paused_at, reason) VALUES ('old@example.com', $1, 'listed'), ('fine@example.com', NULL, '')`, tenOClock)
	states, err := r.SenderStates(r.ctx)
	must(t, err)
	if last := states[len(states)-1]; last.Sender != "old@example.com" || !last.Gone || last.Paused != "listed" {
		t.Errorf("paused, and configured no more: %+v", last)
	}
}
