package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"nurture/cadence"
)

// The front matter of each channel. Unknown keys fail.
type (
	emailHeader struct {
		Subject   string `yaml:"subject"`
		Preheader string `yaml:"preheader"`
		Pain      string `yaml:"pain"`
		Stage     string `yaml:"stage"`
		Language  string `yaml:"language"`
		Topic     string `yaml:"topic"`
	}
	voicemailHeader struct {
		Language  string `yaml:"language"`
		Recording string `yaml:"recording"`
		Pain      string `yaml:"pain"`
		Stage     string `yaml:"stage"`
	}
	callHeader struct {
		Title    string `yaml:"title"`
		Pain     string `yaml:"pain"`
		Stage    string `yaml:"stage"`
		Language string `yaml:"language"`
	}
)

var headerKeys = map[cadence.Channel][]string{
	cadence.ChannelEmail:     {"subject", "preheader", "pain", "stage", "language", "topic"},
	cadence.ChannelVoicemail: {"language", "recording", "pain", "stage"},
	cadence.ChannelCall:      {"title", "pain", "stage", "language"},
}

// place is where something stands in a file; both count from 1.
type place struct{ line, column int }

// document is a template file taken apart. Offsets count in text, which has LF line ends and no byte order mark.
type document struct {
	file   string
	text   string
	header string // the YAML, preceded by as many line ends as keep its line numbers those of the file; "" for none
	body   int    // offset of the body in text
	keys   map[string]place
}

// at gives the place of an offset in the file.
func (d *document) at(offset int) place {
	before := d.text[:min(max(offset, 0), len(d.text))]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return place{strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[lineStart:]) + 1}
}

func (d *document) problem(at place, message, hint string) Problem {
	return Problem{File: d.file, Line: at.line, Column: at.column, Message: message, Hint: hint}
}

func readEntry(fsys fs.FS, root, file string, k key) (*entry, []Problem) {
	source, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, []Problem{{File: file, Message: "cannot be read: " + err.Error()}}
	}
	doc, problem := splitDocument(file, source)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	e := &entry{key: k, file: file, source: source}
	var problems []Problem
	switch k.channel {
	case cadence.ChannelEmail:
		problems = e.readEmail(doc)
	case cadence.ChannelVoicemail:
		problems = e.readVoicemail(doc, fsys, root)
	case cadence.ChannelCall:
		problems = e.readCall(doc)
	}
	if strings.TrimSpace(doc.text[doc.body:]) == "" {
		if e.recording == "" {
			problems = append(problems, doc.problem(doc.at(doc.body), "has no text below the front matter", ""))
		}
		return e, problems
	}
	body, ps := compile(doc, doc.text[doc.body:], func(offset int) place { return doc.at(doc.body + offset) })
	e.body = body
	problems = append(problems, ps...)
	return e, append(problems, checkMarkdown(doc)...)
}

func (e *entry) readEmail(doc *document) []Problem {
	var h emailHeader
	problems := doc.decode(&h, headerKeys[e.channel])
	e.tags = Tags{Pain: h.Pain, Stage: h.Stage, Language: h.Language, Topic: strings.TrimSpace(h.Topic)}
	e.topicAt = doc.keyPlace("topic")
	if len(problems) == 0 && strings.TrimSpace(h.Subject) == "" {
		return []Problem{doc.problem(doc.keyPlace("subject"), "an email needs a subject",
			"begin the file with ---, subject: …, ---")}
	}
	var ps []Problem
	e.subject, ps = compile(doc, h.Subject, doc.fixed("subject"))
	problems = append(problems, ps...)
	if strings.TrimSpace(h.Preheader) != "" {
		e.preheader, ps = compile(doc, h.Preheader, doc.fixed("preheader"))
		problems = append(problems, ps...)
	}
	return append(problems, doc.checkLanguage(h.Language)...)
}

func (e *entry) readVoicemail(doc *document, fsys fs.FS, root string) []Problem {
	var h voicemailHeader
	problems := doc.decode(&h, headerKeys[e.channel])
	e.tags = Tags{Pain: h.Pain, Stage: h.Stage, Language: h.Language}
	e.recording = strings.TrimSpace(h.Recording)
	if e.recording == "" {
		return append(problems, doc.checkLanguage(h.Language)...)
	}
	if u, err := url.Parse(e.recording); err == nil && u.Scheme != "" {
		if u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			problems = append(problems, doc.problem(doc.keyPlace("recording"),
				fmt.Sprintf("%q is no web address", e.recording), "write https://… or the name of a file beside the template"))
		}
		return append(problems, doc.checkLanguage(h.Language)...)
	}
	file := path.Join(root, string(e.channel), e.recording)
	if info, err := fs.Stat(fsys, file); err != nil || info.IsDir() {
		problems = append(problems, doc.problem(doc.keyPlace("recording"),
			fmt.Sprintf("the recording %s does not exist", file), "name a file beside the template, or a web address"))
	}
	e.recording = file
	return append(problems, doc.checkLanguage(h.Language)...)
}

