package examples_test

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nurture/cadence"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/scenario"
	"nurture/templates"
)

func starter(t *testing.T) *config.Config {
	t.Helper()
	return load(t, examples.Starter())
}

func load(t *testing.T, files fs.FS) *config.Config {
	t.Helper()
	c, err := config.Load(files)
	if err != nil {
		t.Fatalf("the configuration does not load:\n%v", err)
	}
	return c
}

// forEachKind runs a test on the starter of every kind of business.
func forEachKind(t *testing.T, test func(t *testing.T, files fs.FS, c *config.Config)) {
	t.Helper()
	if n := len(examples.Kinds()); n < 3 {
		t.Fatalf("%d kinds of business", n)
	}
	for _, kind := range examples.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			test(t, kind.Files(), load(t, kind.Files()))
		})
	}
}

// TestScenariosPass runs the tests of each starter, as nurture test does.
func TestScenariosPass(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, files fs.FS, c *config.Config) {
		scenarios, err := config.LoadScenarios(files, c)
		if err != nil || len(scenarios) < 8 {
			t.Fatalf("%d tests: %v", len(scenarios), err)
		}
		for _, s := range scenarios {
			for _, failure := range scenario.Run(c, s).Failures {
				t.Errorf("%s: %s", s.Name, failure)
			}
		}
	})
}

// TestEveryKindIsComplete asks each starter for what a business needs: cadences and a long game that leads nowhere into the void, a branch
// of the process for each stage, and tests of the definition.
func TestEveryKindIsComplete(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, _ fs.FS, c *config.Config) {
		terms := map[cadence.Term]int{}
		for _, plan := range c.Plans {
			terms[plan.Term]++
			if plan.Then.Move == nil {
				t.Errorf("leads of %s fall out at its end", plan.Key)
			}
		}
		if terms[cadence.LongTerm] == 0 || terms[cadence.Active] < 2 {
			t.Errorf("cadences by term: %v", terms)
		}
		if c.Definition.Timing() < 0 || len(c.Definition.Dossier) < 4 {
			t.Errorf("the definition asks for %v", c.Definition.Questions())
		}
	})
}

func TestFirstSevenSpendsItsBudgetOnAllChannels(t *testing.T) {
	t.Parallel()
	plan := starter(t).Plans["first-seven"]
	var channels []cadence.Channel
	for _, step := range plan.Steps {
		channels = append(channels, step.Kind.Channel())
	}
	want := []cadence.Channel{"email", "voicemail", "call", "email", "call", "voicemail", "email"}
	if !slices.Equal(channels, want) || plan.Budget != len(want) {
		t.Errorf("touches %v with budget %d, want %v", channels, plan.Budget, want)
	}
	if plan.Then.Move == nil || plan.Then.Move.To != "long-game" {
		t.Errorf("then is %+v, want a move to long-game", plan.Then)
	}
}

func TestLongGameLastsTwoYears(t *testing.T) {
	t.Parallel()
	plan := starter(t).Plans["long-game"]
	days := 0
	for _, step := range plan.Steps {
		days += step.After.Days
	}
	if days < 730 || plan.Term != cadence.LongTerm || plan.Then.Move == nil || plan.Then.Move.To != "first-seven" {
		t.Errorf("long-game is %s, lasts %d days, then %+v; want long_term, 730 or more, first-seven", plan.Term, days, plan.Then)
	}
}

// TestEveryContactableLeadIsTaken tries every lead that an import can bring: whatever is unknown of it, one cadence's audience takes it
// if it may be mailed, and none if no channel is consented to.
func TestEveryContactableLeadIsTaken(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, _ fs.FS, c *config.Config) { everyContactableLeadIsTaken(t, c) })
}

