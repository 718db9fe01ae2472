package clock

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestAShiftedClockGoesByItsFile, forward and back, and keeps its last shift while the file cannot be read.
func TestAShiftedClockGoesByItsFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shift")
	base := New(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC))
	first, second := Shifted(base.Now, file), Shifted(base.Now, file)
	shows := func(when string, want time.Duration) {
		t.Helper()
		base.Advance(base.Now().Add(shiftKept))
		for _, c := range []func() time.Time{first, second} {
			if got := c().Sub(base.Now()); got != want {
				t.Errorf("%s: it is %s off, want %s", when, got, want)
			}
		}
	}
	set := func(d time.Duration) {
		t.Helper()
		if err := SetShift(file, d); err != nil {
			t.Fatal(err)
		}
	}
	shows("without a file", 0)
	set(90 * time.Minute)
	shows("set forward", 90*time.Minute)
	set(-3 * time.Hour)
	if got := first().Sub(base.Now()); got != 90*time.Minute {
		t.Errorf("the file was read again at once: %s off", got)
	}
	shows("set back", -3*time.Hour)
	for _, text := range []string{"", "soon"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		shows("with a file that says nothing", -3*time.Hour)
	}
	if err := os.WriteFile(file, []byte(" 1s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shows("written by hand", time.Second)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	shows("when the file is gone", time.Second)
	if err := SetShift(filepath.Join(file, "nowhere"), 0); err == nil {
		t.Error("a shift was set in a folder that is not there")
	}
}
