package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/internal/doctor"
	"nurture/jobs"
	"nurture/store"
)

type doctorOptions struct {
	*app
	timeout time.Duration
	dns     string // host and port of the DNS server to ask; "" is the machine's
}

func newDoctorCmd(a *app) *cobra.Command {
	o := &doctorOptions{app: a}
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check everything that sending depends on, with the fix of what is wrong",
		Long: `Check the configuration, the database and what waits in it, the data folder, the mail server and the mailboxes, the voice account, the public
address, and what DNS says of the senders' domains: SPF, DKIM, DMARC.

Nothing is changed and nothing is sent. Each line is ok, warn or FAIL; below one that is not ok stands what to do. Exit code 1 when anything fails.
The accounts looked at are those of the live configuration, before the first nurture apply those of the folder.`,
		Example: "  nurture doctor\n  nurture doctor --json\n  nurture doctor --dns 9.9.9.9:53",
		Args:    args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.timeout <= 0 {
				return usagef(cmd, "--timeout %v is no time to wait", o.timeout)
			}
			if _, _, err := net.SplitHostPort(o.dns); o.dns != "" && err != nil {
				return usagef(cmd, "--dns %q must be HOST:PORT", o.dns)
			}
			return runDoctor(cmd.Context(), o)
		},
	}
	cmd.Flags().DurationVar(&o.timeout, "timeout", 15*time.Second, "how long each check may take")
	cmd.Flags().StringVar(&o.dns, "dns", "", "DNS server to ask about names, HOST:PORT; else this machine's")
	return cmd
}

// checkupJSON is what `doctor --json` prints.
type checkupJSON struct {
	OK     bool          `json:"ok"` // nothing failed
	Failed int           `json:"failed"`
	Warned int           `json:"warned"`
	Checks []findingJSON `json:"checks"`
}

type findingJSON struct {
	Level  string `json:"level"` // "ok", "warn" or "fail"
	What   string `json:"what"`
	Detail string `json:"detail"`
	Fix    string `json:"fix"` // "" when it is ok
}

func runDoctor(ctx context.Context, o *doctorOptions) error {
	findings, err := o.examine(ctx)
	if err != nil {
		return err
	}
	failed, warned := doctor.Count(findings, doctor.Fail), doctor.Count(findings, doctor.Warn)
	if o.json {
		out := checkupJSON{OK: failed == 0, Failed: failed, Warned: warned, Checks: make([]findingJSON, len(findings))}
		for i, f := range findings {
			out.Checks[i] = findingJSON{strings.ToLower(string(f.Level)), f.What, oneLine(f.Detail), oneLine(f.Fix)}
		}
		if err := o.printJSON(out); err != nil {
			return err
		}
	} else {
		o.printFindings(findings)
	}
	if failed > 0 {
		return failf("%s failed", count(failed, "check"))
	}
	return nil
}

func (o *doctorOptions) printFindings(findings []doctor.Finding) {
	width := 0
	for _, f := range findings {
		width = max(width, len(f.What))
	}
	for _, f := range findings {
		o.printf("%-4s  %-*s  %s\n", f.Level, width, f.What, oneLine(f.Detail))
		if f.Fix != "" {
			o.printf("      fix: %s\n", oneLine(f.Fix))
		}
	}
}

