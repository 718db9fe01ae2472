package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/jobs"
	"nurture/store"
)

type taskOptions struct {
	*app
	id int64
	by string
}

func newTaskShowCmd(a *app) *cobra.Command {
	o := &taskOptions{app: a}
	return &cobra.Command{
		Use: "show ID", Short: "Show a task: whom to reach, the script, what to ask, and the outcomes to choose from",
		Example: "  nurture tasks show 12",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a task"); err != nil {
				return err
			}
			return runTaskShow(cmd.Context(), o)
		},
	}
}

// number reads the id of a noun.
func number(cmd *cobra.Command, s, noun string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, usagef(cmd, "%q is no id of %s: ids are numbers", s, noun)
	}
	return n, nil
}

// questionJSON is something that a task asks for.
type questionJSON struct {
	Key      string   `json:"key"`
	Question string   `json:"question"`
	Type     string   `json:"type"` // an answer type; "" is free text
	Options  []string `json:"options"`
	Required bool     `json:"required"`
}

func runTaskShow(ctx context.Context, o *taskOptions) error {
	return o.with(ctx, func(s *session) error {
		t, err := store.GetTask(ctx, s.pool, o.id)
		if err != nil {
			return err
		}
		leads, err := store.LeadsByID(ctx, s.pool, []int64{t.LeadID})
		if err != nil {
			return err
		}
		lead := leads[t.LeadID]
		questions := s.questions(t.Ask)
		referrals, err := s.referralsAbout(ctx, t)
		if err != nil {
			return err
		}
		if o.json {
			return o.printJSON(struct {
				taskJSON
				LeadPhone    string         `json:"lead_phone"`
				LeadEmail    string         `json:"lead_email"`
				Questions    []questionJSON `json:"questions"`
				Dispositions []string       `json:"dispositions"`
				Referrals    []referralJSON `json:"referrals"` // whom the lead named, of tasks to triage a reply or to follow a referral up
			}{taskOf(t, lead), lead.Phone, lead.Email, questions, dispositions(t), referrals})
		}
		o.printTask(s, t, &lead, questions, referrals)
		return nil
	})
}

// referralsAbout are those whom the lead of a task named, where the task is about that.
func (s *session) referralsAbout(ctx context.Context, t store.Task) ([]referralJSON, error) {
	if t.Kind != cadence.TaskReferral && t.Kind != cadence.TaskTriage {
		return []referralJSON{}, nil
	}
	rows, err := store.LeadReferrals(ctx, s.pool, t.LeadID)
	if err != nil {
		return nil, err
	}
	return s.referralsOf(ctx, rows)
}

// questions spells out what a task asks for, in the words of the live definition.
func (s *session) questions(keys []string) []questionJSON {
	out := []questionJSON{}
	for _, key := range keys {
		q := questionJSON{Key: key, Options: []string{}}
		if s.live != nil {
			for _, c := range s.live.Definition.Criteria {
				if c.Key == key {
					q.Question, q.Type, q.Options, q.Required = c.Question, string(c.Type), append(q.Options, c.Options...), c.Required
				}
			}
			for _, i := range s.live.Definition.Dossier {
				if i.Key == key {
					q.Question, q.Required = i.Question, i.Required
				}
			}
		}
		out = append(out, q)
	}
	return out
}

func dispositions(t store.Task) []string {
	kinds := jobs.Dispositions(t.Kind)
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return names
}

func (a *app) printTask(s *session, t store.Task, lead *store.Lead, questions []questionJSON, referrals []referralJSON) {
	a.printf("task %d: %s\n\n", t.ID, oneLine(t.Title))
	now := a.now()
	claimed := ""
	if t.ClaimedBy != "" {
		claimed = t.ClaimedBy
		if t.ClaimedAt != nil {
			claimed += " since " + at(t.ClaimedAt, s.zone)
		}
	}
	a.fields(
		[2]string{"kind", words(t.Kind)}, [2]string{"state", string(t.State)}, [2]string{"claimed by", claimed}, [2]string{"owner", t.Owner},
		[2]string{"due", at(&t.DueAt, s.zone)}, [2]string{"lead", fmt.Sprintf("%s, %s", lead.FullName(), lead.Key)},
		[2]string{"title", lead.Title}, [2]string{"company", companyLine(*lead)}, [2]string{"phone", lead.Phone}, [2]string{"email", lead.Email},
		[2]string{"their time", theirTime(lead, s.zone, now)}, [2]string{"why", t.Why},
		[2]string{"outcome", words(t.Disposition)}, [2]string{"notes", t.Notes},
	)
	if t.Script != "" {
		a.printf("\n%s\n", strings.TrimSpace(t.Script))
	}
	if len(questions) > 0 {
		rows := [][]string{{"ASK", "REQUIRED", "ANSWER", "QUESTION"}}
		for _, q := range questions {
			rows = append(rows, []string{q.Key, yesNo(q.Required), answerForm(q), q.Question})
		}
		a.printf("\n")
		a.table(rows)
	}
	if len(referrals) > 0 {
		rows := [][]string{{"REFERRAL", "NAME", "EMAIL", "PHONE", "STATE"}}
		for _, r := range referrals {
			rows = append(rows, []string{id(r.ID), dash(r.Name), dash(r.Email), dash(r.Phone), r.State})
		}
		a.printf("\n")
		a.table(rows)
		a.printf("nurture referrals accept ID, or nurture referrals decline ID --reason TEXT\n")
	}
	if t.State == store.TaskOpen || t.State == store.TaskClaimed {
		a.printf("\noutcomes: %s\n", strings.Join(dispositions(t), ", "))
		a.printf("nurture tasks complete %d --disposition OUTCOME --answer KEY=VALUE --notes TEXT\n", t.ID)
	}
}

// answerForm says how an answer is typed.
func answerForm(q questionJSON) string {
	switch {
	case len(q.Options) > 0:
		return strings.Join(q.Options, " | ")
	case q.Type == "":
		return "text or none"
	}
	return words(q.Type)
}

// theirTime is what the clock says where the lead is; "" when that is not known.
func theirTime(lead *store.Lead, operator *time.Location, now time.Time) string {
	zones := lead.Core(operator.String()).Place.Zones
	var times []string
	for _, zone := range zones {
		if loc, err := time.LoadLocation(zone); err == nil {
			times = append(times, now.In(loc).Format("Mon 15:04 MST"))
		}
	}
	return strings.Join(times, " or ")
}

func newTaskClaimCmd(a *app) *cobra.Command {
	o := &taskOptions{app: a}
	cmd := &cobra.Command{
		Use: "claim ID", Short: "Take a task, so that nobody else does it too",
		Example: "  nurture tasks claim 12 --by mara@example.com",
		Args:    args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a task"); err != nil {
				return err
			}
			return runTaskClaim(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.by, "by", "", "who takes it; else NURTURE_USER or the login name")
	return cmd
}

func runTaskClaim(ctx context.Context, o *taskOptions) error {
	return o.with(ctx, func(s *session) error {
		by := o.person(o.by)
		if err := s.engine.ClaimTask(ctx, o.id, by); err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "claimed_by": by})
		}
		o.printf("task %d is %s's\n", o.id, by)
		return nil
	})
}
