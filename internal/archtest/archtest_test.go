package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestThisModule is what the package is for: the tables in rules.go hold for every file of the module.
func TestThisModule(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Path}} {{.Dir}}").Output()
	if err != nil {
		t.Fatal("go list: ", err)
	}
	module, root, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if _, err := os.Stat(filepath.Join(root, "internal", "archtest", "rules.go")); err != nil {
		t.Fatal("not the root of the module: ", err)
	}
	found, err := Check(os.DirFS(root), module)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}
