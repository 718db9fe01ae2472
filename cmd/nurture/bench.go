package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nurture/internal/sandbox/bench"
)

const benchHelp = `Measures the whole program on this machine, with a private Postgres of its own and a mail server that takes everything and sends
nothing on. Ratios compare with what River and go-mail do alone in the same run; docs/performance.md says what each figure means.

What it works on is in a temporary folder and removed at the end; with --data it is in DATA/bench and stays.`

func newBenchCmd(a *app) *cobra.Command {
	return group(&cobra.Command{Use: "bench", Short: "Measure the whole program", Long: benchHelp, Hidden: true},
		newBenchTouchesCmd(a), newBenchImportCmd(a), newBenchPlanCmd(a), newBenchDueCmd(a), newBenchRespondCmd(a), newBenchSimulateCmd(a), newBenchPagesCmd(a),
		newBenchWorkerCmd(a), newBenchSinkCmd(a), newBenchImporterCmd(a))
}

func newBenchTouchesCmd(a *app) *cobra.Command {
	var o bench.TouchOptions
	cmd := &cobra.Command{
		Use: "touches", Short: "Durable touches a second, beside River alone and go-mail alone",
		Example: "  nurture bench touches --leads 20000 --steps 5 --json\n  nurture bench touches --leads 20000 --steps 5 --idle 1000000 --cpuprofile cpu.pprof",
		Args:    args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Leads < 1 || o.Steps < 1 || o.Senders < 1 || o.Connections < 1 || o.Workers < 1 || o.Idle < 0 {
				return usagef(cmd, "--leads, --steps, --senders, --connections and --workers must be 1 or more, and --idle 0 or more")
			}
			return a.bench(cmd, func(ctx context.Context, options bench.Options) error {
				o.Options = options
				r, err := bench.MeasureTouches(ctx, o)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(r)
				}
				a.tellTouches(r)
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Leads, "leads", 2000, "how many leads")
	f.IntVar(&o.Steps, "steps", 5, "email steps of their cadence")
	f.IntVar(&o.Idle, "idle", 0, "further enrolments whose next touch is years away")
	f.IntVar(&o.Senders, "senders", 10, "mailboxes that the leads are spread over")
	f.IntVar(&o.Connections, "connections", 8, "SMTP connections of each worker process, and of go-mail alone for each of them")
	f.IntVar(&o.Workers, "workers", 1, "worker processes")
	f.StringVar(&o.CPUProfile, "cpuprofile", "", "file for the CPU profile of the first worker process, while it is measured")
	return cmd
}

func (a *app) tellTouches(r *bench.Touches) {
	per := func(v float64) string { return fmt.Sprintf("%.0f a second", v) }
	a.fields(
		[2]string{"machine", fmt.Sprintf("%d CPUs, %s, %s, Postgres %s, fsync %s", r.CPUs, r.OS, r.Go, r.Postgres, r.Fsync)},
		[2]string{"River alone", per(r.RiverNoop)},
		[2]string{"go-mail alone", fmt.Sprintf("%s (%.0f before, %.0f after)", per(r.SMTPRaw), r.SMTPRounds[0], r.SMTPRounds[1])},
		[2]string{"durable touches", fmt.Sprintf("%s: %.2f of go-mail, %.2f of River", per(r.PerSecond), r.RatioSMTP, r.RatioRiver)},
		[2]string{"a touch", fmt.Sprintf("%.0f bytes of WAL, %.2f statements in %.2f round trips", r.WAL, r.Queries, r.Trips)},
		[2]string{"CPU a touch", fmt.Sprintf("%.0f µs worker, %.0f µs Postgres, %.0f µs sink; go-mail alone with its sink %.0f µs: %.2f", r.WorkerCPU, r.PostgresCPU, r.SinkCPU, r.RawCPU, r.RatioCPU)},
		[2]string{"others meanwhile", fmt.Sprintf("used %.1f CPUs", r.OthersCPU)},
		[2]string{"planned to recorded", fmt.Sprintf("%.0f ms median, %.0f ms at the 99th percentile", r.P50, r.P99)},
		[2]string{"memory", fmt.Sprintf("%.0f MiB", r.RSS)},
		[2]string{"ledger", fmt.Sprintf("%d sent, %d not; the sink took %d, %d of them twice", r.Touches, r.NotSent, r.Mails, r.Twice)},
	)
}

// bench runs a measurement in a folder of its own.
func (a *app) bench(cmd *cobra.Command, do func(context.Context, bench.Options) error) (err error) {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program, to start it again: %w", err)
	}
	dir := a.in("bench")
	if cmd.Flags().Changed("data") {
		err = os.MkdirAll(dir, 0o755)
	} else if dir, err = os.MkdirTemp("", "nurture-bench-"); err == nil {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		err = os.Chmod(dir, 0o755) // the database server may run as another user
	}
	if err != nil {
		return err
	}
	return do(cmd.Context(), bench.Options{Dir: dir, Program: program, Now: a.realNow, Tell: a.stderr})
}
