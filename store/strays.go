package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
)

// StrayRooms lists the rooms that enrolments wait in and that are none of rooms: nobody looks into them. It reads an index entry or two for each
// room that is waited in, and one enrolment.
func StrayRooms(ctx context.Context, db DB, rooms []Room) ([]Room, error) {
	const number = `room_number(e.channel, e.sender, e.domain)`
	const first, one = `(SELECT ` + number + `, e.channel, e.sender, e.domain FROM enrollments e WHERE e.due_at IS NOT NULL`, ` ORDER BY ` + number + ` LIMIT 1)`
	channels, senders, domains := roomColumns(rooms)
	cursor, err := db.Query(ctx, `WITH RECURSIVE room (number, channel, sender, domain) AS (
			`+first+one+`
			UNION ALL
			SELECT next.* FROM room CROSS JOIN LATERAL `+first+` AND `+number+` > room.number`+one+` next
		)
		SELECT channel, sender, domain FROM room WHERE (channel, sender, domain) NOT IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
		channels, senders, domains)
	if err != nil {
		return nil, fmt.Errorf("look for rooms that are no more: %w", err)
	}
	strays, err := pgx.CollectRows(cursor, pgx.RowToStructByNameLax[Room])
	if err != nil {
		return nil, fmt.Errorf("look for rooms that are no more: %w", err)
	}
	return strays, nil
}

// WaitingIn gives up to limit enrolments that wait in one of rooms.
func WaitingIn(ctx context.Context, db DB, rooms []Room, limit int) ([]int64, error) {
	channels, senders, domains := roomColumns(rooms)
	return scalars[int64](ctx, db, `SELECT w.id FROM unnest($1::text[], $2::text[], $3::text[]) AS room(channel, sender, domain) CROSS JOIN LATERAL (
			SELECT id FROM enrollments e WHERE `+inRoom+` AND e.due_at IS NOT NULL
			ORDER BY e.priority, e.due_at, e.lead_id LIMIT $4) w LIMIT $4`, channels, senders, domains, limit)
}

// SetRooms has enrolments, which the caller holds, wait in other rooms of the same channel.
func SetRooms(ctx context.Context, db DB, ids []int64, rooms []Room) error {
	_, senders, domains := roomColumns(rooms)
	_, err := db.Exec(ctx, `UPDATE enrollments e SET sender = n.sender, domain = n.domain
		FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n(id, sender, domain) WHERE e.id = n.id`, ids, senders, domains)
	if err != nil {
		return fmt.Errorf("have enrolments wait elsewhere: %w", err)
	}
	return nil
}

func roomColumns(rooms []Room) (channels, senders, domains []string) {
	return column(rooms, func(r *Room) string { return r.Channel }), column(rooms, func(r *Room) string { return r.Sender }),
		column(rooms, func(r *Room) string { return r.Domain })
}

// StrayTasks gives up to limit open tasks of owners who are none of owners. It reads an index entry or two for each owner, and the tasks that it gives.
func StrayTasks(ctx context.Context, db DB, owners []string, limit int) ([]int64, error) {
	ids, err := scalars[int64](ctx, db, `WITH RECURSIVE known AS (
			(SELECT k.owner FROM tasks k WHERE k.state IN ('open', 'claimed') ORDER BY k.owner LIMIT 1)
			UNION ALL
			SELECT next.owner FROM known CROSS JOIN LATERAL (SELECT k.owner FROM tasks k WHERE k.state IN ('open', 'claimed') AND k.owner > known.owner
				ORDER BY k.owner LIMIT 1) next
		)
		SELECT k.id FROM known CROSS JOIN LATERAL (SELECT id FROM tasks k WHERE k.state IN ('open', 'claimed') AND k.owner = known.owner
			ORDER BY k.due_at LIMIT $2) k
		WHERE known.owner <> ALL ($1) LIMIT $2`, owners, limit)
	if err != nil {
		return nil, fmt.Errorf("look for tasks of who is gone: %w", err)
	}
	return ids, nil
}

// GiveTasks gives tasks that LockTasks has locked to the owners of their leads, and before that the leads of former owners to one of owners. It returns
// how many tasks it gave.
func GiveTasks(ctx context.Context, db DB, ids []int64, owners []string) (int, error) {
	if _, err := db.Exec(ctx, resettleOwner+` AND id IN (SELECT lead_id FROM tasks WHERE id = ANY($2))`, owners, ids); err != nil {
		return 0, fmt.Errorf("give leads of former SDRs to others: %w", err)
	}
	tag, err := db.Exec(ctx, `UPDATE tasks k SET owner = l.owner FROM leads l
		WHERE k.id = ANY($2) AND l.id = k.lead_id AND k.state IN ('open', 'claimed') AND k.owner <> ALL ($1)`, owners, ids)
	if err != nil {
		return 0, fmt.Errorf("give tasks of former SDRs to others: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// RestingUnasked lists up to limit enrolments beyond the id after, in the order of ids, that are paused without an end and that no open task asks anybody to
// look after. It reads all enrolments.
func RestingUnasked(ctx context.Context, db DB, after int64, limit int) ([]int64, error) {
	ids, err := scalars[int64](ctx, db, `SELECT e.id FROM enrollments e WHERE e.id > $1 AND e.state = 'paused' AND e.due_at IS NULL
		AND NOT EXISTS (SELECT FROM tasks k WHERE k.lead_id = e.lead_id AND k.kind = $2 AND k.state IN ('open', 'claimed')) ORDER BY e.id LIMIT $3`,
		after, string(cadence.TaskReview), limit)
	if err != nil {
		return nil, fmt.Errorf("look for leads that rest and that nobody looks after: %w", err)
	}
	return ids, nil
}
