package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

// update writes what Load says into the archives of testdata/bad: make golden.
var update = os.Getenv("NURTURE_UPDATE_GOLDEN") != ""

// want is the file of an archive that holds the expected errors.
const want = "want"

// baseFiles reads testdata/base, a small configuration without fault.
func baseFiles(t rapid.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	base := filepath.Join("testdata", "base")
	err := filepath.WalkDir(base, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(base, path)
		files[filepath.ToSlash(name)] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// load loads the base with some files replaced; one with nil content is removed.
func load(t rapid.TB, replaced map[string][]byte) (*Config, error) {
	t.Helper()
	fsys := folder(t, replaced)
	c, err := Load(fsys)
	if err != nil {
		return nil, err
	}
	if _, err := LoadScenarios(fsys, c); err != nil {
		return nil, err
	}
	return c, nil
}

// folder is the base with some files replaced; one with nil content is removed.
func folder(t rapid.TB, replaced map[string][]byte) fs.FS {
	t.Helper()
	files := baseFiles(t)
	for name, content := range replaced {
		if content == nil {
			delete(files, name)
		} else {
			files[name] = content
		}
	}
	var list []File
	for name, content := range files {
		list = append(list, File{Path: name, Content: content})
	}
	fsys, err := FS(list)
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

// overlay gives the files of an archive. One whose name begins with "without " is removed from the base.
func overlay(archive *txtar.Archive) map[string][]byte {
	files := map[string][]byte{}
	for _, file := range archive.Files {
		if name, removed := strings.CutPrefix(file.Name, "without "); removed {
			files[name] = nil
		} else if file.Name != want {
			files[file.Name] = file.Data
		}
	}
	return files
}

// archives lists the archives of a folder, at least as many as given.
func archives(t *testing.T, folder string, least int) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) < least {
		t.Fatalf("testdata/%s has %d archives, want at least %d: %v", folder, len(paths), least, err)
	}
	return paths
}

// TestAppliedStays: what a check says that came after a version was applied does not take it out of force; what cannot be read does.
func TestAppliedStays(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/bad/never-accepted.txtar")
	if err != nil {
		t.Fatal(err)
	}
	written := overlay(archive)
	written["uld.yaml"] = bytes.Replace(written["uld.yaml"], []byte("options: a,"), []byte("options: [a],"), 1) // the one line that cannot be read
	if _, err := Load(folder(t, written)); err == nil {
		t.Fatal("the folder has nothing to find")
	}
	c, err := LoadApplied(folder(t, written))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Plans["first"].Audience.String(); !strings.Contains(got, "account.employees is at least 50") {
		t.Errorf("the audience is %s", got)
	}
	written["cadences/first.yaml"] = append(written["cadences/first.yaml"], "budget: many\n"...)
	if _, err := LoadApplied(folder(t, written)); err == nil {
		t.Error("a budget that is no number is in force")
	}
}

// TestBad loads each broken configuration of testdata/bad and compares everything that the person who wrote it is told.
func TestBad(t *testing.T) {
	t.Parallel()
	for _, path := range archives(t, "bad", 28) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c, err := load(t, overlay(archive))
			var problems Problems
			if !errors.As(err, &problems) || c != nil {
				t.Fatalf("Load gave a configuration: %t, error %v; want none and Problems", c != nil, err)
			}
			got := err.Error() + "\n"
			if update {
				writeWant(t, path, archive, got)
			}
			expected := ""
			for _, file := range archive.Files {
				if file.Name == want {
					expected = string(file.Data)
				}
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("errors differ (-want +got):\n%s", diff)
			}
		})
	}
}

// writeWant puts the errors into an archive.
func writeWant(t *testing.T, path string, archive *txtar.Archive, got string) {
	t.Helper()
	var files []txtar.File
	for _, file := range archive.Files {
		if file.Name != want {
			files = append(files, file)
		}
	}
	archive.Files = append(files, txtar.File{Name: want, Data: []byte(got)})
	if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestGood loads each variation of testdata/good.
func TestGood(t *testing.T) {
	t.Parallel()
	for _, path := range archives(t, "good", 11) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := load(t, overlay(archive)); err != nil {
				t.Fatalf("Load: %v", err)
			}
		})
	}
}
