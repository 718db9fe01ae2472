package templates

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// position is where a value stands, which decides how it is escaped.
type position uint8

const (
	inText    position = iota
	inURL              // a whole link, or its beginning: must be an allowed address
	inURLHost          // right behind the scheme
	inURLPart          // in a path, query or fragment
)

// fragment is HTML or text with places for values.
type fragment []piece

// piece is a literal and the value behind it; value −1 is none.
type piece struct {
	literal  string
	value    int
	position position
}

// fill puts the values in. In HTML they are escaped for text and attributes, which take the same escapes here: goldmark
// and the layout always quote attributes.
func (f fragment) fill(s *sink, isHTML bool) string {
	size := 0
	for _, p := range f {
		size += len(p.literal)
		if p.value >= 0 {
			size += len(s.values[p.value].text) + 16
		}
	}
	var b strings.Builder
	b.Grow(size)
	spaceDone := false // the text part: an empty value takes the space behind it along
	for _, p := range f {
		literal := p.literal
		if spaceDone {
			literal = strings.TrimPrefix(literal, " ")
		}
		b.WriteString(literal)
		if spaceDone = false; p.value < 0 {
			continue
		}
		v := s.values[p.value]
		text, err := escapeURL(v.text, p.position)
		if err != nil {
			if isHTML { // the text part has the same links: one report is enough
				s.fail(v.site, fmt.Sprintf("%s is %q: %v", s.prog.sites[v.site].variable, v.text, err),
					"correct the value, or print it outside of a link")
			}
			continue
		}
		if isHTML {
			text = html.EscapeString(text)
		} else if text == "" {
			before := b.String()
			spaceDone = before == "" || strings.HasSuffix(before, " ") || strings.HasSuffix(before, "\n")
		}
		b.WriteString(text)
	}
	return b.String()
}

var hostPattern = regexp.MustCompile(`^[\pL\pN](?:[\pL\pN\pM.-]*[\pL\pN\pM])?(?::[0-9]{1,5})?$`)

// escapeURL escapes a value for its position in a link; text passes unchanged.
func escapeURL(v string, p position) (string, error) {
	switch p {
	case inURL:
		return webAddress(v)
	case inURLHost:
		if !hostPattern.MatchString(v) {
			return "", fmt.Errorf("no host name, such as example.com")
		}
		return v, nil
	case inURLPart:
		return percentEncode(v, ""), nil
	case inText:
	}
	return v, nil
}

// webAddress passes the addresses that a link may lead to: http, https, mailto, tel. Everything else, javascript: and
// relative paths above all, is an error.
func webAddress(v string) (string, error) {
	u, err := url.Parse(v)
	if err != nil || !allowedScheme(u) {
		return "", fmt.Errorf("no address that a link may lead to (http, https, mailto, tel)")
	}
	return percentEncode(v, ":/?#[]@!$&'()*+,;=%"), nil
}

func allowedScheme(u *url.URL) bool {
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return u.Host != ""
	case "mailto", "tel":
		return u.Opaque != ""
	}
	return false
}

// percentEncode keeps the unreserved characters of RFC 3986, section 2.3, and those in keep.
func percentEncode(s, keep string) string {
	const hex = "0123456789ABCDEF"
	stays := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 ||
			strings.IndexByte(keep, c) >= 0
	}
	first := 0
	for first < len(s) && stays(s[first]) {
		first++
	}
	if first == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:first])
	for i := first; i < len(s); i++ {
		c := s[i]
		if stays(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// fragmentBuilder collects a fragment, merging literals.
type fragmentBuilder struct {
	word    string
	literal strings.Builder
	made    fragment
}

// add appends s, whose words stand in the position that at gives for the text of s before them.
func (b *fragmentBuilder) add(s string, at func(before string) position) {
	rest := 0
	for {
		start, end, index := findWord(s, rest, b.word)
		if index < 0 {
			b.literal.WriteString(s[rest:])
			return
		}
		b.literal.WriteString(s[rest:start])
		b.made = append(b.made, piece{b.literal.String(), index, at(s[:start])})
		b.literal.Reset()
		rest = end
	}
}

func (b *fragmentBuilder) done() fragment {
	return append(b.made, piece{literal: b.literal.String(), value: -1})
}

// findWord finds the next word that stands for a value; index is −1 when there is none.
func findWord(s string, from int, word string) (start, end, index int) {
	for {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return 0, 0, -1
		}
		start = from + i
		end = start + len(word)
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		if n, err := strconv.Atoi(s[start+len(word) : end]); err == nil && end < len(s) && s[end] == 'q' {
			return start, end + 1, n
		}
		from = start + len(word)
	}
}

// urlPosition tells where in a link a value stands, given the link before it.
func urlPosition(before string) position {
	switch scheme, rest, ok := strings.Cut(before, "://"); {
	case before == "":
		return inURL
	case ok && rest == "" && !strings.ContainsAny(scheme, "/?#"):
		return inURLHost
	}
	return inURLPart
}

func textPosition(string) position { return inText }

// htmlFragment parts goldmark's HTML: attributes are in double quotes, text has no "<", and only href and src hold links.
func htmlFragment(s, word string) fragment {
	b := &fragmentBuilder{word: word}
	for s != "" {
		i := firstOf(s, `href="`, `src="`)
		if i < 0 {
			b.add(s, textPosition)
			break
		}
		b.add(s[:i], textPosition)
		s = s[i:]
		end := strings.IndexByte(s, '"')
		if end < 0 {
			end = len(s)
		}
		b.add(s[:end], func(before string) position { return urlPosition(html.UnescapeString(before)) })
		s = s[end:]
	}
	return b.done()
}

// firstOf gives the offset behind the first of the markers inside of a tag; −1 for none. In text goldmark writes quotes as
// &quot;, so the markers occur in tags only.
func firstOf(s string, markers ...string) int {
	first := -1
	for _, m := range markers {
		if i := strings.Index(s, " "+m); i >= 0 && (first < 0 || i+1+len(m) < first) {
			first = i + 1 + len(m)
		}
	}
	return first
}

// Marks around links in the text form; no source holds control characters.
const (
	linkStart = '\x01'
	linkEnd   = '\x02'
)

func textFragment(s, word string) fragment {
	b := &fragmentBuilder{word: word}
	for {
		before, rest, ok := strings.Cut(s, string(linkStart))
		b.add(before, textPosition)
		if !ok {
			return b.done()
		}
		link, after, _ := strings.Cut(rest, string(linkEnd))
		b.add(link, urlPosition)
		s = after
	}
}
