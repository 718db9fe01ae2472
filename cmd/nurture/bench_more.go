package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nurture/internal/sandbox/bench"
)

func newBenchImportCmd(a *app) *cobra.Command {
	var rows int
	cmd := &cobra.Command{
		Use: "import", Short: "Rows a second of leads import, and leads a second that an audience rule enrols",
		Example: "  nurture bench import --rows 1000000 --json", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if rows < 1 {
				return usagef(cmd, "--rows must be 1 or more")
			}
			return a.bench(cmd, func(ctx context.Context, o bench.Options) error {
				r, err := bench.MeasureImport(ctx, o, rows)
				if err != nil || a.json {
					return a.orJSON(r, err)
				}
				a.fields(
					[2]string{"import", fmt.Sprintf("%.0f rows a second, %d stored, %.0f MiB; CPU a row %.1f µs, of Postgres %.1f µs",
						r.RowsPerSec, r.Stored, r.RSS, r.ImportCPU, r.ImportPostgresCPU)},
					[2]string{"enrolment", fmt.Sprintf("%.0f leads a second, %d enrolled; CPU a lead %.1f µs, of Postgres %.1f µs",
						r.LeadsPer, r.Enrolled, r.EnrolCPU, r.EnrolPostgresCPU)})
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&rows, "rows", 100_000, "how many rows the file has")
	return cmd
}

// orJSON prints a result unless there is an error.
func (a *app) orJSON(result any, err error) error {
	if err != nil {
		return err
	}
	return a.printJSON(result)
}

func newBenchPlanCmd(a *app) *cobra.Command {
	var idle, ticks int
	cmd := &cobra.Command{
		Use: "plan", Short: "How long a planner tick takes when nothing is due",
		Example: "  nurture bench plan --idle 1000000", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if idle < 0 || ticks < 1 {
				return usagef(cmd, "--idle must be 0 or more, and --ticks 1 or more")
			}
			return a.bench(cmd, func(ctx context.Context, o bench.Options) error {
				r, err := bench.MeasurePlan(ctx, o, idle, ticks)
				if err != nil || a.json {
					return a.orJSON(r, err)
				}
				a.fields([2]string{"tick", fmt.Sprintf("%.2f ms median, %.2f ms at the 99th percentile", r.Median, r.P99)},
					[2]string{"asks", fmt.Sprintf("%.1f statements in %.1f round trips", r.Queries, r.Trips)})
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&idle, "idle", 100_000, "enrolments whose next touch is years away")
	cmd.Flags().IntVar(&ticks, "ticks", 500, "how many ticks are measured")
	return cmd
}

func newBenchDueCmd(a *app) *cobra.Command {
	var due, senders int
	var span time.Duration
	cmd := &cobra.Command{
		Use: "due", Short: "What a worker process holds before a backlog",
		Example: "  nurture bench due --due 1000000 --span 2m", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if due < 1 || senders < 1 || span <= 0 {
				return usagef(cmd, "--due and --senders must be 1 or more, and --span above 0")
			}
			return a.bench(cmd, func(ctx context.Context, o bench.Options) error {
				r, err := bench.MeasureDue(ctx, o, due, senders, span)
				if err != nil || a.json {
					return a.orJSON(r, err)
				}
				a.fields([2]string{"worker", fmt.Sprintf("%.0f MiB at most, %.0f before anything was due", r.RSS, r.Idle)},
					[2]string{"touches", fmt.Sprintf("%d sent in %.0f s, %d planned ahead at most, of %d due", r.Sent, r.Seconds, r.Planned, r.Due)})
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&due, "due", 100_000, "enrolments that are due at once")
	cmd.Flags().IntVar(&senders, "senders", 10, "mailboxes that they are spread over, of 100,000 mails a day each")
	cmd.Flags().DurationVar(&span, "span", time.Minute, "how long to watch, unless all are sent before")
	return cmd
}

func newBenchRespondCmd(a *app) *cobra.Command {
	var n, batch int
	cmd := &cobra.Command{
		Use: "respond", Short: "Responses a second, evaluated",
		Example: "  nurture bench respond --n 5000", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if n < 1 || batch < 1 {
				return usagef(cmd, "--n and --batch must be 1 or more")
			}
			return a.bench(cmd, func(ctx context.Context, o bench.Options) error {
				r, err := bench.MeasureRespond(ctx, o, n, batch)
				if err != nil || a.json {
					return a.orJSON(r, err)
				}
				a.fields([2]string{"responses", fmt.Sprintf("%.0f a second, evaluated; %.0f a second recorded", r.PerSecond, r.Recorded)},
					[2]string{"worker", fmt.Sprintf("%.2f statements a response, %.0f MiB", r.Queries, r.RSS)})
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&n, "n", 2000, "how many leads answer, once each")
	cmd.Flags().IntVar(&batch, "batch", 100, "how many answers are recorded in one transaction")
	return cmd
}

func newBenchSimulateCmd(a *app) *cobra.Command {
	var leads, months int
	cmd := &cobra.Command{
		Use: "simulate", Short: "How long a simulation takes",
		Example: "  nurture bench simulate --leads 100000 --months 24 --json", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if leads < 1 || months < 1 {
				return usagef(cmd, "--leads and --months must be 1 or more")
			}
			r, err := bench.MeasureSimulation(a.realNow, leads, months*365/12)
			if err != nil || a.json {
				return a.orJSON(r, err)
			}
			a.fields([2]string{"simulation", fmt.Sprintf("%d leads, %d days in %.1f s, %.1f s of CPU, %.0f MiB", r.Leads, r.Days, r.Seconds, r.CPU, r.RSS)},
				[2]string{"decisions", fmt.Sprintf("%d, %.0f a second, %.0f a second of CPU; %d touches", r.Decisions, r.PerSecond, r.PerCPU, r.Touches)})
			return nil
		},
	}
	cmd.Flags().IntVar(&leads, "leads", 100_000, "how many leads to make up")
	cmd.Flags().IntVar(&months, "months", 24, "how long they are nurtured")
	return cmd
}

// newBenchImporterCmd is `nurture leads import FILE` that tells how much memory it held.
func newBenchImporterCmd(a *app) *cobra.Command {
	o := &importOptions{app: a}
	var rss string
	cmd := &cobra.Command{
		Use: "importer FILE", Short: "An import that is measured", Hidden: true, Args: args(1, 1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			return errors.Join(runImport(cmd.Context(), o), bench.WritePeakRSS(rss))
		},
	}
	cmd.Flags().StringVar(&rss, "rss", "", "file for the figure")
	return cmd
}
