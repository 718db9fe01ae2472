package dossier_test

import (
	"bytes"
	htmlpkg "html"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"pgregory.net/rapid"

	"nurture/cadence/uld"
	"nurture/internal/dossier"
)

// full is a story in which every text of a lead, and of those who wrote about it, comes from write.
func full(write func() string) dossier.Input {
	in := story()
	l := &in.Lead
	for _, field := range []*string{&l.FirstName, &l.LastName, &l.Email, &l.Phone, &l.Title, &l.Role, &l.Country, &l.Source, &l.Account.Name, &l.Domain, &l.Industry, &l.Account.Country} {
		*field = write()
	}
	in.Facts = nil
	for i, key := range []string{"major_hazards", "funding", "months_to_decision", "budget_process", "callback_at"} {
		in.Facts = append(in.Facts, uld.Fact{
			ID: int64(i + 1), Criterion: key, Value: text(write()), Class: uld.HumanConfirmed, By: write(), At: at("03-12 23:30"), ResponseID: 903, Words: write(),
		})
	}
	in.Verdict = uld.Verdict{Outcome: uld.Promote, Readiness: uld.Readiness(write()), Because: write()}
	for _, key := range []string{"major_hazards", "funding", "months_to_decision"} {
		in.Verdict.Criteria = append(in.Verdict.Criteria, uld.Finding{Criterion: key, State: uld.Unmet, Why: write()})
	}
	for i := range in.Responses {
		in.Responses[i].Said, in.Responses[i].By = write(), write()
	}
	for i := range in.Colleagues {
		in.Colleagues[i].LastName, in.Colleagues[i].Title, in.Colleagues[i].Role = write(), write(), write()
	}
	for i := range in.Stages {
		in.Stages[i].Reason = write()
	}
	return in
}

// signs are what markup is made of, and what hides in texts.
var signs = []rune("#*_`~[](){}<>&!|+-=.:;\\/\"'$^ \t\n\r\u00a0\u2028\u202e\u2067\x1b\x07x1aé😀")

var snippets = []string{
	"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</title></style>", "{{.}}", "&lt;b&gt;", "&#60;i&#62;", "javascript:alert(1)",
	"# head", "\n\n# head", "- item", "1. item", "7) item", "> quote", "***", "---", "===", "\n===\n", "```", "\n```\ncode", "    code", "\n\n    code",
	"[link](http://evil.example)", "![image](http://evil.example/x.png)", "<http://evil.example>", "[ref]: http://evil.example", "*a*", "__b__", "~~c~~", "`d`",
	"- [ ] todo", "|a|b|\n|-|-|\n|c|d|", "\\", "\\*", "x  \ny", "\x1b[31mred", "\u202egnp.exe", "a_b_c", "_a_", "C#", "# # #", "**",
}

// hostile draws texts that are not blank.
func hostile() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom(snippets), rapid.StringOfN(rapid.SampledFrom(signs), 1, 12, -1),
		rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom(snippets).Draw(t, "a") + rapid.SampledFrom(snippets).Draw(t, "b")
		}), rapid.String(),
	).Filter(func(s string) bool { return seen(s) != "" })
}

// seen is what is left of a text for the eye: its signs, on one line.
func seen(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)), " ")
}

var tag = regexp.MustCompile(`<[^>]*>`)

// skeleton is the markup of a page without its text and its style.
func skeleton(page string) []string { return tag.FindAllString(page, -1) }

func harmless() string { return "word" }

func TestHTMLHoldsHostileTexts(t *testing.T) {
	t.Parallel()
	want := skeleton(html(t, dossier.Build(full(harmless))))
	rapid.Check(t, func(t *rapid.T) {
		var written []string
		write := func() string {
			written = append(written, hostile().Draw(t, "text"))
			return written[len(written)-1]
		}
		page, err := dossier.Build(full(write)).HTML()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, skeleton(page)); diff != "" {
			t.Fatalf("the texts changed the markup (-want +got)\n%s", diff)
		}
		if shown := htmlpkg.UnescapeString(tag.ReplaceAllString(page, "")); !strings.Contains(shown, written[4]) && !strings.ContainsRune(written[4], 0) {
			t.Fatalf("%q is not shown as it was written", written[4])
		}
	})
}

func TestMarkdownHoldsHostileTexts(t *testing.T) {
	t.Parallel()
	gfm := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.TaskList))
	rendered := func(t interface{ Fatal(...any) }, source string) string {
		var b bytes.Buffer
		if err := gfm.Convert([]byte(source), &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	plain := dossier.Build(full(harmless)).Markdown()
	want := skeleton(rendered(t, plain))
	rapid.Check(t, func(t *rapid.T) {
		var written []string
		write := func() string {
			written = append(written, hostile().Draw(t, "text"))
			return written[len(written)-1]
		}
		source := dossier.Build(full(write)).Markdown()
		if strings.Count(source, "\n") != strings.Count(plain, "\n") {
			t.Fatalf("a text broke its line:\n%s", source)
		}
		if i := strings.IndexFunc(source, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 {
			t.Fatalf("a control character at %d: %q", i, source)
		}
		page := rendered(t, source)
		if diff := cmp.Diff(want, skeleton(page)); diff != "" {
			t.Fatalf("the texts changed the markup (-want +got)\n%s\n%s", diff, source)
		}
		shown := seen(htmlpkg.UnescapeString(tag.ReplaceAllString(page, "")))
		for _, i := range []int{0, 2, 4} { // first name, address, title
			if !strings.Contains(shown, seen(written[i])) {
				t.Fatalf("%q is not shown as it was written:\n%s", written[i], source)
			}
		}
	})
}

func TestMarkdownLeavesAddressesAlone(t *testing.T) {
	t.Parallel()
	in := story()
	in.Lead.Email, in.Lead.Phone = "jana_novak.7+x@brenner-chemie.example", "+49 (30) 1234-0007"
	source := dossier.Build(in).Markdown()
	for _, want := range []string{"Email: jana_novak.7+x@brenner-chemie.example\n", "Phone: +49 (30) 1234-0007\n"} {
		if !strings.Contains(source, want) {
			t.Errorf("no %q in\n%s", want, source)
		}
	}
}
