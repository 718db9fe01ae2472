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
	"nurture/config"
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
			err := w.engine.inParts(window, func(ids []int64) error {
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

// inParts does something about touches: together, and, when what one of them is makes that fail, each by itself (K3).
func (e *Engine) inParts(ids []int64, do func(ids []int64) error) error {
	err := do(ids)
	if len(ids) < 2 || !spoilt(err) {
		return err
	}
	var errs []error
	for _, id := range ids {
		errs = append(errs, do([]int64{id}))
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
	defer leave()
	outgoing, err := e.claims[channel].ask(begin, ids)
	if err != nil || len(outgoing) == 0 {
		return err
	}
	messages, results := e.render(ctx, outgoing)
	for i, receipt := range e.carry(ctx, channel, messages) {
		result := e.result(receipt, messages[i], outgoing)
		if result.NotTried && ctx.Err() != nil { // we are in the way, not the server
			result.NotBefore = e.now()
		}
		results = append(results, result)
	}
	leave() // the next ones are claimed while these are recorded
	e.record(ctx, results)
	return nil
}

// claimTogether claims the touches of many windows and loads what rendering them needs, each window's for itself. A touch that two of
// them name is claimed once, for one of them.
func (e *Engine) claimTogether(ctx context.Context, channel cadence.Channel, windows [][]int64) ([][]store.Outgoing, error) {
	var all []store.Outgoing
	var taken []int64
	known := false
	defer func() {
		if !known {
			e.lose(channel, taken)
		}
	}()
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		all, taken = nil, nil
		if err := e.takeBack(ctx, tx, now, channel); err != nil {
			return err
		}
		if _, err := e.liveNow(ctx, tx); err != nil && !errors.Is(err, ErrNotReady) { // the channels follow it
			return err
		}
		var err error
		if taken, err = e.claim(ctx, tx, now, channel, slices.Concat(windows...)); err != nil || len(taken) == 0 {
			return err
		}
		all, err = e.loadOutgoing(ctx, tx, taken)
		return err
	})
	if err != nil {
		return nil, err
	}
	e.found(channel)
	owner := map[int64]int{}
	for i, ids := range windows {
		for _, id := range ids {
			owner[id] = i
		}
	}
	outgoing := make([][]store.Outgoing, len(windows))
	for _, o := range all {
		i := owner[o.TouchID]
		outgoing[i] = append(outgoing[i], o)
	}
	known = true
	return outgoing, nil
}

// claim takes what it can of the touches and tells the core why it could not take the others.
func (e *Engine) claim(ctx context.Context, tx pgx.Tx, now time.Time, channel cadence.Channel, ids []int64) ([]int64, error) {
	full, err := e.fullNumbers(ctx, tx, now, channel, ids)
	if err != nil {
		return nil, err
	}
	free := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !full[id].IsZero() })
	taken, err := store.ClaimTouches(ctx, tx, free, e.worker.ID, now)
	if err != nil || len(taken) == len(ids) {
		return taken, err
	}
	got := map[int64]bool{}
	for _, id := range taken {
		got[id] = true
	}
	var refused []int64
	for _, id := range ids {
		if !got[id] {
			refused = append(refused, id)
		}
	}
	return taken, e.refuse(ctx, tx, now, refused, full)
}

