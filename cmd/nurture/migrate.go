package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"nurture/jobs"
)

type migrateOptions struct {
	*app
	schema string
}

func newMigrateCmd(a *app) *cobra.Command {
	o := &migrateOptions{app: a}
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the database's schema up to date",
		Long: `Apply what migrations the database lacks, the program's and River's. Several processes may do so at once. The private
Postgres of --data is migrated by every command by itself; a given server only by this one.`,
		Example: "  nurture migrate --database postgres://nurture@db.example.com/nurture\n  nurture migrate --schema migrations/schema.sql",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runMigrate(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.schema, "schema", "", "then write the schema to this file, with pg_dump")
	return cmd
}

func runMigrate(ctx context.Context, o *migrateOptions) error {
	d, err := o.dial(ctx, 0)
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, o, d), d.close())
}

func migrate(ctx context.Context, o *migrateOptions, d *database) error {
	applied, err := jobs.Migrate(ctx, d.pool)
	if err != nil {
		return err
	}
	if o.schema != "" {
		if err := writeSchema(ctx, d.url, o.schema); err != nil {
			return err
		}
	}
	if o.json {
		if applied == nil {
			applied = []string{}
		}
		return o.printJSON(map[string]any{"applied": applied, "schema": o.schema})
	}
	for _, name := range applied {
		o.printf("applied %s\n", name)
	}
	if len(applied) == 0 {
		o.printf("the schema is up to date\n")
	}
	if o.schema != "" {
		o.printf("wrote %s\n", o.schema)
	}
	return nil
}
