package templates

import (
	"bytes"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"nurture/cadence"
)

// mailBody looks at the words, links and pictures of an email.
func (l *linter) mailBody() {
	source := l.doc.text[l.doc.body:]
	word := unusedWord(source)
	blotted := []byte(blotActions(source, word))
	root := converters[unstyled].Parser().Parse(text.NewReader(blotted))
	prose := bytes.Clone(blotted)
	pictures, letters := 0, 0
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			letters += len(bytes.TrimSpace(n.Segment.Value(blotted)))
		case *ast.Link:
			l.link(linkIn{blotted, word, string(n.Destination), string(linkWords(n, blotted)), firstText(n)}, prose)
		case *ast.AutoLink:
			l.link(linkIn{blotted, word, string(n.URL(blotted)), "", 0}, prose)
		case *ast.Image:
			pictures++
			at := l.link(linkIn{blotted, word, string(n.Destination), "", firstText(n)}, prose)
			if strings.TrimSpace(string(linkWords(n, blotted))) == "" {
				l.add(RuleImageAlt, l.inBody(at), "the picture has no text in its place", "write what it shows: ![The new valve](https://…): most inboxes block pictures, and some readers cannot see them")
			}
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	if pictures > 0 && letters < minWords {
		l.add(RuleImageOnly, l.inBody(0), "the mail is a picture with hardly a word", "write in words what it is about: filters distrust such mail, and where pictures are blocked it is empty")
	}
	l.prose(string(prose), word)
}

// minWords is how many characters of text a mail with pictures should have at least.
const minWords = 80

// prose looks at the words, links blotted out.
func (l *linter) prose(prose, word string) {
	if phrase := spamPhrase(l.tags.Language, prose); phrase != nil {
		l.add(RuleSpamPhrase, l.inBody(phrase[0]), fmt.Sprintf("the mail says %q", strings.Join(strings.Fields(prose[phrase[0]:phrase[1]]), " ")), spamHint)
	}
	if at := strings.Index(prose, "!!"); at >= 0 {
		l.add(RuleExclamation, l.inBody(at), "the mail is excited", "one exclamation mark is plenty")
	} else if n := strings.Count(prose, "!") - strings.Count(prose, "!["); n > 3 {
		l.add(RuleExclamation, l.inBody(strings.Index(prose, "!")), fmt.Sprintf("the mail has %d exclamation marks", n), "keep one, if any")
	}
	if at := shouting.FindStringIndex(strings.ReplaceAll(prose, word, strings.Repeat("x", len(word)))); at != nil {
		l.add(RuleCapitals, l.inBody(at[0]), fmt.Sprintf("%q shouts", short(prose[at[0]:at[1]])), "write it as you would say it, or **strong**")
	}
}

// shouting is three words of capitals in a row, of four letters or more each: abbreviations are shorter.
var shouting = regexp.MustCompile(`(?:\b\p{Lu}{4,}\b[\s,]+){2}\b\p{Lu}{4,}\b`)

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return s
}

// linkIn is a link of a body.
type linkIn struct {
	source      []byte // with actions blotted out
	word        string // that stands for what is filled in
	destination string
	words       string // what the reader sees; "" when that is the address
	near        int    // an offset at or before the address
}

// link looks at one link and blots its address out of prose. It returns the address's offset.
func (l *linter) link(in linkIn, prose []byte) int {
	offset := in.near
	if i := strings.Index(string(in.source[in.near:]), in.destination); i >= 0 && in.destination != "" {
		offset = in.near + i
		for j := range in.destination {
			prose[offset+j] = ' '
		}
	}
	to := string(util.URLEscape([]byte(in.destination), true))
	if strings.HasPrefix(to, in.word) {
		return offset // it is filled in, and looked at then
	}
	report := func(rule Rule, message, hint string) { l.add(rule, l.inBody(offset), message, hint) }
	u, err := url.Parse(to)
	if err != nil {
		report(RuleBrokenLink, fmt.Sprintf("%q is no address", in.destination), "write it as a browser shows it")
		return offset
	}
	if u.Scheme == "mailto" {
		if !strings.Contains(u.Opaque, "@") {
			report(RuleBrokenLink, fmt.Sprintf("%q names no mailbox", in.destination), "write mailto:name@example.com")
		}
		return offset
	}
	if u.Host == "" || strings.Contains(u.Host, in.word) {
		return offset
	}
	l.webLink(u, in, report)
	return offset
}

