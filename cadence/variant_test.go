package cadence_test

import (
	"fmt"
	"testing"

	"nurture/cadence"
)

func withVariants(key string, names ...string) cadence.Step {
	s := cadence.Step{Key: key, Kind: cadence.StepEmail}
	for _, n := range names {
		s.Variants = append(s.Variants, cadence.Variant{Name: n, Template: key + "-" + n})
	}
	return s
}

// TestVariantsNeverChange pins choices: a change here would show leads a second variant of what they have read.
func TestVariantsNeverChange(t *testing.T) {
	t.Parallel()
	step := withVariants("intro", "a", "b", "c")
	got := ""
	for i := range 12 {
		got += step.VariantFor("first-seven", fmt.Sprintf("lead-%d", i)).Name
	}
	if want := "acbcbabcabbc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVariantsOfFewTemplates(t *testing.T) {
	t.Parallel()
	if got := withVariants("intro").VariantFor("p", "l"); got != (cadence.Variant{}) {
		t.Errorf("no variants: got %v", got)
	}
	if got := withVariants("intro", "a").VariantFor("p", "l"); got.Name != "a" {
		t.Errorf("one variant: got %v", got)
	}
}

// TestVariantsAreEvenAndIndependent: each gets its share, and the variant at one step says nothing about that at the next.
func TestVariantsAreEvenAndIndependent(t *testing.T) {
	t.Parallel()
	const leads = 20_000
	first, second := withVariants("intro", "a", "b"), withVariants("case-study", "a", "b")
	counts := map[string]int{}
	for i := range leads {
		key := fmt.Sprintf("lead-%d", i)
		counts[first.VariantFor("p", key).Name+second.VariantFor("p", key).Name]++
	}
	for _, pair := range []string{"aa", "ab", "ba", "bb"} {
		// Five standard deviations of a share of a quarter.
		if n := counts[pair]; n < leads/4-310 || n > leads/4+310 {
			t.Errorf("%s: %d of %d leads, want about a quarter", pair, n, leads)
		}
	}
}
