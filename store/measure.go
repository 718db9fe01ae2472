package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// This file serves `nurture bench` alone: what it fills a scratch database with, and what it reads off it.

// ServerSettings gives the named settings of the server as it shows them.
func ServerSettings(ctx context.Context, db DB, names ...string) (map[string]string, error) {
	type setting struct {
		Name  string `db:"name"`
		Value string `db:"setting"`
	}
	rows, err := collect[setting](ctx, db, `SELECT name, setting FROM pg_settings WHERE name = ANY($1)`, names)
	settings := make(map[string]string, len(rows))
	for _, r := range rows {
		settings[r.Name] = r.Value
	}
	return settings, err
}

// WALPosition is how many bytes of write-ahead log the server has written in its life.
func WALPosition(ctx context.Context, db DB) (int64, error) {
	var n int64
	err := db.QueryRow(ctx, `SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint`).Scan(&n)
	return n, err
}

// SequentialRows is how many rows of this database sequential scans have read, by table. Statistics lag by a second or so.
func SequentialRows(ctx context.Context, db DB) (map[string]int64, error) {
	type table struct {
		Name string `db:"relname"`
		Rows int64  `db:"seq_tup_read"`
	}
	tables, err := collect[table](ctx, db, `SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE schemaname = 'public'`)
	read := make(map[string]int64, len(tables))
	for _, t := range tables {
		read[t.Name] = t.Rows
	}
	return read, err
}

// Delivery sums up the touches with an id above a given one.
type Delivery struct {
	Sent     int     `db:"sent"`
	Other    int     `db:"other"`     // in whatever other state
	Attempts int     `db:"attempts"`  // tries of them all
	P50Milli float64 `db:"p50_milli"` // from planned to recorded as sent
	P99Milli float64 `db:"p99_milli"`
}

// Delivered sums up the touches after an id.
func Delivered(ctx context.Context, db DB, afterID int64) (Delivery, error) {
	return one[Delivery](ctx, db, `SELECT count(*) FILTER (WHERE state = 'sent')::int AS sent, count(*) FILTER (WHERE state <> 'sent')::int AS other,
		coalesce(sum(tries), 0)::int AS attempts,
		coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - planned_at) * 1000), 0)::float8 AS p50_milli,
		coalesce(percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM sent_at - planned_at) * 1000), 0)::float8 AS p99_milli
		FROM touches WHERE id > $1`, afterID)
}

// LastTouch is the highest id of a touch; 0 when there is none.
func LastTouch(ctx context.Context, db DB) (int64, error) {
	var id int64
	err := db.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM touches`).Scan(&id)
	return id, err
}

// InsertIdle makes n leads that stand before the first step of a live cadence, which is due at the given instant. They take turns with
// the mailboxes.
func InsertIdle(ctx context.Context, tx pgx.Tx, cadenceKey string, n, budget int, mailboxes []string, due, now time.Time) error {
	for _, part := range []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO leads (key, email, first_name, last_name, title, country, zones, language, source, mailbox, owner, consent_email,
				stage, created_at, updated_at)
			SELECT 'idle-' || i, 'idle.' || i || '@idle-' || i / 4 || '.example.com', 'Anna', 'Idle', 'Plant Manager', 'DE', '{Europe/Berlin}', 'en',
				'trade show', ($2::text[])[1 + i % cardinality($2::text[])], 'mara@example.com', $3::timestamptz, 'nurturing', $3, $3
			FROM generate_series(1, $1::int) AS i`, []any{n, mailboxes, now}},
		{`INSERT INTO cycles (lead_id, cycle, budget, started_at)
			SELECT l.id, 1, $1, $2 FROM leads l WHERE starts_with(l.key, 'idle-')`, []any{budget, now}},
		{`INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, due_local, due_zone, due_at, due_reason, channel,
				sender, started_at)
			SELECT l.id, v.id, 1, 'active', 'enrolled', 0, 1, $2::timestamptz AT TIME ZONE 'UTC', 'UTC', $2, 'enrolled', 'email', l.mailbox, $3
			FROM leads l JOIN cadence_versions v ON v.cadence_key = $1 AND v.live WHERE starts_with(l.key, 'idle-')`, []any{cadenceKey, due, now}},
		{`INSERT INTO words_due (lead_ids, account_ids)
			SELECT array_agg(l.id), '{}' FROM leads l WHERE starts_with(l.key, 'idle-') GROUP BY l.id / $1`, []any{wordsBite}},
	} {
		if _, err := tx.Exec(ctx, part.sql, part.args...); err != nil {
			return fmt.Errorf("make idle enrolments: %w", err)
		}
	}
	return nil
}

// LeadIDsOf gives the ids of leads by their keys, in the order of keys.
func LeadIDsOf(ctx context.Context, db DB, keys []string) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT l.id FROM unnest($1::text[]) WITH ORDINALITY AS k(key, ord) JOIN leads l ON l.key = k.key ORDER BY k.ord`, keys)
}

// Tidy does what autovacuum would do with all tables sooner or later, so that it does not come in between.
func Tidy(ctx context.Context, db DB) error {
	if _, err := db.Exec(ctx, `VACUUM (ANALYZE)`); err != nil {
		return fmt.Errorf("vacuum: %w", err)
	}
	return nil
}

// CreateSchema makes an empty schema.
func CreateSchema(ctx context.Context, db DB, name string) error {
	if _, err := db.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{name}.Sanitize()); err != nil {
		return fmt.Errorf("make schema %s: %w", name, err)
	}
	return nil
}

// CountLeads is how many leads there are.
func CountLeads(ctx context.Context, db DB) (int, error) {
	return count(ctx, db, `SELECT count(*) FROM leads`)
}

// CountRunning is how many enrolments have not finished.
func CountRunning(ctx context.Context, db DB) (int, error) {
	return count(ctx, db, `SELECT count(*) FROM enrollments WHERE state <> 'finished'`)
}

// CountTouches is how many touches are planned and how many were sent.
func CountTouches(ctx context.Context, db DB) (planned, sent int, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FILTER (WHERE state = 'planned'), count(*) FILTER (WHERE state = 'sent') FROM touches`).Scan(&planned, &sent)
	return planned, sent, err
}

// CountEvaluated is how many responses were evaluated.
func CountEvaluated(ctx context.Context, db DB) (int, error) {
	return count(ctx, db, `SELECT count(*) FROM responses WHERE evaluated_at IS NOT NULL`)
}

func count(ctx context.Context, db DB, sql string) (int, error) {
	var n int
	err := db.QueryRow(ctx, sql).Scan(&n)
	return n, err
}