func (e *entry) readCall(doc *document) []Problem {
	var h callHeader
	problems := doc.decode(&h, headerKeys[e.channel])
	e.tags = Tags{Pain: h.Pain, Stage: h.Stage, Language: h.Language}
	problems = append(problems, doc.checkLanguage(h.Language)...)
	if strings.TrimSpace(h.Title) == "" {
		return problems
	}
	var ps []Problem
	e.title, ps = compile(doc, h.Title, doc.fixed("title"))
	return append(problems, ps...)
}

// splitDocument parts the front matter, between a first line "---" and the next such line, from the body.
func splitDocument(file string, source []byte) (*document, *Problem) {
	if !utf8.Valid(source) {
		return nil, &Problem{File: file, Message: "is not UTF-8", Hint: "save it as UTF-8"}
	}
	text := strings.TrimPrefix(string(source), "\uFEFF")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	doc := &document{file: file, text: text, keys: map[string]place{}}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }); i >= 0 {
		p := doc.problem(doc.at(i), fmt.Sprintf("has the control character U+%04X", text[i]), "delete it")
		return nil, &p
	}
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return doc, nil
	}
	offset := len("---\n")
	for line := range strings.Lines(rest) {
		if strings.TrimRight(line, " \t\n") == "---" {
			doc.header = "\n" + text[len("---\n"):offset]
			doc.body = offset + len(line)
			return doc, nil
		}
		offset += len(line)
	}
	p := doc.problem(place{1, 1}, "the front matter has no end", "close it with a line that holds only ---")
	return nil, &p
}

// decode reads the front matter strictly into h and remembers where each key's value stands.
func (d *document) decode(h any, known []string) []Problem {
	if strings.TrimSpace(d.header) == "" {
		return nil
	}
	err := yaml.NewDecoder(strings.NewReader(d.header), yaml.Strict()).Decode(h)
	if err != nil && !errors.Is(err, io.EOF) {
		return []Problem{d.yamlProblem(err, known)}
	}
	tree, err := parser.ParseBytes([]byte(d.header), 0)
	if err != nil {
		return []Problem{d.yamlProblem(err, known)}
	}
	for _, part := range tree.Docs {
		if mapping, ok := part.Body.(*ast.MappingNode); ok {
			for _, item := range mapping.Values {
				at := item.Value.GetToken().Position
				d.keys[item.Key.String()] = place{at.Line, at.Column}
			}
		}
	}
	return nil
}

// quoteHint is the way out of nearly all that is no YAML in front matter: a subject with a colon, or one that begins with a variable.
const quoteHint = `put a text with ": " in it, or that begins with {, in quotes, such as subject: "{{ .company.name }}: the checklist"`

func (d *document) yamlProblem(err error, known []string) Problem {
	var located yaml.Error
	if !errors.As(err, &located) || located.GetToken() == nil || located.GetToken().Position == nil {
		message, _, _ := bytes.Cut([]byte(err.Error()), []byte("\n"))
		return d.problem(place{1, 1}, "front matter: "+string(message), "")
	}
	at := located.GetToken().Position
	p := d.problem(place{at.Line, at.Column}, "front matter: "+located.GetMessage(), quoteHint)
	if strings.Contains(located.GetMessage(), "already defined") {
		p.Hint = "keep one of the two"
	}
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		p.Hint = "the keys are " + strings.Join(known, ", ")
		if near := nearest(located.GetToken().Value, known); near != "" {
			p.Hint = "did you mean " + near + "? " + p.Hint
		}
	}
	return p
}

// keyPlace is where a key's value stands; the file's first line when it has no such key.
func (d *document) keyPlace(name string) place {
	if at, ok := d.keys[name]; ok {
		return at
	}
	return place{1, 1}
}

func (d *document) fixed(name string) func(int) place {
	return func(int) place { return d.keyPlace(name) }
}

// checkLanguage wants a BCP 47 tag by its shape; whether anybody speaks it is not our business.
func (d *document) checkLanguage(tag string) []Problem {
	for i, part := range strings.Split(tag, "-") {
		ok := len(part) >= 1 && len(part) <= 8 && (i > 0 || len(part) >= 2 && len(part) <= 3)
		for _, r := range part {
			ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9')
		}
		if tag != "" && !ok {
			return []Problem{d.problem(d.keyPlace("language"), fmt.Sprintf("%q is no language tag", tag), "write en, de or pt-BR")}
		}
	}
	return nil
}
