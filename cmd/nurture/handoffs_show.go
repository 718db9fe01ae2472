package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nurture/internal/dossier"
	"nurture/store"
)

type handoffShowOptions struct {
	*app
	id     int64
	format string
	out    string
}

func newHandoffShowCmd(a *app, runF func(context.Context, *handoffShowOptions) error) *cobra.Command {
	o := &handoffShowOptions{app: a}
	if runF == nil {
		runF = runHandoffShow
	}
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a handoff with its dossier",
		Long: `Show a handoff with its dossier, as it was when the handoff was made: contact history, company, budget process, decision timeline, people,
driving events, pain points in the lead's words; each item cites its evidence. --json is the same as --format json.`,
		Example: `  nurture handoffs show 3
  nurture handoffs show 3 --format html --out dossier.html`,
		Args: args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a handoff"); err != nil {
				return err
			}
			if o.json && !cmd.Flags().Changed("format") {
				o.format = "json"
			}
			if !slices.Contains([]string{"markdown", "html", "json"}, o.format) {
				return usagef(cmd, "%q is no format; formats are markdown, html and json", o.format)
			}
			return runF(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.format, "format", "markdown", "markdown, html or json")
	cmd.Flags().StringVar(&o.out, "out", "", "write the dossier to this file")
	return cmd
}

func runHandoffShow(ctx context.Context, o *handoffShowOptions) error {
	return o.with(ctx, func(s *session) error {
		h, err := store.GetHandoff(ctx, s.pool, o.id)
		if err != nil {
			return err
		}
		leads, err := store.LeadsByID(ctx, s.pool, []int64{h.LeadID})
		if err != nil {
			return err
		}
		summary := handoffOf(h, leads[h.LeadID])
		if o.format == "json" && o.out == "" {
			return o.printJSON(struct {
				Handoff handoffJSON     `json:"handoff"`
				Dossier json.RawMessage `json:"dossier"`
			}{summary, h.Dossier})
		}
		document, err := dossierText(h, o.format)
		if err != nil {
			return err
		}
		if o.out == "" {
			if o.format == "markdown" {
				o.printHandoff(summary, s)
			}
			o.printf("%s\n", document)
			return nil
		}
		// A dossier is personal data: it is its owner's to pass on.
		if err := os.WriteFile(o.out, []byte(document), 0o600); err != nil {
			return fmt.Errorf("write the dossier: %w", err)
		}
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "out": o.out})
		}
		o.printf("wrote %s\n", o.out)
		return nil
	})
}

// dossierText is the stored dossier in a format.
func dossierText(h store.Handoff, format string) (string, error) {
	if format == "json" {
		return string(h.Dossier) + "\n", nil
	}
	var d dossier.Dossier
	if err := json.Unmarshal(h.Dossier, &d); err != nil {
		return "", fmt.Errorf("dossier of handoff %d: %w", h.ID, err)
	}
	if format == "html" {
		return d.HTML()
	}
	return d.Markdown(), nil
}

func (a *app) printHandoff(h handoffJSON, s *session) {
	respondBy := ""
	if h.RespondBy != nil {
		respondBy = at(h.RespondBy, s.zone)
	}
	delivered := "not yet"
	if h.DeliveredAt != nil {
		delivered = at(h.DeliveredAt, s.zone)
	}
	a.fields(
		[2]string{"handoff", fmt.Sprintf("%d, %s", h.ID, h.State)}, [2]string{"lead", h.Lead}, [2]string{"rep", h.Rep},
		[2]string{"missing", strings.Join(h.Missing, ", ")}, [2]string{"delivered", delivered}, [2]string{"answer by", respondBy},
		[2]string{"reason", h.Reason},
	)
	a.printf("\n")
}
