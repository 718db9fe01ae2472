package main

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"nurture/config"
)

type editorSchemaOptions struct {
	*app
	kind string
	out  string
}

func newEditorSchemaCmd(a *app) *cobra.Command {
	o := &editorSchemaOptions{app: a}
	cmd := &cobra.Command{
		Use: "schema [KIND]", Short: "Print the JSON Schema of a kind of file, for editors",
		Long: `Print the JSON Schema of a kind of file. With it an editor completes keys, explains them, and marks what is wrong while you
type. Without KIND the kinds are listed.

--out writes all of them into a folder. A first line in a file names its schema; the YAML extensions of VS Code, Neovim and
JetBrains read it:

  # yaml-language-server: $schema=.schemas/nurture.json

A schema sees one file alone: "nurture validate" also checks what files say of each other.`,
		Example: "  nurture schema cadence\n  nurture schema --out .schemas",
		Args:    args(0, 1, "KIND"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.kind = argument(args, 0); o.kind != "" && o.out != "" {
				return usagef(cmd, "--out writes all kinds; leave %s out", o.kind)
			}
			if err := oneOf(cmd, "KIND", o.kind, kindsOfFile()); err != nil {
				return err
			}
			return runEditorSchema(o)
		},
	}
	cmd.Flags().StringVar(&o.out, "out", "", "folder to write the schemas of all kinds into, as KIND.json")
	return cmd
}

// schemaKindJSON is what `schema --json` prints of each kind.
type schemaKindJSON struct {
	Kind  string `json:"kind"`
	Files string `json:"files"`
}

func runEditorSchema(o *editorSchemaOptions) error {
	if o.out != "" {
		written, err := writeEditorSchemas(o.out)
		if err != nil {
			return err
		}
		o.printf("%s in %s\n", count(written, "schema"), o.out)
		return nil
	}
	if o.kind == "" {
		return o.listSchemaKinds()
	}
	schema, err := config.SchemaKinds()[slices.Index(kindsOfFile(), o.kind)].JSON()
	if err != nil {
		return err
	}
	o.printf("%s\n", schema)
	return nil
}

// kindsOfFile are the values of KIND.
func kindsOfFile() []string {
	var names []string
	for _, kind := range config.SchemaKinds() {
		names = append(names, kind.Name)
	}
	return names
}

func (o *editorSchemaOptions) listSchemaKinds() error {
	rows := [][]string{{"KIND", "FILES"}}
	list := []schemaKindJSON{}
	for _, kind := range config.SchemaKinds() {
		rows = append(rows, []string{kind.Name, kind.Files})
		list = append(list, schemaKindJSON{kind.Name, kind.Files})
	}
	if o.json {
		return o.printJSON(list)
	}
	o.table(rows)
	return nil
}

// writeEditorSchemas writes the schema of every kind into dir, which is made, and returns how many there are.
func writeEditorSchemas(dir string) (int, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	kinds := config.SchemaKinds()
	for _, kind := range kinds {
		schema, err := kind.JSON()
		if err != nil {
			return 0, err
		}
		if err := os.WriteFile(filepath.Join(dir, kind.Name+".json"), append(schema, '\n'), 0o644); err != nil {
			return 0, err
		}
	}
	return len(kinds), nil
}
