package config

import (
	"github.com/invopop/jsonschema"

	"nurture/internal/leadfile"
)

type (
	// Which column of a file of leads fills which field of a lead. docs/import.md explains it.
	mappingForm struct {
		// Lead field: the column that it is read from.
		Columns columnsOf `json:"columns"`
		// Lead field: a template over the cells of a line, such as {{ col "First" }}.
		Computed columnsOf `json:"computed"`
		// Lead field: what a value that is written means. "*" stands for every field.
		Values map[string]meaningsOf `json:"values"`
		// Criterion of the definition: the column, or template, with the answer.
		Facts ownNames `json:"facts"`
		// A field of your own: the column or template.
		Fields ownNames `json:"fields"`
		// A field of your own of the company: the column or template.
		AccountFields ownNames `json:"account_fields"`
		// For nurture demo alone: how the lead answers.
		Outcome ownNames `json:"outcome"`
		// Lead field, facts.NAME, fields.NAME or account.fields.NAME: what empty cells mean.
		Defaults defaultsOf `json:"defaults"`
		// Words for yes and no beside those that are known.
		Words wordsForm `json:"words"`
		// Whether 03/04/2026 is in April (dmy) or in March (mdy).
		Dates datesChoice `json:"dates"`
	}

	wordsForm struct {
		// Words that mean yes.
		Yes []scalarText `json:"yes"`
		// Words that mean no.
		No []scalarText `json:"no"`
	}
)

type (
	columnsOf   map[string]scalarText
	ownNames    map[string]scalarText
	meaningsOf  map[string]emptyScalar
	defaultsOf  map[string]emptyScalar
	scalarText  string // any single value, which counts as it is written
	emptyScalar string // and may be empty
	datesChoice string
)

func (scalarText) JSONSchema() *jsonschema.Schema {
	return either(plainText("").JSONSchema(), &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"})
}

func (emptyScalar) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "string"}, &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"}, &jsonschema.Schema{Type: "null"})
}

func (datesChoice) JSONSchema() *jsonschema.Schema {
	return oneOf(leadfile.DatesDayFirst, leadfile.DatesMonthFirst)
}

// ownName is the form of the names of facts, fields and traits in a mapping.
const ownName = `[a-z][a-z0-9_]{0,63}`

// JSONSchemaExtend asks for fields that a lead has.
func (columnsOf) JSONSchemaExtend(s *jsonschema.Schema) { leadFields(s) }

// JSONSchemaExtend asks for fields that a lead has, or names of the mapping's own.
func (defaultsOf) JSONSchemaExtend(s *jsonschema.Schema) {
	leadFields(s)
	s.PatternProperties[`^(facts|fields|account\.fields|outcome)\.`+ownName+`$`] = s.Properties.Value(leadfile.FieldNames()[0])
}

// JSONSchemaExtend asks for names of the mapping's own.
func (ownNames) JSONSchemaExtend(s *jsonschema.Schema) {
	s.PropertyNames = &jsonschema.Schema{Pattern: `^` + ownName + `$`}
}

// leadFields gives a schema of any names the fields of a lead alone; "lead." may stand before them.
func leadFields(s *jsonschema.Schema) {
	value := s.AdditionalProperties
	named(s, leadfile.FieldNames())
	s.PatternProperties = map[string]*jsonschema.Schema{}
	for _, name := range leadfile.FieldNames() {
		s.PatternProperties[`^lead\.`+name+`$`] = value
	}
}
