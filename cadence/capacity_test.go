package cadence_test

import (
	"testing"
	"time"

	"nurture/cadence"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestWarmUp(t *testing.T) {
	t.Parallel()
	workdays := [7]bool{false, true, true, true, true, true, false}
	everyDay := [7]bool{true, true, true, true, true, true, true}
	tuesday := cadence.WarmUp{From: date(2026, 12, 1), Start: 20, Add: 10}
	saturday := cadence.WarmUp{From: date(2026, 12, 5), Start: 20, Add: 10}
	for _, c := range []struct {
		name  string
		w     cadence.WarmUp
		day   time.Time
		sends [7]bool
		want  int
	}{
		{"none", cadence.WarmUp{}, date(2026, 12, 1), workdays, 200},
		{"before it begins nothing", tuesday, date(2026, 11, 30), workdays, 0},
		{"the first day", tuesday, date(2026, 12, 1), workdays, 20},
		{"the second", tuesday, date(2026, 12, 2), workdays, 30},
		{"the fourth, a Friday", tuesday, date(2026, 12, 4), workdays, 50},
		{"on Saturday as much as the next day of sending", tuesday, date(2026, 12, 5), workdays, 60},
		{"the weekend does not count", tuesday, date(2026, 12, 7), workdays, 60},
		{"a week later", tuesday, date(2026, 12, 8), workdays, 70},
		{"every day counts where every day is one of sending", tuesday, date(2026, 12, 7), everyDay, 80},
		{"begun on a weekend", saturday, date(2026, 12, 7), workdays, 20},
		{"and the day after", saturday, date(2026, 12, 8), workdays, 30},
		{"never above the full cap", tuesday, date(2027, 12, 1), workdays, 200},
		{"no day of sending at all", tuesday, date(2026, 12, 20), [7]bool{}, 20},
	} {
		if got := c.w.Cap(200, c.day, c.sends); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	full := cadence.WarmUp{From: date(2026, 12, 1), Start: 20, Add: 10}
	for day, last := full.From, 0; day.Before(date(2027, 2, 1)); day = day.AddDate(0, 0, 1) {
		got := full.Cap(200, day, workdays)
		if got < last || got > 200 {
			t.Errorf("%s: %d after %d", day.Format(time.DateOnly), got, last)
		}
		last = got
	}
}

func TestAllowanceLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a    cadence.Allowance
		u    cadence.Used
		n    int
		want cadence.Reason
	}{
		{cadence.Allowance{Day: 10, Hour: 4}, cadence.Used{}, 4, ""},
		{cadence.Allowance{Day: 10, Hour: 4}, cadence.Used{Day: 8, Hour: 1}, 2, ""},
		{cadence.Allowance{Day: 10, Hour: 4}, cadence.Used{Day: 8, Hour: 4}, 0, cadence.ReasonPace},
		{cadence.Allowance{Day: 10, Hour: 4}, cadence.Used{Day: 10, Hour: 4}, 0, cadence.ReasonCapacity},
		{cadence.Allowance{Day: 10, Hour: 4}, cadence.Used{Day: 12, Hour: 1}, 0, cadence.ReasonCapacity},
		{cadence.Allowance{Day: 0, Hour: cadence.Unlimited}, cadence.Used{}, 0, cadence.ReasonCapacity},
		{cadence.Allowance{Day: 3, Hour: cadence.Unlimited}.Times(50), cadence.Used{Day: 1}, 149, ""},
	} {
		if n, why := c.a.Left(c.u); n != c.n || why != c.want {
			t.Errorf("%+v after %+v: %d %q, want %d %q", c.a, c.u, n, why, c.n, c.want)
		}
	}
}

func TestPriorityOf(t *testing.T) {
	t.Parallel()
	active, long := cadence.Plan{Term: cadence.Active}, cadence.Plan{Term: cadence.LongTerm}
	for _, c := range []struct {
		name string
		plan cadence.Plan
		e    cadence.Enrollment
		want cadence.Priority
	}{
		{"a first step", active, cadence.Enrollment{Run: 1}, cadence.PriorityFirst},
		{"a later one", active, cadence.Enrollment{Step: 2, Run: 1}, cadence.PriorityBegun},
		{"another try of the first", active, cadence.Enrollment{Run: 2}, cadence.PriorityBegun},
		{"long-term", long, cadence.Enrollment{Step: 2, Run: 1}, cadence.PriorityLong},
		{"who answered", active, cadence.Enrollment{Step: 2, Last: cadence.NotNow}, cadence.PriorityAnswered},
		{"who answered long ago is not forgotten", long, cadence.Enrollment{Step: 9, Last: cadence.Reply}, cadence.PriorityAnswered},
		{"a machine's answer is none", active, cadence.Enrollment{Step: 2, Last: cadence.OutOfOffice}, cadence.PriorityBegun},
		{"a click", active, cadence.Enrollment{Step: 2, Last: cadence.Click}, cadence.PriorityAnswered},
	} {
		if got := cadence.PriorityOf(c.plan, c.e); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
