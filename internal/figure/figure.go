// Package figure writes numbers as people read them.
package figure

import (
	"strconv"
	"strings"
)

// Grouped sets a separator between the thousands of whole digits: "12345" with "," is "12,345". A minus may stand in front.
func Grouped(digits, separator string) string {
	first := len(digits) - len(strings.TrimPrefix(digits, "-"))
	for i := len(digits) - 3; i > first; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return digits
}

// Thousands writes a number with its thousands apart: 12,345.
func Thousands(n int) string { return Grouped(strconv.Itoa(n), ",") }

// Count says a number of things: "1 lead", "2 leads".
func Count(n int, noun string) string { return things(strconv.Itoa(n), n, noun) }

// CountThousands is Count with the thousands apart: "12,345 leads".
func CountThousands(n int, noun string) string { return things(Thousands(n), n, noun) }

func things(figure string, n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return figure + " " + noun
}
