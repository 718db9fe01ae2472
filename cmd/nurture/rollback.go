package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"nurture/jobs"
)

type rollbackOptions struct {
	*app
	by    string
	limit int
}

func newRollbackCmd(a *app) *cobra.Command {
	o := &rollbackOptions{app: a}
	cmd := &cobra.Command{
		Use: "rollback VERSION", Short: "Bring an older version back, and every lead that was moved since",
		Long: `Make the configuration of an older version live again, as a new version, in one transaction. Every lead that was moved since, and
that nothing has happened to since it was moved, is put back where it stood, with the same next touch. One that has gone on goes on
from where it stands; it is named, with what has happened.

The folder on disk stays as it is: take its change back there as well, or the next apply brings it again. Promotions and tasks that a
definition brought about are not taken back: people may have acted on them.`,
		Example: "  nurture history\n  nurture rollback 3 --by ana@example.com",
		Args:    args(1, 1, "VERSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || version < 1 {
				return usagef(cmd, "%q is no version: versions are numbers", args[0])
			}
			return runRollback(cmd.Context(), o, version)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who orders it; else NURTURE_USER or the login name")
	cmd.Flags().IntVar(&o.limit, "limit", 20, "how many leads that could not be put back to name")
	return cmd
}

func runRollback(ctx context.Context, o *rollbackOptions, version int64) error {
	return o.with(ctx, func(s *session) error {
		done, err := s.engine.Rollback(ctx, version, o.person(o.by))
		if err != nil {
			return err
		}
		if o.json {
			if done.Cadences == nil {
				done.Cadences = []string{}
			}
			if done.Leads == nil {
				done.Leads = []jobs.LeadsInside{}
			}
			return o.printJSON(done)
		}
		if !done.Changed {
			o.printf("nothing changed: version %d, which is live, has the same files\n", done.Version)
			return nil
		}
		o.printf("version %d is live: the configuration of version %d\n", done.Version, version)
		o.printf("%s put back where they stood\n", countGrouped(done.Restored, "lead"))
		for i, n := range done.NotRestored {
			if i == o.limit {
				o.printf("and %s more: nurture history --json\n", grouped(len(done.NotRestored)-i))
				break
			}
			o.printf("not put back: %s in %s: %s\n", n.Lead, n.Cadence, n.Why)
		}
		o.reportLeads(done.Applied)
		o.printf("the folder on disk stays as it is: take the change back there, too\n")
		return nil
	})
}
