package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/examples"
	"nurture/internal/leadfile"
	"nurture/internal/postgres"
	"nurture/internal/sandbox"
	"nurture/jobs"
	"nurture/store"
)

const demoHelp = `Runs the whole program on a virtual clock: made-up leads (or yours, with --leads-file), a mail server and a phone provider that
exist only in this process, SDRs who work their tasks, and sales who answer handoffs. Everything goes through the real
engine, River and a private Postgres; nothing leaves this machine.

The same seed gives the same numbers. Some of the made-up leads come in late, and the last days' tasks are left to you. At
the end it tells what happened and leaves the desk open on the result, with one login a role and workers that carry out what you
do there, until Ctrl-C or SIGTERM, on a terminal or not; with --once or --json it ends by itself instead. The result stays in
DATA/demo: look into it with "nurture --data DATA/demo leads list".`

const demoExample = `  nurture demo
  nurture demo --leads 1000 --days 365 --seed 7
  nurture demo --once --json
  nurture demo --leads-file leads.csv --mapping mapping.yaml`

// What there is to do for people on the desk that stays open: one lead in so many, and at most so many of them, come in during the last weeks, and the SDRs of the
// demo leave the last days to them, of a short demo a tenth.
const (
	lateShare, mostLate = 10, 60
	lastDays            = 4
)

// demoOptions are the flags of demo.
type demoOptions struct {
	leads, days int
	seed        int64
	once        bool
	leadsFile   string
	mapping     string
}

func newDemoCmd(a *app) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use: "demo", Short: "Show the whole thing on a virtual clock", Long: demoHelp, Example: demoExample, Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.leads < 1 || o.days < 1 {
				return usagef(cmd, "--leads and --days must be 1 or more")
			}
			if o.mapping != "" && o.leadsFile == "" {
				return usagef(cmd, "--mapping goes with --leads-file")
			}
			return runDemo(cmd.Context(), a, o, cmd.Flags().Changed("config"))
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.leads, "leads", 300, "how many leads to make up")
	f.IntVar(&o.days, "days", 180, "how many days to let pass")
	f.Int64Var(&o.seed, "seed", 1, "of all that happens by chance")
	f.BoolVar(&o.once, "once", false, "end after the summary, and leave no desk open")
	f.StringVar(&o.leadsFile, "leads-file", "", "CSV of leads to use instead")
	f.StringVar(&o.mapping, "mapping", "", "mapping of the CSV's columns; its outcome section steers how each lead answers")
	return cmd
}

func runDemo(ctx context.Context, a *app, o demoOptions, ownConfig bool) error {
	cfg, err := demoConfig(a, ownConfig)
	if err != nil {
		return err
	}
	var rows []leadfile.Row
	if o.leadsFile != "" {
		if rows, err = readLeads(a, o.leadsFile, o.mapping, cfg); err != nil {
			return err
		}
	}
	server, dir, err := demoServer(ctx, a)
	if err != nil {
		return err
	}
	err = demoOn(ctx, a, o, server.URL(), dir, cfg, rows)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	return errors.Join(err, server.Stop(stop))
}

// demoConfig is the folder that --config names, else the built-in example.
func demoConfig(a *app, own bool) (*config.Config, error) {
	var folder fs.FS = examples.Starter()
	if own {
		folder = os.DirFS(a.configDir)
	}
	return config.Load(folder)
}

// demoServer starts a private Postgres for the demo alone, in DATA/demo. Where the server's user may not reach that, because all of
// a root user's folders are closed, the temporary folder takes its place.
func demoServer(ctx context.Context, a *app) (*postgres.Server, string, error) {
	start := func(dir string) (*postgres.Server, error) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		return postgres.Start(ctx, postgres.Options{DataDir: filepath.Join(dir, "postgres"), Ephemeral: true})
	}
	dir := a.in("demo")
	server, err := start(dir)
	if err == nil {
		return server, dir, nil
	}
	fallback := filepath.Join(os.TempDir(), fmt.Sprintf("nurture-demo-%d", os.Getuid()))
	server, second := start(fallback)
	if second != nil {
		return nil, "", err
	}
	fmt.Fprintf(a.stderr, "%s cannot hold the database (%v); using %s\n", dir, err, fallback)
	return server, fallback, nil
}

