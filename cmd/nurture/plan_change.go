package main

import (
	"context"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/jobs"
	"nurture/store"
)

// planCommand is how the command is called: its exit code 2 says that something would change.
const planCommand = "nurture plan"

type planOptions struct {
	*app
	dir   string
	out   string
	by    string
	days  int
	limit int
	all   bool
}

func newPlanCmd(a *app) *cobra.Command {
	o := &planOptions{app: a}
	cmd := &cobra.Command{
		Use: "plan [DIR]", Short: "Show what applying a configuration folder would change, for whom and when",
		Long: `Compare a configuration folder with the live version and show what would change: steps, windows, rules, texts, the definition
and the settings; for each cadence how many leads are inside, which of them move to the new version and which finish on theirs
(on_change in the cadence's file), and whose next touch changes, from when to when; what falls due on the days to come; and, for
another definition, how many leads it would promote, keep and close. Nothing is changed.

With --out the plan is saved. "nurture apply FILE" applies exactly that: it refuses when the folder or the live version has changed
since.

Exit code: 0 when nothing would change, 2 when something would, 1 when the plan could not be made, a call that was not understood
included.`,
		Example: "  nurture plan\n  nurture plan ./next --out next.plan && echo nothing to do\n  nurture apply next.plan",
		Args:    args(0, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.days < 0 || o.days > 366 || o.limit < 0 {
				return usagef(cmd, "--days is 0 to 366, and --limit is not negative")
			}
			o.dir = argument(args, 0)
			return runPlan(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.out, "out", "", "save the plan in this file, for nurture apply")
	flags.StringVar(&o.by, "by", "", "who makes it; else NURTURE_USER or the login name")
	flags.IntVar(&o.days, "days", 14, "how many days of sends and calls to show; 0 shows none")
	flags.IntVar(&o.limit, "limit", 10, "how many leads to name in each list")
	flags.BoolVar(&o.all, "all", false, "name all leads")
	return cmd
}

// planJSON is what `plan --json` prints.
type planJSON struct {
	*jobs.Change
	Differences []config.Difference `json:"differences"`
}

func runPlan(ctx context.Context, o *planOptions) error {
	cfg, err := o.load(o.dir)
	if err != nil {
		return err
	}
	changed := false
	err = o.with(ctx, func(s *session) error {
		change, err := s.engine.PlanChange(ctx, cfg, o.days)
		if err != nil {
			return err
		}
		changed = change.Changed
		differences := []config.Difference{}
		if change.Live != nil {
			differences = append(differences, config.Diff(change.Live, cfg)...)
		}
		if o.out != "" {
			if err := o.save(cfg, change); err != nil {
				return err
			}
		}
		if o.json {
			return o.printJSON(planJSON{change, differences})
		}
		p := &planPrinter{app: o.app, change: change, differences: differences, zone: s.zone, limit: o.limit, target: cfg}
		if o.all {
			p.limit = len(change.People)
		}
		if p.live, err = liveVersion(ctx, s); err != nil {
			return err
		}
		p.print()
		if o.out != "" {
			o.printf("\nsaved: nurture apply %s\n", o.out)
		}
		return nil
	})
	if err == nil && changed {
		return exitWith(exitChanges)
	}
	return err
}

// liveVersion is the version in force; the zero one when there is none.
func liveVersion(ctx context.Context, s *session) (store.AppliedVersion, error) {
	versions, err := store.AppliedVersions(ctx, s.pool, 1)
	if err != nil || len(versions) == 0 {
		return store.AppliedVersion{}, err
	}
	return versions[0], nil
}
