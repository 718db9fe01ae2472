package store

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// Deed is an entry of the audit log: who did what. Leads are named by id only, so that a lead can be erased.
type Deed struct {
	ID      int64     `db:"id"`
	At      time.Time `db:"at"`
	Who     string    `db:"who"`     // a user's address, or "cli:" and the name of who ran a command
	Role    string    `db:"role"`    // at that time; "" for a command
	Action  string    `db:"action"`  // such as "POST /desk/tasks/{id}/log" or "users add"
	Object  string    `db:"object"`  // such as "12"; "" when the action has none
	Outcome string    `db:"outcome"` // done, refused or failed
	Address string    `db:"address"` // of the browser; "" for a command
}

// What became of a deed.
const (
	DeedDone    = "done"
	DeedRefused = "refused"
	DeedFailed  = "failed"
)

// NoteDeed adds to the audit log, which the database lets nobody change.
func NoteDeed(ctx context.Context, db DB, d Deed) error {
	_, err := db.Exec(ctx, `INSERT INTO audit_log (at, who, role, action, object, outcome, address) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		d.At, Clean(d.Who), d.Role, d.Action, Clean(d.Object), d.Outcome, d.Address)
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// Deeds lists the audit log, the newest first, at most limit. who "" is everybody; before 0 begins at the newest, else below that id.
func Deeds(ctx context.Context, db DB, who string, before int64, limit int) ([]Deed, error) {
	// Each asks for what it means and no more: a plan that must do for all would read the log from its end.
	const columns = `SELECT id, at, who, role, action, object, outcome, address FROM audit_log WHERE id < $1`
	if who == "" {
		return collect[Deed](ctx, db, columns+` ORDER BY id DESC LIMIT $2`, cmp.Or(before, newest), limit)
	}
	return collect[Deed](ctx, db, columns+` AND who = $3 ORDER BY who DESC, id DESC LIMIT $2`, cmp.Or(before, newest), limit, who)
}
