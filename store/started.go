package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// StartedEnrollment is the first enrolment of a lead, begun and decided at once.
type StartedEnrollment struct {
	SavedEnrollment
	CadenceVersionID int64
	Budget           int
}

// InsertStarted creates enrolments in the state in which a decision left them, in the first cycle of leads that never had one. It fails when
// a lead has one: the caller holds the leads and has seen that they have none.
func InsertStarted(ctx context.Context, db DB, rows []StartedEnrollment, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	type row = StartedEnrollment
	leads := column(rows, func(r *row) int64 { return r.Lead.ID })
	if _, err := db.Exec(ctx, `INSERT INTO cycles (lead_id, cycle, budget, started_at)
		SELECT n.lead_id, 1, n.budget, $3 FROM unnest($1::bigint[], $2::int[]) AS n(lead_id, budget)`,
		leads, column(rows, func(r *row) int { return r.Budget }), now); err != nil {
		return fmt.Errorf("begin cycles: %w", err)
	}
	_, err := db.Exec(ctx, `
		INSERT INTO enrollments (cycle, started_at, lead_id, cadence_version_id, state, reason, step, run, last_run, in_flight, due_local, due_zone,
			due_at, due_reason, channel, sender, domain, priority, last_response, held_until)
		SELECT 1, $1, n.* FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::bool[],
			$10::timestamp[], $11::text[], $12::timestamptz[], $13::text[], $14::text[], $15::text[], $16::text[], $17::smallint[], $18::text[],
			$19::timestamptz[]) AS n`,
		now, leads, column(rows, func(r *row) int64 { return r.CadenceVersionID }),
		column(rows, func(r *row) string { return string(r.State) }), column(rows, func(r *row) string { return string(r.Reason) }),
		column(rows, func(r *row) int { return r.Step }), column(rows, func(r *row) int { return r.Run }),
		column(rows, func(r *row) int { return r.LastRun }), column(rows, func(r *row) bool { return r.InFlight }),
		column(rows, func(r *row) *time.Time {
			return dueField(r.Due, func(d *cadence.Due) time.Time { return d.Intent.Local })
		}),
		column(rows, func(r *row) string { return dueText(r.Due, func(d *cadence.Due) string { return d.Intent.Zone }) }),
		column(rows, func(r *row) *time.Time { return dueField(r.Due, func(d *cadence.Due) time.Time { return d.At }) }),
		column(rows, func(r *row) string { return dueText(r.Due, func(d *cadence.Due) string { return string(d.Reason) }) }),
		column(rows, func(r *row) string { return r.Channel }), column(rows, func(r *row) string { return r.Sender }),
		column(rows, func(r *row) string { return r.Domain }), column(rows, func(r *row) int16 { return int16(r.Priority) }),
		column(rows, func(r *row) string { return string(r.Last) }), column(rows, func(r *row) *time.Time { return r.Held }))
	if err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	return nil
}
