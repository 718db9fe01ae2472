package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"nurture/cadence"
)

// Handoff is a promotion of a lead to sales.
type Handoff struct {
	ID          int64           `db:"id"`
	LeadID      int64           `db:"lead_id"`
	VerdictID   *int64          `db:"verdict_id"`
	State       HandoffState    `db:"state"`
	Rep         string          `db:"rep"`
	Missing     []string        `db:"missing"`
	Dossier     json.RawMessage `db:"dossier"`
	CreatedAt   time.Time       `db:"created_at"`
	OfferedAt   *time.Time      `db:"offered_at"`
	RespondBy   *time.Time      `db:"respond_by"`
	DeliveredAt *time.Time      `db:"delivered_at"`
	DecidedAt   *time.Time      `db:"decided_at"`
	DecidedBy   string          `db:"decided_by"` // who accepted or rejected; "" of those before migration 0020
	Reason      string          `db:"reason"`
	EscalatedAt *time.Time      `db:"escalated_at"` // when nobody had answered in time
	ToldAt      *time.Time      `db:"told_at"`      // when the manager's mail had left
	ULDHash     string          `db:"uld_hash"`     // the definition that promoted the lead
	// CadenceVersionID is the cadence that the lead was in when it was promoted; nil of those before migration 0020.
	CadenceVersionID *int64 `db:"cadence_version_id"`
}

// HandoffState is how far a handoff has come.
type HandoffState string

// The handoff states. A blocked one lacks required items, an escalated one was not answered in time, a withdrawn one was overtaken (the lead
// opted out). Won and lost ones were accepted.
const (
	HandoffBlocked   HandoffState = "blocked"
	HandoffOffered   HandoffState = "offered"
	HandoffEscalated HandoffState = "escalated"
	HandoffAccepted  HandoffState = "accepted"
	HandoffRejected  HandoffState = "rejected"
	HandoffWon       HandoffState = "won"
	HandoffLost      HandoffState = "lost"
	HandoffWithdrawn HandoffState = "withdrawn"
)

// HandoffStates lists them in the order in which a handoff meets them.
func HandoffStates() []HandoffState {
	return []HandoffState{
		HandoffBlocked, HandoffOffered, HandoffEscalated, HandoffAccepted, HandoffRejected, HandoffWon, HandoffLost, HandoffWithdrawn,
	}
}

// Waits says whether sales is still to answer.
func (s HandoffState) Waits() bool { return s == HandoffOffered || s == HandoffEscalated }

// Taken says whether sales said yes, whatever came of it.
func (s HandoffState) Taken() bool {
	return s == HandoffAccepted || s == HandoffWon || s == HandoffLost
}

// The states in SQL: in which sales is still to answer, in which no other handoff of the lead may begin, and which sales said yes to.
const (
	waitingStates  = `('offered', 'escalated')`
	openStates     = `('blocked', 'offered', 'escalated')`
	acceptedStates = `('accepted', 'won', 'lost')`
)

const handoffColumns = `id, lead_id, verdict_id, state, rep, missing, dossier, created_at, offered_at, respond_by, delivered_at,
	decided_at, decided_by, reason, escalated_at, told_at, uld_hash, cadence_version_id`

// SaveHandoff stores an open handoff of a lead, blocked or offered, replacing the blocked one that it may have. It returns the id.
func SaveHandoff(ctx context.Context, db DB, h Handoff) (int64, error) {
	var id int64
	err := db.QueryRow(ctx, `
		INSERT INTO handoffs AS h (lead_id, verdict_id, state, rep, missing, dossier, created_at, offered_at, respond_by, uld_hash, cadence_version_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (lead_id) WHERE state IN `+openStates+` DO UPDATE SET verdict_id = excluded.verdict_id,
			state = excluded.state, rep = excluded.rep, missing = excluded.missing, dossier = excluded.dossier,
			offered_at = excluded.offered_at, respond_by = excluded.respond_by, uld_hash = excluded.uld_hash,
			cadence_version_id = excluded.cadence_version_id
			WHERE h.state = 'blocked'
		RETURNING id`,
		h.LeadID, h.VerdictID, h.State, h.Rep, textArray(h.Missing), h.Dossier, h.CreatedAt, h.OfferedAt, h.RespondBy, h.ULDHash,
		h.CadenceVersionID).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store handoff: %w", err)
	}
	return id, nil
}

