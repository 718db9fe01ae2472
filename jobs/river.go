package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"nurture/cadence"
	"nurture/store"
)

// Limits of a job on the real clock. Recover gives the jobs of dead processes back; River's own rescue, rescueAfter plus half a minute, is for
// what is left over. rescueAfter must exceed jobTimeout or a living job would be run twice at once (the ledger would still hold).
const (
	jobTimeout = 60 * time.Second
	// sendTimeout is for jobs that send: a mail server may take ten minutes to answer a message (RFC 5321, section 4.5.3.2.6), and whoever
	// hangs up before makes an unknown of it. River rescues such a job no sooner, but Recover does.
	sendTimeout = 12 * time.Minute
	rescueAfter = 75 * time.Second
	// maxBatch is how many touches one job carries, so that ops read "alice@: 87 emails" and not 87 lines.
	maxBatch = 100
)

// The queues, one a kind of work, so that ops can pause one of them.
const (
	queueEmail     = "email"
	queueVoicemail = "voicemail"
	queueCall      = "call"
	queueEvaluate  = "evaluate"
	queueHandoff   = "handoff"
)

// Batch is the due touches of one sender on one channel. The ledger holds each touch's fate, so a bad touch never fails its job.
type Batch struct {
	Sender   string  `json:"sender"`
	TouchIDs []int64 `json:"touch_ids"`
}

// EmailBatch, VoicemailBatch and CallBatch are the jobs that carry touches out.
type (
	EmailBatch     struct{ Batch }
	VoicemailBatch struct{ Batch }
	CallBatch      struct{ Batch }
)

// Kind is the name of the job in River's tables.
func (EmailBatch) Kind() string { return "email_batch" }

// Kind is the name of the job in River's tables.
func (VoicemailBatch) Kind() string { return "voicemail_batch" }

// Kind is the name of the job in River's tables.
func (CallBatch) Kind() string { return "call_batch" }

// Evaluate is the job that weighs the leads of responses against the definition. It is inserted in the transaction that stores the
// responses (A8).
type Evaluate struct {
	ResponseIDs []int64 `json:"response_ids"`
}

// Kind is the name of the job in River's tables.
func (Evaluate) Kind() string { return "evaluate" }

// DeliverHandoff is the job that brings a dossier to its rep.
type DeliverHandoff struct {
	HandoffID int64 `json:"handoff_id"`
}

// Kind is the name of the job in River's tables.
func (DeliverHandoff) Kind() string { return "deliver_handoff" }

// batchJobs turns alarms into jobs: one a channel and sender, at most maxBatch touches each.
func batchJobs(alarms []store.Alarm) []river.InsertManyParams {
	type key struct {
		channel cadence.Channel
		sender  string
	}
	var order []key
	grouped := map[key][]int64{}
	for _, a := range alarms {
		k := key{a.Channel, a.Sender}
		if grouped[k] == nil {
			order = append(order, k)
		}
		grouped[k] = append(grouped[k], a.TouchID)
	}
	var jobs []river.InsertManyParams
	for _, k := range order {
		ids := grouped[k]
		for start := 0; start < len(ids); start += maxBatch {
			batch := Batch{Sender: k.sender, TouchIDs: ids[start:min(start+maxBatch, len(ids))]}
			jobs = append(jobs, batchJob(k.channel, batch))
		}
	}
	return jobs
}

func batchJob(c cadence.Channel, b Batch) river.InsertManyParams {
	switch c {
	case cadence.ChannelVoicemail:
		return river.InsertManyParams{Args: VoicemailBatch{b}, InsertOpts: &river.InsertOpts{Queue: queueVoicemail}}
	case cadence.ChannelCall:
		return river.InsertManyParams{Args: CallBatch{b}, InsertOpts: &river.InsertOpts{Queue: queueCall}}
	case cadence.ChannelEmail:
	}
	return river.InsertManyParams{Args: EmailBatch{b}, InsertOpts: &river.InsertOpts{Queue: queueEmail}}
}

// insertJobs enqueues jobs in the transaction.
func (e *Engine) insertJobs(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	if _, err := e.river.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("enqueue jobs: %w", err)
	}
	return nil
}

