package templates

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"
	"text/template/parse"
)

// printName is the function that compile puts at the end of every pipeline that prints, as html/template does with its
// escapers: `{{ .lead.first_name }}` runs as `{{ .lead.first_name | _print $ 3 }}`, 3 being the site.
const printName = "_print"

// program is one compiled text: a body, a subject, a title.
type program struct {
	file  string
	tmpl  *template.Template
	sites []site // every place that prints
	refs  []ref  // every variable that is named by its whole path, printed or not
	word  string // begins the words that stand for values; occurs nowhere in the source
	line  func(line int) int

	// pages holds the Markdown already turned into HTML and text: the Markdown without its values depends only on the
	// branches taken, so few forms of it exist. pageCount keeps long loops from filling the memory.
	pages     sync.Map // Markdown → *page
	pageCount atomic.Int32
}

// site is one place that prints.
type site struct {
	at       place
	expr     string // the pipeline as written
	variable string // the first variable in it, such as lead.first_name; expr when it has none
	optional bool   // has a default
}

// ref is one variable named in a template.
type ref struct {
	at   place
	path string
}

var parseErrorPattern = regexp.MustCompile(`^template: [^:]*:(\d+)(?::\d+)?:(?: executing "[^"]*" at)? ?(.*)$`)

// compile parses src. locate gives the place of an offset of src in its file.
func compile(doc *document, src string, locate func(int) place) (*program, []Problem) {
	tree := parse.New("text")
	tree.Mode = parse.ParseComments
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(src, "", "", trees, goFunctions, functions); err != nil {
		return nil, []Problem{parseProblem(doc, src, locate, err)}
	}
	c := &compiler{
		doc: doc, src: src, locate: locate,
		prog: &program{file: doc.file, word: unusedWord(src), line: func(n int) int { return locate(offsetOfLine(src, n)).line }},
	}
	for name := range trees {
		if name != tree.Name {
			c.problem(0, fmt.Sprintf("defines a template %q", name), "define, template and block cannot be used")
		}
	}
	if tree.Root != nil {
		trimStandalone(tree.Root)
		c.list(tree.Root, scope{known: true})
	}
	if len(c.problems) > 0 {
		return nil, c.problems
	}
	tmpl, err := template.New("text").Funcs(functions).AddParseTree("text", tree)
	if err != nil {
		return nil, []Problem{parseProblem(doc, src, locate, err)}
	}
	c.prog.tmpl = tmpl
	return c.prog, nil
}

func parseProblem(doc *document, src string, locate func(int) place, err error) Problem {
	message, line := err.Error(), 1
	if m := parseErrorPattern.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	offset := offsetOfLine(src, line)
	if i := strings.Index(src[offset:], "{{"); i >= 0 && !strings.Contains(src[offset:offset+i], "\n") {
		offset += i
	}
	p := doc.problem(locate(offset), message, "")
	switch {
	case strings.Contains(message, "not defined"):
		p.Hint = functionHint
		if strings.HasPrefix(message, "undefined variable") {
			p.Hint = ""
		}
		if m := regexp.MustCompile(`function "([a-z_]+)" not defined`).FindStringSubmatch(message); m != nil {
			if _, isGroup := groups[m[1]]; isGroup {
				p.Hint = "variables begin with a dot: {{ ." + m[1] + ".… }}"
			} else if path := variableOf(m[1]); path != "" {
				p.Hint = "variables begin with a dot and their group: {{ ." + path + " }}"
			}
		}
	case strings.Contains(message, "unexpected EOF"):
		p.Hint = "an if, range or with lacks its {{ end }}"
	case strings.Contains(message, "unexpected {{end}}"):
		p.Hint = "this {{ end }} closes nothing"
	case strings.Contains(message, "unclosed action"), strings.Contains(message, `unexpected "}"`):
		p.Hint = "close it with }}"
	}
	return p
}

func offsetOfLine(src string, line int) int {
	offset := 0
	for range line - 1 {
		i := strings.IndexByte(src[offset:], '\n')
		if i < 0 {
			break
		}
		offset += i + 1
	}
	return offset
}

// unusedWord finds a word that src does not contain. It is made of letters and digits, so that Markdown takes it for plain
// text, and no end of it is its beginning, so that text before a word cannot shift it.
func unusedWord(src string) string {
	for i := 0; ; i++ {
		if word := "vq" + strconv.Itoa(i) + "z"; !strings.Contains(src, word) {
			return word
		}
	}
}

type compiler struct {
	doc      *document
	src      string
	locate   func(int) place
	prog     *program
	problems []Problem
}