func everyContactableLeadIsTaken(t *testing.T, c *config.Config) {
	t.Helper()
	plans := c.Plans
	consents := []predicate.Value{{}, predicate.Bool(false), predicate.Bool(true)}
	for _, stage := range []cadence.Stage{cadence.StageInquiry, cadence.StageNurturing, cadence.StageRecycled} {
		for _, email := range consents {
			for _, voicemail := range consents {
				lead := map[string]predicate.Value{
					"lead.stage": predicate.Text(string(stage)), "consent.email": email, "consent.voicemail": voicemail,
				}
				var takers []string
				for key, plan := range plans {
					holds := plan.Audience.Eval(func(field string) (predicate.Value, bool) {
						return lead[field], !lead[field].IsZero()
					})
					if plan.IntakePerDay >= 0 && holds == predicate.True {
						takers = append(takers, key)
					}
				}
				if mailed := email.Bool; mailed && len(takers) != 1 || !mailed && !voicemail.Bool && len(takers) != 0 {
					t.Errorf("lead %v is taken by %v", lead, takers)
				}
			}
		}
	}
}

func TestDefinitionCoversWhatSalesNeeds(t *testing.T) {
	t.Parallel()
	definition := starter(t).Definition
	seen := map[uld.Dimension]bool{}
	for _, criterion := range definition.Criteria {
		seen[criterion.Dimension] = true
	}
	for _, dimension := range uld.Dimensions() {
		if !seen[dimension] {
			t.Errorf("no criterion asks for %s", dimension)
		}
	}
	var items []string
	for _, item := range definition.Dossier {
		items = append(items, item.Key)
	}
	want := []string{
		"budget_process", "decision_timeline", "people", "driving_events", "pain_points", "hot_buttons", "competition", "callback_at",
	}
	if !slices.Equal(items, want) {
		t.Errorf("the dossier asks for %v, want %v", items, want)
	}
}

// TestEveryTemplateIsUsedAndRenders renders each template for a lead of which only the address is known, as the poorest
// import has it.
func TestEveryTemplateIsUsedAndRenders(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, _ fs.FS, c *config.Config) { everyTemplateIsUsedAndRenders(t, c) })
}

func everyTemplateIsUsedAndRenders(t *testing.T, c *config.Config) {
	t.Helper()
	used := map[cadence.Channel]map[string]bool{"email": {}, "voicemail": {}, "call": {}}
	for _, plan := range c.Plans {
		for _, step := range plan.Steps {
			for _, variant := range step.Variants {
				used[step.Kind.Channel()][variant.Template] = true
			}
		}
	}
	data := templates.Data{
		"lead":    {"email": "ann@example.com"},
		"sender":  {"name": "Mara Lindqvist", "first_name": "Mara", "email": "mara@example.com"},
		"company": {"name": c.Settings.Company.Name, "postal_address": c.Settings.Company.PostalAddress},
		"links": {
			"unsubscribe": "https://nurture.example.com/u/1", "preferences": "https://nurture.example.com/p/1",
			"self_qualify": "https://nurture.example.com/q/1",
		},
	}
	render := map[cadence.Channel]func(string) error{
		"email":     func(name string) error { _, err := c.Templates.RenderEmail(name, data); return err },
		"voicemail": func(name string) error { _, err := c.Templates.RenderVoicemail(name, data); return err },
		"call":      func(name string) error { _, err := c.Templates.RenderCall(name, data); return err },
	}
	for channel, names := range used {
		if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, c.Templates.Names(channel)) {
			t.Errorf("cadences use the %s templates %v, there are %v", channel, got, c.Templates.Names(channel))
		}
		for name := range names {
			if err := render[channel](name); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

var hosts = regexp.MustCompile(`https?://[^/\s)]+|[\w.+-]+@[\w.-]+`)

// TestOnlyReservedNames keeps the starter from ever writing to somebody who exists (RFC 2606).
func TestOnlyReservedNames(t *testing.T) {
	t.Parallel()
	forEachKind(t, func(t *testing.T, files fs.FS, _ *config.Config) {
		count := 0
		err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(files, path)
			for _, found := range hosts.FindAllString(string(content), -1) {
				count++
				if !strings.HasSuffix(found, "example.com") {
					t.Errorf("%s names %s, which is not reserved for examples", path, found)
				}
			}
			return err
		})
		if err != nil || count == 0 {
			t.Errorf("%d names found, error %v", count, err)
		}
	})
}
