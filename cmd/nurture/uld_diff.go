package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"nurture/cadence/uld"
	"nurture/config"
	"nurture/store"
)

type definitionDiffOptions struct {
	*app
	version string
}

func newDefinitionDiffCmd(a *app) *cobra.Command {
	o := &definitionDiffOptions{app: a}
	return &cobra.Command{
		Use: "diff [VERSION]", Short: "Say in words what the folder's definition changes",
		Long: `Hold the folder's uld.yaml against the live definition, or against that of an earlier VERSION of the configuration, and say what
is added, removed and changed, criterion by criterion, and who still has to sign it. Nothing is changed.`,
		Example: "  nurture uld diff\n  nurture uld diff 3 --config ./next",
		Args:    args(0, 1, "VERSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.version = argument(args, 0)
			return runDefinitionDiff(cmd.Context(), o)
		},
	}
}

// definitionDiffJSON is what `uld diff --json` prints.
type definitionDiffJSON struct {
	Version int64        `json:"version"` // of the configuration that the folder is held against
	Live    bool         `json:"live"`    // it is the one in force
	Hash    string       `json:"hash"`    // of its uld.yaml
	Draft   string       `json:"draft"`   // of the folder's
	Changes []uld.Change `json:"changes"`
	Missing []string     `json:"missing"` // roles that have not signed the folder's
}

func runDefinitionDiff(ctx context.Context, o *definitionDiffOptions) error {
	draft, err := o.load("")
	if err != nil {
		return err
	}
	return o.with(ctx, func(s *session) error {
		old, err := s.applied(ctx, o.version)
		if err != nil {
			return err
		}
		signatures, err := store.Signatures(ctx, s.pool, draft.DefinitionHash)
		if err != nil {
			return err
		}
		d := definitionDiffJSON{
			Version: old.number, Live: old.live, Hash: old.DefinitionHash, Draft: draft.DefinitionHash,
			Changes: uld.Diff(old.Definition, draft.Definition), Missing: definitionOf(draft, signatures).Missing,
		}
		if o.json {
			d.Changes = append([]uld.Change{}, d.Changes...)
			return o.printJSON(d)
		}
		o.printDefinitionDiff(d, old)
		return nil
	})
}

func (o *definitionDiffOptions) printDefinitionDiff(d definitionDiffJSON, old versioned) {
	switch {
	case d.Hash == d.Draft:
		o.printf("%s is that of %s\n", config.DefinitionFile, old)
		return
	case len(d.Changes) == 0:
		o.printf("%s means the same as in %s: only comments, order of keys or layout differ\n", config.DefinitionFile, old)
	default:
		o.printf("%s against that of %s:\n\n", config.DefinitionFile, old)
	}
	signs := map[uld.ChangeKind]string{uld.Added: "+", uld.Removed: "-", uld.Changed: "~"}
	for _, c := range d.Changes {
		o.printf("%s %s\n", signs[c.Kind], strings.TrimSpace(c.What+" "+c.Key))
		for _, words := range c.Words {
			o.printf("    %s\n", oneLine(words))
		}
	}
	if len(d.Missing) > 0 {
		o.printf("\nbefore it can be applied it must be signed for %s\n", strings.Join(d.Missing, " and "))
	}
	if len(d.Changes) > 0 {
		o.printf("what it would have done to past leads: nurture uld backtest\n")
	}
}
