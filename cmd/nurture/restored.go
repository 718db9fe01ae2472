package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nurture/channels/email/imap"
	"nurture/internal/sandbox/clock"
	"nurture/jobs"
	"nurture/store"
)

type restoredOptions struct {
	*app
	skipMail bool
}

func newRestoredCmd(a *app) *cobra.Command {
	o := &restoredOptions{app: a}
	cmd := &cobra.Command{
		Use: "restored", Short: "Bring a database that was restored from a backup up to the present, before anything is sent",
		Long: `Run this once after a backup was restored, before "serve", "work" or "web" are started: the backup does not know what left since it was made, and
would send it all a second time.

Each mail and voicemail that was due between the backup and now is marked unknown instead of being sent: its cadence goes on as on_unknown says, but nothing is
sent again by itself ("nurture unknown list", "unknown settle"). About voicemails the phone provider is asked. Mail that was taken from the inboxes since is marked
as new there, so that answers, bounces and requests to be left alone are read again. And ids that mails of the lost days carry are left out, so that their links and
answers are nobody else's.

What people did at the desk since the backup is lost: calls, acceptances, corrections, imports.`,
		Example: "  pg_restore --clean --if-exists --no-owner --dbname \"$DATABASE_URL\" nurture.dump\n  nurture migrate\n  nurture restored",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runRestored(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.skipMail, "skip-mail", false, "leave the inboxes as they are, such as when they cannot be reached any more")
	return cmd
}

// restoredJSON is what `restored --json` prints.
type restoredJSON struct {
	jobs.Relived
	Mails int `json:"mails"` // that are read again
}

func runRestored(ctx context.Context, o *restoredOptions) error {
	d, err := o.open(ctx, 0)
	if err != nil {
		return err
	}
	return errors.Join(restored(ctx, o, d), d.close())
}

func restored(ctx context.Context, o *restoredOptions, d *database) error {
	now := o.now()
	virtual := clock.New(now.AddDate(-100, 0, 0)) // it only goes on, and is set before anything is decided
	engine, err := jobs.New(ctx, jobs.Options{
		Pool: d.pool, Now: virtual.Now, RealNow: o.realNow, Log: o.quietLog(), Worker: store.Worker{ID: newWorkerID("restored", 0)},
	})
	if err != nil {
		return err
	}
	done := restoredJSON{}
	if !o.skipMail {
		if done.Mails, err = unmarkMail(ctx, o, d, engine); err != nil {
			return err
		}
	}
	done.Relived, err = engine.Relive(ctx, now, virtual.Advance)
	if errors.Is(err, jobs.ErrStillWorking) {
		return hint(err, "stop every process of the installation, wait two minutes, and run this again")
	}
	if err != nil {
		return err
	}
	if o.json {
		return o.printJSON(done)
	}
	o.printf("the backup knows what happened until %s\n", done.From.Format(time.RFC3339))
	o.printf("mails and voicemails that may have left since: %d; `nurture unknown list` shows them\n", done.Unknown)
	o.printf("mails in the inboxes that are read again: %d\n", done.Mails)
	return nil
}

// unmarkMail has the inboxes' mail since the backup read again.
func unmarkMail(ctx context.Context, o *restoredOptions, d *database, engine *jobs.Engine) (int, error) {
	since, err := store.LastBeat(ctx, d.pool)
	if err != nil || since.IsZero() {
		return 0, err
	}
	live, err := engine.Live(ctx)
	if err != nil {
		return 0, err
	}
	env, err := o.environment()
	if err != nil {
		return 0, err
	}
	configs, err := env.inboxes(live.Settings)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, c := range configs {
		watcher, err := imap.New(c, func(_ context.Context, items []imap.Item) []error { return make([]error, len(items)) }, imap.Options{Now: o.now})
		if err != nil {
			return total, fmt.Errorf("mailbox of %s: %w", c.Username, err)
		}
		n, err := watcher.Unmark(ctx, since)
		total += n
		if err != nil {
			return total, hint(err, "mend it and run this again; or leave the inboxes as they are with --skip-mail, and look for requests to be left alone since %s there",
				since.Format(time.DateOnly))
		}
	}
	return total, nil
}
