package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// EnrollmentMove is an enrolment that an apply moved to another version of its cadence.
type EnrollmentMove struct {
	ConfigVersionID int64    `db:"config_version_id"` // that was applied
	EnrollmentID    int64    `db:"enrollment_id"`
	Was             Standing `db:"was"`
	Became          Standing `db:"became"`
}

// InsertMoves remembers moves.
func InsertMoves(ctx context.Context, db DB, rows []EnrollmentMove) error {
	if len(rows) == 0 {
		return nil
	}
	type row = EnrollmentMove
	was, became := make([]string, len(rows)), make([]string, len(rows))
	for i := range rows {
		for _, one := range []struct {
			standing Standing
			into     *string
		}{{rows[i].Was, &was[i]}, {rows[i].Became, &became[i]}} {
			text, err := json.Marshal(one.standing)
			if err != nil {
				return err
			}
			*one.into = string(text)
		}
	}
	_, err := db.Exec(ctx, `INSERT INTO config_moves (config_version_id, enrollment_id, was, became)
		SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::jsonb[], $4::jsonb[])`,
		column(rows, func(r *row) int64 { return r.ConfigVersionID }), column(rows, func(r *row) int64 { return r.EnrollmentID }), was, became)
	if err != nil {
		return fmt.Errorf("remember moves: %w", err)
	}
	return nil
}

// MovesAfter loads the moves of enrolments by the versions after the given one, the oldest first: enrolment id → moves.
func MovesAfter(ctx context.Context, db DB, versionID int64, enrollmentIDs []int64) (map[int64][]EnrollmentMove, error) {
	rows, err := collect[EnrollmentMove](ctx, db, `SELECT m.config_version_id, m.enrollment_id, m.was, m.became
		FROM unnest($2::bigint[]) AS n(id) JOIN config_moves m ON m.enrollment_id = n.id
		WHERE m.config_version_id > $1 ORDER BY m.config_version_id`, versionID, enrollmentIDs)
	moves := make(map[int64][]EnrollmentMove, len(rows))
	for _, r := range rows {
		moves[r.EnrollmentID] = append(moves[r.EnrollmentID], r)
	}
	return moves, err
}

// EndedMove is an enrolment that was moved and is over by now.
type EndedMove struct {
	LeadID  int64  `db:"lead_id"`
	LeadKey string `db:"lead_key"`
	Cadence string `db:"cadence_key"`
	Reason  string `db:"reason"`
}

// EndedAfter lists the enrolments that versions after the given one moved and that are over by now, in the order of ids.
func EndedAfter(ctx context.Context, db DB, versionID int64) ([]EndedMove, error) {
	return collect[EndedMove](ctx, db, `SELECT l.id AS lead_id, l.key AS lead_key, v.cadence_key, e.reason FROM enrollments e
		JOIN leads l ON l.id = e.lead_id JOIN cadence_versions v ON v.id = e.cadence_version_id
		WHERE e.state = 'finished' AND e.id IN (SELECT enrollment_id FROM config_moves WHERE config_version_id > $1) ORDER BY e.id`, versionID)
}

// Revised is an enrolment that goes on with another version of its cadence.
type Revised struct {
	EnrollmentID int64
	VersionID    int64 // of the cadence
	Budget       int   // of the cycle from now on, at least what it has spent; 0 leaves it
}

// SaveVersions puts enrolments on other versions of their cadences, whose locks the caller holds.
func SaveVersions(ctx context.Context, db DB, rows []Revised) error {
	if len(rows) == 0 {
		return nil
	}
	type row = Revised
	_, err := db.Exec(ctx, `UPDATE enrollments e SET cadence_version_id = n.version FROM unnest($1::bigint[], $2::bigint[]) AS n(id, version) WHERE e.id = n.id`,
		column(rows, func(r *row) int64 { return r.EnrollmentID }), column(rows, func(r *row) int64 { return r.VersionID }))
	if err != nil {
		return fmt.Errorf("put enrolments on another version: %w", err)
	}
	return saveBudgets(ctx, db, slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.Budget == 0 }))
}

// saveBudgets gives cycles, also those in which nothing is counted yet, and what is planned in them, the budgets of another version.
func saveBudgets(ctx context.Context, db DB, rows []Revised) error {
	if len(rows) == 0 {
		return nil
	}
	type row = Revised
	ids := column(rows, func(r *row) int64 { return r.EnrollmentID })
	budgets := column(rows, func(r *row) int { return r.Budget })
	if _, err := db.Exec(ctx, `UPDATE enrollments e SET budget = n.budget FROM unnest($1::bigint[], $2::int[]) AS n(id, budget)
		WHERE e.id = n.id AND e.budget > 0 AND e.budget <> n.budget AND NOT EXISTS (SELECT FROM cycles c WHERE c.lead_id = e.lead_id AND c.cycle = e.cycle)`,
		ids, budgets); err != nil {
		return fmt.Errorf("give cycles that have not begun another budget: %w", err)
	}
	if _, err := db.Exec(ctx, `UPDATE cycles c SET budget = greatest(n.budget, c.attempts)
		FROM unnest($1::bigint[], $2::int[]) AS n(id, budget) JOIN enrollments e ON e.id = n.id
		WHERE c.lead_id = e.lead_id AND c.cycle = e.cycle AND c.budget <> greatest(n.budget, c.attempts)`,
		ids, budgets); err != nil {
		return fmt.Errorf("give cycles another budget: %w", err)
	}
	if _, err := db.Exec(ctx, `UPDATE touches t SET budget = c.budget FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.id = n.id
		JOIN cycles c ON c.lead_id = e.lead_id AND c.cycle = e.cycle
		WHERE t.enrollment_id = e.id AND `+stateByID+` = 'planned' AND t.budget <> c.budget`, ids); err != nil {
		return fmt.Errorf("give planned touches another budget: %w", err)
	}
	return nil
}

