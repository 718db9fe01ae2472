package desk

import (
	"strings"
	"testing"
)

// TestStyleSheetIsWhole: every rule is closed before the next chapter begins. A brace that is lost makes all that follows a part of what was open, such as
// of what holds for phones only, and no browser says so.
func TestStyleSheetIsWhole(t *testing.T) {
	t.Parallel()
	sheet, err := assetFiles.ReadFile("assets/desk.css")
	must(t, err)
	open := 0
	for i, line := range strings.Split(string(sheet), "\n") {
		if open > 0 && (strings.HasPrefix(line, "@media") || strings.HasPrefix(line, "/*")) {
			t.Fatalf("line %d begins inside of a rule that is not closed: %s", i+1, line)
		}
		if open += strings.Count(line, "{") - strings.Count(line, "}"); open < 0 {
			t.Fatalf("line %d closes what was not open: %s", i+1, line)
		}
	}
	if open != 0 {
		t.Errorf("%d rules are not closed at the end", open)
	}
}

func TestNavigationNamesEachPageOnce(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, item := range navigation {
		if seen[item.Path] || seen[item.Label] {
			t.Errorf("%s, %s is there twice", item.Label, item.Path)
		}
		seen[item.Path], seen[item.Label] = true, true
	}
}
