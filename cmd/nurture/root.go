package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const rootHelp = `nurture keeps leads that are not ready yet warm until they are, and hands sales only those that are.

Marketers write what a qualified lead is (uld.yaml) and how leads are kept warm (cadences/) as files. Once marketing and
sales have both signed the definition, "nurture apply" makes the folder live, and "nurture serve" carries every lead
through its cadence: emails, voicemail drops, call tasks for SDRs. Each response weighs the lead against the definition;
one that is ready goes to sales with a complete dossier.`

const rootExample = `  # look at the whole thing without any setup
  nurture demo

  # from a folder of files to the first mail (without smtp in nurture.yaml it is written to .nurture/outbox)
  nurture validate
  nurture uld sign --role marketing --name "Ana Silva"
  nurture uld sign --role sales --name "Ben Okoro"
  nurture apply
  nurture leads import leads.csv --dry-run
  nurture leads import leads.csv
  nurture serve

  # why does nothing happen to this lead?
  nurture leads why jane@example.com`

// newRootCmd is the program with all its commands.
func newRootCmd(a *app) *cobra.Command {
	root := group(&cobra.Command{
		Use: "nurture", Short: "Keep leads warm until they are ready, and hand sales those that are",
		Long: rootHelp, Example: rootExample, SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	})
	flags := root.PersistentFlags()
	flags.StringVar(&a.configDir, "config", ".", "folder with nurture.yaml, uld.yaml, process.yaml, cadences/ and templates/")
	flags.StringVar(&a.dataDir, "data", "./.nurture", "folder for the private Postgres, the outbox and send journals")
	flags.StringVar(&a.databaseURL, "database", "", "Postgres URL; else DATABASE_URL, else database.url in nurture.yaml, else a private server in --data")
	flags.BoolVar(&a.json, "json", false, "print data as JSON")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usagef(cmd, "%v", err) })
	root.AddGroup(
		&cobra.Group{ID: "define", Title: "Define:"}, &cobra.Group{ID: "nurture", Title: "Nurture:"},
		&cobra.Group{ID: "people", Title: "Work:"}, &cobra.Group{ID: "run", Title: "Run:"},
	)
	add := func(id string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = id
		}
		root.AddCommand(cmds...)
	}
	add("define", newInitCmd(a), newValidateCmd(a), newSimulateCmd(a, nil), newLintCmd(a), newPreviewCmd(a), newSendTestCmd(a), newULDCmd(a), newPlanCmd(a), newApplyCmd(a), newTestCmd(a), newHistoryCmd(a), newRollbackCmd(a), newEditorSchemaCmd(a))
	add("nurture", newLeadsCmd(a), newEnrollCmd(a, nil), newRespondCmd(a, nil), newSuppressionsCmd(a))
	add("people", newTasksCmd(a), newHandoffsCmd(a), newReferralsCmd(a), newInboxCmd(a), newSendersCmd(a), newUnknownCmd(a))
	add("run", newDemoCmd(a), newServeCmd(a), newWebCmd(a), newWorkCmd(a), newQueuesCmd(a), newUsersCmd(a), newMigrateCmd(a), newRestoredCmd(a), newDoctorCmd(a), newClassifyCmd(a), newVersionCmd(a))
	root.AddCommand(newBenchCmd(a), newChaosCmd(a))
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" { // cobra's own would take an unknown shell for a call for help
			group(c)
		}
	}
	return root
}

// group makes a command that only holds others: alone it helps, and an unknown word is a usage error with suggestions.
func group(cmd *cobra.Command, children ...*cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		message := fmt.Sprintf("%q is no command of %s", args[0], cmd.CommandPath())
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			message += "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return usageError{message, cmd.CommandPath()}
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(children...)
	return cmd
}

func usagef(cmd *cobra.Command, format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...), cmd.CommandPath()}
}

// misusef is usagef where the command is not at hand.
func misusef(format string, args ...any) error {
	return usageError{message: fmt.Sprintf(format, args...)}
}

// args checks how many arguments there are; what names them in the message.
func args(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, got []string) error {
		switch {
		case len(got) < least:
			return usagef(cmd, "%s is missing: %s", what, cmd.UseLine())
		case len(got) > most:
			return usagef(cmd, "%q is too much: %s", got[most], cmd.UseLine())
		}
		return nil
	}
}

// need checks that flags were given.
func need(cmd *cobra.Command, names ...string) error {
	var missing []string
	for _, name := range names {
		if f := cmd.Flags().Lookup(name); f == nil || f.Value.String() == "" {
			missing = append(missing, "--"+name)
		}
	}
	if len(missing) > 0 {
		return usagef(cmd, "%s must be given", strings.Join(missing, " and "))
	}
	return nil
}

// argument gives the n-th argument, "" when there is none.
func argument(args []string, n int) string {
	if n < len(args) {
		return args[n]
	}
	return ""
}
