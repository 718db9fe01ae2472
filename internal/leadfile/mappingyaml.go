package leadfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The sections of a mapping file.
const (
	sectionColumns  = "columns"
	sectionComputed = "computed"
	sectionValues   = "values"
	sectionFacts    = "facts"
	sectionFields   = "fields"
	sectionAccount  = "account_fields"
	sectionOutcome  = "outcome"
	sectionDefaults = "defaults"
	sectionWords    = "words"
	sectionDates    = "dates"
)

var sections = []string{
	sectionColumns, sectionComputed, sectionValues, sectionFacts, sectionFields, sectionAccount, sectionOutcome, sectionDefaults, sectionWords, sectionDates,
}

// Sections lists the sections of a mapping file, in the order of the documentation.
func Sections() []string { return slices.Clone(sections) }

// ParseMapping reads a mapping file; name stands in messages. Every scalar counts as it is written, so that yes, 1 and
// 007 stay what they are. The error is a *MappingError with every mistake; unknown sections and fields are mistakes.
func ParseMapping(name string, src []byte) (Mapping, error) {
	p := mappingParser{m: Mapping{source: source{
		name: name, lines: strings.Split(string(src), "\n"), at: make(map[string][2]int),
	}}}
	p.document(src)
	if len(p.problems) == 0 {
		p.check()
	}
	if err := mappingError(p.problems); err != nil {
		return Mapping{}, err
	}
	return p.m, nil
}

// mappingParser fills a Mapping from a YAML tree and gathers what is wrong.
type mappingParser struct {
	m        Mapping
	problems []Problem
}

func (p *mappingParser) fail(t *token.Token, reason, hint string) {
	problem := Problem{File: p.m.source.name, Reason: reason, Hint: hint}
	if t != nil && t.Position != nil {
		p.m.source.place(&problem, t.Position.Line, t.Position.Column)
	}
	p.problems = append(p.problems, problem)
}

func (p *mappingParser) document(src []byte) {
	file, err := parser.ParseBytes(src, 0)
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) {
			p.fail(at.GetToken(), at.GetMessage(), "")
		} else {
			p.fail(nil, err.Error(), "")
		}
		return
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
		p.fail(nil, "the mapping is empty", "at least columns: with email: or phone: is expected")
	case 1:
		p.pairs(bodies[0], "the mapping", p.section)
	default:
		p.fail(bodies[1].GetToken(), "the file holds a second document", "put everything into one")
	}
}

// pairs calls each for every key of a map.
func (p *mappingParser) pairs(n ast.Node, what string, each func(key string, at *token.Token, value ast.Node)) {
	tree, ok := n.(ast.MapNode)
	if !ok {
		p.fail(n.GetToken(), what+" must be a list of \"name: value\" lines", "")
		return
	}
	seen := make(map[string]bool)
	for iter := tree.MapRange(); iter.Next(); {
		at := iter.Key().GetToken()
		key, ok := scalar(iter.Key())
		switch {
		case !ok:
			p.fail(at, "a plain name is expected here", "")
		case seen[key]:
			p.fail(at, fmt.Sprintf("%q is given twice", key), "keep one")
		default:
			seen[key] = true
			each(key, at, iter.Value())
		}
	}
}

// scalar gives the text of a plain value as it is written; null is "".
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		return "", true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func (p *mappingParser) section(name string, at *token.Token, value ast.Node) {
	m := &p.m
	switch name {
	case sectionColumns:
		m.Columns = p.texts(name, value, p.leadField)
	case sectionComputed:
		m.Computed = p.texts(name, value, p.leadField)
	case sectionFacts:
		m.Facts = p.texts(name, value, p.ownName)
	case sectionFields:
		m.Fields = p.texts(name, value, p.ownName)
	case sectionAccount:
		m.Account = p.texts(name, value, p.ownName)
	case sectionOutcome:
		m.Outcome = p.texts(name, value, p.ownName)
	case sectionDefaults:
		m.Defaults = p.texts(name, value, p.anyName)
	case sectionValues:
		p.values(value)
	case sectionWords:
		p.words(value)
	case sectionDates:
		order, ok := scalar(value)
		if m.Dates = DateOrder(order); !ok || m.Dates != DatesDayFirst && m.Dates != DatesMonthFirst {
			p.fail(value.GetToken(), "dates must be dmy or mdy", "")
		}
	default:
		hint := "known are " + strings.Join(sections, ", ")
		if near := nearest(name, sections); near != "" {
			hint = "did you mean " + near + "?"
		}
		p.fail(at, fmt.Sprintf("section %q is not known", name), hint)
	}
}

// texts reads a section of name: text lines; accept turns a name into the one to keep, or says why it cannot be.
func (p *mappingParser) texts(section string, n ast.Node, accept func(string) (string, string, string)) map[string]string {
	texts := make(map[string]string)
	p.pairs(n, section, func(key string, at *token.Token, value ast.Node) {
		text, ok := scalar(value)
		if !ok {
			p.fail(value.GetToken(), fmt.Sprintf("%s.%s must be one text", section, key), "put it into quotes when it contains {, [ or :")
			return
		}
		name, reason, hint := accept(key)
		switch {
		case reason != "":
			p.fail(at, reason, hint)
		case strings.TrimSpace(text) == "" && section != sectionDefaults:
			p.fail(at, fmt.Sprintf("%s.%s is empty", section, key), "name a column, or leave the line out")
		default:
			texts[name] = text
			p.remember(section, name, value)
		}
	})
	return texts
}

