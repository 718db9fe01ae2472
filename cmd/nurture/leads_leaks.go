package main

import (
	"context"

	"github.com/spf13/cobra"

	"nurture/store"
)

type leaksOptions struct {
	*app
	limit int
}

func newLeaksCmd(a *app) *cobra.Command {
	o := &leaksOptions{app: a}
	cmd := &cobra.Command{
		Use: "leaks", Short: "List leads that nothing and nobody will come back to",
		Long: `List the leads without an owner, or without both a next action and an end reason. There should be none. The note says why no
cadence took the lead; nurture leads why LEAD says more.`,
		Example: "  nurture leads leaks\n  nurture leads leaks --json",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLeaks(cmd.Context(), o) },
	}
	addLimit(cmd, &o.limit, 1000, "at most so many")
	return cmd
}

// leakJSON is a leak as `leads leaks --json` prints it.
type leakJSON struct {
	ID    int64  `json:"id"`
	Key   string `json:"key"`
	Stage string `json:"stage"`
	Owner string `json:"owner"`
	Note  string `json:"note"`
}

func runLeaks(ctx context.Context, o *leaksOptions) error {
	return o.with(ctx, func(s *session) error {
		leaks, err := store.Leaks(ctx, s.pool, o.limit)
		if err != nil {
			return err
		}
		if o.json {
			out := make([]leakJSON, len(leaks))
			for i, l := range leaks {
				out[i] = leakJSON{l.LeadID, l.Key, l.Stage, l.Owner, l.Note}
			}
			return o.printJSON(out)
		}
		if len(leaks) == 0 {
			o.printf("none: every lead has an owner, and a next action or an end reason\n")
			return nil
		}
		rows := [][]string{{"ID", "KEY", "STAGE", "OWNER", "NOTE"}}
		for _, l := range leaks {
			rows = append(rows, []string{id(l.LeadID), short(l.Key, 40), words(l.Stage), dash(l.Owner), dash(l.Note)})
		}
		o.table(rows)
		return nil
	})
}
