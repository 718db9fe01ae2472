package main

import (
	"context"

	"github.com/spf13/cobra"

	"nurture/store"
)

type answerOptions struct {
	*app
	id         int64
	by, reason string
	accept     bool
}

func newAcceptCmd(a *app) *cobra.Command {
	o := &answerOptions{app: a, accept: true}
	cmd := &cobra.Command{
		Use: "accept ID", Short: "Take a lead on",
		Example: "  nurture handoffs accept 3 --by priya@example.com",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a handoff"); err != nil {
				return err
			}
			return runAnswer(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who accepts; else NURTURE_USER or the login name")
	return cmd
}

func newRejectCmd(a *app) *cobra.Command {
	o := &answerOptions{app: a}
	cmd := &cobra.Command{
		Use: "reject ID --reason TEXT", Short: "Send a lead back to nurture, and say why",
		Long: `Send a lead back to nurture. The reason goes with it, and to the review of the definition: it is how marketing learns what sales
does not want.`,
		Example: "  nurture handoffs reject 3 --reason \"no budget before next year\"",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a handoff"); err != nil {
				return err
			}
			if err := need(cmd, "reason"); err != nil {
				return err
			}
			return runAnswer(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who rejects; else NURTURE_USER or the login name")
	cmd.Flags().StringVar(&o.reason, "reason", "", "why")
	return cmd
}

func runAnswer(ctx context.Context, o *answerOptions) error {
	return o.with(ctx, func(s *session) error {
		by := o.person(o.by)
		var err error
		if o.accept {
			err = s.engine.AcceptHandoff(ctx, o.id, by)
		} else {
			err = s.engine.RejectHandoff(ctx, o.id, by, o.reason)
		}
		if err != nil {
			return err
		}
		h, err := store.GetHandoff(ctx, s.pool, o.id)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "state": h.State, "by": by})
		}
		o.printf("handoff %d is %s by %s\n", o.id, h.State, by)
		return o.printNext(ctx, s, h.LeadID)
	})
}
