package oneline_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"nurture/internal/oneline"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "",
		"Jane Doe":                   "Jane Doe",
		" Jane  Doe ":                "Jane Doe",
		"Jane\r\nBcc: all@x.test":    "Jane Bcc: all@x.test",
		"a\u2028b\u0085c":            "a b c",
		"10\u00A0000\u202F€":         "10\u00A0000\u202F€",
		"Zo\xeb":                     "Zo\uFFFD",
		"Łukasz\tŻ":                  "Łukasz Ż",
		"\x00":                       "",
		"\u00A0":                     "\u00A0",
		"Œuvre\u00A0: une  histoire": "Œuvre\u00A0: une histoire",
		"Ann\u202Eexe.\u202C":        "Annexe.",
		"\u2067Ann":                  "Ann",
		"\u202E":                     "",
		"a \u202D b":                 "a b",
		"דנה \u200Fכהן, 🏳️‍🌈":        "דנה \u200Fכהן, 🏳️‍🌈",
	} {
		if got := oneline.Of(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(rt, "bytes")) + rapid.String().Draw(rt, "text")
		got := oneline.Of(in)
		switch {
		case !utf8.ValidString(got), strings.ContainsFunc(got, unicode.IsControl), strings.Contains(got, "  "), strings.Trim(got, " ") != got:
			rt.Fatalf("%q became %q", in, got)
		case oneline.Of(got) != got:
			rt.Fatalf("%q became %q and then %q", in, got, oneline.Of(got))
		}
	})
}
