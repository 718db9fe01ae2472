package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// Room is how many enrolments of a channel and sender the planner may take up now.
type Room = cadence.Room

// DueEnrollment is an enrolment whose time has come, locked.
type DueEnrollment struct {
	ID      int64     `db:"id"`
	DueAt   time.Time `db:"due_at"`
	Mailbox string    `db:"mailbox"` // of the mail that it waits for; "" when it waits for something else
}

// inRoom holds for an enrolment e that waits in room, or last did. enrollments_due knows rooms by their number.
const inRoom = `room_number(e.channel, e.sender, e.domain) = room_number(room.channel, room.sender, room.domain)
	AND e.channel = room.channel AND e.sender = room.sender AND e.domain = room.domain`

// LockDueEnrollments locks the due enrolments that there is room for, by priority and then the longest overdue first. Rows that another planner
// holds are left to it, and those of passed are passed over. A Room of 0 is not looked at.
func LockDueEnrollments(ctx context.Context, db DB, rooms []Room, passed []int64, now time.Time) ([]DueEnrollment, error) {
	type row = Room
	channels, senders, domains := roomColumns(rooms)
	due, err := collect[DueEnrollment](ctx, db, `
		SELECT id, due_at, mailbox FROM (
			SELECT due.*, room.n, room.domain, room.domain_n, CASE WHEN room.channel = 'email' THEN room.sender ELSE '' END AS mailbox,
				row_number() OVER (PARTITION BY room.channel, room.sender ORDER BY due.priority, due.due_at, due.lead_id) AS of_sender,
				row_number() OVER (PARTITION BY room.channel, room.domain ORDER BY due.priority, due.due_at, due.lead_id) AS of_domain
			FROM unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::int[]) AS room(channel, sender, domain, n, domain_n)
			CROSS JOIN unnest($7::smallint[]) AS class(priority)
			CROSS JOIN LATERAL (
				SELECT e.id, e.priority, e.due_at, e.lead_id FROM enrollments e
				WHERE `+inRoom+` AND e.priority = class.priority AND e.due_at <= $1
					AND e.id <> ALL(coalesce($8::bigint[], '{}'))
				ORDER BY e.due_at, e.lead_id LIMIT room.n FOR UPDATE SKIP LOCKED
			) due WHERE room.n > 0
		) ranked
		WHERE of_sender <= n AND (domain = '' OR of_domain <= domain_n)
		ORDER BY id`,
		now, channels, senders, domains, column(rooms, func(r *row) int { return r.N }), column(rooms, func(r *row) int { return r.DomainN }),
		cadence.Priorities(), passed)
	if err != nil {
		return nil, fmt.Errorf("lock what is due: %w", err)
	}
	return due, nil
}

// anyDue holds when an enrolment of room is due at $1. Of each priority that the room has it looks at the first entry of the index and goes on to the
// next priority that is there: most rooms have none or one, and to ask for each by name would take twice as long. The order keeps Postgres to the index:
// before a long backlog it takes a sequential scan for cheaper, which is wrong where none matches.
var anyDue = func() string {
	first := func(of string) string {
		return `(SELECT e.priority, e.due_at FROM enrollments e WHERE ` + inRoom + ` AND e.due_at IS NOT NULL ` + of + ` ORDER BY e.priority, e.due_at LIMIT 1)`
	}
	from, due := first("")+` p0`, `p0.due_at`
	for i := range len(cadence.Priorities()) - 1 {
		from += fmt.Sprintf(` LEFT JOIN LATERAL %s p%d ON true`, first(fmt.Sprintf(`AND e.priority > p%d.priority`, i)), i+1)
		due += fmt.Sprintf(`, p%d.due_at`, i+1)
	}
	return `EXISTS (SELECT FROM ` + from + ` WHERE least(` + due + `) <= $1)`
}()

// Agenda is what there is to do at an instant.
type Agenda struct {
	ConfigVersion int64 `db:"config_version"` // the newest applied; 0 before the first
	Intake        bool  `db:"intake"`         // leads wait for a cadence
	Expired       bool  `db:"expired"`        // tasks have run out of time
	Unanswered    bool  `db:"unanswered"`     // handoffs were to be answered by now
	Unalarmed     bool  `db:"unalarmed"`      // planned touches that no job sees to
	Clicks        bool  `db:"clicks"`         // visits to links are to be counted
	Words         bool  `db:"words"`          // words to search by are to be written
	// Rooms are those, by index, that an enrolment is due in, and whose mailbox is not paused.
	Rooms []int32 `db:"rooms"`
}

// Marks are the instants that an agenda goes by: Now; up to Visited a visit is to be counted. What is said to have happened after Ahead is of a
// clock that has been set back since: it counts as long ago.
type Marks struct{ Now, Visited, Ahead time.Time }

