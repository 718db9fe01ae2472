package main

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

func newLeadsCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "leads", Short: "Import leads, look at them, and ask why nothing happens",
	}, newImportCmd(a, nil), newLeadListCmd(a), newLeadShowCmd(a), newSetCmd(a), newCoverageCmd(a), newWhyCmd(a), newMoveCmd(a), newLeaksCmd(a), newExportCmd(a), newEraseCmd(a))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
