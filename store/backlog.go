package store

import (
	"context"
	"time"
)

// WaitingJobs counts the River jobs that are ready for anybody, or running in the worker me. A job that failed and waits for a later try
// does not count, nor one that another worker, perhaps a dead one, has: River sees to that. now is the real clock's, as River's is.
func WaitingJobs(ctx context.Context, db DB, me string, now time.Time) (int, error) {
	var n int
	err := db.QueryRow(ctx, `SELECT count(*) FROM river_job
		WHERE state IN ('available', 'pending') OR state IN ('scheduled', 'retryable') AND scheduled_at <= $2
			OR state = 'running' AND attempted_by[cardinality(attempted_by)] = $1`, me, now).Scan(&n)
	return n, err
}
