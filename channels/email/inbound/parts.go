package inbound

import (
	"bytes"
	"encoding/asn1"
	"strings"
)

// Limits on the structure. They bound time and memory, not what a person would call a mail: the text of each part is read to
// 1 MB, attachments are never decoded.
const (
	maxDepth     = 12
	maxParts     = 300
	maxTextBytes = 1 << 20
)

// part is one node of a mail's structure. body and the headers point into the mail.
type part struct {
	header   Header
	kind     string // media type in lower case; text/plain when none is given (RFC 2045, section 5.2)
	params   map[string]string
	body     []byte // as transferred
	children []*part
}

// parser counts down the parts that it may still make.
type parser struct{ budget int }

// parse reads a mail or part, and what it holds.
func (p *parser) parse(b []byte, depth int) *part {
	p.budget--
	q := &part{kind: "text/plain"}
	q.header, q.body = readHeader(b)
	if value := q.header.Get("Content-Type"); value != "" {
		if kind, params := mediaType(value); strings.Contains(kind, "/") {
			q.kind, q.params = kind, params
		}
	}
	if depth >= maxDepth {
		return q
	}
	switch {
	case strings.HasPrefix(q.kind, "multipart/"):
		p.split(q, depth)
	case q.kind == "message/rfc822" || q.kind == "message/global" || q.kind == "message/news":
		p.add(q, q.decoded(maxTextBytes), depth)
	case q.kind == "application/pkcs7-mime" || q.kind == "application/x-pkcs7-mime":
		if inner := signedContent(q.decoded(maxTextBytes)); inner != nil {
			p.add(q, inner, depth)
		}
	}
	return q
}

func (p *parser) add(q *part, b []byte, depth int) {
	if p.budget > 0 {
		q.children = append(q.children, p.parse(b, depth+1))
	}
}

// split finds the parts of a multipart. Where the boundary is missing or wrong it is guessed; where there is none to be
// found, the body is plain text.
func (p *parser) split(q *part, depth int) {
	boundary := []byte("--" + q.params["boundary"])
	if len(boundary) == 2 || nextBoundary(q.body, boundary, 0) < 0 {
		if boundary = guessBoundary(q.body); boundary == nil {
			q.kind, q.params = "text/plain", nil
			return
		}
	}
	start := -1
	for at := 0; ; {
		i := nextBoundary(q.body, boundary, at)
		if start >= 0 {
			end := len(q.body)
			if i >= 0 {
				end = i
			}
			p.add(q, trimLineEnd(q.body[start:end]), depth)
		}
		if i < 0 || p.budget <= 0 {
			return
		}
		after := q.body[i+len(boundary):]
		line, _ := cutLine(after)
		at = i + len(boundary) + min(len(line)+1, len(after))
		if at < len(q.body) && q.body[at-1] == '\r' && q.body[at] == '\n' {
			at++
		}
		if start = at; bytes.HasPrefix(line, []byte("--")) {
			return
		}
	}
}

// nextBoundary finds a delimiter line at or after an offset, -1 when there is none. A longer line is another boundary, which
// has this one as its beginning.
func nextBoundary(b, boundary []byte, from int) int {
	for from < len(b) {
		i := bytes.Index(b[from:], boundary)
		if i < 0 {
			return -1
		}
		i += from
		line, _ := cutLine(b[i+len(boundary):])
		line = bytes.TrimRight(line, " \t\r")
		if (i == 0 || b[i-1] == '\n') && (len(line) == 0 || string(line) == "--") {
			return i
		}
		from = i + len(boundary)
	}
	return -1
}

// guessBoundary takes the first line that looks like a delimiter and stands before a Content- field.
func guessBoundary(b []byte) []byte {
	for rest := b[:min(len(b), 64<<10)]; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		if bytes.HasPrefix(line, []byte("--")) && len(line) > 2 && len(line) < 80 &&
			len(rest) > 8 && strings.EqualFold(string(rest[:8]), "Content-") {
			return bytes.TrimRight(line, " \t")
		}
	}
	return nil
}

// trimLineEnd drops the line end that belongs to the boundary behind it (RFC 2046, section 5.1.1).
func trimLineEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// attachment reports a part that is not meant to be read in place.
func (q *part) attachment() bool {
	disposition, _ := mediaType(q.header.Get("Content-Disposition"))
	return disposition == "attachment"
}

// find gives the first part of one of the kinds. It does not look into enclosed mails: what they contain was said to somebody else.
func (q *part) find(kinds ...string) *part {
	for _, kind := range kinds {
		if q.kind == kind {
			return q
		}
	}
	if enclosed(q.kind) {
		return nil
	}
	for _, child := range q.children {
		if found := child.find(kinds...); found != nil {
			return found
		}
	}
	return nil
}

func enclosed(kind string) bool { return strings.HasPrefix(kind, "message/") }

// texts collects the plain and HTML texts that a reader would see, in their order. Of alternatives the plain one and the HTML one
// are both kept: the caller takes one.
func (q *part) texts(plain, html *[]*part) {
	switch {
	case q.attachment() || enclosed(q.kind):
	case q.kind == "text/html":
		*html = append(*html, q)
	case q.kind == "text/plain" || q.kind == "text/enriched" || len(q.children) == 0 && q.kind == "text":
		*plain = append(*plain, q)
	default:
		for _, child := range q.children {
			child.texts(plain, html)
		}
	}
}

// signedContent takes the mail out of an opaque S/MIME signature: SignedData.encapContentInfo.eContent (RFC 5652, section 5.1). nil
// when it is encrypted or not in DER.
func signedContent(der []byte) []byte {
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil || !info.Type.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}) {
		return nil
	}
	var signed struct {
		Version int
		Digests asn1.RawValue
		Inner   struct {
			Type    asn1.ObjectIdentifier
			Content []byte `asn1:"explicit,optional,tag:0"`
		}
		Rest asn1.RawValue
	}
	body := info.Content.Bytes
	if info.Content.Class == asn1.ClassUniversal {
		body = info.Content.FullBytes
	}
	if _, err := asn1.Unmarshal(body, &signed); err != nil && signed.Inner.Content == nil {
		return nil
	}
	return signed.Inner.Content
}
