package main

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/jobs"
	"nurture/store"
)

// responseKinds are what a lead can have done, as `nurture respond` takes it. A rejected handoff is sales' doing and has its own
// command.
var responseKinds = []cadence.ResponseKind{
	cadence.Reply, cadence.OutOfOffice, cadence.LeftCompany, cadence.HardBounce, cadence.SoftBounce, cadence.PolicyBounce,
	cadence.Complaint, cadence.Unsubscribe, cadence.Click, cadence.FormFilled, cadence.TopicsChosen,
	cadence.Interested, cadence.NotNow, cadence.NotInterested, cadence.Referral, cadence.Question, cadence.WrongPerson,
	cadence.NoAnswer, cadence.Busy, cadence.LeftVoicemail, cadence.LeftLiveMessage, cadence.Gatekeeper, cadence.WrongNumber,
	cadence.Connected, cadence.MeetingSet, cadence.CallBackLater, cadence.NoLongerWithCompany, cadence.DoNotCall,
	cadence.VoicemailLeft, cadence.AnsweredByHuman, cadence.AnsweredByFax, cadence.DetectionFailed, cadence.CallFailed,
}

type respondOptions struct {
	*app
	lead, kind, text, date, by, id string
	touch                          int64
}

func newRespondCmd(a *app, runF func(context.Context, *respondOptions) error) *cobra.Command {
	o := &respondOptions{app: a}
	if runF == nil {
		runF = runRespond
	}
	cmd := &cobra.Command{
		Use: "respond --lead LEAD --kind KIND", Short: "Record something that a lead did back",
		Long: `Record a response by hand: a mail that somebody read, a call that came in. The cadence reacts at once, and the lead is weighed
against the definition by a worker; both are stored in one transaction.

Kinds: ` + kindNames(responseKinds) + `.

A reply pauses the cadence and asks the SDR what it means: see nurture tasks. --date is the return date of out_of_office, or the
date that the lead named. --id makes the call repeatable: the same id a second time changes nothing.`,
		Example: `  nurture respond --lead jane@example.com --kind reply --text "Sounds good, call me"
  nurture respond --lead crm-4711 --kind out_of_office --date 2026-03-16
  nurture respond --lead crm-4711 --kind unsubscribe --id ticket-881`,
		Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "lead", "kind"); err != nil {
				return err
			}
			if !slices.Contains(responseKinds, cadence.ResponseKind(o.kind)) {
				return usagef(cmd, "%q is no kind of response; kinds are %s", o.kind, kindNames(responseKinds))
			}
			if err := isDate(cmd, "--date", o.date); err != nil {
				return err
			}
			return runF(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.lead, "lead", "", "id, key or email address")
	flags.StringVar(&o.kind, "kind", "", "what it was")
	flags.Int64Var(&o.touch, "touch", 0, "id of the touch that it answers, when known")
	flags.StringVar(&o.text, "text", "", "the lead's own words")
	flags.StringVar(&o.date, "date", "", `2026-03-02 where the lead is, "2026-03-02 14:00" in the operator's zone, or RFC 3339`)
	flags.StringVar(&o.by, "by", "", "who records it; else NURTURE_USER or the login name")
	flags.StringVar(&o.id, "id", "", "your own id of the event")
	return cmd
}

func kindNames(kinds []cadence.ResponseKind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

func runRespond(ctx context.Context, o *respondOptions) error {
	return o.with(ctx, func(s *session) error {
		lead, err := store.FindLead(ctx, s.pool, o.lead)
		if err != nil {
			return err
		}
		in := jobs.ResponseInput{
			LeadID: lead.ID, TouchID: o.touch, Kind: cadence.ResponseKind(o.kind), Source: "cli", ExternalID: o.id, Said: o.text, By: o.person(o.by),
		}
		if in.ExternalID == "" {
			in.ExternalID = rand.Text()
		}
		if in.Date, err = namedDate(o.date, s.zone); err != nil {
			return err
		}
		if err := s.knowsTouch(ctx, o.touch); err != nil {
			return err
		}
		ids, err := s.engine.Respond(ctx, []jobs.ResponseInput{in})
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"lead": lead.Key, "response_id": ids[0], "new": ids[0] != 0})
		}
		if ids[0] == 0 {
			o.printf("%q is known already: nothing changed\n", o.id)
			return nil
		}
		o.printf("recorded response %d of %s: %s\n", ids[0], lead.Key, words(o.kind))
		return o.printNext(ctx, s, lead.ID)
	})
}

// printNext says what a lead's cadence does now.
func (a *app) printNext(ctx context.Context, s *session, leadID int64) error {
	leads, err := store.Leads(ctx, s.pool, []int64{leadID})
	if err != nil || len(leads) == 0 {
		return err
	}
	w, err := s.why(ctx, &leads[0])
	if err != nil {
		return err
	}
	a.printf("next: %s. %s\n", w.Next, w.Sentence)
	for _, t := range w.Tasks {
		a.printf("task %d (%s), due %s: %s\n", t.ID, words(t.Kind), at(&t.DueAt, s.zone), t.Title)
	}
	return nil
}

// knowsTouch checks that a touch exists; 0 names none.
func (s *session) knowsTouch(ctx context.Context, touchID int64) error {
	if touchID == 0 {
		return nil
	}
	refs, err := store.TouchRefs(ctx, s.pool, []int64{touchID})
	if err == nil && len(refs) == 0 {
		err = hint(failf("touch %d: %w", touchID, store.ErrNotFound), "nurture leads show LEAD --json lists a lead's touches with their ids")
	}
	return err
}

// namedDate reads the date that a lead named, for a flag that may be absent: a day is the lead's own, a time is one in the zone.
func namedDate(s string, loc *time.Location) (*time.Time, error) {
	if s == "" {
		return nil, nil
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		day = cadence.NamedDay(day)
		return &day, nil
	}
	t, err := parseTime(s, loc)
	if err != nil {
		return nil, err
	}
	t = cadence.NamedInstant(t)
	return &t, nil
}
