package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"nurture/migrations"
)

// Migrate brings the program's own tables up to date; River's are jobs.Migrate's. Several processes may call it at once:
// goose holds an advisory lock. It returns the names of the migrations that it applied.
func Migrate(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
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
