package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

type setOptions struct {
	*app
	lead, by string
	change   jobs.FieldChange
}

func newSetCmd(a *app) *cobra.Command {
	o := &setOptions{app: a}
	cmd := &cobra.Command{
		Use: "set LEAD FIELD=VALUE…", Short: "Correct fields of a lead or its company",
		Long: `Correct fields of a lead or, with account. before them, of its company. What a person says stays until a person says otherwise: a later value of a file, a
program or a vendor is proposed, not taken. LEAD is an id, a key or an email address; docs/fields.md lists the fields.`,
		Example: "  nurture leads set jane@example.com title=CTO account.employees=250 fields.tier=A",
		Args:    args(2, mostSet+1, "LEAD or FIELD=VALUE"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.lead = args[0]
			if o.change.Person, o.change.Account, err = settings(cmd, args[1:]); err != nil {
				return err
			}
			return runSet(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who says so; else NURTURE_USER or the login name")
	return cmd
}

// mostSet is how many fields are set at once.
const mostSet = 100

// settings reads FIELD=VALUE; fields of the account are named there without "account.".
func settings(cmd *cobra.Command, given []string) (person, account map[string]string, err error) {
	person, account = map[string]string{}, map[string]string{}
	for _, text := range given {
		field, value, ok := strings.Cut(text, "=")
		if !ok || strings.TrimSpace(value) == "" {
			return nil, nil, hint(usagef(cmd, "%q sets nothing", text), "write FIELD=VALUE, such as title=CTO; a value cannot be taken away")
		}
		if own, of := strings.CutPrefix(field, "account."); of {
			account[own] = value
		} else {
			person[field] = value
		}
	}
	return person, account, nil
}

func runSet(ctx context.Context, o *setOptions) error {
	o.change.Kind, o.change.Source = provenance.Person, o.person(o.by)
	return o.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		o.change.Lead = lead.Key
		result, err := s.engine.ChangeFields(ctx, o.change)
		var wrong jobs.FieldErrors
		if errors.As(err, &wrong) {
			return hint(misusef("nothing is changed: %v", err), "docs/fields.md lists the fields")
		}
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(result)
		}
		for _, field := range slices.Sorted(maps.Keys(result.Fields)) {
			o.printf("%s %s\n", field, result.Fields[field])
		}
		return nil
	})
}

// printKnown prints each field with its source and date.
func (a *app) printKnown(known []knownJSON) {
	rows := [][]string{{"FIELD", "VALUE", "BY", "AS OF", "WRITTEN", ""}}
	for _, f := range known {
		note := ""
		if f.Stale {
			note = "stale"
		}
		rows = append(rows, []string{f.Field, short(f.Value, 60), sourceName(f.Kind, f.Source), dash(f.AsOf), dash(f.WrittenAt), note})
	}
	a.printf("\n")
	a.table(rows)
}

// printProposals prints what waits for a person's decision.
func (a *app) printProposals(proposals []proposalJSON) {
	if len(proposals) == 0 {
		return
	}
	a.printf("\n")
	for _, p := range proposals {
		a.printf("%s: %s says %s, on record is %s; nurture leads set takes it, or the lead's page\n", p.Field, sourceName(p.Kind, p.Source),
			fmt.Sprintf("%q", short(p.Value, 60)), fmt.Sprintf("%q", short(p.Held, 60)))
	}
}
