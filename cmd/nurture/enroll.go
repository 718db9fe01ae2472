package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/jobs"
	"nurture/store"
)

// enrollBite is how many leads are enrolled in one transaction.
const enrollBite = 500

type enrollOptions struct {
	*app
	cadence string
	leads   []string
	all     bool
	dryRun  bool
	filter  store.LeadFilter
}

func newEnrollCmd(a *app, runF func(context.Context, *enrollOptions) error) *cobra.Command {
	o := &enrollOptions{app: a}
	if runF == nil {
		runF = runEnroll
	}
	cmd := &cobra.Command{
		Use: "enroll --cadence KEY (--lead LEAD … | --all)", Short: "Put leads into a cadence by hand",
		Long: `Put leads into a cadence. Leads whose audience rule matches are enrolled by themselves while nurture works; this is for the
others, and for cadences with intake: manual.

--lead takes a lead whatever the audience says. --all takes every lead that the audience matches, that is in no cadence
and not with sales, and that has not ended; --stage, --source and --owner narrow it.`,
		Example: `  nurture enroll --cadence event-follow-up --lead jane@example.com --lead crm-4711
  nurture enroll --cadence event-follow-up --all --source "trade fair" --dry-run`,
		Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := need(cmd, "cadence"); err != nil {
				return err
			}
			if o.all == (len(o.leads) > 0) {
				return usagef(cmd, "either --lead or --all must be given")
			}
			return runF(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.cadence, "cadence", "", "key of the cadence")
	flags.StringArrayVar(&o.leads, "lead", nil, "id, key or email address of a lead; may be repeated")
	flags.BoolVar(&o.all, "all", false, "every lead that the audience matches and no cadence has")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only say how many it would be")
	addLeadFilter(cmd, &o.filter)
	return cmd
}

func addLeadFilter(cmd *cobra.Command, f *store.LeadFilter) {
	cmd.Flags().Var((*stageValue)(&f.Stage), "stage", "only leads in this stage")
	cmd.Flags().StringVar(&f.Source, "source", "", "only leads from this source")
	cmd.Flags().StringVar(&f.Owner, "owner", "", "only leads of this SDR")
}

func runEnroll(ctx context.Context, o *enrollOptions) error {
	return o.with(ctx, func(s *session) error {
		cfg, err := s.needLive(ctx)
		if err != nil {
			return err
		}
		if _, ok := cfg.Plans[o.cadence]; !ok {
			return hint(failf("cadence %q is not live", o.cadence), "live are: %s", strings.Join(sortedKeys(cfg.Plans), ", "))
		}
		ids, err := o.choose(ctx, s, cfg)
		if err != nil {
			return err
		}
		enrolled, taken := len(ids), 0
		if !o.dryRun {
			if enrolled, taken, err = o.enroll(ctx, s, ids); err != nil {
				return err
			}
		}
		if o.json {
			return o.printJSON(map[string]any{"cadence": o.cadence, "enrolled": enrolled, "already_enrolled": taken, "dry_run": o.dryRun})
		}
		if o.dryRun {
			o.printf("would enrol %s in %s\n", count(enrolled, "lead"), o.cadence)
			return nil
		}
		o.printf("enrolled %s in %s\n", count(enrolled, "lead"), o.cadence)
		if taken > 0 {
			o.printf("%s had been taken by a cadence meanwhile\n", count(taken, "lead"))
		}
		return nil
	})
}

// choose gives the ids of the leads that are meant.
func (o *enrollOptions) choose(ctx context.Context, s *session, cfg *config.Config) ([]int64, error) {
	if o.all {
		return o.matching(ctx, s, cfg)
	}
	var ids []int64
	var errs []error
	for _, ref := range o.leads {
		lead, err := store.FindLead(ctx, s.pool, ref)
		ids, errs = append(ids, lead.ID), append(errs, err)
	}
	return ids, errors.Join(errs...)
}

func (o *enrollOptions) matching(ctx context.Context, s *session, cfg *config.Config) ([]int64, error) {
	plan, now := cfg.Plans[o.cadence], o.now()
	var ids []int64
	f := o.filter
	f.Limit = enrollBite
	for {
		leads, err := store.IdleLeads(ctx, s.pool, f)
		if err != nil || len(leads) == 0 {
			return ids, err
		}
		f.AfterID = leads[len(leads)-1].ID
		facts, err := store.Facts(ctx, s.pool, leadIDs(leads))
		if err != nil {
			return nil, err
		}
		for i := range leads {
			if plan.Audience.Eval(lookup(cfg, &leads[i], facts[leads[i].ID], now)) == predicate.True {
				ids = append(ids, leads[i].ID)
			}
		}
	}
}

// enroll enrols in bites. When an audience rule was faster with one of a bite, the others are enrolled one by one.
func (o *enrollOptions) enroll(ctx context.Context, s *session, ids []int64) (enrolled, taken int, err error) {
	for start := 0; start < len(ids); start += enrollBite {
		bite := ids[start:min(start+enrollBite, len(ids))]
		err := s.engine.Enroll(ctx, bite, o.cadence)
		if err == nil {
			enrolled += len(bite)
			continue
		}
		if !o.all || !errors.Is(err, jobs.ErrEnrolled) {
			return enrolled, taken, err
		}
		for _, id := range bite {
			switch err := s.engine.Enroll(ctx, []int64{id}, o.cadence); {
			case err == nil:
				enrolled++
			case errors.Is(err, jobs.ErrEnrolled):
				taken++
			default:
				return enrolled, taken, err
			}
		}
	}
	return enrolled, taken, nil
}

func leadIDs(leads []store.Lead) []int64 {
	ids := make([]int64, len(leads))
	for i := range leads {
		ids[i] = leads[i].ID
	}
	return ids
}

// lookup gives what audience rules and branches may ask of a lead.
func lookup(cfg *config.Config, lead *store.Lead, facts []uld.Fact, now time.Time) predicate.Lookup {
	fields := lead.Core(cfg.Settings.Zone).Fields
	uld.AddAnswers(fields, cfg.Definition.Answers(facts, now))
	return func(field string) (predicate.Value, bool) { v, ok := fields[field]; return v, ok }
}
