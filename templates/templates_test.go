package templates

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"nurture/cadence"
)

// update rewrites the golden files: make golden.
var update = os.Getenv("NURTURE_UPDATE_GOLDEN") != ""

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ann is the data that most tests render with.
func ann() Data {
	return Data{
		"lead":    {"first_name": "Ann", "last_name": "Lee", "name": "Ann Lee", "email": "ann@example.com"},
		"account": {"name": "O'Neil & Söhne <Ltd>", "domain": "oneil.example", "industry": "LOGISTICS"},
		"sender":  {"name": "Bo Berg", "email": "bo@nurture.example"},
		"company": {"name": "Nurture Ltd", "postal_address": "1 High Street\nSpringfield, 12345"},
		"links": {
			"unsubscribe":  "https://nurture.example/u/abc",
			"preferences":  "https://nurture.example/p/abc?x=1&y=2",
			"self_qualify": "https://nurture.example/q/abc",
		},
		"facts": {"pains": []string{"slow *weeks*", "no <b>plan</b>"}},
	}
}

// set loads one template made of front matter and body.
func set(t *testing.T, channel cadence.Channel, header, body string) *Set {
	t.Helper()
	s, problems := load(channel, header, body)
	if len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	return s
}

func load(channel cadence.Channel, header, body string) (*Set, []Problem) {
	content := body
	if header != "" {
		content = "---\n" + header + "\n---\n" + body
	}
	return Load(fstest.MapFS{"templates/" + string(channel) + "/x.md": {Data: []byte(content)}}, "templates")
}

// emailText renders a body as the email x and gives its text without the footer.
func emailText(t *testing.T, body string, data Data) string {
	t.Helper()
	mail, err := set(t, cadence.ChannelEmail, "subject: s", body).RenderEmail("x", data)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(mail.Text, "\n\n--\n")
	return text
}

func callHTML(t *testing.T, body string, data Data) string {
	t.Helper()
	script, err := set(t, cadence.ChannelCall, "", body).RenderCall("x", data)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(script.HTML)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func starter(t *testing.T) *Set {
	t.Helper()
	s, problems := Load(os.DirFS(filepath.Join("testdata", "config")), "templates")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if problems := s.Check(nil); len(problems) > 0 {
		t.Fatal(problems)
	}
	return s
}

func TestGolden(t *testing.T) {
	t.Parallel()
	s := starter(t)
	mail, err := s.RenderEmail("intro", ann())
	if err != nil {
		t.Fatal(err)
	}
	if mail.Subject != "A question about O'Neil & Söhne <Ltd> onboarding" {
		t.Errorf("subject %q", mail.Subject)
	}
	golden(t, "intro.txt", mail.Text)
	golden(t, "intro.html", mail.HTML)
	script, err := s.RenderCall("discovery", ann())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "discovery.txt", script.Title+"\n\n"+script.Text)
	golden(t, "discovery.html", script.HTML)
	voice, err := s.RenderVoicemail("hello", ann())
	if err != nil {
		t.Fatal(err)
	}
	want := "Hello Ann, this is Bo Berg from Nurture Ltd.\n\nI will write you an email. Thank you."
	if voice.Text != want || voice.Language != "en-US" || voice.Recording != "" {
		t.Errorf("voicemail %+v", voice)
	}
}

func TestSetAnswers(t *testing.T) {
	t.Parallel()
	s := starter(t)
	if !s.Has(cadence.ChannelEmail, "intro") || s.Has(cadence.ChannelCall, "intro") || s.Has(cadence.ChannelEmail, "intr") {
		t.Error("Has is wrong")
	}
	if got := s.Names(cadence.ChannelCall); !slices.Equal(got, []string{"discovery"}) {
		t.Errorf("Names = %v", got)
	}
	source := s.Source(cadence.ChannelEmail, "intro")
	if !strings.HasPrefix(string(source), "---\nsubject") {
		t.Errorf("Source = %q", source)
	}
	source[0] = 'X'
	if s.Source(cadence.ChannelEmail, "intro")[0] != '-' {
		t.Error("Source lets its caller change the set")
	}
	if got := s.Tags(cadence.ChannelEmail, "intro"); got != (Tags{Pain: "slow-onboarding", Stage: "nurturing", Language: "en"}) {
		t.Errorf("Tags = %+v", got)
	}
	_, err := s.RenderEmail("intor", ann())
	if err == nil || !strings.Contains(err.Error(), "did you mean intro?") {
		t.Errorf("err = %v", err)
	}
	if s.Source(cadence.ChannelEmail, "none") != nil {
		t.Error("Source of nothing")
	}
}

