package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/config"
	"nurture/store"
)

// ErrCalledEnough is returned, wrapped, for a call that must not be made now, since its number has had all that are allowed in 24 hours.
var ErrCalledEnough = errors.New("called often enough")

// fullNumbers finds, of touches about to be claimed, those whose numbers have had all the calls that are allowed: touch id → when there is room
// again. Until the transaction ends nobody else can claim a call to the numbers that are capped, so that two workers never both take
// the last one. Where no cap is configured, and for mail, it asks nothing.
func (e *Engine) fullNumbers(ctx context.Context, tx pgx.Tx, now time.Time, channel cadence.Channel, ids []int64) (map[int64]time.Time, error) {
	if channel == cadence.ChannelEmail {
		return nil, nil
	}
	rule, err := e.compliance(ctx, tx)
	if err != nil || !rule.CapsCalls() {
		return nil, err
	}
	touches, err := store.LockCallTouches(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	most := map[int64]int{}
	var numbers []string
	for _, t := range touches {
		if most[t.TouchID] = rule.MaxCalls(calendar.Place{Country: t.Country, Region: t.Region}); most[t.TouchID] > 0 {
			numbers = append(numbers, t.Number)
		}
	}
	calls, err := e.callsTo(ctx, tx, now, numbers, 0)
	if err != nil {
		return nil, err
	}
	full := map[int64]time.Time{}
	for _, t := range touches {
		if room := cadence.CallRoom(calls[t.Number], most[t.TouchID], now); room.After(now) {
			full[t.TouchID] = room
			continue
		}
		calls[t.Number] = append(calls[t.Number], now) // two leads of one batch may share a number
	}
	return full, nil
}

// callsTo locks numbers and counts the calls to them.
func (e *Engine) callsTo(ctx context.Context, tx pgx.Tx, now time.Time, numbers []string, except int64) (map[string][]time.Time, error) {
	if len(numbers) == 0 {
		return map[string][]time.Time{}, nil
	}
	if err := store.LockNumbers(ctx, tx, numbers); err != nil {
		return nil, fmt.Errorf("lock numbers: %w", err)
	}
	return store.CallsTo(ctx, tx, numbers, now.Add(-cadence.CallSpan), except)
}

// compliance is the law as the live configuration has it.
func (e *Engine) compliance(ctx context.Context, tx pgx.Tx) (config.Compliance, error) {
	if settings, ok := e.definitions.inForce(); ok {
		return settings.Compliance, nil
	}
	current, err := e.liveNow(ctx, tx)
	if err != nil {
		return config.Compliance{}, err
	}
	return current.config.Settings.Compliance, nil
}

// mayRing fails with ErrCalledEnough when a task is to call a number that must not be called just now. What was done already is logged whatever the
// cap says: only taking a task is refused.
func (e *Engine) mayRing(ctx context.Context, tx pgx.Tx, now time.Time, t store.Task) error {
	if !t.Kind.Rings() {
		return nil
	}
	rule, err := e.compliance(ctx, tx)
	if errors.Is(err, ErrNotReady) {
		return nil
	}
	if err != nil || !rule.CapsCalls() {
		return err
	}
	leads, err := store.Leads(ctx, tx, []int64{t.LeadID})
	if err != nil || len(leads) == 0 || leads[0].Phone == "" {
		return err
	}
	lead := leads[0]
	most := rule.MaxCalls(calendar.Place{Country: lead.Country, Region: lead.Region})
	if most == 0 {
		return nil
	}
	calls, err := e.callsTo(ctx, tx, now, []string{lead.Phone}, t.ID)
	if err != nil {
		return err
	}
	room := cadence.CallRoom(calls[lead.Phone], most, now)
	if !room.After(now) {
		return nil
	}
	times := "once"
	if most > 1 {
		times = fmt.Sprintf("%d times", most)
	}
	return fmt.Errorf("task %d: %s was %w: %s within 24 hours is all that is allowed there; call again from %s",
		t.ID, lead.Phone, ErrCalledEnough, times, localTime(nil, e.operatorZone(), room))
}
