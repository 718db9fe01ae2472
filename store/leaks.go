package store

import "context"

// Leak is a lead that nobody and nothing will ever come back to.
type Leak struct {
	LeadID int64  `db:"lead_id"`
	Key    string `db:"lead_key"`
	Stage  string `db:"stage"`
	Owner  string `db:"owner"`
	Note   string `db:"note"`
}

// nextActionSQL holds for leads l that have a next action: an appointment or a touch under way, somebody's task, a handoff that sales
// has, or a place in the queue for intake. A blocked handoff acts by its task and its paused enrolment only.
const nextActionSQL = `(l.intake_at IS NOT NULL
	OR EXISTS (SELECT FROM enrollments e WHERE e.lead_id = l.id AND e.state <> 'finished'
		AND (e.due_at IS NOT NULL
			OR EXISTS (SELECT FROM touches t WHERE t.enrollment_id = e.id AND (t.state IN ('planned', 'claimed') OR t.state = 'unknown' AND e.in_flight))))
	OR EXISTS (SELECT FROM tasks k WHERE k.lead_id = l.id AND k.state IN ('open', 'claimed'))
	OR EXISTS (SELECT FROM handoffs h WHERE h.lead_id = l.id AND h.state IN ('offered', 'escalated', 'accepted')))`

// Leaks lists leads without a next action and without an end reason (B4: there must be none), or without an owner. limit 0 is
// 1,000.
func Leaks(ctx context.Context, db DB, limit int) ([]Leak, error) {
	if limit <= 0 {
		limit = 1000
	}
	return collect[Leak](ctx, db, `SELECT l.id AS lead_id, l.key AS lead_key, l.stage, l.owner, l.intake_note AS note FROM leads l
		WHERE l.end_reason = '' AND (l.owner = '' OR NOT `+nextActionSQL+`) ORDER BY l.id LIMIT $1`, limit)
}