func (l *linter) webLink(u *url.URL, in linkIn, report func(rule Rule, message, hint string)) {
	host := strings.ToLower(u.Hostname())
	_, ipErr := netip.ParseAddr(host)
	switch {
	case ipErr == nil:
		report(RuleBrokenLink, fmt.Sprintf("the link leads to the bare number %s", host), "name a domain: filters block links to numbers")
	case !hostPattern.MatchString(host), !strings.Contains(host, ".") && host != "localhost", strings.Contains(host, ".."), strings.Contains(u.Path, "//http"),
		strings.Contains(u.Path, "https:/"):
		report(RuleBrokenLink, fmt.Sprintf("%q leads nowhere", in.destination), "write the whole address, such as https://www.your-company.com/page")
	case reserved(host):
		report(RuleExample, fmt.Sprintf("the link leads to %s, which exists for examples only", host), "put your own address in its place")
	}
	if u.Scheme == "http" && host != "localhost" && ipErr != nil {
		report(RulePlainHTTP, "the link is not encrypted", "write https://: browsers warn of plain http")
	}
	for _, s := range shorteners {
		if under(host, s) {
			report(RuleShortener, fmt.Sprintf("%s hides where the link leads", host), "write the address itself: spammers have used up the trust in short ones")
		}
	}
	if shown := shownHost.FindStringSubmatch(in.words); shown != nil && !strings.Contains(in.words, in.word) {
		if seen := strings.ToLower(shown[1]); !under(host, strings.TrimPrefix(seen, "www.")) && !under(seen, strings.TrimPrefix(host, "www.")) {
			report(RuleDeceptive, fmt.Sprintf("the link shows %s and leads to %s", seen, host), "show where it leads, or write words that are no address: fraud looks like this")
		}
	}
}

// shownHost is an address in the words of a link.
var shownHost = regexp.MustCompile(`(?i)(?:https?://|\b)((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|org|net|io|co|de|at|ch|fr|es|it|nl|pt|br|eu|uk|us|ca|info|biz|app|dev|ai|example))\b`)

// reserved recognises the domains of RFC 2606 and RFC 6761, and what templates of others leave behind.
func reserved(host string) bool {
	for _, d := range []string{"example.com", "example.org", "example.net", "example", "test", "invalid", "localhost", "yourdomain.com", "your-company.com", "yourcompany.com", "domain.com"} {
		if under(host, d) {
			return true
		}
	}
	return false
}

// under reports whether host is the domain or below it.
func under(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

var shorteners = []string{
	"bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "t.ly", "tiny.cc", "rb.gy", "shorturl.at", "bl.ink", "lnkd.in",
}

// linkWords are the words of a link, or the text of a picture.
func linkWords(n ast.Node, source []byte) []byte {
	var words []byte
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := c.(*ast.Text); ok && entering {
			words = append(words, t.Segment.Value(source)...)
		}
		return ast.WalkContinue, nil
	})
	return words
}

// firstText is the offset of the first text below a node; 0 when there is none.
func firstText(n ast.Node) int {
	at := 0
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := c.(*ast.Text); ok && entering {
			at = t.Segment.Start
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return at
}

// WebLink is an address that an email leads to, and where it is written.
type WebLink struct {
	URL string
	Problem
}

// WebLinks lists the web addresses of the emails that nothing is filled into, in the order of files and places.
func (s *Set) WebLinks() []WebLink {
	var links []WebLink
	for _, e := range s.entries() {
		if e.channel != cadence.ChannelEmail {
			continue
		}
		doc, _ := e.document()
		l := &linter{entry: e, doc: doc}
		source := l.doc.text[l.doc.body:]
		word := unusedWord(source)
		blotted := []byte(blotActions(source, word))
		_ = ast.Walk(converters[unstyled].Parser().Parse(text.NewReader(blotted)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			var to []byte
			switch n := n.(type) {
			case *ast.Link:
				to = n.Destination
			case *ast.Image:
				to = n.Destination
			case *ast.AutoLink:
				to = n.URL(blotted)
			}
			address := string(util.URLEscape(to, true))
			if u, err := url.Parse(address); entering && err == nil && u.Host != "" && !strings.Contains(address, word) {
				at := max(strings.Index(string(blotted), string(to)), 0)
				links = append(links, WebLink{address, l.doc.problem(l.inBody(at), "", "")})
			}
			return ast.WalkContinue, nil
		})
	}
	return links
}
