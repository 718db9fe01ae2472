package email

import (
	"net/textproto"
	"strconv"
	"strings"
)

const (
	// replyKept is how much of a reply's text is kept, in octets: some servers preach.
	replyKept = 2000
	// replyLines bounds a reply that does not end.
	replyLines = 1000
)

// readReply reads one answer, of which wanted are the first digits that are hoped for: 25 is any 25x. The error is a *textproto.Error when the
// server said something else.
//
// net/textproto's own reader takes no line of a code alone, which RFC 5321, section 4.2, allows a server to send: behind the final dot that made a
// mail that was taken an unknown one. Where the lines of one answer differ in their codes, the last one counts, as with Postfix.
func readReply(r *textproto.Reader, wanted int) (words string, err error) {
	var text strings.Builder
	for range replyLines {
		line, err := r.ReadLine()
		if err != nil {
			return "", err
		}
		code, more, ok := replyLine(line)
		if !ok {
			return "", textproto.ProtocolError("no reply of a mail server: " + strconv.Quote(line[:min(len(line), 100)]))
		}
		if said := line[min(len(line), 4):]; said != "" && text.Len() < replyKept {
			if text.Len() > 0 {
				text.WriteByte('\n')
			}
			text.WriteString(said[:min(len(said), replyKept-text.Len())])
		}
		if more {
			continue
		}
		if !begins(code, wanted) {
			return "", &textproto.Error{Code: code, Msg: text.String()}
		}
		return text.String(), nil
	}
	return "", textproto.ProtocolError("a reply without an end")
}

// replyLine takes a line apart: RFC 5321, section 4.2.
func replyLine(line string) (code int, more, ok bool) {
	if len(line) < 3 || len(line) > 3 && line[3] != ' ' && line[3] != '-' {
		return 0, false, false
	}
	code, err := strconv.Atoi(line[:3])
	return code, len(line) > 3 && line[3] == '-', err == nil && code >= 100 && code <= 599
}

// begins says whether a code begins with the digits of wanted.
func begins(code, wanted int) bool {
	for code > wanted {
		code /= 10
	}
	return code == wanted
}
