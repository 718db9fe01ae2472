package store

import (
	"context"
	"time"
)

// HistoryTouch is a touch as a lead's history shows it.
type HistoryTouch struct {
	ID         int64      `db:"id"`
	Cadence    string     `db:"cadence_key"`
	Cycle      int        `db:"cycle"`
	Attempt    int        `db:"attempt"` // 0 when nothing was tried
	Budget     int        `db:"budget"`
	StepKey    string     `db:"step_key"`
	Channel    string     `db:"channel"`
	Template   string     `db:"template"`
	Variant    string     `db:"variant"`
	Sender     string     `db:"sender"`
	State      TouchState `db:"state"`
	Reason     string     `db:"reason"`
	Detail     string     `db:"detail"`
	Result     string     `db:"result"`
	PlannedAt  time.Time  `db:"planned_at"`
	SentAt     *time.Time `db:"sent_at"`
	MessageID  string     `db:"message_id"`
	ProviderID string     `db:"provider_id"`
}

const historyColumns = `t.id, v.cadence_key, t.cycle, coalesce(t.attempt, 0) AS attempt, t.budget, t.step_key, t.channel, t.template,
	t.variant, t.sender, t.state, t.reason, t.detail, t.result, t.planned_at, t.sent_at, t.message_id, t.provider_id
	FROM touches t JOIN enrollments e ON e.id = t.enrollment_id JOIN cadence_versions v ON v.id = e.cadence_version_id`

// LeadTouches lists the ledger of a lead, the oldest first.
func LeadTouches(ctx context.Context, db DB, leadID int64) ([]HistoryTouch, error) {
	return collect[HistoryTouch](ctx, db, `SELECT `+historyColumns+` WHERE t.lead_id = $1 ORDER BY t.id`, leadID)
}

// UnknownTouches lists the touches whose fate a person must decide, the oldest first, from that after the touch with an id; 0 begins at the first.
func UnknownTouches(ctx context.Context, db DB, after int64, limit int) ([]HistoryTouch, error) {
	return collect[HistoryTouch](ctx, db, `SELECT `+historyColumns+` WHERE t.state = 'unknown'
		AND ($1::bigint = 0 OR (t.claimed_at, t.id) > (SELECT b.claimed_at, b.id FROM touches b WHERE b.id = $1)) ORDER BY t.claimed_at, t.id LIMIT $2`, after, limit)
}

// LoggedStage is a stage that a lead was moved to.
type LoggedStage struct {
	Stage  string    `db:"stage"`
	Reason string    `db:"reason"`
	At     time.Time `db:"at"`
}

// LeadStages lists the stage moves of a lead, the oldest first.
func LeadStages(ctx context.Context, db DB, leadID int64) ([]LoggedStage, error) {
	return collect[LoggedStage](ctx, db, `SELECT stage, reason, at FROM stage_log WHERE lead_id = $1 ORDER BY id`, leadID)
}

// Colleagues lists the other leads at a lead's account.
func Colleagues(ctx context.Context, db DB, leadID int64) ([]Lead, error) {
	return collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM `+leadTables+`
		WHERE l.id <> $1 AND l.account_id = (SELECT account_id FROM leads WHERE id = $1) ORDER BY l.id LIMIT 50`, leadID)
}

// WaitingTouch is a touch under way, with what it waits for.
type WaitingTouch struct {
	ID         int64      `db:"id"`
	StepKey    string     `db:"step_key"`
	Channel    string     `db:"channel"`
	State      TouchState `db:"state"`
	Tries      int        `db:"tries"`
	NotBefore  time.Time  `db:"not_before"`
	WindowEnds time.Time  `db:"window_ends_at"`
	Detail     string     `db:"detail"`
}

// WaitingTouches lists the touches of a lead that are planned, claimed or of unknown fate, the oldest first.
func WaitingTouches(ctx context.Context, db DB, leadID int64) ([]WaitingTouch, error) {
	return collect[WaitingTouch](ctx, db, `SELECT id, step_key, channel, state, tries, not_before, window_ends_at, detail FROM touches
		WHERE lead_id = $1 AND state IN ('planned', 'claimed', 'unknown') ORDER BY id`, leadID)
}
