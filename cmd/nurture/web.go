package main

import (
	"context"
	"errors"
	"net"

	"github.com/spf13/cobra"

	"nurture/jobs"
)

type webOptions struct {
	*app
	listen string
}

func newWebCmd(a *app) *cobra.Command {
	o := &webOptions{app: a}
	cmd := &cobra.Command{
		Use: "web", Short: "Run the web part alone, without workers",
		Long: `Answer over HTTP as nurture serve does, and work no jobs: for a process of its own before the same database, while nurture work or nurture serve
carries out what it takes in.

` + outletHelp,
		Example: "  nurture web --listen :8025",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runWeb(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8025", "address and port to answer HTTP on")
	return cmd
}

func runWeb(ctx context.Context, o *webOptions) error {
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return hint(failf("cannot answer on %s: %w", o.listen, err), "choose another address with --listen")
	}
	w, err := o.startWeb(ctx)
	if err != nil {
		return errors.Join(stopped(ctx, err), listener.Close())
	}
	wait := func(ctx context.Context) error { <-ctx.Done(); return nil }
	return o.answer(ctx, listener, w, wait, func() error {
		w.mail.close()
		w.voice.close()
		return w.db.close()
	})
}

// startWeb opens what the web part needs: an engine that orders, and works no jobs.
func (a *app) startWeb(ctx context.Context) (*worker, error) {
	w, err := a.openWorker(ctx)
	if err != nil {
		return nil, err
	}
	w.engine, err = jobs.New(ctx, jobs.Options{Pool: w.db.pool, Now: a.now, RealNow: a.realNow, Log: w.log, PublicURL: w.outlets.env.publicURL})
	if err != nil {
		return nil, errors.Join(err, w.db.close())
	}
	w.outlets.engine, w.outlets.live = w.engine, w.engine.LastLive
	return w, nil
}
