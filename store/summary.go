package store

import (
	"context"
	"time"
)

// Summary counts the whole ledger, for reports.
type Summary struct {
	Leads                int
	Sent                 map[string]int // touches that left or may have, by channel
	States               map[string]int // touches by state
	Responses            map[string]int // by kind
	Verdicts             map[string]int // by outcome
	Handoffs             map[string]int // by state
	Stages               map[string]int // leads by stage
	Ends                 map[string]int // leads by end reason; those still in nurture are not counted
	Running              map[string]int // unfinished enrolments by cadence
	MaxTouchesPerCycle   int
	SkippedBecause       map[string]int
	Reached              map[string]int // leads that ever were in a stage
	CyclesBegun, Returns int            // cycles in all, and leads with more than one
}

// Summarize counts.
func Summarize(ctx context.Context, db DB) (Summary, error) {
	var s Summary
	for _, part := range []struct {
		into *map[string]int
		sql  string
	}{
		{&s.Sent, `SELECT channel AS name, count(*) AS n FROM touches WHERE state IN ('sent', 'unknown') GROUP BY channel`},
		{&s.States, `SELECT state AS name, count(*) AS n FROM touches GROUP BY state`},
		{&s.SkippedBecause, `SELECT reason AS name, count(*) AS n FROM touches WHERE state = 'skipped' GROUP BY reason`},
		{&s.Responses, `SELECT kind AS name, count(*) AS n FROM responses GROUP BY kind`},
		{&s.Verdicts, `SELECT outcome AS name, count(*) AS n FROM verdicts GROUP BY outcome`},
		{&s.Handoffs, `SELECT state AS name, count(*) AS n FROM handoffs GROUP BY state`},
		{&s.Stages, `SELECT stage AS name, count(*) AS n FROM leads GROUP BY stage`},
		{&s.Reached, `SELECT stage AS name, count(DISTINCT lead_id) AS n FROM stage_log GROUP BY stage`},
		{&s.Ends, `SELECT end_reason AS name, count(*) AS n FROM leads WHERE end_reason <> '' GROUP BY end_reason`},
		{&s.Running, `SELECT v.cadence_key AS name, count(*) AS n FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id
			WHERE e.state <> 'finished' GROUP BY v.cadence_key`},
	} {
		counts, err := countBy(ctx, db, part.sql)
		if err != nil {
			return s, err
		}
		*part.into = counts
	}
	err := db.QueryRow(ctx, `SELECT (SELECT count(*) FROM leads),
		(SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM touches
			WHERE state IN ('sent', 'unknown') AND attempt IS NOT NULL GROUP BY lead_id, cycle) c),
		(SELECT count(*) FROM all_cycles), (SELECT count(*) FROM leads l WHERE EXISTS (SELECT FROM cycles c WHERE c.lead_id = l.id AND c.cycle > 1))`).
		Scan(&s.Leads, &s.MaxTouchesPerCycle, &s.CyclesBegun, &s.Returns)
	return s, err
}

// Busy says whether workers have something to do at this instant: touches to send or in hand, responses to evaluate, handoffs to
// deliver.
func Busy(ctx context.Context, db DB, now time.Time) (bool, error) {
	var busy bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM touches WHERE state = 'planned' AND not_before <= $1)
		OR EXISTS (SELECT FROM touches WHERE state = 'claimed')
		OR EXISTS (SELECT FROM responses WHERE evaluated_at IS NULL)
		OR EXISTS (SELECT FROM handoffs WHERE state = 'offered' AND delivered_at IS NULL)
		OR EXISTS (SELECT FROM handoffs WHERE state = 'escalated' AND told_at IS NULL)`, now).Scan(&busy)
	return busy, err
}

// Reach is how often, and in which outcome, a lead was ever promoted.
type Reach struct {
	Key      string `db:"key"`
	Promoted bool   `db:"promoted"`
	Accepted bool   `db:"accepted"`
}

// PromotedLeads lists the leads that were ever offered to sales.
func PromotedLeads(ctx context.Context, db DB) ([]Reach, error) {
	return collect[Reach](ctx, db, `SELECT l.key, true AS promoted, bool_or(h.state IN `+acceptedStates+`) AS accepted
		FROM handoffs h JOIN leads l ON l.id = h.lead_id WHERE h.offered_at IS NOT NULL GROUP BY l.key ORDER BY l.key`)
}

// SentTouches lists the ids of touches of a channel that the ledger says left, with their provider ids.
func SentTouches(ctx context.Context, db DB, channel string) (map[int64]string, error) {
	type row struct {
		ID         int64  `db:"id"`
		ProviderID string `db:"provider_id"`
	}
	rows, err := collect[row](ctx, db, `SELECT id, provider_id FROM touches WHERE channel = $1 AND state = 'sent'`, channel)
	sent := make(map[int64]string, len(rows))
	for _, r := range rows {
		sent[r.ID] = r.ProviderID
	}
	return sent, err
}

// LeadIDs gives the id of every lead by its key.
func LeadIDs(ctx context.Context, db DB) (map[string]int64, error) {
	type row struct {
		ID  int64  `db:"id"`
		Key string `db:"key"`
	}
	rows, err := collect[row](ctx, db, `SELECT id, key FROM leads`)
	ids := make(map[string]int64, len(rows))
	for _, r := range rows {
		ids[r.Key] = r.ID
	}
	return ids, err
}

// PeopleWaited says whether tasks or handoffs wait for people, or capacity that was used up waits for the next day.
func PeopleWaited(ctx context.Context, db DB, now time.Time) (bool, error) {
	var waited bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM tasks WHERE state IN ('open', 'claimed'))
		OR EXISTS (SELECT FROM handoffs WHERE state IN `+waitingStates+`)
		OR EXISTS (SELECT FROM enrollments WHERE due_at <= $1)`, now).Scan(&waited)
	return waited, err
}

// Examples picks three leads whose stories differ, 0 where there is none: one that sales accepted, one that is nurtured on with a
// long-term view, and one that left.
func Examples(ctx context.Context, db DB) (accepted, waiting, left int64, err error) {
	err = db.QueryRow(ctx, `SELECT
		coalesce((SELECT h.lead_id FROM handoffs h JOIN touches t ON t.lead_id = h.lead_id AND t.state = 'sent'
			WHERE h.state IN `+acceptedStates+` GROUP BY h.lead_id ORDER BY count(*) DESC, h.lead_id LIMIT 1), 0),
		coalesce((SELECT l.id FROM leads l JOIN responses r ON r.lead_id = l.id JOIN enrollments e ON e.lead_id = l.id AND e.state <> 'finished'
			WHERE l.end_reason = '' AND l.stage = 'nurturing' GROUP BY l.id ORDER BY l.readiness = 'long_term' DESC, count(*) DESC, l.id LIMIT 1), 0),
		coalesce((SELECT l.id FROM leads l JOIN touches t ON t.lead_id = l.id AND t.state = 'sent'
			WHERE l.end_reason = 'opted_out' GROUP BY l.id ORDER BY count(*) DESC, l.id LIMIT 1), 0)`).Scan(&accepted, &waiting, &left)
	return accepted, waiting, left, err
}