func (p *mappingParser) remember(section, name string, value ast.Node) {
	if t := value.GetToken(); t != nil && t.Position != nil {
		p.m.source.at[section+"/"+name] = [2]int{t.Position.Line, t.Position.Column}
	}
}

func (p *mappingParser) leadField(name string) (kept, reason, hint string) {
	if f, ok := fieldByName(name); ok {
		return f.String(), "", ""
	}
	return "", fmt.Sprintf("lead field %q is not known", name), fieldHint(name)
}

func (p *mappingParser) ownName(name string) (kept, reason, hint string) {
	if nameOK.MatchString(name) {
		return name, "", ""
	}
	return "", fmt.Sprintf("%q is no valid name", name), "use lower case letters, digits and _, a letter first"
}

// anyName accepts lead fields and the prefixed names of the other sections.
func (p *mappingParser) anyName(name string) (kept, reason, hint string) {
	for prefix := range new(Mapping).own() {
		if own, ok := strings.CutPrefix(name, prefix); ok {
			_, reason, hint = p.ownName(own)
			return name, reason, hint
		}
	}
	return p.leadField(name)
}

// values reads the translations: name → value → value. A bare name may also be one of facts, fields or outcome; that is
// resolved in check, when all sections are known.
func (p *mappingParser) values(n ast.Node) {
	p.m.Values = make(map[string]map[string]string)
	p.pairs(n, sectionValues, func(name string, at *token.Token, value ast.Node) {
		translations := make(map[string]string)
		p.pairs(value, "values."+name, func(from string, _ *token.Token, to ast.Node) {
			text, ok := scalar(to)
			if !ok {
				p.fail(to.GetToken(), "the value meant must be one text", "")
				return
			}
			translations[from] = text
		})
		if f, ok := fieldByName(name); ok {
			name = f.String()
		}
		p.m.Values[name] = translations
		p.m.source.at[sectionValues+"/"+name] = [2]int{at.Position.Line, at.Position.Column}
	})
}

func (p *mappingParser) words(n ast.Node) {
	p.pairs(n, sectionWords, func(name string, at *token.Token, value ast.Node) {
		list, ok := value.(*ast.SequenceNode)
		if !ok {
			p.fail(value.GetToken(), "words."+name+" must be a list", `write it as ["ja", "yep"]`)
			return
		}
		var words []string
		for _, item := range list.Values {
			word, ok := scalar(item)
			if !ok {
				p.fail(item.GetToken(), "a plain word is expected here", "")
			}
			words = append(words, word)
		}
		switch name {
		case "yes":
			p.m.Words.Yes = words
		case "no":
			p.m.Words.No = words
		default:
			p.fail(at, fmt.Sprintf("words.%s is not known", name), "known are yes and no")
		}
	})
}

// check finds mistakes that show only when all sections are read.
func (p *mappingParser) check() {
	m := &p.m
	for name := range m.Computed {
		if _, twice := m.Columns[name]; twice {
			p.problems = append(p.problems, m.source.problem(sectionComputed, name, name+" is in columns already", "keep one of the two"))
		}
	}
	for _, s := range m.templateSections() {
		for name, text := range s.texts {
			if !s.always && !isTemplate(text) {
				continue
			}
			if _, err := parseTemplate(text, nil); err != nil {
				p.problems = append(p.problems, m.source.problem(s.name, name, err.Error(), "see docs/import.md for the functions"))
			}
		}
	}
	for _, word := range m.Words.Yes {
		if slices.ContainsFunc(m.Words.No, func(no string) bool { return fold(no) == fold(word) }) {
			p.fail(nil, fmt.Sprintf("words: %q means both yes and no", word), "keep one")
		}
	}
	for name := range m.Values {
		if reason, hint := m.resolveValues(name); reason != "" {
			p.problems = append(p.problems, m.source.problem(sectionValues, name, reason, hint))
		}
	}
}

// resolveValues moves the translations of a bare name to its full one.
func (m *Mapping) resolveValues(name string) (reason, hint string) {
	if _, ok := fieldByName(name); ok || name == anyField {
		return "", ""
	}
	var full []string
	for prefix, part := range m.own() {
		if own, prefixed := strings.CutPrefix(name, prefix); prefixed {
			if _, ok := (*part)[own]; ok {
				return "", ""
			}
		}
		if _, ok := (*part)[name]; ok {
			full = append(full, prefix+name)
		}
	}
	switch len(full) {
	case 0:
		return fmt.Sprintf("values.%s belongs to nothing that is mapped", name), fieldHint(name)
	case 1:
		if _, taken := m.Values[full[0]]; taken {
			return fmt.Sprintf("values.%s is given twice, as %s too", name, full[0]), "keep one"
		}
		m.Values[full[0]] = m.Values[name]
		delete(m.Values, name)
		return "", ""
	}
	slices.Sort(full)
	return fmt.Sprintf("values.%s is ambiguous", name), "write " + strings.Join(full, " or ")
}
