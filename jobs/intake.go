package jobs

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// intakeLock names the lock of whoever enrols leads by audience, or changes what they are enrolled in.
const intakeLock = "intake"

// intakeHands is how many transactions enrol leads at once where no cadence caps its intake.
const intakeHands = 3

// spoiltAgain is after how long a lead is looked at again that could not be enrolled for what it is; where more than spoiltMost of a bite cannot, it is
// no lead's fault, and none is enrolled.
const (
	spoiltAgain = 15 * time.Minute
	spoiltMost  = 50
)

// intake enrols the leads that wait for a cadence: the first one, in the order of keys, whose audience takes them and that still has
// intake for the day. A lead that none takes is noted as such and shows among the leaks.
func (e *Engine) intake(ctx context.Context) (int, error) {
	total := 0
	for {
		n, many, err := e.takeIn(ctx, false)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
		if many {
			n, err = e.intakeAtOnce(ctx)
			if total += n; err != nil {
				return total, err
			}
		}
	}
}

// intakeAtOnce lets several hands take bites until none is left.
func (e *Engine) intakeAtOnce(ctx context.Context) (int, error) {
	var total atomic.Int64
	errs := make([]error, intakeHands)
	var hands sync.WaitGroup
	for i := range errs {
		hands.Go(func() {
			for {
				n, _, err := e.takeIn(ctx, true)
				total.Add(int64(n))
				if errs[i] = err; err != nil || n == 0 {
					return
				}
			}
		})
	}
	hands.Wait()
	return int(total.Load()), errors.Join(errs...)
}

// takeIn enrols some of the leads that wait, and tells how many it looked at; 0 when there is nothing to be done now. many says that there may be
// more, and that several may go on at once. Who shares looks at none where a cadence caps its intake.
func (e *Engine) takeIn(ctx context.Context, share bool) (n int, many bool, err error) {
	if n, many, err = e.takeInto(ctx, share, e.admit); spoilt(err) {
		return e.takeInto(ctx, share, func(ctx context.Context, tx pgx.Tx, now time.Time, current *live, waiting []int64) error {
			left := spoiltMost
			return e.admitMost(ctx, tx, now, current, waiting, &left)
		})
	}
	return n, many, err
}

// takeInto is takeIn with what admits them.
func (e *Engine) takeInto(ctx context.Context, share bool,
	admit func(ctx context.Context, tx pgx.Tx, now time.Time, current *live, waiting []int64) error,
) (n int, many bool, err error) {
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		n, many = 0, false
		// Not beside an apply, which moves the leads inside; and alone where a day's intake is counted, so that several processes do not each let it in.
		if got, err := holdIntake(ctx, tx, share); err != nil || !got {
			return err
		}
		current, err := e.liveNow(ctx, tx)
		if errors.Is(err, ErrNotReady) {
			return nil
		}
		if err != nil {
			return err
		}
		capped := capsIntake(current)
		if capped && share {
			return nil
		}
		waiting, err := store.TakeWaiting(ctx, tx, now, intakeBite)
		if err != nil || len(waiting) == 0 {
			return err
		}
		n, many = len(waiting), len(waiting) >= intakeBite && !capped
		return admit(ctx, tx, now, current, waiting)
	})
	return n, many, err
}

// admitMost admits leads but those that make it fail by what they are (K3), which it finds by halves. They are looked at again
// after spoiltAgain. left is how many more it passes over. Where all is well admit alone is cheaper: rows that are locked outside of a savepoint and
// written inside cost Postgres twice.
func (e *Engine) admitMost(ctx context.Context, tx pgx.Tx, now time.Time, current *live, waiting []int64, left *int) error {
	err := attempt(ctx, tx, func(tx pgx.Tx) error { return e.admit(ctx, tx, now, current, waiting) })
	if !spoilt(err) || *left == 0 {
		return err
	}
	if len(waiting) == 1 {
		*left--
		e.log.ErrorContext(ctx, "a lead cannot be enrolled and is passed over", "lead", waiting[0], "error", err)
		return store.CallIntake(ctx, tx, waiting, now.Add(spoiltAgain))
	}
	half := len(waiting) / 2
	if err := e.admitMost(ctx, tx, now, current, waiting[:half], left); err != nil {
		return err
	}
	return e.admitMost(ctx, tx, now, current, waiting[half:], left)
}

