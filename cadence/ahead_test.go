package cadence_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
)

// TestLookAhead walks from a moment in the middle of first-seven into the long game and back.
func TestLookAhead(t *testing.T) {
	t.Parallel()
	all := plans()
	e, now := running(t, 1)
	var got []string
	cadence.LookAhead(all["first-seven"], e, now, func(key string) (cadence.Plan, bool) { p, ok := all[key]; return p, ok }, func(a cadence.Ahead) bool {
		if a.InHand {
			t.Errorf("%+v is not in hand", a)
		}
		got = append(got, fmt.Sprintf("%s %s %s %s", a.At.In(time.FixedZone("", 3600)).Format("2006-01-02"), a.Cadence, a.Channel, a.Step))
		return len(got) < 7
	})
	want := []string{
		"2026-03-02 first-seven voicemail hello", "2026-03-03 first-seven call discovery", "2026-03-06 first-seven email case-study",
		"2026-07-04 long-game email quarterly", // 30 days to the move, and 90 of its own
	}
	if len(got) != 7 || !slices.Equal(got[:3], want[:3]) || !strings.Contains(got[3], "long-game email quarterly") || !strings.Contains(got[6], "first-seven email intro") {
		t.Errorf("got\n%s\nwant it to begin\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLookAheadBeginsInHand, and ends where only a person can go on, where the lead ends, and where the next cadence is not known.
func TestLookAheadBeginsInHand(t *testing.T) {
	t.Parallel()
	count := func(p cadence.Plan, e cadence.Enrollment) (n int, first cadence.Ahead) {
		cadence.LookAhead(p, e, at(t, "2026-03-02 10:00"), func(string) (cadence.Plan, bool) { return cadence.Plan{}, false }, func(a cadence.Ahead) bool {
			if n++; n == 1 {
				first = a
			}
			return true
		})
		return n, first
	}
	e, now := running(t, 0)
	e.InFlight, e.Due = true, nil
	if n, first := count(plans()["call-first"], e); n != 2 || !first.InHand || first.Step != "discovery" || !first.At.Equal(now) {
		t.Errorf("%d touches, the first %+v; want the call in hand and the mail after it", n, first)
	}
	if n, _ := count(plans()["patient-call"], e); n != 2 {
		t.Errorf("%d touches", n)
	}
	e, _ = pausedFor(t, cadence.ReasonByPerson)
	e.Due = nil
	if n, _ := count(plans()["first-seven"], e); n != 0 {
		t.Errorf("%d touches ahead of a lead that waits for a person", n)
	}
	e, _ = running(t, 99)
	if n, _ := count(plans()["first-seven"], e); n != 0 {
		t.Errorf("%d touches ahead of a lead that has nowhere to go", n)
	}
}
