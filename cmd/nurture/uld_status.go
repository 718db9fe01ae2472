package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newStatusCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show how far the weighing of all leads against a new definition has come",
		Long: `When another definition is applied, every lead that is neither over nor with sales is weighed against it in the background, by
nurture serve or nurture work. This shows how far that has come, the newest definition first.`,
		Example: "  nurture uld status",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), a) },
	}
}

func runStatus(ctx context.Context, a *app) error {
	return a.with(ctx, func(s *session) error {
		all, err := s.engine.Reevaluations(ctx, 10)
		if err != nil {
			return err
		}
		if a.json {
			return a.printJSON(all)
		}
		if len(all) == 0 {
			a.printf("no definition has replaced another one yet\n")
		}
		for _, r := range all {
			a.printf("version %d, since %s: %s\n", r.Version, at(&r.StartedAt, s.zone), reevaluationWords(r))
		}
		return nil
	})
}
