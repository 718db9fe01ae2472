package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

type applyOptions struct {
	*app
	dir string
	by  string
}

func newApplyCmd(a *app) *cobra.Command {
	o := &applyOptions{app: a}
	cmd := &cobra.Command{
		Use: "apply [DIR]", Short: "Make a configuration folder live, whole or not at all",
		Long: `Make a configuration folder live, in one transaction. It becomes a new version; leads already inside a cadence finish on the
version that they began with.

Both marketing and sales must have signed uld.yaml as it stands: see nurture uld sign. Any edit of it voids both signatures.`,
		Example: "  nurture apply\n  nurture apply ./next --by ana@example.com",
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
	cfg, err := o.load(o.dir)
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		applied, err := s.engine.Apply(ctx, cfg, o.person(o.by))
		if err != nil {
			return err
		}
		switch {
		case o.json:
			if applied.Cadences == nil {
				applied.Cadences = []string{}
			}
			return o.printJSON(applied)
		case !applied.Changed:
			o.printf("nothing changed: this is version %d, which is live already\n", applied.Version)
		case len(applied.Cadences) == 0:
			o.printf("version %d is live; no cadence changed\n", applied.Version)
		default:
			o.printf("version %d is live; new versions of %s\n", applied.Version, strings.Join(applied.Cadences, ", "))
		}
		return nil
	})
}
