package cadence_test

import (
	"testing"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// TestTopicOffIsSkipped: a mail about what the lead switched off is skipped with the reason and the next step follows at once; another topic,
// no topic, and a call under the same key go on. Of a step with variants the lead's own decides.
func TestTopicOffIsSkipped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		kind     cadence.StepKind
		variants []cadence.Variant
		off      []string
		skipped  bool
	}{
		{"its topic", cadence.StepEmail, []cadence.Variant{{Template: "a", Topic: "news"}}, []string{"cases", "news"}, true},
		{"another topic", cadence.StepEmail, []cadence.Variant{{Template: "a", Topic: "news"}}, []string{"cases"}, false},
		{"no topic", cadence.StepEmail, []cadence.Variant{{Template: "a"}}, []string{"", "news"}, false},
		{"a person's own mail", cadence.StepManualEmail, []cadence.Variant{{Template: "a", Topic: "news"}}, []string{"news"}, false},
		{"all variants", cadence.StepEmail, []cadence.Variant{{Name: "a", Template: "a", Topic: "news"}, {Name: "b", Template: "b", Topic: "news"}}, []string{"news"}, true},
	} {
		plan := cadence.Plan{Key: "p", Budget: 7, Window: calendar.NewWindow(everyDay, calendar.Span{From: 0, To: 24 * 60}, nil), Steps: []cadence.Step{
			{Key: "first", Kind: c.kind, Tries: 1, Variants: c.variants},
			{Key: "second", Kind: cadence.StepEmail, Tries: 1, Variants: []cadence.Variant{{Template: "z"}}},
		}}
		e := cadence.Enrollment{
			State: cadence.Running, Run: 1, Due: &cadence.Due{At: now},
			Lead: cadence.Lead{Key: "lead", Email: true, Place: calendar.Place{Zones: []string{"UTC"}}, TopicsOff: c.off},
		}
		after, actions := cadence.Decide(plan, e, cadence.FellDue{}, now)
		var skips []cadence.Reason
		planned := -1
		for _, a := range actions {
			switch a := a.(type) {
			case cadence.SkipTouch:
				skips = append(skips, a.Reason)
			case cadence.PlanTouch:
				planned = a.Step
			default:
			}
		}
		want := 0
		if c.skipped {
			want = 1
		}
		if planned != want || (len(skips) == 1 && skips[0] == cadence.ReasonTopicOff) != c.skipped || after.Attempts != 0 {
			t.Errorf("%s: planned step %d, skipped %v, %d attempts", c.name, planned, skips, after.Attempts)
		}
	}
}
