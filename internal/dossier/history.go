package dossier

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"nurture/store"
)

// The kinds of entries.
const (
	kindTouch    = "touch"
	kindResponse = "response"
	kindStage    = "stage"
)

// history is the ledger told in the order in which it happened: every touch that was tried or left out, what came back, and how
// the lead's stage moved. At one instant the touch comes before what it brought about.
func history(in Input) []Entry {
	var entries []Entry
	for _, t := range in.Touches {
		entries = append(entries, touchEntry(t))
	}
	for _, r := range in.Responses {
		entries = append(entries, Entry{
			At: r.At, Kind: kindResponse, What: Words(string(r.Kind)), By: r.By, Detail: r.Said, Outcome: named(r.Date, in.Zone), Response: r.ID,
		})
	}
	for _, s := range in.Stages {
		entries = append(entries, Entry{At: s.At, Kind: kindStage, What: "stage: " + Words(s.Stage), Detail: Words(s.Reason)})
	}
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].At.Before(entries[j].At) })
	return entries
}

func touchEntry(t store.HistoryTouch) Entry {
	e := Entry{
		At: t.PlannedAt, Kind: kindTouch, Channel: t.Channel, TouchID: t.ID, Cycle: t.Cycle, Attempt: t.Attempt,
		What: fmt.Sprintf("%s %q in %s", t.Channel, t.StepKey, t.Cadence), Outcome: Words(string(t.State)),
	}
	if t.SentAt != nil {
		e.At = *t.SentAt
	}
	if t.Attempt > 0 {
		e.Detail = fmt.Sprintf("attempt %d of %d", t.Attempt, t.Budget)
	}
	if t.Result != "" {
		e.Outcome = Words(t.Result)
	}
	if t.Reason != "" && t.State != store.TouchSent {
		e.Detail = strings.TrimPrefix(e.Detail+", "+Words(t.Reason), ", ")
	}
	return e
}

// Words makes a name such as "left_live_message" readable.
func Words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// named is a date that the lead named. Midnight UTC stands for the whole day in the lead's own calendar, any other time is an instant.
func named(t *time.Time, zone string) string {
	switch {
	case t == nil:
		return ""
	case t.UTC().Truncate(24 * time.Hour).Equal(*t):
		return t.UTC().Format(dayForm)
	}
	return t.In(location(zone)).Format(instantForm)
}
