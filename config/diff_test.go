package config

import (
	"bytes"
	"maps"
	"strings"
	"testing"
)

const cadenceFile = "cadences/first.yaml"

// firstCadence is the cadence that the differences are about.
func firstCadence(lines string) string {
	return "cadence: first\ngoal: a conversation\naudience: { stage: { in: [inquiry] } }\nsteps:\n" + lines + "then: { move_to: long }\n"
}

const firstSteps = "  - email: intro\n  - call: discovery\n    after: 2 business days\n    within: 1 business day\n  - email: news\n    after: 3 days\n"

var differences = map[string]struct {
	edit func(files map[string][]byte)
	want []string
}{
	"nothing": {func(map[string][]byte) {}, nil},
	"order and comments": {
		func(f map[string][]byte) {
			f[cadenceFile] = append([]byte("# a comment\n"), f[cadenceFile]...)
		}, []string{"~ comments or order"},
	},
	"a wait": {
		func(f map[string][]byte) {
			f[cadenceFile] = bytes.Replace(f[cadenceFile], []byte("2 business"), []byte("4 business"), 1)
		},
		[]string{`~ step 2, call "discovery", after: 2 business days → 4 business days`},
	},
	"a step is added": {
		func(f map[string][]byte) { f[cadenceFile] = []byte(firstCadence("  - wait: 2 days\n" + firstSteps)) },
		[]string{`+ step 1, wait "wait-1": wait: 2 days`},
	},
	"a step is removed and another changed": {
		func(f map[string][]byte) {
			f[cadenceFile] = []byte(firstCadence("  - email: intro\n  - email: news\n    after: 9 days\n"))
		},
		[]string{`- step 2, call "discovery": call: discovery, after: 2 business days, within: 1 business day`, `~ step 2, email "news", after: 3 days → 9 days`},
	},
	"steps change places": {
		func(f map[string][]byte) {
			f[cadenceFile] = []byte(firstCadence("  - email: news\n    after: 3 days\n  - email: intro\n  - call: discovery\n    after: 2 business days\n    within: 1 business day\n"))
		},
		[]string{`~ step 2, email "intro": step 1 → step 2`, `~ step 3, call "discovery": step 2 → step 3`},
	},
	"another template": {
		func(f map[string][]byte) {
			f[cadenceFile] = []byte(firstCadence(strings.Replace(firstSteps, "email: intro", "email: hello", 1)))
			f["templates/email/hello.md"] = f["templates/email/intro.md"]
		},
		[]string{`~ step 1, email "hello", email: intro → hello`, "+ template email/hello"},
	},
	"rules and audience": {
		func(f map[string][]byte) {
			f[cadenceFile] = bytes.Replace(f[cadenceFile], []byte("[inquiry]"), []byte("[inquiry, recycled]"), 1)
			f[cadenceFile] = append(f[cadenceFile], "on_response: { not_now: { move_to: long, else: 60 days } }\n"...)
		},
		[]string{"~ audience.stage.in: [inquiry] → [inquiry, recycled]", "+ on_response: {not_now: {move_to: long, else: 60 days}}"},
	},
	"what nurture.yaml gives": {
		func(f map[string][]byte) { f[SettingsFile] = append(f[SettingsFile], "\ndefaults: { budget: 5 }\n"...) },
		[]string{
			"~ budget (from nurture.yaml): 7 → 5", "~ budget (from nurture.yaml): 7 → 5", "+ defaults: {budget: 5}",
		},
	},
	"a text": {
		func(f map[string][]byte) {
			f["templates/email/intro.md"] = append(f["templates/email/intro.md"], "One more line.\n"...)
		},
		[]string{"~ template email/intro"},
	},
	"a cadence": {
		func(f map[string][]byte) {
			f["cadences/more.yaml"] = []byte("cadence: more\ngoal: g\nsteps:\n  - email: intro\nthen: { close: true }\n")
		}, []string{`+ cadence "more": email intro`},
	},
	"the definition": {
		func(f map[string][]byte) {
			f[DefinitionFile] = bytes.Replace(f[DefinitionFile], []byte("at_least: 50"), []byte("at_least: 20"), 1)
		}, []string{"~ criteria[company_size].accept.at_least: 50 → 20"},
	},
	"settings of one sender": {
		func(f map[string][]byte) {
			f[SettingsFile] = bytes.Replace(f[SettingsFile], []byte("Mara"), []byte("Marie"), 1)
		},
		[]string{"~ senders[mara@example.com].name: Mara Lindqvist → Marie Lindqvist"},
	},
}

// TestDiff changes a configuration in many ways and reads what the diff says of it.
func TestDiff(t *testing.T) {
	t.Parallel()
	for name, tt := range differences {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := baseFiles(t)
			files["tests/first.yaml"] = nil // it is of steps that come and go here
			files[cadenceFile] = []byte(firstCadence(firstSteps))
			files["templates/email/news.md"] = files["templates/email/intro.md"]
			was, err := load(t, files)
			if err != nil {
				t.Fatal(err)
			}
			edited := maps.Clone(files)
			tt.edit(edited)
			now, err := load(t, edited)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range Diff(was, now) {
				got = append(got, d.String())
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got %q, want %q", got[i], tt.want[i])
				}
			}
			if back := Diff(now, was); len(back) != len(got) && name != "steps change places" {
				t.Errorf("the way back has %d differences: %v", len(back), back)
			}
		})
	}
}

// TestDiffShowsTexts line by line.
func TestDiffShowsTexts(t *testing.T) {
	t.Parallel()
	files := baseFiles(t)
	was, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	files["templates/email/intro.md"] = append(bytes.Clone(files["templates/email/intro.md"]), "One more line.\n"...)
	now, err := load(t, files)
	if err != nil {
		t.Fatal(err)
	}
	found := Diff(was, now)
	if len(found) != 1 || found[0].Lines[0] != "@" || found[0].Lines[len(found[0].Lines)-1] != "+One more line." {
		t.Errorf("%+v", found)
	}
}
