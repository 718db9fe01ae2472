package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"nurture/cadence"
)

// Queue is how a queue stands.
type Queue struct {
	Name        string     `db:"queue"`
	Ready       int        `db:"ready"`        // jobs that a worker may take now
	Running     int        `db:"running"`      // in a worker's hands
	Later       int        `db:"later"`        // to be tried again, or put off
	Discarded   int        `db:"discarded"`    // given up after the last try
	Done        int        `db:"done"`         // finished since the instant that was asked for
	OldestReady *time.Time `db:"oldest_ready"` // since when the job that waits longest could be taken; nil when none waits
	PausedAt    *time.Time `db:"paused_at"`    // nil: it works
}

// Queues tells of the named queues, in their order; River's rows count as done when they finished after since. Queues that nobody used yet
// are empty.
func Queues(ctx context.Context, db DB, names []string, since, now time.Time) ([]Queue, error) {
	return collect[Queue](ctx, db, `
		SELECT n.queue, coalesce(j.ready, 0) AS ready, coalesce(j.running, 0) AS running, coalesce(j.later, 0) AS later,
			coalesce(j.discarded, 0) AS discarded, coalesce(d.done, 0) AS done, j.oldest_ready, q.paused_at
		FROM unnest($1::text[]) WITH ORDINALITY AS n(queue, place)
		LEFT JOIN (SELECT queue, count(*) FILTER (WHERE state = 'available' OR state = 'scheduled' AND scheduled_at <= $3)::int AS ready,
				count(*) FILTER (WHERE state = 'running')::int AS running,
				count(*) FILTER (WHERE state = 'retryable' OR state = 'scheduled' AND scheduled_at > $3)::int AS later,
				count(*) FILTER (WHERE state = 'discarded')::int AS discarded,
				min(scheduled_at) FILTER (WHERE state = 'available') AS oldest_ready
			FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'discarded') GROUP BY queue) j USING (queue)
		LEFT JOIN (SELECT queue, count(*)::int AS done FROM river_job WHERE state = 'completed' AND finalized_at > $2 GROUP BY queue) d USING (queue)
		LEFT JOIN river_queue q ON q.name = n.queue
		ORDER BY n.place`, names, since, now)
}

// TroubledQueue is a queue that is paused or has jobs that were given up.
type TroubledQueue struct {
	Name      string     `db:"queue"`
	Discarded int        `db:"discarded"`
	PausedAt  *time.Time `db:"paused_at"` // nil: it works
}

// TroubledQueues lists the queues that somebody should look at, in no order. It reads no job that waits or is done.
func TroubledQueues(ctx context.Context, db DB) ([]TroubledQueue, error) {
	return collect[TroubledQueue](ctx, db, `SELECT coalesce(j.queue, q.name) AS queue, coalesce(j.discarded, 0) AS discarded, q.paused_at
		FROM (SELECT queue, count(*)::int AS discarded FROM river_job WHERE state = 'discarded' GROUP BY queue) j
		FULL JOIN (SELECT name, paused_at FROM river_queue WHERE paused_at IS NOT NULL) q ON q.name = j.queue`)
}

// JobRow is a job of River's that went wrong at least once and is not done.
type JobRow struct {
	ID          int64           `db:"id"`
	Kind        string          `db:"kind"`
	Queue       string          `db:"queue"`
	State       string          `db:"state"` // River's: retryable, available, running, discarded, cancelled …
	Attempt     int             `db:"attempt"`
	MaxAttempts int             `db:"max_attempts"`
	Args        json.RawMessage `db:"args"`
	Error       string          `db:"error"`        // of the last try that failed
	AttemptedAt *time.Time      `db:"attempted_at"` // when it was tried last
	ScheduledAt time.Time       `db:"scheduled_at"` // when it is tried next; past when it will not be
}

const jobRow = `j.id, j.kind, j.queue, j.state::text AS state, j.attempt, j.max_attempts, j.args,
	coalesce(j.errors[cardinality(j.errors)] ->> 'error', '') AS error, j.attempted_at, j.scheduled_at`

// FailingJobs lists the jobs whose last try failed, those that were given up first, the latest failure first; at most limit.
func FailingJobs(ctx context.Context, db DB, limit int) ([]JobRow, error) {
	// Which they are is settled before what they carry and what went wrong is read: that lies apart, and some hold a stack for every try.
	const order = ` ORDER BY j.state = 'discarded' DESC, j.attempted_at DESC NULLS LAST, j.id DESC`
	return collect[JobRow](ctx, db, `SELECT `+jobRow+` FROM (SELECT j.id FROM river_job j WHERE j.state IN ('discarded', 'retryable')`+order+` LIMIT $1) n
		JOIN river_job j ON j.id = n.id`+order, limit)
}

// CountRetrying counts the jobs that failed and wait for their next try, up to limit.
func CountRetrying(ctx context.Context, db DB, limit int) (int, error) {
	var n int
	err := db.QueryRow(ctx, `SELECT count(*) FROM (SELECT FROM river_job WHERE state = 'retryable' LIMIT $1) j`, limit).Scan(&n)
	return n, err
}

// Job reads one job; ErrNotFound when there is none.
func Job(ctx context.Context, db DB, id int64) (JobRow, error) {
	j, err := one[JobRow](ctx, db, `SELECT `+jobRow+` FROM river_job j WHERE j.id = $1`, id)
	if err != nil {
		return j, fmt.Errorf("job %d: %w", id, err)
	}
	return j, nil
}

// Backlog is what is due in a room and waits for its turn.
type Backlog struct {
	Channel string     `db:"channel"`
	Sender  string     `db:"sender"`
	Due     int        `db:"due"`    // enrolments, counted up to the limit
	Oldest  *time.Time `db:"oldest"` // when the one that is due longest was due; nil when none is
}

// Backlogs counts what is due in the rooms, those of one channel and sender together, each priority's of a room up to limit: a long backlog is
// not read to its end.
func Backlogs(ctx context.Context, db DB, rooms []Room, limit int, now time.Time) ([]Backlog, error) {
	channels, senders, domains := roomColumns(rooms)
	backlogs, err := collect[Backlog](ctx, db, `
		SELECT room.channel, room.sender, sum(due.n)::int AS due, min(due.oldest) AS oldest
		FROM unnest($2::text[], $3::text[], $4::text[]) AS room(channel, sender, domain) CROSS JOIN unnest($5::smallint[]) AS class(priority)
		CROSS JOIN LATERAL (SELECT count(*) AS n, min(e.due_at) AS oldest FROM (
			SELECT e.due_at FROM enrollments e WHERE `+inRoom+` AND e.priority = class.priority AND e.due_at <= $1
			ORDER BY e.due_at, e.lead_id LIMIT $6) e) due
		GROUP BY room.channel, room.sender`,
		now, channels, senders, domains, cadence.Priorities(), limit)
	if err != nil {
		return nil, fmt.Errorf("count what is due: %w", err)
	}
	return backlogs, nil
}
