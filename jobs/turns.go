package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence/uld"
	"nurture/store"
)

// turnEvery is how often it is looked for leads whose time has come and of whom this process has not heard.
const turnEvery = time.Minute

// turning remembers when the next lead is to be weighed anew, so that a tick need not ask.
type turning struct {
	looked chore
	mu     sync.Mutex
	next   time.Time // zero: none that is known
}

// due says whether it is to be looked for leads.
func (t *turning) due(now time.Time) bool {
	t.mu.Lock()
	next := t.next
	t.mu.Unlock()
	return !next.IsZero() && !now.Before(next) || t.looked.due(now, turnEvery)
}

// hear notes an instant at which a lead is to be weighed anew.
func (t *turning) hear(at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !at.IsZero() && (t.next.IsZero() || at.Before(t.next)) {
		t.next = at
	}
}

// done notes that none is left to be weighed at now, and when the next one is; nil for none.
func (t *turning) done(now time.Time, next *time.Time) {
	t.looked.done(now)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next = (time.Time{}); next != nil {
		t.next = *next
	}
}

// saveTurns notes when leads are to be weighed anew.
func (e *Engine) saveTurns(ctx context.Context, tx store.DB, rows []store.LeadTurn) error {
	for _, row := range rows {
		e.turning.hear(row.At)
	}
	return store.SaveTurns(ctx, tx, rows)
}

// turnBite is how many leads are weighed anew in one tick: what a long stop left to weigh does not keep planning waiting.
const turnBite = 250

// turnsLock names the lock of whoever weighs leads anew, so that several processes do not look at the same ones.
const turnsLock = "turns"

// turn weighs leads anew whose verdict time alone has changed (docs/decisions/0014). One that cannot be weighed keeps no other from it, and is tried again
// after spoiltAgain (K3). It returns how many it looked at; with none left, it is not called again before the next one's instant, or turnEvery.
func (e *Engine) turn(ctx context.Context) (int, error) {
	now := e.now()
	next, err := store.NextTurn(ctx, e.pool)
	if err != nil {
		return 0, fmt.Errorf("look when leads are to be weighed anew: %w", err)
	}
	if next == nil || next.After(now) {
		e.turning.done(now, next)
		return 0, nil
	}
	var due []int64
	err = e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		got, err := store.TryLocks(ctx, tx, []string{turnsLock})
		if err != nil || len(got) == 0 {
			return err
		}
		if due, err = store.DueTurns(ctx, tx, now, turnBite); err != nil {
			return err
		}
		return e.turnThese(ctx, tx, now, due)
	})
	if !spoilt(err) {
		return len(due), err
	}
	var wrong error
	for _, id := range due {
		if err := e.turnOne(ctx, id); err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("lead %d cannot be weighed: %w", id, err))
		}
	}
	return len(due), wrong
}

// turnOne weighs one lead anew, and puts off one that cannot be.
func (e *Engine) turnOne(ctx context.Context, id int64) error {
	err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error { return e.turnThese(ctx, tx, now, []int64{id}) })
	if !spoilt(err) {
		return err
	}
	return errors.Join(err, e.saveTurns(ctx, e.pool, []store.LeadTurn{{LeadID: id, At: e.now().Add(spoiltAgain)}}))
}

// turnThese gives those of the leads a new verdict whose time has come, and lets their cadences act on what time changed. Their enrolments are locked
// first, as everywhere; whom a response had weighed meanwhile is left alone.
func (e *Engine) turnThese(ctx context.Context, tx pgx.Tx, now time.Time, leadIDs []int64) error {
	latest, err := lockLatest(ctx, tx, leadIDs)
	if err != nil {
		return err
	}
	live, over, err := store.LockTurns(ctx, tx, leadIDs, now)
	if err != nil {
		return err
	}
	var done []store.LeadTurn
	for _, id := range over {
		done = append(done, store.LeadTurn{LeadID: id})
	}
	if len(live) > 0 {
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		w, err := e.weigh(ctx, tx, now, current, live, latest, uld.ByTime)
		if err != nil {
			return err
		}
		if _, err := e.changeVerdicts(ctx, tx, now, current, w, false); err != nil {
			return err
		}
	}
	return e.saveTurns(ctx, tx, done)
}

// changeVerdicts stores the verdicts that differ from those on record and lets their cadences act on them, and notes when time will change them. It
// returns how many differ. promoted tells cadences of every verdict that promotes: what their handoffs lack may be less.
func (e *Engine) changeVerdicts(ctx context.Context, tx pgx.Tx, now time.Time, current *live, w weighed, promoted bool) (int, error) {
	var leadIDs []int64
	for _, v := range w.verdicts {
		leadIDs = append(leadIDs, v.LeadID)
	}
	onRecord, err := store.LatestVerdicts(ctx, tx, leadIDs)
	if err != nil {
		return 0, err
	}
	var fresh []store.NewVerdict
	var told []transition
	for i, v := range w.verdicts {
		changed := differs(v.Verdict, onRecord[v.LeadID])
		if changed {
			fresh = append(fresh, v)
		}
		if changed || promoted && v.Verdict.Outcome == uld.Promote {
			told = append(told, w.events[i])
		}
	}
	verdicts := map[int64]int64{}
	if len(fresh) > 0 {
		if verdicts, err = storeVerdicts(ctx, tx, now, current, fresh); err != nil {
			return 0, err
		}
	}
	if err := e.apply(ctx, tx, now, told, verdicts); err != nil {
		return 0, err
	}
	return len(fresh), e.saveTurns(ctx, tx, w.turns)
}

// turnBack has a lead weighed that a person took up again, for what time has changed while no verdict could move it. Where the definition would close it,
// that person knows better until something is heard of the lead.
func (e *Engine) turnBack(ctx context.Context, tx pgx.Tx, now time.Time, lead store.Lead) error {
	current, err := e.liveNow(ctx, tx)
	if err != nil {
		return err
	}
	facts, err := store.Facts(ctx, tx, []int64{lead.ID})
	if err != nil || len(facts[lead.ID]) == 0 {
		return err
	}
	turn := store.LeadTurn{LeadID: lead.ID, At: now}
	if uld.Judge(current.config.Definition, facts[lead.ID], lead.Origin == "self_qualified", now).Outcome == uld.Close {
		turn = turnOf(current.config.Definition, &lead, facts[lead.ID], now)
	}
	return e.saveTurns(ctx, tx, []store.LeadTurn{turn})
}

// turnAhead is the verdict that time alone brings about next on a lead; nil when there is none.
func (e *Engine) turnAhead(ctx context.Context, current *live, lead *store.Lead, facts []uld.Fact) (*uld.Verdict, error) {
	core := lead.Core(e.operatorZone())
	if current == nil || !core.Weighable() {
		return nil, nil
	}
	at, err := store.FindTurn(ctx, e.pool, lead.ID)
	if err != nil || at == nil {
		return nil, err
	}
	if now := e.now(); at.Before(now) {
		at = &now
	}
	verdict := uld.Evaluate(current.config.Definition, facts, lead.Origin == "self_qualified", at.UTC())
	return &verdict, nil
}

// turnOf is when time alone will change the verdict on a lead.
func turnOf(definition uld.Definition, lead *store.Lead, facts []uld.Fact, now time.Time) store.LeadTurn {
	at, _ := uld.NextTurn(definition, facts, lead.Origin == "self_qualified", now)
	return store.LeadTurn{LeadID: lead.ID, At: at}
}
