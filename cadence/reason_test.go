package cadence_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"nurture/cadence"
)

// TestEveryReasonHasASentence reads the constants from the source, so that a new one cannot be forgotten.
func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		name, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		r := cadence.Reason(name)
		s := r.Sentence()
		if strings.Contains(s, "on record") || !strings.HasSuffix(s, ".") {
			t.Errorf("%s has no sentence: %q", r, s)
		}
		if other := said[s]; other != "" {
			t.Errorf("%s says the same as %s", r, other)
		}
		said[s] = r.String()
		return true
	})
	if len(said) < 38 {
		t.Errorf("read only %d reasons", len(said))
	}
}

func TestSentenceOfUnknownReasons(t *testing.T) {
	t.Parallel()
	if got := cadence.Reason("").Sentence(); got != "" {
		t.Errorf("no reason says %q", got)
	}
	if got := cadence.Reason("from_a_newer_version").Sentence(); !strings.Contains(got, "from_a_newer_version") {
		t.Errorf("got %q", got)
	}
}
