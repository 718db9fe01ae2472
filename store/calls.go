package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// CallTouch is a planned touch that rings a phone, with the place of its lead.
type CallTouch struct {
	TouchID int64  `db:"id"`
	Number  string `db:"address"`
	Country string `db:"country"`
	Region  string `db:"region"`
}

// LockCallTouches locks the enrolments of touches, and loads those touches that are planned and ring a phone, in the order of ids.
func LockCallTouches(ctx context.Context, db DB, ids []int64) ([]CallTouch, error) {
	if err := LockEnrollmentsOf(ctx, db, ids); err != nil {
		return nil, err
	}
	return collect[CallTouch](ctx, db, `SELECT t.id, t.address, l.country, l.region FROM touches t JOIN leads l ON l.id = t.lead_id
		WHERE t.id = ANY($1) AND t.state = 'planned' AND t.channel <> 'email' AND t.address <> '' AND t.address NOT LIKE '%@%' ORDER BY t.id`, ids)
}

// MarkMessageGiven notes that the words of a voicemail touch are handed to its call, where a machine listens.
func MarkMessageGiven(ctx context.Context, db DB, touchID int64) error {
	_, err := db.Exec(ctx, `UPDATE touches SET message_given = true WHERE id = $1 AND NOT message_given`, touchID)
	return err
}

// LockNumbers keeps others from claiming calls to the numbers until the transaction ends. Locks of enrolments come before it, none after.
func LockNumbers(ctx context.Context, db DB, numbers []string) error {
	_, err := db.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('nurture call ' || n.number, 0))
		FROM (SELECT DISTINCT number FROM unnest($1::text[]) AS number ORDER BY number) n`, numbers)
	return err
}

// CallsTo gives the instants after since at which numbers were called or are about to be, by number: voicemail drops that left or are leaving;
// call tasks by when they were done, taken or filed; and the outcomes of calls that people logged by themselves. Closed tasks that nobody had taken
// were never called. One task, that of except, does not count.
func CallsTo(ctx context.Context, db DB, numbers []string, since time.Time, except int64) (map[string][]time.Time, error) {
	type call struct {
		Number string    `db:"number"`
		At     time.Time `db:"at"`
	}
	const when = `CASE k.state WHEN 'open' THEN k.opened_at WHEN 'done' THEN k.done_at ELSE k.claimed_at END`
	rows, err := collect[call](ctx, db, `SELECT number, at FROM (
			SELECT t.address AS number, coalesce(t.sent_at, t.claimed_at) AS at FROM touches t
			WHERE t.address = ANY($1) AND t.channel = 'voicemail' AND t.state IN ('claimed', 'sent', 'unknown')
		UNION ALL
			SELECT t.address, `+when+` FROM touches t JOIN tasks k ON k.touch_id = t.id
			WHERE t.address = ANY($1) AND t.channel = 'call' AND k.id <> $3
				AND (k.state = 'open' AND t.result = '' OR k.state = 'done' OR k.claimed_by <> '')
		UNION ALL
			SELECT l.phone, `+when+` FROM leads l JOIN tasks k ON k.lead_id = l.id
			WHERE l.phone = ANY($1) AND l.phone <> '' AND k.touch_id IS NULL AND k.id <> $3 AND k.kind = ANY($4) AND k.state <> 'open' AND k.claimed_by <> ''
		UNION ALL
			SELECT l.phone, r.at FROM leads l JOIN responses r ON r.lead_id = l.id LEFT JOIN touches t ON t.id = r.touch_id
			WHERE l.phone = ANY($1) AND l.phone <> '' AND r.kind = ANY($5) AND r.source <> 'task' AND t.channel IS DISTINCT FROM 'voicemail'
		) calls WHERE at > $2 ORDER BY number, at`,
		numbers, since, except, phoneTasks, cadence.KindsOfCalls())
	if err != nil {
		return nil, fmt.Errorf("count calls: %w", err)
	}
	calls := map[string][]time.Time{}
	for _, r := range rows {
		calls[r.Number] = append(calls[r.Number], r.At.UTC())
	}
	return calls, nil
}

// RecentTouches gives the instants after since at which touches were made of leads, over all cadences and channels, by lead id. Touches that never
// left, and tasks that were closed before anybody had taken them, are none.
func RecentTouches(ctx context.Context, db DB, leadIDs []int64, since time.Time) (map[int64][]time.Time, error) {
	type touch struct {
		LeadID int64     `db:"lead_id"`
		At     time.Time `db:"at"`
	}
	rows, err := collect[touch](ctx, db, `SELECT lead_id, at FROM (
			SELECT t.lead_id, coalesce(CASE WHEN k.state = 'done' THEN k.done_at END, t.sent_at, t.claimed_at) AS at
			FROM touches t LEFT JOIN tasks k ON k.touch_id = t.id
			WHERE t.lead_id = ANY($1) AND t.state IN ('claimed', 'sent', 'unknown')
				AND (k.id IS NULL OR k.state IN ('open', 'claimed', 'done') OR k.claimed_by <> '')
		) made WHERE at > $2 ORDER BY lead_id, at`, leadIDs, since)
	if err != nil {
		return nil, fmt.Errorf("look up recent touches: %w", err)
	}
	recent := map[int64][]time.Time{}
	for _, r := range rows {
		recent[r.LeadID] = append(recent[r.LeadID], r.At.UTC())
	}
	return recent, nil
}
