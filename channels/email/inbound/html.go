package inbound

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// cutMark is a line of its own where an HTML mail says that all below is the earlier mail. No text has it: NULs are dropped.
const cutMark = "\x00cut"

// maxHTMLBytes is how much of an HTML text is read. What people write stands at its beginning; the tree takes ten times as much.
const maxHTMLBytes = 512 << 10

// htmlLines makes plain lines of an HTML text. What is quoted gets a ">", as in plain mail; signatures that a mail program marks
// as such and what a reader does not see are left out.
func htmlLines(s string) []string {
	s = s[:min(len(s), maxHTMLBytes)]
	if strings.TrimSpace(s) == "" {
		return nil
	}
	w := &htmlWriter{}
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil { // nested past the library's limit: no mail program makes that, so the bare text will do
		w.tokens(s)
	} else {
		w.node(doc)
	}
	w.flush()
	return w.lines
}

type htmlWriter struct {
	lines []string
	line  strings.Builder
	space bool // white space is due before the next word
	quote int
	pre   int
}

// flush ends a line; an empty one is only kept after text.
func (w *htmlWriter) flush() {
	text := w.line.String()
	w.line.Reset()
	w.space = false
	if text == "" {
		return
	}
	w.lines = append(w.lines, strings.Repeat("> ", w.quote)+text)
}

// blank parts paragraphs.
func (w *htmlWriter) blank() {
	w.flush()
	if n := len(w.lines); n > 0 && w.lines[n-1] != "" {
		w.lines = append(w.lines, "")
	}
}

func (w *htmlWriter) text(s string) {
	if w.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			switch {
			case i > 0 && w.line.Len() == 0:
				w.blank()
			case i > 0:
				w.flush()
			}
			w.line.WriteString(line)
		}
		return
	}
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			w.space = true
		case r == 0 || r == '\u200b' || r == '\ufeff' || r == '\u00ad':
		default:
			if w.space && w.line.Len() > 0 {
				w.line.WriteByte(' ')
			}
			w.space = false
			w.line.WriteRune(r)
		}
	}
}

// tokens writes the bare text of something that cannot be parsed.
func (w *htmlWriter) tokens(s string) {
	for z := html.NewTokenizer(strings.NewReader(s)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.TextToken:
			w.text(html.UnescapeString(string(z.Raw())))
		default:
			w.space = true
			if name, _ := z.TagName(); string(name) == "br" || string(name) == "p" || string(name) == "div" {
				w.flush()
			}
		}
	}
}

func (w *htmlWriter) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		w.text(n.Data)
		return
	case html.ElementNode:
		if unseen(n) || signatureElement(n) {
			return
		}
		if endsReply(n) {
			w.flush()
			w.lines = append(w.lines, cutMark)
		}
	}
	w.open(n)
	quoted := quotedElement(n)
	if quoted {
		w.blank()
		w.quote++
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.node(c)
	}
	if quoted {
		w.flush()
		w.quote--
		w.blank()
	}
	w.shut(n)
}

func (w *htmlWriter) open(n *html.Node) {
	switch n.DataAtom {
	case atom.Br:
		if w.line.Len() == 0 {
			w.blank()
		}
		w.flush()
	case atom.Div, atom.Tr, atom.Table, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Center, atom.Dt, atom.Dd, atom.Address:
		w.flush()
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Hr:
		w.paragraph(n)
	case atom.Pre:
		w.blank()
		w.pre++
	case atom.Li:
		w.flush()
		w.line.WriteString("- ")
	case atom.Td, atom.Th:
		w.space = true
	}
}

func (w *htmlWriter) shut(n *html.Node) {
	switch n.DataAtom {
	case atom.Div, atom.Tr, atom.Table, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Center, atom.Li, atom.Dt, atom.Dd, atom.Address:
		w.flush()
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol:
		w.paragraph(n)
	case atom.Pre:
		w.pre--
		w.blank()
	}
}

// paragraph parts paragraphs by an empty line, save Outlook's: there each line is a paragraph without a margin.
func (w *htmlWriter) paragraph(n *html.Node) {
	if strings.Contains(attribute(n, "class"), "MsoNormal") {
		w.flush()
		if n.FirstChild != nil && strings.TrimSpace(textOf(n, 64)) == "" {
			w.blank()
		}
		return
	}
	w.blank()
}

// textOf is the beginning of an element's text.
func textOf(n *html.Node, limit int) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
		if b.Len() > limit {
			break
		}
	}
	return b.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, classes ...string) bool {
	have := strings.Fields(strings.ToLower(attribute(n, "class")))
	for _, h := range have {
		for _, c := range classes {
			if h == c || strings.HasPrefix(h, "x_") && h[2:] == c { // Outlook on the web renames the classes of others
				return true
			}
		}
	}
	return false
}

func hasID(n *html.Node, ids ...string) bool {
	id := strings.TrimPrefix(strings.ToLower(attribute(n, "id")), "x_")
	for _, one := range ids {
		if id == one {
			return true
		}
	}
	return false
}

// unseen are elements that a reader does not see.
func unseen(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Head, atom.Script, atom.Style, atom.Title, atom.Template, atom.Noscript, atom.Object, atom.Iframe, atom.Svg:
		return true
	}
	style := strings.ReplaceAll(strings.ToLower(attribute(n, "style")), " ", "")
	return strings.Contains(style, "display:none") || strings.Contains(style, "mso-hide:all")
}

// signatureElement are what mail programs mark as a signature.
func signatureElement(n *html.Node) bool {
	return hasClass(n, "gmail_signature", "moz-signature", "protonmail_signature_block", "applemailsignature", "zmail_signature") ||
		attribute(n, "data-smartmail") == "gmail_signature" ||
		hasID(n, "signature", "applemailsignature", "ymail_android_signature", "ymail_ios_signature", "ms-outlook-mobile-signature", "outlooksignature")
}

// quotedElement are what mail programs put the earlier mail in.
func quotedElement(n *html.Node) bool {
	if n.DataAtom == atom.Blockquote {
		style := strings.ReplaceAll(strings.ToLower(attribute(n, "style")), " ", "")
		indent := strings.Contains(style, "border:none") && !strings.EqualFold(attribute(n, "type"), "cite") // Apple's and Gmail's indentation
		return !indent
	}
	return hasClass(n, "yahoo_quoted", "protonmail_quote", "zmail_extra", "gmx_quote", "tutanota_quote") || hasID(n, "yahoo_quoted") ||
		attribute(n, "name") == "quote" && n.DataAtom == atom.Div
}

// endsReply are elements below which there is only the earlier mail: Outlook's headers of it.
func endsReply(n *html.Node) bool {
	return hasID(n, "divrplyfwdmsg", "appendonsend", "stopspelling", "mail-editor-reference-message-container") || hasClass(n, "outlookmessageheader") ||
		hasClass(n, "ms-outlook-mobile-reference-message")
}
