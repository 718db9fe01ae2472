package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// TroubleInbox is what a Trouble is about that concerns a mailbox which answers are read from. Else it is the channel of a sender.
const TroubleInbox = "inbox"

// Trouble is something that a worker cannot do for the moment: send from a sender, or read a mailbox. Its times are the real clock's.
type Trouble struct {
	What    string    `db:"what"`    // the channel, or TroubleInbox
	About   string    `db:"about"`   // the sender's mailbox; for an inbox user@host/folder
	Refused bool      `db:"refused"` // by the server; else it was not reached
	Said    string    `db:"said"`    // what the last try met, in the server's words where it had any
	Since   time.Time `db:"since"`   // of the first try that failed
	SeenAt  time.Time `db:"seen_at"` // of the last
}

// Troubles lists all that was noted and has not ended, what has lasted longest first.
func Troubles(ctx context.Context, db DB) ([]Trouble, error) {
	return collect[Trouble](ctx, db, `SELECT what, about, refused, said, since, seen_at FROM troubles ORDER BY since, what, about`)
}

// ChangeTroubles notes troubles, or that they go on, and forgets others unless another process has met them again meanwhile.
func ChangeTroubles(ctx context.Context, db DB, met, over []Trouble) error {
	var b pgx.Batch
	for _, t := range met {
		b.Queue(`INSERT INTO troubles (what, about, refused, said, since, seen_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (what, about) DO UPDATE SET refused = excluded.refused, said = excluded.said, since = LEAST(troubles.since, excluded.since),
				seen_at = GREATEST(troubles.seen_at, excluded.seen_at)`, t.What, t.About, t.Refused, Clean(t.Said), t.Since, t.SeenAt)
	}
	for _, t := range over {
		b.Queue(`DELETE FROM troubles WHERE what = $1 AND about = $2 AND seen_at = $3`, t.What, t.About, t.SeenAt)
	}
	if b.Len() == 0 {
		return nil
	}
	return db.SendBatch(ctx, &b).Close()
}
