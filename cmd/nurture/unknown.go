package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"nurture/store"
)

func newUnknownCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "unknown", Short: "Touches of which nobody can tell whether they were sent",
		Long: `When the answer of a mail server or of the voice provider is lost, a touch may or may not have left. It is never silently repeated:
on_unknown in nurture.yaml says how its cadence goes on, and a person can find out and settle it here.`,
	}, newUnknownListCmd(a), newSettleCmd(a))
}

type unknownListOptions struct {
	*app
	limit int
}

func newUnknownListCmd(a *app) *cobra.Command {
	o := &unknownListOptions{app: a}
	cmd := &cobra.Command{
		Use: "list", Short: "List touches of unknown fate, the oldest first",
		Example: "  nurture unknown list",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runUnknownList(cmd.Context(), o) },
	}
	addLimit(cmd, &o.limit, 1000, "at most so many")
	return cmd
}

// unknownJSON is a touch as `unknown list --json` prints it.
type unknownJSON struct {
	ID        int64      `json:"id"`
	Cadence   string     `json:"cadence"`
	Step      string     `json:"step"`
	Channel   string     `json:"channel"`
	Sender    string     `json:"sender"`
	SentAt    *time.Time `json:"sent_at"`    // when it may have left
	MessageID string     `json:"message_id"` // to look for in the mail server's log
	Detail    string     `json:"detail"`
}

func runUnknownList(ctx context.Context, o *unknownListOptions) error {
	return o.with(ctx, func(s *session) error {
		touches, err := store.UnknownTouches(ctx, s.pool, 0, o.limit)
		if err != nil {
			return err
		}
		out := make([]unknownJSON, len(touches))
		rows := [][]string{{"ID", "WHEN", "CHANNEL", "CADENCE", "STEP", "SENDER", "MESSAGE-ID", "DETAIL"}}
		for i, t := range touches {
			out[i] = unknownJSON{t.ID, t.Cadence, t.StepKey, t.Channel, t.Sender, t.SentAt, t.MessageID, t.Detail}
			rows = append(rows, []string{id(t.ID), at(t.SentAt, s.zone), t.Channel, t.Cadence, t.StepKey, t.Sender, dash(t.MessageID), short(t.Detail, 60)})
		}
		switch {
		case o.json:
			return o.printJSON(out)
		case len(out) == 0:
			o.printf("none: the fate of every touch is known\n")
		default:
			o.table(rows)
		}
		return nil
	})
}

type settleOptions struct {
	*app
	id            int64
	sent, notSent bool
}

func newSettleCmd(a *app) *cobra.Command {
	o := &settleOptions{app: a}
	cmd := &cobra.Command{
		Use: "settle ID --sent | --not-sent", Short: "Say what you found out about a touch",
		Long: `Say what you found out about a touch, in the mail server's log or the provider's list of calls. One that was not sent is planned again
while its cadence still stands there.`,
		Example: "  nurture unknown settle 4711 --sent",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a touch"); err != nil {
				return err
			}
			if o.sent == o.notSent {
				return usagef(cmd, "either --sent or --not-sent must be given")
			}
			return runSettle(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.sent, "sent", false, "it was sent")
	cmd.Flags().BoolVar(&o.notSent, "not-sent", false, "it was not sent")
	return cmd
}

func runSettle(ctx context.Context, o *settleOptions) error {
	return o.with(ctx, func(s *session) error {
		if err := s.knowsTouch(ctx, o.id); err != nil {
			return err
		}
		refs, err := store.TouchRefs(ctx, s.pool, []int64{o.id})
		if err != nil {
			return err
		}
		if refs[0].State != store.TouchUnknown {
			return hint(failf("touch %d is %s: there is nothing to settle", o.id, refs[0].State), "nurture unknown list shows what is open")
		}
		if err := s.engine.SettleUnknown(ctx, o.id, o.sent); err != nil {
			return err
		}
		if refs, err = store.TouchRefs(ctx, s.pool, []int64{o.id}); err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "state": refs[0].State})
		}
		o.printf("touch %d is %s now\n", o.id, refs[0].State)
		return nil
	})
}
