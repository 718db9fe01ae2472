package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// idsAhead is how many ids of each table are left out after a backup was restored. More are not given out in the days that a backup may be old.
const idsAhead = 100_000_000

// reliveStep is the least that the clock goes on by: what falls due within it is done in one go.
const reliveStep = time.Minute

// reliveBite is how many touches are looked at in one transaction.
const reliveBite = 500

// ErrStillWorking is returned, wrapped, when something of the installation runs that must not.
var ErrStillWorking = errors.New("still works")

// Relived says what may have happened between a backup and now.
type Relived struct {
	From time.Time `json:"from"` // the last that the backup knows of
	To   time.Time `json:"to"`
	// Unknown are the mails and voicemails that may have left in between.
	Unknown int `json:"unknown"`
}

// Relive brings a database that was restored from a backup up to the present, on an engine whose clock is virtual: advance sets it. What was to leave since the
// backup probably did, and only the database does not know any more: each such mail and voicemail is marked unknown, as one whose answer was lost, and follows
// on_unknown, save that none is sent again by itself. The phone provider is asked about voicemails later, as about all calls of unknown fate. Calls that people
// make wait for them as they are. Ids that mails and pages of the lost time carry are not given out anew: they would be other people's.
//
// Nothing else may work meanwhile: ErrStillWorking when a process has shown itself in the last two minutes. ErrNotReady when no configuration is live, and
// when the backup has never worked there is nothing to do.
func (e *Engine) Relive(ctx context.Context, until time.Time, advance func(time.Time)) (Relived, error) {
	workers, err := store.Workers(ctx, e.pool)
	if err != nil {
		return Relived{}, err
	}
	for _, w := range workers {
		if since := e.realNow().Sub(w.SeenAt); since < deadAfter {
			return Relived{}, fmt.Errorf("worker %s %w: it was seen %s ago", w.ID, ErrStillWorking, since.Round(time.Second))
		}
	}
	if _, err := e.Live(ctx); err != nil {
		return Relived{}, err
	}
	if err := store.SkipIDs(ctx, e.pool, idsAhead); err != nil {
		return Relived{}, err
	}
	from, err := store.LastBeat(ctx, e.pool)
	if err != nil || from.IsZero() {
		return Relived{From: until.UTC(), To: until.UTC()}, err
	}
	if from.After(until) {
		from = until
	}
	done := Relived{From: from.UTC(), To: until.UTC()}
	advance(from)
	if done.Unknown, err = e.doubtClaimed(ctx, workers); err != nil {
		return done, err
	}
	for now := from; ; {
		advance(now)
		n, err := e.reliveNow(ctx)
		done.Unknown += n
		if err != nil || !now.Before(until) {
			return done, err
		}
		next, ok, err := store.NextDue(ctx, e.pool, now)
		if err != nil {
			return done, err
		}
		if soonest := now.Add(reliveStep); next.Before(soonest) {
			next = soonest
		}
		if now = next; !ok || next.After(until) {
			now = until
		}
	}
}

// reliveNow does what was to be done at this instant, and says how many touches may have left by it.
func (e *Engine) reliveNow(ctx context.Context) (int, error) {
	total := 0
	for {
		moved, err := e.Tick(ctx)
		if err != nil {
			return total, err
		}
		doubted, err := e.doubtReady(ctx)
		total += doubted
		if err != nil || moved+doubted == 0 {
			return total, err
		}
	}
}

// doubtReady marks the mails and voicemails unknown that were to leave by this instant.
func (e *Engine) doubtReady(ctx context.Context) (int, error) {
	total := 0
	for _, channel := range []cadence.Channel{cadence.ChannelEmail, cadence.ChannelVoicemail} {
		for after := int64(0); ; {
			var ids []int64
			n := 0
			err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) (err error) {
				if ids, err = store.ReadyTouches(ctx, tx, channel, after, reliveBite, now); err != nil || len(ids) == 0 {
					return err
				}
				taken, err := e.claim(ctx, tx, now, channel, ids)
				if err != nil || len(taken) == 0 {
					return err
				}
				n = len(taken)
				return e.doubt(ctx, tx, now, e.worker.ID, touchIDs(taken))
			})
			if err != nil {
				return total, err
			}
			if total += n; len(ids) < reliveBite {
				break
			}
			after = ids[len(ids)-1]
		}
	}
	return total, nil
}

// doubtClaimed marks unknown what processes had in hand when the backup was made. Their send journals prove nothing of it: what they sent since is struck out there.
func (e *Engine) doubtClaimed(ctx context.Context, workers []store.Worker) (int, error) {
	ghosts, err := store.Unregistered(ctx, e.pool)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, w := range append(workers, ghosts...) {
		var ids []int64
		err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			claimed, err := store.ClaimedBy(ctx, tx, w.ID)
			if ids = touchIDsOf(claimed); err != nil || len(ids) == 0 {
				return err
			}
			if err := store.LockEnrollmentsOf(ctx, tx, ids); err != nil {
				return err
			}
			return e.doubt(ctx, tx, now, w.ID, ids)
		})
		if err != nil {
			return total, err
		}
		total += len(ids)
	}
	return total, nil
}

// doubt records of touches that a worker has claimed that nobody knows whether they left. Their enrolments, which the caller has locked, go on, unless a person
// or the phone provider is to say first.
func (e *Engine) doubt(ctx context.Context, tx pgx.Tx, now time.Time, worker string, ids []int64) error {
	results := make([]store.TouchResult, len(ids))
	for i, id := range ids {
		results[i] = store.TouchResult{
			TouchID: id, State: store.TouchUnknown, Reason: cadence.ReasonAnswerLost, NotBefore: now, ClaimedBy: worker,
			Detail: "it may have left before the database was restored from a backup",
		}
	}
	_, policy, err := e.onUnknown(ctx, tx, now, results)
	if err != nil {
		return err
	}
	recorded, err := store.RecordTouches(ctx, tx, results, now)
	if err != nil {
		return err
	}
	var ts []transition
	for _, r := range recorded {
		if event := e.eventOf(r, policy[r.TouchID]); event != nil && r.Channel != cadence.ChannelVoicemail {
			ts = append(ts, transition{enrollmentID: r.EnrollmentID, event: event})
		}
	}
	return e.applyLocked(ctx, tx, now, ts, nil)
}
