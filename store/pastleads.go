package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// PastLead is a lead that was offered to sales, or whose nurturing has ended: what became of it may be known. So it may of a lead that is
// still nurtured and was asked for by name.
type PastLead struct {
	LeadID int64  `db:"lead_id"`
	Key    string `db:"key"`
	Email  string `db:"email"`
	Origin string `db:"origin"`
	// Handoff is the state of its latest handoff that sales answered, else of its latest one; "" when it was never promoted.
	Handoff HandoffState `db:"handoff"`
	// Closed is "won" or "lost" when the lead reached that stage after the handoff; "" else.
	Closed cadence.Stage     `db:"closed"`
	End    cadence.EndReason `db:"end_reason"`
	// At is when the handoff was offered, else made, and for a lead without one when its nurturing ended; nil for one that is nurtured.
	At *time.Time `db:"at"`
}

// PastLeads lists the leads that were promoted or ended in the half-open span from–to, the earliest first; a nil end of the span is open.
// A handoff that was withdrawn, because the lead left meanwhile, counts as one. Leads whose key or address is among named come along, last,
// when neither has happened to them.
func PastLeads(ctx context.Context, db DB, from, to *time.Time, named []string) ([]PastLead, error) {
	rows, err := collect[PastLead](ctx, db, `
		SELECT * FROM (
			SELECT l.id AS lead_id, l.key, l.email, l.origin, coalesce(h.state, '') AS handoff, coalesce(m.stage, '') AS closed, l.end_reason,
				coalesce(h.at, l.ended_at) AS at
			FROM (
				SELECT id FROM leads WHERE ended_at IS NOT NULL UNION SELECT lead_id FROM handoffs
				UNION SELECT id FROM leads WHERE key = ANY($3) OR email = ANY($3)) n
			JOIN leads l ON l.id = n.id
			LEFT JOIN LATERAL (
				SELECT state, coalesce(offered_at, created_at) AS at FROM handoffs WHERE lead_id = l.id
				ORDER BY (state IN `+acceptedStates+` OR state = 'rejected') DESC, id DESC LIMIT 1) h ON true
			LEFT JOIN LATERAL (
				SELECT stage FROM stage_moves WHERE lead_id = l.id AND stage IN ('won', 'lost') AND at >= h.at ORDER BY id DESC LIMIT 1) m ON true) p
		WHERE at IS NULL OR ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
		ORDER BY at NULLS LAST, lead_id`, from, to, textArray(named))
	if err != nil {
		return nil, fmt.Errorf("read past leads: %w", err)
	}
	return rows, nil
}
