package store

import (
	"context"
	"time"
)

// WaitingJobs counts the River jobs that are ready or running at now, which is the real clock's: River keeps its own time. A job that
// failed and waits for a later try does not count.
func WaitingJobs(ctx context.Context, db DB, now time.Time) (int, error) {
	var n int
	err := db.QueryRow(ctx, `SELECT count(*) FROM river_job
		WHERE state IN ('available', 'pending', 'running') OR state IN ('scheduled', 'retryable') AND scheduled_at <= $1`, now).Scan(&n)
	return n, err
}
