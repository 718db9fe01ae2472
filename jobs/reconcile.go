package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/voicemail"
	"nurture/config"
	"nurture/store"
)

// reconcileWait is how long to wait before the voice provider's list of calls is believed: it lags behind.
const reconcileWait = 2 * time.Minute

// While the provider cannot tell, it is asked again every askAgain; askUntil after the claim the touch is left to a person.
const (
	askAgain = 10 * time.Minute
	askUntil = 24 * time.Hour
	// askAtOnce bounds how many touches the provider is asked about in one go, and openCalls how many are looked at.
	askAtOnce, openCalls = 50, 1000
)

// Reconciler asks the voice provider whether it has a call whose answer was lost.
type Reconciler interface {
	Reconcile(ctx context.Context, probes []voicemail.Probe) []channels.Receipt
}

// inquiry is what this process knows of a call whose fate is open.
type inquiry struct {
	since time.Time // when it first saw that, on the real clock: the other may be set forward, and the provider's list lags behind all the same
	asked time.Time // when the provider was asked in vain; zero: not yet
}

// ripe says whether the provider can be asked about it. An instant that lies ahead is of a clock that has been set back since.
func (e *Engine) ripe(q inquiry) bool {
	since := e.now().Sub(q.asked)
	return e.realNow().Sub(q.since) >= e.listLag && (q.asked.IsZero() || since >= askAgain || since < 0)
}

// openInquiries lists the calls that the provider can be asked about now, and forgets those whose fate is known.
func (e *Engine) openInquiries(ctx context.Context) ([]store.Claimed, error) {
	unknown, err := store.UnknownCalls(ctx, e.pool, openCalls)
	if err != nil {
		return nil, err
	}
	var ripe []store.Claimed
	open := make(map[int64]inquiry, len(unknown))
	for _, c := range unknown {
		q, ok := e.inquiries[c.TouchID]
		if !ok {
			q.since = e.realNow()
		}
		if open[c.TouchID] = q; len(ripe) < askAtOnce && e.ripe(q) {
			ripe = append(ripe, c)
		}
	}
	e.inquiries = open
	return ripe, nil
}

// reconcileCalls asks the voice provider about unknown voicemail touches: found means sent, proven absent means that the touch may be
// tried again, and what stays open is left to a person.
func (e *Engine) reconcileCalls(ctx context.Context) error {
	if e.reconciler == nil || e.worker.ID == "" {
		return nil
	}
	e.reconcileMu.Lock()
	defer e.reconcileMu.Unlock()
	unknown, err := e.openInquiries(ctx)
	if err != nil || len(unknown) == 0 {
		return err
	}
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return err
	}
	known, err := store.CallsOfOthers(ctx, e.pool, touchIDsOf(unknown))
	if err != nil {
		return err
	}
	probes := make([]voicemail.Probe, len(unknown))
	for i, c := range unknown {
		probes[i] = voicemail.Probe{
			TouchID: c.TouchID, To: c.Address, From: senderNamed(current.config.Settings, c.Sender).Phone, Since: c.ClaimedAt,
			Until: c.ClaimedAt.Add(reconcileWait), Known: known[c.TouchID],
		}
	}
	var results []store.TouchResult
	var absent, inVain []int64
	for i, r := range e.reconciler.Reconcile(ctx, probes) {
		switch r.Outcome {
		case channels.Sent:
			results = append(results, store.TouchResult{TouchID: r.TouchID, State: store.TouchSent, ProviderID: r.ProviderID, Detail: r.Detail, NotBefore: e.now()})
		case channels.Temporary:
			absent = append(absent, r.TouchID)
			delete(e.inquiries, r.TouchID) // should its next call be lost too, the list lags behind once more
		case channels.Permanent, channels.Unknown:
			e.inquiries[r.TouchID] = inquiry{since: e.inquiries[r.TouchID].since, asked: e.now()}
			if e.now().Sub(unknown[i].ClaimedAt) >= askUntil {
				inVain = append(inVain, r.TouchID)
			}
		}
	}
	return errors.Join(e.recordEach(ctx, results), e.notSent(ctx, absent), e.giveUpAsking(ctx, inVain))
}

func touchIDsOf(claimed []store.Claimed) []int64 {
	ids := make([]int64, len(claimed))
	for i, c := range claimed {
		ids[i] = c.TouchID
	}
	return ids
}

// giveUpAsking leaves touches to a person: the provider could not tell. Their cadences go on as if they had been sent, unless the
// configuration says that a person decides first.
func (e *Engine) giveUpAsking(ctx context.Context, touchIDs []int64) error {
	if len(touchIDs) == 0 {
		return nil
	}
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		refs, err := store.TouchRefs(ctx, tx, touchIDs)
		if err != nil {
			return err
		}
		ids := make([]int64, len(refs))
		for i, r := range refs {
			ids[i] = r.EnrollmentID
		}
		rows, err := store.LockEnrollments(ctx, tx, ids)
		if err != nil {
			return err
		}
		// Once more, under the lock: a new version of the cadence may have given their steps other numbers.
		if refs, err = store.TouchRefs(ctx, tx, touchIDs); err != nil {
			return err
		}
		if err := e.definitions.pin(ctx, tx, rows); err != nil {
			return err
		}
		if err := store.NoteAsked(ctx, tx, touchIDs); err != nil {
			return err
		}
		version := map[int64]int64{}
		for _, row := range rows {
			version[row.ID] = row.CadenceVersionID
		}
		var ts []transition
		for _, r := range refs {
			if e.definitions.of(version[r.EnrollmentID]).settings.OnUnknown != config.Ask {
				ts = append(ts, transition{enrollmentID: r.EnrollmentID, event: cadence.TouchUnknown{Step: r.Step, Run: r.Run}})
			}
		}
		return e.apply(ctx, tx, now, ts, nil)
	})
}
