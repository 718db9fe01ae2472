package email

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gomessage "github.com/emersion/go-message/mail"
	"pgregory.net/rapid"

	"nurture/channels"
	"nurture/internal/oneline"
)

// overTheWire sends the message through a real server and gives what arrived.
func overTheWire(t *testing.T, m channels.Message, change func(*Config)) received {
	t.Helper()
	f := serve(t, script{})
	if r := sendOne(t, f.connect(nil, change), m); r.Outcome != channels.Sent {
		t.Fatalf("%+v", r)
	}
	return f.received()[0]
}

func TestEveryHeader(t *testing.T) {
	t.Parallel()
	m := message(1)
	m.Subject = "Grüße an Ann – und ein sehr langer Betreff, der gewiss nicht in eine einzige Zeile passt"
	m.From.Name, m.To.Name = "Bo Bërg", `Lee, Ann "A"`
	m.Text = "Zeile eins\n.\n.. zwei\nüberlang " + strings.Repeat("wort ", 400) + "\n\nFrom here\n"
	m.HTML = "<p>Grüße</p>\n<p>" + strings.Repeat("x", 3000) + "</p>\n"
	m.Mail.References = []string{"first@nurture.example", "not an id\r\nBcc: x@y.example", "second@nurture.example"}
	got := overTheWire(t, m, nil)
	if got.from != "bounces+tok@nurture.example" || got.to != "ann@example.com" {
		t.Errorf("envelope %s → %s", got.from, got.to)
	}
	for line := range strings.SplitSeq(string(got.data), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") || !isASCII(line) {
			t.Errorf("line of %d octets: %.60q", len(line), line)
		}
	}
	raw, err := mail.ReadMessage(bytes.NewReader(got.data))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"Message-ID":            "<" + m.Mail.MessageID + ">",
		"Date":                  "Mon, 09 Mar 2026 08:30:00 +0100",
		"From":                  "=?utf-8?q?Bo_B=C3=ABrg?= <bo@nurture.example>",
		"To":                    `"Lee, Ann \"A\"" <ann@example.com>`,
		"Reply-To":              "=?utf-8?q?Bo_B=C3=ABrg?= <replies+tok@nurture.example>",
		"In-Reply-To":           "<second@nurture.example>",
		"References":            "<first@nurture.example> <second@nurture.example>",
		"List-Unsubscribe":      "<https://nurture.example/u/tok>, <mailto:unsubscribe+tok@nurture.example?subject=unsubscribe>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Mime-Version":          "1.0",
	} {
		if got := raw.Header[textproto.CanonicalMIMEHeaderKey(field)]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	for _, field := range []string{"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "User-Agent", "X-Mailer", "Bcc", "Dkim-Signature"} {
		if v, ok := raw.Header[field]; ok {
			t.Errorf("%s: %q", field, v)
		}
	}
	if len(raw.Header) != 12 { // the ten, Subject, Content-Type
		t.Errorf("headers %v", raw.Header)
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(raw.Header.Get("Subject")); err != nil || subject != m.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	text, html := parts(t, got.data)
	if text != m.Text || html != m.HTML {
		t.Errorf("text %.80q, html %.80q", text, html)
	}
}

// parts parses with go-message and gives text and HTML with LF line ends.
func parts(t *testing.T, data []byte) (text, html string) {
	t.Helper()
	r, err := gomessage.CreateReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p.Body)
		if err != nil {
			t.Fatal(err)
		}
		h, _ := p.Header.(*gomessage.InlineHeader)
		kind, params, err := h.ContentType()
		if err != nil || !strings.EqualFold(params["charset"], "utf-8") {
			t.Errorf("part %s %v: %v", kind, params, err)
		}
		kinds = append(kinds, kind)
		s := strings.ReplaceAll(string(body), "\r\n", "\n")
		if kind == "text/plain" {
			text = s
		} else {
			html = s
		}
	}
	if kind, _, _ := r.Header.ContentType(); kind == "multipart/alternative" && !slices.Equal(kinds, []string{"text/plain", "text/html"}) {
		t.Errorf("parts %v of %s", kinds, kind)
	}
	return text, html
}

// TestAutomaticMail: who works here and is away must not answer the program, and what silences responders is not in mail to leads.
func TestAutomaticMail(t *testing.T) {
	t.Parallel()
	for _, automatic := range []bool{true, false} {
		m := message(1)
		m.Mail.Automatic = automatic
		raw, err := mail.ReadMessage(bytes.NewReader(overTheWire(t, m, nil).data))
		if err != nil {
			t.Fatal(err)
		}
		for field, want := range map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"} {
			if got := raw.Header.Get(field); automatic && got != want || !automatic && got != "" {
				t.Errorf("automatic %v, %s: %q", automatic, field, got)
			}
		}
	}
}

