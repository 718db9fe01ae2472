package dossier_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nurture/internal/dossier"
)

// update rewrites the golden files instead of comparing with them.
var update = os.Getenv("NURTURE_UPDATE_GOLDEN") == "1"

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (NURTURE_UPDATE_GOLDEN=1 writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); NURTURE_UPDATE_GOLDEN=1 accepts it\n%s", name, diff)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]dossier.Dossier{"ready": dossier.Build(story()), "blocked": dossier.Build(blocked())} {
		if name == "ready" {
			d.Rep = "Rita Okafor"
		}
		golden(t, name+".md", d.Markdown())
		html, err := d.HTML()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".html", html)
	}
}