func holdIntake(ctx context.Context, tx pgx.Tx, share bool) (bool, error) {
	if share {
		return store.TryShareLock(ctx, tx, intakeLock)
	}
	got, err := store.TryLocks(ctx, tx, []string{intakeLock})
	return len(got) > 0, err
}

// capsIntake says whether any cadence takes in no more than so many leads a day.
func capsIntake(current *live) bool {
	for _, plan := range current.config.Plans {
		if plan.IntakePerDay > 0 {
			return true
		}
	}
	return false
}

// admit matches leads, whose rows the caller holds, with audiences, in the given order.
func (e *Engine) admit(ctx context.Context, tx pgx.Tx, now time.Time, current *live, waiting []int64) error {
	gates, err := e.gates(ctx, tx, now, current)
	if err != nil {
		return err
	}
	kinds, err := e.kinds(ctx, tx, now, current, waiting)
	if err != nil {
		return err
	}
	var results []store.IntakeResult
	var enroll []admission
	var newcomers []newcomer
	var needless []int64 // leads with a task that asks for what comes of itself now
	var untaken []transition
	entering := map[entry]int{} // index in newcomers
	for _, leadID := range waiting {
		kind, ok := kinds[leadID]
		if !ok {
			continue // erased since
		}
		result := store.IntakeResult{LeadID: leadID}
		if kind.inHand {
			tomorrow := now.Add(24 * time.Hour)
			result.Again, result.Note = &tomorrow, "a person is seeing to this lead"
			results = append(results, result)
			continue
		}
		gate, again := choose(gates, kind.takers(gates, current.config, now))
		if gate != nil && kind.asked {
			needless = append(needless, leadID)
		}
		switch {
		case gate != nil && !kind.returning:
			gate.free--
			at, known := entering[entry{kind, gate}]
			if !known {
				at = len(newcomers)
				entering[entry{kind, gate}], newcomers = at, append(newcomers, newcomer{kind: kind, cadence: gate.plan.Key})
			}
			newcomers[at].ids = append(newcomers[at].ids, leadID)
			continue
		case gate != nil:
			gate.free--
			enroll = append(enroll, admission{leadID, gate.plan.Key, true})
		case again:
			tomorrow := gates[0].reopens
			result.Again, result.Note = &tomorrow, "the day's intake is full"
		default:
			result.Note = "no cadence's audience takes this lead"
			if kind.named && !kind.asked {
				untaken = append(untaken, transition{leadID: leadID, event: cadence.Untaken{}})
			}
		}
		results = append(results, result)
	}
	rest, err := e.start(ctx, tx, now, current, newcomers)
	if err != nil {
		return err
	}
	for _, first := range rest {
		enroll, results = append(enroll, first), append(results, store.IntakeResult{LeadID: first.leadID})
	}
	if err := store.SaveIntake(ctx, tx, results); err != nil {
		return fmt.Errorf("note intake: %w", err)
	}
	if err := store.CloseUntilTaken(ctx, tx, needless, now); err != nil {
		return err
	}
	if err := e.applyLocked(ctx, tx, now, untaken, nil); err != nil {
		return err
	}
	return e.begin(ctx, tx, now, current, enroll)
}

// entry is the way of a kind of leads into a cadence.
type entry struct {
	kind *kind
	gate *gate
}

// gate is a cadence with what its intake can still take today.
type gate struct {
	plan    cadence.Plan
	free    int
	reopens time.Time
}

// unlimited stands for an intake without a cap.
const unlimited = 1 << 30

