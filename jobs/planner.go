package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// Sizes of the planner's bites: large enough for one round trip to be worth it, small enough that no transaction holds many rows
// for long.
const (
	intakeBite = 2500 // leads that wait for a cadence
	expireBite = 200
	alarmBite  = 5000
	wordsBite  = 5000 // a fifth of a second
)

// What was taken of capacity is kept for longer than any allowance looks back, even if the clock is set back by days, and dropped in bites.
const (
	takenFor    = 7 * 24 * time.Hour
	forgetEvery = 10 * time.Minute
	forgetBite  = 50_000
)

// staleAlarm is after how long a planned touch that was alarmed is looked at again: its job may have been cancelled or given up by River. While
// an unfinished job carries the touch it is left at that: a backlog before a slow server grows no second one. A job that a process or a
// connection took with it is Recover's affair.
const staleAlarm = 15 * time.Minute

// staleEvery is how often such touches are looked for, among all that are planned.
const staleEvery = time.Minute

// aheadBy is how far an instant that something is said to have happened at may lie ahead: farther ahead it is of a clock that has been set
// back since, and means nothing. An instant that something waits for is kept, whatever clock it was reckoned by: to act sooner could be to
// act at night.
const aheadBy = 15 * time.Minute

// The planner's pulse: it is noted every so often, and was gone when it is older than that.
const (
	beatEvery = time.Minute
	beatGone  = 15 * time.Minute
)

// Tick does all that is due at this instant: it enrols leads that audience rules take, expires tasks, weighs leads whose verdict time has changed, plans touches within
// each sender's capacity, alarms touches that wait for another try, counts clicks, and writes the words that leads are searched by. Several processes may tick at once: what one holds the
// others leave. It returns how many rows it moved; 0 means that nothing was due. With nothing due, or no capacity for what is due, it costs one
// statement.
func (e *Engine) Tick(ctx context.Context) (int, error) {
	e.flushUnrecorded(ctx)
	var errs []error
	if err := e.putBackLost(ctx); err != nil {
		errs = append(errs, fmt.Errorf("put back what a failed claim may have left claimed: %w", err))
	}
	if err := e.beat(ctx); err != nil {
		errs = append(errs, err)
	}
	todo, err := e.agenda(ctx)
	if err != nil {
		return 0, errors.Join(append(errs, err)...)
	}
	total := 0
	for _, part := range []struct {
		name   string
		wanted bool
		do     func(context.Context) (int, error)
	}{
		{"intake", todo.Intake && todo.live != nil, e.intake},
		{"expire tasks", todo.Expired, e.expireTasks},
		{"weigh whom time has changed", todo.live != nil && e.turning.due(e.now()), e.turn},
		{"gather what waits in vain", todo.live != nil && e.straying.due(e.now(), strayEvery), func(ctx context.Context) (int, error) {
			return e.gatherStrays(ctx, todo.live)
		}},
		{"have somebody look after who rests", todo.live != nil && e.resting.due(e.now(), restEvery), e.askAfterResting},
		{"plan", true, func(ctx context.Context) (int, error) { return e.plan(ctx, todo, total > 0) }},
		{"alarm", todo.Unalarmed, e.alarm},
		{"alarm again", e.looking.due(e.now(), staleEvery), e.alarmStale},
		{"count clicks", todo.Clicks, e.countClicks},
		{"write words to search by", todo.Words, e.writeWords},
		{"escalate handoffs", todo.Unanswered && todo.live != nil, e.escalate},
		{"let go what is kept long enough", todo.live != nil, func(ctx context.Context) (int, error) { return e.retain(ctx, todo.live) }},
	} {
		if !part.wanted {
			continue
		}
		n, err := part.do(ctx)
		total += n
		if err != nil { // what goes wrong with one part is no reason to leave the others
			errs = append(errs, fmt.Errorf("%s: %w", part.name, err))
		}
	}
	return total, errors.Join(errs...)
}

// wordsLock names the lock of whoever writes the words that leads are searched by.
const wordsLock = "words"

