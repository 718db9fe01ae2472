package cadence_test

import (
	"testing"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	library := cadence.Library{
		{Template: "audit", Topic: "news"},
		{Template: "audit-de", Language: "de"},
		{Template: "budget"},
		{Template: "budget-ch", Language: "de-CH"},
		{Template: "cost", Language: "en-GB"},
		{Template: "preis", Language: "de"},
	}
	step := cadence.Step{Key: "s", Kind: cadence.StepEmail, Library: library}
	had := func(templates ...string) []string {
		names := []string{"voicemail/audit"}
		for _, t := range templates {
			names = append(names, "email/"+t)
		}
		return names
	}
	for _, c := range []struct {
		name string
		lead cadence.Lead
		want string
		why  cadence.Reason
	}{
		{"first", cadence.Lead{}, "audit", ""},
		{"next", cadence.Lead{Had: had("audit")}, "budget", ""},
		{"another channel's", cadence.Lead{Had: []string{"voicemail/audit", "call/budget"}}, "audit", ""},
		{"nothing left", cadence.Lead{Had: had("audit", "budget")}, "", cadence.ReasonNothingNew},
		{"topic off", cadence.Lead{TopicsOff: []string{"news"}}, "budget", ""},
		{"only the topic is left", cadence.Lead{Had: had("budget"), TopicsOff: []string{"news"}}, "", cadence.ReasonTopicOff},
		{"language", cadence.Lead{Language: "de"}, "audit-de", ""},
		{"all of a language read", cadence.Lead{Language: "de", Had: had("audit-de", "preis")}, "", cadence.ReasonNothingNew},
		{"region", cadence.Lead{Language: "de_CH"}, "budget-ch", ""},
		{"other region", cadence.Lead{Language: "de-AT"}, "audit-de", ""},
		{"region of English", cadence.Lead{Language: "EN-gb"}, "cost", ""},
		{"English for who reads none of them", cadence.Lead{Language: "fr"}, "audit", ""},
	} {
		got, why := step.Choose("plan", c.lead)
		if got.Template != c.want || why != c.why || got.Name != "" {
			t.Errorf("%s: %q, %q, want %q, %q", c.name, got.Template, why, c.want, c.why)
		}
	}
	step.Library = cadence.Library{{Template: "fr", Language: "fr"}, {Template: "it", Language: "it"}}
	if got, _ := step.Choose("plan", cadence.Lead{Language: "nl"}); got.Template != "fr" {
		t.Errorf("without English it is %q, want the first's language", got.Template)
	}
	plain := cadence.Step{Key: "s", Kind: cadence.StepEmail, Variants: []cadence.Variant{{Template: "intro"}}}
	if got, why := plain.Choose("plan", cadence.Lead{Had: had("intro")}); got.Template != "intro" || why != "" {
		t.Errorf("a template that is named is sent again: %q, %q", got.Template, why)
	}
}

// TestLibraryStepSaysWhatIsNew: what the lead had is passed over, and a step with nothing new is skipped without spending anything.
func TestLibraryStepSaysWhatIsNew(t *testing.T) {
	t.Parallel()
	library := email("library", calendar.Delay{})
	library.Variants, library.Library = nil, cadence.Library{{Template: "audit"}, {Template: "budget"}}
	p := plan("p", library, email("after", calendar.Delay{}))
	if problems := p.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	e, now := running(t, 0)
	e.Lead.Had = []string{"email/audit"}
	_, actions := cadence.Decide(p, e, cadence.FellDue{}, now)
	if touch := find[cadence.PlanTouch](t, actions); touch.Variant.Template != "budget" || touch.Step != 0 {
		t.Errorf("planned %+v", touch)
	}
	e.Lead.Had = append(e.Lead.Had, "email/budget")
	after, actions := cadence.Decide(p, e, cadence.FellDue{}, now)
	if skip := find[cadence.SkipTouch](t, actions); skip.Step != 0 || skip.Reason != cadence.ReasonNothingNew {
		t.Errorf("skipped %+v", skip)
	}
	if touch := find[cadence.PlanTouch](t, actions); touch.Variant.Template != "after" || after.Attempts != 0 {
		t.Errorf("planned %+v, %d attempts", touch, after.Attempts)
	}
	e.Lead.Email = false
	_, actions = cadence.Decide(p, e, cadence.FellDue{}, now)
	for _, a := range actions {
		if skip, ok := a.(cadence.SkipTouch); ok && skip.Reason != cadence.ReasonNoAddress {
			t.Errorf("without an address it is skipped for %q", skip.Reason)
		}
	}
	library.Variants = []cadence.Variant{{Template: "audit"}}
	if problems := plan("p", library).Check(); len(problems) != 1 {
		t.Errorf("variants beside a library: %v", problems)
	}
}
