// Package startertest gives tests the starter configuration to change.
package startertest

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"nurture/examples"
)

// Files are those of examples.Starter with changes: path → text of a file to add or replace; an empty text removes one. The map is the caller's, to be
// changed further.
func Files(t testing.TB, changes map[string]string) fstest.MapFS {
	t.Helper()
	starter, files := examples.Starter(), fstest.MapFS{}
	err := fs.WalkDir(starter, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(starter, path)
		files[path] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal("read the starter configuration: ", err)
	}
	for path, text := range changes {
		if text == "" {
			delete(files, path)
			continue
		}
		files[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}
