package inbound

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// decoded undoes the transfer encoding, to at most limit bytes. Garbage in base64 or quoted-printable is skipped or kept as
// it is: half a text is better than none.
func (q *part) decoded(limit int) []byte {
	kind, _ := mediaType(q.header.Get("Content-Transfer-Encoding"))
	switch kind {
	case "base64":
		return decodeBase64(q.body, limit)
	case "quoted-printable":
		return decodeQuoted(q.body[:min(len(q.body), 4*limit)], limit)
	}
	return q.body[:min(len(q.body), limit)]
}

// text is the decoded text in UTF-8 without NULs, with bare line feeds.
func (q *part) text() string {
	s := toUTF8(q.decoded(maxTextBytes), q.params["charset"])
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", "\n"), "\x00", "")
}

// decodeBase64 drops what is not of the alphabet (RFC 2045, section 6.8) and stops at the padding or at a line of several words:
// mailing lists and virus scanners like to add a footer in plain text.
func decodeBase64(b []byte, limit int) []byte {
	clean := make([]byte, 0, min(len(b), limit*4/3+4))
	var line []byte
	for len(b) > 0 && len(clean) <= limit*4/3 {
		line, b = cutLine(b)
		if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("--")) || len(line) < 100 && bytes.ContainsAny(line, " \t") {
			break
		}
		for _, c := range line[:min(len(line), limit*4/3+4)] {
			if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' {
				clean = append(clean, c)
			}
		}
		if bytes.HasSuffix(line, []byte("=")) {
			break
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean)
	return out[:min(n, limit)]
}

// decodeQuoted decodes as far as the library can, and keeps the rest of a damaged text as it is.
func decodeQuoted(b []byte, limit int) []byte {
	var out []byte
	for len(b) > 0 && len(out) < limit {
		line := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line = b[:i+1]
		}
		b = b[len(line):]
		decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(line)))
		if err != nil {
			decoded = line
		}
		out = append(out, decoded...)
	}
	return out[:min(len(out), limit)]
}

// toUTF8 decodes text. Without a label, with one that nobody knows, or with one that is plainly wrong, it is UTF-8 if it is valid
// as such and else Windows-1252, which every byte sequence is.
func toUTF8(b []byte, label string) string {
	label = strings.ToLower(strings.Trim(label, " \t\"'"))
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "default", "binary":
		return assumeUTF8(b)
	}
	// The web's index knows what labels mean in practice (iso-8859-1 is Windows-1252), but not the byte order mark of UTF-16.
	if enc, err := htmlindex.Get(label); err == nil && enc != encoding.Replacement && label != "utf-16" {
		if s, err := enc.NewDecoder().Bytes(b); err == nil {
			return strings.ToValidUTF8(string(s), "\uFFFD")
		}
	}
	if r, err := charset.Reader(label, bytes.NewReader(b)); err == nil {
		if s, err := io.ReadAll(r); err == nil {
			return strings.ToValidUTF8(string(s), "\uFFFD")
		}
	}
	return assumeUTF8(b)
}

func assumeUTF8(b []byte) string {
	for cut := 0; cut < utf8.UTFMax && cut < len(b); cut++ {
		if whole := b[:len(b)-cut]; utf8.Valid(whole) && (cut == 0 || len(b) >= maxFieldBytes && !utf8.FullRune(b[len(whole):])) { // a limit cut a character
			return string(whole)
		}
	}
	s, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		s = b
	}
	return strings.ToValidUTF8(string(s), "\uFFFD")
}
