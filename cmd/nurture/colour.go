package main

import (
	"fmt"
	"strings"

	"nurture/internal/figure"
)

// The colours of a terminal (ECMA-48, SGR).
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// paint writes text, in a colour where a person reads standard output. What hides in the text is dropped as everywhere.
func (a *app) paint(colour, text string) {
	clean, guarded := a.stdout.(cleanWriter)
	if !a.colours || colour == "" || !guarded {
		a.printf("%s", text)
		return
	}
	fmt.Fprintf(clean.Writer, "\x1b[%sm", colour)
	a.printf("%s", strings.TrimSuffix(text, "\n"))
	fmt.Fprint(clean.Writer, "\x1b[0m")
	if strings.HasSuffix(text, "\n") {
		a.printf("\n")
	}
}

// grouped writes a number with its thousands apart: 12,345.
func grouped(n int) string { return figure.Thousands(n) }

// signed writes a change: +12, -3, and nothing for none.
func signed(n int) string {
	if n == 0 {
		return ""
	}
	if n > 0 {
		return "+" + grouped(n)
	}
	return grouped(n)
}

// countGrouped says a number of things: "1 lead", "12,345 leads".
func countGrouped(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}
