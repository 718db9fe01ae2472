package email

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nurture/channels"
	"nurture/internal/dnsname"
	"nurture/internal/oneline"
	"nurture/internal/tlsclient"
)

// envelope is a message ready for the wire.
type envelope struct {
	from, to string // bare addresses
	utf8     bool   // an address needs SMTPUTF8 (RFC 6531)
	data     []byte // CRLF line ends, signed
}

// build makes the MIME message. The same message always gives the same bytes (save the signature's time), so a second try
// that a receiver sees beside a first one is plainly the same mail.
//
// Auto-Submitted, Precedence and X-Auto-Response-Suppress are left out of mail to leads on purpose. They silence the very replies that a
// cadence lives on: an out-of-office tells when to come back, and RFC 3834 responders stay quiet on all three. A named
// person stands behind each mail, and List-Unsubscribe already says what kind it is.
func build(m channels.Message, signer *signer) (envelope, error) {
	from, err := parseAddress("from", m.From.Address)
	if err != nil {
		return envelope{}, err
	}
	to, err := parseAddress("to", m.To.Address)
	if err != nil {
		return envelope{}, err
	}
	env := envelope{from: from, to: to}
	if m.Mail.EnvelopeFrom != "" {
		if env.from, err = parseAddress("envelope from", m.Mail.EnvelopeFrom); err != nil {
			return envelope{}, err
		}
	}
	env.utf8 = !isASCII(env.from) || !isASCII(env.to) || !isASCII(from) || !isASCII(dnsname.Address(m.Mail.ReplyTo))
	data, err := compose(m, from, to)
	if err != nil {
		return envelope{}, err
	}
	if env.data, err = signer.sign(data); err != nil {
		return envelope{}, err
	}
	return env, nil
}

func compose(m channels.Message, from, to string) ([]byte, error) {
	if strings.TrimSpace(m.Text) == "" {
		return nil, errors.New("the message has no text")
	}
	if !validID(m.Mail.MessageID) {
		return nil, fmt.Errorf("%q is no Message-ID: it must look like name@domain", m.Mail.MessageID)
	}
	if m.Mail.Date.IsZero() {
		return nil, errors.New("the message has no date")
	}
	l := letter{data: make([]byte, 0, 1536+len(m.Text)+len(m.HTML)+(len(m.Text)+len(m.HTML))/8)}
	if m.Mail.Automatic {
		l.field("Auto-Submitted", "auto-generated")
	}
	l.field("Date", m.Mail.Date.Format(time.RFC1123Z))
	ids := validIDs(m.Mail.References)
	if len(ids) > 0 {
		l.field("In-Reply-To", ids[len(ids)-1])
	}
	if err := listFields(&l, m.Mail); err != nil {
		return nil, err
	}
	l.field("MIME-Version", "1.0")
	l.field("Message-ID", "<"+m.Mail.MessageID+">")
	if len(ids) > 0 {
		l.field("References", strings.Join(ids, " "))
	}
	l.field("Subject", headerText(m.Subject))
	if m.Mail.Automatic {
		l.field("X-Auto-Response-Suppress", "OOF, AutoReply") // Exchange heeds this instead
	}
	name := displayName(m.From.Name)
	l.address("From", name, from)
	l.address("To", displayName(m.To.Name), to)
	if m.Mail.ReplyTo != "" {
		replyTo, err := parseAddress("reply-to", m.Mail.ReplyTo)
		if err != nil {
			return nil, err
		}
		l.address("Reply-To", name, replyTo)
	}
	if m.HTML == "" {
		l.text(m.Text)
	} else {
		l.alternatives(boundary(m.Mail.MessageID), m.Text, m.HTML)
	}
	return l.data, nil
}

