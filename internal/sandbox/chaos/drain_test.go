package chaos

import (
	"testing"
	"time"
)

// TestStillnessIsOfWhatIsDue: minutes in which all that is left waits for the provider's list are not counted when something falls due behind them.
func TestStillnessIsOfWhatIsDue(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	var s stillness
	for _, look := range []struct {
		now, moved int
		due        bool
		want       time.Duration
	}{
		{10, 10, true, 0},
		{13, 10, true, 3 * time.Second},
		{14, 14, true, 0},
		{20, 14, false, 0},
		{110, 14, false, 0},
		{112, 14, true, 2 * time.Second},
		{113, 113, false, 0},
	} {
		if got := s.look(at(look.now), at(look.moved), look.due); got != look.want {
			t.Errorf("after %d s still for %s, want %s", look.now, got, look.want)
		}
	}
}
