package predicate_test

import (
	"testing"

	"pgregory.net/rapid"

	"nurture/cadence/predicate"
)

// A text that does not read as what is asked for must not come back as that kind's zero: the number 0, or the first day of the year 1.
func TestWhatDoesNotReadIsNoValue(t *testing.T) {
	t.Parallel()
	kinds := []predicate.Kind{predicate.KindNumber, predicate.KindBool, predicate.KindDate, predicate.KindText, "colour"}
	check := func(t interface{ Fatalf(string, ...any) }, text string, kind predicate.Kind) bool {
		got, ok := predicate.Text(text).As(kind)
		if ok != !got.IsZero() || ok && got.Kind != kind {
			t.Fatalf("%q as %s: %#v, %v", text, kind, got, ok)
		}
		return ok
	}
	for _, text := range []string{"3-6", "2026-01", "1.250.000", "1e999", "2026-02-30", "soon", "e", "-", "perhaps"} {
		for _, kind := range kinds[:3] {
			if check(t, text, kind) {
				t.Errorf("%q reads as a %s", text, kind)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[-+.0-9e]{0,6}`), rapid.StringMatching(`\d{4}-\d{2}-\d{2}`)).Draw(t, "text")
		check(t, text, rapid.SampledFrom(kinds).Draw(t, "kind"))
	})
}
