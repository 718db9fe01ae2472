package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"nurture/migrations"
)

// Migrate brings the program's own tables up to date; River's are jobs.Migrate's. Several processes may call it at once:
// goose holds an advisory lock. It returns the names of the migrations that it applied.
//
// A database whose text is not in UTF-8 gets no tables, and ErrEncoding: names could not be stored, or would be other letters for Postgres.
func Migrate(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	if err := fitEncoding(ctx, pool); err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Source.Path
	}
	return names, nil
}

// ErrEncoding is returned, wrapped, when the database's text is in another encoding than UTF-8.
var ErrEncoding = errors.New("the database is not in UTF-8")

// fitEncoding tells whether tables may be made here. Those that are there already are brought up to date: they hold somebody's leads.
func fitEncoding(ctx context.Context, db DB) error {
	var encoding string
	var begun bool
	if err := db.QueryRow(ctx, `SELECT current_setting('server_encoding'), to_regclass('goose_db_version') IS NOT NULL`).Scan(&encoding, &begun); err != nil {
		return fmt.Errorf("ask for the database's encoding: %w", err)
	}
	if encoding != UTF8 && !begun {
		return fmt.Errorf("%w: its encoding is %s", ErrEncoding, encoding)
	}
	return nil
}

// UTF8 is how Postgres calls the encoding that a database must have.
const UTF8 = "UTF8"

// SchemaOld tells whether the program's own tables are missing or older than this program; it changes nothing. A schema that is newer
// counts as good: a newer program has migrated it, and migrations only add.
func SchemaOld(ctx context.Context, db DB) (bool, error) {
	newest, err := newestMigration()
	if err != nil {
		return false, err
	}
	var exists bool
	if err := db.QueryRow(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&exists); err != nil {
		return false, fmt.Errorf("look for the schema: %w", err)
	}
	if !exists {
		return true, nil
	}
	var applied int64
	if err := db.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&applied); err != nil {
		return false, fmt.Errorf("read the schema's version: %w", err)
	}
	return applied < newest, nil
}

// newestMigration is the number of the last embedded migration.
func newestMigration() (int64, error) {
	files, err := migrations.FS.ReadDir(".")
	if err != nil {
		return 0, err
	}
	var newest int64
	for _, f := range files {
		n, err := goose.NumericComponent(f.Name())
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", f.Name(), err)
		}
		newest = max(newest, n)
	}
	return newest, nil
}
