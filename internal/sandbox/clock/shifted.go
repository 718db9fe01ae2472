package clock

import (
	"os"
	"strings"
	"sync"
	"time"
)

// shiftKept is how long a shift that was read counts before the file is read again.
const shiftKept = 10 * time.Millisecond

// Shifted is a clock that goes wrong on order: base, moved by the duration that a file holds, such as "-1h30m". While the file cannot be
// read, the last shift stays. It may be called from several goroutines.
func Shifted(base func() time.Time, file string) func() time.Time {
	var mu sync.Mutex
	var shift time.Duration
	var read time.Time
	return func() time.Time {
		now := base()
		mu.Lock()
		defer mu.Unlock()
		if now.Sub(read) >= shiftKept {
			read = now
			if text, err := os.ReadFile(file); err == nil {
				if d, err := time.ParseDuration(strings.TrimSpace(string(text))); err == nil {
					shift = d
				}
			}
		}
		return now.Add(shift)
	}
}

// SetShift moves every Shifted clock of the file, in this process and in others.
func SetShift(file string, shift time.Duration) error {
	if err := os.WriteFile(file+".new", []byte(shift.String()), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
