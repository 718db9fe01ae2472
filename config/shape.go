package config

import (
	"reflect"
	"strings"
)

// The files as they are written are Go types: written_settings.go and its neighbours. The JSON Schemas are made of them, and the reader
// goes by them: an object takes a key only if its type has it and a reader asks for it, so that neither can know what the other does not.

// fileForms are the types of the files of a configuration, by name; a name that ends in a slash is a folder.
var fileForms = map[string]reflect.Type{
	SettingsFile: reflect.TypeFor[settingsForm](), DefinitionFile: reflect.TypeFor[definitionForm](), ProcessFile: reflect.TypeFor[processForm](),
	CadencesDir + "/": reflect.TypeFor[cadenceForm](), ScenariosDir + "/": reflect.TypeFor[scenarioForm](),
}

// formOf gives the type of a file; nil for one that has none.
func formOf(file string) reflect.Type {
	if form, ok := fileForms[file]; ok {
		return form
	}
	folder, _, _ := strings.Cut(file, "/")
	return fileForms[folder+"/"]
}

// member gives the type of the value of a key in a group of a type, and its field. ok is false when the group has no such key. Where a
// type does not say which keys there are, as conditions do not, any key is there, and its value has no type.
func member(form reflect.Type, key string) (value reflect.Type, written *reflect.StructField, ok bool) {
	switch {
	case form == nil:
		return nil, nil, true
	case form.Kind() == reflect.Map:
		return form.Elem(), nil, true
	case form.Kind() != reflect.Struct || form.NumField() == 0:
		return nil, nil, true
	}
	for i := range form.NumField() {
		if f := form.Field(i); f.Tag.Get("json") == key {
			return f.Type, &f, true
		}
	}
	return nil, nil, false
}

// itemForm gives the type of the items of a list of a type; nil when it has none.
func itemForm(form reflect.Type) reflect.Type {
	if form == nil || form.Kind() != reflect.Slice {
		return nil
	}
	return form.Elem()
}

// asked is what a reader asks of a key, for the test that compares it with the types.
type asked struct {
	form        reflect.Type
	key         string
	need        bool
	words       []string // the words that it takes, nil: it is no choice,
	usual       string   // and the one that stands for none
	least, most int      // between which it lies, most 0: it is no whole number,
	fallback    int      // and what stands for none
}

// hear tells whoever listens what a reader asks for.
func (d *document) hear(a asked) {
	if d.listener != nil {
		d.listener(a)
	}
}
