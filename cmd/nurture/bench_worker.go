package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"nurture/internal/sandbox/bench"
)

// newBenchWorkerCmd is `nurture work` that tells a measurement what it uses. It ends with its standard input.
func newBenchWorkerCmd(a *app) *cobra.Command {
	var profile string
	var workers int
	cmd := &cobra.Command{
		Use: "worker", Short: "A worker process that is measured", Hidden: true, Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.benchWorker(cmd.Context(), workers, profile) },
	}
	cmd.Flags().StringVar(&profile, "cpuprofile", "", "file for the CPU profile")
	cmd.Flags().IntVar(&workers, "workers", defaultWorkers, "as of work")
	return cmd
}

func (a *app) benchWorker(ctx context.Context, workers int, profile string) error {
	probe := bench.NewProbe(a.realNow)
	a.tracer = probe
	w, err := a.startWorker(ctx, workers)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	ran := make(chan error, 1)
	go func() { ran <- w.run(ctx, a, tickEvery) }()
	err = probe.Serve(a.stdin, a.stdout, profile)
	stop()
	return errors.Join(err, <-ran, w.close())
}

// newBenchSinkCmd is the mail server of a measurement. It ends with its standard input.
func newBenchSinkCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "sink", Short: "The mail server of a measurement", Hidden: true, Args: args(0, 0, ""),
		RunE: func(*cobra.Command, []string) error { return bench.ServeSink(a.stdin, a.stdout) },
	}
}
