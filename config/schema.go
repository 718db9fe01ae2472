package config

import (
	"embed"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"
)

// SchemaKind is a kind of file that has a JSON Schema.
type SchemaKind struct {
	Name  string // such as "cadence"
	Files string // where files of the kind lie in a configuration folder, as a pattern of package path
	form  reflect.Type
}

// SchemaKinds lists the kinds of files in the order to show them in.
func SchemaKinds() []SchemaKind {
	return []SchemaKind{
		{"nurture", SettingsFile, fileForms[SettingsFile]},
		{"cadence", CadencesDir + "/*.yaml", fileForms[CadencesDir+"/"]},
		{"uld", DefinitionFile, fileForms[DefinitionFile]},
		{"process", ProcessFile, fileForms[ProcessFile]},
		{"test", ScenariosDir + "/*.yaml", fileForms[ScenariosDir+"/"]},
		{"mapping", "mappings/*.yaml", reflect.TypeFor[mappingForm]()},
		{"email-template", "templates/email/*.md", reflect.TypeFor[emailTemplateForm]()},
		{"voicemail-template", "templates/voicemail/*.md", reflect.TypeFor[voicemailTemplateForm]()},
		{"call-template", "templates/call/*.md", reflect.TypeFor[callTemplateForm]()},
	}
}

// JSON gives the JSON Schema (draft 2020-12) of the kind, indented; the bytes must not be changed. What several files must agree on it
// cannot say: Load checks that.
func (k SchemaKind) JSON() ([]byte, error) {
	all, err := schemas()
	return all[k.Name], err
}

// schemas are the schemas of all kinds, by name.
var schemas = sync.OnceValues(func() (map[string][]byte, error) {
	describe, err := descriptions()
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, kind := range SchemaKinds() {
		reflector := jsonschema.Reflector{
			Anonymous: true, ExpandedStruct: true, RequiredFromJSONSchemaTags: true, LookupComment: describe,
		}
		schema := reflector.ReflectFromType(kind.form)
		schema.Title = kind.Files
		if all[kind.Name], err = json.MarshalIndent(schema, "", "  "); err != nil {
			return nil, err
		}
	}
	return all, nil
})

//go:embed written_*.go
var formSources embed.FS

// descriptions gives the comments of the types of written_*.go and of their fields: what a developer reads beside a key is what an
// editor shows a marketer.
var descriptions = sync.OnceValues(func() (func(reflect.Type, string) string, error) {
	entries, err := formSources.ReadDir(".")
	if err != nil {
		return nil, err
	}
	comments := map[string]string{}
	for _, entry := range entries {
		source, err := formSources.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("descriptions of %s: %w", entry.Name(), err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				describe(comments, spec)
			}
			return true
		})
	}
	return func(t reflect.Type, field string) string { return comments[t.Name()+"."+field] }, nil
})

// describe notes the comments of one type. Those that begin with the type's own name are for developers.
func describe(comments map[string]string, spec *ast.TypeSpec) {
	text := func(group *ast.CommentGroup) string { return strings.Join(strings.Fields(group.Text()), " ") }
	name := spec.Name.Name
	if about := text(spec.Doc); !strings.HasPrefix(about, name+" ") {
		comments[name+"."] = about
	}
	group, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range group.Fields.List {
		for _, key := range field.Names {
			comments[name+"."+key.Name] = text(field.Doc)
		}
	}
}
