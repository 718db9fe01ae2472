package mailsink

import (
	"bytes"
	"mime"
	"net/textproto"
	"strings"
)

// wantedHeader is a header field to keep beside Message-ID and Subject.
type wantedHeader struct {
	name  string // canonical, the key in Mail.Headers
	lower []byte
}

func wantedHeaders(names []string) []wantedHeader {
	var wanted []wantedHeader
	for _, name := range names {
		wanted = append(wanted, wantedHeader{name: textproto.CanonicalMIMEHeaderKey(name), lower: []byte(strings.ToLower(name))})
	}
	return wanted
}

var (
	messageID = []byte("message-id")
	subject   = []byte("subject")
)

// readHeaders fills the fields that come from the header, up to the first empty line. It takes what it finds: a malformed line
// is passed over.
func readHeaders(mail *Mail, raw []byte, wanted []wantedHeader) {
	for len(raw) > 0 {
		var field []byte
		field, raw = nextField(raw)
		if len(field) == 0 {
			return
		}
		name, value, ok := bytes.Cut(field, []byte{':'})
		if !ok {
			continue
		}
		name = bytes.TrimRight(name, " \t")
		switch {
		case bytes.EqualFold(name, messageID):
			mail.MessageID = strings.Trim(unfold(value), "<>")
		case bytes.EqualFold(name, subject):
			mail.Subject = decode(unfold(value))
		default:
			for _, w := range wanted {
				if bytes.EqualFold(name, w.lower) {
					if mail.Headers == nil {
						mail.Headers = make(map[string]string, len(wanted))
					}
					mail.Headers[w.name] = unfold(value)
				}
			}
		}
	}
}

// nextField cuts off one header field with its folded lines (RFC 5322 section 2.2.3), without the last line's end. An empty field
// is the end of the header.
func nextField(raw []byte) (field, rest []byte) {
	end := 0
	for {
		i := bytes.IndexByte(raw[end:], '\n')
		if i < 0 {
			return raw, nil
		}
		end += i + 1
		field = bytes.TrimRight(raw[:end], "\r\n")
		if len(field) == 0 || end == len(raw) || (raw[end] != ' ' && raw[end] != '\t') {
			return field, raw[end:]
		}
	}
}

func unfold(value []byte) string {
	text := string(bytes.TrimSpace(value))
	if strings.ContainsAny(text, "\r\n") {
		text = strings.NewReplacer("\r\n", "", "\n", "").Replace(text)
	}
	return text
}

func decode(value string) string {
	if !strings.Contains(value, "=?") {
		return value
	}
	decoded, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		return value // an unknown charset: as it came
	}
	return decoded
}
