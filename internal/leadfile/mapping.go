package leadfile

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Mapping says which column, or which template over columns, fills which lead field. Columns are named as the header names
// them; case, spaces and punctuation do not count where that leaves one column only. The second of two columns with the
// same name is "Name (2)", the third "Name (3)"; a column without a name is "column N". A Mapping that reads no
// column means: guess.
type Mapping struct {
	Columns  map[string]string            // lead field → column
	Computed map[string]string            // lead field → template, see docs/import.md
	Facts    map[string]string            // criterion key → column, or template when it contains "{{"
	Fields   map[string]string            // custom field → column or template
	Account  map[string]string            // custom field of the account → column or template
	Outcome  map[string]string            // persona trait → column or template
	Values   map[string]map[string]string // lead field, "facts.x", "fields.x", "account.fields.x", "outcome.x" or "*" → value as written → value meant
	Defaults map[string]string            // lead field, "facts.x", "fields.x", "account.fields.x" or "outcome.x" → value of empty cells
	Words    Words
	Dates    DateOrder

	source source // where it was written, for messages
}

// Words are the words for yes and no, beside those that are known already.
type Words struct {
	Yes, No []string
}

// DateOrder tells day and month apart in dates such as 03/04/2026. The zero order takes only dates that leave no doubt.
type DateOrder string

// The date orders.
const (
	DatesUnambiguous DateOrder = ""
	DatesDayFirst    DateOrder = "dmy"
	DatesMonthFirst  DateOrder = "mdy"
)

// Guesses tells whether m reads nothing from a file, so that Read guesses the columns. Values, defaults, words and dates
// of such a mapping hold for the guess.
func (m Mapping) Guesses() bool {
	return len(m.Columns)+len(m.Computed)+len(m.Facts)+len(m.Fields)+len(m.Account)+len(m.Outcome) == 0
}

// nameOK is what keys of criteria, custom fields and traits look like.
var nameOK = regexp.MustCompile(OwnName)

// The prefixes of names that are no lead field.
const (
	prefixFacts   = "facts."
	prefixFields  = "fields."
	prefixAccount = accountPrefix + prefixFields
	prefixOutcome = "outcome."
)

// Assign applies "field=Column" from a command line: the column fills the field, whatever filled it before.
func (m *Mapping) Assign(assignment string) error {
	name, column, ok := strings.Cut(assignment, "=")
	name, column = strings.TrimSpace(name), strings.TrimSpace(column)
	if !ok || name == "" || column == "" {
		return fmt.Errorf("%q is no mapping: write field=Column, such as email=\"Email Address\"", assignment)
	}
	section, key, err := m.section(name)
	if err != nil {
		return err
	}
	if section == &m.Columns {
		if _, computed := m.Computed[key]; computed {
			m.Computed = maps.Clone(m.Computed)
			delete(m.Computed, key)
		}
	}
	*section = maps.Clone(*section)
	if *section == nil {
		*section = make(map[string]string)
	}
	(*section)[key] = column
	return nil
}

// own are the parts of m whose names are one's own, by the prefix that tells them from lead fields.
func (m *Mapping) own() map[string]*map[string]string {
	return map[string]*map[string]string{prefixFacts: &m.Facts, prefixFields: &m.Fields, prefixAccount: &m.Account, prefixOutcome: &m.Outcome}
}

// section finds the part of m that holds columns for a name, and the name there.
func (m *Mapping) section(name string) (part *map[string]string, key string, err error) {
	for prefix, part := range m.own() {
		if key, ok := strings.CutPrefix(name, prefix); ok {
			if !nameOK.MatchString(key) {
				return nil, "", fmt.Errorf("%q is no valid name: use lower case letters, digits and _", name)
			}
			return part, key, nil
		}
	}
	f, ok := fieldByName(name)
	if !ok {
		return nil, "", fmt.Errorf("lead field %q is not known; %s", name, fieldHint(name))
	}
	return &m.Columns, f.String(), nil
}

// fieldHint helps somebody who misspelled a lead field.
func fieldHint(name string) string {
	if near := nearest(name, FieldNames()); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "known are " + strings.Join(FieldNames(), ", ") + ", and your own as fields.NAME and account.fields.NAME"
}

// source is the text that a mapping was read from.
type source struct {
	name  string
	lines []string
	at    map[string][2]int // "section/key" → line, column of the value
}

// problem makes a Problem at the place of a section's key; without a place in a file it has none.
func (s source) problem(section, key, reason, hint string) Problem {
	p := Problem{File: s.name, Reason: reason, Hint: hint}
	if at, ok := s.at[section+"/"+key]; ok {
		s.place(&p, at[0], at[1])
	} else if s.name == "" {
		p.Reason = key + ": " + reason
	}
	return p
}

func (s source) place(p *Problem, line, column int) {
	p.Line, p.Column = line, column
	if line > 0 && line <= len(s.lines) {
		p.Text = strings.TrimRight(s.lines[line-1], "\r")
	}
}

// Problem is one mistake in a mapping.
type Problem struct {
	File   string // "" when the mapping comes from no file
	Line   int    // 1-based; 0 when the mistake has no place
	Column int    // 1-based, in characters
	Text   string // the line at fault
	Reason string
	Hint   string // the way out, or ""
}

// String gives "file:line:column: reason (hint)", the line, and a caret below the place.
func (p Problem) String() string {
	var out strings.Builder
	if p.File != "" {
		out.WriteString(p.File + ":")
	}
	if p.Line > 0 {
		fmt.Fprintf(&out, "%d:%d:", p.Line, p.Column)
	}
	if out.Len() > 0 {
		out.WriteByte(' ')
	}
	out.WriteString(p.Reason)
	if p.Hint != "" {
		out.WriteString(" (" + p.Hint + ")")
	}
	if p.Text != "" {
		// Tabs stay tabs below tabs, so that the caret stands right.
		before := []rune(p.Text)
		before = before[:min(max(p.Column-1, 0), len(before))]
		for i, r := range before {
			if r != '\t' {
				before[i] = ' '
			}
		}
		out.WriteString("\n\t" + p.Text + "\n\t" + string(before) + "^")
	}
	return out.String()
}

// MappingError is every mistake of a mapping at once.
type MappingError struct {
	Problems []Problem
}

// Error lists the problems, in the order of the file.
func (e *MappingError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// mappingError gives nil for no problems.
func mappingError(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return &MappingError{Problems: problems}
}
