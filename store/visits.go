package store

import (
	"context"
	"fmt"
	"time"
)

// VisitState is what became of a visit to a link of a mail.
type VisitState string

// The states: it may still turn out to be a machine's, it is a response, it was a machine's.
const (
	VisitWaiting VisitState = "waiting"
	VisitCounted VisitState = "counted"
	VisitScanned VisitState = "scanned"
)

// LinkVisit is what is known of the visits to one link of one mail. Of the visitor nothing is kept.
type LinkVisit struct {
	Link   string     `db:"link"` // sha256 of the target, in hexadecimal digits
	Target string     `db:"target"`
	At     time.Time  `db:"at"`      // the visit that State speaks of
	SeenAt time.Time  `db:"seen_at"` // the latest one
	State  VisitState `db:"state"`
}

// TouchSentAt tells when a touch left; nil while that is not known. ErrNotFound when there is no such touch.
func TouchSentAt(ctx context.Context, db DB, touchID int64) (*time.Time, error) {
	type row struct {
		SentAt *time.Time `db:"sent_at"`
	}
	touch, err := one[row](ctx, db, `SELECT sent_at FROM touches WHERE id = $1`, touchID)
	if err != nil {
		return nil, fmt.Errorf("touch %d: %w", touchID, err)
	}
	return touch.SentAt, nil
}

// LockVisits loads the visits to the links of a mail, and keeps others from noting or counting any until the transaction ends.
func LockVisits(ctx context.Context, db DB, touchID int64) ([]LinkVisit, error) {
	if _, err := db.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('nurture visits ' || $1::bigint, 0))`, touchID); err != nil {
		return nil, fmt.Errorf("lock visits: %w", err)
	}
	// A statement of its own, so that it sees what those who held the lock have committed.
	return collect[LinkVisit](ctx, db, `SELECT link, target, at, seen_at, state FROM link_visits WHERE touch_id = $1 ORDER BY link FOR UPDATE`, touchID)
}

// SaveVisits stores visits to the links of a mail, whose lock the caller holds.
func SaveVisits(ctx context.Context, db DB, touchID int64, rows []LinkVisit) error {
	type row = LinkVisit
	_, err := db.Exec(ctx, `INSERT INTO link_visits (touch_id, link, target, at, seen_at, state)
		SELECT $1, n.* FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[]) AS n
		ON CONFLICT (touch_id, link) DO UPDATE SET at = excluded.at, seen_at = excluded.seen_at, state = excluded.state`,
		touchID, column(rows, func(r *row) string { return r.Link }), column(rows, func(r *row) string { return Clean(r.Target) }),
		column(rows, func(r *row) time.Time { return r.At }), column(rows, func(r *row) time.Time { return r.SeenAt }),
		column(rows, func(r *row) string { return string(r.State) }))
	if err != nil {
		return fmt.Errorf("note visits: %w", err)
	}
	return nil
}

// RipeVisit is a visit that is to become a response.
type RipeVisit struct {
	TouchID int64     `db:"touch_id"`
	LeadID  int64     `db:"lead_id"`
	Link    string    `db:"link"`
	Target  string    `db:"target"`
	At      time.Time `db:"at"`
}

// LockRipeVisits takes up to limit visits that wait since before the given instant, or after ahead, which is of a clock that has been set back
// since; the oldest first, but for those to the links of some touches. What another process holds is left to it.
func LockRipeVisits(ctx context.Context, db DB, before, ahead time.Time, but []int64, limit int) ([]RipeVisit, error) {
	return collect[RipeVisit](ctx, db, `SELECT v.touch_id, t.lead_id, v.link, v.target, v.at
		FROM link_visits v JOIN touches t ON t.id = v.touch_id
		WHERE v.state = 'waiting' AND (v.at <= $1 OR v.at > $2) AND NOT v.touch_id = ANY(coalesce($3::bigint[], '{}'))
		ORDER BY v.at, v.touch_id, v.link LIMIT $4 FOR UPDATE OF v SKIP LOCKED`, before, ahead, but, limit)
}

// MarkCounted notes that visits are responses now.
func MarkCounted(ctx context.Context, db DB, rows []RipeVisit) error {
	type row = RipeVisit
	_, err := db.Exec(ctx, `UPDATE link_visits v SET state = 'counted'
		FROM unnest($1::bigint[], $2::text[]) AS n(touch_id, link) WHERE v.touch_id = n.touch_id AND v.link = n.link`,
		column(rows, func(r *row) int64 { return r.TouchID }), column(rows, func(r *row) string { return r.Link }))
	return err
}
