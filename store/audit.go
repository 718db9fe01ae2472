package store

import "context"

// AuditedTouch is a touch as the ledger tells it, to be compared with what providers saw.
type AuditedTouch struct {
	ID           int64      `db:"id"`
	LeadID       int64      `db:"lead_id"`
	EnrollmentID int64      `db:"enrollment_id"`
	Step         int        `db:"step"`
	Channel      string     `db:"channel"`
	State        TouchState `db:"state"`
	Reason       string     `db:"reason"`
	Detail       string     `db:"detail"`
	Address      string     `db:"address"`
	Tries        int        `db:"tries"` // how often it was claimed
	ClaimedBy    string     `db:"claimed_by"`
}

const auditedTouch = `t.id, t.lead_id, t.enrollment_id, t.step, t.channel, t.state, t.reason, t.detail, t.address, t.tries, t.claimed_by`

// AuditTouches reads the whole ledger.
func AuditTouches(ctx context.Context, db DB) ([]AuditedTouch, error) {
	return collect[AuditedTouch](ctx, db, `SELECT `+auditedTouch+` FROM touches t ORDER BY t.id`)
}

// AuditLead reads the ledger of one lead.
func AuditLead(ctx context.Context, db DB, leadID int64) ([]AuditedTouch, error) {
	return collect[AuditedTouch](ctx, db, `SELECT `+auditedTouch+` FROM touches t WHERE t.lead_id = $1 ORDER BY t.id`, leadID)
}

// AuditedRun is an enrolment: which of its steps lie behind it.
type AuditedRun struct {
	ID     int64  `db:"id"`
	LeadID int64  `db:"lead_id"`
	State  string `db:"state"`
	Reason string `db:"reason"`
	Step   int    `db:"step"`
}

// AuditRuns reads all enrolments.
func AuditRuns(ctx context.Context, db DB) ([]AuditedRun, error) {
	return collect[AuditedRun](ctx, db, `SELECT id, lead_id, state, reason, step FROM enrollments ORDER BY id`)
}

// Undone counts what is under way or still to come: a change of any of them is progress.
type Undone struct {
	Touches     int `db:"touches"`     // planned or claimed
	Calls       int `db:"calls"`       // voicemail touches whose fate is open, of which the provider can still be asked
	Enrollments int `db:"enrollments"` // not finished
	Waiting     int `db:"waiting"`     // leads that wait for a cadence
	Tasks       int `db:"tasks"`       // open or claimed
	Responses   int `db:"responses"`   // not evaluated
	Handoffs    int `db:"handoffs"`    // not delivered
	Settled     int `db:"settled"`     // touches that are over: not undone, but it tells progress
}

// CountUndone counts it.
func CountUndone(ctx context.Context, db DB) (Undone, error) {
	return one[Undone](ctx, db, `SELECT
		(SELECT count(*) FROM touches WHERE state IN ('planned', 'claimed')) AS touches,
		(SELECT count(*) FROM touches WHERE state = 'unknown' AND channel = 'voicemail' AND detail NOT LIKE 'asked in vain%') AS calls,
		(SELECT count(*) FROM enrollments WHERE state <> 'finished') AS enrollments,
		(SELECT count(*) FROM leads WHERE intake_at IS NOT NULL) AS waiting,
		(SELECT count(*) FROM tasks WHERE state IN ('open', 'claimed')) AS tasks,
		(SELECT count(*) FROM responses WHERE evaluated_at IS NULL) AS responses,
		(SELECT count(*) FROM handoffs WHERE state = 'offered' AND delivered_at IS NULL) AS handoffs,
		(SELECT count(*) FROM touches WHERE state NOT IN ('planned', 'claimed')) AS settled`)
}

// UnsettledWorkers lists the workers that have touches in hand.
func UnsettledWorkers(ctx context.Context, db DB) ([]string, error) {
	return scalars[string](ctx, db, `SELECT DISTINCT claimed_by FROM touches WHERE state = 'claimed'`)
}
