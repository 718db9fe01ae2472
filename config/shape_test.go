package config

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	"github.com/rogpeppe/go-internal/txtar"
)

// heard is everything that readers asked of a key.
type heard struct {
	need   bool
	words  []string
	usual  []string
	ranges []asked
}

// listen reads a configuration and notes what its readers ask for: form → key → what.
func listen(t *testing.T, into map[reflect.Type]map[string]*heard, files map[string][]byte) {
	t.Helper()
	l := &loader{files: files, documents: map[string]node{}, listener: func(a asked) {
		if a.key == "" || a.form == nil || a.form.Kind() != reflect.Struct || a.form.NumField() == 0 {
			return // a group of free names, or the items of a list
		}
		if into[a.form] == nil {
			into[a.form] = map[string]*heard{}
		}
		h := into[a.form][a.key]
		if h == nil {
			h = &heard{}
			into[a.form][a.key] = h
		}
		h.need = h.need || a.need
		if a.words != nil {
			h.words, h.usual = append(h.words, a.words...), append(h.usual, a.usual)
		}
		if a.most > 0 {
			h.ranges = append(h.ranges, a)
		}
	}}
	c := l.read()
	for name, content := range files {
		if strings.HasPrefix(name, ScenariosDir+"/") {
			l.readScenarioFile(name, content, c)
		}
	}
}

// everything reads all that there is to read: good and broken configurations.
func everything(t *testing.T) map[reflect.Type]map[string]*heard {
	t.Helper()
	all := map[reflect.Type]map[string]*heard{}
	listen(t, all, baseFiles(t))
	for _, path := range slices.Concat(archives(t, "good", 11), archives(t, "bad", 28)) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files := baseFiles(t)
		for name, content := range overlay(archive) {
			if files[name] = content; content == nil {
				delete(files, name)
			}
		}
		listen(t, all, files)
	}
	return all
}

// TestReadersAndFormsAgree compares what the readers ask for, over every configuration in testdata, with the types that the JSON Schemas
// are made of: the same keys, the same of them needed, the same words, the same ranges and defaults.
func TestReadersAndFormsAgree(t *testing.T) {
	t.Parallel()
	all := everything(t)
	var seen func(form reflect.Type)
	compared := map[reflect.Type]bool{}
	seen = func(form reflect.Type) {
		if compared[form] {
			return
		}
		compared[form] = true
		switch form.Kind() { //nolint:exhaustive // others hold no keys
		case reflect.Slice, reflect.Map:
			seen(form.Elem())
		case reflect.Struct:
			if form.NumField() == 0 {
				return
			}
			compareForm(t, form, all[form])
			for i := range form.NumField() {
				seen(form.Field(i).Type)
			}
		}
	}
	for _, form := range fileForms {
		seen(form)
	}
	for form := range all {
		if !compared[form] {
			t.Errorf("%s is read and part of no file", form)
		}
	}
	if len(compared) < 60 {
		t.Errorf("only %d types were compared", len(compared))
	}
}

// neededByOthers are keys that are needed beside another key alone: the schema says so where it says what that key needs.
var neededByOthers = []string{"caseForm.goto", "ruleForm.else"}

func compareForm(t *testing.T, form reflect.Type, keys map[string]*heard) {
	t.Helper()
	for i := range form.NumField() {
		field := form.Field(i)
		key := field.Tag.Get("json")
		h := keys[key]
		delete(keys, key)
		if h == nil {
			t.Errorf("%s: no reader asks for %q", form, key)
			continue
		}
		tags := strings.Split(field.Tag.Get("jsonschema"), ",")
		if required := slices.Contains(tags, "required") || slices.Contains(neededByOthers, form.Name()+"."+key); required != h.need {
			t.Errorf("%s: %q is required in the schema: %t, for the reader: %t", form, key, required, h.need)
		}
		compareWords(t, form, field, h)
		compareRange(t, form, field, h)
	}
	for key := range keys {
		t.Errorf("%s: a reader asks for %q, which the type does not have", form, key)
	}
}

// compareWords compares the words that a reader takes with those of the schema.
func compareWords(t *testing.T, form reflect.Type, field reflect.StructField, h *heard) {
	t.Helper()
	custom, ok := reflect.New(field.Type).Interface().(interface{ JSONSchema() *jsonschema.Schema })
	if !ok || len(custom.JSONSchema().Enum) == 0 {
		if len(h.words) > 0 {
			t.Errorf("%s: %q is one of %v for the reader, and no choice in the schema", form, field.Tag.Get("json"), h.words)
		}
		return
	}
	var allowed []string
	for _, word := range custom.JSONSchema().Enum {
		if text, ok := word.(string); ok {
			allowed = append(allowed, text)
		}
	}
	taken := slices.Compact(slices.Sorted(slices.Values(h.words)))
	slices.Sort(allowed)
	if field.Type != reflect.TypeFor[holidaysOf]() && !slices.Equal(allowed, taken) {
		t.Errorf("%s: %q is one of %v in the schema, one of %v for the reader", form, field.Tag.Get("json"), allowed, taken)
	}
	if usual, ok := tag(field, "default"); ok && !slices.Contains(h.usual, usual) {
		t.Errorf("%s: %q defaults to %s in the schema, to one of %v for the reader", form, field.Tag.Get("json"), usual, h.usual)
	}
}

// compareRange compares the whole numbers that a reader takes with those of the schema.
func compareRange(t *testing.T, form reflect.Type, field reflect.StructField, h *heard) {
	t.Helper()
	if isNumber := field.Type.Kind() == reflect.Int; isNumber != (len(h.ranges) > 0) {
		t.Errorf("%s: %q is a whole number in the schema: %t, for the reader: %t", form, field.Tag.Get("json"), isNumber, len(h.ranges) > 0)
	}
	for _, a := range h.ranges {
		for name, value := range map[string]int{"minimum": a.least, "maximum": a.most, "default": a.fallback} {
			written, ok := tag(field, name)
			raw, _ := json.Marshal(value)
			if name == "default" && !ok {
				continue // it depends on the rest of the file, or there is none
			}
			if written != string(raw) {
				t.Errorf("%s: %q has %s %q in the schema, %s for the reader", form, field.Tag.Get("json"), name, written, raw)
			}
		}
	}
}

// tag gives the value of a keyword in the jsonschema tag of a field.
func tag(field reflect.StructField, keyword string) (string, bool) {
	for _, part := range strings.Split(field.Tag.Get("jsonschema"), ",") {
		if value, ok := strings.CutPrefix(part, keyword+"="); ok {
			return value, true
		}
	}
	return "", false
}

// TestEveryKeyIsDescribed asks each key of each file for the words that an editor shows.
func TestEveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	describe, err := descriptions()
	if err != nil {
		t.Fatal(err)
	}
	for form, keys := range everything(t) {
		for i := range form.NumField() {
			if field := form.Field(i); keys[field.Tag.Get("json")] != nil && describe(form, field.Name) == "" {
				t.Errorf("%s: %q has no description", form, field.Tag.Get("json"))
			}
		}
	}
}
