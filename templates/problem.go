package templates

import (
	"fmt"
	"strings"

	"nurture/cadence"
)

// Problem is one thing wrong with a template. Line and Column count from 1, columns in characters; 0 is "the whole file" or
// "the whole line". Hint is the way out, "" when the message says it all.
type Problem struct {
	File         string
	Line, Column int
	Message      string
	Hint         string
}

// String gives "file:line:column: message (hint)".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
		if p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
	}
	b.WriteString(": ")
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString(" (")
		b.WriteString(p.Hint)
		b.WriteString(")")
	}
	return b.String()
}

// RenderError says why a template cannot be rendered with the data given: nothing was rendered. It lists every reason.
type RenderError struct {
	Channel  cadence.Channel
	Name     string
	Problems []Problem // at least one
}

// Error joins the problems.
func (e *RenderError) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.String()
	}
	return strings.Join(parts, "; ")
}
