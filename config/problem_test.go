package config

import (
	"strings"
	"testing"
)

func TestProblemString(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 300) + "X" + strings.Repeat("b", 300)
	tests := []struct {
		name    string
		problem Problem
		want    string
	}{
		{"whole file", Problem{File: "uld.yaml", Message: "the file is empty"}, "uld.yaml: the file is empty"},
		{
			"whole file with hint",
			Problem{File: "uld.yaml", Message: "the file is missing", Hint: "write it"},
			"uld.yaml: the file is missing\n  hint: write it",
		},
		{
			"line",
			Problem{File: "a.yaml", Line: 12, Column: 5, Message: `unknown key "aftr"`, Hint: `did you mean "after"?`, Excerpt: "    aftr: 2 days"},
			"a.yaml:12:5: unknown key \"aftr\"\n    12 |     aftr: 2 days\n       |     ^\n  hint: did you mean \"after\"?",
		},
		{
			"tab before the caret",
			Problem{File: "a.yaml", Line: 1, Column: 3, Message: "no", Excerpt: "\tü: 1"},
			"a.yaml:1:3: no\n     1 | \tü: 1\n       | \t ^",
		},
		{
			"caret behind the end",
			Problem{File: "a.yaml", Line: 1, Column: 9, Message: "no", Excerpt: "a:"},
			"a.yaml:1:9: no\n     1 | a:\n       |   ^",
		},
		{
			"long line",
			Problem{File: "a.yaml", Line: 1, Column: 301, Message: "no", Excerpt: long},
			"a.yaml:1:301: no\n     1 | " + strings.Repeat("a", 59) + "X" + strings.Repeat("b", 60) + "\n       | " + strings.Repeat(" ", 59) + "^",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.problem.String(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestProblemsAreSortedAndDistinct(t *testing.T) {
	t.Parallel()
	got := Problems{
		{File: "b", Line: 1, Column: 1, Message: "z"},
		{File: "a", Line: 2, Column: 1, Message: "y"},
		{File: "b", Line: 1, Column: 1, Message: "z"},
		{File: "a", Line: 2, Column: 1, Message: "x"},
		{File: "a", Message: "w"},
	}.sorted()
	if text, want := got.Error(), "a: w\na:2:1: x\n     2 | \n       | ^\na:2:1: y\n     2 | \n       | ^\nb:1:1: z\n     1 | \n       | ^"; text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	many := strings.Split("alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike", " ")
	tests := []struct {
		wrong   string
		allowed []string
		want    string
	}{
		{"aftr", []string{"after", "within"}, `did you mean "after"?`},
		{"witihn", []string{"after", "within"}, `did you mean "within"?`},
		{"On-Response", []string{"on_response", "then"}, `did you mean "on_response"?`},
		{"xyz", []string{"b", "a", "b"}, "one of: a, b"},
		{"xyz", []string{"only", "only"}, `only "only" is allowed here`},
		{"xyz", nil, ""},
		{"xyz", many, "docs/configuration.md lists what is allowed here"},
		{"hotl", many, `did you mean "hotel"?`},
		{strings.Repeat("after", 20), []string{"after", "within"}, "one of: after, within"},
	}
	for _, test := range tests {
		if got := suggest(test.wrong, test.allowed); got != test.want {
			t.Errorf("suggest(%q, %q) = %q, want %q", test.wrong, test.allowed, got, test.want)
		}
	}
}
