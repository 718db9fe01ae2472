package figure_test

import (
	"testing"

	"nurture/internal/figure"
)

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		0: "0", 999: "999", 1000: "1,000", 100000: "100,000", 12345678: "12,345,678", -999: "-999", -100000: "-100,000", -1234567: "-1,234,567",
	} {
		if got := figure.Thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if got := figure.Grouped("1200050", " "); got != "1 200 050" {
		t.Error(got)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 leads", 1: "1 lead", 2: "2 leads", 2000: "2000 leads"} {
		if got := figure.Count(n, "lead"); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestCountThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 leads", 1: "1 lead", 12345: "12,345 leads"} {
		if got := figure.CountThousands(n, "lead"); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
