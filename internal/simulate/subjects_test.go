package simulate_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"nurture/cadence"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/simulate"
)

// TestSubjectsRunOut: of two mails about a subject each lead gets each once; a third step has nothing new to say.
func TestSubjectsRunOut(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	err := fs.WalkDir(examples.Starter(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(examples.Starter(), name)
		files[name] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mail := &fstest.MapFile{Data: []byte("---\nsubject: Audits\npain: audit\n---\nHello.\n")}
	files["templates/email/audit-a.md"], files["templates/email/audit-b.md"] = mail, mail
	files["cadences/first-seven.yaml"] = &fstest.MapFile{Data: []byte("cadence: first-seven\ngoal: a test\n" +
		"audience: { stage: { in: [inquiry, nurturing, recycled] } }\nsteps:\n" +
		"  - email: { pain: audit }\n  - email: { pain: audit }\n  - email: { pain: audit }\nthen: { move_to: long-game }\n")}
	cfg, err := config.Load(files)
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
