package jobs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/journal"
	"nurture/store"
)

// recoverEvery is after how many intervals of the ticks the next look for dead processes is taken.
const recoverEvery = 10

// deadAfter is how long a process of another machine may be silent, as this process sees it, before its claims are given up. A process of
// this machine is known to be dead when the kernel has released the lock on its journal.
const deadAfter = 2 * time.Minute

// watch is what this process has seen of another one. It goes by this process's clock alone: those of two machines may differ, and while the
// database was away nobody could be seen.
type watch struct {
	seenAt time.Time // the other's last sign of life, as it wrote it
	since  time.Time // when this process first read that one
	taken  bool      // its work has been taken up once
}

// Recover takes up the work of processes that died: each touch that they had claimed goes back to planned when it surely was not sent, is
// recorded when the answer is known, and is unknown only when neither can be told (K1). It also tells others that this one lives, and what
// it cannot do. Then it asks the voice provider about calls whose answer was lost.
func (e *Engine) Recover(ctx context.Context) error {
	return errors.Join(e.takeUpDead(ctx), e.shareTroubles(ctx), e.reconcileCalls(ctx))
}

// takeUpDead is Recover without the provider, who may take long to answer.
func (e *Engine) takeUpDead(ctx context.Context) error {
	if e.worker.ID == "" {
		return nil
	}
	e.recoverMu.Lock()
	defer e.recoverMu.Unlock()
	if err := e.signOn(ctx); err != nil {
		e.watched, e.sighted = map[string]*watch{}, nil
		return err
	}
	dead, readErr := journal.ReadDead(e.journalDir)
	journals := map[string]*journal.Dead{}
	for _, d := range dead {
		journals[d.Instance] = d
	}
	workers, err := store.Workers(ctx, e.pool)
	ghosts, ghostErr := store.Unregistered(ctx, e.pool) // forgotten while they were silent; they claimed before they signed on again
	err = errors.Join(err, ghostErr)
	for _, w := range append(workers, ghosts...) {
		left := journals[w.ID]
		seen := e.watchWorker(w)
		if w.ID == e.worker.ID || left == nil && (e.realNow().Sub(seen.since) < deadAfter || e.keepsJournal(w.ID)) {
			continue
		}
		settled, takeErr := e.takeUp(ctx, w.ID, left, seen)
		if settled {
			delete(journals, w.ID)
			takeErr = e.forget(ctx, w.ID, left)
		}
		if takeErr != nil {
			err = errors.Join(err, fmt.Errorf("take up the work of %s: %w", w.ID, takeErr))
		}
	}
	for _, left := range journals { // of workers that another process is taking up, or that this database never knew
		err = errors.Join(err, left.Release())
	}
	return errors.Join(readErr, err, e.freeLostJobs(ctx))
}

// signOn tells others that this process lives.
func (e *Engine) signOn(ctx context.Context) error {
	if e.worker.ID == "" {
		return nil
	}
	self := e.worker
	self.SeenAt = e.realNow()
	return store.SeeWorker(ctx, e.pool, self)
}

// watchWorker notes a sign of life, or its absence.
func (e *Engine) watchWorker(w store.Worker) *watch {
	seen := e.watched[w.ID]
	if seen == nil || !seen.seenAt.Equal(w.SeenAt) {
		seen = &watch{seenAt: w.SeenAt, since: e.realNow()}
		e.watched[w.ID] = seen
	}
	return seen
}

// keepsJournal says that a process of this machine holds the journal of a worker: it lives, however long it has been silent, or
// another one is taking up its work.
func (e *Engine) keepsJournal(worker string) bool {
	files, err := filepath.Glob(filepath.Join(e.journalDir, worker+".*"))
	return err == nil && len(files) > 0
}