func TestLeanMessage(t *testing.T) {
	t.Parallel()
	m := message(1)
	m.HTML, m.From.Name, m.To.Name = "", "", ""
	m.Mail.ReplyTo, m.Mail.EnvelopeFrom, m.Mail.UnsubscribeURL, m.Mail.UnsubscribeMailto = "", "", "", ""
	got := overTheWire(t, m, nil)
	raw, err := mail.ReadMessage(bytes.NewReader(got.data))
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"List-Unsubscribe", "List-Unsubscribe-Post", "Reply-To", "References", "In-Reply-To"} {
		if v := raw.Header.Get(field); v != "" {
			t.Errorf("%s: %s", field, v)
		}
	}
	if got.from != "bo@nurture.example" || raw.Header.Get("From") != "<bo@nurture.example>" || raw.Header.Get("To") != "<ann@example.com>" {
		t.Errorf("%s, %v", got.from, raw.Header)
	}
	if text, _ := parts(t, got.data); text != m.Text {
		t.Errorf("text %q", text)
	}
}

func TestOneClickNeedsHTTPS(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]bool{
		"https://n.example/u": true, "http://n.example/u": false, "http://127.0.0.1:8080/u": true, "http://localhost/u": true,
	} {
		m := message(1)
		m.Mail.UnsubscribeURL = link
		env, err := build(m, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(env.data, []byte("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")); got != want {
			t.Errorf("%s: %v", link, got)
		}
		if !bytes.Contains(env.data, []byte("List-Unsubscribe: <"+link+">")) {
			t.Errorf("%s is missing", link)
		}
	}
}

// TestBuildIsDeterministic: two tries of a touch are the same mail, octet by octet.
func TestBuildIsDeterministic(t *testing.T) {
	t.Parallel()
	first, err := build(message(5), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := build(message(5), nil)
		if err != nil || !bytes.Equal(first.data, again.data) {
			t.Fatalf("%v\n%s\n%s", err, first.data, again.data)
		}
	}
	other, _ := build(message(6), nil)
	if bytes.Contains(other.data, []byte(boundary(message(5).Mail.MessageID))) {
		t.Error("two touches share a boundary")
	}
}

func TestBadMessages(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*channels.Message){
		"no recipient":    func(m *channels.Message) { m.To.Address = "" },
		"two recipients":  func(m *channels.Message) { m.To.Address = "a@b.example, c@d.example" },
		"name in address": func(m *channels.Message) { m.To.Address = "Ann <a@b.example>" },
		"line break":      func(m *channels.Message) { m.To.Address = "a@b.example\r\nRCPT TO:<x@y.example>" },
		"tail break":      func(m *channels.Message) { m.To.Address = "a@b.example\n" },
		"space":           func(m *channels.Message) { m.To.Address = "a b@c.example" },
		"angle":           func(m *channels.Message) { m.To.Address = "a@b.example>" },
		"quoted":          func(m *channels.Message) { m.To.Address = `"a b"@c.example` },
		"comment":         func(m *channels.Message) { m.To.Address = "a@b.example (x)" },
		"no domain":       func(m *channels.Message) { m.To.Address = "ann" },
		"long local":      func(m *channels.Message) { m.To.Address = strings.Repeat("a", 65) + "@b.example" },
		"not UTF-8":       func(m *channels.Message) { m.To.Address = "a\xff@b.example" },
		"sender":          func(m *channels.Message) { m.From.Address = "bo" },
		"reply-to":        func(m *channels.Message) { m.Mail.ReplyTo = "x y" },
		"envelope":        func(m *channels.Message) { m.Mail.EnvelopeFrom = "<>" },
		"message id":      func(m *channels.Message) { m.Mail.MessageID = "a@b>\r\nX: y" },
		"no message id":   func(m *channels.Message) { m.Mail.MessageID = "" },
		"no date":         func(m *channels.Message) { m.Mail.Date = time.Time{} },
		"no text":         func(m *channels.Message) { m.Text = " \n" },
		"unsubscribe":     func(m *channels.Message) { m.Mail.UnsubscribeURL = "javascript:x" },
		"unsubscribe end": func(m *channels.Message) { m.Mail.UnsubscribeURL = "https://a.example/>,<https://b.example" },
		"mailto":          func(m *channels.Message) { m.Mail.UnsubscribeMailto = "x@y.example>\r\nBcc: z@z.example" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := message(1)
			change(&m)
			if env, err := build(m, nil); err == nil {
				t.Errorf("built:\n%s", env.data)
			}
			f := serve(t, script{})
			receipts := f.connect(nil, nil).Send(t.Context(), []channels.Message{m, message(2)})
			if receipts[0].Outcome != channels.Permanent || receipts[0].StopSender || receipts[1].Outcome != channels.Sent {
				t.Errorf("%+v", receipts)
			}
		})
	}
}

