package desk

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/internal/figure"
	"nurture/store"
)

// sparkDays is for how many days the list shows what was sent.
const sparkDays = 14

// cadencesPage is the list of cadences.
type cadencesPage struct {
	Counted moment // None before the first count
	Rows    []cadenceRow
	Days    int
	Nothing bool // nothing is applied yet
}

// cadenceRow is a cadence of the list.
type cadenceRow struct {
	Key, Path, Goal string
	LongTerm        bool
	Retired         bool // no live cadence has that name any more
	Steps           int
	Inside, Through int // leads
	Sent            int // in the last days
	Ever, Promoted  int // touches sent, and leads that went to sales upon one, of all time
	Spark           []sparkBar
}

// sparkBar is a day in a drawing 14 × 6 wide and 24 high.
type sparkBar struct {
	X, Y, Height int
	Says         string
}

// counted is when the tallies were counted.
func (v *visit) counted() (moment, error) {
	last, err := store.LastTallied(v.r.Context(), v.desk.pool)
	if errors.Is(err, store.ErrNotFound) {
		return moment{None: true}, nil
	}
	return v.moment(last.At), err
}

// showCadences lists the live cadences, and those that are retired and still have leads.
func (d *Desk) showCadences(v *visit) error {
	ctx := v.r.Context()
	live, err := d.settings(ctx)
	if err != nil {
		return err
	}
	p := cadencesPage{Days: sparkDays, Nothing: live == nil}
	if p.Counted, err = v.counted(); err != nil {
		return err
	}
	rows := map[string]*cadenceRow{}
	zone := time.UTC
	if live != nil {
		for key, plan := range live.Plans {
			rows[key] = &cadenceRow{Key: key, Path: cadencePath(key), Goal: plan.Goal, LongTerm: plan.Term == cadence.LongTerm, Steps: len(plan.Steps)}
		}
		if z, err := calendar.Location(live.Settings.Zone); err == nil {
			zone = z
		}
	}
	row := func(key string) *cadenceRow {
		if rows[key] == nil {
			rows[key] = &cadenceRow{Key: key, Retired: true}
		}
		return rows[key]
	}
	places, err := store.PlaceTallies(ctx, d.pool, "")
	if err != nil {
		return err
	}
	for _, t := range places {
		if t.State == string(cadence.Finished) {
			row(t.Cadence).Through += t.Leads
		} else {
			row(t.Cadence).Inside += t.Leads
		}
	}
	steps, err := store.StepTallies(ctx, d.pool, "")
	if err != nil {
		return err
	}
	for _, t := range steps {
		r := row(t.Cadence)
		r.Ever, r.Promoted = r.Ever+t.Sent, r.Promoted+t.Promoted
	}
	today := v.now.In(zone)
	first := time.Date(today.Year(), today.Month(), today.Day()-sparkDays+1, 0, 0, 0, 0, time.UTC)
	days, err := store.DayTallies(ctx, d.pool, first)
	if err != nil {
		return err
	}
	sent := map[string]map[int]int{}
	for _, t := range days {
		if sent[t.Cadence] == nil {
			sent[t.Cadence] = map[int]int{}
		}
		sent[t.Cadence][daysBetween(first, t.Day)] += t.Sent
		row(t.Cadence).Sent += t.Sent
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		rows[key].Spark = spark(first, sent[key])
		p.Rows = append(p.Rows, *rows[key])
	}
	return v.render(http.StatusOK, "cadences.html", "Cadences", p)
}

func cadencePath(key string) string { return "/desk/cadences/" + url.PathEscape(key) }

// spark draws what was sent on each day.
func spark(first time.Time, sent map[int]int) []sparkBar {
	most := 1
	for _, n := range sent {
		most = max(most, n)
	}
	bars := make([]sparkBar, sparkDays)
	for i := range bars {
		height := sent[i] * 22 / most
		if sent[i] > 0 {
			height = max(height, 2)
		}
		bars[i] = sparkBar{i * 8, 24 - max(height, 1), max(height, 1), first.AddDate(0, 0, i).Format("Mon 2 Jan") + ": " + figure.Thousands(sent[i]) + " sent"}
	}
	return bars
}

// rate is a part of something, with what it is a part of.
type rate struct {
	Label string
	N, Of int
	What  string // of which
}

// Percent is the share, "" of nothing.
func (r rate) Percent() string {
	switch {
	case r.Of == 0:
		return ""
	case r.N == 0:
		return "0 %"
	case r.N*1000 < r.Of:
		return "< 0.1 %"
	}
	text := strings.TrimSuffix(fmt.Sprintf("%.1f", 100*float64(r.N)/float64(r.Of)), ".0")
	return text + " %"
}

// ratesOf are the parts of a step's touches.
func ratesOf(t store.StepTally) []rate {
	return []rate{
		{"Sent", t.Sent, t.Planned, "planned"},
		{"Bounced", t.Bounced, t.Sent, "sent"},
		{"Human replies", t.Replied, t.Sent, "sent"},
		{"Connected", t.Connected, t.Sent, "sent"},
		{"Promoted", t.Promoted, t.Sent, "sent"},
		{"Skipped", t.Skipped, t.Planned, "planned"},
		{"Failed", t.Failed, t.Planned, "planned"},
		{"Unknown", t.Unknown, t.Planned, "planned"},
	}
}
