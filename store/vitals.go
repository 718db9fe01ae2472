package store

import (
	"context"
	"fmt"
	"time"
)

// Vitals are what the database server says of itself.
type Vitals struct {
	Version     int       `db:"version"` // server_version_num: 140005 is 14.5
	Clock       time.Time `db:"clock"`
	ReadOnly    bool      `db:"read_only"`   // a standby, or told to be
	Connections int       `db:"connections"` // that clients have open, over all databases
	Most        int       `db:"most"`        // that ordinary clients may have open
	Encoding    string    `db:"encoding"`    // of this database's text, such as "UTF8"
}

// ServerVitals asks the server. It is the one place that reads the database's clock: to compare it with the machine's.
func ServerVitals(ctx context.Context, db DB) (Vitals, error) {
	v, err := one[Vitals](ctx, db, `SELECT current_setting('server_version_num')::int AS version, clock_timestamp() AS clock,
		current_setting('transaction_read_only')::bool AS read_only,
		(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS connections,
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most,
		current_setting('server_encoding') AS encoding`)
	if err != nil {
		return v, fmt.Errorf("ask the database server: %w", err)
	}
	return v, nil
}

// QueueState is how a queue of River's stands.
type QueueState struct {
	Queue     string     `db:"queue"`
	Ready     int        `db:"ready"`     // jobs that a worker may take now
	Retryable int        `db:"retryable"` // failed, to be tried again
	Discarded int        `db:"discarded"` // failed for good
	LastError string     `db:"last_error"`
	PausedAt  *time.Time `db:"paused_at"`
}

// QueueStates lists the queues that have jobs ready or failed, or are paused, by name. LastError is of the failed job that was tried
// last.
func QueueStates(ctx context.Context, db DB) ([]QueueState, error) {
	return collect[QueueState](ctx, db, `
		WITH jobs AS (
			SELECT queue, count(*) FILTER (WHERE state = 'available')::int AS ready, count(*) FILTER (WHERE state = 'retryable')::int AS retryable,
				count(*) FILTER (WHERE state = 'discarded')::int AS discarded,
				coalesce((array_agg(errors[cardinality(errors)] ->> 'error' ORDER BY attempted_at DESC NULLS LAST)
					FILTER (WHERE state IN ('retryable', 'discarded') AND cardinality(errors) > 0))[1], '') AS last_error
			FROM river_job WHERE state IN ('available', 'retryable', 'discarded') GROUP BY queue)
		SELECT coalesce(j.queue, q.name) AS queue, coalesce(j.ready, 0) AS ready, coalesce(j.retryable, 0) AS retryable,
			coalesce(j.discarded, 0) AS discarded, coalesce(j.last_error, '') AS last_error, q.paused_at
		FROM jobs j FULL JOIN river_queue q ON q.name = j.queue
		WHERE j.queue IS NOT NULL OR q.paused_at IS NOT NULL ORDER BY 1`)
}

// Waiting counts what waits for a person to look at it.
type Waiting struct {
	Unknown   int `db:"unknown"`   // touches of which nobody can tell whether they were sent
	Unmatched int `db:"unmatched"` // mails that came back, from nobody knows whom
	Leaks     int `db:"leaks"`     // leads that nothing and nobody will come back to
}

// CountWaiting counts.
func CountWaiting(ctx context.Context, db DB) (Waiting, error) {
	w, err := one[Waiting](ctx, db, `SELECT (SELECT count(*) FROM touches WHERE state = 'unknown')::int AS unknown,
		(SELECT count(*) FROM inbound_mails WHERE state = 'unmatched')::int AS unmatched,
		(SELECT count(*) FROM leads l WHERE l.end_reason = '' AND (l.owner = '' OR NOT `+nextActionSQL+`))::int AS leaks`)
	if err != nil {
		return w, fmt.Errorf("count what waits: %w", err)
	}
	return w, nil
}
