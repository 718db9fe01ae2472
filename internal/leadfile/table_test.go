package leadfile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"nurture/internal/leadfile"
)

func TestReadTable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		want []string // line and cells; the last one may be an error
	}{
		"plain":         {"lead,outcome\nann@example.com,won\n", []string{"1 lead|outcome", "2 ann@example.com|won"}},
		"German Excel":  {"\ufeffsep=;\r\n\"lead\";outcome\r\n\r\n\"ann; lee\";won\r\n", []string{"2 lead|outcome", "4 ann; lee|won"}},
		"Windows-1252":  {"lead;outcome\nj\xfcrgen;won\n", []string{"1 lead|outcome", "2 jürgen|won"}},
		"UTF-16":        {"\xff\xfel\x00e\x00\t\x00o\x00\n\x00a\x00\t\x00b\x00", []string{"1 le|o", "2 a|b"}},
		"a short line":  {"lead,outcome,at\nann,won\n", []string{"1 lead|outcome|at", "2 ann|won|"}},
		"a long line":   {"lead,outcome\nann,won,2026\n", []string{"1 lead|outcome", "line 2: the line has 3 cells, the header has 2 (put cells that contain a comma into quotes)"}},
		"nothing":       {"\n\n", []string{"the file is empty: a first line with column names is expected"}},
		"no end":        {"lead,outcome\nann,won", []string{"1 lead|outcome", "2 ann|won"}},
		"an open quote": {"\"lead\n", []string{`line 1: a quote is opened and never closed (close it, or write a quote inside a quoted cell twice (""))`}},
	} {
		var got []string
		err := leadfile.ReadTable(strings.NewReader(c.file), func(line int, cells []string) error {
			got = append(got, fmt.Sprint(line, " ", strings.Join(cells, "|")))
			return nil
		})
		if err != nil {
			got = append(got, err.Error())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	stop := errors.New("stop")
	if err := leadfile.ReadTable(strings.NewReader("a\nb\nc\n"), func(line int, _ []string) error {
		if line == 2 {
			return stop
		}
		return nil
	}); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}
