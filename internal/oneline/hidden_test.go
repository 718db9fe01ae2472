package oneline_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"nurture/internal/oneline"
)

func TestSeen(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                  "",
		"Jane Doe":                          "Jane Doe",
		"invoice\u202Efdp.exe":              "invoicefdp.exe",
		"\u202A\u202B\u202C\u202D\u202Ex":   "x",
		"\u2066a\u2067b\u2068c\u2069":       "abc",
		"pass\u200Bword\u2060\uFEFF":        "password",
		"\u200Eleft\u200Fright\u061C":       "leftright",
		"a\x1b[2Jb\x00\x7f\u009bc":          "a[2Jbc",
		"one\r\n\ttwo":                      "one\n\ttwo",
		"נועה 42":                           "נועה 42",
		"می\u200Cخواهم":                     "می\u200Cخواهم",
		"👩\u200D💻":                          "👩\u200D💻",
		"\u0601123":                         "\u0601123",
		"soft\u00ADhyphen, 10\u00A0000":     "softhyphen, 10\u00A0000",
		"\U000E0041\U000E0042hidden prompt": "hidden prompt",
	} {
		if got := oneline.Seen(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestSeenOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		in := rapid.String().Draw(rt, "text")
		got := oneline.Seen(in)
		for _, r := range got {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				rt.Fatalf("%q became %q", in, got)
			}
		}
		if !utf8.ValidString(got) || oneline.Seen(got) != got {
			rt.Fatalf("%q became %q", in, got)
		}
	})
}
