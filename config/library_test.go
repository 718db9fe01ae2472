package config

import (
	"testing"

	"nurture/cadence"
)

// TestLibrarySteps reads steps that choose by subject, from the tags of the templates.
func TestLibrarySteps(t *testing.T) {
	t.Parallel()
	mail := func(tags string) []byte { return []byte("---\nsubject: x\n" + tags + "---\nHi.\n") }
	files := map[string][]byte{
		"nurture.yaml":                append(baseFiles(t)["nurture.yaml"], "topics: { news: News }\n"...),
		"templates/email/audit-1.md":  mail("pain: audit\nstage: nurturing\ntopic: news\n"),
		"templates/email/audit-de.md": mail("pain: audit\nlanguage: de\n"),
		"templates/email/audit-9.md":  mail("pain: audit\nstage: inquiry\n"),
		"templates/email/other.md":    mail("pain: cost\nstage: nurturing\n"),
		"templates/voicemail/ring.md": []byte("---\npain: audit\nstage: nurturing\n---\nHello.\n"),
		"templates/call/ask.md":       []byte("---\npain: audit\nlanguage: de\n---\nAsk.\n"),
		"cadences/first.yaml": []byte(`cadence: first
goal: a conversation
audience: { stage: { in: [inquiry, recycled] }, consent.email: { is: true } }
steps:
  - email: { pain: audit, stage: nurturing }
  - email: { stage: nurturing }
    name: whatever
    after: 2 business days
  - voicemail: { pain: audit }
  - call: { pain: audit }
    within: 1 business day
then: { move_to: long }
`),
	}
	files["tests/first.yaml"] = nil // it is of other steps
	c, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	steps := c.Plans["first"].Steps
	audits := cadence.Library{{Template: "audit-1", Topic: "news"}, {Template: "audit-de", Language: "de"}}
	equal(t, "by pain and stage", steps[0].Library, audits)
	equal(t, "its name", []string{steps[0].Key, steps[1].Key}, []string{"email-1", "whatever"})
	equal(t, "by stage, and those of none", steps[1].Library, append(audits, cadence.Content{Template: "intro"}, cadence.Content{Template: "news"},
		cadence.Content{Template: "other"}))
	equal(t, "voicemail", steps[2].Library, cadence.Library{{Template: "ring"}})
	equal(t, "call", steps[3].Library, cadence.Library{{Template: "ask", Language: "de"}})
	if len(steps[0].Variants) != 0 {
		t.Errorf("variants beside a library: %v", steps[0].Variants)
	}

	// Another template of the subject makes another version of the cadence; one of another subject does not.
	files["templates/email/audit-2.md"] = mail("pain: audit\n")
	more, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	delete(files, "templates/email/audit-2.md")
	files["templates/email/cost-2.md"] = mail("pain: cost\nstage: inquiry\n")
	unrelated, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	if more.PlanHash["first"] == c.PlanHash["first"] || unrelated.PlanHash["first"] != c.PlanHash["first"] {
		t.Error("the version does not follow the templates that the steps choose from")
	}
}
