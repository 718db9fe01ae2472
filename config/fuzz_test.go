package config

import (
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// FuzzLoad replaces one file of the base by arbitrary bytes: Load must come back with a configuration or with problems that
// name places in the files.
func FuzzLoad(f *testing.F) {
	names := slices.Sorted(maps.Keys(baseFiles(f)))
	for i, name := range names {
		f.Add(uint8(i), baseFiles(f)[name])
	}
	bad, err := os.ReadDir("testdata/bad")
	if err != nil {
		f.Fatal(err)
	}
	for _, entry := range bad {
		archive, err := txtar.ParseFile("testdata/bad/" + entry.Name())
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if i := slices.Index(names, file.Name); i >= 0 && len(file.Data) < 10_000 {
				f.Add(uint8(i), file.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		name := names[int(which)%len(names)]
		if content == nil {
			content = []byte{}
		}
		checkLoad(t, name, content)
	})
}

// checkLoad loads the base with one file replaced and checks what Load promises of its answer.
func checkLoad(t rapid.TB, name string, content []byte) {
	t.Helper()
	c, err := load(t, map[string][]byte{name: content})
	if err == nil {
		if c == nil || len(c.Plans) != len(c.PlanHash) {
			t.Fatalf("Load gave no error and no complete configuration: %+v", c)
		}
		return
	}
	var problems Problems
	if !errors.As(err, &problems) || c != nil || len(problems) == 0 {
		t.Fatalf("Load gave an error that is not Problems alone: %v", err)
	}
	lines := strings.Split(strings.TrimPrefix(string(content), "\ufeff"), "\n")
	for _, p := range problems {
		if p.File == "" || p.Message == "" || p.Line < 0 || p.Line > 0 && p.Column < 1 {
			t.Errorf("a problem without place or words: %+v", p)
		}
		if p.File == name && strings.HasSuffix(name, ".yaml") && p.Line > len(lines) {
			t.Errorf("line %d of %d: %+v", p.Line, len(lines), p)
		}
		if !utf8.ValidString(p.String()) && utf8.Valid(content) {
			t.Errorf("not UTF-8: %+v", p)
		}
	}
}

// TestDamagedFiles cuts, doubles and overwrites pieces of good files.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	files := baseFiles(t)
	names := slices.Sorted(maps.Keys(files))
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom(names).Draw(r, "file")
		content := slices.Clone(files[name])
		for range rapid.IntRange(1, 4).Draw(r, "damages") {
			from := rapid.IntRange(0, len(content)).Draw(r, "from")
			to := rapid.IntRange(from, min(len(content), from+40)).Draw(r, "to")
			piece := rapid.SampledFrom([]string{"", ": ", "\n", "\n- ", "[", "}", "\"", "a", "{x: 1}", "null", "\t", "# "}).Draw(r, "piece")
			content = slices.Concat(content[:from], []byte(piece), content[to:])
		}
		checkLoad(r, name, content)
	})
}
