package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// claimTogether claims the touches of many windows and loads what rendering them needs, each window's for itself. A touch that two of
// them name is claimed once, for one of them.
func (e *Engine) claimTogether(ctx context.Context, channel cadence.Channel, windows [][]int64) ([][]store.Outgoing, error) {
	end, err := e.beginClaim(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	var all []store.Outgoing
	known := false
	defer func() {
		if !known {
			e.lost.lose(touchIDs(all))
		}
	}()
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		all = nil
		if _, err := e.liveNow(ctx, tx); err != nil && !errors.Is(err, ErrNotReady) { // the channels follow it
			return err
		}
		var err error
		all, err = e.claim(ctx, tx, now, channel, slices.Concat(windows...))
		return err
	})
	if err != nil {
		return nil, err
	}
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

func touchIDs(outgoing []store.Outgoing) []int64 {
	ids := make([]int64, len(outgoing))
	for i := range outgoing {
		ids[i] = outgoing[i].TouchID
	}
	return ids
}

// claim takes what it can of the touches, with what rendering them needs, and tells the core why it could not take the others. What it returns
// beside an error was taken all the same, should the transaction be committed.
func (e *Engine) claim(ctx context.Context, tx pgx.Tx, now time.Time, channel cadence.Channel, ids []int64) ([]store.Outgoing, error) {
	full, err := e.fullNumbers(ctx, tx, now, channel, ids)
	if err != nil {
		return nil, err
	}
	stale, err := e.stale(ctx, tx, now, channel, ids)
	if err != nil {
		return nil, err
	}
	free := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return !full[id].IsZero() || stale[id] })
	taken, err := store.ClaimTouches(ctx, tx, free, e.worker.ID, now)
	if err != nil {
		return nil, err
	}
	if len(taken) < len(ids) {
		got := map[int64]bool{}
		for i := range taken {
			got[taken[i].TouchID] = true
		}
		refused := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return got[id] })
		if err := e.refuse(ctx, tx, now, refused, full, stale); err != nil {
			return taken, err
		}
	}
	return taken, e.complete(ctx, tx, taken)
}

// staleAfter is for how long a touch that is planned may be claimed where its mailbox, or its domain, has a limit by the hour. What has waited longer, for
// a queue that was paused or a server that was away, counts toward an hour that is over: it falls due again, or all of it would leave at once.
const staleAfter = 10 * time.Minute

// stale are the touches of ids for which that holds.
func (e *Engine) stale(ctx context.Context, tx pgx.Tx, now time.Time, channel cadence.Channel, ids []int64) (map[int64]bool, error) {
	settings, ok := e.definitions.inForce()
	if !ok || channel == cadence.ChannelCall {
		return nil, nil
	}
	senders, domains := settings.PacedByHour()
	if len(senders)+len(domains) == 0 {
		return nil, nil
	}
	old, err := store.PlannedBefore(ctx, tx, ids, senders, domains, now.Add(-staleAfter))
	stale := make(map[int64]bool, len(old))
	for _, id := range old {
		stale[id] = true
	}
	return stale, err
}

// refuse skips planned touches that may not be sent any more. One that another worker has, or that is settled, is left alone; one
// that only waits for its next try stays planned. full says when the numbers of touches may be called again, stale which are to be planned anew.
func (e *Engine) refuse(ctx context.Context, tx pgx.Tx, now time.Time, ids []int64, full map[int64]time.Time, stale map[int64]bool) error {
	facts, err := store.RefusalFacts(ctx, tx, ids)
	if err != nil {
		return fmt.Errorf("read why touches cannot be claimed: %w", err)
	}
	var results []store.TouchResult
	var early []int64 // a job was there before its touches' time: planned by a clock that is ahead of this one, or was
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
			NoConsent: f.NoConsent, TopicOff: f.TopicOff, Held: f.Held || stale[f.TouchID], HasAttempt: f.HasAttempt, Attempts: f.Attempts, Budget: f.Budget,
			WindowEnds: f.WindowEnds, CallRoom: full[f.TouchID], Now: now,
		})
		if reason == "" { // what was in the way is gone: the next tick alarms it again
			results = append(results, store.TouchResult{TouchID: f.TouchID, State: store.TouchPlanned, NotBefore: now})
			continue
		}
		results = append(results, store.TouchResult{TouchID: f.TouchID, State: store.TouchSkipped, Reason: reason, NotBefore: now})
	}
	if err := store.Unalarm(ctx, tx, early); err != nil {
		return err
	}
	return e.recordRefused(ctx, tx, now, results, full) // the claim holds the locks
}

// recordRefused records touches whose enrolments the caller has locked, and tells those that are skipped why. full is refuse's.
func (e *Engine) recordRefused(ctx context.Context, tx pgx.Tx, now time.Time, results []store.TouchResult, full map[int64]time.Time) error {
	recorded, err := store.RecordTouches(ctx, tx, results, now)
	if err != nil {
		return err
	}
	var ts []transition
	for _, r := range recorded {
		if r.State == store.TouchSkipped {
			ts = append(ts, transition{enrollmentID: r.EnrollmentID, event: cadence.TouchRefused{
				Step: r.Step, Run: r.Run, Reason: cadence.Reason(r.Reason), Again: full[r.TouchID],
			}})
		}
	}
	return e.applyLocked(ctx, tx, now, ts, nil)
}
