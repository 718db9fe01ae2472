package templates

import (
	"encoding/xml"
	"html"
	"io"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"nurture/cadence"
	"nurture/internal/oneline"
)

const everyPlace = `# {{ .lead.name }}

{{ .lead.name }} *{{ .lead.name }}* **{{ .lead.name }}** ` + "`{{ .lead.name }}`" + ` [{{ .lead.name }}](https://a.example/{{ .lead.name }}?q={{ .lead.name }}#{{ .lead.name }} "{{ .lead.name }}")
![{{ .lead.name }}](https://a.example/{{ .lead.name }}.png)

- {{ .lead.name }}
- {{ .lead.name }}{{ .lead.name }}

> {{ .lead.name }}

    code {{ .lead.name }}
`

var nasty = []string{
	"<script>alert(1)</script>", "</p><b>x", "**bold**", "[x](javascript:alert(1))", "- item", "# head", "> quote", "`code`",
	"&lt;b&gt;", "&amp;", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "a\n\nb", "a\r\nBcc: x@y.example", "vq0z0q",
	"vq1z1q", "{{ .lead.email }}", "\x01https://evil.example\x02", "<https://evil.example>", "https://evil.example", "<!-- ", "]]>",
	"\\", "$", "%2F", "a_b_c", "~~x~~", "1. one", "\u202e", "😀", "---", "| a | b |", "![i](https://evil.example/x.png)",
}

func names() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(nasty), rapid.String()), 1, 4).Draw(t, "parts")
		return strings.Join(parts, "")
	})
}

var tagPattern = regexp.MustCompile(`<[^>]*>`)

