package bench

import (
	"testing"

	"nurture/cadence"
)

func TestConfigurationHasTheStepsAndMailboxesAskedFor(t *testing.T) {
	t.Parallel()
	for _, p := range []plan{{senders: 1, steps: 1}, {senders: 12, steps: 9, intake: "manual"}} {
		cfg, err := p.write(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		got := cfg.Plans[cadenceKey]
		if len(got.Steps) != p.steps || got.Budget < p.steps || len(cfg.Settings.Senders) != p.senders {
			t.Errorf("%+v gave %d steps with a budget of %d and %d mailboxes", p, len(got.Steps), got.Budget, len(cfg.Settings.Senders))
		}
		for _, step := range got.Steps {
			if step.Kind != cadence.StepEmail || step.After != (cadence.Step{}).After {
				t.Errorf("step %s is a %s after %v; want an email at once", step.Key, step.Kind, step.After)
			}
		}
	}
}
