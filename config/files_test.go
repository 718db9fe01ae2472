package config

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"
)

// TestStoredVersion reads the files of a configuration again, as a worker does with the version that is live.
func TestStoredVersion(t *testing.T) {
	t.Parallel()
	first := good(t, "every-step")
	fsys, err := FS(first.Files)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "files", again.Files, first.Files)
	equal(t, "plans", again.Plans, first.Plans)
	equal(t, "hashes", again.PlanHash, first.PlanHash)
	sum := sha256.Sum256(baseFiles(t)["uld.yaml"])
	equal(t, "definition hash", first.DefinitionHash, hex.EncodeToString(sum[:]))
	var paths []string
	for _, file := range first.Files {
		paths = append(paths, file.Path)
	}
	equal(t, "paths", paths, strings.Fields("cadences/first.yaml cadences/long.yaml nurture.yaml process.yaml "+
		"templates/call/discovery.md templates/email/intro.md templates/email/news.md templates/voicemail/hello.md uld.yaml"))
}

func TestFSIsAFileSystem(t *testing.T) {
	t.Parallel()
	fsys, err := FS([]File{{Path: "nurture.yaml", Content: []byte("a")}, {Path: "templates/email/intro.md", Content: nil}})
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(fsys, "nurture.yaml", "templates/email/intro.md"); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"", ".", "../nurture.yaml", "/etc/passwd", "a//b", strings.Repeat("a", 70_000)} {
		if _, err := FS([]File{{Path: path}}); err == nil {
			t.Errorf("FS takes the path %.20q", path)
		}
	}
}

// TestPlanHash changes one thing at a time and says whose version that changes.
func TestPlanHash(t *testing.T) {
	t.Parallel()
	base := good(t, "base")
	files := baseFiles(t)
	with := func(name, more string) map[string][]byte {
		return map[string][]byte{name: append(append([]byte{}, files[name]...), more...)}
	}
	for _, test := range []struct {
		what        string
		files       map[string][]byte
		first, long bool // whether the hash changes
	}{
		{"a comment in its file", with("cadences/first.yaml", "# hm\n"), true, false},
		{"a template that only it uses", with("templates/email/intro.md", "More.\n"), true, false},
		{"a template that nobody uses", with("templates/voicemail/hello.md", "More.\n"), false, false},
		{"the window of all", with("nurture.yaml", "defaults: { window: { days: mon-thu } }\n"), true, true},
		{"the legal hours", with("nurture.yaml", "compliance: { call_hours: \"09:00-20:00\" }\n"), true, true},
		{"who may be asked for", with("nurture.yaml", "on_unknown: ask\n"), false, false},
		{"the definition", with("uld.yaml", "# hm\n"), false, false},
	} {
		c, err := load(t, test.files)
		if err != nil {
			t.Fatalf("%s: %v", test.what, err)
		}
		if got := c.PlanHash["first"] != base.PlanHash["first"]; got != test.first {
			t.Errorf("%s changes the hash of first: %t, want %t", test.what, got, test.first)
		}
		if got := c.PlanHash["long"] != base.PlanHash["long"]; got != test.long {
			t.Errorf("%s changes the hash of long: %t, want %t", test.what, got, test.long)
		}
		if changed := c.DefinitionHash != base.DefinitionHash; changed != (test.what == "the definition") {
			t.Errorf("%s changes the hash of the definition: %t", test.what, changed)
		}
	}
}

// barred is a file system on which some paths cannot be opened.
type barred struct {
	fs.FS
	paths []string
}

func (b barred) Open(name string) (fs.File, error) {
	for _, path := range b.paths {
		if name == path {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		}
	}
	return b.FS.Open(name)
}

func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	fsys, err := FS(good(t, "base").Files)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"uld.yaml", "cadences", "cadences/first.yaml", "templates/email", "templates/email/intro.md"} {
		_, err := Load(barred{fsys, []string{path}})
		var problems Problems
		if !errors.As(err, &problems) {
			t.Fatalf("%s cannot be read, Load gave %v", path, err)
		}
		if text := err.Error(); !strings.Contains(text, path+": cannot be read: permission denied\n  hint: check its permissions") {
			t.Errorf("%s cannot be read, Load said\n%s", path, text)
		}
	}
}

// TestUTF16: some editors save so under the name of "Unicode". Every second byte is NUL, and one problem says it, not one for each line.
func TestUTF16(t *testing.T) {
	t.Parallel()
	for mark, order := range map[string]binary.AppendByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian} {
		files := good(t, "base").Files
		for i := range files {
			if files[i].Path == "cadences/first.yaml" {
				content := []byte(mark)
				for _, unit := range utf16.Encode([]rune(string(files[i].Content))) {
					content = order.AppendUint16(content, unit)
				}
				files[i].Content = content
			}
		}
		fsys, err := FS(files)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load(fsys)
		if want := "cadences/first.yaml: the file is UTF-16, not UTF-8\n  hint: save the file as UTF-8; some editors call UTF-16 \"Unicode\""; err == nil || err.Error() != want {
			t.Errorf("%v: Load said\n%v", order, err)
		}
	}
}

func TestIgnoredFiles(t *testing.T) {
	t.Parallel()
	files := baseFiles(t)
	more := map[string][]byte{
		"README.md": []byte("about us"), ".git/config": []byte("x"), "cadences/README.md": []byte("about cadences"), "templates/email/intro.md~": []byte("as it was"),
		"cadences/.first.yaml.swp": []byte("x"), "templates/.drafts/email/x.md": []byte("x"), "templates/email/.intro.md.swp": []byte("x"),
	}
	c, err := load(t, more)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range c.Files {
		if _, ok := files[file.Path]; !ok {
			t.Errorf("%s is part of the version", file.Path)
		}
	}
}

func TestTooManyFiles(t *testing.T) {
	t.Parallel()
	many := fstest.MapFS{}
	for i := range maxFiles + 1 {
		many["templates/email/x"+strings.Repeat("x", i%50)+string(rune('a'+i%26))+strings.Repeat("y", i/50)+".md"] = &fstest.MapFile{}
	}
	_, err := Load(many)
	if err == nil || !strings.Contains(err.Error(), "templates: more than 5000 files") {
		t.Errorf("Load of %d templates gave %.200v", len(many), err)
	}
}