// refuse skips planned touches that may not be sent any more. One that another worker has, or that is settled, is left alone; one
// that only waits for its next try stays planned. full says when the numbers of touches may be called again.
func (e *Engine) refuse(ctx context.Context, tx pgx.Tx, now time.Time, ids []int64, full map[int64]time.Time) error {
	facts, err := store.RefusalFacts(ctx, tx, ids)
	if err != nil {
		return fmt.Errorf("read why touches cannot be claimed: %w", err)
	}
	var results []store.TouchResult
	var early []int64 // a job was there before its touches' time: planned by a clock that is ahead of this one, or was
	reasons := map[int64]cadence.Reason{}
	for _, f := range facts {
		if f.State != string(store.TouchPlanned) {
			continue
		}
		if f.NotBefore.After(now) {
			early = append(early, f.TouchID)
			continue
		}
		reason := cadence.RefuseTouch(cadence.TouchFacts{
			State: cadence.State(f.Enrollment), Moved: !f.AtStep, Suppressed: f.Suppressed, Address: f.Address != "",
			NoConsent: f.NoConsent, TopicOff: f.TopicOff, Held: f.Held, HasAttempt: f.HasAttempt, Attempts: f.Attempts, Budget: f.Budget,
			WindowEnds: f.WindowEnds, CallRoom: full[f.TouchID], Now: now,
		})
		if reason == "" { // what was in the way is gone: the next tick alarms it again
			results = append(results, store.TouchResult{TouchID: f.TouchID, State: store.TouchPlanned, NotBefore: now})
			continue
		}
		reasons[f.TouchID] = reason
		results = append(results, store.TouchResult{TouchID: f.TouchID, State: store.TouchSkipped, Reason: reason, NotBefore: now})
	}
	if err := store.Unalarm(ctx, tx, early); err != nil {
		return err
	}
	recorded, err := store.RecordTouches(ctx, tx, results, now)
	if err != nil {
		return err
	}
	var ts []transition
	for _, r := range recorded {
		if reason := reasons[r.TouchID]; reason != "" {
			ts = append(ts, transition{enrollmentID: r.EnrollmentID, event: cadence.TouchRefused{Step: r.Step, Run: r.Run, Reason: reason, Again: full[r.TouchID]}})
		}
	}
	return e.applyLocked(ctx, tx, now, ts, nil) // the claim holds the locks
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
		tries := triesOf(r.TouchID, outgoing)
		if tries >= maxTries && !r.StopSender { // what is wrong with the sender is not the touch's fault
			result.State, result.Reason = store.TouchFailed, cadence.ReasonProviderRefused
			break
		}
		result.State = store.TouchPlanned
		result.NotBefore = e.now().Add(max(backoff(tries), r.RetryAfter))
	case channels.Unknown:
		result.State, result.Reason = store.TouchUnknown, cadence.ReasonAnswerLost
	}
	return result
}

func triesOf(touchID int64, outgoing []store.Outgoing) int {
	for i := range outgoing {
		if outgoing[i].TouchID == touchID {
			return outgoing[i].Tries
		}
	}
	return 1
}

// record writes results into the ledger and moves the enrolments on. When the database cannot take them they are kept for the
// next tick; nothing about a touch that may have left is ever forgotten.
func (e *Engine) record(ctx context.Context, results []store.TouchResult) {
	if len(results) == 0 {
		return
	}
	// What was sent must be recorded even while the process is told to stop.
	ctx = context.WithoutCancel(ctx)
	err := e.recordNow(ctx, results)
	if err == nil {
		return
	}
	if len(results) > 1 && spoilt(err) { // one of them, perhaps: the others are not to wait for it
		for _, r := range results {
			e.record(ctx, []store.TouchResult{r})
		}
		return
	}
	e.log.ErrorContext(ctx, "recording touches failed; it will be tried again", "touches", len(results), "error", err)
	e.unrecordedMu.Lock()
	e.unrecorded = append(e.unrecorded, results...)
	e.unrecordedMu.Unlock()
}

// flushUnrecorded tries again to record what could not be recorded before.
func (e *Engine) flushUnrecorded(ctx context.Context) {
	e.unrecordedMu.Lock()
	results := e.unrecorded
	e.unrecorded = nil
	e.unrecordedMu.Unlock()
	e.record(ctx, results)
}

// flushEvery is how often a process that is told to stop tries to get rid of what the database could not take.
const flushEvery = 200 * time.Millisecond

// flushAll tries until nothing is left to record, or ctx ends. The journal may not know it all: its disk may have been full.
func (e *Engine) flushAll(ctx context.Context) {
	again := time.NewTicker(flushEvery)
	defer again.Stop()
	for ctx.Err() == nil {
		e.flushUnrecorded(ctx)
		e.unrecordedMu.Lock()
		left := len(e.unrecorded)
		e.unrecordedMu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// recordNow records results together with those of whoever records just then.
func (e *Engine) recordNow(ctx context.Context, results []store.TouchResult) error {
	_, err := e.records.ask(ctx, results)
	return err
}

// recordTogether records the results of many windows.
func (e *Engine) recordTogether(ctx context.Context, windows [][]store.TouchResult) ([]struct{}, error) {
	results := slices.Concat(windows...)
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error { return e.recordIn(ctx, tx, now, results) })
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(results))
	for i, r := range results {
		ids[i] = r.TouchID
	}
	if err := e.journal.Settle(ids...); err != nil {
		e.log.WarnContext(ctx, "the send journal could not be shortened", "error", err)
	}
	return make([]struct{}, len(windows)), nil
}

