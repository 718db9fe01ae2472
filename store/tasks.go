package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// Task is something a person must do.
type Task struct {
	ID           int64            `db:"id"`
	LeadID       int64            `db:"lead_id"`
	EnrollmentID *int64           `db:"enrollment_id"`
	TouchID      *int64           `db:"touch_id"`
	Kind         cadence.TaskKind `db:"kind"`
	State        TaskState        `db:"state"`
	Owner        string           `db:"owner"`
	Title        string           `db:"title"`
	Script       string           `db:"script"`
	Ask          []string         `db:"ask"`
	Why          string           `db:"why"`
	OpenedAt     time.Time        `db:"opened_at"`
	DueAt        time.Time        `db:"due_at"`
	NotBefore    *time.Time       `db:"not_before"` // from when it can be done; nil: at once
	ExpiresAt    *time.Time       `db:"expires_at"`
	UntilTaken   bool             `db:"until_taken"` // the lead's next cadence, its end or sales makes it needless
	ClaimedBy    string           `db:"claimed_by"`
	ClaimedAt    *time.Time       `db:"claimed_at"`
	ClaimedUntil *time.Time       `db:"claimed_until"` // nil: until it is given back
	DoneAt       *time.Time       `db:"done_at"`
	Disposition  string           `db:"disposition"`
	Notes        string           `db:"notes"`
}

// TaskState is how far a task has come.
type TaskState string

// The task states.
const (
	TaskOpen      TaskState = "open"
	TaskClaimed   TaskState = "claimed"
	TaskDone      TaskState = "done"
	TaskExpired   TaskState = "expired"
	TaskCancelled TaskState = "cancelled"
)

const taskColumns = `k.id, k.lead_id, k.enrollment_id, k.touch_id, k.kind, k.state, k.owner, k.title, k.script, k.ask, k.why,
	k.opened_at, k.due_at, k.not_before, k.expires_at, k.until_taken, k.claimed_by, k.claimed_at, k.claimed_until, k.done_at, k.disposition, k.notes`

// InsertTouchTasks files the tasks of call touches. A touch has one task at most: a second for it is left out.
func InsertTouchTasks(ctx context.Context, db DB, rows []Task) error {
	return insertTasks(ctx, db, rows, `ON CONFLICT (touch_id) DO NOTHING`)
}

// InsertLeadTasks opens tasks that no touch made. A lead has one open task of a kind at most: a second one's reason, and its
// questions if it has any with its title, replace the open one's, and the earlier due time holds.
func InsertLeadTasks(ctx context.Context, db DB, rows []Task) error {
	return insertTasks(ctx, db, mergeTasks(rows), `ON CONFLICT (lead_id, kind) WHERE touch_id IS NULL AND state IN ('open', 'claimed')
		DO UPDATE SET ask = CASE WHEN excluded.ask = '{}' THEN k.ask ELSE excluded.ask END, title = CASE WHEN excluded.ask = '{}' THEN k.title ELSE excluded.title END, why = excluded.why, script = coalesce(nullif(excluded.script, ''), k.script), due_at = least(k.due_at, excluded.due_at),
			until_taken = k.until_taken AND excluded.until_taken,
			not_before = CASE WHEN k.not_before IS NOT NULL AND excluded.not_before IS NOT NULL THEN least(k.not_before, excluded.not_before) END`)
}

// mergeTasks makes one of the tasks of a kind about a lead, as the table would: one statement cannot touch a row twice.
func mergeTasks(rows []Task) []Task {
	type key struct {
		lead int64
		kind cadence.TaskKind
	}
	at := map[key]int{}
	var merged []Task
	for _, t := range rows {
		k := key{t.LeadID, t.Kind}
		i, seen := at[k]
		if !seen {
			at[k] = len(merged)
			merged = append(merged, t)
			continue
		}
		if merged[i].DueAt.Before(t.DueAt) {
			t.DueAt = merged[i].DueAt
		}
		if t.NotBefore != nil && (merged[i].NotBefore == nil || merged[i].NotBefore.Before(*t.NotBefore)) {
			t.NotBefore = merged[i].NotBefore
		}
		t.UntilTaken = t.UntilTaken && merged[i].UntilTaken
		merged[i] = t
	}
	return merged
}

