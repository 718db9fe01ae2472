package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/calltask"
	"nurture/store"
)

// A job claims its touches in windows, each just before it is sent, so that little is undecided when a process dies and
// whatever was committed in the meantime still counts.
const (
	claimWindow   = 8
	windowsAtOnce = 4
)

// batchWorker carries out the touches of one channel's jobs.
type batchWorker[A interface {
	river.JobArgs
	batch() Batch
}] struct {
	river.WorkerDefaults[A]
	engine  *Engine
	channel cadence.Channel
}

func (b Batch) batch() Batch { return b }

// Timeout is how long the job may run.
func (w *batchWorker[A]) Timeout(*river.Job[A]) time.Duration { return sendTimeout }

// Work sends what the ledger still has planned of the job's touches. It fails only when the ledger cannot be read; then
// River runs it again and finds what is left. A window that fails does not disturb the others. A job whose way out is busy with others'
// messages for long leaves its place to jobs that have another, and comes again. One that finds the process stopping leaves what it has
// not claimed to others.
func (w *batchWorker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	begin, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(w.engine.closing, cancel)()
	err := w.work(ctx, begin, job)
	switch {
	case err != nil && w.engine.closing.Err() != nil:
		return river.JobSnooze(0)
	case errors.Is(err, errLaneFull):
		return river.JobSnooze(lanePatience)
	}
	return err
}

// work sends windows for as long as begin lasts; those that have been claimed then, for as long as ctx does.
func (w *batchWorker[A]) work(ctx, begin context.Context, job *river.Job[A]) error {
	batch := job.Args.batch()
	ids := batch.TouchIDs
	if w.channel != cadence.ChannelCall {
		leave, err := w.engine.takeSeat(begin, w.channel, batch.Sender)
		if err != nil {
			return err
		}
		defer leave()
	}
	if job.Attempt > 1 || bytes.Contains(job.Metadata, []byte(`"snoozes"`)) { // it has been here before: much of it may be done
		var err error
		if ids, err = store.StillPlanned(ctx, w.engine.pool, ids); err != nil {
			return err
		}
	}
	var group errgroup.Group
	group.SetLimit(windowsAtOnce)
	var full atomic.Bool
	for start := 0; start < len(ids); start += claimWindow {
		window := ids[start:min(start+claimWindow, len(ids))]
		group.Go(func() error {
			switch {
			case begin.Err() != nil:
				return begin.Err()
			case full.Load(): // one window's patience is the job's
				return errLaneFull
			}
			err := inParts(window, func(ids []int64) error {
				if w.channel == cadence.ChannelCall {
					return w.engine.fileCalls(ctx, ids)
				}
				return w.engine.send(ctx, begin, w.channel, batch.Sender, ids)
			})
			if errors.Is(err, errLaneFull) {
				full.Store(true)
			}
			return err
		})
	}
	return group.Wait()
}

// inParts does something about items, if there are any: together, and, when what one of them is makes that fail, each by itself (K3).
func inParts[T any](items []T, do func(items []T) error) error {
	if len(items) == 0 {
		return nil
	}
	err := do(items)
	if len(items) == 1 || !spoilt(err) {
		return err
	}
	var errs []error
	for i := range items {
		errs = append(errs, do(items[i:i+1:i+1]))
	}
	return errors.Join(errs...)
}

// send claims touches while begin lasts, renders and sends them, and records what became of them. A failure after the claim never loses a
// result: it is kept and recorded when the database is back. What is not begun when ctx ends is planned again at once.
func (e *Engine) send(ctx, begin context.Context, channel cadence.Channel, sender string, ids []int64) error {
	leave, err := e.enterLane(begin, channel, sender, len(ids))
	if err != nil {
		return err
	}
	defer leave(time.Time{})
	outgoing, err := e.claims[channel].ask(begin, ids)
	if err != nil || len(outgoing) == 0 {
		return err
	}
	claimed := e.realNow()
	messages, results := e.render(ctx, outgoing)
	receipts := e.carry(ctx, channel, messages)
	e.heed(ctx, channel, sender, receipts)
	for i, receipt := range receipts {
		result := e.result(receipt, messages[i], outgoing)
		if receipt.Unreached && ctx.Err() != nil { // we are in the way, not the server
			result.NotBefore = e.now()
		}
		results = append(results, result)
	}
	leave(claimed) // the next ones are claimed while these are recorded
	e.record(ctx, results)
	e.bounceAtOnce(ctx, receipts, outgoing)
	return nil
}

