package email

import (
	"bytes"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"
	"pgregory.net/rapid"

	"nurture/channels"
)

// byGoMail builds the message as go-mail does it.
func byGoMail(t *rapid.T, m channels.Message) []byte {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP), gomail.WithBoundary(boundary(m.Mail.MessageID)))
	msg.FromMailAddress(&mail.Address{Name: displayName(m.From.Name), Address: m.From.Address})
	msg.ToMailAddress(&mail.Address{Name: displayName(m.To.Name), Address: m.To.Address})
	if m.Mail.ReplyTo != "" {
		msg.ReplyToMailAddress(&mail.Address{Name: displayName(m.From.Name), Address: m.Mail.ReplyTo})
	}
	msg.SetGenHeader(gomail.HeaderSubject, headerText(m.Subject))
	msg.SetGenHeader(gomail.HeaderDate, m.Mail.Date.Format(time.RFC1123Z))
	msg.SetGenHeader(gomail.HeaderMessageID, "<"+m.Mail.MessageID+">")
	if ids := validIDs(m.Mail.References); len(ids) > 0 {
		msg.SetGenHeader(gomail.HeaderInReplyTo, ids[len(ids)-1])
		msg.SetGenHeader(gomail.HeaderReferences, strings.Join(ids, " "))
	}
	if m.Mail.UnsubscribeURL != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
		mailto := "<mailto:" + (&url.URL{Path: m.Mail.UnsubscribeMailto}).EscapedPath() + "?subject=unsubscribe>"
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Mail.UnsubscribeURL+">, "+mailto)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// words are what header fields and texts are drawn from: short and long, with what encodings treat differently.
var words = []string{
	"a", "word", "Grüße", "=", "=20", ".", " ", "  ", "\t", "\n", "\n\n", "\n.", "…", "日本語", "=?x?=", "\"", "\\", ",", "<b>", "&amp;", "\x7f",
	strings.Repeat("x", 74), strings.Repeat("x", 75), strings.Repeat("y", 76), strings.Repeat("ü", 40), "From here", "https://example.com/?a=b&c=d",
}

func drawText(t *rapid.T, name string, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, most).Draw(t, name), "")
}

// The mail has the bytes that go-mail gives it.
func TestLetterIsGoMails(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := message(1)
		m.Text = "x" + drawText(t, "text", 40)
		m.HTML = drawText(t, "html", 40)
		m.Subject = drawText(t, "subject", 12)
		m.From.Name, m.To.Name = drawText(t, "from", 6), drawText(t, "to", 6)
		m.Mail.References = rapid.SliceOfN(rapid.SampledFrom([]string{"a@b.example", strings.Repeat("r", 60) + "@b.example", "bad"}), 0, 25).Draw(t, "references")
		if rapid.Bool().Draw(t, "bare") {
			m.Mail.ReplyTo, m.Mail.UnsubscribeURL, m.Mail.UnsubscribeMailto = "", "", ""
		}
		want := byGoMail(t, m)
		got, err := compose(m, m.From.Address, m.To.Address)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("got\n%q\nwant\n%q", got, want)
		}
	})
}

// Whatever stands in a text, the reader gets it back, and no line is too long or ends in white space.
func TestQuotedPrintableComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string { return drawText(t, "words", 60) })).Draw(t, "text")
		var l letter
		l.quotedPrintable(text)
		for line := range strings.SplitSeq(string(l.data), "\r\n") {
			if len(line) > 76 || strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") || strings.ContainsAny(line, "\r\n") || !isASCII(line) {
				t.Fatalf("line %q of %q", line, text)
			}
		}
		back, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(l.data)))
		ends := strings.NewReplacer("\r\n", "\n", "\r", "\n")
		if err != nil || ends.Replace(string(back)) != ends.Replace(text) {
			t.Fatalf("%q came back as %q, %v", text, back, err)
		}
	})
}

func BenchmarkBuild(b *testing.B) {
	m := message(1)
	m.Text = strings.Repeat("Dear Ann, this is a line of text that somebody wrote for you.\n", 15)
	m.HTML = strings.Repeat(`<p style="margin:0 0 16px 0;">Dear Ann, this is a line of text – somebody wrote it.</p>`+"\n", 45)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := build(m, nil); err != nil {
			b.Fatal(err)
		}
	}
}
