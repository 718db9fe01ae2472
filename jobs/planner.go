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

// Sizes of the planner's bites: large enough for one round trip to be worth it, small enough that no transaction holds many rows
// for long.
const (
	planBite   = 500 // due enrolments of one channel and sender
	intakeBite = 500 // leads that wait for a cadence
	expireBite = 200
	alarmBite  = 5000
)

// staleAlarm is after how long a planned touch that was alarmed is alarmed again: its job must have been lost. A job that
// still lives finds the touch claimed or gone, so a needless alarm is harmless.
const staleAlarm = 15 * time.Minute

// Tick does all that is due at this instant: it enrols leads that audience rules take, expires tasks, plans touches within
// each sender's capacity, alarms touches that wait for another try, and counts clicks. Several processes may tick at once: what one holds the
// others leave. It returns how many rows it moved; 0 means that nothing was due.
func (e *Engine) Tick(ctx context.Context) (int, error) {
	e.flushUnrecorded(ctx)
	total := 0
	var errs []error
	for _, part := range []struct {
		name string
		do   func(context.Context) (int, error)
	}{
		{"intake", e.intake}, {"expire tasks", e.expireTasks}, {"plan", e.plan}, {"alarm", e.alarm}, {"count clicks", e.countClicks},
	} {
		n, err := part.do(ctx)
		total += n
		if err != nil { // what goes wrong with one part is no reason to leave the others
			errs = append(errs, fmt.Errorf("%s: %w", part.name, err))
		}
	}
	return total, errors.Join(errs...)
}

// Run ticks every interval until ctx ends, and takes up the work of dead processes. Errors are logged and the next tick tries
// again: a database that restarts or a full disk must not end the process (K4).
func (e *Engine) Run(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for i := 0; ; i++ {
		if i%recoverEvery == 0 {
			if err := e.Recover(ctx); err != nil && ctx.Err() == nil {
				e.log.ErrorContext(ctx, "taking up the work of dead processes failed; it will be tried again", "error", err)
			}
		}
		if _, err := e.Tick(ctx); err != nil && ctx.Err() == nil {
			e.log.ErrorContext(ctx, "planning failed; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// plan asks the core about every due enrolment that there is capacity for.
func (e *Engine) plan(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		var due []int64
		err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			n, due = 0, nil
			current, err := e.liveNow(ctx, tx)
			if errors.Is(err, ErrNotReady) {
				return nil
			}
			if err != nil {
				return err
			}
			rooms, err := e.rooms(ctx, tx, current, now)
			if err != nil {
				return err
			}
			ids, err := store.LockDueEnrollments(ctx, tx, rooms, now)
			if err != nil {
				return err
			}
			n, due = len(ids), ids
			return e.applyLocked(ctx, tx, now, allTransitions(ids, cadence.FellDue{}), nil)
		})
		if len(due) > 0 && spoilt(err) {
			n, err = e.planEach(ctx, due, err)
		}
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// planEach plans enrolments one by one, after they could not be planned together: one bad one must not stop the others (K3). It takes
// no more than the room that the batch had. It returns how many were planned; when none was, what was wrong.
func (e *Engine) planEach(ctx context.Context, ids []int64, cause error) (int, error) {
	n := 0
	for _, id := range ids {
		err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			return e.apply(ctx, tx, now, allTransitions([]int64{id}, cadence.FellDue{}), nil)
		})
		if err == nil {
			n++
			continue
		}
		cause = err
		e.log.ErrorContext(ctx, "an enrolment cannot be planned and is passed over", "enrollment", id, "error", err)
	}
	if n == 0 {
		return 0, cause
	}
	return n, nil
}

func allTransitions(enrollmentIDs []int64, event cadence.Event) []transition {
	ts := make([]transition, len(enrollmentIDs))
	for i, id := range enrollmentIDs {
		ts[i] = transition{enrollmentID: id, event: event}
	}
	return ts
}

// rooms is what each channel and sender can still take today; the day is the operator's. A sender without room, or whose mailbox is paused, is
// not named, so its backlog costs nothing; nor is one that another process is planning for just now, so that both do not take the same room.
func (e *Engine) rooms(ctx context.Context, tx pgx.Tx, current *live, now time.Time) ([]store.Room, error) {
	settings := current.config.Settings
	midnight, err := startOfDay(now, settings.Zone)
	if err != nil {
		return nil, err
	}
	paused, err := store.PausedSenders(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read which mailboxes are paused: %w", err)
	}
	var all []store.Room
	for _, s := range settings.Senders {
		if _, held := paused[s.Email]; !held {
			all = append(all, store.Room{Channel: string(cadence.ChannelEmail), Sender: s.Email, N: s.DailyCap})
		}
		all = append(all, store.Room{Channel: string(cadence.ChannelVoicemail), Sender: s.Email, N: s.DailyCap})
	}
	for _, s := range settings.Team.SDRs {
		all = append(all, store.Room{Channel: string(cadence.ChannelCall), Sender: s.Email, N: s.DailyCalls})
	}
	names := make([]string, len(all))
	for i, room := range all {
		names[i] = roomName(room)
	}
	ours, err := store.TryLocks(ctx, tx, names)
	if err != nil {
		return nil, fmt.Errorf("lock senders: %w", err)
	}
	used, err := store.SentSince(ctx, tx, all, midnight) // after the locks, so that it sees what others took before
	if err != nil {
		return nil, fmt.Errorf("count today's touches: %w", err)
	}
	rooms := []store.Room{{N: planBite}}
	for _, room := range all {
		free := room.N*e.desk - used[[2]string{room.Channel, room.Sender}]
		if free > 0 && slices.Contains(ours, roomName(room)) {
			room.N = min(free, planBite)
			rooms = append(rooms, room)
		}
	}
	return rooms, nil
}

func roomName(r store.Room) string { return r.Channel + " " + r.Sender }

// startOfDay is the instant at which the day of t began in a zone.
func startOfDay(t time.Time, zone string) (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("the operator's zone: %w", err)
	}
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, loc).UTC(), nil
}

