package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// A lead waits for a cadence from leads.intake_at on; null, it does not. That column is not indexed, so that a lead is taken in without an entry in
// every index of leads: a row of intake_calls calls for many leads instead. A call is an alarm clock: a lead that does not wait any more, or not
// yet, is left alone, and who sets intake_at calls.

// callBite is how many leads a call is for at most.
const callBite = 2500

// intakeCalls adds the calls for the rows of a statement's part `called` (id, at), so many leads in one.
var intakeCalls = `INSERT INTO intake_calls (at, lead_ids)
	SELECT at, array_agg(id ORDER BY id)
	FROM (SELECT at, id, (row_number() OVER (PARTITION BY at ORDER BY id) - 1) / ` + strconv.Itoa(callBite) + ` AS bite FROM called WHERE at IS NOT NULL) c GROUP BY at, bite ORDER BY at, bite`

// CallIntake calls for leads whose intake_at is set to at.
func CallIntake(ctx context.Context, db DB, ids []int64, at time.Time) error {
	ids = slices.Sorted(slices.Values(ids))
	var batch pgx.Batch
	for bite := range slices.Chunk(ids, callBite) {
		batch.Queue(`INSERT INTO intake_calls (at, lead_ids) VALUES ($1, $2)`, at, bite)
	}
	if err := sendBatch(ctx, db, &batch); err != nil {
		return fmt.Errorf("call intake: %w", err)
	}
	return nil
}

// busyAgain is when a lead is called for again that somebody else held when it was called.
const busyAgain = time.Second

// TakeWaiting takes calls that are due at now, the oldest first, until it holds the locks of some limit leads that wait for a cadence; a call is taken
// as a whole. It gives their ids in the order of the calls. None says that no call is due.
func TakeWaiting(ctx context.Context, db DB, now time.Time, limit int) ([]int64, error) {
	var held []int64
	known := make(map[int64]bool) // those held: several calls may be for one lead
	for len(held) < limit {
		var called []int64
		err := db.QueryRow(ctx, `DELETE FROM intake_calls WHERE (at, id) =
			(SELECT at, id FROM intake_calls WHERE at <= $1 ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING lead_ids`, now).Scan(&called)
		if errors.Is(err, pgx.ErrNoRows) {
			return held, nil
		}
		if err != nil {
			return nil, fmt.Errorf("take a call of intake: %w", err)
		}
		slices.Sort(called)
		lows, highs := runsOf(called)
		free, err := scalars[int64](ctx, db, `SELECT l.id FROM unnest($1::bigint[], $2::bigint[]) AS run(low, high), LATERAL (
			SELECT id FROM leads l WHERE l.id BETWEEN run.low AND run.high AND l.intake_at <= $3 ORDER BY l.id LIMIT run.high - run.low + 1
			FOR UPDATE SKIP LOCKED) l`, lows, highs, now)
		if err != nil {
			return nil, fmt.Errorf("lock leads that wait: %w", err)
		}
		for _, id := range free {
			if !known[id] {
				held, known[id] = append(held, id), true
			}
		}
		if len(free) == len(called) {
			continue
		}
		if _, err := db.Exec(ctx, `WITH called AS (SELECT l.id, $4::timestamptz AS at FROM unnest($1::bigint[]) AS n(id) JOIN leads l ON l.id = n.id
			WHERE l.intake_at <= $2 AND NOT l.id = ANY($3)) `+intakeCalls, called, now, free, now.Add(busyAgain)); err != nil {
			return nil, fmt.Errorf("call for busy leads again: %w", err)
		}
	}
	return held, nil
}

// IntakeResult is what audience rules said of a lead: taken, to be looked at again at Again, or, with Again nil, taken by
// none, with a note why.
type IntakeResult struct {
	LeadID int64
	Again  *time.Time
	Note   string
}

// SaveIntake records intake results.
func SaveIntake(ctx context.Context, db DB, results []IntakeResult) error {
	if len(results) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `WITH called AS (
			UPDATE leads l SET intake_at = n.again, intake_note = n.note
			FROM unnest($1::bigint[], $2::timestamptz[], $3::text[]) AS n(id, again, note) WHERE l.id = n.id RETURNING l.id, l.intake_at AS at
		) `+intakeCalls,
		column(results, func(r *IntakeResult) int64 { return r.LeadID }),
		column(results, func(r *IntakeResult) *time.Time { return r.Again }),
		column(results, func(r *IntakeResult) string { return r.Note }))
	return err
}

// ReconsiderUnmatched makes intake look again at the leads that no audience took; called when new cadences are applied.
func ReconsiderUnmatched(ctx context.Context, db DB, now time.Time) error {
	_, err := db.Exec(ctx, `WITH called AS (
			UPDATE leads SET intake_at = $1 WHERE intake_at IS NULL AND intake_note <> '' AND end_reason = '' RETURNING id, intake_at AS at
		) `+intakeCalls, now)
	return err
}

// ReconsiderLeads makes intake look again at those of the leads that no audience took.
func ReconsiderLeads(ctx context.Context, db DB, ids []int64, now time.Time) error {
	_, err := db.Exec(ctx, `WITH called AS (
			UPDATE leads SET intake_at = $2 WHERE id = ANY($1) AND intake_at IS NULL AND intake_note <> '' AND end_reason = '' RETURNING id, intake_at AS at
		) `+intakeCalls, ids, now)
	if err != nil {
		return fmt.Errorf("look at leads again: %w", err)
	}
	return nil
}

// ReconsiderNamed makes intake look again at the leads that another lead named, that no audience took, and that nobody is asked to see to. It returns
// how many they are. It reads all leads.
func ReconsiderNamed(ctx context.Context, db DB, now time.Time) (int, error) {
	tag, err := db.Exec(ctx, `WITH called AS (
			UPDATE leads l SET intake_at = $1 WHERE l.referred_by IS NOT NULL AND l.intake_note <> '' AND l.end_reason = '' AND NOT `+nextActionSQL+` RETURNING id, intake_at AS at
		) `+intakeCalls, now)
	if err != nil {
		return 0, fmt.Errorf("look for leads that were named and that nobody sees to: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// PostponeIntake keeps audience rules from looking at a lead before the given instant, where it waits for one.
func PostponeIntake(ctx context.Context, db DB, leadID int64, until time.Time) error {
	_, err := db.Exec(ctx, `WITH called AS (
			UPDATE leads SET intake_at = $2 WHERE id = $1 AND intake_at < $2 AND end_reason = '' RETURNING id, intake_at AS at
		) `+intakeCalls, leadID, until)
	return err
}
