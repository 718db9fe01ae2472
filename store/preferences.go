package store

import (
	"context"
	"time"
)

// LatestEnrollment loads the newest enrolment of a lead; ErrNotFound when it never had one.
func LatestEnrollment(ctx context.Context, db DB, leadID int64) (Enrollment, error) {
	return one[Enrollment](ctx, db, `SELECT `+enrollmentColumns+` FROM `+enrollmentTables+` WHERE e.lead_id = $1 ORDER BY e.id DESC LIMIT 1`, leadID)
}

// SetTopicsOff notes which topics a lead wants no mail about.
func SetTopicsOff(ctx context.Context, db DB, leadID int64, topics []string, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE leads SET topics_off = coalesce($2::text[], '{}'), updated_at = $3 WHERE id = $1`, leadID, topics, now)
	return err
}
