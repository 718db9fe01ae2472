package dnsname

import (
	"net/url"
	"slices"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"mara@müller.example":           "mara@xn--mller-kva.example",
		"mara@MÜLLER.example":           "mara@xn--mller-kva.example",
		"mara@xn--mller-kva.example":    "mara@xn--mller-kva.example",
		"Mara@Example.com":              "Mara@Example.com",
		"jürgen@müller.example":         "jürgen@xn--mller-kva.example",
		"a@b_c.example":                 "a@b_c.example",
		"a@ü_c.example":                 "a@ü_c.example",
		`"a@b"@müller.example`:          `"a@b"@xn--mller-kva.example`,
		"müller.example":                "xn--mller-kva.example",
		"":                              "",
		"a@":                            "a@",
		"reply+b1z-aaaa@straße.example": "reply+b1z-aaaa@xn--strae-oqa.example",
	} {
		if got := Address(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://mail.müller.example":         "https://mail.xn--mller-kva.example",
		"https://mail.müller.example:8443/ü":  "https://mail.xn--mller-kva.example:8443/%C3%BC",
		"http://127.0.0.1:8080":               "http://127.0.0.1:8080",
		"http://[::1]:8080/a%20b":             "http://[::1]:8080/a%20b",
		"https://nurture.example.com/nurture": "https://nurture.example.com/nurture",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := URL(u); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"mara@müller.example", "Mara@XN--mller-kva.example"}, {"a@b.example", "A@B.example"}, {"mara@MÜLLER.example", "mara@müller.example"},
	} {
		if !Same(pair[0], pair[1]) {
			t.Errorf("%q and %q are one", pair[0], pair[1])
		}
	}
	if Same("a@müller.example", "a@muller.example") || Same("a@b.example", "c@b.example") {
		t.Error("two are taken for one")
	}
}

func TestSpellings(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"mara@müller.example":        {"mara@müller.example", "mara@xn--mller-kva.example"},
		"mara@xn--mller-kva.example": {"mara@xn--mller-kva.example", "mara@müller.example"},
		"mara@Example.com":           {"mara@Example.com"},
		"":                           {""},
		"a@":                         {"a@"},
	} {
		if got := Spellings(in); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
