package examples_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"nurture/config"
)

// schemasDir holds the schemas that the header lines of the examples name.
const schemasDir = "schemas"

// TestSchemasAreThoseOfTheProgram compares examples/schemas with what `nurture schema` prints; make golden rewrites them.
func TestSchemasAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	for _, kind := range config.SchemaKinds() {
		want, err := kind.JSON()
		if err != nil {
			t.Fatal(err)
		}
		want = append(bytes.Clone(want), '\n')
		file := filepath.Join(schemasDir, kind.Name+".json")
		if os.Getenv("NURTURE_UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program makes (%v); make golden rewrites it", file, err)
		}
	}
}

// TestEditorsTakeEveryExample checks each YAML file here against the schema that its first line names, as an editor does.
func TestEditorsTakeEveryExample(t *testing.T) {
	t.Parallel()
	compiled := map[string]*jsonschema.Schema{}
	files := 0
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		files++
		content, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(content), "\n")
		header, ok := strings.CutPrefix(first, "# yaml-language-server: $schema=")
		if !ok {
			t.Errorf("%s does not begin with the line that names its schema", name)
			return nil
		}
		schema := filepath.Join(filepath.Dir(filepath.FromSlash(name)), filepath.FromSlash(header))
		if compiled[schema] == nil {
			if compiled[schema], err = jsonschema.NewCompiler().Compile(schema); err != nil {
				t.Errorf("%s: %v", name, err)
				return nil
			}
		}
		var value any
		if err := yaml.Unmarshal(content, &value); err != nil {
			return err
		}
		if err := compiled[schema].Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || files < 7 {
		t.Errorf("%d files were checked: %v", files, err)
	}
}
