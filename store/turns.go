package store

import (
	"context"
	"fmt"
	"time"
)

// LeadTurn is when time alone will change the verdict on a lead; At zero: never.
type LeadTurn struct {
	LeadID int64
	At     time.Time
}

// SaveTurns notes when leads are to be weighed anew, in place of what was noted before.
func SaveTurns(ctx context.Context, db DB, rows []LeadTurn) error {
	if len(rows) == 0 {
		return nil
	}
	var never []int64
	var due []LeadTurn
	for _, r := range rows {
		if r.At.IsZero() {
			never = append(never, r.LeadID)
		} else {
			due = append(due, r)
		}
	}
	type row = LeadTurn
	_, err := db.Exec(ctx, `WITH never AS (DELETE FROM lead_turns WHERE lead_id = ANY($1))
		INSERT INTO lead_turns (lead_id, at) SELECT * FROM unnest($2::bigint[], $3::timestamptz[])
		ON CONFLICT (lead_id) DO UPDATE SET at = excluded.at WHERE lead_turns.at <> excluded.at`,
		never, column(due, func(r *row) int64 { return r.LeadID }), column(due, func(r *row) time.Time { return r.At }))
	if err != nil {
		return fmt.Errorf("note when leads are weighed anew: %w", err)
	}
	return nil
}

// DueTurns lists up to limit leads that are to be weighed anew at now, those that are due longest first.
func DueTurns(ctx context.Context, db DB, now time.Time, limit int) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT lead_id FROM lead_turns WHERE at <= $1 ORDER BY at, lead_id LIMIT $2`, now, limit)
}

// NextTurn is when the next lead is to be weighed anew; nil when none is.
func NextTurn(ctx context.Context, db DB) (*time.Time, error) {
	at, err := scalars[time.Time](ctx, db, `SELECT at FROM lead_turns ORDER BY at LIMIT 1`)
	if err != nil || len(at) == 0 {
		return nil, err
	}
	return &at[0], nil
}

// LockTurns holds those of the leads that are still to be weighed anew at now. It returns them in the order of ids, apart from those that no verdict
// can move any more, which are over or with sales.
func LockTurns(ctx context.Context, db DB, leadIDs []int64, now time.Time) (live, over []int64, err error) {
	type held struct {
		LeadID int64 `db:"lead_id"`
		Live   bool  `db:"live"`
	}
	rows, err := collect[held](ctx, db, `SELECT t.lead_id, `+weighable+` AS live FROM lead_turns t JOIN leads l ON l.id = t.lead_id
		WHERE t.lead_id = ANY($1) AND t.at <= $2 ORDER BY t.lead_id FOR UPDATE OF t`, leadIDs, now)
	if err != nil {
		return nil, nil, fmt.Errorf("hold the leads that are to be weighed anew: %w", err)
	}
	for _, r := range rows {
		if r.Live {
			live = append(live, r.LeadID)
		} else {
			over = append(over, r.LeadID)
		}
	}
	return live, over, nil
}

// FindTurn tells when time alone will change the verdict on a lead; nil for never.
func FindTurn(ctx context.Context, db DB, leadID int64) (*time.Time, error) {
	at, err := scalars[time.Time](ctx, db, `SELECT at FROM lead_turns WHERE lead_id = $1`, leadID)
	if err != nil || len(at) == 0 {
		return nil, err
	}
	return &at[0], nil
}

// LastHeard gives when each lead's newest answer was given; leads without any are left out.
func LastHeard(ctx context.Context, db DB, leadIDs []int64) (map[int64]time.Time, error) {
	type heard struct {
		LeadID int64     `db:"lead_id"`
		At     time.Time `db:"at"`
	}
	rows, err := collect[heard](ctx, db, `SELECT lead_id, max(at) AS at FROM facts WHERE lead_id = ANY($1) GROUP BY 1`, leadIDs)
	last := make(map[int64]time.Time, len(rows))
	for _, r := range rows {
		last[r.LeadID] = r.At
	}
	return last, err
}