// recordIn records results in a transaction that may hold more.
func (e *Engine) recordIn(ctx context.Context, tx pgx.Tx, now time.Time, results []store.TouchResult) error {
	ids := make([]int64, len(results))
	for i, r := range results {
		ids[i] = r.TouchID
	}
	// Lock order: the enrolments before their touches.
	if err := store.LockEnrollmentsOf(ctx, tx, ids); err != nil {
		return err
	}
	results, policy, err := e.onUnknown(ctx, tx, now, results)
	if err != nil {
		return err
	}
	recorded, err := store.RecordTouches(ctx, tx, results, now)
	if err != nil {
		return err
	}
	var ts []transition
	var neverLeft []int64
	for _, r := range recorded {
		if event := e.eventOf(r, policy[r.TouchID]); event != nil {
			ts = append(ts, transition{enrollmentID: r.EnrollmentID, event: event})
		}
		if r.State == store.TouchFailed && r.Reason == string(cadence.ReasonTemplate) {
			neverLeft = append(neverLeft, r.TouchID)
		}
	}
	if err := store.ReleaseAttempts(ctx, tx, neverLeft); err != nil {
		return fmt.Errorf("give attempts back: %w", err)
	}
	return e.applyLocked(ctx, tx, now, ts, nil)
}

// onUnknown reads what the configuration says about touches whose answer was lost, by touch, and plans again those where it prefers a
// second copy, with the same Message-ID, to none.
func (e *Engine) onUnknown(ctx context.Context, tx pgx.Tx, now time.Time, results []store.TouchResult) ([]store.TouchResult, map[int64]config.OnUnknown, error) {
	var lost []int64
	for _, r := range results {
		if r.State == store.TouchUnknown {
			lost = append(lost, r.TouchID)
		}
	}
	if len(lost) == 0 {
		return results, nil, nil
	}
	refs, err := store.TouchRefs(ctx, tx, lost)
	if err != nil {
		return nil, nil, err
	}
	enrollmentIDs := make([]int64, len(refs))
	for i, r := range refs {
		enrollmentIDs[i] = r.EnrollmentID
	}
	rows, err := store.LoadEnrollments(ctx, tx, enrollmentIDs)
	if err != nil {
		return nil, nil, err
	}
	if err := e.definitions.pin(ctx, tx, rows); err != nil {
		return nil, nil, err
	}
	byEnrollment := map[int64]config.OnUnknown{}
	for _, row := range rows {
		byEnrollment[row.ID] = e.definitions.of(row.CadenceVersionID).settings.OnUnknown
	}
	policy, again := map[int64]config.OnUnknown{}, map[int64]bool{}
	for _, r := range refs {
		policy[r.TouchID] = byEnrollment[r.EnrollmentID]
		again[r.TouchID] = r.Channel == cadence.ChannelEmail && policy[r.TouchID] == config.Resend && r.Tries < maxTries
	}
	results = slices.Clone(results)
	for i := range results {
		if results[i].State == store.TouchUnknown && again[results[i].TouchID] {
			results[i].State, results[i].NotBefore = store.TouchPlanned, now.Add(firstBackoff)
		}
	}
	return results, policy, nil
}

// eventOf is what the core is told of a recorded touch; nil when the enrolment goes on waiting for it: for another try, for the
// provider's list of calls, or for a person.
func (e *Engine) eventOf(r store.RecordedTouch, policy config.OnUnknown) cadence.Event {
	switch r.State {
	case store.TouchSent:
		return cadence.TouchSent{Step: r.Step, Run: r.Run}
	case store.TouchFailed:
		return cadence.TouchFailed{Step: r.Step, Run: r.Run, Reason: cadence.Reason(r.Reason)}
	case store.TouchUnknown:
		if policy == config.Ask || r.Channel == cadence.ChannelVoicemail && e.reconciler != nil {
			return nil
		}
		return cadence.TouchUnknown{Step: r.Step, Run: r.Run}
	case store.TouchPlanned, store.TouchClaimed, store.TouchSkipped:
	}
	return nil
}

// fileCalls claims call touches, files their tasks and records them in one transaction: the task list is our own, so the fate of
// a call touch is never open.
func (e *Engine) fileCalls(ctx context.Context, ids []int64) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		taken, err := e.claim(ctx, tx, now, cadence.ChannelCall, ids)
		if err != nil || len(taken) == 0 {
			return err
		}
		outgoing, err := e.loadOutgoing(ctx, tx, taken)
		if err != nil {
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
