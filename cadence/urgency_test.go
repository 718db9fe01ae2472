package cadence

import (
	"testing"
	"time"
)

func TestUrgency(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC)
	due := func(s TaskSignals) TaskSignals {
		if s.DueAt.IsZero() {
			s.DueAt = now
		}
		return s
	}
	// In the order in which an SDR should take them.
	ordered := []struct {
		name string
		s    TaskSignals
		why  string
	}{
		{"a promised call", TaskSignals{Kind: TaskCallback}, "expects your call"},
		{"a reply", TaskSignals{Kind: TaskTriage, RepliedAt: now}, "replied, and nobody has read it"},
		{"a qualified lead", TaskSignals{Kind: TaskDossier}, "qualified: sales waits for the rest"},
		{"answers", TaskSignals{Kind: TaskVerify}, "answers to confirm"},
		{"somebody else", TaskSignals{Kind: TaskReferral}, "named somebody else"},
		{"a lapsing call", TaskSignals{Kind: TaskCall, ExpiresAt: now.Add(time.Hour)}, "lapses soon"},
		{"a near lead that came", TaskSignals{Kind: TaskCall, NearTerm: true, Visits: 1, DueAt: now.AddDate(0, 0, -1)}, "decides soon, opened a link"},
		{"who wrote and came", TaskSignals{Kind: TaskCall, RepliedAt: now.Add(-48 * time.Hour), Visits: 1}, "wrote within the week, opened a link"},
		{"who came often", TaskSignals{Kind: TaskCall, Visits: 90}, "opened 90 links"},
		{"who waits", TaskSignals{Kind: TaskCall, DueAt: now.AddDate(0, 0, -3)}, "waits for 3 days"},
		{"who waits a day", TaskSignals{Kind: TaskManualEmail, DueAt: now.AddDate(0, 0, -1)}, "waits for a day"},
		{"who wrote long ago", TaskSignals{Kind: TaskCall, RepliedAt: now.AddDate(0, -1, 0), ExpiresAt: now.AddDate(0, 0, 2)}, ""},
		{"who is asleep and near", TaskSignals{Kind: TaskVerify, NearTerm: true, Asleep: true}, "no hour to call there, answers to confirm"},
		{"who is asleep", TaskSignals{Kind: TaskCall, Asleep: true}, "no hour to call there"},
	}
	last := 1 << 30
	for _, tc := range ordered {
		rank, why := Urgency(due(tc.s), now)
		if rank >= last {
			t.Errorf("%s: rank %d is not below %d", tc.name, rank, last)
		}
		if why != tc.why {
			t.Errorf("%s: why %q, want %q", tc.name, why, tc.why)
		}
		last = rank
	}
}
