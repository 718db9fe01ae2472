// Package store holds every SQL statement of the program, one file a noun. It is set-based: a function takes many and makes
// one round trip; one is a batch of one. It decides nothing: what should happen is the core's to say, and the clock is always a
// parameter.
//
// Lock order: whoever changes a touch, a task or a cycle locks the enrolment first, in the order of ids. So no two
// transactions can wait for each other.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is a connection pool or a transaction.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

// ErrNotFound is returned, wrapped, when what was asked for by name or id is not there.
var ErrNotFound = errors.New("not found")

// Open connects to the database at url. maxConns is the size of the pool; 0 lets pgx choose.
func Open(ctx context.Context, url string, maxConns int) (*pgxpool.Pool, error) {
	return OpenTraced(ctx, url, maxConns, nil)
}

// OpenTraced is Open with a tracer that is told of every statement; nil is none.
func OpenTraced(ctx context.Context, url string, maxConns int, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, badURL(err)
	}
	if maxConns > 0 {
		cfg.MaxConns = int32(maxConns)
	}
	cfg.ConnConfig.ConnectTimeout = cmp.Or(cfg.ConnConfig.ConnectTimeout, connectTimeout)
	cfg.ConnConfig.DialFunc = dialer().DialContext
	cfg.AfterConnect = asAssumed
	cfg.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach database: %w", err)
	}
	return pool, nil
}

// connectTimeout is how long a server may take to let us in, unless the URL says it (connect_timeout): one that is frozen, or whose packets are dropped on
// the way, never would.
const connectTimeout = 10 * time.Second

// ErrBadURL is returned, wrapped, when what should name the database cannot be read.
var ErrBadURL = errors.New("it cannot be read")

// badURL says why a URL cannot be read, and repeats nothing of it: where it is not clear where the password ends, part of that would be shown.
func badURL(err error) error {
	var bad *pgconn.ParseConfigError
	if !errors.As(err, &bad) {
		return fmt.Errorf("database URL: %w", err)
	}
	why := bad.Unwrap()
	var parse *url.Error
	if errors.As(why, &parse) {
		why = errors.New("no URL")
	}
	if why == nil {
		return fmt.Errorf("database URL: %w", ErrBadURL)
	}
	return fmt.Errorf("database URL: %w: %w", ErrBadURL, why)
}

// asAssumed sets what statements here and River's rely on, whatever the server, the database or the role has as its default: several processes take rows
// side by side, which READ COMMITTED alone lets them do, and hours begin with those of UTC. They are no startup parameters, which poolers refuse.
func asAssumed(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.PgConn().Exec(ctx, `SET default_transaction_isolation = 'read committed'; SET timezone = 'UTC'`).ReadAll()
	return err
}

// collect runs a query and scans its rows by column name.
func collect[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// one is collect for exactly one row; none is ErrNotFound.
func one[T any](ctx context.Context, db DB, sql string, args ...any) (T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		var zero T
		return zero, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return v, ErrNotFound
	}
	return v, err
}

// scalars runs a query of one column.
func scalars[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[T])
}

// sendBatch sends statements in one round trip; none takes none.
func sendBatch(ctx context.Context, db DB, batch *pgx.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	return db.SendBatch(ctx, batch).Close()
}

// Clean makes text that came from outside fit for Postgres, which takes neither broken UTF-8 nor NUL: one provider's odd answer must
// not keep the answers beside it out of the ledger.
func Clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

// TryLocks takes what it can get of some named locks, without waiting, until the transaction ends. It returns those that it got.
// Planners hold them over "count what is used, take what is free", so that several never take the same room.
func TryLocks(ctx context.Context, db DB, names []string) ([]string, error) {
	return scalars[string](ctx, db, `SELECT name FROM unnest($1::text[]) AS name
		WHERE pg_try_advisory_xact_lock(hashtextextended('nurture ' || name, 0))`, names)
}

// TryShareLock takes one of the locks that TryLocks takes together with others who only share it, without waiting, until the transaction ends. Who
// waits for it alone comes first.
func TryShareLock(ctx context.Context, db DB, name string) (got bool, err error) {
	err = db.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock_shared(hashtextextended('nurture ' || $1, 0))`, name).Scan(&got)
	return got, err
}

// WaitForLock takes one of the locks that TryLocks takes, waiting for whoever holds it, until the transaction ends.
func WaitForLock(ctx context.Context, db DB, name string) error {
	_, err := db.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('nurture ' || $1, 0))`, name)
	if err != nil {
		return fmt.Errorf("wait for lock %q: %w", name, err)
	}
	return nil
}

// column takes one field of every row, for unnest.
func column[T, V any](rows []T, field func(*T) V) []V {
	out := make([]V, len(rows))
	for i := range rows {
		out[i] = field(&rows[i])
	}
	return out
}

// RecreateDatabase drops the database that url names, with whoever is connected, and makes it anew, empty. Only ever for a database
// that is the program's own to throw away.
func RecreateDatabase(ctx context.Context, url string) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("database URL: %w", err)
	}
	name := pgx.Identifier{cfg.Database}.Sanitize()
	cfg.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("reach the database server: %w", err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
