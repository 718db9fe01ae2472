package uld_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(d *uld.Definition)
		want   []uld.Change
	}{
		{"nothing", func(*uld.Definition) {}, nil},
		{"whole", func(d *uld.Definition) { d.Horizon, d.Title, d.SelfQualified = 1, "Buyers", reviewed }, []uld.Change{{
			Kind: uld.Changed, What: "definition",
			Words: []string{
				`has the title "Buyers", had "Course buyers"`, "calls a decision within 1 month near-term, was 6 months",
				"sends self-qualified leads straight to sales, as Mia reviewed on 2026-01-05; before, has a person verify self-qualified leads by a call",
			},
		}}},
		{"default horizon", func(d *uld.Definition) { d.Horizon = 0 }, nil},
		{"criterion", func(d *uld.Definition) {
			d.Criteria[0].Accept = accept(predicate.AtLeast, num(100))
			d.Criteria[0].Evidence, d.Criteria[0].Required, d.Criteria[0].Disqualifies = uld.ClassNone, false, true
		}, []uld.Change{{Kind: uld.Changed, What: "criterion", Key: "employees", Words: []string{
			"accepts at least 100, accepted at least 50", "needs human-confirmed evidence, needed inferred", "is no longer required", "disqualifies now",
		}}}},
		{"options", func(d *uld.Definition) { d.Criteria[3].Options = []string{"Economic buyer", "Influencer"} }, []uld.Change{{
			Kind: uld.Changed, What: "criterion", Key: "role", Words: []string{"takes one of Economic buyer, Influencer, took one of Economic buyer, Influencer, User"},
		}}},
		{"added and removed", func(d *uld.Definition) {
			d.Criteria[1] = uld.Criterion{Key: "site", Dimension: uld.Fit, Question: "Where?", Type: uld.AnswerText, Evidence: uld.Inferred}
		}, []uld.Change{
			{Kind: uld.Added, What: "criterion", Key: "site", Words: []string{`fit, optional: "Where?", takes any text, accepts any answer, needs inferred evidence`}},
			{Kind: uld.Removed, What: "criterion", Key: "pain", Words: []string{`need, required: "What hurts?", takes any text, accepts any answer, needs human-confirmed evidence`}},
		}},
		{"order", func(d *uld.Definition) { slices.Reverse(d.Criteria) }, []uld.Change{{
			Kind: uld.Changed, What: "definition", Words: []string{"asks in another order: decision, role, budget_process, pain, employees"},
		}}},
		{"timing", func(d *uld.Definition) { d.Criteria[4].Dimension = uld.Fit }, []uld.Change{
			{Kind: uld.Changed, What: "definition", Words: []string{"reads how soon a lead decides from nothing, was decision"}},
			{Kind: uld.Changed, What: "criterion", Key: "decision", Words: []string{"is about fit, was about time frame"}},
		}},
		{"dossier", func(d *uld.Definition) {
			d.Dossier[0].Required = false
			d.Dossier = append(d.Dossier[:1], d.Dossier[2:]...)
		}, []uld.Change{
			{Kind: uld.Changed, What: "dossier item", Key: "competition", Words: []string{"is no longer required"}},
			{Kind: uld.Removed, What: "dossier item", Key: "callback_at", Words: []string{`Expects your call, required: "When may we call?"`}},
		}},
	} {
		next := course()
		c.change(&next)
		if diff := cmp.Diff(c.want, uld.Diff(course(), next)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
}
