package store

import (
	"context"
	"fmt"
)

// HeldJob is a River job that somebody has in hand as far as River knows.
type HeldJob struct {
	ID      int64  `db:"id"`
	Kind    string `db:"kind"`
	Attempt int    `db:"attempt"` // counts from 1; with the id it names one try
	Client  string `db:"client"`  // the worker's id
}

// jobHolder is who has a running job j in hand.
const jobHolder = `j.attempted_by[cardinality(j.attempted_by)]`

// HeldJobs lists the jobs that the worker me has in hand, and those of workers that are not registered: nobody would miss those.
func HeldJobs(ctx context.Context, db DB, me string) ([]HeldJob, error) {
	return collect[HeldJob](ctx, db, `SELECT j.id, j.kind, j.attempt, `+jobHolder+` AS client FROM river_job j
		WHERE j.state = 'running' AND (`+jobHolder+` = $1 OR NOT EXISTS (SELECT FROM workers w WHERE w.id = `+jobHolder+`)) ORDER BY j.id`, me)
}

// AllHeldJobs lists the jobs that anybody has in hand.
func AllHeldJobs(ctx context.Context, db DB) ([]HeldJob, error) {
	return collect[HeldJob](ctx, db, `SELECT j.id, j.kind, j.attempt, `+jobHolder+` AS client FROM river_job j WHERE j.state = 'running' ORDER BY j.id`)
}

// freed is what becomes of a running job j whose holder is gone: anybody may take it at once, before those that were inserted later. One that
// was to be cancelled, or has had its last try, is left to River's own rescue.
const freed = `UPDATE river_job j SET state = 'available'`

const mayBeFreed = `j.state = 'running' AND j.attempt < j.max_attempts AND NOT j.metadata ? 'cancel_attempted_at'`

// FreeJobs gives back jobs that nobody works, each unless it has been taken once more since it was listed. It returns how many it gave back.
func FreeJobs(ctx context.Context, db DB, rows []HeldJob) (int, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	type row = HeldJob
	tag, err := db.Exec(ctx, freed+` FROM unnest($1::bigint[], $2::int[]) AS n(id, attempt) WHERE j.id = n.id AND j.attempt = n.attempt AND `+mayBeFreed,
		column(rows, func(r *row) int64 { return r.ID }), column(rows, func(r *row) int { return r.Attempt }))
	if err != nil {
		return 0, fmt.Errorf("give back lost jobs: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// FreeJobsOf gives back all jobs that a dead worker has in hand, and returns how many there were.
func FreeJobsOf(ctx context.Context, db DB, worker string) (int, error) {
	tag, err := db.Exec(ctx, freed+` WHERE `+jobHolder+` = $1 AND `+mayBeFreed, worker)
	if err != nil {
		return 0, fmt.Errorf("give back the jobs of %s: %w", worker, err)
	}
	return int(tag.RowsAffected()), nil
}

// CarriedTouches lists those of the touches that an unfinished job carries, in no order.
func CarriedTouches(ctx context.Context, db DB, ids []int64) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT DISTINCT n.id FROM river_job j
		CROSS JOIN LATERAL jsonb_array_elements_text(CASE WHEN j.args ? 'touch_ids' THEN j.args->'touch_ids' ELSE '[]' END) AS carried(id)
		JOIN unnest($1::bigint[]) AS n(id) ON n.id = carried.id::bigint
		WHERE j.state IN ('available', 'pending', 'retryable', 'running', 'scheduled')`, ids)
}
