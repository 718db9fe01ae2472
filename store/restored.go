package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// numbered are the tables whose ids leave the house: in addresses and links of mails, in mails to sales, on pages that somebody has open, in logs.
var numbered = []string{"leads", "enrollments", "touches", "responses", "tasks", "handoffs", "referrals", "inbound_mails"}

// SkipIDs leaves out the next by ids of every table whose ids leave the house. Sequences know no transaction: what is left out stays so.
func SkipIDs(ctx context.Context, db DB, by int64) error {
	for _, table := range numbered {
		if _, err := db.Exec(ctx, `SELECT setval(s, nextval(s) + $2) FROM pg_get_serial_sequence($1, 'id') AS s`, table, by); err != nil {
			return fmt.Errorf("leave out ids of %s: %w", table, err)
		}
	}
	return nil
}

// TouchWasHere says whether a touch with an id was made in this database, be it there or erased. SkipIDs by skipped leaves ids out, of touches that a restored
// backup does not know: among these, and beyond the last one that was given out, none was made here.
func TouchWasHere(ctx context.Context, db DB, id, skipped int64) (bool, error) {
	found, err := scalars[bool](ctx, db, `SELECT $1 BETWEEN 1 AND given.last AND (below.id + $2 < $1 OR above.id - below.id <= $2)
		FROM (SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('touches', 'id')), 0) AS last) AS given,
			LATERAL (SELECT coalesce(max(id), 0) AS id FROM touches WHERE id <= $1) AS below,
			LATERAL (SELECT coalesce(min(id), given.last + 1) AS id FROM touches WHERE id >= $1) AS above`, id, skipped)
	if err != nil {
		return false, fmt.Errorf("find out whether there was a touch %d: %w", id, err)
	}
	return found[0], nil
}

// LastBeat is when something last planned, to a minute; zero when nothing ever did.
func LastBeat(ctx context.Context, db DB) (time.Time, error) {
	seen, err := scalars[time.Time](ctx, db, `SELECT seen_at FROM pulse`)
	if err != nil || len(seen) == 0 {
		return time.Time{}, err
	}
	return seen[0].UTC(), nil
}

// ReadyTouches lists planned touches of a channel that may leave by now, the oldest ids first: those after an id.
func ReadyTouches(ctx context.Context, db DB, channel cadence.Channel, after int64, limit int, now time.Time) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT id FROM touches WHERE state = 'planned' AND channel = $1 AND not_before <= $2 AND id > $3 ORDER BY id LIMIT $4`,
		channel, now, after, limit)
}
