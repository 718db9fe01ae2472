package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/jobs"
)

type applyOptions struct {
	*app
	dir string
	by  string
}

func newApplyCmd(a *app) *cobra.Command {
	o := &applyOptions{app: a}
	cmd := &cobra.Command{
		Use: "apply [DIR | PLAN]", Short: "Make a configuration folder, or a saved plan, live, whole or not at all",
		Long: `Make a configuration folder live, in one transaction. It becomes a new version. Leads already inside a cadence finish on the
version that they began with, or move to the new one, as on_change in the cadence's file says: nurture plan shows it before.

Of a file that nurture plan --out saved exactly that plan is applied: when the folder or the live version has changed since, nothing
is, and what has changed is named.

Both marketing and sales must have signed uld.yaml as it stands: see nurture uld sign. Any edit of it voids both signatures.`,
		Example: "  nurture apply\n  nurture plan --out next.plan; nurture apply next.plan --by ana@example.com",
		Args:    args(0, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = argument(args, 0)
			return runApply(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who applies it; else NURTURE_USER or the login name")
	return cmd
}

func runApply(ctx context.Context, o *applyOptions) error {
	info, err := os.Stat(o.dir)
	planned := err == nil && info.Mode().IsRegular()
	var plan savedPlan
	if planned {
		if plan, err = readPlan(o.dir); err != nil {
			return err
		}
		o.dir = plan.Dir
	}
	cfg, err := o.load(o.dir)
	if err != nil {
		return err
	}
	if planned {
		if err := plan.check(cfg); err != nil {
			return err
		}
	}
	return o.with(ctx, func(s *session) error {
		base := plan.Base
		if !planned {
			live, err := liveVersion(ctx, s)
			if err != nil {
				return err
			}
			base = live.ID
		}
		applied, err := s.engine.ApplyOnto(ctx, cfg, o.person(o.by), base)
		if err != nil {
			return err
		}
		return o.report(cfg, applied)
	})
}

// report says what an apply did.
func (a *app) report(cfg *config.Config, applied jobs.Applied) error {
	if a.json {
		if applied.Cadences == nil {
			applied.Cadences = []string{}
		}
		if applied.Leads == nil {
			applied.Leads = []jobs.LeadsInside{}
		}
		return a.printJSON(applied)
	}
	switch {
	case !applied.Changed:
		a.printf("nothing changed: this is version %d, which is live already\n", applied.Version)
		return nil
	case len(applied.Cadences) == 0:
		a.printf("version %d is live; no cadence changed\n", applied.Version)
	default:
		a.printf("version %d is live; new versions of %s\n", applied.Version, strings.Join(applied.Cadences, ", "))
	}
	a.reportLeads(applied)
	return nil
}

// reportLeads says what became of the leads inside.
func (a *app) reportLeads(applied jobs.Applied) {
	for _, l := range applied.Leads {
		if l.Inside == 0 {
			continue
		}
		a.printf("%s: %s\n", l.Cadence, insideWords(l))
		if l.Redated > 0 {
			a.printf("%s: the next touch of %s changed\n", l.Cadence, countGrouped(l.Redated, "lead"))
		}
	}
	if applied.Reevaluating > 0 {
		a.printf("%s are weighed against the new definition in the background: nurture uld status\n", countGrouped(applied.Reevaluating, "lead"))
	}
}
