package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/jobs"
)

type historyOptions struct {
	*app
	limit int
}

func newHistoryCmd(a *app) *cobra.Command {
	o := &historyOptions{app: a}
	cmd := &cobra.Command{
		Use: "history", Short: "List the applied versions: who applied them when, what changed, and who is inside",
		Example: "  nurture history\n  nurture history --limit 3 --json",
		Args:    args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.limit < 1 {
				return usagef(cmd, "--limit is 1 or more")
			}
			return runHistory(cmd.Context(), o)
		},
	}
	cmd.Flags().IntVar(&o.limit, "limit", 10, "how many versions, the newest first")
	return cmd
}

func runHistory(ctx context.Context, o *historyOptions) error {
	return o.with(ctx, func(s *session) error {
		versions, err := s.engine.History(ctx, o.limit)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(versions)
		}
		if len(versions) == 0 {
			o.printf("nothing was applied yet\n")
		}
		for i, v := range versions {
			if i > 0 {
				o.printf("\n")
			}
			o.printVersion(v, s.zone)
		}
		return nil
	})
}

func (a *app) printVersion(v jobs.Version, zone *time.Location) {
	how := "applied"
	if v.RolledBackTo != nil {
		how = fmt.Sprintf("rolled back to version %d", *v.RolledBackTo)
	}
	live := ""
	if v.Live {
		live = ", live"
	}
	a.paint(bold, fmt.Sprintf("version %d%s", v.Number, live))
	a.printf(": %s by %s on %s\n", how, oneLine(v.AppliedBy), at(&v.AppliedAt, zone))
	if v.Summary.First {
		a.printf("  the first version\n")
	}
	if v.Summary.Unread {
		a.printf("  what it changes is not known: this program cannot read the version before\n")
	}
	for _, c := range v.Summary.Changes {
		where := c.Cadence
		if where == "" {
			where = c.File
		}
		a.paint(colours[c.Kind], fmt.Sprintf("  %s: %s\n", where, short(c.String(), 140)))
	}
	for _, l := range v.Summary.Leads {
		if l.Inside > 0 {
			a.printf("  %s, then: %s\n", l.Cadence, insideWords(l))
		}
	}
	if v.RolledBackTo != nil {
		a.printf("  put back: %s; could not be: %s\n", countGrouped(v.Summary.Restored, "lead"), grouped(len(v.Summary.NotRestored)))
	}
	if v.Reevaluation != nil {
		a.printf("  %s\n", reevaluationWords(*v.Reevaluation))
	}
	var inside []string
	for _, in := range v.Inside {
		if in.Leads > 0 {
			inside = append(inside, fmt.Sprintf("%s version %d: %s", in.Cadence, in.Number, grouped(in.Leads)))
		}
	}
	if len(inside) > 0 {
		a.printf("  inside now: %s\n", strings.Join(inside, ", "))
	}
}

// reevaluationWords says how far the weighing of all leads has come.
func reevaluationWords(r jobs.ReevaluationNow) string {
	counted := fmt.Sprintf("promote %s, keep %s, close %s; %s on record", grouped(r.Promoted), grouped(r.Kept), grouped(r.Closed), differWords(r.Changed))
	switch r.State {
	case "done":
		return fmt.Sprintf("%s weighed against its definition: %s", countGrouped(r.Done, "lead"), counted)
	case "superseded":
		return fmt.Sprintf("%s of %s weighed against its definition when a newer one came", grouped(r.Done), countGrouped(r.Total, "lead"))
	}
	return fmt.Sprintf("weighing all leads against its definition: %s of %s (%d %%); so far %s", grouped(r.Done), grouped(r.Total), r.Done*100/max(r.Total, 1), counted)
}

func differWords(n int) string {
	if n == 1 {
		return "1 differs from its verdict"
	}
	return grouped(n) + " differ from their verdicts"
}