// TestEmptyVariables: what is printed and empty is an error that names template, line, variable and the way out; all at once.
func TestEmptyVariables(t *testing.T) {
	t.Parallel()
	s := set(t, cadence.ChannelEmail, "subject: Hi {{ .lead.first_name }}",
		"One {{ .account.name }}\n\nTwo {{ .lead.fields.size | upper }} {{ .facts.x.y }}\n{{ .lead.last_name | default \"ok\" }}\n")
	data := ann()
	data["lead"] = map[string]any{"first_name": " \n"}
	data["account"]["name"] = nil
	mail, err := s.RenderEmail("x", data)
	if err == nil {
		t.Fatalf("rendered %+v", mail)
	}
	want := []string{
		`templates/email/x.md:2:10: lead.first_name is empty (fill it in, or write {{ .lead.first_name | default "…" }} or {{ if .lead.first_name }}…{{ end }})`,
		`templates/email/x.md:4:8: account.name is empty (fill it in, or write {{ .account.name | default "…" }} or {{ if .account.name }}…{{ end }})`,
		`templates/email/x.md:6:8: lead.fields.size is empty (fill it in, or write {{ .lead.fields.size | upper | default "…" }} or {{ if .lead.fields.size | upper }}…{{ end }})`,
		`templates/email/x.md:6:40: facts.x.y is empty (fill it in, or write {{ .facts.x.y | default "…" }} or {{ if .facts.x.y }}…{{ end }})`,
	}
	if diff := cmp.Diff(strings.Join(want, "; "), err.Error()); diff != "" {
		t.Error(diff)
	}
	if mail != (Email{}) {
		t.Errorf("a mail with holes: %+v", mail)
	}
	s = set(t, cadence.ChannelEmail, "subject: s", "hello")
	delete(data, "company")
	if _, err := s.RenderEmail("x", data); err == nil || !strings.Contains(err.Error(), "company.postal_address is empty") {
		t.Errorf("no postal address: %v", err)
	}
	if _, err := s.RenderEmail("x", nil); err == nil {
		t.Error("nil data rendered")
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	text := "x"
	data := ann()
	data["lead"]["fields"] = map[string]any{
		"count": 7, "share": 0.25, "zero": 0, "no": false, "day": day, "iso": "2026-03-09", "ptr": &text, "nilptr": (*string)(nil),
		"list": []any{"a", nil, 2}, "long": time.Duration(90) * time.Second, "multi": "a\r\n\tb\x00c\u2028d", "bad": "a\xffb",
		"names": map[string]string{"k": "v"},
	}
	for in, want := range map[string]string{
		`{{ .lead.fields.count }} {{ .lead.fields.share }} {{ .lead.fields.zero }} {{ .lead.fields.no }}`: "7 0.25 0 false",
		`{{ .lead.fields.day }}`:                                              "9 March 2026",
		`{{ .lead.fields.day | date "Jan 2" }}`:                               "Mar 9",
		`{{ .lead.fields.iso | date "2 Jan 2006" }}`:                          "9 Mar 2026",
		`{{ .lead.fields.none | date "2 Jan" | default "soon" }}`:             "soon",
		`{{ .lead.fields.ptr }}{{ .lead.fields.nilptr | default "-" }}`:       "x-",
		`{{ .lead.fields.list }}`:                                             "a, 2",
		`{{ .lead.fields.long }}`:                                             "1m30s",
		`{{ .lead.fields.multi }}`:                                            "a b c d",
		`{{ .lead.fields.bad }}`:                                              "a\uFFFDb",
		`{{ .lead.fields.names.k }}`:                                          "v",
		`{{ "JOHN o'neil McDonald mary-jane" | title }}`:                      "John O'neil McDonald Mary-Jane",
		`{{ "Ab" | upper }}{{ "Ab" | lower }}`:                                "ABab",
		`{{ or .lead.none "there" }}`:                                         "there",
		`{{ with .account }}{{ .name }}{{ end }}`:                             "O'Neil & Söhne <Ltd>",
		`{{ range $i, $p := .facts.pains }}{{ $i }}:{{ $p }};{{ end }}`:       "0:slow *weeks*;1:no <b>plan</b>;",
		`{{ if eq .lead.first_name "Ann" }}yes{{ else }}no{{ end }}`:          "yes",
		`{{ $n := .lead.first_name }}{{ $n }}`:                                "Ann",
		`{{ if and .lead.first_name (not .lead.none) }}both{{ end }}`:         "both",
		`{{ range .lead.none }}{{ .x }}{{ else }}nothing{{ end }}`:            "nothing",
		`{{ .lead.none | default "" }}end`:                                    "end",
		`{{ printf "%s-%d" .lead.first_name 3 }}`:                             "Ann-3",
		"vq0z0q {{ .lead.first_name }}":                                       "vq0z0q Ann",
		`{{ range .facts.pains }}{{ $.lead.first_name }}{{ break }}{{ end }}`: "Ann",
	} {
		if got := emailText(t, in, data); got != want {
			t.Errorf("%s = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		`{{ .lead.fields.names }}`:                  "is a group",
		`{{ .lead.first_name | date "2 Jan" }}`:     `"Ann" is no date`,
		`{{ range .facts.pains }}{{ .x }}{{ end }}`: "can't evaluate field x",
		`{{ index .facts.pains 7 }}`:                "out of range",
		`{{ _print $ 99 "x" }}`:                     "cannot be called by a template",
	} {
		s := set(t, cadence.ChannelEmail, "subject: s", in)
		if _, err := s.RenderEmail("x", data); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "x.md:4") {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\nb  \nc":                              "a b\nc",
		"# H\ntext":                              "H\n\ntext",
		"- a\n- b\n  - c\n- d":                   "- a\n- b\n  - c\n- d",
		"3. a\n4. b\n\n   more\n5. c":            "3. a\n\n4. b\n\n   more\n\n5. c",
		"> q\n>\n> r":                            "> q\n>\n> r",
		"[text](https://a.example/x)":            "text (https://a.example/x)",
		"[https://a.example](https://a.example)": "https://a.example",
		"<https://a.example/?a=b&c>":             "https://a.example/?a=b&c",
		"[me](mailto:a@b.example)":               "me (mailto:a@b.example)",
		"[a@b.example](mailto:a@b.example)":      "mailto:a@b.example",
		"a {{ .lead.none | default \"\" }} b  \n{{ .lead.none | default \"\" }}\nc": "a b\nc",
		"see www.a.example now":                                        "see www.a.example now",
		"![logo](https://a.example/l.png) x":                           "logo x",
		"*a* **b** `c*` ~~d~~ \\*e\\* &amp; &copy;":                    "a b c* d *e* & ©",
		"```\ncode  x\n\n y\n```":                                      "    code  x\n\n     y",
		"a\n\n***\n\nb":                                                "a\n\n----------\n\nb",
		"{{ .lead.first_name }}\n\nhttps://a.example/{{ .lead.name }}": "Ann\n\nhttps://a.example/Ann%20Lee",
	} {
		if got := emailText(t, in, ann()); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
}

// TestStandaloneLines: a line that only steers leaves no blank line, so lists stay tight and paragraphs whole.
func TestStandaloneLines(t *testing.T) {
	t.Parallel()
	data := ann()
	for in, want := range map[string]string{
		"- a\n{{ if .lead.none }}\n- b\n{{ else if .lead.first_name }}\n- c\n{{ else }}\n- d\n{{ end }}\n- e": "- a\n- c\n- e",
		"{{ range .facts.pains }}\n- {{ . }}\n{{ end }}\n- z":                                                 "- slow *weeks*\n- no <b>plan</b>\n- z",
		"a\n{{/* note */}}\nb":               "a b",
		"{{ $x := .lead.name }}\na {{ $x }}": "a Ann Lee",
		"a\n  {{ with .lead.name }}  \nb {{ . }}\n{{ end }}{{ if .lead.none }}\nc{{ end }}": "a b Ann Lee",
		"x {{ if .lead.name }}\ny{{ end }}":                                                 "x y",
		"a\n\n{{ if .lead.name }}\n\nb\n\n{{ end }}\n\nc":                                   "a\n\nb\n\nc",
	} {
		if got := emailText(t, in, data); got != want {
			t.Errorf("%q = %q, want %q", in, got, want)
		}
	}
	if got, want := callHTML(t, "- a\n{{ if .lead.name }}\n- b\n{{ end }}", data), "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"; got != want {
		t.Errorf("html %q, want %q", got, want)
	}
}

func TestFooter(t *testing.T) {
	t.Parallel()
	data := ann()
	delete(data, "links")
	mail, err := set(t, cadence.ChannelEmail, "subject: s\nlanguage: de-AT", "Hallo").RenderEmail("x", data)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Hallo\n\n--\nNurture Ltd, 1 High Street, Springfield, 12345\n" + wordsByLanguage["de"].ReplyToStop + "\n"; mail.Text != want {
		t.Errorf("text %q", mail.Text)
	}
	if !strings.Contains(mail.HTML, `<html lang="de-AT" dir="ltr">`) || !strings.Contains(mail.HTML, "abmelden") {
		t.Error("HTML footer or language")
	}
	data["links"] = map[string]any{"unsubscribe": "javascript:alert(1)"}
	if _, err := set(t, cadence.ChannelEmail, "subject: s", "x").RenderEmail("x", data); err == nil {
		t.Error("a script as unsubscribe link")
	}
	mail, err = set(t, cadence.ChannelEmail, "subject: s\nlanguage: ar", "x").RenderEmail("x", ann())
	if err != nil || !strings.Contains(mail.HTML, `dir="rtl"`) {
		t.Errorf("Arabic: %v", err)
	}
}

// TestConcurrent renders with different branches from many goroutines; the race detector watches.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	s := starter(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				data := ann()
				data["lead"]["first_name"] = fmt.Sprintf("Lead%d-%d", g, i)
				if i%2 == 0 {
					delete(data["account"], "industry")
				}
				mail, err := s.RenderEmail("intro", data)
				if err != nil {
					t.Error(err)
					return
				}
				if want := fmt.Sprintf("Hello Lead%d-%d\n", g, i); !strings.HasPrefix(mail.Text, want) {
					t.Errorf("%q lacks %q", mail.Text[:30], want)
				}
				if strings.Contains(mail.Text, "logistics") == (i%2 == 0) {
					t.Error("wrong branch")
				}
			}
		})
	}
	wg.Wait()
}

// TestPageCacheIsBounded: loops of any length render, but do not fill the memory.
func TestPageCacheIsBounded(t *testing.T) {
	t.Parallel()
	s := set(t, cadence.ChannelCall, "", "{{ range .facts.n }}\n- {{ . }}\n{{ end }}")
	for n := range maxPages + 20 {
		list := make([]int, n+1)
		script, err := s.RenderCall("x", Data{"facts": {"n": list}})
		if err != nil || strings.Count(script.Text, "- 0") != n+1 {
			t.Fatalf("%d: %v, %q", n, err, script.Text)
		}
	}
	kept := 0
	s.byKey[key{cadence.ChannelCall, "x"}].body.pages.Range(func(any, any) bool { kept++; return true })
	if kept != maxPages {
		t.Errorf("kept %d pages", kept)
	}
}

func BenchmarkRenderEmail(b *testing.B) {
	s, _ := Load(os.DirFS(filepath.Join("testdata", "config")), "templates")
	data := ann()
	for b.Loop() {
		if _, err := s.RenderEmail("intro", data); err != nil {
			b.Fatal(err)
		}
	}
}
