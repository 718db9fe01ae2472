package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/internal/provenance"
	"nurture/jobs"
	"nurture/store"
)

type coverageOptions struct {
	*app
	stage, source string
}

func newCoverageCmd(a *app) *cobra.Command {
	o := &coverageOptions{app: a}
	cmd := &cobra.Command{
		Use: "coverage", Short: "Say how much is known of leads and their companies",
		Long: `Say of how many leads each field of the person and of the company is known, by whom, and how old that is. It reads every lead: of a million
that takes seconds. Leads of sources beyond the twenty with the most leads are found by --source '*'.`,
		Example: "  nurture leads coverage\n  nurture leads coverage --stage nurturing --source webinar --json",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runCoverage(cmd.Context(), o) },
	}
	cmd.Flags().Var((*stageValue)(&o.stage), "stage", "only leads in this stage")
	cmd.Flags().StringVar(&o.source, "source", "", "only leads from this source")
	return cmd
}

func runCoverage(ctx context.Context, o *coverageOptions) error {
	return o.with(ctx, func(s *session) error {
		c, err := s.engine.CountCoverage(ctx, o.stage, o.source)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(c)
		}
		if c.Leads == 0 {
			o.printf("no leads\n")
			return nil
		}
		rows := [][]string{{"FIELD", "KNOWN", "OF", "SHARE", "STALE", "OLDEST", "NEWEST", "BY"}}
		for _, f := range c.Fields {
			rows = append(rows, []string{
				f.Field, fmt.Sprint(f.Filled), fmt.Sprint(c.Leads), partOf(f.Filled, c.Leads), fmt.Sprint(f.Stale),
				day(f.Oldest, s.zone), day(f.Newest, s.zone), dash(sourcesLine(f)),
			})
		}
		o.table(rows)
		return nil
	})
}

// partOf is a part in percent, with its denominator beside it in the table.
func partOf(n, of int) string {
	if n > 0 && n*1000 < of {
		return "< 0.1 %"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}

func day(t *time.Time, loc *time.Location) string {
	if t == nil {
		return "-"
	}
	return t.In(loc).Format(time.DateOnly)
}

// sourcesLine names the sources that fill most of a field.
func sourcesLine(f jobs.FieldCoverage) string {
	const shown = 3
	var parts []string
	for _, s := range f.Sources[:min(shown, len(f.Sources))] {
		parts = append(parts, fmt.Sprintf("%s %d", short(sourceName(s.Kind, s.Source), 40), s.Leads))
	}
	if n := len(f.Sources) - shown; n > 0 {
		parts = append(parts, fmt.Sprintf("%d more", n))
	}
	return strings.Join(parts, ", ")
}

// sourceName is who made a statement.
func sourceName(kind provenance.Kind, source string) string {
	switch {
	case source == store.OtherSources:
		return "other " + string(kind)
	case source == "":
		return string(kind)
	}
	return string(kind) + " " + source
}
