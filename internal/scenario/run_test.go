package scenario_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"nurture/config"
	"nurture/internal/scenario"
	"nurture/internal/startertest"
)

// TestScenarios runs each archive of testdata: scenarios, and files that replace some of the starter configuration. "want" is everything
// that each test fails with, and everything that happens; make golden writes it.
func TestScenarios(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) < 6 {
		t.Fatalf("%d archives: %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			var files []txtar.File
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
				} else {
					files = append(files, f)
				}
			}
			got := play(t, files)
			if os.Getenv("NURTURE_UPDATE_GOLDEN") != "" {
				archive.Files = append(files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("want −, got +:\n%s", diff)
			}
		})
	}
}

// starterWith is the starter configuration with files replaced, and without its own scenarios.
func starterWith(t *testing.T, replaced []txtar.File) fs.FS {
	t.Helper()
	files := startertest.Files(t, nil)
	maps.DeleteFunc(files, func(path string, _ *fstest.MapFile) bool { return strings.HasPrefix(path, config.ScenariosDir+"/") })
	for _, f := range replaced {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return files
}

// play gives what the scenarios of files fail with, and their timelines.
func play(t *testing.T, files []txtar.File) string {
	t.Helper()
	fsys := starterWith(t, files)
	c, err := config.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	scenarios, err := config.LoadScenarios(fsys, c)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, s := range scenarios {
		r := scenario.Run(c, s)
		fmt.Fprintf(&out, "== %s\n", s.Name)
		for _, f := range r.Failures {
			fmt.Fprintf(&out, "%s\n", f)
		}
		for _, e := range r.Timeline[:min(len(r.Timeline), r.LastMatter()+3)] {
			fmt.Fprintf(&out, "%s  %s\n", scenario.Shown(e.At, r.Zone), e.Line(r.Zone))
		}
	}
	return out.String()
}
