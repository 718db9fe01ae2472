package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nurture/config"
	"nurture/examples"
)

type initOptions struct {
	*app
	dir  string
	kind string
}

func newInitCmd(a *app) *cobra.Command {
	o := &initOptions{app: a}
	var kinds strings.Builder
	for _, k := range examples.Kinds() {
		fmt.Fprintf(&kinds, "  %-14s %s\n", k.Name, k.About)
	}
	cmd := &cobra.Command{
		Use: "init [DIR] --kind KIND", Short: "Write a configuration to begin with, for your kind of business",
		Long: `Write a complete, commented configuration to begin with: settings, lead definition, process, cadences with the long game, mails, call
scripts and tests. Everything validates and every test passes; change it bit by bit into your own.

` + kinds.String() + `
DIR is the folder of --config unless it is given. Nothing that is there already is changed: if any of the files exists, none is written.`,
		Example: "  nurture init my-company --kind software\n  cd my-company && nurture test",
		Args:    args(0, 1, "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = argument(args, 0)
			if err := need(cmd, "kind"); err != nil {
				return err
			}
			if err := oneOf(cmd, "--kind", o.kind, kindsOfBusiness()); err != nil {
				return err
			}
			return runInit(o)
		},
	}
	cmd.Flags().StringVar(&o.kind, "kind", "", "kind of business: software, agency, manufacturing or training")
	return cmd
}

// schemasFolder is where a configuration that init wrote has its schemas: hidden, for editors alone.
const schemasFolder = ".schemas"

// schemaLine begins a file that names its schema.
const schemaLine = "# yaml-language-server: $schema="

// ignoreFile keeps out of version control what does not belong there; one that is there already is left as it is.
const (
	ignoreFile = ".gitignore"
	ignored    = "# what nurture keeps beside the configuration, and keys\n/.nurture/\n*.pem\n"
)

// kindsOfBusiness are the values of --kind.
func kindsOfBusiness() []string {
	var names []string
	for _, k := range examples.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

func runInit(o *initOptions) error {
	files, err := starterFiles(examples.Kinds()[slices.Index(kindsOfBusiness(), o.kind)])
	if err != nil {
		return err
	}
	dir := cmp.Or(o.dir, o.configDir)
	if err := refuseExisting(dir, files); err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(dir, ignoreFile)); errors.Is(err, fs.ErrNotExist) {
		files[ignoreFile] = []byte(ignored)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(name)), files[name]); err != nil {
			return err
		}
	}
	if o.json {
		return o.printJSON(map[string]any{"dir": dir, "kind": o.kind, "files": slices.Sorted(maps.Keys(files))})
	}
	o.printf("wrote %s for the kind %s into %s\n\n", count(len(files), "file"), o.kind, dir)
	o.printf("next\n")
	for _, step := range [][2]string{
		{"edit nurture.yaml", "your company, the people, the senders"},
		{"nurture validate", "every mistake at once"},
		{"nurture test", "what happens to a lead that does this or that"},
		{"nurture demo --config .", "the whole of it on made-up leads, in a minute"},
		{"nurture uld sign --role marketing --name NAME", "and --role sales: both agree what a lead is"},
		{"nurture apply", "live"},
	} {
		o.printf("  %-46s %s\n", step[0], step[1])
	}
	return nil
}

// starterFiles are the files of a starter by path, with the schemas that their first lines name.
func starterFiles(kind examples.Kind) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(kind.Files(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(kind.Files(), name)
		if bytes.HasPrefix(content, []byte(schemaLine)) { // in the repository the schemas lie beside the starters, in one place for all
			content = bytes.Replace(content, []byte("../schemas/"), []byte(schemasFolder+"/"), 1)
		}
		files[name] = content
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, k := range config.SchemaKinds() {
		schema, err := k.JSON()
		if err != nil {
			return nil, err
		}
		files[path.Join(schemasFolder, k.Name+".json")] = append(slices.Clone(schema), '\n')
	}
	return files, nil
}

// refuseExisting fails when a file is there already, naming all of them.
func refuseExisting(dir string, files map[string][]byte) error {
	var there []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		switch _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); {
		case err == nil:
			there = append(there, name)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(there) == 0 {
		return nil
	}
	shown := strings.Join(there[:min(len(there), 3)], ", ")
	if more := len(there) - 3; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	return hint(failf("%s has %s already; nothing was written", dir, shown), "name a new folder, such as nurture init my-company --kind software")
}

// writeNew writes a file that must not exist, and the folders above it.
func writeNew(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
