package templates

import (
	"bufio"
	"bytes"
	"html"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// plainText gives Markdown as a person would type it in a plain mail: paragraphs on one line each (clients wrap them),
// lists and quotes with their marks, links as "text (address)".
func plainText(root ast.Node, source []byte) string {
	w := plainWriter{source: source}
	return w.blocks(root, "\n\n")
}

type plainWriter struct{ source []byte }

// blocks joins the blocks below n.
func (w plainWriter) blocks(n ast.Node, between string) string {
	var parts []string
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if s := w.block(c); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, between)
}

func (w plainWriter) block(n ast.Node) string {
	switch n := n.(type) {
	case *ast.List:
		return w.list(n)
	case *ast.Blockquote:
		return indent(w.blocks(n, "\n\n"), "> ", "> ")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		var b strings.Builder
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			b.Write(line.Value(w.source))
		}
		return indent(strings.TrimRight(b.String(), "\n"), "    ", "    ")
	case *ast.ThematicBreak:
		return "----------"
	case *ast.HTMLBlock:
		return ""
	}
	return strings.TrimSpace(w.inlines(n))
}

func (w plainWriter) list(l *ast.List) string {
	between := "\n\n"
	if l.IsTight {
		between = "\n"
	}
	var items []string
	number := l.Start
	for c := l.FirstChild(); c != nil; c = c.NextSibling() {
		mark := "- "
		if l.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		items = append(items, indent(w.blocks(c, between), mark, strings.Repeat(" ", len(mark))))
	}
	return strings.Join(items, between)
}

// indent puts first before the first line and rest before the others; blank lines get no trailing spaces.
func indent(s, first, rest string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		prefix := rest
		if i == 0 {
			prefix = first
		}
		lines[i] = strings.TrimRight(prefix+line, " ")
	}
	return strings.Join(lines, "\n")
}

func (w plainWriter) inlines(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.inline(&b, c)
	}
	return b.String()
}

func (w plainWriter) inline(b *strings.Builder, n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		if n.IsRaw() {
			b.Write(n.Value(w.source))
		} else {
			b.WriteString(literal(n.Value(w.source)))
		}
		switch {
		case n.HardLineBreak():
			b.WriteByte('\n')
		case n.SoftLineBreak():
			b.WriteByte(' ')
		}
	case *ast.String:
		b.WriteString(literal(n.Value))
	case *ast.Link:
		w.link(b, w.inlines(n), string(util.URLEscape(n.Destination, true)))
	case *ast.AutoLink:
		if label := string(n.Label(w.source)); strings.Contains(label, "://") {
			b.WriteString(string(linkStart) + label + string(linkEnd))
		} else {
			b.WriteString(label)
		}
	case *ast.RawHTML:
	default: // emphasis, code, strikethrough, image: what they hold
		b.WriteString(w.inlines(n))
	}
}

// link writes "text (address)", or the address alone where the text says nothing else.
func (w plainWriter) link(b *strings.Builder, label, to string) {
	shown := strings.TrimPrefix(strings.TrimPrefix(to, "mailto:"), "tel:")
	if label == "" || label == to || label == shown {
		b.WriteString(string(linkStart) + to + string(linkEnd))
		return
	}
	b.WriteString(label + " (" + string(linkStart) + to + string(linkEnd) + ")")
}

// literal resolves Markdown's backslash escapes and entities just as the HTML renderer does.
func literal(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 && bytes.IndexByte(raw, '&') < 0 {
		return string(raw)
	}
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	ghtml.DefaultWriter.Write(w, raw)
	_ = w.Flush() // a bytes.Buffer never fails
	return html.UnescapeString(b.String())
}