// ReadAgenda looks what there is to do, in one round trip that reads a few index entries: what no room is given for is not looked at.
func ReadAgenda(ctx context.Context, db DB, rooms []Room, at Marks) (Agenda, error) {
	channels, senders, domains := roomColumns(rooms)
	a, err := one[Agenda](ctx, db, `SELECT
		coalesce((SELECT id FROM config_versions ORDER BY id DESC LIMIT 1), 0) AS config_version,
		EXISTS (SELECT FROM intake_calls WHERE at <= $1) AS intake,
		EXISTS (SELECT FROM tasks WHERE state IN ('open', 'claimed') AND expires_at <= $1) AS expired,
		EXISTS (SELECT FROM handoffs WHERE state = 'offered' AND respond_by <= $1) AS unanswered,
		EXISTS (SELECT FROM touches WHERE state = 'planned' AND alarmed_at IS NULL AND not_before <= $1) AS unalarmed,
		EXISTS (SELECT FROM link_visits WHERE state = 'waiting' AND (at <= $2 OR at > $6)) AS clicks,
		EXISTS (SELECT FROM words_due) AS words,
		ARRAY(SELECT (room.ord - 1)::int FROM unnest($3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS room(channel, sender, domain, ord)
			WHERE CASE -- not AND: the backlog of a paused mailbox is not to be looked at
				WHEN room.channel = 'email' AND EXISTS (SELECT FROM senders m WHERE m.mailbox = room.sender AND m.paused_at IS NOT NULL) THEN false
				ELSE `+anyDue+` END
			ORDER BY room.ord) AS rooms`,
		at.Now, at.Visited, channels, senders, domains, at.Ahead)
	if err != nil {
		return a, fmt.Errorf("look what is due: %w", err)
	}
	return a, nil
}

// Spender is what an allowance is for.
type Spender = cadence.Spender

// Usage is what a spender has used of its allowance, and how far ahead of its sending it is planned.
type Usage struct {
	cadence.Used
	// Ready are its touches that may be claimed now but are not. It is not counted for domains: 0.
	Ready int `db:"ready"`
}

// UsedSince counts, for each spender, its touches that were planned at or after day and at or after hour and that take capacity: all but
// those that were skipped. capacity_taken knows them by bites, so that it reads no touch of the day.
func UsedSince(ctx context.Context, db DB, spenders []Spender, day, hour, now time.Time) (map[Spender]Usage, error) {
	type count struct {
		Spender
		Usage
	}
	type row = Spender
	rows, err := collect[count](ctx, db, `SELECT s.channel, s.sender, s.domain, used.day, used.hour, ready.n AS ready
		FROM unnest($3::text[], $4::text[], $5::text[]) AS s(channel, sender, domain)
		CROSS JOIN LATERAL (
			SELECT coalesce(sum(k.n) FILTER (WHERE k.at >= $1), 0)::int AS day, coalesce(sum(k.n) FILTER (WHERE k.at >= $2), 0)::int AS hour
			FROM capacity_taken k WHERE k.channel = s.channel AND k.sender = s.sender AND k.at >= least($1, $2)
		) used
		CROSS JOIN LATERAL (
			SELECT count(*)::int AS n FROM touches t
			WHERE t.state = 'planned' AND t.channel <> '' AND t.channel = s.channel AND t.sender = s.sender AND t.not_before <= $6
		) ready WHERE s.domain = ''
		UNION ALL
		SELECT s.channel, s.sender, s.domain, used.day, used.hour, 0
		FROM unnest($3::text[], $4::text[], $5::text[]) AS s(channel, sender, domain)
		CROSS JOIN LATERAL (
			SELECT coalesce(sum(k.n) FILTER (WHERE k.at >= $1), 0)::int AS day, coalesce(sum(k.n) FILTER (WHERE k.at >= $2), 0)::int AS hour
			FROM capacity_taken k WHERE k.domain = s.domain AND k.domain <> '' AND k.at >= least($1, $2)
		) used WHERE s.domain <> ''`,
		day, hour, column(spenders, func(r *row) string { return r.Channel }), column(spenders, func(r *row) string { return r.Sender }),
		column(spenders, func(r *row) string { return r.Domain }), now)
	if err != nil {
		return nil, fmt.Errorf("count the day's touches: %w", err)
	}
	used := make(map[Spender]Usage, len(rows))
	for _, r := range rows {
		used[r.Spender] = r.Usage
	}
	return used, nil
}

// giveCapacityBack notes that touches were skipped: they take no capacity of the day that they were planned on.
func giveCapacityBack(ctx context.Context, db DB, touchIDs []int64) error {
	if len(touchIDs) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `INSERT INTO capacity_taken (channel, sender, domain, at, n)
		SELECT channel, sender, domain, planned_at, -count(*) FROM touches WHERE id = ANY($1) GROUP BY channel, sender, domain, planned_at`, touchIDs)
	if err != nil {
		return fmt.Errorf("give capacity back: %w", err)
	}
	return nil
}

// ForgetTaken drops, up to limit rows, what was taken of capacity before an instant.
func ForgetTaken(ctx context.Context, db DB, before time.Time, limit int) error {
	_, err := db.Exec(ctx, `DELETE FROM capacity_taken WHERE id IN (SELECT id FROM capacity_taken WHERE at < $1 ORDER BY at LIMIT $2)`, before, limit)
	if err != nil {
		return fmt.Errorf("forget what was taken of capacity: %w", err)
	}
	return nil
}

// FreeDomains lets the mails to domains that have no throttle any more go by their sender's room alone.
func FreeDomains(ctx context.Context, db DB, throttled []string) error {
	_, err := db.Exec(ctx, `UPDATE enrollments SET domain = '' WHERE domain <> '' AND NOT domain = ANY(coalesce($1::text[], '{}'))`, throttled)
	if err != nil {
		return fmt.Errorf("free domains of their throttle: %w", err)
	}
	return nil
}
