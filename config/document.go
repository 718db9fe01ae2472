package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits that no written configuration comes near; they keep hostile files from costing memory and time.
const (
	maxFileSize = 256 << 10
	maxKeys     = 5_000
	maxDepth    = 32
)

// document is one YAML file being read: it collects what is wrong with it and remembers where every value stands.
type document struct {
	file     string
	lines    []string
	problems *Problems
	places   map[string]place // by path, such as "steps[2].after"
	bad      []string         // paths that have a problem already
	listener func(asked)      // hears what readers ask for; nil: nobody listens
}

// place is a position in a file; both count from 1, columns in characters.
type place struct{ line, column int }

// newDocument makes a document that has only lines; parse fills it.
func newDocument(file string, content []byte, problems *Problems) *document {
	return &document{
		file: file, lines: strings.Split(string(content), "\n"), problems: problems, places: map[string]place{},
	}
}

// report adds a problem at a place.
func (d *document) report(at place, hint, format string, args ...any) {
	problem := Problem{File: d.file, Message: fmt.Sprintf(format, args...), Hint: hint}
	if at.line > 0 {
		problem.Line, problem.Column = at.line, max(at.column, 1)
		if at.line <= len(d.lines) {
			problem.Excerpt = strings.TrimSuffix(d.lines[at.line-1], "\r")
		}
	}
	*d.problems = append(*d.problems, problem)
}

// reportPath adds a problem that a check of the finished values found, at the place of the value at path or else of the
// nearest value around it. It adds nothing where something in, at or around that value could not be read: the check has then
// seen only a part.
func (d *document) reportPath(path, message, hint string) {
	for _, bad := range d.bad {
		if within(path, bad) || within(bad, path) {
			return
		}
	}
	d.judge(d.find(path), hint, "%s", message)
}

// judge adds a problem of what a value says, which could be read.
func (d *document) judge(at place, hint, format string, args ...any) {
	d.report(at, hint, format, args...)
	(*d.problems)[len(*d.problems)-1].judged = true
}

// find gives the place of path, or of the nearest value around it.
func (d *document) find(path string) place {
	for {
		if at, ok := d.places[path]; ok {
			return at
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return d.places[""]
		}
		path = path[:cut]
	}
}

// within reports whether path is outer or below it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}

// parse reads content as one YAML document whose root is a mapping; false when it cannot be read at all, which is then
// reported. A byte-order mark and Windows line ends are fine.
func (d *document) parse(content []byte) (root node, ok bool) {
	defer func() {
		if failure := recover(); failure != nil { // a bug in the YAML library must not end the program
			d.report(place{}, "simplify the file", "cannot be read as YAML: %v", failure)
			root, ok = node{}, false
		}
	}()
	text, ok := d.readable(content)
	if !ok {
		return node{}, false
	}
	tokens := lexer.Tokenize(text)
	if !d.plain(tokens) {
		return node{}, false
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.reportSyntax(err)
		return node{}, false
	}
	return d.root(file)
}

// readable checks what comes before YAML: size, encoding, tabs.
func (d *document) readable(content []byte) (string, bool) {
	if len(content) > maxFileSize {
		d.report(place{}, fmt.Sprintf("a configuration file may have %d KiB; split it", maxFileSize>>10),
			"the file is too big: %d KiB", len(content)>>10)
		return "", false
	}
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) {
		// Every second byte of such a file is NUL: one problem says it, not one a line.
		d.report(place{}, "save the file as UTF-8; some editors call UTF-16 \"Unicode\"", "the file is UTF-16, not UTF-8")
		return "", false
	}
	text := strings.TrimPrefix(string(content), "\ufeff")
	d.lines = strings.Split(text, "\n")
	readable := true
	for i, line := range d.lines {
		if !utf8.ValidString(line) {
			valid := strings.ToValidUTF8(line, "\ufffd")
			d.lines[i] = valid
			column := utf8.RuneCountInString(valid[:strings.IndexRune(valid, '\ufffd')]) + 1
			d.report(place{i + 1, column}, "save the file as UTF-8", "this character is not UTF-8")
			readable = false
		}
		if at := strings.IndexFunc(line, forbidden); at >= 0 {
			d.lines[i] = strings.Map(func(r rune) rune {
				if forbidden(r) {
					return '\ufffd'
				}
				return r
			}, d.lines[i])
			d.judge(place{i + 1, utf8.RuneCountInString(line[:at]) + 1}, "delete it: in many editors it cannot be seen", "there is a control character, %U", line[at])
		}
		blank := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if tab := strings.IndexByte(blank, '\t'); tab >= 0 && strings.TrimSpace(line) != "" {
			d.report(place{i + 1, tab + 1}, "indent with spaces", "the line is indented with a tab")
			readable = false
		}
	}
	return text, readable
}

