package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

type serveOptions struct {
	*app
	listen  string
	workers int
}

func newServeCmd(a *app) *cobra.Command {
	o := &serveOptions{app: a}
	cmd := &cobra.Command{
		Use: "serve", Short: "Run everything: workers and the web part",
		Long: `Work as nurture work does, and answer over HTTP: the desk (/desk/; nurture users add lets people in), the leads' own pages, the voice provider's
callbacks, the outbox, and /healthz.

SIGTERM and Ctrl-C stop it gracefully, as they stop nurture work.

` + outletHelp,
		Example: "  nurture serve\n  nurture serve --listen :8025",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runServe(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.listen, "listen", "127.0.0.1:8025", "address and port to answer HTTP on")
	cmd.Flags().IntVar(&o.workers, "workers", defaultWorkers, "how many jobs of each kind run at once")
	return cmd
}

func runServe(ctx context.Context, o *serveOptions) error {
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return hint(failf("cannot answer on %s: %w", o.listen, err), "choose another address with --listen")
	}
	w, err := o.startWorker(ctx, o.workers)
	if err != nil {
		return errors.Join(stopped(ctx, err), listener.Close())
	}
	return o.answer(ctx, listener, w, func(ctx context.Context) error { return w.run(ctx, o.app, tickEvery) }, w.close)
}

// answer serves HTTP while do runs, and ends with it, or ends it when HTTP cannot be served any more.
func (a *app) answer(ctx context.Context, listener net.Listener, w *worker, do func(context.Context) error, closing func() error) error {
	handler, endNews := httpHandler(ctx, a, w)
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	server.RegisterOnShutdown(endNews)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			stop(failf("HTTP: %w", err))
		}
	}()
	w.log.Info("serving", "address", "http://"+listener.Addr().String(), "worker", w.id)
	if _, err := w.outlets.waysToLogIn(ctx); err != nil { // now, rather than when somebody wants to log in; what can be done without it is done
		message, way := explain(err)
		w.log.Error("the ways to log in are not set up right: "+message, "hint", way)
	}
	runErr := do(ctx)
	w.log.Info("stopping: running jobs finish", "grace", stopGrace.String())
	graceful, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(graceful); err != nil {
		_ = server.Close() // requests that take too long are cut off
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) { // a signal is no failure
		cause = nil
	}
	return errors.Join(cause, runErr, closing())
}
