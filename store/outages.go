package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// Beat notes that the planner is alive at now. When it was not since before gone, and something fell due in between, that is an outage.
// Several processes beat the same pulse.
func Beat(ctx context.Context, db DB, now, gone time.Time) error {
	// The pulse is written from the count of outages so that the old one is read before.
	_, err := db.Exec(ctx, `
		WITH last AS (SELECT seen_at FROM pulse FOR UPDATE), outage AS (
			INSERT INTO outages (started_at, ended_at) SELECT seen_at, $1 FROM last
			WHERE seen_at < $2 AND EXISTS (SELECT FROM enrollments WHERE due_at > last.seen_at AND due_at < $2) RETURNING id
		)
		INSERT INTO pulse (seen_at) SELECT $1 FROM (SELECT count(*) FROM outage) AS first ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, now, gone)
	if err != nil {
		return fmt.Errorf("beat the planner's pulse: %w", err)
	}
	return nil
}

// OutagesSince lists the outages that ended after an instant, the earliest first.
func OutagesSince(ctx context.Context, db DB, since time.Time) ([]cadence.Outage, error) {
	type row struct {
		Mailbox string    `db:"mailbox"`
		From    time.Time `db:"started_at"`
		Until   time.Time `db:"ended_at"`
	}
	rows, err := collect[row](ctx, db, `SELECT mailbox, started_at, ended_at FROM outages WHERE ended_at > $1 ORDER BY started_at, id`, since)
	if err != nil {
		return nil, fmt.Errorf("read outages: %w", err)
	}
	return column(rows, func(r *row) cadence.Outage { return cadence.Outage(*r) }), nil
}
