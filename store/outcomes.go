package store

import (
	"context"
	"fmt"
	"time"
)

// Outcome is what became of a handoff that sales had accepted.
type Outcome string

// The outcomes. A lead that bought elsewhere is lost, and needed what we offer: that says something good of the definition.
const (
	OutcomeOpportunity     Outcome = "opportunity"
	OutcomeWon             Outcome = "won"
	OutcomeLost            Outcome = "lost"
	OutcomeBoughtElsewhere Outcome = "bought_elsewhere"
)

// Outcomes lists them in the order in which a pipeline meets them.
func Outcomes() []Outcome {
	return []Outcome{OutcomeOpportunity, OutcomeWon, OutcomeLost, OutcomeBoughtElsewhere}
}

// HandoffOutcome is what a person said became of a handoff. The latest one of a handoff holds.
type HandoffOutcome struct {
	HandoffID   int64     `db:"handoff_id"`
	Outcome     Outcome   `db:"outcome"`
	AmountCents int64     `db:"amount_cents"` // hundredths of Currency; 0 is not known
	Currency    string    `db:"currency"`     // ISO 4217; "" without an amount
	Reason      string    `db:"reason"`
	By          string    `db:"by"`
	At          time.Time `db:"at"`
}

// Same says whether two outcomes say the same of the same handoff, by the same person.
func (o HandoffOutcome) Same(other HandoffOutcome) bool {
	o.At, other.At = time.Time{}, time.Time{}
	o.Reason, other.Reason = Clean(o.Reason), Clean(other.Reason)
	return o == other
}

const outcomeColumns = `handoff_id, outcome, amount_cents, currency, reason, by, at`

// InsertOutcome adds an outcome and brings the handoff to the state that follows from it.
func InsertOutcome(ctx context.Context, db DB, o HandoffOutcome, state HandoffState) error {
	_, err := db.Exec(ctx, `
		WITH said AS (INSERT INTO handoff_outcomes (`+outcomeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7))
		UPDATE handoffs SET state = $8 WHERE id = $1`,
		o.HandoffID, o.Outcome, o.AmountCents, o.Currency, Clean(o.Reason), o.By, o.At, state)
	if err != nil {
		return fmt.Errorf("record the outcome of handoff %d: %w", o.HandoffID, err)
	}
	return nil
}

// OutcomesOf lists what was said of a handoff, the oldest first.
func OutcomesOf(ctx context.Context, db DB, handoffID int64) ([]HandoffOutcome, error) {
	return collect[HandoffOutcome](ctx, db, `SELECT `+outcomeColumns+` FROM handoff_outcomes WHERE handoff_id = $1 ORDER BY id`, handoffID)
}

// ClosedLoop is a handoff with all that it goes back to: where the lead came from, what nurtured it, and which definition promoted it (E5).
type ClosedLoop struct {
	HandoffID      int64        `db:"handoff_id"`
	State          HandoffState `db:"state"`
	LeadKey        string       `db:"lead_key"`
	Origin         string       `db:"origin"`
	Source         string       `db:"source"`
	Cadence        string       `db:"cadence"`         // "" where it is not known: handed off before migration 0020
	CadenceVersion int          `db:"cadence_version"` // 0 where it is not known
	ULDHash        string       `db:"uld_hash"`
	Rep            string       `db:"rep"`
	OfferedAt      time.Time    `db:"offered_at"`
	DecidedAt      *time.Time   `db:"decided_at"`
	Reason         string       `db:"reason"`  // of a rejection
	Outcome        Outcome      `db:"outcome"` // the latest; "" while there is none
	AmountCents    int64        `db:"amount_cents"`
	Currency       string       `db:"currency"`
	OutcomeReason  string       `db:"outcome_reason"`
	OutcomeAt      *time.Time   `db:"outcome_at"`
}

// ClosedLoops lists the handoffs that were offered at or after since, the newest first, at most limit. It names leads by their key alone.
func ClosedLoops(ctx context.Context, db DB, since time.Time, limit int) ([]ClosedLoop, error) {
	return collect[ClosedLoop](ctx, db, `
		SELECT h.id AS handoff_id, h.state, l.key AS lead_key, l.origin, l.source, coalesce(v.cadence_key, '') AS cadence,
			coalesce(v.number, 0) AS cadence_version, h.uld_hash, h.rep, h.offered_at, h.decided_at,
			CASE WHEN h.state = 'rejected' THEN h.reason ELSE '' END AS reason, coalesce(o.outcome, '') AS outcome,
			coalesce(o.amount_cents, 0) AS amount_cents, coalesce(o.currency, '') AS currency, coalesce(o.reason, '') AS outcome_reason, o.at AS outcome_at
		FROM handoffs h JOIN leads l ON l.id = h.lead_id LEFT JOIN cadence_versions v ON v.id = h.cadence_version_id
		LEFT JOIN LATERAL (SELECT * FROM handoff_outcomes o WHERE o.handoff_id = h.id ORDER BY o.id DESC LIMIT 1) o ON true
		WHERE h.offered_at >= $1 ORDER BY h.id DESC LIMIT $2`, since, limit)
}

// EscalateHandoffs marks the offered handoffs that were to be answered by now as escalated, at most limit, and returns their ids.
func EscalateHandoffs(ctx context.Context, db DB, limit int, now time.Time) ([]int64, error) {
	return scalars[int64](ctx, db, `UPDATE handoffs SET state = 'escalated', escalated_at = $1 WHERE id IN (
		SELECT id FROM handoffs WHERE state = 'offered' AND respond_by <= $1 ORDER BY respond_by LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id`, now, limit)
}

// MarkTold notes that the manager was told that the handoff as h has it was escalated; false when that was noted before, or when it was given to somebody
// else since.
func MarkTold(ctx context.Context, db DB, h Handoff, now time.Time) (bool, error) {
	tag, err := db.Exec(ctx, `UPDATE handoffs SET told_at = $4 WHERE id = $1 AND rep = $2 AND escalated_at = $3 AND told_at IS NULL`,
		h.ID, h.Rep, h.EscalatedAt, now)
	return tag.RowsAffected() == 1, err
}

// ReassignHandoff offers a handoff that waits to another rep, anew.
func ReassignHandoff(ctx context.Context, db DB, id int64, rep string, dossier []byte, respondBy, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE handoffs SET state = 'offered', rep = $2, dossier = $3, offered_at = $4, respond_by = $5, delivered_at = NULL,
		escalated_at = NULL, told_at = NULL WHERE id = $1`, id, rep, dossier, now, respondBy)
	if err != nil {
		return fmt.Errorf("give handoff %d to %s: %w", id, rep, err)
	}
	return nil
}
