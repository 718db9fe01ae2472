package main

import (
	"context"

	"github.com/spf13/cobra"

	"nurture/store"
)

type referralOptions struct {
	*app
	id         int64
	by, reason string
}

func newReferralAcceptCmd(a *app) *cobra.Command {
	o := &referralOptions{app: a}
	cmd := &cobra.Command{
		Use: "accept ID", Short: "Make a lead of somebody whom a lead named, or link one that is there",
		Long: `Make a lead of somebody whom a lead named: at the same account, with the source "referral" and without any consent, so that a cadence
that asks for consent will not take it. Somebody who is a lead already is linked, and nothing else of it changes. Somebody who must not be
contacted is refused. The task about the referral is done with it.`,
		Example: "  nurture referrals accept 3",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a referral"); err != nil {
				return err
			}
			return runReferralAccept(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who accepts; else NURTURE_USER or the login name")
	return cmd
}

func runReferralAccept(ctx context.Context, o *referralOptions) error {
	return o.with(ctx, func(s *session) error {
		done, err := s.engine.AcceptReferral(ctx, o.id, o.person(o.by))
		if err != nil {
			return err
		}
		leads, err := store.LeadsByID(ctx, s.pool, []int64{done.LeadID})
		if err != nil {
			return err
		}
		lead := leads[done.LeadID]
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "state": store.ReferralAccepted, "lead": lead.Key, "known": done.Known, "barred": done.Barred})
		}
		switch {
		case done.Barred:
			o.printf("referral %d is linked with lead %s, whom nobody contacts any more\n", o.id, lead.Key)
		case done.Known:
			o.printf("referral %d is linked with lead %s, which was there already\n", o.id, lead.Key)
		default:
			o.printf("referral %d is lead %s now, without consent; intake sees to it\n", o.id, lead.Key)
		}
		return nil
	})
}

func newReferralDeclineCmd(a *app) *cobra.Command {
	o := &referralOptions{app: a}
	cmd := &cobra.Command{
		Use: "decline ID --reason TEXT", Short: "Leave somebody alone whom a lead named, and say why",
		Example: "  nurture referrals decline 3 --reason \"the assistant, not a contact\"",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a referral"); err != nil {
				return err
			}
			if err := need(cmd, "reason"); err != nil {
				return err
			}
			return runReferralDecline(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who declines; else NURTURE_USER or the login name")
	cmd.Flags().StringVar(&o.reason, "reason", "", "why")
	return cmd
}

func runReferralDecline(ctx context.Context, o *referralOptions) error {
	return o.with(ctx, func(s *session) error {
		if err := s.engine.DeclineReferral(ctx, o.id, o.person(o.by), o.reason); err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "state": store.ReferralDeclined})
		}
		o.printf("referral %d is declined\n", o.id)
		return nil
	})
}
