package cadence_test

import (
	"testing"
	"time"

	"nurture/cadence"
)

func TestRefuseTouch(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	fine := cadence.TouchFacts{State: cadence.Running, Address: true, Attempts: 6, Budget: 7, WindowEnds: now.Add(time.Microsecond), Now: now}
	tests := []struct {
		name   string
		change func(*cadence.TouchFacts)
		want   cadence.Reason
	}{
		{"nothing wrong", func(*cadence.TouchFacts) {}, ""},
		{"no end of the window", func(f *cadence.TouchFacts) { f.WindowEnds = time.Time{} }, ""},
		{"paused", func(f *cadence.TouchFacts) { f.State = cadence.Paused }, cadence.ReasonStopped},
		{"finished and suppressed", func(f *cadence.TouchFacts) { f.State, f.Suppressed = cadence.Finished, true }, cadence.ReasonStopped},
		{"moved on", func(f *cadence.TouchFacts) { f.Moved = true }, cadence.ReasonStopped},
		{"suppressed", func(f *cadence.TouchFacts) { f.Suppressed, f.Address = true, false }, cadence.ReasonSuppressed},
		{"no address", func(f *cadence.TouchFacts) { f.Address, f.Attempts = false, 7 }, cadence.ReasonNoAddress},
		{"consent withdrawn", func(f *cadence.TouchFacts) { f.NoConsent = true }, cadence.ReasonNoConsent},
		{"mailbox paused", func(f *cadence.TouchFacts) { f.Held, f.WindowEnds = true, now }, cadence.ReasonCapacity},
		{"budget spent", func(f *cadence.TouchFacts) { f.Attempts, f.WindowEnds = 7, now }, cadence.ReasonBudgetSpent},
		{"budget spent, by this touch too", func(f *cadence.TouchFacts) { f.Attempts, f.HasAttempt = 7, true }, ""},
		{"called enough", func(f *cadence.TouchFacts) { f.CallRoom, f.WindowEnds = now.Add(time.Hour), now }, cadence.ReasonCallLimit},
		{"room for a call again", func(f *cadence.TouchFacts) { f.CallRoom = now }, ""},
		{"window over", func(f *cadence.TouchFacts) { f.WindowEnds = now }, cadence.ReasonOutsideWindow},
	}
	for _, tt := range tests {
		facts := fine
		tt.change(&facts)
		if got := cadence.RefuseTouch(facts); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
