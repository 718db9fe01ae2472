package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
)

// Started are leads that begin their first enrolment alike: what a decision made of it, and the moves of their stage, in order. NeverMoved says that they were in
// no other stage before: then a single move that says no more than that they were enrolled is told from the enrolment (stage_log).
type Started struct {
	SavedEnrollment
	CadenceVersionID int64
	Budget           int
	Moves            []StageMove // LeadID is not looked at
	NeverMoved       bool
	LeadIDs          []int64
}

// InsertStarted creates enrolments in the state in which a decision left them, in the first cycle of leads that never had one, which has no row before
// something is counted in it, and takes the leads in: they wait for no cadence any more. It fails when a lead has a running enrolment: the caller
// holds the leads and has seen that they never had any.
func InsertStarted(ctx context.Context, db DB, rows []Started, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	type row = Started
	leads, kinds := byLead(rows)
	var movers []int32 // by move: which row
	var moves []StageMove
	for i := range rows {
		if rows[i].movedTo() != "" {
			continue
		}
		for _, m := range rows[i].Moves {
			moves, movers = append(moves, m), append(movers, int32(i)+1)
		}
	}
	const alike = `unnest($1::bigint[], $2::int[]) AS n(lead_id, kind) JOIN `
	var batch pgx.Batch
	// The leads go first: that this transaction has written them is all that the enrolments' check looks for.
	for stage, ids := range takenIn(rows) {
		lows, highs := runsOf(ids)
		batch.Queue(`UPDATE leads l SET intake_at = NULL, intake_note = '', stage = coalesce(nullif($3, ''), l.stage),
				updated_at = CASE WHEN $3 = '' THEN l.updated_at ELSE $4 END
			FROM unnest($1::bigint[], $2::bigint[]) AS run(low, high) WHERE l.id BETWEEN run.low AND run.high`, lows, highs, stage, now)
	}
	batch.Queue(`
		INSERT INTO enrollments (cycle, started_at, lead_id, cadence_version_id, state, reason, step, run, last_run, in_flight, due_local, due_zone,
			due_at, due_reason, channel, sender, domain, priority, last_response, held_until, moved_to, budget)
		SELECT 1, $3, n.lead_id, k.version, k.state, k.reason, k.step, k.run, k.last_run, k.in_flight, k.due_local, k.due_zone,
			k.due_at, k.due_reason, k.channel, k.sender, k.domain, k.priority, k.last_response, k.held_until, k.moved_to, k.budget
		FROM `+alike+`unnest($4::bigint[], $5::text[], $6::text[], $7::int[], $8::int[], $9::int[], $10::bool[], $11::timestamp[], $12::text[],
			$13::timestamptz[], $14::text[], $15::text[], $16::text[], $17::text[], $18::smallint[], $19::text[], $20::timestamptz[], $21::text[], $22::int[]) WITH ORDINALITY
			AS k(version, state, reason, step, run, last_run, in_flight, due_local, due_zone, due_at, due_reason, channel, sender, domain, priority,
				last_response, held_until, moved_to, budget, kind) USING (kind)`,
		leads, kinds, now, column(rows, func(r *row) int64 { return r.CadenceVersionID }),
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
		column(rows, func(r *row) string { return string(r.Last) }), column(rows, func(r *row) *time.Time { return r.Held }),
		column(rows, (*Started).movedTo), column(rows, func(r *row) int { return r.Budget }))
	if len(moves) > 0 {
		batch.Queue(`INSERT INTO stage_moves (lead_id, stage, reason, at)
			SELECT n.lead_id, m.stage, m.reason, $6 FROM `+alike+`unnest($3::int[], $4::text[], $5::text[]) WITH ORDINALITY AS m(kind, stage, reason, ord) USING (kind)
			ORDER BY n.lead_id, m.ord`,
			leads, kinds, movers, column(moves, func(m *StageMove) string { return string(m.Stage) }), column(moves, func(m *StageMove) string { return m.Reason }), now)
	}
	if err := sendBatch(ctx, db, &batch); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	return nil
}

// byLead gives all leads in ascending order, each with the number of its row, from 1. In that order each table and each index by lead is written from
// one end to the other.
func byLead(rows []Started) (leads []int64, kinds []int32) {
	type one struct {
		lead int64
		kind int32
	}
	var all []one
	for i := range rows {
		for _, id := range rows[i].LeadIDs {
			all = append(all, one{id, int32(i) + 1})
		}
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Compare(a.lead, b.lead) })
	return column(all, func(o *one) int64 { return o.lead }), column(all, func(o *one) int32 { return o.kind })
}

// takenIn gives the leads, in ascending order, by the stage that they are in once they are taken in; "" is the one that they were in.
func takenIn(rows []Started) map[string][]int64 {
	taken := map[string][]int64{}
	for i := range rows {
		stage := lastStage(&rows[i])
		taken[stage] = append(taken[stage], rows[i].LeadIDs...)
	}
	for _, leads := range taken {
		slices.Sort(leads)
	}
	return taken
}

// movedTo is the stage of the one move that is told from the enrolment; "" when the moves have rows of their own.
func (r *Started) movedTo() string {
	if !r.NeverMoved || len(r.Moves) != 1 || r.Moves[0].Reason != string(cadence.ReasonEnrolled) {
		return ""
	}
	return string(r.Moves[0].Stage)
}

// lastStage is the stage that leads are in after their moves; "" when it is the one that they were in.
func lastStage(r *Started) string {
	if len(r.Moves) == 0 {
		return ""
	}
	return string(r.Moves[len(r.Moves)-1].Stage)
}
