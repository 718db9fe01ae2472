package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"nurture/internal/sandbox/clock"
)

// defaultWorkers is how many jobs of each kind run at once unless it is said otherwise.
const defaultWorkers = 8

type workOptions struct {
	*app
	workers   int
	untilIdle bool
	// For chaos only: a file that says how wrong the clock is, "" for none, and how often to plan.
	clockShift string
	tick       time.Duration
}

func newWorkCmd(a *app) *cobra.Command {
	o := &workOptions{app: a}
	cmd := &cobra.Command{
		Use: "work", Short: "Carry leads through their cadences, without the web part",
		Long: `Plan what is due and carry it out: send mail, drop voicemail, file call tasks, evaluate responses, deliver handoffs. Any number of
processes may work on one database; they share the work.

SIGTERM and Ctrl-C stop it gracefully: no more planning, running jobs finish (20 seconds; a second signal ends them at once). It may
also be killed: what was under way is taken up by the next process, and nothing is sent twice.

` + outletHelp,
		Example: "  nurture work\n  NURTURE_SMTP_HOST=smtp.example.com NURTURE_SMTP_PASSWORD=… nurture work --database postgres://db.example.com/nurture",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runWork(cmd.Context(), o) },
	}
	cmd.Flags().IntVar(&o.workers, "workers", defaultWorkers, "how many jobs of each kind run at once")
	cmd.Flags().BoolVar(&o.untilIdle, "until-idle", false, "end when nothing is due and no job waits")
	cmd.Flags().StringVar(&o.clockShift, "clock-shift", "", "file with the duration by which the clock is wrong, for chaos")
	cmd.Flags().DurationVar(&o.tick, "tick", tickEvery, "how often to plan, for chaos")
	cmd.Flags().DurationVar(&o.listLag, "list-lag", 0, "how long before the phone provider is asked about a lost call, for chaos")
	for _, name := range []string{"until-idle", "clock-shift", "tick", "list-lag"} {
		_ = cmd.Flags().MarkHidden(name) // the flags exist: they were added above
	}
	return cmd
}

const outletHelp = `Mail goes out by the smtp of nurture.yaml, overridden by NURTURE_SMTP_HOST, _PORT, _USERNAME, _PASSWORD, _TLS, _CA_CERT and
_CONNECTIONS (the password also by user, such as NURTURE_SMTP_PASSWORD_MARA_EXAMPLE_COM); voicemail by its twilio, overridden by
NURTURE_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _BASE_URL. What is not configured is written to files in the outbox folder of --data and
counts as sent. Answers are read from the inboxes of nurture.yaml, or from the one of
NURTURE_IMAP_HOST, _PORT, _USERNAME, _TLS and _CA_CERT, with the password of NURTURE_IMAP_PASSWORD.`

func runWork(ctx context.Context, o *workOptions) error {
	if o.clockShift != "" {
		o.now = clock.Shifted(o.realNow, o.clockShift)
	}
	w, err := o.startWorker(ctx, o.workers)
	if err != nil {
		return stopped(ctx, err)
	}
	if o.untilIdle {
		return errors.Join(w.untilIdle(ctx, o.realNow), w.close())
	}
	w.log.Info("working", "worker", w.id)
	err = w.run(ctx, o.app, o.tick)
	w.log.Info("stopping: running jobs finish", "grace", stopGrace.String())
	return errors.Join(err, w.close())
}

// stopped drops the error of a start that a signal cut short: to stop is what was asked for.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
