package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/postgres"
	"nurture/jobs"
	"nurture/store"
)

// ground is what measurements stand on: a scratch database with a configuration in force, and the engine that fills it.
type ground struct {
	Options
	postgres *postgres.Server
	url      string
	server   map[string]string // settings of the server
	pool     *pgxpool.Pool
	engine   *jobs.Engine
	config   *config.Config
}

// newGround starts a private Postgres, as the product does it, and puts the plan in force.
func newGround(ctx context.Context, o Options, p plan) (*ground, error) {
	g := &ground{Options: o}
	if err := g.open(ctx, p); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

func (g *ground) configDir() string { return filepath.Join(g.Dir, "config") }

func (g *ground) open(ctx context.Context, p plan) (err error) {
	g.say("setting up a database in %s", g.Dir)
	if g.config, err = p.write(g.configDir()); err != nil {
		return fmt.Errorf("the measurement's configuration: %w", err)
	}
	if g.postgres, err = postgres.Start(ctx, postgres.Options{DataDir: filepath.Join(g.Dir, "postgres")}); err != nil {
		return err
	}
	g.url = g.postgres.URL()
	if !p.reuse {
		if err := store.RecreateDatabase(ctx, g.url); err != nil {
			return err
		}
	}
	if g.pool, err = store.Open(ctx, g.url, 8); err != nil {
		return err
	}
	if _, err := jobs.Migrate(ctx, g.pool); err != nil {
		return err
	}
	if g.server, err = store.ServerSettings(ctx, g.pool, "server_version", "fsync", "synchronous_commit"); err != nil {
		return err
	}
	if g.engine, err = jobs.New(ctx, jobs.Options{Pool: g.pool, Now: g.Now}); err != nil {
		return err
	}
	for _, role := range []string{"marketing", "sales"} {
		if _, err := g.engine.Sign(ctx, g.config.DefinitionHash, role, "bench"); err != nil {
			return err
		}
	}
	_, err = g.engine.Apply(ctx, g.config, "bench")
	return err
}

func (g *ground) close() error {
	if g.pool != nil {
		g.pool.Close()
	}
	if g.postgres == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	return g.postgres.Stop(ctx)
}

func (g *ground) say(format string, args ...any) { fmt.Fprintf(g.Tell, format+"\n", args...) }

// enroll makes up leads, puts them into the cadence, and returns their ids.
func (g *ground) enroll(ctx context.Context, prefix string, n int) ([]int64, error) {
	var all []int64
	for start := 0; start < n; start += leadfile.BatchSize {
		rows := people(prefix, start, min(n-start, leadfile.BatchSize), g.Now())
		if _, err := g.engine.Import(ctx, rows); err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		keys := make([]string, len(rows))
		for i := range rows {
			keys[i] = rows[i].Lead.Key
		}
		ids, err := store.LeadIDsOf(ctx, g.pool, keys)
		if err != nil {
			return nil, err
		}
		if err := g.engine.Enroll(ctx, ids, cadenceKey); err != nil {
			return nil, fmt.Errorf("enrol: %w", err)
		}
		all = append(all, ids...)
	}
	return all, nil
}

// idle makes n leads whose first touch is due in ten years.
func (g *ground) idle(ctx context.Context, n int) error {
	return g.seed(ctx, n, g.Now().UTC().AddDate(10, 0, 0))
}

// seed makes n leads whose first touch is due at an instant.
func (g *ground) seed(ctx context.Context, n int, due time.Time) error {
	if n == 0 {
		return nil
	}
	g.say("making %d enrolments due at %s", n, due.Format(time.DateTime))
	now := g.Now().UTC()
	tx, err := g.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // nothing once committed
	plan := g.config.Plans[cadenceKey]
	if err := store.InsertIdle(ctx, tx, cadenceKey, n, plan.Budget, g.mailboxes(), due, now); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// settle has done what is done in the background after leads were made, so that none of it falls into what is measured: no word waits to be written, and
// tables are vacuumed.
func (g *ground) settle(ctx context.Context) error {
	for {
		due, err := store.WordsAreDue(ctx, g.pool)
		if err != nil {
			return err
		}
		if !due {
			return store.Tidy(ctx, g.pool)
		}
		if _, err := g.engine.Tick(ctx); err != nil {
			return err
		}
	}
}

func (g *ground) mailboxes() []string {
	var all []string
	for _, s := range g.config.Settings.Senders {
		all = append(all, s.Email)
	}
	return all
}

// hold keeps all mailboxes from sending, until release.
func (g *ground) hold(ctx context.Context) error {
	for _, m := range g.mailboxes() {
		if _, err := g.engine.PauseSender(ctx, m, "", "bench"); err != nil {
			return err
		}
	}
	return nil
}

// release lets all mailboxes send.
func (g *ground) release(ctx context.Context) error {
	for _, m := range g.mailboxes() {
		if _, err := g.engine.ResumeSender(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// await polls until done says so. It gives up when what done counts has not grown for patience.
func (g *ground) await(ctx context.Context, what string, done func() (progress int, ok bool, err error)) error {
	const patience = time.Minute
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for best, since := -1, g.Now(); ; {
		progress, ok, err := done()
		if ok || err != nil {
			return err
		}
		if progress > best {
			best, since = progress, g.Now()
		}
		if g.Now().Sub(since) > patience {
			return fmt.Errorf("%s: nothing has moved for %s, at %d", what, patience, progress)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
}
