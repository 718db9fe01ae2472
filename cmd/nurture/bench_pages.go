package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"nurture/internal/sandbox/bench"
)

func newBenchPagesCmd(a *app) *cobra.Command {
	var leads, rounds int
	cmd := &cobra.Command{
		Use: "pages", Short: "The server's time for each page of the desk, and what it weighs",
		Example: "  nurture bench pages --leads 1000000", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if leads < 1 || rounds < 1 {
				return usagef(cmd, "--leads and --rounds must be 1 or more")
			}
			return a.bench(cmd, func(ctx context.Context, o bench.Options) error {
				r, err := bench.MeasurePages(ctx, o, leads, rounds)
				if err != nil || a.json {
					return a.orJSON(r, err)
				}
				rows := [][]string{{"PAGE", "MEDIAN", "P95", "OF AN EMPTY PAGE", "BYTES"}}
				for _, p := range append([]bench.Page{r.Empty}, r.Pages...) {
					rows = append(rows, []string{p.Path, fmt.Sprintf("%.1f ms", p.Median), fmt.Sprintf("%.1f ms", p.P95), fmt.Sprintf("%.1f", p.Ratio), fmt.Sprint(p.Bytes)})
				}
				a.table(rows)
				rows = [][]string{{"ASSET", "BYTES"}}
				for _, name := range slices.Sorted(maps.Keys(r.Assets)) {
					rows = append(rows, []string{name, fmt.Sprint(r.Assets[name])})
				}
				a.printf("\n")
				a.table(rows)
				return nil
			})
		},
	}
	cmd.Flags().IntVar(&leads, "leads", 1000, "how many leads there are")
	cmd.Flags().IntVar(&rounds, "rounds", 50, "how often each page is read")
	return cmd
}