// writeWords writes the words of some leads that were stored since, and no more: planning does not wait for what an import left. It counts as
// nothing moved, since nothing waits for it.
func (e *Engine) writeWords(ctx context.Context) (int, error) {
	return 0, e.inTx(ctx, func(tx pgx.Tx, _ time.Time) error {
		if got, err := store.TryLocks(ctx, tx, []string{wordsLock}); err != nil || len(got) == 0 {
			return err
		}
		_, err := store.WriteWords(ctx, tx, wordsBite)
		return err
	})
}

// beat notes now and then that something plans, so that an outage is known by its gap.
func (e *Engine) beat(ctx context.Context) error {
	now := e.now()
	if !e.pulse.due(now, beatEvery) {
		return nil
	}
	if err := store.Beat(ctx, e.pool, now, now.Add(-beatGone)); err != nil {
		return err
	}
	e.pulse.done(now)
	return nil
}

// chore is something that is done now and then.
type chore struct {
	mu   sync.Mutex
	last time.Time // the zero time: not yet
}

// due says whether so much time has passed since it was done last, or the clock was set back.
func (c *chore) due(now time.Time, every time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last.IsZero() || now.Before(c.last) || !now.Before(c.last.Add(every))
}

func (c *chore) done(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = now
}

// agenda is what there is to do, with the configuration in force and the rooms in which something is due.
type agenda struct {
	store.Agenda
	live  *live // nil: none
	rooms []store.Room
}

// agenda looks what there is to do. Unless a new configuration was applied since it looked last that is one statement.
func (e *Engine) agenda(ctx context.Context) (agenda, error) {
	e.liveMu.Lock()
	current := e.live
	e.liveMu.Unlock()
	for {
		now := e.now()
		var rooms []store.Room
		var version int64
		if current != nil {
			var err error
			if rooms, err = e.openRooms(current, now); err != nil {
				return agenda{}, err
			}
			version = current.version.ID
		}
		todo, err := store.ReadAgenda(ctx, e.pool, rooms, store.Marks{Now: now, Visited: now.Add(-ripeAfter), Ahead: now.Add(aheadBy)})
		if err != nil {
			return agenda{}, err
		}
		if todo.ConfigVersion == version {
			due := make([]store.Room, len(todo.Rooms))
			for i, index := range todo.Rooms {
				due[i] = rooms[index]
			}
			return agenda{Agenda: todo, live: current, rooms: due}, nil
		}
		if current, err = e.liveNow(ctx, e.pool); err != nil {
			return agenda{}, err
		}
	}
}

// brisk is how much sooner the next tick comes after one that moved something: what was planned is done soon, and what follows it may be due.
const brisk = 10

// Run ticks every interval until ctx ends, sooner while there is much to do, and takes up the work of dead processes. Errors are logged and
// the next tick tries again: a database that restarts or a full disk must not end the process (K4).
func (e *Engine) Run(ctx context.Context, interval time.Duration) {
	takeUp := func() {
		e.orLog(ctx, "taking up the work of dead processes", e.takeUpDead)
		e.orLog(ctx, "noting what cannot be sent or read", e.shareTroubles)
	}
	takeUp() // what a dead process had planned goes before what is planned now
	var watching sync.WaitGroup
	watching.Go(func() { // beside the ticks: one that plans a long backlog must not make the others take this process for dead
		every(ctx, recoverEvery*interval, takeUp)
	})
	beside := func(what string, do func(ctx context.Context) error) {
		watching.Go(func() {
			e.orLog(ctx, what, do)
			every(ctx, recoverEvery*interval, func() { e.orLog(ctx, what, do) })
		})
	}
	beside("settling calls whose answer was lost", e.reconcileCalls) // a voice provider that does not answer holds it up for longer than deadAfter
	beside("counting for the pages", func(ctx context.Context) error { _, err := e.Tally(ctx); return err })
	defer watching.Wait()
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		moved, err := e.Tick(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			e.log.ErrorContext(ctx, "planning failed; it will be tried again", "error", err)
			next.Reset(interval)
		case moved > 0:
			next.Reset(interval / brisk)
		default:
			next.Reset(interval)
		}
	}
}

