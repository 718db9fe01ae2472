package migrations

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
)

const released = "released.sum"

// TestReleasedFilesStay: databases have run them, so that a change would never reach these. A new file is listed with
// NURTURE_UPDATE_GOLDEN=1; that never changes a line.
func TestReleasedFilesStay(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(released)
	if err != nil {
		t.Fatal(err)
	}
	listed, last := map[string]string{}, ""
	for line := range strings.Lines(string(content)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok || name <= last {
			t.Fatalf("%s: %q is no line of it, or not in order", released, line)
		}
		listed[name], last = sum, name
	}
	files, err := FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var added strings.Builder
	for _, f := range files {
		text, err := FS.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		have := hex.EncodeToString(sum[:])
		want, known := listed[f.Name()]
		delete(listed, f.Name())
		switch {
		case !known && f.Name() < last:
			t.Errorf("%s is new and numbered below %s, which databases have run: no database will run it; give it a higher number", f.Name(), last)
		case !known:
			fmt.Fprintf(&added, "%s  %s\n", have, f.Name())
		case have != want:
			t.Errorf("%s is not what was released; write another migration (or, if it never was, remove its line from %s)", f.Name(), released)
		}
	}
	for name := range listed {
		t.Errorf("%s was released and is gone", name)
	}
	if added.Len() == 0 || t.Failed() {
		return
	}
	if os.Getenv("NURTURE_UPDATE_GOLDEN") == "" {
		t.Fatalf("%s lacks (NURTURE_UPDATE_GOLDEN=1 adds):\n%s", released, added.String())
	}
	if err := os.WriteFile(released, append(content, added.String()...), 0o644); err != nil {
		t.Fatal(err)
	}
}
