package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/store"
)

func newHandoffsCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "handoffs", Short: "Leads that are ready for sales: their dossiers, accept, reject, what became of them",
		Long: `A lead that meets the definition is handed to sales with its dossier. While required items are missing the handoff is blocked and an
SDR is asked for them; then it is offered to a rep, who accepts it, or rejects it with a reason. One that nobody answers in time goes to the manager
as well. What becomes of it is reported with outcome.`,
	}, newHandoffListCmd(a), newHandoffShowCmd(a, nil), newAcceptCmd(a), newRejectCmd(a), newReassignCmd(a), newOutcomeCmd(a), newOutcomesCmd(a))
}

// handoffJSON is a handoff as the handoffs commands print it with --json.
type handoffJSON struct {
	ID          int64      `json:"id"`
	Lead        string     `json:"lead"`
	LeadName    string     `json:"lead_name"`
	State       string     `json:"state"`
	Rep         string     `json:"rep"`
	Missing     []string   `json:"missing"`
	CreatedAt   time.Time  `json:"created_at"`
	OfferedAt   *time.Time `json:"offered_at"`
	RespondBy   *time.Time `json:"respond_by"`
	DeliveredAt *time.Time `json:"delivered_at"`
	DecidedAt   *time.Time `json:"decided_at"`
	DecidedBy   string     `json:"decided_by"`
	EscalatedAt *time.Time `json:"escalated_at"` // when nobody had answered in time
	Reason      string     `json:"reason"`
}

// handoffStates names the states that a list can be narrowed to.
func handoffStates() string {
	var names []string
	for _, s := range store.HandoffStates() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

func handoffOf(h store.Handoff, lead store.Lead) handoffJSON {
	return handoffJSON{
		ID: h.ID, Lead: cmp.Or(lead.Key, id(h.LeadID)), LeadName: lead.FullName(), State: string(h.State), Rep: h.Rep,
		Missing: append([]string{}, h.Missing...), CreatedAt: h.CreatedAt.UTC(), OfferedAt: h.OfferedAt, RespondBy: h.RespondBy,
		DeliveredAt: h.DeliveredAt, DecidedAt: h.DecidedAt, DecidedBy: h.DecidedBy, EscalatedAt: h.EscalatedAt, Reason: h.Reason,
	}
}

type handoffListOptions struct {
	*app
	state, rep string
	limit      int
}

func newHandoffListCmd(a *app) *cobra.Command {
	o := &handoffListOptions{app: a}
	cmd := &cobra.Command{
		Use: "list", Short: "List handoffs, the newest first",
		Example: "  nurture handoffs list --state offered --rep priya@example.com\n  nurture handoffs list --state blocked --json",
		Args:    args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.state != "" && !slices.Contains(store.HandoffStates(), store.HandoffState(o.state)) {
				return usagef(cmd, "%q is no state of a handoff; states are %s", o.state, handoffStates())
			}
			return runHandoffList(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.state, "state", "", "only those in this state: "+handoffStates())
	cmd.Flags().StringVar(&o.rep, "rep", "", "only this rep's")
	addLimit(cmd, &o.limit, 1000, "at most so many")
	return cmd
}

func runHandoffList(ctx context.Context, o *handoffListOptions) error {
	return o.with(ctx, func(s *session) error {
		handoffs, err := store.Handoffs(ctx, s.pool, store.HandoffState(o.state), o.rep, o.limit)
		if err != nil {
			return err
		}
		ids := make([]int64, len(handoffs))
		for i, h := range handoffs {
			ids[i] = h.LeadID
		}
		leads, err := store.LeadsByID(ctx, s.pool, ids)
		if err != nil {
			return err
		}
		out := make([]handoffJSON, len(handoffs))
		for i, h := range handoffs {
			out[i] = handoffOf(h, leads[h.LeadID])
		}
		if o.json {
			return o.printJSON(out)
		}
		if len(out) == 0 {
			o.printf("no handoffs\n")
			return nil
		}
		rows := [][]string{{"ID", "LEAD", "NAME", "STATE", "REP", "ANSWER BY", "NOTE"}}
		for _, h := range out {
			note := h.Reason
			if h.State == string(store.HandoffBlocked) {
				note = "lacks " + strings.Join(h.Missing, ", ")
			}
			rows = append(rows, []string{
				id(h.ID), short(h.Lead, 30), short(h.LeadName, 30), h.State, dash(h.Rep), at(h.RespondBy, s.zone), dash(short(note, 60)),
			})
		}
		o.table(rows)
		return nil
	})
}