// listFields writes List-Unsubscribe (RFC 2369) and, for a web address that a machine may post to, List-Unsubscribe-Post
// (RFC 8058, section 3.1: the address must be HTTPS; plain HTTP passes on this machine alone, for trying things out).
func listFields(l *letter, m channels.Mail) error {
	var ways []string
	oneClick := false
	if m.UnsubscribeURL != "" {
		u, err := url.Parse(m.UnsubscribeURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(m.UnsubscribeURL, "<> \r\n\t,") {
			return fmt.Errorf("unsubscribe URL %q is no web address", m.UnsubscribeURL)
		}
		ways = append(ways, "<"+m.UnsubscribeURL+">")
		oneClick = u.Scheme == "https" || tlsclient.Loopback(u.Hostname())
	}
	if m.UnsubscribeMailto != "" {
		address, err := parseAddress("unsubscribe mailto", m.UnsubscribeMailto)
		if err != nil {
			return err
		}
		ways = append(ways, "<mailto:"+(&url.URL{Path: address}).EscapedPath()+"?subject=unsubscribe>")
	}
	if len(ways) > 0 {
		l.field("List-Unsubscribe", strings.Join(ways, ", "))
	}
	if oneClick {
		l.field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	return nil
}

// parseAddress takes one bare address and writes its domain as every server takes it. RFC 5321, section 4.5.3.1, limits it to 64 octets before
// and 255 behind the "@".
func parseAddress(what, s string) (string, error) {
	bad := func(why string) (string, error) { return "", fmt.Errorf("%s address %q %s", what, s, why) }
	if s == "" {
		return "", fmt.Errorf("there is no %s address", what)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`<>(),;"[]\`, r)
	}) {
		return bad("has characters that no address may have")
	}
	if !isPlain(s) {
		parsed, err := mail.ParseAddress(s)
		if err != nil || parsed.Address != s || parsed.Name != "" {
			return bad("is no address: it must look like name@example.com")
		}
	}
	local, domain, _ := strings.Cut(s, "@")
	if len(local) > 64 || len(domain) > 255 {
		return bad("is too long")
	}
	return dnsname.Address(s), nil
}

// isPlain recognises the addresses that nearly all people have: one "@" between dot-atoms of ASCII (RFC 5322, section 3.2.3).
func isPlain(s string) bool {
	before, ats := byte('.'), 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '@':
			ats++
			fallthrough
		case c == '.':
			if before == '.' || before == '@' {
				return false
			}
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '+':
		default:
			return false
		}
		before = c
	}
	return ats == 1 && before != '.' && before != '@'
}

// boundary is derived from the Message-ID: random ones would make two tries two different mails.
func boundary(messageID string) string {
	sum := sha256.Sum256([]byte(messageID))
	return "part-" + hex.EncodeToString(sum[:16])
}

// validID checks a Message-ID without brackets (RFC 5322, section 3.6.4), loosely: replies bring all sorts.
func validID(id string) bool {
	return len(id) <= 250 && strings.Count(id, "@") == 1 && !strings.HasPrefix(id, "@") && !strings.HasSuffix(id, "@") &&
		!strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' || r == ',' })
}

// maxReferences keeps the header short: RFC 5322 wants the thread's begin and its latest messages.
const maxReferences = 20

// validIDs puts the usable references in brackets. One that another mail system made badly is left out.
func validIDs(ids []string) []string {
	var kept []string
	for _, id := range ids {
		if validID(id) {
			kept = append(kept, "<"+id+">")
		}
	}
	if len(kept) > maxReferences {
		kept = append(kept[:1], kept[len(kept)-maxReferences+1:]...)
	}
	return kept
}

// displayName makes one line of a name, at most 100 characters.
func displayName(s string) string {
	s = oneline.Of(s)
	if runes := []rune(s); len(runes) > 100 {
		s = strings.TrimSpace(string(runes[:100]))
	}
	if !isASCII(s) {
		// net/mail leaves a backslash bare in the encoded word, which no phrase may have (RFC 2047, section 5 (3)).
		s = strings.ReplaceAll(s, `\`, "/")
	}
	return s
}

// headerText encodes unstructured text. ASCII passes as it is, unless it could be read as an encoded word (RFC 2047) or has
// a word too long to be folded.
func headerText(s string) string {
	s = oneline.Of(s)
	if isASCII(s) && !strings.Contains(s, "=?") && !longWord(s) {
		return s
	}
	if !isASCII(s) && !strings.Contains(s, "=?") {
		return mime.QEncoding.Encode("utf-8", s)
	}
	// Text that mime would pass unencoded. 45 octets are 60 of base64: each word stays under the 75 of RFC 2047, section 2.
	var words []string
	for s != "" {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > 45 {
				break
			}
			n += size
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

func longWord(s string) bool {
	for word := range strings.SplitSeq(s, " ") {
		if len(word) > 70 {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
