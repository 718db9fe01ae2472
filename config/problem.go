package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Problem is one thing that is wrong in a configuration, told so that the person who wrote it can put it right.
type Problem struct {
	File    string // path inside the configuration folder, with slashes
	Line    int    // from 1; 0 when the problem is the file as a whole
	Column  int    // from 1, counted in characters; 0 when Line is 0
	Message string
	Hint    string // what to do about it; "" when Message says it all
	Excerpt string // the line of the file; "" when Line is 0
	judged  bool   // everything could be read, and what it says is not wise: an applied version does it all the same
}

// Problems is the error of Load: everything that is wrong, sorted by file and place.
type Problems []Problem

// Error prints every problem as a compiler would: place, message, the line with a caret under the place, and a hint.
func (p Problems) Error() string {
	var out strings.Builder
	for i, problem := range p {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(problem.String())
	}
	return out.String()
}

// String prints one problem; it ends without a newline.
func (p Problem) String() string {
	if p.Line == 0 {
		if p.Hint == "" {
			return p.File + ": " + p.Message
		}
		return p.File + ": " + p.Message + "\n  hint: " + p.Hint
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	excerpt, column := narrow(p.Excerpt, p.Column)
	fmt.Fprintf(&out, "\n%6d | %s\n       | %s^", p.Line, excerpt, indent(excerpt, column))
	if p.Hint != "" {
		out.WriteString("\n  hint: " + p.Hint)
	}
	return out.String()
}

// excerptWidth is how much of a line is shown, in characters.
const excerptWidth = 120

// narrow cuts a long line down to the neighbourhood of column.
func narrow(line string, column int) (string, int) {
	if utf8.RuneCountInString(line) <= excerptWidth {
		return line, column
	}
	runes := []rune(line)
	from := max(0, min(column-excerptWidth/2, len(runes)-excerptWidth))
	return string(runes[from : from+excerptWidth]), column - from
}

// indent is the blank space before column, with the line's own tabs so that the caret stands right.
func indent(line string, column int) string {
	var out strings.Builder
	for i, r := range []rune(line) {
		if i >= column-1 {
			break
		}
		if r == '\t' {
			out.WriteByte('\t')
		} else {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

// sorted puts the problems in reading order and drops repetitions.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, compareProblems)
	return slices.Compact(p)
}

// compareProblems orders problems as they are read.
func compareProblems(a, b Problem) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Message, b.Message))
}