// textArray turns nil into an empty array: the column is not null.
func textArray(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// Handoffs lists handoffs without their dossiers, all or in one state or of one rep, the newest first. limit 0 is 1,000.
func Handoffs(ctx context.Context, db DB, state HandoffState, rep string, limit int) ([]Handoff, error) {
	if limit <= 0 {
		limit = 1000
	}
	return collect[Handoff](ctx, db, `SELECT `+strings.Replace(handoffColumns, "dossier", "NULL::jsonb AS dossier", 1)+` FROM handoffs
		WHERE ($1 = '' OR state = $1) AND ($2 = '' OR rep = $2) ORDER BY id DESC LIMIT $3`, state, rep, limit)
}

// LockHandoff locks and loads a handoff. ErrNotFound when there is none.
func LockHandoff(ctx context.Context, db DB, id int64) (Handoff, error) {
	return getHandoff(ctx, db, id, " FOR UPDATE")
}

// GetHandoff loads a handoff. ErrNotFound when there is none.
func GetHandoff(ctx context.Context, db DB, id int64) (Handoff, error) {
	return getHandoff(ctx, db, id, "")
}

func getHandoff(ctx context.Context, db DB, id int64, lock string) (Handoff, error) {
	h, err := one[Handoff](ctx, db, `SELECT `+handoffColumns+` FROM handoffs WHERE id = $1`+lock, id)
	if err != nil {
		return h, fmt.Errorf("handoff %d: %w", id, err)
	}
	return h, nil
}

// LeadHandoffs lists the handoffs of a lead, the oldest first.
func LeadHandoffs(ctx context.Context, db DB, leadID int64) ([]Handoff, error) {
	return collect[Handoff](ctx, db, `SELECT `+handoffColumns+` FROM handoffs WHERE lead_id = $1 ORDER BY id`, leadID)
}

// DecideHandoff records what sales said, and who did.
func DecideHandoff(ctx context.Context, db DB, id int64, state HandoffState, reason, by string, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE handoffs SET state = $2, reason = $3, decided_by = $4, decided_at = $5 WHERE id = $1`, id, state, reason, by, now)
	return err
}

// WithdrawHandoffs takes the open handoffs of leads back.
func WithdrawHandoffs(ctx context.Context, db DB, leadIDs []int64, reason string, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE handoffs SET state = 'withdrawn', reason = $2, decided_at = $3
		WHERE lead_id = ANY($1) AND state IN `+openStates+``, leadIDs, reason, now)
	return err
}

// MarkDelivered notes that the rep was told of the handoff as h has it; false when that was noted before, or when it was given to somebody else since.
func MarkDelivered(ctx context.Context, db DB, h Handoff, now time.Time) (bool, error) {
	tag, err := db.Exec(ctx, `UPDATE handoffs SET delivered_at = $4 WHERE id = $1 AND rep = $2 AND offered_at = $3 AND delivered_at IS NULL`,
		h.ID, h.Rep, h.OfferedAt, now)
	return tag.RowsAffected() == 1, err
}

// OpenHandoffsByRep counts the handoffs that wait for each rep's answer.
func OpenHandoffsByRep(ctx context.Context, db DB) (map[string]int, error) {
	return countBy(ctx, db, `SELECT rep AS name, count(*) AS n FROM handoffs WHERE state IN `+waitingStates+` GROUP BY rep`)
}

// countBy runs a query of the columns name and n.
func countBy(ctx context.Context, db DB, sql string, args ...any) (map[string]int, error) {
	type count struct {
		Name string `db:"name"`
		N    int    `db:"n"`
	}
	rows, err := collect[count](ctx, db, sql, args...)
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.Name] = r.N
	}
	return counts, err
}

// NamedDays gives the day or instant from which on each lead wants to hear of us again, where it named one in a response of one of the kinds and
// that may still be ahead: where the lead is a day may begin later than it does in UTC.
func NamedDays(ctx context.Context, db DB, leadIDs []int64, kinds []cadence.ResponseKind, now time.Time) (map[int64]*time.Time, error) {
	type row struct {
		LeadID int64     `db:"lead_id"`
		Date   time.Time `db:"date"`
	}
	rows, err := collect[row](ctx, db, `SELECT lead_id, max(date) AS date FROM responses WHERE lead_id = ANY($1) AND kind = ANY($2) AND date > $3
		GROUP BY lead_id`, leadIDs, kinds, now.Add(-24*time.Hour))
	named := make(map[int64]*time.Time, len(rows))
	for _, r := range rows {
		date := r.Date.UTC()
		named[r.LeadID] = &date
	}
	return named, err
}

// LastRefusals gives when each lead was last refused: sales turned it down or lost it, a person took it back, or it gave a response of one of the kinds. A lead that
// never was is not in the map.
func LastRefusals(ctx context.Context, db DB, leadIDs []int64, kinds []cadence.ResponseKind) (map[int64]time.Time, error) {
	type row struct {
		LeadID int64     `db:"lead_id"`
		At     time.Time `db:"at"`
	}
	rows, err := collect[row](ctx, db, `SELECT lead_id, max(at) AS at FROM (
			SELECT lead_id, decided_at AS at FROM handoffs WHERE lead_id = ANY($1) AND state IN ('rejected', 'withdrawn')
			UNION ALL SELECT h.lead_id, o.at FROM handoffs h JOIN handoff_outcomes o ON o.handoff_id = h.id
				WHERE h.lead_id = ANY($1) AND o.outcome IN ('lost', 'bought_elsewhere')
			UNION ALL SELECT lead_id, at FROM responses WHERE lead_id = ANY($1) AND kind = ANY($2)) refusals
		GROUP BY lead_id`, leadIDs, kinds)
	last := make(map[int64]time.Time, len(rows))
	for _, r := range rows {
		last[r.LeadID] = r.At.UTC()
	}
	return last, err
}