// scope says what "." is: the group path of prefix, or unknown inside of range.
type scope struct {
	prefix []string
	known  bool
}

func (c *compiler) problem(offset int, message, hint string) {
	c.problems = append(c.problems, c.doc.problem(c.locate(offset), message, hint))
}

func (c *compiler) list(l *parse.ListNode, s scope) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			c.pipe(n.Pipe, s)
			if len(n.Pipe.Decl) == 0 {
				c.site(n, s)
			}
		case *parse.IfNode:
			c.pipe(n.Pipe, s)
			c.list(n.List, s)
			c.list(n.ElseList, s)
		case *parse.WithNode:
			c.pipe(n.Pipe, s)
			path, _, ok := c.onlyField(n.Pipe, s)
			c.list(n.List, scope{prefix: path, known: ok})
			c.list(n.ElseList, s)
		case *parse.RangeNode:
			c.pipe(n.Pipe, s)
			c.list(n.List, scope{})
			c.list(n.ElseList, s)
		case *parse.TemplateNode:
			c.problem(int(n.Pos), "calls another template", "define, template and block cannot be used")
		}
	}
}

// site appends the printing command to a pipeline.
func (c *compiler) site(n *parse.ActionNode, s scope) {
	st := site{at: c.locate(int(n.Pos)), expr: n.Pipe.String()}
	st.variable = st.expr
	for _, cmd := range n.Pipe.Cmds {
		if id, ok := cmd.Args[0].(*parse.IdentifierNode); ok && id.Ident == "default" {
			st.optional = true
		}
	}
	c.eachVariable(n.Pipe, s, func(path string, offset int) {
		if st.variable == st.expr {
			st.variable, st.at = path, c.locate(offset)
		}
	})
	if path, offset, ok := c.onlyField(n.Pipe, s); ok && len(path) == 1 && groups[path[0]] {
		c.problem(offset, fmt.Sprintf("prints the group %s", path[0]), "name one of its values, such as "+path[0]+".name")
	}
	snippet := fmt.Sprintf("{{ %s $ %d }}", printName, len(c.prog.sites))
	trees, err := parse.Parse("print", snippet, "", "", functions)
	if err != nil {
		c.problem(int(n.Pos), err.Error(), "")
		return
	}
	printing := trees["print"].Root.Nodes[0].(*parse.ActionNode).Pipe.Cmds[0]
	n.Pipe.Cmds = append(n.Pipe.Cmds, printing)
	c.prog.sites = append(c.prog.sites, st)
}

func (c *compiler) pipe(p *parse.PipeNode, s scope) {
	c.eachVariable(p, s, func(path string, offset int) {
		c.prog.refs = append(c.prog.refs, ref{c.locate(offset), path})
	})
}

// onlyField gives the path when the pipeline is nothing but one variable.
func (c *compiler) onlyField(p *parse.PipeNode, s scope) (path []string, offset int, ok bool) {
	if len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return nil, 0, false
	}
	return c.field(p.Cmds[0].Args[0], s)
}

// field gives the whole path of a variable node; ok is false for other nodes and where "." is not known.
func (c *compiler) field(n parse.Node, s scope) (path []string, offset int, ok bool) {
	switch n := n.(type) {
	case *parse.FieldNode:
		if !s.known {
			return nil, 0, false
		}
		return append(append([]string{}, s.prefix...), n.Ident...), c.fieldStart(n), true
	case *parse.VariableNode:
		if n.Ident[0] != "$" || len(n.Ident) == 1 {
			return nil, 0, false
		}
		start := int(n.Pos)
		if start > 0 && c.src[start] == '.' && c.src[start-1] == '$' { // the parser puts $.a.b at its first dot
			start--
		}
		return n.Ident[1:], start, true
	}
	return nil, 0, false
}

// fieldStart finds the first dot of a field: the parser puts a field of several names at its second.
func (c *compiler) fieldStart(n *parse.FieldNode) int {
	first := "." + n.Ident[0]
	pos := int(n.Pos)
	if before := pos - len(first); len(n.Ident) > 1 && before >= 0 && strings.HasPrefix(c.src[before:], first) {
		return before
	}
	return pos
}

func (c *compiler) eachVariable(n parse.Node, s scope, visit func(path string, offset int)) {
	switch n := n.(type) {
	case *parse.PipeNode:
		for _, cmd := range n.Cmds {
			for _, arg := range cmd.Args {
				c.eachVariable(arg, s, visit)
			}
		}
	case *parse.ChainNode:
		c.eachVariable(n.Node, s, visit)
	default:
		if path, offset, ok := c.field(n, s); ok {
			visit(strings.Join(path, "."), offset)
		}
	}
}
