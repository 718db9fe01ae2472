package leadfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// anyField is the name in Mapping.Values that stands for every field.
const anyField = "*"

// isTemplate tells a template from a column name in the sections that take both.
func isTemplate(text string) bool { return strings.Contains(text, "{{") }

// templateSection is a part of a mapping that holds templates: always, or when they look like one.
type templateSection struct {
	name   string
	texts  map[string]string
	always bool
}

func (m *Mapping) templateSections() []templateSection {
	return []templateSection{
		{sectionComputed, m.Computed, true},
		{sectionFacts, m.Facts, false},
		{sectionFields, m.Fields, false},
		{sectionAccount, m.Account, false},
		{sectionOutcome, m.Outcome, false},
	}
}

// parseTemplate compiles a computed value; col reads a column of the current row and may be nil when only the syntax
// matters.
func parseTemplate(text string, col func(name string) (string, error)) (*template.Template, error) {
	if col == nil {
		col = func(string) (string, error) { return "", errors.New("no row") }
	}
	t, err := template.New("value").Option("missingkey=error").Funcs(template.FuncMap{
		"col":     col,
		"lower":   strings.ToLower,
		"upper":   strings.ToUpper,
		"trim":    strings.TrimSpace,
		"replace": func(from, to, text string) string { return strings.ReplaceAll(text, from, to) },
		"default": func(other, text string) string {
			if strings.TrimSpace(text) == "" {
				return other
			}
			return text
		},
		"domain": domainOf,
		"digits": digits,
		"first":  first,
		"last":   last,
	}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the template is wrong: %s", strings.TrimPrefix(err.Error(), "template: value:"))
	}
	if reason := forbidden(t); reason != "" {
		return nil, fmt.Errorf("the template is wrong: %s", reason)
	}
	return t, nil
}

// forbidden names what a template may not contain: loops and calls of templates could run for ever on one row.
func forbidden(t *template.Template) (reason string) {
	if len(t.Templates()) > 1 {
		return "define and block are not available"
	}
	if t.Tree == nil {
		return ""
	}
	walk(t.Root, func(n parse.Node) {
		switch n.(type) {
		case *parse.RangeNode:
			reason = "range is not available"
		case *parse.TemplateNode:
			reason = "template is not available"
		}
	})
	return reason
}

// columnsOf lists the columns that a template names as plain texts after col, in order of appearance.
func columnsOf(t *template.Template) (columns []string) {
	if t.Tree == nil {
		return nil
	}
	walk(t.Root, func(n parse.Node) {
		command, ok := n.(*parse.CommandNode)
		if !ok || len(command.Args) < 2 {
			return
		}
		name, ok := command.Args[0].(*parse.IdentifierNode)
		if !ok || name.Ident != "col" {
			return
		}
		if text, ok := command.Args[1].(*parse.StringNode); ok && !slices.Contains(columns, text.Text) {
			columns = append(columns, text.Text)
		}
	})
	return columns
}

// walk visits the nodes of a template that can hold commands.
func walk(n parse.Node, visit func(parse.Node)) {
	visit(n)
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			walk(child, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, command := range n.Cmds {
			walk(command, visit)
		}
	case *parse.CommandNode:
		for _, arg := range n.Args {
			walk(arg, visit)
		}
	case *parse.IfNode:
		walkBranch(&n.BranchNode, visit)
	case *parse.WithNode:
		walkBranch(&n.BranchNode, visit)
	}
}

func walkBranch(n *parse.BranchNode, visit func(parse.Node)) {
	walk(n.Pipe, visit)
	walk(n.List, visit)
	if n.ElseList != nil {
		walk(n.ElseList, visit)
	}
}

// domainOf gives the domain of an email address or of a web address, in lower case.
func domainOf(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if _, domain, ok := strings.Cut(text, "@"); ok {
		return domain
	}
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	if end := strings.IndexAny(text, "/?#:"); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSuffix(strings.TrimPrefix(text, "www."), ".")
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// first gives the first n characters of text, last the last n; all of it when it is shorter.
func first(n int, text string) string {
	runes := []rune(text)
	return string(runes[:min(max(n, 0), len(runes))])
}

func last(n int, text string) string {
	runes := []rune(text)
	return string(runes[len(runes)-min(max(n, 0), len(runes)):])
}
