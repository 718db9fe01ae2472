package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

type completeOptions struct {
	*app
	id                           int64
	disposition, notes, date, by string
	referral                     string
	answers, words               map[string]string
}

func newTaskCompleteCmd(a *app, runF func(context.Context, *completeOptions) error) *cobra.Command {
	o := &completeOptions{app: a}
	if runF == nil {
		runF = runComplete
	}
	var answers, quotes []string
	cmd := &cobra.Command{
		Use: "complete ID --disposition OUTCOME", Short: "Log the outcome of a task with what the lead answered",
		Long: `Log the outcome of a task. Answers to the definition's questions become human-confirmed facts; the lead is then weighed again. When an
answer cannot be understood nothing is logged and every mistake is named.

nurture tasks show ID lists the outcomes and the questions. --words keeps the lead's own words behind an answer.`,
		Example: `  nurture tasks complete 12 --disposition no_answer
  nurture tasks complete 12 --disposition connected --notes "warm, wants May" \
      --answer major_hazards=yes --answer months_to_decision=3 --words pain_points="studies take us all summer"
  nurture tasks complete 12 --disposition referral --referral "Bob Smith <bob@prospects.example>"
  nurture tasks complete 12 --disposition call_back_later --date "2026-03-05 15:00"`,
		Args: args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.id, err = number(cmd, args[0], "a task"); err != nil {
				return err
			}
			if err := need(cmd, "disposition"); err != nil {
				return err
			}
			if err := oneOf(cmd, "--disposition", o.disposition, allDispositions()); err != nil {
				return err
			}
			if err := isDate(cmd, "--date", o.date); err != nil {
				return err
			}
			if o.answers, err = assignments(cmd, "answer", answers); err != nil {
				return err
			}
			if o.words, err = assignments(cmd, "words", quotes); err != nil {
				return err
			}
			return runF(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.disposition, "disposition", "", "the outcome, such as connected, no_answer or not_now")
	flags.StringVar(&o.notes, "notes", "", "what was said")
	flags.StringVar(&o.date, "date", "", `the date that the lead named: 2026-03-02 where the lead is, "2026-03-02 14:00" in the operator's zone, or RFC 3339`)
	flags.StringVar(&o.by, "by", "", "who did it; else NURTURE_USER or the login name")
	flags.StringVar(&o.referral, "referral", "", `whom the lead named to talk to instead, "Name <mail> phone"; proposed in nurture referrals list`)
	flags.StringArrayVar(&answers, "answer", nil, "key=value, the answer to a question; may be repeated")
	flags.StringArrayVar(&quotes, "words", nil, "key=text, the lead's own words behind an answer; may be repeated")
	return cmd
}

// allDispositions are all outcomes of tasks; which of them one can have, its kind says.
func allDispositions() []cadence.ResponseKind {
	var all []cadence.ResponseKind
	for _, kind := range []cadence.TaskKind{cadence.TaskCall, cadence.TaskManualEmail, cadence.TaskTriage} {
		for _, d := range jobs.Dispositions(kind) {
			if !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	return all
}

// assignments reads key=value flags.
func assignments(cmd *cobra.Command, flag string, given []string) (map[string]string, error) {
	out := make(map[string]string, len(given))
	for _, g := range given {
		key, value, ok := strings.Cut(g, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" || value == "" {
			return nil, usagef(cmd, "--%s %q is not of the form key=value", flag, g)
		}
		if _, twice := out[key]; twice {
			return nil, usagef(cmd, "--%s names %s twice", flag, key)
		}
		out[key] = value
	}
	return out, nil
}

func runComplete(ctx context.Context, o *completeOptions) error {
	return o.with(ctx, func(s *session) error {
		t, err := store.GetTask(ctx, s.pool, o.id)
		if err != nil {
			return err
		}
		outcome := jobs.TaskOutcome{
			TaskID: o.id, By: o.person(o.by), Disposition: cadence.ResponseKind(o.disposition), Notes: o.notes, Answers: o.answers, Words: o.words,
		}
		for key := range o.words {
			if _, ok := o.answers[key]; !ok {
				return hint(failf("--words %s has no answer to stand behind", key), "add --answer %s=VALUE", key)
			}
		}
		if outcome.Date, err = namedDate(o.date, s.zone); err != nil {
			return err
		}
		if o.referral != "" {
			name, email, phone := leadfile.SplitContact(o.referral)
			outcome.Named = &jobs.NamedPerson{Name: name, Email: email, Phone: phone}
		}
		if err := s.engine.CompleteTask(ctx, outcome); err != nil {
			return err
		}
		if o.json {
			return o.printJSON(map[string]any{"id": o.id, "disposition": o.disposition, "answers": len(o.answers)})
		}
		o.printf("task %d is done: %s, %s\n", o.id, words(o.disposition), count(len(o.answers), "answer"))
		return o.printNext(ctx, s, t.LeadID)
	})
}