// bounceAtOnce takes in the refusals that say that an address is dead, as reports that say so are taken in later. One that cannot be stored is
// only logged: the next mail to the address meets it again.
func (e *Engine) bounceAtOnce(ctx context.Context, receipts []channels.Receipt, outgoing []store.Outgoing) {
	for _, r := range receipts {
		if !r.AddressDead {
			continue
		}
		i := slices.IndexFunc(outgoing, func(o store.Outgoing) bool { return o.TouchID == r.TouchID })
		if i < 0 {
			continue
		}
		// It names no touch: an answer to one would prove that it left.
		in := ResponseInput{
			LeadID: outgoing[i].LeadID(), Kind: cadence.HardBounce, Source: "smtp", ExternalID: fmt.Sprint(r.TouchID), Said: r.Detail,
		}
		if _, err := e.Respond(context.WithoutCancel(ctx), []ResponseInput{in}); err != nil {
			e.log.ErrorContext(ctx, "a refused address could not be stored", "touch", r.TouchID, "error", err)
		}
	}
}

// carry hands messages to the channel. A channel that panics leaves the fate of all of them open: nobody knows which were sent.
func (e *Engine) carry(ctx context.Context, channel cadence.Channel, messages []channels.Message) (receipts []channels.Receipt) {
	if len(messages) == 0 {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			e.log.ErrorContext(ctx, "channel panicked", "channel", channel, "panic", p)
			receipts = make([]channels.Receipt, len(messages))
			for i := range receipts {
				receipts[i] = channels.Receipt{TouchID: messages[i].TouchID, Outcome: channels.Unknown, Detail: fmt.Sprintf("the channel failed: %v", p)}
			}
		}
	}()
	return e.channels[channel].Send(ctx, messages)
}

// Back-off after a temporary refusal: doubling from firstBackoff, at most maxBackoff, given up after maxTries.
const (
	firstBackoff = 5 * time.Minute
	maxBackoff   = 6 * time.Hour
	maxTries     = 10
	// stopTries is how many tries count, for the back-off, that were refused for the sender's sake: the touch keeps others.
	stopTries = maxTries / 2
)

// backoff is the wait before try n+1, when n tries failed.
func backoff(n int) time.Duration {
	if n < 1 {
		n = 1
	}
	return min(firstBackoff<<min(n-1, 20), maxBackoff)
}

// result turns a receipt into what the ledger keeps.
func (e *Engine) result(r channels.Receipt, m channels.Message, outgoing []store.Outgoing) store.TouchResult {
	result := store.TouchResult{
		TouchID: r.TouchID, Detail: r.Detail, ProviderID: r.ProviderID, CostMicros: r.CostMicros, MessageID: m.Mail.MessageID,
		NotBefore: e.now(),
	}
	tries := 1
	if i := slices.IndexFunc(outgoing, func(o store.Outgoing) bool { return o.TouchID == r.TouchID }); i >= 0 {
		tries, result.Claimed, result.ClaimedAt = outgoing[i].Tries, &outgoing[i].Enrollment, outgoing[i].ClaimedAt
	}
	switch r.Outcome {
	case channels.Sent:
		result.State = store.TouchSent
	case channels.Permanent:
		result.State, result.Reason = store.TouchFailed, cadence.ReasonProviderRefused
	case channels.Temporary:
		result.NotTried = r.Unreached
		if r.Unreached {
			result.State, result.NotBefore = store.TouchPlanned, e.now().Add(max(firstBackoff, r.RetryAfter))
			break
		}
		if tries >= maxTries && !r.StopSender { // what is wrong with the sender is not the touch's fault
			result.State, result.Reason = store.TouchFailed, cadence.ReasonProviderRefused
			break
		}
		result.State = store.TouchPlanned
		result.NotTried = r.StopSender && tries > stopTries
		result.NotBefore = e.now().Add(max(backoff(tries), r.RetryAfter))
	case channels.Unknown:
		result.State, result.Reason = store.TouchUnknown, cadence.ReasonAnswerLost
	}
	if result.State == store.TouchPlanned { // once: recorded late, it must not take the touch from who has claimed it since
		result.ClaimedBy = e.worker.ID
	}
	return result
}

// fileCalls claims call touches, files their tasks and records them in one transaction: the task list is our own, so the fate of
// a call touch is never open.
func (e *Engine) fileCalls(ctx context.Context, ids []int64) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		outgoing, err := e.claim(ctx, tx, now, cadence.ChannelCall, ids)
		if err != nil || len(outgoing) == 0 {
			return err
		}
		messages, results := e.render(ctx, outgoing)
		filer := &taskFiler{engine: e, tx: tx, now: now, outgoing: outgoing}
		receipts := calltask.New(filer).Send(ctx, messages)
		if filer.err != nil {
			return filer.err
		}
		for i, receipt := range receipts {
			results = append(results, e.result(receipt, messages[i], outgoing))
		}
		return e.recordIn(ctx, tx, now, results)
	})
}
