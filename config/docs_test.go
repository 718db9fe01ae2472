package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nurture/cadence"
)

// TestDocumented checks that docs/configuration.md names every response with its flow, every field and every key that the
// files of testdata/good use.
func TestDocumented(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	flows := map[cadence.Flow]string{
		cadence.FlowMove: "`then`", cadence.FlowContinue: "continue", cadence.FlowPause: "pause",
		cadence.FlowRetry: "retry", cadence.FlowFinish: "finish",
	}
	for kind, rule := range cadence.DefaultRules() {
		row := rowOf(page, "`"+string(kind)+"`", "Responses")
		for _, word := range []string{flows[rule.Flow], string(rule.Task), string(rule.Suppress)} {
			if !strings.Contains(row, word) {
				t.Errorf("the row of %s does not say %q: %q", kind, word, row)
			}
		}
		if !slices.Contains(responseKinds, kind) {
			t.Errorf("on_response does not know %s", kind)
		}
	}
	for name := range newFields(good(t, "base").Definition, false).byName {
		if !strings.HasPrefix(name, "facts.") && !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page does not name the field %s", name)
		}
	}
	key := regexp.MustCompile(`([a-z_]+): `)
	for _, file := range slices.Concat(good(t, "servers").Files, good(t, "defaults").Files) {
		if file.Path != SettingsFile {
			continue
		}
		for _, match := range key.FindAllStringSubmatch(string(file.Content), -1) {
			if !strings.Contains(page, match[1]) {
				t.Errorf("the page does not name the key %s", match[1])
			}
		}
	}
}

// rowOf gives the second column of the last row whose first column has the word, below a heading.
func rowOf(page, word, heading string) string {
	_, section, _ := strings.Cut(page, "### "+heading)
	found := ""
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) > 2 && strings.Contains(cells[1], word) {
			found = cells[2]
		}
	}
	return found
}
