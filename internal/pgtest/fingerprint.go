package pgtest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"nurture/migrations"
)

// fingerprint stands for what a migration makes: our own migrations, and River's by its version in go.mod.
var fingerprint = sync.OnceValues(func() (string, error) {
	h := sha256.New()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		content, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(content), content)
	}
	module, err := goMod()
	if err != nil {
		return "", err
	}
	h.Write(module)
	return fmt.Sprintf("%x", h.Sum(nil)), nil
})

// goMod reads the go.mod of the module that is tested: tests run in the folder of their package.
func goMod() ([]byte, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		content, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return content, err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return nil, errors.New("no go.mod above the tests")
		}
		dir = up
	}
}