// TestDataIsLiteral: whatever the value, the HTML has the same tags as with a harmless one, and both parts show the value
// itself wherever it is text.
func TestDataIsLiteral(t *testing.T) {
	t.Parallel()
	s := set(t, cadence.ChannelEmail, "subject: s", everyPlace)
	plain := ann()
	plain["lead"]["name"] = "Ann"
	reference, err := s.RenderEmail("x", plain)
	if err != nil {
		t.Fatal(err)
	}
	structure := func(doc string) []string {
		tags := tagPattern.FindAllString(doc, -1)
		for i, tag := range tags {
			name, _, _ := strings.Cut(strings.Trim(tag, "<>"), " ")
			tags[i] = name
		}
		return tags
	}
	want := strings.Join(structure(reference.HTML), " ")
	rapid.Check(t, func(rt *rapid.T) {
		name := names().Draw(rt, "name")
		data := ann()
		data["lead"]["name"] = name
		mail, err := s.RenderEmail("x", data)
		shown := oneline.Of(name)
		if shown == "" {
			if err == nil {
				rt.Fatalf("%q rendered", name)
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		if got := strings.Join(structure(mail.HTML), " "); got != want {
			rt.Fatalf("tags with %q:\n%s\nwant\n%s", name, got, want)
		}
		if strings.Contains(strings.ToLower(mail.HTML), "<script") {
			rt.Fatal("a script")
		}
		escaped := html.EscapeString(shown)
		if got := strings.Count(mail.HTML, ">"+escaped+"<"); got < 6 {
			rt.Fatalf("%q is shown %d times in\n%s", escaped, got, mail.HTML)
		}
		if !strings.HasPrefix(mail.Text, shown+"\n\n"+shown+" ") || !strings.Contains(mail.Text, "\n- "+shown+shown+"\n") {
			rt.Fatalf("text of %q:\n%s", shown, mail.Text)
		}
		link := "https://a.example/" + pathEscaped(shown) + "?q=" + pathEscaped(shown) + "#" + pathEscaped(shown)
		if !strings.Contains(mail.HTML, `href="`+link+`"`) || !strings.Contains(mail.Text, "("+link+")") {
			rt.Fatalf("link of %q missing: %s", shown, link)
		}
		u, err := url.Parse(link)
		if err != nil || u.Query().Get("q") != shown || u.Host != "a.example" {
			rt.Fatalf("link %s: %v", link, err)
		}
	})
}

func pathEscaped(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// TestOneLineFields: no value breaks the line of a subject or preheader.
func TestOneLineFields(t *testing.T) {
	t.Parallel()
	s := set(t, cadence.ChannelEmail, "subject: \"Hi {{ .lead.name }}!\"\npreheader: \"{{ .lead.name }}\"", "x")
	rapid.Check(t, func(rt *rapid.T) {
		data := ann()
		data["lead"]["name"] = names().Draw(rt, "name")
		mail, err := s.RenderEmail("x", data)
		if err != nil {
			return
		}
		if strings.ContainsFunc(mail.Subject+mail.Preheader, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x2028 }) {
			rt.Fatalf("control character in %q or %q", mail.Subject, mail.Preheader)
		}
		if want := "Hi " + oneline.Of(data["lead"]["name"].(string)) + "!"; mail.Subject != want {
			rt.Fatalf("subject %q, want %q", mail.Subject, want)
		}
	})
}

// TestVoicemailHoldsNoXML: text with any value in it stands inside of XML as it is.
func TestVoicemailHoldsNoXML(t *testing.T) {
	t.Parallel()
	s := set(t, cadence.ChannelVoicemail, "", "Hello {{ .lead.name }} bye")
	rapid.Check(t, func(rt *rapid.T) {
		v, err := s.RenderVoicemail("x", Data{"lead": {"name": names().Draw(rt, "name")}})
		if err != nil {
			return
		}
		if strings.ContainsAny(v.Text, "<>&") || !strings.HasPrefix(v.Text, "Hello ") || !strings.HasSuffix(v.Text, " bye") {
			rt.Fatalf("text %q", v.Text)
		}
		dec := xml.NewDecoder(strings.NewReader("<Say>" + v.Text + "</Say>"))
		for {
			if _, err := dec.Token(); err == io.EOF {
				return
			} else if err != nil && !strings.Contains(err.Error(), "illegal character code") {
				rt.Fatal(err)
			}
		}
	})
}

func TestLinksFromData(t *testing.T) {
	t.Parallel()
	whole := set(t, cadence.ChannelCall, "", "[site]({{ .account.website }})")
	for in, want := range map[string]string{
		"https://a.example/p?x=1&y=<b>": `<p><a href="https://a.example/p?x=1&amp;y=%3Cb%3E">site</a></p>`,
		"HTTP://a.example":              `<p><a href="HTTP://a.example">site</a></p>`,
		"mailto:a@b.example":            `<p><a href="mailto:a@b.example">site</a></p>`,
		"https://a.example/ä b":         `<p><a href="https://a.example/%C3%A4%20b">site</a></p>`,
		"javascript:alert(1)":           "", "JaVaScRiPt:alert(1)": "", "java\nscript:x": "", " javascript:x": "", "data:text/html,x": "",
		"//evil.example": "", "/x": "", "a.example": "", "vbscript:x": "", "http:": "", "https:///x": "", "\x01javascript:x": "",
	} {
		script, err := whole.RenderCall("x", Data{"account": {"website": in}})
		if want == "" {
			if err == nil || !strings.Contains(err.Error(), "account.website is") {
				t.Errorf("%q: %q, %v", in, script.HTML, err)
			}
			continue
		}
		if err != nil || strings.TrimSpace(script.HTML) != want {
			t.Errorf("%q: %q, %v", in, script.HTML, err)
		}
	}
	host := set(t, cadence.ChannelCall, "", "[site](https://{{ .account.domain }}/x) and https://www.{{ .account.domain }}/y")
	script, err := host.RenderCall("x", Data{"account": {"domain": "bücher.example"}})
	if err != nil || !strings.Contains(script.HTML, `href="https://bücher.example/x"`) {
		t.Errorf("%q, %v", script.HTML, err)
	}
	for _, in := range []string{"evil.example/x", "a@evil.example", "a b", "a:b", "javascript:x", "\"x"} {
		if script, err := host.RenderCall("x", Data{"account": {"domain": in}}); err == nil {
			t.Errorf("%q: %q", in, script.HTML)
		}
	}
}