func insertTasks(ctx context.Context, db DB, rows []Task, onConflict string) error {
	if len(rows) == 0 {
		return nil
	}
	type row = Task
	asks := make([]string, len(rows))
	for i := range rows {
		var err error
		if asks[i], err = jsonText(rows[i].Ask, "[]"); err != nil {
			return err
		}
	}
	_, err := db.Exec(ctx, `
		INSERT INTO tasks AS k (lead_id, enrollment_id, touch_id, kind, state, owner, title, script, ask, why, opened_at, due_at, expires_at, not_before, until_taken)
		SELECT n.lead_id, n.enrollment_id, n.touch_id, n.kind, 'open', n.owner, n.title, n.script,
			ARRAY(SELECT jsonb_array_elements_text(n.ask::jsonb)), n.why, n.opened_at, n.due_at, n.expires_at, n.not_before, n.until_taken
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
			$10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::bool[]) WITH ORDINALITY
			AS n(lead_id, enrollment_id, touch_id, kind, owner, title, script, ask, why, opened_at, due_at, expires_at, not_before, until_taken, ord)
		ORDER BY n.ord `+onConflict,
		column(rows, func(r *row) int64 { return r.LeadID }), column(rows, func(r *row) *int64 { return r.EnrollmentID }),
		column(rows, func(r *row) *int64 { return r.TouchID }), column(rows, func(r *row) string { return string(r.Kind) }),
		column(rows, func(r *row) string { return r.Owner }), column(rows, func(r *row) string { return r.Title }),
		column(rows, func(r *row) string { return r.Script }), asks, column(rows, func(r *row) string { return r.Why }),
		column(rows, func(r *row) time.Time { return r.OpenedAt }), column(rows, func(r *row) time.Time { return r.DueAt }),
		column(rows, func(r *row) *time.Time { return r.ExpiresAt }), column(rows, func(r *row) *time.Time { return r.NotBefore }), column(rows, func(r *row) bool { return r.UntilTaken }))
	if err != nil {
		return fmt.Errorf("open tasks: %w", err)
	}
	return nil
}

// OpenTasks lists the open and claimed tasks of owner, or of everybody when owner is "", in the order of due times. limit 0
// is 1,000.
func OpenTasks(ctx context.Context, db DB, owner string, limit int) ([]Task, error) {
	if limit <= 0 {
		limit = 1000
	}
	return collect[Task](ctx, db, `SELECT `+taskColumns+` FROM tasks k
		WHERE k.state IN ('open', 'claimed') AND ($1 = '' OR k.owner = $1) ORDER BY k.due_at, k.lead_id, k.id LIMIT $2`, owner, limit)
}

// LeadTasks lists all tasks about a lead, the oldest first.
func LeadTasks(ctx context.Context, db DB, leadID int64) ([]Task, error) {
	return collect[Task](ctx, db, `SELECT `+taskColumns+` FROM tasks k WHERE k.lead_id = $1 ORDER BY k.id`, leadID)
}

// GetTask loads one task. ErrNotFound when there is none.
func GetTask(ctx context.Context, db DB, id int64) (Task, error) {
	t, err := one[Task](ctx, db, `SELECT `+taskColumns+` FROM tasks k WHERE k.id = $1`, id)
	if err != nil {
		return t, fmt.Errorf("task %d: %w", id, err)
	}
	return t, nil
}

// LockTasks locks tasks after their enrolments and loads them as they then are, by id; unknown ids are left out.
func LockTasks(ctx context.Context, db DB, ids []int64) (map[int64]Task, error) {
	if _, err := db.Exec(ctx, `SELECT id FROM enrollments WHERE id IN (SELECT enrollment_id FROM tasks WHERE id = ANY($1))
		ORDER BY id FOR UPDATE`, ids); err != nil {
		return nil, err
	}
	rows, err := collect[Task](ctx, db, `SELECT `+taskColumns+` FROM tasks k WHERE k.id = ANY($1) ORDER BY k.id FOR UPDATE`, ids)
	if err != nil {
		return nil, fmt.Errorf("lock tasks: %w", err)
	}
	tasks := make(map[int64]Task, len(rows))
	for _, t := range rows {
		tasks[t.ID] = t
	}
	return tasks, nil
}

// DoneTask is what a person did about a task.
type DoneTask struct {
	ID                     int64
	By, Disposition, Notes string
}

// FreeFor says whether a person may take a task: it is open, the person's own, or its claim has lapsed.
func (t *Task) FreeFor(by string, now time.Time) bool {
	switch t.State { //nolint:exhaustive // the others are over
	case TaskOpen:
		return true
	case TaskClaimed:
		return t.ClaimedBy == by || t.ClaimedUntil != nil && !t.ClaimedUntil.After(now)
	}
	return false
}

// FinishTasks marks tasks as done, and forgets what was typed about them.
func FinishTasks(ctx context.Context, db DB, rows []DoneTask, now time.Time) error {
	type row = DoneTask
	_, err := db.Exec(ctx, `UPDATE tasks k SET state = 'done', claimed_by = n.by, disposition = n.disposition, notes = n.notes, done_at = $1
		FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS n(id, by, disposition, notes) WHERE k.id = n.id`,
		now, column(rows, func(r *row) int64 { return r.ID }), column(rows, func(r *row) string { return r.By }),
		column(rows, func(r *row) string { return r.Disposition }), column(rows, func(r *row) string { return r.Notes }))
	if err != nil {
		return fmt.Errorf("finish tasks: %w", err)
	}
	_, err = db.Exec(ctx, `DELETE FROM task_drafts WHERE task_id = ANY($1)`, column(rows, func(r *row) int64 { return r.ID }))
	return err
}

