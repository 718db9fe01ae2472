package config

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/invopop/jsonschema"

	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// The kinds of single values, as they are written. A schema is never stricter than the reader: what Load takes, an editor takes too.
type (
	plainText  string   // a text that is not blank
	keyName    string   // first-seven
	factName   string   // company_size
	waitTime   string   // a wait that is not nothing
	delayTime  string   // a wait, or "no wait"
	wholeDays  string   // a wait in days or weeks
	weekdays   string   // mon-fri
	daySpan    string   // "09:00-17:00"
	countryOf  string   // DE, Germany
	zoneName   string   // Europe/Berlin
	mailbox    string   // alex@example.com
	phoneNo    string   // "+49 30 123456"
	webAddress string   // https://www.example.com
	hostName   string   // example.com
	dateOf     string   // 2026-12-01
	postgres   string   // postgres://nurture@localhost/nurture
	accountNo  string   // AC and 32 hexadecimal digits
	monthsOf   string   // 6 months
	onlyTrue   bool     // true
	holidaysOf []string // lead, none, or countries
)

// patterned is the schema of a text of a form; form says it in words, where an editor tells what is wrong.
func patterned(pattern, form string, examples ...any) *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "string", Pattern: pattern, Examples: examples, Extras: map[string]any{"patternErrorMessage": form},
	}
}

// anyCase lets the letters of a pattern be written in either case: JSON Schema has no flag for that.
func anyCase(pattern string) string {
	var out strings.Builder
	for i, r := range pattern {
		if unicode.IsLetter(r) && (i == 0 || pattern[i-1] != '\\') {
			out.WriteString("[" + strings.ToUpper(string(r)) + strings.ToLower(string(r)) + "]")
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// trimmed lets white space stand around a pattern, as the reader does.
func trimmed(pattern string) string { return `^\s*(` + pattern + `)\s*$` }

// unanchored is a regular expression of the reader without its ends.
func unanchored(expression *regexp.Regexp) string {
	return strings.TrimSuffix(strings.TrimPrefix(expression.String(), "^"), "$")
}

const (
	clock       = `[0-9]{1,2}:[0-9]{2}`
	amount      = `[0-9]{1,6}\s+`
	weekdayName = `(mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)`
	weekdayPart = `\s*` + weekdayName + `\s*([-–]\s*` + weekdayName + `\s*)?`
	waitForm    = "a number and a unit, such as 2 business days, 3 days, 36 hours or 2 weeks"
)

func (plainText) JSONSchema() *jsonschema.Schema {
	return patterned(`\S`, "a text that is not blank")
}

func (keyName) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(unanchored(plainKey)), "small letters, digits and hyphens, such as first-seven")
}

func (factName) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(unanchored(factKey)), "small letters, digits and underscores, such as company_size")
}

func (waitTime) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(`0*[1-9][0-9]{0,5}\s+`+anyCase(`(hours?|days?|weeks?|business\s+days?)`)), waitForm, "2 business days", "3 days", "36 hours")
}

func (delayTime) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(amount+anyCase(`(hours?|days?|weeks?|business\s+days?)`)+"|"+anyCase(`no\s+wait`)),
		waitForm+`, or no wait`, "2 business days", "3 days", "36 hours", "no wait")
}

func (wholeDays) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(`0*[1-9][0-9]{0,5}\s+`+anyCase(`(days?|weeks?)`)), "whole days, such as 7 days or 2 weeks", "7 days", "2 weeks")
}

func (weekdays) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(anyCase(`every\s+day`)+"|"+anyCase(weekdayPart)+`(,`+anyCase(weekdayPart)+`)*`),
		`days such as mon-fri, "mon,wed,fri" or every day`, "mon-fri", "mon,wed,fri", "every day")
}

func (daySpan) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(clock+`\s*[-–]\s*`+clock), `from-to on one day, such as "09:00-17:00"`, "09:00-17:00")
}

func (countryOf) JSONSchema() *jsonschema.Schema {
	return patterned(`\S`, "a code of two letters, such as DE or US, or a name", "DE", "US", "GB")
}

func (zoneName) JSONSchema() *jsonschema.Schema {
	return patterned(`\S`, "an IANA name, such as Europe/Berlin", "Europe/Berlin", "America/New_York")
}

func (mailbox) JSONSchema() *jsonschema.Schema {
	return patterned(`\S@[^@\s]+\.[^@\s]+\s*$`, "a mail address, such as alex@example.com", "alex@example.com")
}

func (phoneNo) JSONSchema() *jsonschema.Schema {
	number := patterned(`^\s*\+[0-9 ()./-]+$`, `with + and country code, in quotes: "+49 30 123456"`, "+49 30 123456")
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{number, {Type: "integer"}}}
}

func (webAddress) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(anyCase(`https?`)+`://[^\s?#]+`), "a web address, such as https://www.example.com", "https://www.example.com")
}

func (hostName) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(`[A-Za-z0-9_.-]+`), "a name in DNS, such as example.com", "example.com")
}

func (dateOf) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(`[0-9]{4}-[0-9]{2}-[0-9]{2}`), "year-month-day, such as 2026-12-01", "2026-12-01")
}

func (postgres) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(anyCase(`postgres(ql)?`)+`:.*`), "such as postgres://nurture@localhost/nurture", "postgres://nurture@localhost/nurture")
}

func (accountNo) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(unanchored(accountSID)), "AC and 32 hexadecimal digits, from the Twilio console")
}

func (monthsOf) JSONSchema() *jsonschema.Schema {
	return patterned(trimmed(unanchored(months)), "a number of months, such as 6 months", "6 months")
}

func (onlyTrue) JSONSchema() *jsonschema.Schema { return &jsonschema.Schema{Const: true} }

