package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nurture/jobs"
	"nurture/store"
)

type outcomeOptions struct {
	*app
	report jobs.OutcomeReport
	amount string
}

func newOutcomeCmd(a *app) *cobra.Command {
	o := &outcomeOptions{app: a}
	var outcome string
	cmd := &cobra.Command{
		Use: "outcome ID --outcome OUTCOME", Short: "Say what became of a lead that sales accepted",
		Long: `Say what became of a lead that sales accepted: opportunity, won, lost, or bought_elsewhere (lost, and it did need what we offer). The lead's stage
follows, and the outcome is joined to where the lead came from, the cadence that nurtured it and the definition that promoted it. What was said before
can be corrected, with a reason. A lost lead ends, unless it goes back to nurture.`,
		Example: "  nurture handoffs outcome 3 --outcome won --amount 12000 --currency EUR\n" +
			"  nurture handoffs outcome 3 --outcome lost --reason \"project stopped\" --nurture",
		Args: args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.report.HandoffID, err = number(cmd, args[0], "a handoff"); err != nil {
				return err
			}
			if err := need(cmd, "outcome"); err != nil {
				return err
			}
			o.report.Outcome = store.Outcome(outcome)
			if o.report.AmountCents, err = jobs.ParseAmount(o.amount); err != nil {
				return misuse(cmd, "", err)
			}
			if err := o.report.Check(); err != nil {
				return misuse(cmd, "", err)
			}
			return runOutcome(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&outcome, "outcome", "", "opportunity, won, lost or bought_elsewhere")
	flags.StringVar(&o.amount, "amount", "", "what it is worth, such as 12000 or 12000.50")
	flags.StringVar(&o.report.Currency, "currency", "", "of the amount: three letters, such as EUR")
	flags.StringVar(&o.report.Reason, "reason", "", "why; needed for a loss and for a correction")
	flags.BoolVar(&o.report.Nurture, "nurture", false, "a lost lead goes back to nurture")
	flags.StringVar(&o.report.By, "by", "", "who says so; else NURTURE_USER or the login name")
	return cmd
}

func runOutcome(ctx context.Context, o *outcomeOptions) error {
	return o.with(ctx, func(s *session) error {
		o.report.By = o.person(o.report.By)
		if err := s.engine.ReportOutcome(ctx, o.report); err != nil {
			return err
		}
		h, err := store.GetHandoff(ctx, s.pool, o.report.HandoffID)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"id": h.ID, "state": h.State, "outcome": o.report.Outcome, "by": o.report.By})
		}
		o.printf("handoff %d: %s, by %s\n", h.ID, words(o.report.Outcome), o.report.By)
		return o.printNext(ctx, s, h.LeadID)
	})
}

func newReassignCmd(a *app) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use: "reassign ID --to REP", Short: "Offer a handoff to somebody else",
		Long:    `Offer a handoff that nobody answered yet to another rep, or to the manager, with the whole time to answer. The dossier is mailed there.`,
		Example: "  nurture handoffs reassign 3 --to tomas@example.com", Args: args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			handoffID, err := number(cmd, args[0], "a handoff")
			if err != nil {
				return err
			}
			if err := need(cmd, "to"); err != nil {
				return err
			}
			return a.with(cmd.Context(), func(s *session) error {
				if err := s.engine.ReassignHandoff(cmd.Context(), handoffID, to); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"id": handoffID, "rep": to})
				}
				a.printf("handoff %d is offered to %s\n", handoffID, to)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "the rep's address")
	return cmd
}

// loopJSON is a handoff as `handoffs outcomes --json` prints it.
type loopJSON struct {
	Handoff        int64      `json:"handoff"`
	State          string     `json:"state"`
	Lead           string     `json:"lead"`
	Origin         string     `json:"origin"`
	Source         string     `json:"source"`
	Cadence        string     `json:"cadence"`
	CadenceVersion int        `json:"cadence_version"`
	Definition     string     `json:"definition"` // its hash
	Rep            string     `json:"rep"`
	OfferedAt      time.Time  `json:"offered_at"`
	DecidedAt      *time.Time `json:"decided_at"`
	Reason         string     `json:"reason"`
	Outcome        string     `json:"outcome"`
	AmountCents    int64      `json:"amount_cents"`
	Currency       string     `json:"currency"`
	OutcomeReason  string     `json:"outcome_reason"`
	OutcomeAt      *time.Time `json:"outcome_at"`
}

func newOutcomesCmd(a *app) *cobra.Command {
	var days, limit int
	cmd := &cobra.Command{
		Use: "outcomes", Short: "What became of handoffs, and where each lead came from",
		Long: `List the handoffs that were offered in the last days with what became of them, joined to the lead's origin and source, the cadence that it was
in, and the version of the definition that promoted it.`,
		Example: "  nurture handoffs outcomes --days 365 --json", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return runOutcomes(cmd.Context(), a, days, limit) },
	}
	cmd.Flags().IntVar(&days, "days", 365, "offered within so many days")
	addLimit(cmd, &limit, 1000, "at most so many")
	return cmd
}

func runOutcomes(ctx context.Context, a *app, days, limit int) error {
	return a.with(ctx, func(s *session) error {
		loops, err := store.ClosedLoops(ctx, s.pool, a.now().AddDate(0, 0, -days), limit)
		if err != nil {
			return err
		}
		out := make([]loopJSON, len(loops))
		rows := [][]string{{"ID", "LEAD", "SOURCE", "CADENCE", "REP", "OFFERED", "STATE", "OUTCOME", "AMOUNT", "WHY"}}
		for i, l := range loops {
			out[i] = loopJSON{
				l.HandoffID, string(l.State), l.LeadKey, l.Origin, l.Source, l.Cadence, l.CadenceVersion, l.ULDHash, l.Rep, l.OfferedAt.UTC(), l.DecidedAt,
				l.Reason, string(l.Outcome), l.AmountCents, l.Currency, l.OutcomeReason, l.OutcomeAt,
			}
			amount := "-"
			if l.AmountCents > 0 {
				amount = fmt.Sprintf("%d.%02d %s", l.AmountCents/100, l.AmountCents%100, l.Currency)
			}
			rows = append(rows, []string{
				id(l.HandoffID), short(l.LeadKey, 30), dash(l.Source), fmt.Sprintf("%s v%d", dash(l.Cadence), l.CadenceVersion), l.Rep,
				at(&l.OfferedAt, s.zone), string(l.State), dash(words(l.Outcome)), amount, dash(short(l.Reason+l.OutcomeReason, 60)),
			})
		}
		switch {
		case a.json:
			return a.printJSON(out)
		case len(out) == 0:
			a.printf("no handoffs in %d days\n", days)
		default:
			a.table(rows)
		}
		return nil
	})
}
