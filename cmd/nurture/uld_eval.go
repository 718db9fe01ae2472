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

type evalOptions struct {
	*app
	lead  string
	draft bool
}

func newEvalCmd(a *app) *cobra.Command {
	o := &evalOptions{app: a}
	cmd := &cobra.Command{
		Use: "eval LEAD", Short: "Hold a lead against the definition, without recording a verdict",
		Long: `Say what the definition makes of a lead on all that is known now: each criterion met, unmet or unknown, on which evidence, and
what would flip it. Nothing is recorded. LEAD is an id, a key or an email address.`,
		Example: "  nurture uld eval jane@example.com\n  nurture uld eval 17 --draft   # against the folder's uld.yaml, before it is applied",
		Args:    args(1, 1, "LEAD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.lead = args[0]
			return runEval(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.draft, "draft", false, "use the folder's definition instead of the live one")
	return cmd
}

func runEval(ctx context.Context, o *evalOptions) error {
	return o.with(ctx, func(s *session) error {
		var cfg *config.Config
		var err error
		if o.draft {
			cfg, err = o.load("")
		} else {
			cfg, err = s.needLive(ctx)
		}
		if err != nil {
			return err
		}
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		facts, err := store.Facts(ctx, s.pool, []int64{lead.ID})
		if err != nil {
			return err
		}
		v := uld.Evaluate(cfg.Definition, facts[lead.ID], lead.Origin == "self_qualified", o.now().UTC())
		missing := uld.MissingForHandoff(cfg.Definition, facts[lead.ID])
		if o.json {
			if missing == nil {
				missing = []string{}
			}
			return o.printJSON(map[string]any{"lead": lead.Key, "verdict": v, "missing_for_handoff": missing})
		}
		o.printf("%s, %s\n", lead.FullName(), lead.Key)
		o.printVerdict(v)
		if len(missing) > 0 {
			o.printf("\na handoff would still lack: %s\n", strings.Join(missing, ", "))
		}
		return nil
	})
}

// printVerdict explains a verdict: the outcome, then every criterion with its answer, the evidence, and what would flip it.
func (a *app) printVerdict(v uld.Verdict) {
	a.printf("%s, %s: %s\n\n", v.Outcome, words(v.Readiness), v.Because)
	rows := [][]string{{"STATE", "CRITERION", "WHY"}}
	for _, f := range v.Criteria {
		rows = append(rows, []string{string(f.State), f.Criterion, f.Why})
		if f.Flip != "" {
			rows = append(rows, []string{"", "", "to flip it: " + f.Flip})
		}
	}
	a.table(rows)
	for _, c := range v.Conflicts {
		a.printf("conflict about %s: %s (%s), against %s (%s) of %s\n", c.Criterion, c.Held.Value, words(c.Held.Class.String()),
			c.Against.Value, words(c.Against.Class.String()), c.Against.At.Format(time.DateOnly))
	}
	if len(v.Verify) > 0 {
		a.printf("to be confirmed by a call: %s\n", strings.Join(v.Verify, ", "))
	}
}
