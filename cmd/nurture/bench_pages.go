package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nurture/internal/sandbox/bench"
)

func newBenchPagesCmd(a *app) *cobra.Command {
	var o bench.PagesOptions
	cmd := &cobra.Command{
		Use: "pages", Short: "The server's time for each page of the desk, and what it weighs",
		Example: "  nurture bench pages --leads 1000000\n  nurture bench pages --leads 1000000 --data scratch && nurture bench pages --data scratch --reuse", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Leads < 1 || o.Rounds < 1 {
				return usagef(cmd, "--leads and --rounds must be 1 or more")
			}
			if o.Reuse && !cmd.Flags().Changed("data") {
				return usagef(cmd, "--reuse needs the --data of an earlier run")
			}
			return a.bench(cmd, func(ctx context.Context, options bench.Options) error {
				o.Options = options
				r, err := bench.MeasurePages(ctx, o)
				if err != nil || a.json {
					return a.orJSON(r, err)
				}
				a.tellPages(r)
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.Leads, "leads", 1000, "how many leads there are")
	f.IntVar(&o.Rounds, "rounds", 50, "how often each page is read")
	f.BoolVar(&o.Reuse, "reuse", false, "measure with what an earlier run left in --data")
	return cmd
}

func (a *app) tellPages(r *bench.Pages) {
	rows := [][]string{{"PAGE", "AS", "WHICH", "MEDIAN", "P95", "OF AN EMPTY PAGE", "CPU", "POSTGRES", "STATEMENTS", "BYTES"}}
	ms := func(v float64) string { return fmt.Sprintf("%.1f ms", v) }
	for _, p := range append([]bench.Page{r.Empty}, r.Pages...) {
		rows = append(rows, []string{
			strings.TrimPrefix(p.Route, "GET "), cmp.Or(p.As, "nobody"), p.What, ms(p.Median), ms(p.P95), fmt.Sprintf("%.1f", p.Ratio), ms(p.CPU), ms(p.DBCPU),
			fmt.Sprintf("%.0f", p.Statements), fmt.Sprint(p.Bytes),
		})
	}
	a.table(rows)
	rows = [][]string{{"NOT MEASURED", "WHY"}}
	for _, l := range r.Left {
		rows = append(rows, []string{l.Route, l.Why})
	}
	a.printf("\n")
	a.table(rows)
	rows = [][]string{{"ASSET", "BYTES"}}
	for _, name := range slices.Sorted(maps.Keys(r.Assets)) {
		rows = append(rows, []string{name, fmt.Sprint(r.Assets[name])})
	}
	a.printf("\n")
	a.table(rows)
}
