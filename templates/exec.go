package templates

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"nurture/internal/oneline"
)

// sinkKey hides the sink of one execution in the root data; no template can name it.
const sinkKey = "\x00sink"

// sink takes what one execution prints.
type sink struct {
	prog *program
	// direct puts values straight into the text; else words stand for them, and values keeps them in order.
	direct   bool
	values   []value
	problems []Problem
}

// value is one printed value and where it was printed.
type value struct {
	text string
	site int
}

// printValue is what every printing pipeline ends in.
func printValue(root any, index int, v any) (string, error) {
	data, _ := root.(map[string]any)
	s, ok := data[sinkKey].(*sink)
	if !ok || index < 0 || index >= len(s.prog.sites) {
		return "", errors.New("cannot be called by a template")
	}
	at := s.prog.sites[index]
	text, ok := printable(v)
	switch {
	case !ok:
		s.fail(index, fmt.Sprintf("%s is a group, not a value", at.variable), "name one of its values")
	case text == "" && !at.optional:
		s.fail(index, at.variable+" is empty", emptyHint(at))
	}
	if s.direct {
		return text, nil
	}
	s.values = append(s.values, value{text, index})
	return s.prog.word + strconv.Itoa(len(s.values)-1) + "q", nil
}

func emptyHint(at site) string {
	return fmt.Sprintf(`fill it in, or write {{ %s | default "…" }} or {{ if %s }}…{{ end }}`, at.expr, at.expr)
}

func (s *sink) fail(index int, message, hint string) {
	at := s.prog.sites[index].at
	s.problems = append(s.problems, Problem{
		File: s.prog.file, Line: at.line, Column: at.column, Message: message, Hint: hint,
	})
}

// execute runs the program over data. The text has words for values unless direct.
func (p *program) execute(data Data, direct bool) (string, *sink) {
	s := &sink{prog: p, direct: direct}
	root := make(map[string]any, len(data)+1)
	for group, values := range data {
		root[group] = values
	}
	root[sinkKey] = s
	var b strings.Builder
	if err := p.tmpl.Execute(&b, root); err != nil {
		problem := Problem{File: p.file, Message: err.Error()}
		if m := parseErrorPattern.FindStringSubmatch(err.Error()); m != nil {
			line, _ := strconv.Atoi(m[1])
			problem.Line, problem.Message = p.line(line), m[2]
		}
		s.problems = append(s.problems, problem)
	}
	return b.String(), s
}

// plainLine executes a subject, preheader or title: one line without control characters.
func (p *program) plainLine(data Data) (string, []Problem) {
	text, s := p.execute(data, true)
	return oneline.Of(text), s.problems
}

// maxPages bounds the memory of one template: 2⁷ combinations of branches; what comes beyond is made anew each time.
const maxPages = 128

// page gives the Markdown's HTML and text with words for values.
func (p *program) page(markdown string, style style) (*page, error) {
	if known, ok := p.pages.Load(markdown); ok {
		return known.(*page), nil
	}
	made, err := makePage(markdown, p.word, style)
	if err != nil {
		return nil, err
	}
	if p.pageCount.Load() < maxPages {
		if _, loaded := p.pages.LoadOrStore(strings.Clone(markdown), made); !loaded {
			p.pageCount.Add(1)
		}
	}
	return made, nil
}

// render executes a body and puts the values into its HTML and its text. alter, when not nil, changes each value first.
func (p *program) render(data Data, style style, alter func(string) string) (html, text string, problems []Problem) {
	markdown, s := p.execute(data, false)
	if len(s.problems) > 0 {
		return "", "", s.problems
	}
	pg, err := p.page(markdown, style)
	if err != nil {
		return "", "", []Problem{{File: p.file, Message: err.Error()}}
	}
	if alter != nil {
		for i := range s.values {
			s.values[i].text = alter(s.values[i].text)
		}
	}
	html = pg.html.fill(s, true)
	text = pg.text.fill(s, false)
	return html, text, s.problems
}

// lookup gives one variable as it is printed; "" when absent.
func lookup(data Data, group, name string) string { return printed(data[group][name]) }
