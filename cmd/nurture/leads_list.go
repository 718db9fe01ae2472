package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"nurture/store"
)

type leadListOptions struct {
	*app
	filter store.LeadFilter
}

func newLeadListCmd(a *app) *cobra.Command {
	o := &leadListOptions{app: a}
	cmd := &cobra.Command{
		Use: "list", Short: "List leads",
		Example: "  nurture leads list --stage nurturing\n  nurture leads list --after 200 --limit 200 --json",
		Args:    args(0, 0, ""),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLeadList(cmd.Context(), o) },
	}
	addLeadFilter(cmd, &o.filter)
	addLimit(cmd, &o.filter.Limit, 100, "at most so many")
	cmd.Flags().Int64Var(&o.filter.AfterID, "after", 0, "page: only leads with a greater id")
	return cmd
}

// leadJSON is a lead as `leads list --json` and `leads show --json` print it.
type leadJSON struct {
	ID        int64             `json:"id"`
	Key       string            `json:"key"`
	Name      string            `json:"name"`
	Email     string            `json:"email"`
	Phone     string            `json:"phone"`
	Title     string            `json:"title"`
	Role      string            `json:"role"`
	Company   string            `json:"company"`
	City      string            `json:"city"`
	Region    string            `json:"region"`
	Country   string            `json:"country"`
	Zones     []string          `json:"zones"`
	Language  string            `json:"language"`
	Source    string            `json:"source"`
	Origin    string            `json:"origin"`
	Stage     string            `json:"stage"`
	Readiness string            `json:"readiness"`
	Owner     string            `json:"owner"`
	Mailbox   string            `json:"mailbox"`
	EndReason string            `json:"end_reason"` // "" while the lead is being nurtured
	Consent   map[string]string `json:"consent"`    // channel → RFC 3339
	Fields    map[string]any    `json:"fields"`
	CreatedAt time.Time         `json:"created_at"`
	// ReferredBy is the id of the lead that named this one; null when none did.
	ReferredBy *int64 `json:"referred_by"`
	// TopicsOff are the topics of mail that it switched off.
	TopicsOff []string `json:"topics_off"`
}

func leadOf(l store.Lead) leadJSON {
	out := leadJSON{
		ID: l.ID, Key: l.Key, Name: l.FullName(), Email: l.Email, Phone: l.Phone, Title: l.Title, Role: l.Role, Company: l.Account.Name,
		City: l.City, Region: l.Region, Country: l.Country, Zones: append([]string{}, l.Zones...), Language: l.Language,
		Source: l.Source, Origin: l.Origin, Stage: l.Stage, Readiness: l.Readiness, Owner: l.Owner, Mailbox: l.Mailbox,
		EndReason: l.EndReason, Consent: map[string]string{}, Fields: l.Custom, CreatedAt: l.CreatedAt.UTC(),
		ReferredBy: l.ReferredBy, TopicsOff: append([]string{}, l.TopicsOff...),
	}
	for channel, given := range map[string]*time.Time{"email": l.ConsentEmail, "voicemail": l.ConsentVoicemail, "call": l.ConsentCall} {
		if given != nil {
			out.Consent[channel] = given.UTC().Format(time.RFC3339)
		}
	}
	return out
}

func runLeadList(ctx context.Context, o *leadListOptions) error {
	return o.with(ctx, func(s *session) error {
		leads, err := store.ListLeads(ctx, s.pool, o.filter)
		if err != nil {
			return err
		}
		if o.json {
			out := make([]leadJSON, len(leads))
			for i, l := range leads {
				out[i] = leadOf(l)
			}
			return o.printJSON(out)
		}
		if len(leads) == 0 {
			o.printf("no leads\n")
			return nil
		}
		rows := [][]string{{"ID", "KEY", "NAME", "COMPANY", "STAGE", "READINESS", "OWNER", "ENDED"}}
		for _, l := range leads {
			row := leadOf(l)
			rows = append(rows, []string{
				id(row.ID), short(row.Key, 30), short(row.Name, 30), dash(short(row.Company, 30)), words(row.Stage), words(row.Readiness),
				dash(row.Owner), dash(words(row.EndReason)),
			})
		}
		o.table(rows)
		if len(leads) == o.filter.Limit {
			o.printf("there may be more: --after %d\n", leads[len(leads)-1].ID)
		}
		return nil
	})
}
