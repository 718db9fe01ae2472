package inbound

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"nurture/internal/oneline"
)

// Limits on headers. Real mails have under 200 fields; what lies beyond is not looked at.
const (
	maxFields     = 1000
	maxFieldBytes = 32 << 10
)

// Header is the fields of a mail or part, in their order.
type Header []Field

// Field is one header field.
type Field struct {
	Name  string // as written
	Value string // unfolded, not decoded; may hold any bytes save line ends and NUL
}

// Get is the first value of a field, "" when there is none.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Has reports whether there is such a field, be it empty.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// All is every value of a field.
func (h Header) All(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Text is the first value of a field decoded (RFC 2047), as one line of valid UTF-8.
func (h Header) Text(name string) string { return decodeText(h.Get(name)) }

var wordDecoder = mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFieldBytes))
	return strings.NewReader(toUTF8(b, label)), err
}}

// decodeText decodes encoded words wherever they stand, also inside quotes, where RFC 2047 forbids them and mail programs write
// them all the same. Raw 8-bit text is UTF-8 (RFC 6532) or Windows-1252.
func decodeText(s string) string {
	if !utf8.ValidString(s) {
		s = toUTF8([]byte(s), "")
	}
	if strings.Contains(s, "=?") {
		if decoded, err := wordDecoder.DecodeHeader(s); err == nil {
			s = decoded
		}
	}
	return oneline.Of(s)
}

// readHeader takes the fields from the beginning of a mail or part and gives what follows the empty line.
//
// A line that is no field is taken for a badly folded one while more fields come behind it; else the empty line is missing and
// the body has begun.
func readHeader(b []byte) (Header, []byte) {
	var h Header
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	for first := true; len(b) > 0; first = false {
		line, rest := cutLine(b)
		switch name, value, ok := cutField(line); {
		case len(bytes.TrimSpace(line)) == 0:
			if len(h) > 0 || len(line) == 0 || !fieldsFollow(rest) {
				return h, rest
			}
		case line[0] == ' ' || line[0] == '\t':
			h.continued(line)
		case ok:
			if len(h) < maxFields {
				h = append(h, Field{Name: name, Value: value})
			}
		case first && (bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))):
			// The envelope line of a mailbox file.
		case fieldsFollow(rest):
			h.continued(line)
		default:
			return h, b
		}
		b = rest
	}
	return h, nil
}

// continued adds a folded line to the last field.
func (h Header) continued(line []byte) {
	if len(h) == 0 || len(h) == maxFields {
		return
	}
	last := &h[len(h)-1]
	if len(last.Value)+len(line) < maxFieldBytes {
		last.Value = strings.TrimSpace(last.Value + " " + cleanField(line))
	}
}

// cutField splits "Name: value"; ok is false for anything else. RFC 5322, section 2.2: a name is printable ASCII.
func cutField(line []byte) (name, value string, ok bool) {
	n, v, found := bytes.Cut(line, []byte(":"))
	n = bytes.TrimRight(n, " \t") // obs-optional white space (RFC 5322, section 4.5)
	if !found || len(n) == 0 || len(n) > 76 || bytes.ContainsFunc(n, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", "", false
	}
	return string(n), cleanField(v[:min(len(v), maxFieldBytes)]), true
}

func cleanField(b []byte) string {
	return strings.TrimSpace(string(bytes.ReplaceAll(b, []byte{0}, nil)))
}

// fieldsFollow looks whether one of the next lines is a field again.
func fieldsFollow(b []byte) bool {
	for range 3 {
		var line []byte
		line, b = cutLine(b)
		if _, _, ok := cutField(line); ok {
			return true
		}
		if len(bytes.TrimSpace(line)) == 0 {
			return false
		}
	}
	return false
}

// cutLine takes one line without its end.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// mediaType reads a Content-Type or Content-Disposition with its parameters (RFC 2045, 2231). A value that the strict parser
// refuses is read loosely: name=value, quoted or not. The type is in lower case, "" when there is none.
func mediaType(value string) (string, map[string]string) {
	if kind, params, err := mime.ParseMediaType(value); err == nil {
		return kind, params
	}
	kind, rest, _ := strings.Cut(value, ";")
	kind = strings.ToLower(strings.Trim(kind, " \t\"'"))
	params := map[string]string{}
	for piece := range strings.SplitSeq(rest, ";") {
		key, v, ok := strings.Cut(piece, "=")
		if key = strings.ToLower(strings.TrimSpace(key)); ok && params[key] == "" {
			params[key] = strings.Trim(v, " \t\"'")
		}
	}
	if i := strings.IndexAny(kind, " \t"); i > 0 {
		kind = kind[:i]
	}
	return kind, params
}

// dateLayouts are what mail programs write where RFC 5322 wants something else.
var dateLayouts = []string{
	"Mon, 2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2006-01-02T15:04:05Z07:00",
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006", "Mon, 2 Jan 2006",
}

// parseDate reads a Date header; the zero time when it cannot.
func parseDate(value string) time.Time {
	if value == "" || len(value) > 200 {
		return time.Time{}
	}
	t, err := mail.ParseDate(value)
	for i := 0; err != nil && i < len(dateLayouts); i++ {
		t, err = time.Parse(dateLayouts[i], strings.TrimSpace(value))
	}
	if err != nil || t.Year() < 1990 || t.Year() > 9000 {
		return time.Time{}
	}
	return t
}