// forbidden reports a character that YAML has no place for, and that nobody sees in an editor (YAML 1.2.2, section 5.1).
func forbidden(r rune) bool { return r < ' ' && r != '\t' && r != '\r' || r == 0x7f }

// plain refuses what YAML can do and a configuration does not need: anchors and aliases (a few lines of them can stand for
// gigabytes), merge keys, tags, and nesting without end.
func (d *document) plain(tokens token.Tokens) bool {
	before, depth, keys, inline, line := len(*d.problems), 0, 0, 0, 0
	for _, t := range tokens {
		at := place{t.Position.Line, t.Position.Column}
		if at.line != line {
			line, inline = at.line, 0
		}
		switch t.Type { //nolint:exhaustive // all others are welcome
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			d.report(at, "write the value out where it is needed", "anchors and aliases (&, *, <<) are not allowed")
			return false // one is enough: the rest follow from it
		case token.TagType:
			d.report(at, "put the text in quotes if it begins with !", "YAML tags (!) are not allowed")
			return false
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType:
			inline++
		case token.MappingValueType:
			keys++
		}
		if depth > maxDepth || inline > maxDepth || keys > maxKeys {
			d.report(at, "write it simpler, or split it", "the file is nested too deeply or has too many keys")
			return false
		}
	}
	return len(*d.problems) == before
}

// root finds the one mapping that the file must be.
func (d *document) root(file *ast.File) (node, bool) {
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	if len(bodies) == 0 {
		d.report(place{}, "", "the file is empty")
		return node{}, false
	}
	if len(bodies) > 1 {
		d.report(position(bodies[1]), "one file holds one document: remove the --- and what follows it",
			"a second document begins here")
	}
	d.places[""] = position(bodies[0])
	return node{doc: d, yaml: bodies[0], at: d.places[""], form: formOf(d.file)}, true
}

// reportSyntax turns the YAML library's error into a problem with a hint that says what usually causes it.
func (d *document) reportSyntax(err error) {
	var syntax yaml.Error
	if !errors.As(err, &syntax) || syntax.GetToken() == nil {
		d.report(place{}, "", "cannot be read as YAML: %v", err)
		return
	}
	at := place{syntax.GetToken().Position.Line, syntax.GetToken().Position.Column}
	hint := "check the indentation and the quotes here and on the line before"
	for _, known := range syntaxHints {
		if strings.Contains(syntax.GetMessage(), known.sign) {
			hint = known.hint
			break
		}
	}
	if slip := d.slip(at.line); slip != "" {
		hint = slip
	}
	d.report(at, hint, "cannot be read as YAML: %s", syntax.GetMessage())
}

// syntaxHints says what usually causes a message of the YAML library.
var syntaxHints = []struct{ sign, hint string }{
	{"mapping value is not allowed", `put a text that contains ": " in quotes, and indent keys alike`},
	{"value is not allowed", "indent this line like its neighbours"},
	{"reserved character", "put the text in quotes"},
	{"could not find end character", "close the quote"},
	{"end token", "close the bracket"},
	{"must be specified", "close the bracket or the quote, or add the missing comma"},
	{"block sequence entries", "begin the list on a new line"},
	{"directive", "put a text that begins with % in quotes"},
}
