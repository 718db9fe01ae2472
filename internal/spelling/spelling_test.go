package spelling

import "testing"

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1},
		{"kitten", "sitting", 3},
		{"ab", "ba", 1},
		{"größe", "grösse", 2},
		{"straße", "strasse", 2},
		{"SMPT_HOTS", "SMTP_HOST", 2},
	} {
		for _, way := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			if got := Distance(way[0], way[1]); got != test.want {
				t.Errorf("Distance(%q, %q) = %d, want %d", way[0], way[1], got, test.want)
			}
		}
	}
}