func (holidaysOf) JSONSchema() *jsonschema.Schema {
	return either(&jsonschema.Schema{Enum: []any{ofLead, "none"}},
		&jsonschema.Schema{Type: "array", Items: patterned(`\S`, "a country such as DE, or a region such as DE-BY", "DE", "DE-BY")})
}

// either is the schema of a value that has one of several forms.
func either(forms ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: forms} }

// oneOf is the schema of one of some words.
func oneOf[T ~string](allowed ...T) *jsonschema.Schema {
	words := make([]any, len(allowed))
	for i, word := range allowed {
		words[i] = string(word)
	}
	return &jsonschema.Schema{Type: "string", Enum: words}
}

// refTo points to the definition of a type that the schema has elsewhere.
func refTo(definition string) *jsonschema.Schema {
	return &jsonschema.Schema{Ref: "#/$defs/" + definition}
}

// The groups of conditions. Their keys are the tables that the reader goes by: predicate.Ops and the fields.
type (
	condition       struct{} // over a lead, its account, its consent and its facts
	branchCondition struct{} // and over the course of the cadence
	answerCondition struct{} // over one answer
)

func (condition) JSONSchema() *jsonschema.Schema {
	return conditionSchema("condition", newFields(uld.Definition{}, true))
}

func (branchCondition) JSONSchema() *jsonschema.Schema {
	return conditionSchema("branchCondition", branchFieldsOf(newFields(uld.Definition{}, true)))
}

func (answerCondition) JSONSchema() *jsonschema.Schema {
	s := groups("answerCondition")
	for _, op := range predicate.Ops() {
		s.Properties.Set(string(op), operandSchema(op, field{}))
	}
	s.AdditionalProperties = jsonschema.FalseSchema
	return s
}

// conditionSchema is a group of conditions on fields, of which facts and columns may have any name.
func conditionSchema(own string, f fields) *jsonschema.Schema {
	s := groups(own)
	for _, name := range slices.Compact(slices.Sorted(slices.Values(f.names()))) {
		_, found, _ := f.find(name)
		s.Properties.Set(name, operatorsSchema(found))
	}
	s.PatternProperties = map[string]*jsonschema.Schema{`^((lead\.)?(lead\.)?fields|account\.fields|facts)\..+$`: operatorsSchema(field{})}
	s.AdditionalProperties = jsonschema.FalseSchema
	return s
}

// groups is an object with what conditions of a type are put together by.
func groups(own string) *jsonschema.Schema {
	one := uint64(1)
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), MinProperties: &one}
	list := func(about string) *jsonschema.Schema {
		return &jsonschema.Schema{Type: "array", MinItems: &one, Items: refTo(own), Description: about}
	}
	s.Properties.Set("all_of", list("All of these hold."))
	s.Properties.Set("any_of", list("One of these holds."))
	not := either(refTo(own), list(""))
	not.Description = "None of these holds."
	s.Properties.Set("not", not)
	return s
}

// operatorsSchema is what may be asked of a field.
func operatorsSchema(f field) *jsonschema.Schema {
	one := uint64(1)
	s := &jsonschema.Schema{
		Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema, MinProperties: &one,
	}
	for _, op := range predicate.Ops() {
		if measures(op) && (f.kind == predicate.KindText || f.kind == predicate.KindBool) {
			continue
		}
		s.Properties.Set(string(op), operandSchema(op, f))
	}
	return s
}

// measures reports whether an operator compares sizes.
func measures(op predicate.Op) bool {
	return op == predicate.AtLeast || op == predicate.AtMost || op == predicate.Between
}

// aboutOps says what holds of a value.
var aboutOps = map[predicate.Op]string{
	predicate.Is: "equals this", predicate.In: "equals one of these", predicate.AtLeast: "is this or more", predicate.AtMost: "is this or less",
	predicate.Between: "lies between these two, both included", predicate.Known: "is known, or is not",
}

// operandSchema is what an operator compares a field with.
func operandSchema(op predicate.Op, f field) *jsonschema.Schema {
	one, two := uint64(1), uint64(2)
	var s *jsonschema.Schema
	switch op {
	case predicate.Known:
		s = &jsonschema.Schema{Type: "boolean"}
	case predicate.In:
		s = &jsonschema.Schema{Type: "array", MinItems: &one, Items: valueSchema(f)}
	case predicate.Between:
		s = &jsonschema.Schema{Type: "array", MinItems: &two, MaxItems: &two, Items: sizeSchema(f)}
	case predicate.AtLeast, predicate.AtMost:
		if s = sizeSchema(f); f.kind == "" { // of which it is not known what it is
			s = either(&jsonschema.Schema{Type: "number"}, plainText("").JSONSchema())
		}
	case predicate.Is:
		s = valueSchema(f)
	}
	s.Description = "The value " + aboutOps[op] + "."
	return s
}

// valueSchema is a value that a field can have.
func valueSchema(f field) *jsonschema.Schema {
	switch f.kind {
	case predicate.KindBool:
		return &jsonschema.Schema{Type: "boolean"}
	case predicate.KindNumber:
		return &jsonschema.Schema{Type: "number"}
	case predicate.KindDate:
		return dateOf("").JSONSchema()
	case predicate.KindText:
		if f.values != nil {
			return oneOf(f.values...)
		}
		return plainText("").JSONSchema()
	}
	return either(plainText("").JSONSchema(), &jsonschema.Schema{Type: "number"}, &jsonschema.Schema{Type: "boolean"})
}

// sizeSchema is a number or a date.
func sizeSchema(f field) *jsonschema.Schema {
	if f.kind == predicate.KindNumber {
		return &jsonschema.Schema{Type: "number"}
	}
	return either(&jsonschema.Schema{Type: "number"}, dateOf("").JSONSchema())
}
