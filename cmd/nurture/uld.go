package main

import "github.com/spf13/cobra"

func newULDCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "uld", Short: "Sign, show, compare and try the Universal Lead Definition",
		Long: `The Universal Lead Definition (uld.yaml) is what marketing and sales agree a lead is that sales should call. Nothing starts
before both have signed it.`,
	}, newSignCmd(a), newShowCmd(a), newDefinitionDiffCmd(a), newEvalCmd(a), newStatusCmd(a), newBacktestCmd(a))
}
