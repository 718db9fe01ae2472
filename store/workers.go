package store

import (
	"context"
	"time"
)

// Worker is a process that claims touches.
type Worker struct {
	ID        string    `db:"id"`
	Host      string    `db:"host"`
	PID       int       `db:"pid"`
	StartedAt time.Time `db:"started_at"`
	SeenAt    time.Time `db:"seen_at"`
}

// SeeWorker registers a worker or notes that it is alive. Its times are read from the real clock even where the rest of the
// program runs on a virtual one: they tell the living from the dead.
func SeeWorker(ctx context.Context, db DB, w Worker) error {
	_, err := db.Exec(ctx, `INSERT INTO workers (id, host, pid, started_at, seen_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`, w.ID, w.Host, w.PID, w.SeenAt)
	return err
}

// Workers lists the registered workers.
func Workers(ctx context.Context, db DB) ([]Worker, error) {
	return collect[Worker](ctx, db, `SELECT id, host, pid, started_at, seen_at FROM workers ORDER BY started_at, id`)
}

// Unregistered lists the workers that have touches in hand and are not registered, or not any more.
func Unregistered(ctx context.Context, db DB) ([]Worker, error) {
	return collect[Worker](ctx, db, `SELECT DISTINCT t.claimed_by AS id, '' AS host, 0 AS pid, to_timestamp(0) AS started_at, to_timestamp(0) AS seen_at
		FROM touches t WHERE t.state = 'claimed' AND NOT EXISTS (SELECT FROM workers w WHERE w.id = t.claimed_by) ORDER BY 1`)
}

// ForgetWorker removes a worker that holds no claimed touch any more.
func ForgetWorker(ctx context.Context, db DB, id string) error {
	_, err := db.Exec(ctx, `DELETE FROM workers w WHERE id = $1
		AND NOT EXISTS (SELECT FROM touches t WHERE t.state = 'claimed' AND t.claimed_by = w.id)`, id)
	return err
}
