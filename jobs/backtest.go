package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/store"
)

// Yardstick says by what a past lead is known to have been ready.
type Yardstick string

// The yardsticks.
const (
	// BySales takes what sales said of the handoff: accepted is ready, rejected is not. Won is ready too.
	BySales Yardstick = "accepted"
	// ByRevenue takes what came of it: won is ready; lost, and sent back by sales, is not. Accepted and still open is unknown.
	ByRevenue Yardstick = "won"
)

// Yardsticks lists the yardsticks in the order in which help texts show them.
func Yardsticks() []Yardstick { return []Yardstick{BySales, ByRevenue} }

// BacktestOptions narrow a backtest.
type BacktestOptions struct {
	From, To *time.Time // half-open span of promotions and ends; nil is open
	By       Yardstick
	// Told are outcomes that are known from elsewhere, such as a CRM, by the key or address of the lead. They go before those on record.
	Told map[string]Told
}

// Told is what became of a lead, as known from elsewhere.
type Told struct {
	Fate uld.Fate
	// At is when a lead is judged that was never handed off and has not ended; the zero time is now. For others the record says it.
	At time.Time
}

// factsAtOnce is how many leads' facts are in hand at once.
const factsAtOnce = 1000

// PastLeads gives the leads that were promoted or whose nurturing ended, and those of which something is told, with their facts and what
// became of them. Each lead is there once: at the handoff that sales answered, else at its end. unused are the names in Told of which no
// lead is in the span, sorted.
func (e *Engine) PastLeads(ctx context.Context, o BacktestOptions) (past []uld.PastLead, unused []string, err error) {
	names := slices.Sorted(maps.Keys(o.Told))
	rows, err := store.PastLeads(ctx, e.pool, o.From, o.To, names)
	if err != nil {
		return nil, nil, err
	}
	used := map[string]bool{}
	for part := range slices.Chunk(rows, factsAtOnce) {
		ids := make([]int64, len(part))
		for i := range part {
			ids[i] = part[i].LeadID
		}
		facts, err := store.Facts(ctx, e.pool, ids)
		if err != nil {
			return nil, nil, err
		}
		for i := range part {
			lead, name := e.pastLead(&part[i], o)
			if lead.At.IsZero() {
				continue
			}
			lead.Facts, used[name] = facts[part[i].LeadID], true
			past = append(past, lead)
		}
	}
	unused = slices.DeleteFunc(names, func(name string) bool { return used[name] })
	return past, unused, nil
}

// pastLead reads one lead, and the name by which something is told of it; its At is zero when it is not in the span.
func (e *Engine) pastLead(row *store.PastLead, o BacktestOptions) (lead uld.PastLead, name string) {
	lead = uld.PastLead{Key: row.Key, SelfQualified: row.Origin == "self_qualified", Fate: fateOf(row, o.By)}
	if row.At != nil {
		lead.At = row.At.UTC()
	}
	for _, name = range []string{row.Key, row.Email, ""} {
		told, ok := o.Told[name]
		if !ok {
			continue
		}
		lead.Fate = told.Fate
		if row.At == nil {
			if lead.At = told.At.UTC(); told.At.IsZero() {
				lead.At = e.now()
			}
			if o.From != nil && lead.At.Before(*o.From) || o.To != nil && !lead.At.Before(*o.To) {
				lead.At = time.Time{}
			}
		}
		break
	}
	return lead, name
}

// fateOf reads what became of a lead from its record. An end that says nothing of the lead's merit leaves it unknown: it opted out, was
// never reached, left its company.
func fateOf(l *store.PastLead, by Yardstick) uld.Fate {
	switch {
	case l.Closed == cadence.StageWon:
		return uld.FateReady
	case l.Closed == cadence.StageLost && by == ByRevenue:
		return uld.FateNotReady
	case l.Handoff == store.HandoffRejected:
		return uld.FateNotReady
	case l.Handoff.Taken() && by == BySales:
		return uld.FateReady
	case l.Handoff != "":
		return uld.FateUnknown
	}
	switch l.End { //nolint:exhaustive // the others tell nothing
	case cadence.EndWon:
		return uld.FateReady
	case cadence.EndNotInterested, cadence.EndDisqualified:
		return uld.FateNotReady
	}
	return uld.FateUnknown
}

// ParseFate reads an outcome as CRM exports name it.
func ParseFate(s string) (uld.Fate, error) {
	switch strings.ToLower(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " ")) {
	case "ready", "won", "closed won", "bought", "accepted", "yes":
		return uld.FateReady, nil
	case "not ready", "lost", "closed lost", "rejected", "no":
		return uld.FateNotReady, nil
	case "", "unknown", "open":
		return uld.FateUnknown, nil
	}
	return uld.FateUnknown, fmt.Errorf("%q is no outcome: write ready (or won, accepted, yes), not ready (or lost, rejected, no) or unknown", s)
}
