package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// HoldTask gives a task to a person until an instant, nil for ever; false when somebody else has it or it is over. A claim that has lapsed is nobody's,
// and one's own task can be claimed again.
func HoldTask(ctx context.Context, db DB, id int64, by string, now time.Time, until *time.Time) (bool, error) {
	tag, err := db.Exec(ctx, `UPDATE tasks SET state = 'claimed', claimed_by = $2, claimed_at = $3, claimed_until = $4
		WHERE id = $1 AND (state = 'open' OR state = 'claimed' AND (claimed_by = $2 OR claimed_until <= $3))`, id, by, now, until)
	return tag.RowsAffected() == 1, err
}

// ReleaseTask gives back a task that a person has, if it was claimed at that instant and not once more since; the zero instant is any. It reports
// whether there was such a claim.
func ReleaseTask(ctx context.Context, db DB, id int64, by string, claimedAt time.Time) (bool, error) {
	tag, err := db.Exec(ctx, `UPDATE tasks SET state = 'open', claimed_by = '', claimed_at = NULL, claimed_until = NULL
		WHERE id = $1 AND state = 'claimed' AND claimed_by = $2 AND ($3 OR claimed_at = $4)`, id, by, claimedAt.IsZero(), claimedAt)
	return tag.RowsAffected() == 1, err
}

// SnoozeTask puts a task off and gives it back. The caller has locked it.
func SnoozeTask(ctx context.Context, db DB, id int64, by string, until, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE tasks SET state = 'open', claimed_by = '', claimed_at = NULL, claimed_until = NULL, due_at = $3, not_before = $3, snoozed_by = $2, snoozed_at = $4
		WHERE id = $1`, id, by, until, now)
	return err
}

// Draft is what somebody has typed about a task and not logged yet, by the names of the form's fields.
type Draft struct {
	Typed   map[string]string
	SavedAt time.Time
}

// SaveDraft keeps what somebody has typed about a task that is not over; false when it is.
func SaveDraft(ctx context.Context, db DB, taskID int64, by string, d Draft) (bool, error) {
	typed, err := json.Marshal(d.Typed)
	if err != nil {
		return false, err
	}
	tag, err := db.Exec(ctx, `INSERT INTO task_drafts (task_id, by, typed, saved_at)
		SELECT id, $2, $3, $4 FROM tasks WHERE id = $1 AND state IN ('open', 'claimed')
		ON CONFLICT (task_id, by) DO UPDATE SET typed = excluded.typed, saved_at = excluded.saved_at`, taskID, by, string(typed), d.SavedAt)
	return tag.RowsAffected() == 1, err
}

// LoadDraft gives what somebody typed about a task; nothing when nothing is kept.
func LoadDraft(ctx context.Context, db DB, taskID int64, by string) (Draft, error) {
	var d Draft
	var typed []byte
	err := db.QueryRow(ctx, `SELECT typed, saved_at FROM task_drafts WHERE task_id = $1 AND by = $2`, taskID, by).Scan(&typed, &d.SavedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return Draft{}, nil
	}
	if err == nil {
		err = json.Unmarshal(typed, &d.Typed)
	}
	if err != nil {
		return Draft{}, fmt.Errorf("what was typed about task %d: %w", taskID, err)
	}
	return d, nil
}

// Glance is how a task and its lead stand, for who looks at them and wants to hear of news.
type Glance struct {
	TaskID    int64  `db:"id"`
	LeadID    int64  `db:"lead_id"`
	State     string `db:"state"` // of the task; open when a claim has lapsed
	ClaimedBy string `db:"claimed_by"`
	Verdict   int64  `db:"verdict"` // the latest verdict's id; 0 for none
}

// Glances looks at tasks; unknown ones are left out.
func Glances(ctx context.Context, db DB, taskIDs []int64, now time.Time) ([]Glance, error) {
	return collect[Glance](ctx, db, `SELECT k.id, k.lead_id,
			CASE WHEN k.state = 'claimed' AND k.claimed_until <= $2 THEN 'open' ELSE k.state END AS state,
			CASE WHEN k.state = 'claimed' AND k.claimed_until <= $2 THEN '' ELSE k.claimed_by END AS claimed_by,
			coalesce((SELECT max(v.id) FROM verdicts v WHERE v.lead_id = k.lead_id), 0) AS verdict
		FROM tasks k WHERE k.id = ANY($1) ORDER BY k.id`, taskIDs, now)
}

// ResponsesOf loads all responses of leads, by lead, the oldest first.
func ResponsesOf(ctx context.Context, db DB, leadIDs []int64) (map[int64][]Response, error) {
	rows, err := collect[Response](ctx, db, `SELECT `+responseColumns+` FROM responses WHERE lead_id = ANY($1) ORDER BY lead_id, id`, leadIDs)
	if err != nil {
		return nil, err
	}
	byLead := map[int64][]Response{}
	for _, r := range rows {
		byLead[r.LeadID] = append(byLead[r.LeadID], r)
	}
	return byLead, nil
}
