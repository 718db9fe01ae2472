package main

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"nurture/store"
)

func newExportCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "export LEAD", Short: "Print all that is kept of a person, as JSON, for whoever asks what we know",
		Long: `Print every row that is kept of a lead, as it is stored: itself and its company, what was sent and said, answers, verdicts, tasks, handoffs, mails. Its colleagues are
left out. LEAD is an id, a key or an email address.`,
		Example: "  nurture leads export jane@example.com > jane.json",
		Args:    args(1, 1, "LEAD"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runExport(cmd.Context(), a, args[0]) },
	}
}

func runExport(ctx context.Context, a *app, ref string) error {
	return a.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, ref)
		if err != nil {
			return err
		}
		record, err := store.LeadRecords(ctx, s.pool, lead.ID)
		if err != nil {
			return err
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, record, "", "  "); err != nil {
			return err
		}
		a.printf("%s\n", indented.String())
		return nil
	})
}

type eraseOptions struct {
	*app
	lead, by string
	yes      bool
}

func newEraseCmd(a *app) *cobra.Command {
	o := &eraseOptions{app: a}
	cmd := &cobra.Command{
		Use: "erase LEAD", Short: "Forget a person who asks for it, for ever",
		Long: `Delete a lead and everything about it, and take its name and addresses out of what is kept of others. Its addresses stay suppressed by their hashes, so that an
import that brings it back contacts nobody. Nothing brings it back; "leads export" prints what there is before. docs/operating.md says what is out of reach.`,
		Example: "  nurture leads erase jane@example.com --yes",
		Args:    args(1, 1, "LEAD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.lead = args[0]; !o.yes {
				return hint(usagef(cmd, "nothing brings an erased lead back"), "add --yes to erase %s", o.lead)
			}
			return runErase(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it")
	cmd.Flags().StringVar(&o.by, "by", "", "who erases it, for the audit log; else NURTURE_USER or the login name")
	return cmd
}

func runErase(ctx context.Context, o *eraseOptions) error {
	return o.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		if err := s.engine.EraseLead(ctx, lead.ID); err != nil {
			return err
		}
		deed := store.Deed{At: o.now(), Who: "cli:" + o.person(o.by), Action: "leads erase", Object: id(lead.ID), Outcome: store.DeedDone}
		if err := store.NoteDeed(ctx, s.pool, deed); err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]int64{"lead": lead.ID})
		}
		o.printf("lead %d is erased; its addresses stay suppressed by their hashes\n", lead.ID)
		return nil
	})
}
