package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nurture/internal/oneline"
)

func TestCleanWriter(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain\ttext\n":                 "plain\ttext\n",
		"\x1b[31mred\x1b[0m\x07":        "[31mred[0m",
		"a\u202eb\u2066c\u200bd\u00ade": "abcde",
		"C1 \u009b31m and DEL \x7f":     "C1 31m and DEL ",
		"half\rhidden":                  "halfhidden",
		"\rprogress":                    "\rprogress",
		"می\u200cخواهم 👩\u200d🔧 Zoë Łódź": "می\u200cخواهم 👩\u200d🔧 Zoë Łódź",
	} {
		var b bytes.Buffer
		n, err := cleanWriter{&b}.Write([]byte(in))
		if err != nil || n != len(in) || b.String() != want {
			t.Errorf("%q: %q, %d, %v; want %q", in, b.String(), n, err, want)
		}
	}
}

func TestJSONShowsNoControlsAndLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"\x1b[2J", "\u009b", "\u202e", "\x7f", "\U000e0041", "<&>\u2028"})).Draw(t, "text")
		var b bytes.Buffer
		a := &app{system: system{stdout: cleanWriter{&b}}}
		if err := a.printJSON(map[string]string{"text": text}); err != nil {
			t.Fatal(err)
		}
		if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && oneline.Hidden(r) }); i >= 0 {
			t.Fatalf("%q has a hidden character at %d", b.String(), i)
		}
		var back map[string]string
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, back["text"]); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTable(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	a := &app{system: system{stdout: cleanWriter{&b}}}
	a.table([][]string{{"NAME", "NOTE"}, {"Zoë", "two\nlines\tand a tab"}, {"a longer name", "x\x1b[1m"}})
	want := "NAME           NOTE\nZoë            two lines and a tab\na longer name  x[1m\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"2026-03-02":                "2026-03-01T23:00:00Z",
		"2026-07-02 14:00":          "2026-07-02T12:00:00Z",
		"2026-03-02T14:00":          "2026-03-02T13:00:00Z",
		"2026-03-02T14:00:00-05:00": "2026-03-02T19:00:00Z",
	} {
		if got, err := parseTime(in, berlin); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"tomorrow", "02.03.2026", "2026-13-01", "2026-03-02 25:00", ""} {
		if got, err := parseTime(in, berlin); err == nil {
			t.Errorf("%q is read as %v", in, got)
		}
	}
}

// TestNamedDate: a day that a lead names is its own, not the operator's, and a time is never taken for a day.
func TestNamedDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, in, want string }{
		{"Europe/Berlin", "2026-03-02", "2026-03-02T00:00:00Z"},
		{"America/Los_Angeles", "2026-03-02", "2026-03-02T00:00:00Z"},
		{"Europe/Berlin", "2026-07-02 14:00", "2026-07-02T12:00:00Z"},
		{"America/Los_Angeles", "2026-03-02 16:00", "2026-03-03T00:00:00.000001Z"},
		{"Asia/Tokyo", "2026-03-02 09:00", "2026-03-02T00:00:00.000001Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := namedDate(c.in, zone); err != nil || got.Format(time.RFC3339Nano) != c.want {
			t.Errorf("%s in %s: %v, %v; want %s", c.in, c.zone, got, err, c.want)
		}
	}
	if got, err := namedDate("", time.UTC); got != nil || err != nil {
		t.Errorf("no date: %v, %v", got, err)
	}
	if _, err := namedDate("soon", time.UTC); err == nil {
		t.Error("soon is a date")
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   string
		n    int
		want string
	}{{"Łódź", 4, "Łódź"}, {"Łódź!", 4, "Łód…"}, {"a\nb", 5, "a b"}, {"", 3, ""}} {
		if got := short(test.in, test.n); got != test.want {
			t.Errorf("short(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
		}
	}
}

// TestLogWritesDurationsReadably: to machines, too; its own way is a number of nanoseconds.
func TestLogWritesDurationsReadably(t *testing.T) {
	t.Parallel()
	for _, tty := range []bool{true, false} {
		var b bytes.Buffer
		a := &app{system: system{stderr: &b, tty: tty}}
		a.logger().Info("later", "retry_in", 712962404013*time.Nanosecond, "took", 20*time.Millisecond)
		if !strings.Contains(b.String(), "11m53s") || !strings.Contains(b.String(), "20ms") || strings.Contains(b.String(), "712962404013") {
			t.Errorf("tty %t: %s", tty, &b)
		}
	}
}
