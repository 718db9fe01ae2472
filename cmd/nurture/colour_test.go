package main

import (
	"strings"
	"testing"
)

// TestPaint: colours are ours alone, and only where a person reads.
func TestPaint(t *testing.T) {
	t.Parallel()
	for colours, want := range map[bool]string{
		true:  "\x1b[32m  + a [31mname\x1b[0m\nplain\n",
		false: "  + a [31mname\nplain\n",
	} {
		var out strings.Builder
		a := &app{system: system{stdout: cleanWriter{&out}, colours: colours}}
		a.paint(green, "  + a \x1b[31mname\n")
		a.paint("", "plain\n")
		if out.String() != want {
			t.Errorf("colours %v: %q, want %q", colours, out.String(), want)
		}
	}
}

func TestGrouped(t *testing.T) {
	t.Parallel()
	if signed(0) != "" || signed(1500) != "+1,500" || signed(-3) != "-3" || countGrouped(1, "lead") != "1 lead" || countGrouped(2000, "lead") != "2,000 leads" {
		t.Error(signed(0), signed(1500), signed(-3), countGrouped(1, "lead"), countGrouped(2000, "lead"))
	}
}