// ExpiredTasks lists up to limit tasks whose time has run out, in the order of their enrolments, without those of passed. A task that somebody
// holds at the desk waits for that person.
func ExpiredTasks(ctx context.Context, db DB, now time.Time, passed []int64, limit int) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT k.id FROM tasks k LEFT JOIN enrollments e ON e.id = k.enrollment_id
		WHERE k.expires_at <= $1 AND k.id <> ALL (coalesce($3::bigint[], '{}')) AND `+mayExpire+` ORDER BY e.id, k.id LIMIT $2`, now, limit, passed)
}

// mayExpire is what keeps a task k from expiring beside its time, which $1 is compared with.
const mayExpire = `k.state IN ('open', 'claimed') AND NOT (k.state = 'claimed' AND coalesce(k.claimed_until > $1, false))`

// ExpireTasks marks those of the tasks expired that ExpiredTasks would still list; it locks their enrolments first.
func ExpireTasks(ctx context.Context, db DB, ids []int64, now time.Time) ([]Task, error) {
	if _, err := db.Exec(ctx, `SELECT id FROM enrollments WHERE id IN (SELECT enrollment_id FROM tasks WHERE id = ANY($1))
		ORDER BY id FOR UPDATE`, ids); err != nil {
		return nil, err
	}
	return collect[Task](ctx, db, `UPDATE tasks k SET state = 'expired', done_at = $1 WHERE k.id = ANY($2) AND k.expires_at <= $1 AND `+mayExpire+`
		RETURNING `+taskColumns, now, ids)
}

// KeepTasksOpen lets the tasks of the steps that enrolments have in hand stay open however long nobody does them.
func KeepTasksOpen(ctx context.Context, db DB, enrollmentIDs []int64) error {
	if len(enrollmentIDs) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE tasks k SET expires_at = NULL FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.id = n.id
		WHERE k.lead_id = e.lead_id AND k.enrollment_id = e.id AND k.touch_id IS NOT NULL AND k.state IN ('open', 'claimed') AND k.expires_at IS NOT NULL`, enrollmentIDs)
	if err != nil {
		return fmt.Errorf("keep tasks open: %w", err)
	}
	return nil
}

// Kinds of tasks by the address that they need.
var (
	phoneTasks = []cadence.TaskKind{cadence.TaskCall, cadence.TaskVerify, cadence.TaskDossier, cadence.TaskCallback}
	emailTasks = []cadence.TaskKind{cadence.TaskManualEmail}
)

// CancelCalls closes the open tasks about leads that need a phone, which they lost: they asked not to be called, or it is wrong.
func CancelCalls(ctx context.Context, db DB, leadIDs []int64, now time.Time) error {
	return cancelKinds(ctx, db, leadIDs, phoneTasks, now)
}

// CancelLetters closes the open tasks about leads that need an email address, which they lost.
func CancelLetters(ctx context.Context, db DB, leadIDs []int64, now time.Time) error {
	return cancelKinds(ctx, db, leadIDs, emailTasks, now)
}

func cancelKinds(ctx context.Context, db DB, leadIDs []int64, kinds []cadence.TaskKind, now time.Time) error {
	if len(leadIDs) == 0 {
		return nil
	}
	closed, err := collect[closedTask](ctx, db, `UPDATE tasks SET state = 'cancelled', done_at = $2
		WHERE lead_id = ANY($1) AND state IN ('open', 'claimed') AND kind = ANY($3) RETURNING touch_id, claimed_by`, leadIDs, now, kinds)
	if err != nil {
		return err
	}
	return neverDone(ctx, db, closed)
}

// CloseUntilTaken closes the tasks that are needless once a cadence or sales has the leads, or they have ended.
func CloseUntilTaken(ctx context.Context, db DB, leadIDs []int64, now time.Time) error {
	if len(leadIDs) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE tasks SET state = 'cancelled', done_at = $2 WHERE lead_id = ANY($1) AND until_taken AND state IN ('open', 'claimed')`, leadIDs, now)
	if err != nil {
		return fmt.Errorf("close tasks that are needless by now: %w", err)
	}
	return nil
}

// Asked is how many leads somebody is to ask, within an hour, to confirm what they said.
type Asked struct {
	Owner string    `db:"owner"`
	Hour  time.Time `db:"hour"` // its beginning
	N     int       `db:"n"`
}

// ToBeAsked counts such tasks of owners that are not done.
func ToBeAsked(ctx context.Context, db DB, owners []string) ([]Asked, error) {
	return collect[Asked](ctx, db, `SELECT owner, date_trunc('hour', due_at) AS hour, count(*) AS n FROM tasks
		WHERE owner = ANY($1) AND state IN ('open', 'claimed') AND touch_id IS NULL AND kind IN ($2, $3) GROUP BY 1, 2`,
		owners, cadence.TaskVerify, cadence.TaskManualEmail)
}
