package jobs

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// A transaction that claims can fail at its very end, with the connection, and be committed all the same. Then nobody has the touches in
// hand, and they would stay claimed for as long as this process lives. They are put back in the next transaction of the same group: as a
// channel's claims are made one after the other, nobody of this process can have claimed them anew by then.

// lose notes touches of a claim of which nobody knows whether it was committed.
func (e *Engine) lose(channel cadence.Channel, touchIDs []int64) {
	if len(touchIDs) == 0 {
		return
	}
	e.unrecordedMu.Lock()
	defer e.unrecordedMu.Unlock()
	if e.lost == nil {
		e.lost = map[cadence.Channel][]int64{}
	}
	e.lost[channel] = append(e.lost[channel], touchIDs...)
}

// found forgets what was lost: it is put back.
func (e *Engine) found(channel cadence.Channel) {
	e.unrecordedMu.Lock()
	defer e.unrecordedMu.Unlock()
	delete(e.lost, channel)
}

// takeBack plans again what was claimed by a transaction that seemed to fail. Nothing of it was put to a provider.
func (e *Engine) takeBack(ctx context.Context, tx pgx.Tx, now time.Time, channel cadence.Channel) error {
	e.unrecordedMu.Lock()
	lost := slices.Clone(e.lost[channel])
	e.unrecordedMu.Unlock()
	if len(lost) == 0 {
		return nil
	}
	// Lock order: the enrolments before their touches.
	if err := store.LockEnrollmentsOf(ctx, tx, lost); err != nil {
		return err
	}
	claimed, err := store.ClaimedBy(ctx, tx, e.worker.ID)
	if err != nil {
		return err
	}
	var results []store.TouchResult
	for _, c := range claimed {
		if slices.Contains(lost, c.TouchID) {
			results = append(results, store.TouchResult{
				TouchID: c.TouchID, State: store.TouchPlanned, NotBefore: now, ClaimedBy: e.worker.ID, NotTried: true,
				Detail: "the database did not say whether it was claimed",
			})
		}
	}
	_, err = store.RecordTouches(ctx, tx, results, now)
	return err
}

// putBackLost puts back what was lost of channels that nobody claims for just now.
func (e *Engine) putBackLost(ctx context.Context) {
	e.unrecordedMu.Lock()
	var behind []cadence.Channel
	for channel := range e.lost {
		behind = append(behind, channel)
	}
	e.unrecordedMu.Unlock()
	for _, channel := range behind {
		if _, err := e.claims[channel].ask(ctx, nil); err != nil {
			e.log.ErrorContext(ctx, "what a failed claim may have left claimed cannot be put back yet", "channel", channel, "error", err)
		}
	}
}
