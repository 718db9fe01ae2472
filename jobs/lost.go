package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/store"
)

// lostClaims are touches of claims of which nobody knows whether they were committed: a transaction can fail at its very end, with the
// connection, and be committed all the same. Then nobody has the touches in hand, and they would stay claimed for as long as this process
// lives. They are put back while nothing is claimed, and before anything else is: so nobody of this process can have claimed them anew.
type lostClaims struct {
	claiming sync.RWMutex // read: a claim is under way; locked: lost ones are put back
	mu       sync.Mutex
	touchIDs []int64
}

// lose notes touches of a claim under way.
func (l *lostClaims) lose(touchIDs []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.touchIDs = append(l.touchIDs, touchIDs...)
}

func (l *lostClaims) none() bool { return len(l.all()) == 0 }

func (l *lostClaims) all() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.touchIDs)
}

func (l *lostClaims) found() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.touchIDs = nil
}

// beginClaim lets a claim begin when nothing is lost any more. end says that its fate is known, or that its touches are lost.
func (e *Engine) beginClaim(ctx context.Context) (end func(), err error) {
	for {
		e.lost.claiming.RLock()
		if e.lost.none() {
			return e.lost.claiming.RUnlock, nil
		}
		e.lost.claiming.RUnlock()
		if err := e.putBackLost(ctx); err != nil {
			return nil, err
		}
	}
}

// putBackLost plans again what is lost, if anything is. Nothing of it was put to a provider.
func (e *Engine) putBackLost(ctx context.Context) error {
	if e.lost.none() {
		return nil
	}
	e.lost.claiming.Lock()
	defer e.lost.claiming.Unlock()
	lost := e.lost.all()
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error { return e.takeBack(ctx, tx, now, lost) })
	if err == nil {
		e.lost.found() // nobody claims, so nobody has lost more
	}
	return err
}

// takeBack plans those of the touches again that this process has claimed.
func (e *Engine) takeBack(ctx context.Context, tx pgx.Tx, now time.Time, lost []int64) error {
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