// expireTasks tells the core of tasks that nobody did in time.
func (e *Engine) expireTasks(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			tasks, err := store.LockExpired(ctx, tx, now, expireBite)
			if err != nil {
				return err
			}
			n = len(tasks)
			var touchIDs, untried []int64
			for _, t := range tasks {
				if t.TouchID == nil {
					continue
				}
				touchIDs = append(touchIDs, *t.TouchID)
				if t.ClaimedBy == "" {
					untried = append(untried, *t.TouchID)
				}
			}
			if len(touchIDs) == 0 {
				return nil
			}
			// Nobody called, so the lead's budget is not spent on it; who had the task in hand may have tried.
			if err := store.ReleaseAttempts(ctx, tx, untried); err != nil {
				return err
			}
			refs, err := store.TouchRefs(ctx, tx, touchIDs)
			if err != nil {
				return err
			}
			results := make([]string, len(refs))
			ts := make([]transition, len(refs))
			for i, r := range refs {
				results[i] = string(store.TaskExpired)
				ts[i] = transition{enrollmentID: r.EnrollmentID, event: cadence.TaskExpired{Step: r.Step, Run: r.Run}}
				touchIDs[i] = r.TouchID
			}
			if err := store.SetTouchResults(ctx, tx, touchIDs, results); err != nil {
				return err
			}
			return e.apply(ctx, tx, now, ts, nil)
		})
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// alarm wakes workers for touches that no job sees to.
func (e *Engine) alarm(ctx context.Context) (int, error) {
	n := 0
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		alarms, err := store.LockUnalarmed(ctx, tx, now, now.Add(-staleAlarm), alarmBite)
		if err != nil {
			return err
		}
		n = len(alarms)
		return e.insertJobs(ctx, tx, batchJobs(alarms))
	})
	return n, err
}
