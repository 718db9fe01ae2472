package jobs

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/config"
	"nurture/store"
)

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

// flushAll tries until nothing is left to record and no claim is lost, or ctx ends. The journal may not know it all: its disk may have been full.
func (e *Engine) flushAll(ctx context.Context) {
	again := time.NewTicker(flushEvery)
	defer again.Stop()
	for ctx.Err() == nil {
		if e.flush(ctx) {
			return
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// flush tries to get rid of what the database could not take, and says whether nothing of it is left.
func (e *Engine) flush(ctx context.Context) bool {
	e.flushUnrecorded(ctx)
	if err := e.putBackLost(ctx); err != nil {
		e.log.ErrorContext(ctx, "putting back what a failed claim may have left claimed failed", "error", err)
	}
	e.unrecordedMu.Lock()
	defer e.unrecordedMu.Unlock()
	return len(e.unrecorded) == 0 && e.lost.none()
}

// leaveBehind tells the journal what the database never took, for whoever takes up this process's claims: without it what surely was not sent, and left
// no mark therefore, would be unknown. What was put to a provider has its marks, but on a full disk.
func (e *Engine) leaveBehind() {
	e.unrecordedMu.Lock()
	defer e.unrecordedMu.Unlock()
	for _, id := range e.lost.all() {
		_ = e.journal.MarkAnswer(channels.Receipt{TouchID: id, Outcome: channels.Temporary, Detail: "it was claimed, if it was, and not sent"})
	}
	for _, r := range e.unrecorded {
		receipt := channels.Receipt{TouchID: r.TouchID, Outcome: channels.Temporary, ProviderID: r.ProviderID, Detail: r.Detail}
		switch {
		case r.State == store.TouchUnknown:
			_ = e.journal.MarkLeaving(r.TouchID)
			continue
		case r.State == store.TouchSent:
			receipt.Outcome = channels.Sent
		case r.Reason == cadence.ReasonProviderRefused:
			receipt.Outcome = channels.Permanent
		}
		_ = e.journal.MarkAnswer(receipt)
	}
}

// recordNow records results together with those of whoever records just then.
func (e *Engine) recordNow(ctx context.Context, results []store.TouchResult) error {
	_, err := e.records.ask(ctx, results)
	return err
}

// recordEach records results together and, when what one of them is about makes that fail, each by itself (K3). Unlike record it keeps none: whoever
// asks finds what is left again.
func (e *Engine) recordEach(ctx context.Context, results []store.TouchResult) error {
	return inParts(results, func(results []store.TouchResult) error { return e.recordNow(ctx, results) })
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
	known := map[int64]*store.Enrollment{}
	var ids []int64
	for _, r := range results {
		if r.Claimed != nil {
			known[r.Claimed.ID] = r.Claimed
		} else {
			ids = append(ids, r.TouchID)
		}
	}
	if err := lockForRecord(ctx, tx, ids, known); err != nil {
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
	belated, err := store.RecordBelated(ctx, tx, unrecorded(results, recorded), now)
	if err != nil {
		return err
	}
	recorded = append(recorded, belated...)
	var ts []transition
	var neverLeft []int64
	for _, r := range recorded {
		if event := e.eventOf(r, policy[r.TouchID]); event != nil {
			ts = append(ts, transition{enrollmentID: r.EnrollmentID, event: event, known: known[r.EnrollmentID]})
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

// unrecorded are the results that changed nothing: their touches were settled already.
func unrecorded(results []store.TouchResult, recorded []store.RecordedTouch) []store.TouchResult {
	if len(recorded) == len(results) {
		return nil
	}
	done := make(map[int64]bool, len(recorded))
	for _, r := range recorded {
		done[r.TouchID] = true
	}
	return slices.DeleteFunc(slices.Clone(results), func(r store.TouchResult) bool { return done[r.TouchID] })
}

// lockForRecord locks the enrolments of touches, and those that are known, before anything of their touches is changed (docs/decisions/0004).
func lockForRecord(ctx context.Context, tx pgx.Tx, touchIDs []int64, known map[int64]*store.Enrollment) error {
	enrollmentIDs := slices.Collect(maps.Keys(known))
	if len(touchIDs) > 0 {
		refs, err := store.TouchRefs(ctx, tx, touchIDs)
		if err != nil {
			return err
		}
		for _, r := range refs {
			enrollmentIDs = append(enrollmentIDs, r.EnrollmentID)
		}
	}
	return store.LockOnly(ctx, tx, enrollmentIDs)
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
			results[i].ClaimedBy = cmp.Or(results[i].ClaimedBy, e.worker.ID)
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
