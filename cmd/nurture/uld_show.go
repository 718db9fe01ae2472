package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence/uld"
	"nurture/config"
	"nurture/store"
)

type showOptions struct {
	*app
	dir  string
	live bool
}

func newShowCmd(a *app) *cobra.Command {
	o := &showOptions{app: a}
	cmd := &cobra.Command{
		Use: "show [DIR]", Short: "Show the definition, who signed it, and whether it is live",
		Example: "  nurture uld show\n  nurture uld show --live --json",
		Args:    args(0, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = argument(args, 0)
			return runShow(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.live, "live", false, "the definition in force instead of the folder's")
	return cmd
}

// definitionJSON is what `uld show --json` prints.
type definitionJSON struct {
	Key        string          `json:"key"`
	Title      string          `json:"title"`
	Horizon    int             `json:"horizon_months"`
	Hash       string          `json:"hash"`
	Live       bool            `json:"live"`
	Signatures []signatureJSON `json:"signatures"`
	Missing    []string        `json:"missing"`
	Criteria   []criterionJSON `json:"criteria"`
	Dossier    []itemJSON      `json:"dossier"`
}

type signatureJSON struct {
	Role     string    `json:"role"`
	Name     string    `json:"name"`
	SignedAt time.Time `json:"signed_at"`
}

type criterionJSON struct {
	Key          string         `json:"key"`
	Dimension    uld.Dimension  `json:"dimension"`
	Question     string         `json:"question"`
	Type         uld.AnswerType `json:"type"`
	Options      []string       `json:"options"`
	Accept       string         `json:"accept"` // in words; "" accepts any known answer
	Required     bool           `json:"required"`
	Evidence     uld.Class      `json:"evidence"`
	Disqualifies bool           `json:"disqualifies"`
}

type itemJSON struct {
	Key      string `json:"key"`
	Title    string `json:"title"`
	Question string `json:"question"`
	Required bool   `json:"required"`
}

func runShow(ctx context.Context, o *showOptions) error {
	return o.with(ctx, func(s *session) error {
		var cfg *config.Config
		var err error
		if o.live {
			cfg, err = s.needLive(ctx)
		} else {
			cfg, err = o.load(o.dir)
		}
		if err != nil {
			return err
		}
		signatures, err := store.Signatures(ctx, s.pool, cfg.DefinitionHash)
		if err != nil {
			return err
		}
		d := definitionOf(cfg, signatures)
		d.Live = s.live != nil && s.live.DefinitionHash == cfg.DefinitionHash
		if o.json {
			return o.printJSON(d)
		}
		o.printDefinition(d, s.zone)
		return nil
	})
}

func definitionOf(cfg *config.Config, signatures []store.Signature) definitionJSON {
	def := cfg.Definition
	d := definitionJSON{
		Key: def.Key, Title: def.Title, Horizon: def.Horizon, Hash: cfg.DefinitionHash,
		Signatures: []signatureJSON{}, Missing: []string{}, Criteria: []criterionJSON{}, Dossier: []itemJSON{},
	}
	signed := map[string]bool{}
	for _, s := range signatures {
		signed[s.Role] = true
		d.Signatures = append(d.Signatures, signatureJSON(s))
	}
	for _, role := range []string{"marketing", "sales"} {
		if !signed[role] {
			d.Missing = append(d.Missing, role)
		}
	}
	for _, c := range def.Criteria {
		row := criterionJSON{
			Key: c.Key, Dimension: c.Dimension, Question: c.Question, Type: c.Type, Options: append([]string{}, c.Options...),
			Required: c.Required, Evidence: c.Evidence, Disqualifies: c.Disqualifies,
		}
		if !c.Accept.IsZero() {
			row.Accept = c.Accept.String()
		}
		d.Criteria = append(d.Criteria, row)
	}
	for _, i := range def.Dossier {
		d.Dossier = append(d.Dossier, itemJSON(i))
	}
	return d
}

func (a *app) printDefinition(d definitionJSON, loc *time.Location) {
	state := "not live"
	if d.Live {
		state = "live"
	}
	a.printf("%s: %s\n%s, near-term is within %s, %s\n\n", d.Key, d.Title, state, count(d.Horizon, "month"), d.Hash[:12])
	for _, s := range d.Signatures {
		a.printf("signed for %s by %s on %s\n", s.Role, s.Name, at(&s.SignedAt, loc))
	}
	for _, role := range d.Missing {
		a.printf("not signed for %s: nurture uld sign --role %s --name NAME\n", role, role)
	}
	rows := [][]string{{"CRITERION", "DIMENSION", "REQUIRED", "EVIDENCE", "ACCEPTED", "QUESTION"}}
	for _, c := range d.Criteria {
		accepted := strings.TrimPrefix(c.Accept, uld.AnswerField+" ")
		rows = append(rows, []string{
			c.Key, words(c.Dimension), yesNo(c.Required), words(c.Evidence.String()), short(orAny(accepted), 40), short(c.Question, 60),
		})
	}
	a.printf("\n")
	a.table(rows)
	rows = [][]string{{"DOSSIER", "REQUIRED", "QUESTION"}}
	for _, i := range d.Dossier {
		rows = append(rows, []string{i.Key, yesNo(i.Required), short(i.Question, 90)})
	}
	a.printf("\n")
	a.table(rows)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func orAny(s string) string {
	if s == "" {
		return "any answer"
	}
	return s
}