func demoOn(ctx context.Context, a *app, o demoOptions, url, dir string, cfg *config.Config, rows []leadfile.Row) error {
	if err := store.RecreateDatabase(ctx, url); err != nil {
		return err
	}
	pool, err := store.Open(ctx, url, 24)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := jobs.Migrate(ctx, pool); err != nil {
		return err
	}
	progress := newProgressBar(a)
	result, err := sandbox.Run(ctx, sandbox.Options{
		Pool: pool, Config: cfg, Leads: o.leads, Rows: rows, Late: min(o.leads/lateShare, mostLate), Days: o.days, LeftOpen: min(o.days/10, lastDays),
		Seed: o.seed, JournalDir: filepath.Join(dir, "journal"),
		RealNow: a.realNow, Log: a.quietLog(), Progress: progress.show,
	})
	progress.end()
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.stdout).Encode(result)
	}
	result.Tell(a.stdout)
	return a.afterDemo(ctx, o, cfg, pool, dir, result)
}

// afterDemo leaves what there is to look at, says where, and leaves the desk open unless that is not wanted.
func (a *app) afterDemo(ctx context.Context, o demoOptions, cfg *config.Config, pool *pgxpool.Pool, dir string, result *sandbox.Result) error {
	outbox := filepath.Join(dir, "outbox")
	if err := result.WriteMails(outbox); err != nil {
		return err
	}
	dossier, err := result.WriteDossier(dir)
	if err != nil {
		return err
	}
	p := func(format string, args ...any) { fmt.Fprintf(a.stdout, format+"\n", args...) }
	p("\nWHERE TO LOOK NEXT")
	if dossier != "" {
		p("  the dossier that sales got      %s", dossier)
	}
	p("  the newest mails, as files      %s", outbox)
	p("  every lead, its story and why   nurture --data %s leads list (then: leads show KEY, leads why KEY)", dir)
	p("  your own cadences               nurture init my-company --kind software; docs/configuration.md has every key")
	if o.once {
		return nil
	}
	return a.keepOpen(ctx, o, cfg, pool, dir, outbox, result.Staff)
}

// readLeads reads the rows of a file that an import into a configuration would accept; what was rejected is said, not hidden.
func readLeads(a *app, file, mapping string, cfg *config.Config) ([]leadfile.Row, error) {
	f, err := a.openImport(file, "leads")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	options, err := (&importOptions{app: a, mapping: mapping, country: cfg.Settings.Country}).readOptions()
	if err != nil {
		return nil, err
	}
	var rows []leadfile.Row
	summary, err := leadfile.Read(f, options, func(batch []leadfile.Row) error {
		rows = append(rows, batch...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	fmt.Fprintf(a.stderr, "%s: %d read, %d accepted, %d rejected, %d repaired\n", file, summary.Read, summary.Accepted, summary.Rejected, summary.Repaired)
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s has no usable lead; `nurture leads import --dry-run` says why for each line", file)
	}
	return rows, nil
}

// progressBar shows how far the virtual clock has come, on a terminal only.
type progressBar struct {
	app   *app
	shown string
	next  int // not on a terminal: the day of the next line
}

func newProgressBar(a *app) *progressBar { return &progressBar{app: a} }

func (b *progressBar) show(p sandbox.Progress) {
	const width = 32
	filled := p.Day * width / max(p.Days, 1)
	line := fmt.Sprintf("\r  day %3d of %d  %s%s  %6d touches", p.Day, p.Days, strings.Repeat("█", filled), strings.Repeat("░", width-filled), p.Touches)
	switch {
	case line == b.shown:
	case b.app.tty:
		fmt.Fprint(b.app.stderr, line)
		b.shown = line
	case p.Day >= b.next: // a log: now and then a line
		fmt.Fprintln(b.app.stderr, strings.TrimSpace(line))
		b.next = p.Day + max(p.Days/10, 1)
	}
}

func (b *progressBar) end() {
	if b.shown != "" {
		fmt.Fprintln(b.app.stderr)
	}
}