// warnings passes on what is a warning or worse. River counts its jobs every few seconds at INFO, which says nothing that the ledger does not.
type warnings struct{ slog.Handler }

// Enabled implements slog.Handler.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// maxWorkers is how many jobs of a queue run at once.
func maxWorkers(n int) int {
	if n <= 0 {
		return 8
	}
	return n
}

// sendPlaces is how many of the jobs that send run at once: some of these only wait before their lane.
func sendPlaces(n int) int { return 4 * maxWorkers(n) }

// newRiver builds the client; one that can work when the engine has channels.
func newRiver(e *Engine, o Options) (*river.Client[pgx.Tx], error) {
	cfg := &river.Config{Logger: slog.New(warnings{o.Log.Handler()})}
	if o.Channels != nil {
		n := maxWorkers(o.MaxWorkers)
		workers := river.NewWorkers()
		river.AddWorker(workers, &batchWorker[EmailBatch]{engine: e, channel: cadence.ChannelEmail})
		river.AddWorker(workers, &batchWorker[VoicemailBatch]{engine: e, channel: cadence.ChannelVoicemail})
		river.AddWorker(workers, &batchWorker[CallBatch]{engine: e, channel: cadence.ChannelCall})
		river.AddWorker(workers, &evaluateWorker{engine: e})
		river.AddWorker(workers, &handoffWorker{engine: e})
		river.AddWorker(workers, &reevaluateWorker{engine: e})
		cfg.ID = o.Worker.ID
		cfg.Workers = workers
		cfg.JobTimeout = jobTimeout
		cfg.RescueStuckJobsAfter = rescueAfter
		cfg.Middleware = e.middleware()
		cfg.RetryPolicy = &retries{}
		// The default of 100 ms would cap a queue at MaxWorkers jobs each tenth of a second.
		cfg.FetchCooldown = 2 * time.Millisecond
		cfg.Queues = map[string]river.QueueConfig{}
		for _, q := range []string{queueCall, queueEvaluate, queueHandoff} {
			cfg.Queues[q] = river.QueueConfig{MaxWorkers: n}
		}
		for _, q := range []string{queueEmail, queueVoicemail} {
			cfg.Queues[q] = river.QueueConfig{MaxWorkers: sendPlaces(n)}
		}
	}
	client, err := river.NewClient(riverpgxv5.New(o.Pool), cfg)
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return client, nil
}

// Start begins to work jobs. ctx ends the work at once; Stop ends it gracefully. Before anything is claimed the process makes itself known,
// or nobody would take up its touches if it died.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.signOn(ctx); err != nil {
		return fmt.Errorf("register the worker: %w", err)
	}
	e.closing, e.close = context.WithCancel(context.WithoutCancel(ctx))
	if err := e.river.Start(ctx); err != nil {
		return fmt.Errorf("start River: %w", err)
	}
	return nil
}

// stopHard is how long jobs that are cancelled may take to record what they had in hand: more than mail servers get for the answer to
// what they have already (email.Config.Grace).
const stopHard = 10 * time.Second

// Stop lets the running jobs finish what they have claimed until ctx ends, then cancels them: what is not begun by then is planned again
// at once. What a job has not claimed is left to other processes. What could not be recorded so far is tried until it is, or
// ctx ends, and then once more; what cannot even then is left in the journal.
func (e *Engine) Stop(ctx context.Context) error {
	e.close()
	err := e.river.Stop(ctx)
	e.flushAll(ctx)
	e.orLog(ctx, "noting what cannot be sent or read", e.shareTroubles)
	if ctx.Err() != nil {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopHard)
		defer cancel()
		err = e.river.StopAndCancel(hard)
		e.flush(hard)
		e.leaveBehind()
	}
	return err
}

// Migrate brings the program's tables and River's up to date and returns the names of what it applied.
func Migrate(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	applied, err := store.Migrate(ctx, pool)
	if err != nil {
		return applied, err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return applied, fmt.Errorf("set up River's migrations: %w", err)
	}
	result, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return applied, fmt.Errorf("migrate River's tables: %w", err)
	}
	for _, v := range result.Versions {
		applied = append(applied, fmt.Sprintf("river %03d %s", v.Version, v.Name))
	}
	return applied, nil
}