func (e *Engine) gates(ctx context.Context, tx pgx.Tx, now time.Time, current *live) ([]*gate, error) {
	midnight, err := startOfDay(now, current.config.Settings.Zone)
	if err != nil {
		return nil, err
	}
	keys := make([]string, 0, len(current.config.Plans))
	for key := range current.config.Plans {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	gates := make([]*gate, len(keys))
	for i, key := range keys {
		g := &gate{plan: current.config.Plans[key], free: unlimited, reopens: midnight.Add(25 * time.Hour)}
		if g.plan.IntakePerDay > 0 {
			started, err := store.CountStartedSince(ctx, tx, key, midnight)
			if err != nil {
				return nil, err
			}
			g.free = max(g.plan.IntakePerDay*e.desk-started, 0)
		}
		gates[i] = g
	}
	return gates, nil
}

// choose gives the first of the gates that take a lead that has intake left; nil and true when one would if it had.
func choose(gates []*gate, takers []bool) (chosen *gate, again bool) {
	for i, g := range gates {
		if !takers[i] {
			continue
		}
		if g.free > 0 {
			return g, false
		}
		again = true
	}
	return nil, again
}

// admission is a lead that enters a cadence; returning ones begin a new cycle.
type admission struct {
	leadID    int64
	cadence   string
	returning bool
}

// begin enrols leads that have no running enrolment.
func (e *Engine) begin(ctx context.Context, tx pgx.Tx, now time.Time, current *live, leads []admission) error {
	rows := make([]store.NewEnrollment, len(leads))
	for i, l := range leads {
		rows[i] = store.NewEnrollment{
			LeadID: l.leadID, CadenceVersionID: current.cadences[l.cadence].ID, Budget: current.config.Plans[l.cadence].Budget,
			NewCycle: l.returning,
		}
	}
	ids, err := store.InsertEnrollments(ctx, tx, rows, now)
	if err != nil {
		return err
	}
	return e.applyLocked(ctx, tx, now, allTransitions(ids, cadence.Enrolled{}), nil) // they are new: nobody else sees them yet
}

// ErrEnrolled is returned, wrapped, for a lead that is in a cadence already.
var ErrEnrolled = errors.New("already enrolled")

// ErrEnded is returned, wrapped, for a lead that nurturing has ended for.
var ErrEnded = errors.New("has ended")

// Enroll puts leads into a cadence by hand, whatever its audience says. A lead that is in a cadence fails the call with
// ErrEnrolled, an ended one too: who left stays out. ErrNoCadence for a cadence that is not live.
func (e *Engine) Enroll(ctx context.Context, leadIDs []int64, cadenceKey string) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		if err := checkLive(current, cadenceKey); err != nil {
			return err
		}
		return e.enrollIn(ctx, tx, now, current, leadIDs, cadenceKey)
	})
}

// enrollIn is Enroll within a transaction, for a cadence that is live.
func (e *Engine) enrollIn(ctx context.Context, tx pgx.Tx, now time.Time, current *live, leadIDs []int64, cadenceKey string) error {
	if _, err := lockNewest(ctx, tx, leadIDs); err != nil { // one that moves to another cadence at this moment has come there first
		return err
	}
	if err := store.LockLeads(ctx, tx, leadIDs); err != nil {
		return err
	}
	leads, err := store.Leads(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	latest, err := store.LatestEnrollments(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	var enroll []admission
	var results []store.IntakeResult
	for i := range leads {
		if leads[i].EndReason != "" {
			return fmt.Errorf("lead %s %w (%s) and cannot be enrolled", leads[i].Key, ErrEnded, leads[i].EndReason)
		}
		if err := refuseRunning(ctx, tx, leads[i], latest[leads[i].ID]); err != nil {
			return err
		}
		enroll = append(enroll, admission{leads[i].ID, cadenceKey, latest[leads[i].ID] != 0})
		results = append(results, store.IntakeResult{LeadID: leads[i].ID})
	}
	if err := store.SaveIntake(ctx, tx, results); err != nil {
		return err
	}
	if err := store.CloseUntilTaken(ctx, tx, leadIDs, now); err != nil {
		return err
	}
	return e.begin(ctx, tx, now, current, enroll)
}

func refuseRunning(ctx context.Context, tx pgx.Tx, lead store.Lead, enrollmentID int64) error {
	if enrollmentID == 0 {
		return nil
	}
	rows, err := store.LockEnrollments(ctx, tx, []int64{enrollmentID})
	if err != nil {
		return err
	}
	if len(rows) == 1 && rows[0].State != string(cadence.Finished) {
		return fmt.Errorf("lead %s is %w in %s (%s)", lead.Key, ErrEnrolled, rows[0].CadenceKey, rows[0].State)
	}
	return nil
}

func liveKeys(current *live) string {
	keys := make([]string, 0, len(current.cadences))
	for k := range current.cadences {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return joinOr(keys)
}