// takeUp settles what a dead worker had claimed, and gives its jobs back for what they had still to do. left is nil when its machine
// is lost with it. settled says that nothing was left to do: only then is the worker forgotten, because what it was committing as it
// died may come to light a moment later.
func (e *Engine) takeUp(ctx context.Context, worker string, left *journal.Dead, seen *watch) (settled bool, err error) {
	claimed, err := store.ClaimedBy(ctx, e.pool, worker)
	if err != nil {
		return false, err
	}
	results := make([]store.TouchResult, len(claimed))
	for i, c := range claimed {
		results[i] = settle(c, worker, left, e.now())
	}
	var recordErr error
	if len(results) > 0 {
		e.log.WarnContext(ctx, "taking up the touches of a dead process", "worker", worker, "touches", len(results))
		recordErr = e.recordEach(ctx, results)
	}
	freed, err := store.FreeJobsOf(ctx, e.pool, worker)
	if err = errors.Join(recordErr, err); err != nil {
		return false, err
	}
	if freed > 0 {
		e.log.WarnContext(ctx, "giving back the jobs of a dead process", "worker", worker, "jobs", freed)
	}
	if len(results) > 0 || freed > 0 || left != nil && !seen.taken {
		seen.taken = true
		return false, nil
	}
	return true, nil
}

// forget lets go of a worker of whose work nothing is left to do. Its journal goes first: nobody would know whose it is when this process too died in between.
func (e *Engine) forget(ctx context.Context, worker string, left *journal.Dead) error {
	if left != nil {
		if err := left.Remove(); err != nil {
			return err
		}
	}
	delete(e.watched, worker)
	return store.ForgetWorker(ctx, e.pool, worker)
}

// settle says what a claimed touch of a dead worker is. Without its journal nothing is known; whether a call was made then, the provider's
// list will tell.
func settle(c store.Claimed, worker string, left *journal.Dead, now time.Time) store.TouchResult {
	r := store.TouchResult{TouchID: c.TouchID, NotBefore: now, ClaimedBy: worker}
	fate := channels.Receipt{Outcome: channels.Unknown, Detail: "the process that was sending it died"}
	if left != nil && (c.Channel == cadence.ChannelEmail || left.Calls) {
		fate = left.Fate(c.TouchID)
	}
	r.Detail, r.ProviderID = fate.Detail, fate.ProviderID
	if c.Channel == cadence.ChannelEmail { // the dead process would have noted it with the answer
		r.MessageID = messageID(c.TouchID, c.Sender)
	}
	switch fate.Outcome {
	case channels.Sent:
		r.State = store.TouchSent
	case channels.Permanent:
		r.State, r.Reason = store.TouchFailed, cadence.ReasonProviderRefused
	case channels.Temporary:
		r.State = store.TouchPlanned
	case channels.Unknown:
		r.State, r.Reason = store.TouchUnknown, cadence.ReasonAnswerLost
	}
	return r
}

// SettleUnknown records what a person found out about a touch whose fate was open: sent or not. One that was not sent is planned again
// while its enrolment still stands there. ErrDecided when the fate is known, store.ErrNotFound when there is no such touch.
func (e *Engine) SettleUnknown(ctx context.Context, touchID int64, sent bool) error {
	refs, err := store.TouchRefs(ctx, e.pool, []int64{touchID})
	switch {
	case err != nil:
		return err
	case len(refs) == 0:
		return fmt.Errorf("touch %d: %w", touchID, store.ErrNotFound)
	case refs[0].State != store.TouchUnknown:
		return fmt.Errorf("touch %d is %s: %w", touchID, refs[0].State, ErrDecided)
	}
	if !sent {
		return e.notSent(ctx, []int64{touchID})
	}
	return e.recordNow(ctx, []store.TouchResult{{TouchID: touchID, State: store.TouchSent, Detail: "settled by a person", NotBefore: e.now()}})
}

// notSent takes unknown touches up again that were not sent after all. Nobody moves their enrolments on meanwhile.
func (e *Engine) notSent(ctx context.Context, touchIDs []int64) error {
	if len(touchIDs) == 0 {
		return nil
	}
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		if err := store.LockEnrollmentsOf(ctx, tx, touchIDs); err != nil {
			return err
		}
		return store.ReplanUnknown(ctx, tx, touchIDs, now)
	})
}
