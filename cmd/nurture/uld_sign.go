package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/jobs"
)

type signOptions struct {
	*app
	dir, role, name string
}

func newSignCmd(a *app) *cobra.Command {
	o := &signOptions{app: a}
	cmd := &cobra.Command{
		Use: "sign --role marketing|sales --name NAME [DIR]", Short: "Sign the definition for a role",
		Long: `Record that a role agrees to uld.yaml exactly as it stands in the folder. Who and when are kept. Any edit, a comment even, is
another definition and asks both roles to sign again.`,
		Example: "  nurture uld sign --role marketing --name \"Ana Silva\"\n  nurture uld sign --role sales --name \"Ben Okoro\"",
		Args:    args(0, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = argument(args, 0)
			if err := need(cmd, "role", "name"); err != nil {
				return err
			}
			if err := oneOf(cmd, "--role", o.role, jobs.SignatureRoles()); err != nil {
				return err
			}
			return runSign(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.role, "role", "", "marketing or sales")
	cmd.Flags().StringVar(&o.name, "name", "", "the person who signs")
	return cmd
}

func runSign(ctx context.Context, o *signOptions) error {
	cfg, err := o.load(o.dir)
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		missing, err := s.engine.Sign(ctx, cfg.DefinitionHash, o.role, o.name)
		if err != nil {
			return err
		}
		if o.json {
			if missing == nil {
				missing = []string{}
			}
			return o.printJSON(map[string]any{"hash": cfg.DefinitionHash, "role": o.role, "name": o.name, "missing": missing})
		}
		o.printf("%s signed %s (%s) for %s\n", o.name, config.DefinitionFile, cfg.DefinitionHash[:12], o.role)
		if len(missing) > 0 {
			o.printf("still missing: %s\n", strings.Join(missing, ", "))
		} else {
			o.printf("both roles have signed: nurture apply makes it live\n")
		}
		return nil
	})
}