// orLog does what will be done again, for who has nobody to tell.
func (e *Engine) orLog(ctx context.Context, what string, do func(ctx context.Context) error) {
	if err := do(ctx); err != nil && ctx.Err() == nil {
		e.log.ErrorContext(ctx, what+" failed; it will be tried again", "error", err)
	}
}

// every calls f at every interval until ctx ends.
func every(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f()
		}
	}
}

// plan asks the core about every due enrolment that there is capacity for. stale says that more may be due than todo knows.
func (e *Engine) plan(ctx context.Context, todo agenda, stale bool) (int, error) {
	total := 0
	var wrong error
	for {
		if stale {
			var err error
			if todo, err = e.agenda(ctx); err != nil {
				return total, errors.Join(wrong, err)
			}
		}
		if len(todo.rooms) == 0 {
			return total, wrong
		}
		n, err := e.planBite(ctx, todo)
		total += n
		if err != nil {
			wrong = err
		}
		if n == 0 {
			return total, wrong
		}
		stale = true
	}
}

// planBite plans as many enrolments as one transaction should hold, and returns how many it moved; an error beside that is of those that it passed over.
func (e *Engine) planBite(ctx context.Context, todo agenda) (int, error) {
	var due []transition
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		due = nil
		rooms, err := e.measure(ctx, tx, todo.live, todo.rooms, now)
		if err != nil || len(rooms) == 0 {
			return err
		}
		rows, err := store.LockDueEnrollments(ctx, tx, rooms, e.passed.at(now), now)
		if err != nil || len(rows) == 0 {
			return err
		}
		if due, err = e.fallen(ctx, tx, rows, now); err != nil {
			return err
		}
		if err := e.applyLocked(ctx, tx, now, due, nil); err != nil {
			return err
		}
		return e.forgetTaken(ctx, tx, now)
	})
	if len(due) > 0 && spoilt(err) {
		return e.planEach(ctx, todo.live, due, err)
	}
	if err != nil {
		return 0, err
	}
	return len(due), nil
}

// forgetTaken drops now and then what no allowance looks back to any more.
func (e *Engine) forgetTaken(ctx context.Context, tx pgx.Tx, now time.Time) error {
	if !e.forgetting.due(now, forgetEvery) {
		return nil
	}
	if err := store.ForgetTaken(ctx, tx, now.Add(-takenFor), forgetBite); err != nil {
		return err
	}
	e.forgetting.done(now)
	return nil
}

// fallen says of due enrolments that their time has come, and how much of what they are late by is due to outages.
func (e *Engine) fallen(ctx context.Context, tx pgx.Tx, rows []store.DueEnrollment, now time.Time) ([]transition, error) {
	oldest := rows[0].DueAt
	for _, r := range rows {
		oldest = earlier(oldest, r.DueAt)
	}
	outages, err := store.OutagesSince(ctx, tx, oldest)
	if err != nil {
		return nil, err
	}
	ts := make([]transition, len(rows))
	for i, r := range rows {
		ts[i] = transition{enrollmentID: r.ID, event: cadence.FellDue{Down: cadence.Down(outages, r.Mailbox, r.DueAt, now)}}
	}
	return ts, nil
}

// planEach plans enrolments one by one, after they could not be planned together: one bad one must not stop the others (K3), and is left alone for a
// while. It returns how many were planned, and what was wrong.
func (e *Engine) planEach(ctx context.Context, current *live, due []transition, together error) (int, error) {
	n := 0
	var wrong error
	for _, one := range due {
		planned, err := e.planOne(ctx, current, one)
		if err != nil {
			wrong = err
			e.log.ErrorContext(ctx, "an enrolment cannot be planned and is passed over", "enrollment", one.enrollmentID, "error", err)
			if spoilt(err) {
				e.passed.add(one.enrollmentID, e.now())
			}
		}
		if planned {
			n++
		}
	}
	if n == 0 && wrong == nil {
		wrong = together
	}
	return n, wrong
}

