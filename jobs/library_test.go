package jobs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/store"
)

// TestContentIsNeverRepeated is C4: leads walk two cadences that choose by subject, in their own language, and get nothing twice: what the
// first sent by name is not chosen by the second either, and a step that has nothing new is skipped and spends nothing.
func TestContentIsNeverRepeated(t *testing.T) {
	t.Parallel()
	mail := func(tags string) string { return "---\nsubject: x\n" + tags + "---\nHi.\n" }
	files := firstSeven("  - email: { pain: audit, stage: nurturing }\n    after: 1 business day\n  - email: audit-b\n    after: 1 business day\n" +
		"  - email: { pain: audit }\n    after: 1 business day\n")
	for name, text := range map[string]string{
		"templates/email/audit-a.md": mail("pain: audit\nstage: nurturing\n"), "templates/email/audit-b.md": mail("pain: audit\n"),
		"templates/email/audit-c.md": mail("pain: audit\n"), "templates/email/audit-d.md": mail("pain: audit\nstage: won\n"),
		"templates/email/pruefung-a.md": mail("pain: audit\nlanguage: de\n"), "templates/email/pruefung-b.md": mail("pain: audit\nlanguage: de\n"),
		"cadences/long-game.yaml": `cadence: long-game
goal: a test
term: long_term
intake: manual
steps:
  - email: { pain: audit }
    after: 3 days
  - email: { pain: audit }
    after: 3 days
  - email: { pain: audit }
    after: 3 days
then: { close: true }
`,
	} {
		files[name] = text
	}
	r := newLiveRig(t, files)
	english, german := person(1), person(2)
	german.Language = "de-AT"
	ids := r.importLeads(english, german)
	r.start()
	r.until(monday.AddDate(0, 0, 40), nil)
	for i, want := range [][]string{
		{"first-seven audit-a sent", "first-seven audit-b sent", "first-seven audit-c sent", "long-game audit-d sent", "long-game  nothing_new", "long-game  nothing_new"},
		{"first-seven pruefung-a sent", "first-seven audit-b sent", "first-seven pruefung-b sent", "long-game  nothing_new", "long-game  nothing_new", "long-game  nothing_new"},
	} {
		touches, err := store.LeadTouches(r.ctx, r.pool, ids[i])
		must(t, err)
		var got []string
		for _, touch := range touches {
			state := string(touch.State)
			if touch.State == store.TouchSkipped {
				state = touch.Reason
			}
			got = append(got, touch.Cadence+" "+touch.Template+" "+state)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lead %d (-want +got)\n%s", i+1, diff)
		}
		if attempts := r.count(`SELECT sum(attempts) FROM cycles WHERE lead_id = $1`, ids[i]); attempts != strings.Count(strings.Join(got, ","), " sent") {
			t.Errorf("lead %d: %d attempts are spent for %v", i+1, attempts, got)
		}
	}
	had, err := store.TemplatesHad(r.ctx, r.pool, ids[:1])
	must(t, err)
	steps, err := PreviewSteps(PreviewInput{Config: r.cfg, Cadence: "long-game", Lead: r.lead(ids[0]), Had: had[ids[0]], Now: r.clock.Now()}, 0)
	must(t, err)
	read := 0
	for _, p := range steps {
		if p.Own || !p.Library {
			t.Errorf("%s is still to be sent", p.Variant.Template)
		}
		if p.Had {
			read++
		}
	}
	if len(steps) != 6 || read != 4 {
		t.Errorf("%d previews, %d were sent; want 6 and 4", len(steps), read)
	}
	fresh, err := PreviewSteps(PreviewInput{Config: r.cfg, Cadence: "first-seven", Lead: r.lead(ids[1]), Now: r.clock.Now()}, 0)
	must(t, err)
	for _, p := range fresh {
		if p.Own != (p.Variant == cadence.Variant{Template: "pruefung-a"}) {
			t.Errorf("%s: own %v", p.Variant.Template, p.Own)
		}
	}
}
