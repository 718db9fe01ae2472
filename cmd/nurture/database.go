package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"nurture/config"
	"nurture/internal/postgres"
	"nurture/jobs"
	"nurture/store"
)

// stopWait is how long the private server may take to shut down.
const stopWait = 30 * time.Second

// keepEvery is how often a process that stays looks whether the private server still runs.
const keepEvery = 2 * time.Second

// database is the open database, and this process's hold on the private server when there is one.
type database struct {
	pool   *pgxpool.Pool
	url    string
	server *postgres.Server // nil on a given server
	unkeep func()           // ends what keep began; nil when nothing was
}

// keep looks after the database until ctx ends or it is closed, and gives the log that tells of its outages. The private server is started again
// whenever it ends by itself; a given one is its owner's to keep.
func (d *database) keep(ctx context.Context, log *slog.Logger, now func() time.Time) *slog.Logger {
	ctx, end := context.WithCancel(ctx)
	outages := newOutageLog(log.Handler(), now, func(ctx context.Context) error { return store.TakesChanges(ctx, d.pool) })
	var keeping sync.WaitGroup
	keeping.Go(func() { outages.watch(ctx) })
	if d.server != nil {
		keeping.Go(func() { d.server.Keep(ctx, keepEvery, log) })
	}
	d.unkeep = func() {
		end()
		keeping.Wait()
	}
	return slog.New(outages)
}

func (d *database) close() error {
	if d.unkeep != nil {
		d.unkeep()
	}
	d.pool.Close()
	if d.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	return d.server.Stop(ctx)
}

// givenURL is the URL of a given server, "" when the private one is to be used.
func (a *app) givenURL() (string, error) {
	if a.databaseURL != "" {
		return a.databaseURL, nil
	}
	if url := a.getenv("DATABASE_URL"); url != "" {
		return url, nil
	}
	for _, odd := range oddVariables(a.environ()) { // a database of our own would be set up beside the one that is meant
		if odd.misspelt && odd.nearest == "DATABASE_URL" {
			return "", misspeltVariables(a.environ())
		}
	}
	if !a.hasSettings() {
		return "", nil
	}
	// Never guess: a folder that cannot be read may name a server, and work on another one would be lost.
	cfg, err := a.load("")
	if err != nil {
		return "", fmt.Errorf("%w, so that it cannot be told which database to use", err)
	}
	return cfg.Settings.DatabaseURL, nil
}

// dial opens the database as it is. maxConns 0 lets pgx choose.
func (a *app) dial(ctx context.Context, maxConns int) (*database, error) {
	url, err := a.givenURL()
	if err != nil {
		return nil, err
	}
	d := &database{url: url}
	if url == "" {
		if d.server, err = a.startPrivate(ctx); err != nil {
			return nil, err
		}
		d.url = d.server.URL()
	}
	d.pool, err = store.OpenTraced(ctx, d.url, maxConns, a.tracer)
	if err != nil {
		if d.server != nil {
			err = errors.Join(err, d.server.Stop(ctx))
		}
		if databaseWay(err) != "" {
			return nil, err
		}
		return nil, hint(err, "check --database, DATABASE_URL or database.url in %s, and that the server runs", config.SettingsFile)
	}
	return d, nil
}

func (a *app) startPrivate(ctx context.Context) (*postgres.Server, error) {
	dir := a.in("postgres")
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(a.stderr, "no database is configured: setting up a private Postgres in %s\n", dir)
	}
	// The server may run as another user than root, so the folders above its own must let it pass.
	if err := os.MkdirAll(a.dataDir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	return postgres.Start(ctx, postgres.Options{DataDir: dir})
}

// open opens the database with its schema up to date. The private server is migrated on the way; a given one is its owner's to
// migrate.
func (a *app) open(ctx context.Context, maxConns int) (*database, error) {
	d, err := a.dial(ctx, maxConns)
	if err != nil {
		return nil, err
	}
	if err := d.ready(ctx); err != nil {
		return nil, errors.Join(err, d.close())
	}
	return d, nil
}

func (d *database) ready(ctx context.Context) error {
	old, err := schemaOld(ctx, d.pool)
	if err != nil || !old {
		return err
	}
	if d.server == nil {
		return hint(errors.New("the database's schema is missing or older than this program"), "run `nurture migrate`")
	}
	_, err = jobs.Migrate(ctx, d.pool)
	return err
}

// schemaOld tells whether migrations, the program's or River's, are still to be applied. It only reads.
func schemaOld(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	old, err := store.SchemaOld(ctx, pool)
	if err != nil || old {
		return old, err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return false, err
	}
	result, err := migrator.Validate(ctx, nil)
	if err != nil {
		return false, fmt.Errorf("check River's schema: %w", err)
	}
	return !result.OK, nil
}

// session is a command's hold on the engine.
type session struct {
	*database
	engine *jobs.Engine
	live   *config.Config // nil while nothing is applied
	zone   *time.Location // in which times are shown: the operator's, UTC while nothing is applied
}

// with runs a command with an engine that asks and orders, and works no jobs.
func (a *app) with(ctx context.Context, do func(s *session) error) error {
	d, err := a.open(ctx, 0)
	if err != nil {
		return err
	}
	s := &session{database: d, zone: time.UTC}
	err = s.begin(ctx, a)
	if err == nil {
		err = do(s)
	}
	return errors.Join(err, d.close())
}

func (s *session) begin(ctx context.Context, a *app) error {
	var err error
	if s.engine, err = jobs.New(ctx, jobs.Options{Pool: s.pool, Now: a.now, RealNow: a.realNow}); err != nil {
		return err
	}
	s.live, err = s.engine.Live(ctx)
	if errors.Is(err, jobs.ErrNotReady) {
		return nil
	}
	if err != nil {
		return err
	}
	s.zone, err = time.LoadLocation(s.live.Settings.Zone)
	return err
}

// needLive gives the configuration in force, or the error that says how to get one.
func (s *session) needLive(ctx context.Context) (*config.Config, error) {
	if s.live != nil {
		return s.live, nil
	}
	return s.engine.Live(ctx)
}
