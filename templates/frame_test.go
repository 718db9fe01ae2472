package templates

import (
	"html/template"
	"testing"

	"pgregory.net/rapid"

	"nurture/internal/oneline"
)

// A mail's HTML is what html/template makes of the layout, whatever the values.
func TestFrameIsLayout(t *testing.T) {
	t.Parallel()
	set := &Set{}
	anything := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "Ann", `a "b" 'c' + <d> & e`, "vq0z3q", "{{ . }}", "\x00"}))
	link := rapid.OneOf(anything, rapid.SampledFrom([]string{
		"https://example.com/u/abc-DEF_1~2", "https://example.com/?a=b&c=d+e", "http://example.com/%41%zz", "https://example.com/it's(here)",
		"tel:+4930", "mailto:a@b.example", "javascript:alert(1)",
	}))
	rapid.Check(t, func(t *rapid.T) {
		v := layoutValues{
			Lang: rapid.SampledFrom([]string{"en", "de-AT", "ar"}).Draw(t, "lang"), Dir: rapid.SampledFrom([]string{"ltr", "rtl"}).Draw(t, "dir"),
			Subject: anything.Draw(t, "subject"), Preheader: anything.Draw(t, "preheader"), Body: template.HTML(anything.Draw(t, "body")),
			Company: anything.Draw(t, "company"), Address: anything.Draw(t, "address"),
			Unsubscribe: link.Draw(t, "unsubscribe"), Preferences: link.Draw(t, "preferences"),
			Words: wordsByLanguage[rapid.SampledFrom([]string{"en", "fr"}).Draw(t, "words")],
		}
		want, err := executeLayout(v)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // made, and kept
			if got, err := set.layOut(v); err != nil || got != want {
				t.Fatalf("%v: got\n%s\nwant\n%s", err, got, want)
			}
		}
	})
}

func TestCleanText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "Ann": "Ann", "Ann Lee": "Ann Lee", " Ann": "Ann", "Ann ": "Ann", "Ann  Lee": "Ann Lee", "Ann\nLee": "Ann Lee", "a\x7fb": "a b",
		"Zoë Lee": "Zoë Lee", "a\tb": "a b", " ": "", "\xff": "\uFFFD",
	} {
		if got := oneline.Of(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
