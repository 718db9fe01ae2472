package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/jobs"
	"nurture/store"
)

type moveOptions struct {
	*app
	lead, by, reason string
	stage            cadence.Stage
}

func newMoveCmd(a *app) *cobra.Command {
	o := &moveOptions{app: a}
	cmd := &cobra.Command{
		Use: "move LEAD STAGE", Short: "Move a lead to another stage, as the process allows",
		Long: `Move a lead to another stage: what sales does with it after a handoff (opportunity, won, lost), or a correction.

No stage is skipped, and what the program does itself (a cadence begins, a verdict promotes, sales accepts) cannot be claimed by a move.
A move back or aside needs --reason. What is refused names what is missing, and the exit criteria of the stage from process.yaml.
A lead that goes back is taken up by a cadence again. One that goes up to qualified is handed to sales, or its dossier is completed first;
one that goes back to qualified is called first. What is next is said.`,
		Example: `  nurture leads move jane@example.com opportunity
  nurture leads move jane@example.com lost --reason "chose a competitor, contract until 2028"
  nurture leads move jane@example.com recycled --reason "their contract ends in spring"`,
		Args: args(2, 2, "LEAD STAGE"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.lead = args[0]
			if o.stage, err = jobs.ParseStage(args[1]); err != nil {
				return usagef(cmd, "%v", err)
			}
			return runMove(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who moves it; else NURTURE_USER or the login name")
	cmd.Flags().StringVar(&o.reason, "reason", "", "why; needed for a move back or aside")
	return cmd
}

// movedJSON is what `leads move --json` prints.
type movedJSON struct {
	Lead         int64    `json:"lead"`
	From         string   `json:"from"`
	To           string   `json:"to"`
	Activities   []string `json:"activities"`
	ExitCriteria []string `json:"exit_criteria"`
	JobAid       string   `json:"job_aid"`
	Next         string   `json:"next"` // what is next for the lead, as leads why has it
}

func runMove(ctx context.Context, o *moveOptions) error {
	return o.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		moved, err := s.engine.MoveStage(ctx, lead.ID, o.stage, o.person(o.by), o.reason)
		var refused *jobs.StageRefused
		if errors.As(err, &refused) && refused.WayOut != "" {
			return hint(err, "%s", refused.WayOut)
		}
		if err != nil {
			return err
		}
		if lead, err = store.LeadByID(ctx, s.pool, lead.ID); err != nil {
			return err
		}
		outlook, err := s.engine.Outlook(ctx, &lead)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(movedJSON{
				lead.ID, string(moved.From), string(moved.To), moved.Guide.Activities, moved.Guide.ExitCriteria, moved.Guide.JobAid, outlook.Next,
			})
		}
		o.printf("%s: %s → %s\n", lead.FullName(), words(moved.From), words(moved.To))
		o.printf("next: %s\n", outlook.Next)
		o.printf("\nto do\n")
		for _, activity := range moved.Guide.Activities {
			o.printf("  - %s\n", activity)
		}
		o.printf("over when\n")
		for _, criterion := range moved.Guide.ExitCriteria {
			o.printf("  - %s\n", criterion)
		}
		o.printf("\n%s", indented(moved.Guide.JobAid, "  "))
		return nil
	})
}
