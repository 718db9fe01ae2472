package config

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"nurture/templates"
)

// File is one file of a configuration as it was read.
type File struct {
	Path    string // inside the folder, with slashes
	Content []byte
}

// maxFiles is more than any configuration has; a folder with more is probably the wrong one.
const maxFiles = 5_000

// collect reads every file of the configuration, so that all that follows works on one state of the folder.
func (l *loader) collect(fsys fs.FS) {
	for _, name := range []string{SettingsFile, DefinitionFile, ProcessFile} {
		l.readFile(fsys, name, "every configuration needs it; nurture init writes one to begin with")
	}
	if _, err := fs.Stat(fsys, SimulationFile); err == nil {
		l.readFile(fsys, SimulationFile, "")
	}
	l.collectCadences(fsys)
	l.collectTemplates(fsys)
}

// readFile reads one file; hint says what to do when it is missing.
func (l *loader) readFile(fsys fs.FS, name, hint string) {
	content, err := fs.ReadFile(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.problems = append(l.problems, Problem{File: name, Message: "the file is missing", Hint: hint})
	case err != nil:
		l.problems = append(l.problems, Problem{File: name, Message: "cannot be read: " + reason(err), Hint: "check its permissions"})
	default:
		l.files[name] = content
	}
}

// reason is an error without the path, which the problem names already.
func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// collectCadences reads cadences/*.yaml.
func (l *loader) collectCadences(fsys fs.FS) {
	entries, err := fs.ReadDir(fsys, CadencesDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.problems = append(l.problems, Problem{File: CadencesDir, Message: "cannot be read: " + reason(err), Hint: "check its permissions"})
		return
	}
	found := false
	for _, entry := range entries {
		name := path.Join(CadencesDir, entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), "."):
		case path.Ext(name) == ".yaml" && !entry.IsDir():
			found = true
			l.readFile(fsys, name, "")
		case strings.EqualFold(path.Ext(name), ".yml"), strings.EqualFold(path.Ext(name), ".yaml"):
			if entry.IsDir() {
				continue
			}
			found = true
			l.problems = append(l.problems, Problem{
				File: name, Message: "this file would be ignored", Hint: "name it " + strings.TrimSuffix(entry.Name(), path.Ext(name)) + ".yaml",
			})
		}
	}
	if !found {
		l.problems = append(l.problems, Problem{
			File: CadencesDir, Message: "there is no cadence", Hint: "write at least one, such as cadences/first-seven.yaml",
		})
	}
}

// collectTemplates reads everything below templates/ that is not overlooked.
func (l *loader) collectTemplates(fsys fs.FS) {
	_ = fs.WalkDir(fsys, TemplatesDir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			l.problems = append(l.problems, Problem{File: name, Message: "cannot be read: " + reason(err), Hint: "check its permissions"})
		case strings.HasPrefix(entry.Name(), ".") && entry.IsDir():
			return fs.SkipDir
		case entry.IsDir() || templates.Overlooked(entry.Name()):
		case len(l.files) >= maxFiles:
			l.problems = append(l.problems, Problem{File: TemplatesDir, Message: fmt.Sprintf("more than %d files", maxFiles)})
			return fs.SkipAll
		default:
			l.readFile(fsys, name, "")
		}
		return nil
	})
}

// FS gives files as a file system that Load takes: how a stored version is read again. The error says which path cannot be
// one of a file.
func FS(files []File) (fs.FS, error) {
	// archive/zip's reader is a complete read-only file system over bytes; nothing is compressed.
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	for _, file := range files {
		if !fs.ValidPath(file.Path) || file.Path == "." {
			return nil, fmt.Errorf("%q is not a path inside a configuration folder", file.Path)
		}
		entry, err := writer.CreateHeader(&zip.FileHeader{Name: file.Path, Method: zip.Store})
		if err == nil {
			_, err = entry.Write(file.Content)
		}
		if err != nil {
			return nil, fmt.Errorf("file %q: %w", file.Path, err)
		}
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("configuration files: %w", err)
	}
	reader, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		return nil, fmt.Errorf("configuration files: %w", err)
	}
	return reader, nil
}

// hash is the hex SHA-256 of the parts; their lengths are hashed too, so that no two lists of parts are alike.
func hash(parts ...[]byte) string {
	if len(parts) == 1 {
		sum := sha256.Sum256(parts[0])
		return hex.EncodeToString(sum[:])
	}
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d\n", len(part))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
