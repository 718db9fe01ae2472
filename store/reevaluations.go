package store

import (
	"context"
	"time"
)

// Weighable lists up to limit leads after the given one, in the order of ids, that a verdict can still move: neither over nor with sales.
// Through, unless 0, is the last one to look at.
func Weighable(ctx context.Context, db DB, after, through int64, limit int) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT id FROM leads WHERE id > $1 AND ($2 = 0 OR id <= $2) AND `+weighable+` ORDER BY id LIMIT $3`, after, through, limit)
}

const weighable = `end_reason = '' AND stage NOT IN ('handed_off', 'accepted', 'opportunity', 'won', 'lost')`

// The states of a Reevaluation.
const (
	ReevaluationRunning    = "running"
	ReevaluationDone       = "done"
	ReevaluationSuperseded = "superseded" // a newer definition is live
)

// Reevaluation is how far the weighing of all leads against a new definition has come.
type Reevaluation struct {
	ConfigVersionID int64      `db:"config_version_id"`
	ULDHash         string     `db:"uld_hash"`
	State           string     `db:"state"`
	LastLead        int64      `db:"last_lead"`
	AfterLead       int64      `db:"after_lead"`
	Total           int        `db:"total"`
	Done            int        `db:"done"`
	Promoted        int        `db:"promoted"`
	Kept            int        `db:"kept"`
	Closed          int        `db:"closed"`
	Changed         int        `db:"changed"` // those whose verdict is another than the one on record
	StartedAt       time.Time  `db:"started_at"`
	EndedAt         *time.Time `db:"ended_at"`
}

const reevaluationColumns = `config_version_id, uld_hash, state, last_lead, after_lead, total, done, promoted, kept, closed, changed, started_at, ended_at`

// BeginReevaluation notes that all leads there are now are to be weighed against the definition of a version, and that none is any more
// against an older one. It returns how many there are.
func BeginReevaluation(ctx context.Context, db DB, versionID int64, uldHash string, now time.Time) (int, error) {
	if _, err := db.Exec(ctx, `UPDATE reevaluations SET state = 'superseded', ended_at = $1 WHERE state = 'running'`, now); err != nil {
		return 0, err
	}
	var total int
	err := db.QueryRow(ctx, `INSERT INTO reevaluations (config_version_id, uld_hash, last_lead, total, started_at)
		SELECT $1, $2, coalesce(max(id), 0), count(*), $3 FROM leads WHERE `+weighable+` RETURNING total`, versionID, uldHash, now).Scan(&total)
	return total, err
}

// FindReevaluation loads the reevaluation of a version. ErrNotFound when there is none.
func FindReevaluation(ctx context.Context, db DB, versionID int64) (Reevaluation, error) {
	return one[Reevaluation](ctx, db, `SELECT `+reevaluationColumns+` FROM reevaluations WHERE config_version_id = $1`, versionID)
}

// LockReevaluation loads the reevaluation of a version and holds it. ErrNotFound when there is none.
func LockReevaluation(ctx context.Context, db DB, versionID int64) (Reevaluation, error) {
	return one[Reevaluation](ctx, db, `SELECT `+reevaluationColumns+` FROM reevaluations WHERE config_version_id = $1 FOR UPDATE`, versionID)
}

// SaveReevaluation writes back how far it has come.
func SaveReevaluation(ctx context.Context, db DB, r Reevaluation) error {
	_, err := db.Exec(ctx, `UPDATE reevaluations SET state = $2, after_lead = $3, done = $4, promoted = $5, kept = $6, closed = $7, changed = $8, ended_at = $9
		WHERE config_version_id = $1`, r.ConfigVersionID, r.State, r.AfterLead, r.Done, r.Promoted, r.Kept, r.Closed, r.Changed, r.EndedAt)
	return err
}

// Reevaluations lists the newest reevaluations first.
func Reevaluations(ctx context.Context, db DB, limit int) ([]Reevaluation, error) {
	return collect[Reevaluation](ctx, db, `SELECT `+reevaluationColumns+` FROM reevaluations ORDER BY config_version_id DESC LIMIT $1`, limit)
}
