package config

import (
	"bytes"
	"errors"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"nurture/internal/leadfile"
)

// editor checks files as an editor does: against the JSON Schemas, in the validator of santhosh-tekuri.
type editor map[string]*jsonschema.Schema

func newEditor(t *testing.T) editor {
	t.Helper()
	e := editor{}
	for _, kind := range SchemaKinds() {
		raw, err := kind.JSON()
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		if err := compiler.AddResource(kind.Name+".json", document); err != nil {
			t.Fatal(err)
		}
		if e[kind.Name], err = compiler.Compile(kind.Name + ".json"); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// check gives what an editor says of a file.
func (e editor) check(t *testing.T, kind string, content []byte) error {
	t.Helper()
	if strings.HasSuffix(kind, "-template") {
		content = frontMatter(content)
	}
	var value any
	if err := yaml.Unmarshal(bytes.TrimPrefix(content, []byte("\ufeff")), &value); err != nil {
		t.Fatalf("%s is no YAML: %v", kind, err)
	}
	return e[kind].Validate(value)
}

// frontMatter is what stands between the first line of a template, ---, and the next such line; {} when there is none.
func frontMatter(content []byte) []byte {
	text := strings.ReplaceAll(strings.TrimPrefix(string(content), "\ufeff"), "\r\n", "\n")
	rest, ok := strings.CutPrefix(text, "---\n")
	header, _, ends := strings.Cut(rest, "\n---")
	if !ok || !ends || strings.TrimSpace(header) == "" {
		return []byte("{}")
	}
	return []byte(header)
}

// kindOf names the kind of a file; "" for one without a schema.
func kindOf(t *testing.T, file string) string {
	t.Helper()
	for _, kind := range SchemaKinds() {
		if matched, err := path.Match(kind.Files, file); err != nil {
			t.Fatal(err)
		} else if matched {
			return kind.Name
		}
	}
	return ""
}

// TestEditorsTakeWhatLoadTakes checks every configuration that loads against the schemas.
func TestEditorsTakeWhatLoadTakes(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	checked := 0
	for _, name := range archives(t, "good", 11) {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := baseFiles(t)
		for file, content := range overlay(archive) {
			files[file] = content
		}
		for file, content := range files {
			kind := kindOf(t, file)
			if kind == "" || content == nil {
				continue
			}
			checked++
			if err := e.check(t, kind, content); err != nil {
				t.Errorf("%s: %s: %v", name, file, err)
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d files were checked", checked)
	}
}

// TestEditorsRefuseWhatLoadRefuses gives every file of testdata/refused to both: an editor refuses it at the place that its second line
// names, and Load in that file alone.
func TestEditorsRefuseWhatLoadRefuses(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	files, err := filepath.Glob("testdata/refused/*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, want 40 or more: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			kind, _, _ := strings.Cut(filepath.Base(file), "-")
			_, at, _ := strings.Cut(strings.Split(string(content), "\n")[1], "# at:")
			var invalid *jsonschema.ValidationError
			if err := e.check(t, kind, content); !errors.As(err, &invalid) {
				t.Errorf("the schema takes it: %v", err)
			} else if places := placesOf(invalid); !slices.Contains(places, strings.TrimSpace(at)) {
				t.Errorf("the schema refuses it at %q, want %q:\n%v", places, strings.TrimSpace(at), err)
			}
			refusedByLoad(t, kind, content)
		})
	}
}

// placesOf lists where a file is refused, as JSON pointers.
func placesOf(invalid *jsonschema.ValidationError) []string {
	var places []string
	if len(invalid.Causes) == 0 {
		place := ""
		for _, part := range invalid.InstanceLocation {
			place += "/" + part
		}
		places = append(places, place)
	}
	for _, cause := range invalid.Causes {
		places = append(places, placesOf(cause)...)
	}
	return places
}

// refusedByLoad checks that Load refuses a configuration with the file in it, and for that file alone.
func refusedByLoad(t *testing.T, kind string, content []byte) {
	t.Helper()
	if kind == "mapping" {
		if _, err := leadfile.ParseMapping("mapping.yaml", content); err == nil {
			t.Error("ParseMapping takes it")
		}
		return
	}
	file := map[string]string{"nurture": SettingsFile, "uld": DefinitionFile, "process": ProcessFile, "cadence": "cadences/first.yaml", "test": "tests/first.yaml"}[kind]
	_, err := load(t, map[string][]byte{file: content})
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("Load takes it: %v", err)
	}
	for _, p := range problems {
		if p.File != file || p.Line < 1 {
			t.Errorf("Load refuses something else: %v", p)
		}
	}
}

// TestMappingSections checks that the schema of mappings has the sections that their parser reads, each on its own.
func TestMappingSections(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	for _, content := range []string{
		"columns: { email: Mail, lead.phone: Phone }\n", "computed: { key: 'x-{{ col \"No\" }}' }\n", "values: { \"*\": { Select: \"\" } }\n",
		"facts: { need: Need }\n", "fields: { visits: 3 }\n", "account_fields: { revenue: Revenue }\ndefaults: { account.fields.tier: B }\n", "outcome: { converted: Converted }\n",
		"defaults: { source: X, consent.email: yes, facts.need: \"\" }\n", "words: { yes: [ja, 1], no: [nein] }\n", "dates: dmy\n",
	} {
		if _, err := leadfile.ParseMapping("mapping.yaml", []byte(content)); err != nil {
			t.Errorf("ParseMapping refuses %s: %v", content, err)
		}
		if err := e.check(t, "mapping", []byte(content)); err != nil {
			t.Errorf("the schema refuses %s: %v", content, err)
		}
	}
	form := reflect.TypeFor[mappingForm]()
	var keys []string
	for i := range form.NumField() {
		keys = append(keys, form.Field(i).Tag.Get("json"))
	}
	if sections := leadfile.Sections(); !slices.Equal(slices.Sorted(slices.Values(keys)), slices.Sorted(slices.Values(sections))) {
		t.Errorf("the schema has the sections %v, the parser %v", keys, sections)
	}
}

// TestTemplateSchemas: an editor and Load take the same keys in the front matter of each kind of template, and refuse the same mistakes.
func TestTemplateSchemas(t *testing.T) {
	t.Parallel()
	e := newEditor(t)
	for _, c := range []struct {
		kind, header string
		good         bool
	}{
		{"email", "subject: Hello\npreheader: x\npain: cost\nstage: nurturing\nlanguage: de-CH", true},
		{"email", "preheader: x", false},
		{"email", "subject: Hello\nsubjct: x", false},
		{"email", "subject: Hello\nlanguage: german!", false},
		{"email", "subject: Hello\ntitle: x", false},
		{"email", "subject: [Hello]", false},
		{"voicemail", "language: en\nrecording: https://example.com/a.mp3\npain: cost\nstage: nurturing", true},
		{"voicemail", "subject: x", false},
		{"call", "title: Call\npain: cost\nstage: nurturing\nlanguage: en", true},
		{"call", "subject: x", false},
	} {
		content := []byte("---\n" + c.header + "\n---\nSome words.\n")
		if err := e.check(t, c.kind+"-template", content); (err == nil) != c.good {
			t.Errorf("%s, the schema: %v", c.header, err)
		}
		_, err := load(t, map[string][]byte{"templates/" + c.kind + "/another.md": content})
		refused := err != nil && strings.Contains(err.Error(), "templates/"+c.kind+"/another.md")
		if refused == c.good {
			t.Errorf("%s, Load: %v", c.header, err)
		}
	}
}
