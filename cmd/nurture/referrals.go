package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"nurture/store"
)

func newReferralsCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "referrals", Short: "People whom leads named to talk to instead",
		Long: `People whom leads named to talk to instead: in a reply, in an out-of-office, when they left the company, or to an SDR. Each is a proposal
until a person decides. One that is accepted becomes a lead of the same account, without any consent, and intake sees to it;
where no cadence takes it so, its SDR gets a task to get in touch.`,
	}, newReferralListCmd(a), newReferralAcceptCmd(a), newReferralDeclineCmd(a))
}

// referralJSON is a referral as the commands print it with --json.
type referralJSON struct {
	ID         int64      `json:"id"`
	Lead       string     `json:"lead"` // who named them
	LeadName   string     `json:"lead_name"`
	ResponseID *int64     `json:"response_id"`
	Name       string     `json:"name"`
	Email      string     `json:"email"`
	Phone      string     `json:"phone"`
	State      string     `json:"state"`
	By         string     `json:"by"`
	Reason     string     `json:"reason"`
	ProposedAt time.Time  `json:"proposed_at"`
	DecidedAt  *time.Time `json:"decided_at"`
	NewLead    string     `json:"new_lead"` // accepted: the key of the lead that it became, or was
}

// referralsOf joins referrals with their leads.
func (s *session) referralsOf(ctx context.Context, rows []store.Referral) ([]referralJSON, error) {
	var ids []int64
	for _, r := range rows {
		ids = append(ids, r.LeadID)
		if r.NewLeadID != nil {
			ids = append(ids, *r.NewLeadID)
		}
	}
	leads, err := store.LeadsByID(ctx, s.pool, ids)
	if err != nil {
		return nil, err
	}
	out := make([]referralJSON, len(rows))
	for i, r := range rows {
		lead := leads[r.LeadID]
		out[i] = referralJSON{
			ID: r.ID, Lead: lead.Key, LeadName: lead.FullName(), ResponseID: r.ResponseID, Name: r.Name, Email: r.Email, Phone: r.Phone,
			State: string(r.State), By: r.By, Reason: r.Reason, ProposedAt: r.ProposedAt.UTC(), DecidedAt: r.DecidedAt,
		}
		if r.NewLeadID != nil {
			out[i].NewLead = leads[*r.NewLeadID].Key
		}
	}
	return out, nil
}

type referralListOptions struct {
	*app
	state, lead string
	limit       int
}

func newReferralListCmd(a *app) *cobra.Command {
	o := &referralListOptions{app: a}
	cmd := &cobra.Command{
		Use: "list", Short: "List who waits for a decision, the oldest first",
		Example: "  nurture referrals list\n  nurture referrals list --lead jane@example.com --state all",
		Args:    args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch store.ReferralState(o.state) {
			case store.ReferralProposed, store.ReferralAccepted, store.ReferralDeclined:
			default:
				if o.state != "all" {
					return usagef(cmd, "--state %q is none of proposed, accepted, declined and all", o.state)
				}
				o.state = ""
			}
			return runReferralList(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.state, "state", "proposed", "proposed, accepted, declined or all")
	cmd.Flags().StringVar(&o.lead, "lead", "", "only those whom this lead named")
	addLimit(cmd, &o.limit, 1000, "at most so many")
	return cmd
}

func runReferralList(ctx context.Context, o *referralListOptions) error {
	return o.with(ctx, func(s *session) error {
		rows, err := o.rows(ctx, s)
		if err != nil {
			return err
		}
		out, err := s.referralsOf(ctx, rows)
		switch {
		case err != nil:
			return err
		case o.json:
			return o.printJSON(out)
		case len(out) == 0:
			o.printf("none\n")
			return nil
		}
		table := [][]string{{"ID", "NAMED", "NAME", "EMAIL", "PHONE", "BY", "STATE", "NOTE"}}
		for _, r := range out {
			table = append(table, []string{
				id(r.ID), at(&r.ProposedAt, s.zone), dash(r.Name), dash(r.Email), dash(r.Phone), short(r.Lead, 30), r.State, dash(short(cmp.Or(r.Reason, r.NewLead), 60)),
			})
		}
		o.table(table)
		return nil
	})
}

func (o *referralListOptions) rows(ctx context.Context, s *session) ([]store.Referral, error) {
	if o.lead == "" {
		return store.ListReferrals(ctx, s.pool, store.ReferralState(o.state), 0, o.limit)
	}
	lead, err := store.FindLead(ctx, s.pool, o.lead)
	if err != nil {
		return nil, err
	}
	rows, err := store.LeadReferrals(ctx, s.pool, lead.ID)
	var kept []store.Referral
	for _, r := range rows {
		if (o.state == "" || string(r.State) == o.state) && len(kept) < o.limit {
			kept = append(kept, r)
		}
	}
	return kept, err
}