// Renumbering gives the touches of one step of an enrolment the number that the step has in another version of the cadence. To −1 puts
// them aside: the step is gone. AndBeyond says so of all steps from From on.
type Renumbering struct {
	EnrollmentID int64
	From, To     int
	AndBeyond    bool
}

// aside is beyond every number of a step: touches pass there on their way, so that none takes another's number (enrolment, step, run).
const aside = 1_000_000

// Renumber renumbers the touches of enrolments whose locks the caller holds. What is put aside gets numbers of its own below 0: the
// ledger forgets nothing.
func Renumber(ctx context.Context, db DB, rows []Renumbering) error {
	if len(rows) == 0 {
		return nil
	}
	type row = Renumbering
	ids, beyond := column(rows, func(r *row) int64 { return r.EnrollmentID }), column(rows, func(r *row) bool { return r.AndBeyond })
	if _, err := db.Exec(ctx, `UPDATE touches t SET step = t.step + $3
		FROM unnest($1::bigint[], $2::int[], $4::bool[]) AS n(id, step, beyond) WHERE t.enrollment_id = n.id AND (t.step = n.step OR n.beyond AND t.step > n.step)`,
		ids, column(rows, func(r *row) int { return r.From }), aside, beyond); err != nil {
		return fmt.Errorf("renumber touches: %w", err)
	}
	if _, err := db.Exec(ctx, `
		WITH gone AS (
			SELECT t.id, least(0, (SELECT min(o.step) FROM touches o WHERE o.enrollment_id = t.enrollment_id))
				- row_number() OVER (PARTITION BY t.enrollment_id ORDER BY t.id) AS step
			FROM unnest($1::bigint[], $2::int[], $3::int[], $5::bool[]) AS n(id, step, next, beyond)
			JOIN touches t ON t.enrollment_id = n.id AND (t.step = n.step + $4 OR n.beyond AND t.step > n.step + $4)
			WHERE n.next < 0
		), all_of AS (
			SELECT t.id, n.next AS step FROM unnest($1::bigint[], $2::int[], $3::int[]) AS n(id, step, next)
			JOIN touches t ON t.enrollment_id = n.id AND t.step = n.step + $4 WHERE n.next >= 0
			UNION ALL SELECT id, step FROM gone
		)
		UPDATE touches t SET step = all_of.step FROM all_of WHERE t.id = all_of.id`,
		ids, column(rows, func(r *row) int { return r.From }), column(rows, func(r *row) int { return r.To }), aside, beyond); err != nil {
		return fmt.Errorf("renumber touches: %w", err)
	}
	return nil
}

// AppliedVersion is a version of the configuration as its history tells it.
type AppliedVersion struct {
	ConfigVersion
	RolledBackTo *int64          `db:"rolled_back_to"` // the version whose configuration it brought back; nil for an apply
	Summary      json.RawMessage `db:"summary"`
}

const appliedColumns = `id, hash, uld_hash, applied_at, applied_by, rolled_back_to, summary`

// AppliedVersions lists the versions, the newest first.
func AppliedVersions(ctx context.Context, db DB, limit int) ([]AppliedVersion, error) {
	return collect[AppliedVersion](ctx, db, `SELECT `+appliedColumns+` FROM config_versions ORDER BY id DESC LIMIT $1`, limit)
}

// FindVersion loads a version. ErrNotFound when there is none.
func FindVersion(ctx context.Context, db DB, id int64) (AppliedVersion, error) {
	return one[AppliedVersion](ctx, db, `SELECT `+appliedColumns+` FROM config_versions WHERE id = $1`, id)
}

// NoteVersion stores what a version changed, and the version that it brought back, if it is a rollback.
func NoteVersion(ctx context.Context, db DB, id int64, rolledBackTo *int64, summary any) error {
	text, err := json.Marshal(summary)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `UPDATE config_versions SET rolled_back_to = $2, summary = $3 WHERE id = $1`, id, rolledBackTo, string(text))
	return err
}

// InsideVersion is how many leads are inside a cadence version.
type InsideVersion struct {
	ConfigVersionID int64  `db:"config_version_id"` // that the cadence version came with
	Cadence         string `db:"cadence_key"`
	Number          int    `db:"number"`
	Live            bool   `db:"live"`
	Leads           int    `db:"leads"`
}

// InsideVersions counts the leads inside every cadence version that is live or has any, in the order of cadences and versions.
func InsideVersions(ctx context.Context, db DB) ([]InsideVersion, error) {
	return collect[InsideVersion](ctx, db, `SELECT v.config_version_id, v.cadence_key, v.number, v.live, count(e.id)::int AS leads
		FROM cadence_versions v LEFT JOIN enrollments e ON e.cadence_version_id = v.id AND e.state <> 'finished'
		GROUP BY v.id HAVING v.live OR count(e.id) > 0 ORDER BY v.cadence_key, v.number`)
}
