package cadence_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/cadence/calendar"
)

// deskOf is a day on which two mailboxes and an SDR may work, and mails to one domain are throttled.
func deskOf(now time.Time) cadence.Allowances {
	a := cadence.Allowances{Midnight: now.Truncate(24 * time.Hour), Of: map[cadence.Spender]cadence.Allowance{
		{Channel: "email", Sender: "mara"}:  {Day: 10, Hour: 4},
		{Channel: "email", Sender: "jonas"}: {Day: 0, Hour: cadence.Unlimited},
		{Channel: "call", Sender: "sdr"}:    {Day: 2, Hour: cadence.Unlimited},
		{Domain: "example.com"}:             {Day: 3, Hour: cadence.Unlimited},
	}}
	a.Tomorrow = a.Midnight.Add(24 * time.Hour)
	a.Order = []cadence.Spender{
		{Channel: "email", Sender: "mara"}, {Channel: "email", Sender: "jonas"}, {Channel: "call", Sender: "sdr"}, {Domain: "example.com"},
	}
	return a
}

func TestClosedRooms(t *testing.T) {
	t.Parallel()
	now := date(2026, 3, 2).Add(10 * time.Hour)
	a := deskOf(now)
	mara, sdr := a.Order[0], a.Order[2]
	var closed cadence.ClosedRooms
	all := []cadence.Room{
		{}, {Channel: "email", Sender: "mara"}, {Channel: "email", Sender: "mara", Domain: "example.com"}, {Channel: "call", Sender: "sdr"},
	}
	if diff := cmp.Diff(all, closed.Open(a, 1, now)); diff != "" {
		t.Errorf("with everything left but for a sender that may send nothing:\n%s", diff)
	}
	if n := closed.Left(a, mara, cadence.Used{Day: 4, Hour: 4}, now); n != 0 {
		t.Errorf("%d left of a spent hour", n)
	}
	if n := closed.Left(a, sdr, cadence.Used{Day: 2}, now); n != 0 {
		t.Errorf("%d left of a spent day", n)
	}
	for _, c := range []struct {
		after   time.Duration
		version int64
		want    []cadence.Room
	}{
		{0, 1, all[:1]},
		{time.Minute, 1, all[:3]},
		{10 * time.Minute, 1, all},
		{-time.Minute, 1, all},
		{0, 2, all},
		{0, 2, all},
	} {
		if diff := cmp.Diff(c.want, closed.Open(a, c.version, now.Add(c.after))); diff != "" {
			t.Errorf("%s later, by version %d:\n%s", c.after, c.version, diff)
		}
	}
}

func TestFitRooms(t *testing.T) {
	t.Parallel()
	mara, domain := cadence.Spender{Channel: "email", Sender: "mara"}, cadence.Spender{Domain: "example.com"}
	rooms := []cadence.Room{{}, {Channel: "email", Sender: "mara"}, {Channel: "email", Sender: "mara", Domain: "example.com"}, {Channel: "call", Sender: "sdr"}}
	got := cadence.FitRooms(rooms, map[cadence.Spender]int{mara: 7, domain: 3})
	want := []cadence.Room{{N: 500}, {Channel: "email", Sender: "mara", N: 7}, {Channel: "email", Sender: "mara", Domain: "example.com", N: 3, DomainN: 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	many := slices.Repeat([]cadence.Room{{}}, 100)
	if got := cadence.FitRooms(many, nil); len(got) != 100 || got[0].N != 50 {
		t.Errorf("100 rooms get %d each, want their share of a bite: 50", got[0].N)
	}
}

// TestTaskTimes: a task is due within its step's limit, counted where the lead is, and expires then unless it is to be kept.
func TestTaskTimes(t *testing.T) {
	t.Parallel()
	plan, place := plan("calls"), calendar.Place{Zones: []string{"UTC"}}
	now := date(2026, 3, 6).Add(10 * time.Hour) // a Friday
	monday := date(2026, 3, 9).Add(10 * time.Hour)
	step := cadence.Step{Kind: cadence.StepCall}
	if due, expires := plan.TaskTimes(step, place, now); !due.Equal(monday) || expires != nil {
		t.Errorf("without a limit: due %s, expires %v", due, expires)
	}
	step.Within.BusinessDays = 1
	if due, expires := plan.TaskTimes(step, place, now); !due.Equal(monday) || expires == nil || !expires.Equal(monday) {
		t.Errorf("within a business day: due %s, expires %v", due, expires)
	}
	step.Overdue = cadence.OverdueKeep
	if _, expires := plan.TaskTimes(step, place, now); expires != nil {
		t.Errorf("one that is kept expires %s", expires)
	}
}