// examine looks at everything. The error is one of leaving only: what is wrong is a finding.
func (o *doctorOptions) examine(ctx context.Context) (findings []doctor.Finding, err error) {
	folder, problem := o.load("")
	state := doctor.Configuration{Dir: o.configDir, Folder: folder, Problem: problem}
	db, trouble := o.reach(ctx)
	live := folder
	var checks []doctor.Check
	if db == nil {
		checks = append(checks, doctor.Told(trouble))
		state.Asked = trouble.Level != doctor.Fail // what is not set up yet has nothing signed or applied
	} else {
		defer func() { err = errors.Join(err, db.close()) }()
		old, oldErr := schemaOld(ctx, db.pool)
		fits := !old && oldErr == nil
		var stored *config.Config
		var unread error
		if fits {
			stored, unread = o.askLive(ctx, db, &state)
		}
		checks = o.databaseChecks(db, old, oldErr, stored)
		if fits {
			if unread != nil {
				checks = append(checks, doctor.Told(doctor.Finding{
					Level: doctor.Fail, What: "live version", Detail: unread.Error(), Fix: "nurture apply stores the configuration anew",
				}))
			}
			if live = cmp.Or(stored, live); live != nil && len(live.Settings.Compliance.DoNotCall.Lists) > 0 {
				lists := doctor.Lists{DB: db.pool, Rule: live.Settings.Compliance.DoNotCall, Now: o.now()}
				checks = append(checks, doctor.Check{What: "do-not-call lists", Look: lists.Findings})
			}
		}
	}
	checks = append([]doctor.Check{doctor.Told(state.Findings()...)}, checks...)
	checks = append(checks, doctor.Check{What: "data folder", Look: func(context.Context) []doctor.Finding {
		return doctor.DataFolder(o.dataDir, doctor.Disk{})
	}})
	checks = append(checks, o.outside(live)...)
	return doctor.Run(ctx, o.timeout, checks), nil
}

// reach opens the database as it is; without it there is a finding that says why. A private server that was never set up stays so.
func (o *doctorOptions) reach(ctx context.Context) (*database, doctor.Finding) {
	url, err := o.givenURL()
	if err == nil && url == "" {
		if _, statErr := os.Stat(o.in("postgres")); errors.Is(statErr, os.ErrNotExist) {
			return nil, doctor.Finding{
				Level: doctor.Warn, What: "database", Detail: "none yet: no server is configured, and the private one is not set up",
				Fix: "the first other command sets one up in " + o.in("postgres") + "; or name a server in DATABASE_URL",
			}
		}
	}
	var db *database
	if err == nil {
		patience := o.timeout
		if url == "" {
			patience += stopWait // a private server that was killed reads its log again first
		}
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		if db, err = o.dial(limited, 0); err == nil {
			return db, doctor.Finding{}
		}
	}
	message, way := explain(err)
	return nil, doctor.Finding{
		Level: doctor.Fail, What: "database", Detail: message, Fix: cmp.Or(way, "check --database, DATABASE_URL and database.url in "+config.SettingsFile),
	}
}

// databaseChecks look at the database and what waits in it. live is in force; nil while nothing is.
func (o *doctorOptions) databaseChecks(db *database, old bool, oldErr error, live *config.Config) []doctor.Check {
	d := doctor.Database{
		DB: db.pool, RealNow: o.realNow, Private: db.server != nil, Needs: workerConns, Way: databaseWay,
		SchemaOld: func(context.Context) (bool, error) { return old, oldErr },
		Troubles: func(ctx context.Context) ([]store.Trouble, error) {
			if live == nil {
				return nil, nil
			}
			return jobs.Troubles(ctx, db.pool, live.Settings, o.realNow())
		},
	}
	checks := []doctor.Check{{What: "database", Look: d.Server}, {What: "schema", Look: d.Schema}}
	if !old && oldErr == nil {
		checks = append(checks, doctor.Check{What: "queues", Look: d.Work})
	}
	return checks
}

// askLive reads what is in force, and who signed the folder's definition. The configuration is nil while nothing is applied.
func (o *doctorOptions) askLive(ctx context.Context, db *database, state *doctor.Configuration) (*config.Config, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	var err error
	if state.Folder != nil {
		if state.Signatures, err = store.Signatures(ctx, db.pool, state.Folder.DefinitionHash); err != nil {
			return nil, err
		}
	}
	version, err := store.LiveConfig(ctx, db.pool)
	if errors.Is(err, store.ErrNotFound) {
		state.Asked = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if state.LiveFiles, err = store.ConfigFiles(ctx, db.pool, version.ID); err != nil {
		return nil, err
	}
	state.Live, state.Asked = &version, true
	files := make([]config.File, len(state.LiveFiles))
	for i, f := range state.LiveFiles {
		files[i] = config.File{Path: f.Path, Content: f.Content}
	}
	fsys, err := config.FS(files)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(fsys)
	if err != nil {
		return nil, fmt.Errorf("version %d as stored cannot be read by this program: %w", version.ID, err)
	}
	return cfg, nil
}
