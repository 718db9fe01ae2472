package dossier

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"nurture/store"
)

// history is the ledger told in the order in which it happened: every touch that was tried or left out, what came back, and how
// the lead's stage moved.
func history(in Input) []Entry {
	var entries []Entry
	for _, t := range in.Touches {
		entries = append(entries, touchEntry(t))
	}
	for _, r := range in.Responses {
		entries = append(entries, Entry{
			At: r.At, Kind: "response", What: Words(string(r.Kind)), Detail: r.Said, Outcome: dateOf(r.Date), Response: r.ID,
		})
	}
	for _, s := range in.Stages {
		entries = append(entries, Entry{At: s.At, Kind: "stage", What: "stage: " + Words(s.Stage), Detail: Words(s.Reason)})
	}
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].At.Before(entries[j].At) })
	return entries
}

func touchEntry(t store.HistoryTouch) Entry {
	e := Entry{
		At: t.PlannedAt, Kind: "touch", Channel: t.Channel, TouchID: t.ID, Cycle: t.Cycle, Attempt: t.Attempt,
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

func dateOf(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format("2 Jan 2006")
}
