package simulate_test

import (
	"testing"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/simulate"
	"nurture/internal/startertest"
)

// TestSubjectsRunOut: of two mails about a subject each lead gets each once; a third step has nothing new to say.
func TestSubjectsRunOut(t *testing.T) {
	t.Parallel()
	const mail = "---\nsubject: Audits\npain: audit\n---\nHello.\n"
	cfg, err := config.Load(startertest.Files(t, map[string]string{
		"templates/email/audit-a.md": mail, "templates/email/audit-b.md": mail,
		"cadences/first-seven.yaml": "cadence: first-seven\ngoal: a test\n" +
			"audience: { stage: { in: [inquiry, nurturing, recycled] } }\nsteps:\n" +
			"  - email: { pain: audit }\n  - email: { pain: audit }\n  - email: { pain: audit }\nthen: { move_to: long-game }\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]int{}
	o := options(cfg, 20, 30)
	o.Touched = func(m simulate.Made) { made[m.Step]++ }
	result, err := simulate.Run(o)
	if err != nil {
		t.Fatal(err)
	}
	if made["email-1"] == 0 || made["email-2"] == 0 || made["email-3"] != 0 || result.Skipped[cadence.ReasonNothingNew] == 0 {
		t.Errorf("made %v, skipped %v", made, result.Skipped)
	}
}