// planOne plans an enrolment where there is room for it still: other planners may have taken that since.
func (e *Engine) planOne(ctx context.Context, current *live, one transition) (planned bool, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		planned = false
		rows, err := store.LockEnrollments(ctx, tx, []int64{one.enrollmentID})
		if err != nil || len(rows) == 0 {
			return err
		}
		rooms, err := e.measure(ctx, tx, current, []store.Room{roomIn(&rows[0])}, now)
		if err != nil || len(rooms) == 0 {
			return err
		}
		planned = true
		return e.applyLocked(ctx, tx, now, []transition{one}, nil)
	})
	return planned && err == nil, err
}

func allTransitions(enrollmentIDs []int64, event cadence.Event) []transition {
	ts := make([]transition, len(enrollmentIDs))
	for i, id := range enrollmentIDs {
		ts[i] = transition{enrollmentID: id, event: event}
	}
	return ts
}

// startOfDay is the instant at which the day of t began in a zone.
func startOfDay(t time.Time, zone string) (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("the operator's zone: %w", err)
	}
	y, m, d := t.In(loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, loc).UTC(), nil
}

// expireTasks tells the core of tasks that nobody did in time: of many together, and each by itself when one of them makes that fail (K3).
func (e *Engine) expireTasks(ctx context.Context) (int, error) {
	total := 0
	var wrong error
	var passed []int64 // bites with a bad task: however many there are, those behind them expire
	for {
		ids, err := store.ExpiredTasks(ctx, e.pool, e.now(), passed, expireBite)
		if err != nil || len(ids) == 0 {
			return total, errors.Join(wrong, err)
		}
		n := 0
		err = inParts(ids, func(ids []int64) error {
			expired, err := e.expire(ctx, ids)
			n += expired
			return err
		})
		total += n
		switch {
		case spoilt(err):
			wrong, passed = err, append(passed, ids...)
		case err != nil || n == 0:
			return total, errors.Join(wrong, err)
		}
	}
}

// expire tells the core of tasks whose time has run out, and returns how many those still were.
func (e *Engine) expire(ctx context.Context, ids []int64) (n int, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		tasks, err := store.ExpireTasks(ctx, tx, ids, now)
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
	if err != nil {
		return 0, err
	}
	return n, nil
}

// alarm wakes workers for touches that no job sees to.
func (e *Engine) alarm(ctx context.Context) (int, error) {
	n := 0
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		alarms, err := store.LockUnalarmed(ctx, tx, now, alarmBite)
		if err != nil {
			return err
		}
		n = len(alarms)
		return e.insertJobs(ctx, tx, batchJobs(alarms))
	})
	return n, err
}

// alarmStale wakes workers for touches whose jobs are gone.
func (e *Engine) alarmStale(ctx context.Context) (int, error) {
	n := 0
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		stale, err := store.LockStale(ctx, tx, now, now.Add(-staleAlarm), now.Add(aheadBy), alarmBite)
		if err != nil || len(stale) == 0 {
			return err
		}
		alarms, err := jobless(ctx, tx, stale)
		if err != nil {
			return err
		}
		n = len(alarms)
		return e.insertJobs(ctx, tx, batchJobs(alarms))
	})
	if err == nil {
		e.looking.done(e.now())
	}
	return n, err
}

// jobless are those of the touches that no unfinished job carries.
func jobless(ctx context.Context, tx pgx.Tx, stale []store.Alarm) ([]store.Alarm, error) {
	ids := make([]int64, len(stale))
	for i, a := range stale {
		ids[i] = a.TouchID
	}
	carried, err := store.CarriedTouches(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("look which touches have jobs: %w", err)
	}
	seen := make(map[int64]bool, len(carried))
	for _, id := range carried {
		seen[id] = true
	}
	return slices.DeleteFunc(stale, func(a store.Alarm) bool { return seen[a.TouchID] }), nil
}
