package templates

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// style says whether the HTML carries its styles in itself, as mail clients need, or leaves them to the page around it.
type style uint8

const (
	unstyled style = iota
	mailStyled
)

// The converters never render raw HTML: goldmark's unsafe option stays off, and checkMarkdown refuses it beforehand.
var converters = [...]goldmark.Markdown{
	unstyled: goldmark.New(goldmark.WithExtensions(extension.Linkify, extension.Strikethrough)),
	mailStyled: goldmark.New(goldmark.WithExtensions(extension.Linkify, extension.Strikethrough),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(styler{}, 1000)))),
}

// page is one Markdown text in both forms.
type page struct {
	html, text fragment
}

func makePage(markdown, word string, st style) (*page, error) {
	source := []byte(markdown)
	root := converters[st].Parser().Parse(text.NewReader(source))
	if found := findTrouble(root, source, word); len(found) > 0 {
		return nil, errors.New(found[0].message)
	}
	var b bytes.Buffer
	if err := converters[st].Renderer().Render(&b, source, root); err != nil {
		return nil, fmt.Errorf("turning Markdown into HTML: %w", err)
	}
	return &page{
		html: htmlFragment(b.String(), word),
		text: textFragment(plainText(root, source), word),
	}, nil
}

// MarkdownHTML turns Markdown of ours in which nothing is filled in, such as a job aid, into an HTML fragment without styles. HTML in it is
// left out.
func MarkdownHTML(markdown string) (string, error) {
	var b bytes.Buffer
	if err := converters[unstyled].Convert([]byte(markdown), &b); err != nil {
		return "", fmt.Errorf("turning Markdown into HTML: %w", err)
	}
	return b.String(), nil
}

// trouble is Markdown that must not be sent.
type trouble struct {
	offset        int
	message, hint string
}

// findTrouble looks for raw HTML and for links that lead nowhere.
func findTrouble(root ast.Node, source []byte, word string) []trouble {
	var found []trouble
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML:
			found = append(found, htmlTrouble(n.Segments.At(0).Start))
		case *ast.HTMLBlock:
			found = append(found, htmlTrouble(n.Lines().At(0).Start))
		case *ast.Link:
			found = append(found, linkTrouble(n, n.Destination, source, word)...)
		case *ast.Image:
			found = append(found, linkTrouble(n, n.Destination, source, word)...)
		}
		return ast.WalkContinue, nil
	})
	return found
}

func htmlTrouble(offset int) trouble {
	return trouble{offset, "has HTML in it", `write Markdown: **bold**, [words](https://…); a "<" itself is \<`}
}

func linkTrouble(n ast.Node, destination, source []byte, word string) []trouble {
	to := string(util.URLEscape(destination, true))
	if strings.HasPrefix(to, word) { // a variable: checked when its value is known
		return nil
	}
	if u, err := url.Parse(strings.ReplaceAll(to, word, "w")); err == nil && allowedScheme(u) {
		return nil
	}
	offset := 0
	for c := n; c != nil; c = c.FirstChild() {
		if t, ok := c.(*ast.Text); ok {
			offset = t.Segment.Start
		}
	}
	return []trouble{{
		offset, fmt.Sprintf("has a link to %q, which leads nowhere from a mail", to),
		"write the whole address: https://…, mailto:… or tel:…",
	}}
}

// checkMarkdown looks at a template's Markdown before any data is there. Each {{ … }} is blotted out by a word of the same
// length, so that offsets stay those of the source.
func checkMarkdown(doc *document) []Problem {
	body := doc.text[doc.body:]
	word := unusedWord(body)
	blotted := blotActions(body, word)
	source := []byte(blotted)
	var problems []Problem
	for _, t := range findTrouble(converters[unstyled].Parser().Parse(text.NewReader(source)), source, word) {
		problems = append(problems, doc.problem(doc.at(doc.body+t.offset), t.message, t.hint))
	}
	return problems
}

// blotActions overwrites each {{ … }} by word and filling letters. Actions on lines of their own become blank lines.
func blotActions(s, word string) string {
	out := []byte(s)
	for from := 0; ; {
		start := strings.Index(s[from:], "{{")
		if start < 0 {
			return string(out)
		}
		start += from
		end := actionEnd(s, start+2)
		for i := start; i < end; i++ {
			out[i] = 'x'
		}
		copy(out[start:end], word)
		from = end
	}
}

// actionEnd gives the offset behind the }} that closes an action; quoted }} do not count.
func actionEnd(s string, i int) int {
	var quote byte
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '`':
			quote = c
		case strings.HasPrefix(s[i:], "}}"):
			return i + 2
		}
	}
	return len(s)
}

// styler writes styles into the elements: several mail clients drop style sheets.
type styler struct{}

var headingSizes = [...]string{1: "24", 2: "20", 3: "18", 4: "16", 5: "16", 6: "16"}

// Transform sets the style attributes.
func (styler) Transform(root *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		set := func(css string) { n.SetAttributeString("style", []byte(css)) }
		switch n := n.(type) {
		case *ast.Paragraph:
			set("margin:0 0 16px 0")
		case *ast.Heading:
			set("margin:24px 0 12px 0;font-size:" + headingSizes[n.Level] + "px;line-height:1.3;font-weight:600")
		case *ast.List:
			set("margin:0 0 16px 0;padding:0 0 0 24px")
		case *ast.ListItem:
			set("margin:0 0 6px 0")
		case *ast.Blockquote:
			set("margin:0 0 16px 0;padding:0 0 0 16px;border-left:3px solid #b8bec7")
		case *ast.ThematicBreak:
			set("border:0;border-top:1px solid #b8bec7;margin:24px 0")
		case *ast.Link, *ast.AutoLink:
			set("color:#1a5fb4;text-decoration:underline")
		case *ast.Image:
			set("max-width:100%;height:auto;border:0")
		}
		return ast.WalkContinue, nil
	})
}