// TestNoHeaderInjection: no text that a lead controls adds, changes or hides a header, or changes the envelope.
func TestNoHeaderInjection(t *testing.T) {
	t.Parallel()
	nasty := []string{
		"\r\nBcc: x@y.example", "\nBcc: x@y.example\n\nbody", "\r", "\x00", "=?utf-8?q?=0D=0ABcc:_x?=", "=?", "?=", "\"", "\\", "<", ">", ",",
		"\u2028", "\u0085", "a@b.example", strings.Repeat("x", 1200), strings.Repeat(" ", 200), "\t", "é", "😀", ":", ";", "\xff", "(", ")",
	}
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(nasty), rapid.String()), 0, 5).Draw(t, "parts"), "")
	})
	reference, err := build(message(1), nil)
	if err != nil {
		t.Fatal(err)
	}
	fields := func(data []byte) []string {
		var names []string
		head, _, _ := bytes.Cut(data, []byte("\r\n\r\n"))
		for line := range strings.SplitSeq(string(head), "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n\x00") || !isASCII(line) || strings.TrimSpace(line) == "" {
				return []string{"bad line " + line}
			}
			if line[0] != ' ' && line[0] != '\t' {
				name, _, _ := strings.Cut(line, ":")
				names = append(names, name)
			}
		}
		return names
	}
	want := fields(reference.data)
	rapid.Check(t, func(rt *rapid.T) {
		m := message(1)
		m.Subject = text.Draw(rt, "subject")
		m.To.Name = text.Draw(rt, "to")
		m.From.Name = text.Draw(rt, "from")
		m.Text = "x" + text.Draw(rt, "text")
		m.HTML = "<p>" + text.Draw(rt, "html")
		m.Mail.References = nil
		env, err := build(m, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if got := fields(env.data); !slices.Equal(got, want) {
			rt.Fatalf("headers %q\nwant %q\n%s", got, want, env.data)
		}
		raw, err := mail.ReadMessage(bytes.NewReader(env.data))
		if err != nil {
			rt.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(raw.Header.Get("Subject"))
		if err != nil || subject != oneline.Of(m.Subject) {
			rt.Fatalf("subject %q, want %q, %v", subject, oneline.Of(m.Subject), err)
		}
		to, err := mail.ParseAddressList(raw.Header.Get("To"))
		if err != nil || len(to) != 1 || to[0].Address != "ann@example.com" {
			rt.Fatalf("to %v, %v", to, err)
		}
		if name := displayName(m.To.Name); utf8.RuneCountInString(name) <= 100 && !strings.Contains(name, "=?") && to[0].Name != name {
			rt.Fatalf("name %q, want %q", to[0].Name, name)
		}
	})
}

// TestPlainAddresses: the quick look never takes what the whole parser would not.
func TestPlainAddresses(t *testing.T) {
	t.Parallel()
	for address, plain := range map[string]bool{
		"a@b": true, "ann.lee+x-1_z@example.co.uk": true, "a@b.c": true,
		"": false, "@": false, "a": false, "a@": false, "@b": false, ".a@b": false, "a.@b": false, "a..b@c": false, "a@.b": false, "a@b.": false,
		"a@b@c": false, "a b@c": false, `"a"@b`: false, "ä@b": false, "a@b..c": false, "a(x)@b": false, "a@[1.2.3.4]": false, "o'neil@b": false,
	} {
		if got := isPlain(address); got != plain {
			t.Errorf("%q: %t", address, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zA-Z0-9.@+_ \-]{0,20}`).Draw(t, "address")
		if !isPlain(s) {
			return
		}
		if parsed, err := mail.ParseAddress(s); err != nil || parsed.Address != s || parsed.Name != "" {
			t.Fatalf("%q is plain, and the parser says %v, %v", s, parsed, err)
		}
	})
}

// TestInternationalSender: a firm whose domain is not ASCII writes to everybody, over servers without SMTPUTF8 too.
func TestInternationalSender(t *testing.T) {
	t.Parallel()
	m := message(1)
	m.From.Address, m.Mail.EnvelopeFrom = "bo@müller.example", "bounces+tok@müller.example"
	m.Mail.ReplyTo, m.Mail.UnsubscribeMailto = "replies+tok@müller.example", "unsubscribe+tok@müller.example"
	f := serve(t, script{})
	if r := sendOne(t, f.connect(nil, nil), m); r.Outcome != channels.Sent {
		t.Fatalf("receipt %+v", r)
	}
	got := f.received()[0]
	if got.from != "bounces+tok@xn--mller-kva.example" || got.utf8 {
		t.Errorf("sent from %q, by SMTPUTF8: %t", got.from, got.utf8)
	}
	for _, want := range []string{
		"From: \"Bo Berg\" <bo@xn--mller-kva.example>\r\n", "<replies+tok@xn--mller-kva.example>", "<mailto:unsubscribe+tok@xn--mller-kva.example?",
	} {
		if !strings.Contains(string(got.data), want) {
			t.Errorf("%q is not in\n%s", want, got.data)
		}
	}
}
