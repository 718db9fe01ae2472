package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"nurture/cadence/calendar"
	"nurture/config"
	"nurture/store"
)

// ripeShare is which part of an SDR's daily calls may be to leads that nothing but time has made ready, one in so many: who asks for a call, and the
// calls of cadences, which lapse, are not to wait for them.
const ripeShare = 4

// spreadRipe puts off tasks that time alone asks for, to days on which their SDRs have room for them: an upgrade, a long stop or an import of old answers
// may make thousands of leads ready at once. Whose words are newest comes first; they are the likeliest to hold still. A task that is put off shows as work
// to come, and becomes work at once when the lead says something.
func (e *Engine) spreadRipe(ctx context.Context, tx store.DB, now time.Time, settings config.Settings, ripe []*store.Task) error {
	leadIDs := make([]int64, len(ripe))
	for i, t := range ripe {
		leadIDs[i] = t.LeadID
	}
	days := e.ripeDays(settings, ripe)
	booked, err := store.ToBeAsked(ctx, tx, slices.Collect(maps.Keys(days)))
	if err != nil {
		return fmt.Errorf("count what SDRs are to ask: %w", err)
	}
	for _, b := range booked {
		days[b.Owner].book(b.Hour, b.N, now)
	}
	heard, err := store.LastHeard(ctx, tx, leadIDs)
	if err != nil {
		return fmt.Errorf("find whose words are newest: %w", err)
	}
	slices.SortStableFunc(ripe, func(a, b *store.Task) int { return heard[b.LeadID].Compare(heard[a.LeadID]) })
	for _, t := range ripe {
		days[t.Owner].place(t, now)
	}
	return nil
}

// sdrDays is how many leads an SDR is to ask on each day, and may be at most.
type sdrDays struct {
	zone *time.Location
	most int
	n    map[string]int // by day
}

// ripeDays are the days of who is to ask, by address, with nothing on them yet. An owner who is none of the SDRs has the calls that an SDR has by default.
func (e *Engine) ripeDays(settings config.Settings, ripe []*store.Task) map[string]*sdrDays {
	days := map[string]*sdrDays{}
	for _, t := range ripe {
		days[t.Owner] = &sdrDays{most: config.DefaultDailyCalls * e.desk / ripeShare, n: map[string]int{}}
	}
	for owner, d := range days {
		zone := settings.Zone
		for _, sdr := range settings.Team.SDRs {
			if sdr.Email == owner {
				zone, d.most = sdr.Zone, max(1, sdr.DailyCalls*e.desk/ripeShare)
			}
		}
		var err error
		if d.zone, err = calendar.Location(zone); err != nil {
			d.zone = time.UTC
		}
	}
	return days
}

// book counts what is due then; what is overdue is work of today.
func (d *sdrDays) book(due time.Time, n int, now time.Time) {
	if due.Before(now) {
		due = now
	}
	d.n[due.In(d.zone).Format(time.DateOnly)] += n
}

// place finds the first working day with room from the one on which the task would be due.
func (d *sdrDays) place(t *store.Task, now time.Time) {
	due := t.DueAt.In(d.zone)
	for d.n[due.Format(time.DateOnly)] >= d.most {
		due = due.AddDate(0, 0, 1)
		for due.Weekday() == time.Saturday || due.Weekday() == time.Sunday {
			due = due.AddDate(0, 0, 1)
		}
	}
	d.book(due, 1, now)
	if due.Equal(t.DueAt) {
		return
	}
	begins := time.Date(due.Year(), due.Month(), due.Day(), 0, 0, 0, 0, d.zone).UTC()
	t.DueAt, t.NotBefore = due.UTC(), &begins
}
