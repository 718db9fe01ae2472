package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// Sender is a mailbox that is or was paused, or that a mail system refused for policy.
type Sender struct {
	Mailbox   string     `db:"mailbox"`
	PausedAt  *time.Time `db:"paused_at"` // nil: it sends
	Reason    string     `db:"reason"`    // why it was paused last
	ResumedAt *time.Time `db:"resumed_at"`
}

// Senders lists the mailboxes that anything is kept of, in the order of addresses.
func Senders(ctx context.Context, db DB) ([]Sender, error) {
	return collect[Sender](ctx, db, `SELECT mailbox, paused_at, reason, resumed_at FROM senders ORDER BY mailbox`)
}

// PausedSenders gives the mailboxes that are paused: address → why.
func PausedSenders(ctx context.Context, db DB) (map[string]string, error) {
	senders, err := Senders(ctx, db)
	paused := map[string]string{}
	for _, s := range senders {
		if s.PausedAt != nil {
			paused[s.Mailbox] = s.Reason
		}
	}
	return paused, err
}

// LockSenders keeps others from judging the same mailboxes until the transaction ends, so that of bounces that arrive at once the last one
// counts all. Each gets a row.
func LockSenders(ctx context.Context, db DB, mailboxes []string) error {
	_, err := db.Exec(ctx, `INSERT INTO senders AS s (mailbox) SELECT DISTINCT m FROM unnest($1::text[]) AS m ORDER BY m
		ON CONFLICT (mailbox) DO UPDATE SET mailbox = s.mailbox`, mailboxes)
	if err != nil {
		return fmt.Errorf("lock mailboxes: %w", err)
	}
	return nil
}

// PauseSender pauses a mailbox and reports whether it was sending until then; one that is paused keeps its reason.
func PauseSender(ctx context.Context, db DB, mailbox, reason string, now time.Time) (bool, error) {
	tag, err := db.Exec(ctx, `INSERT INTO senders (mailbox, paused_at, reason) VALUES ($1, $2, $3)
		ON CONFLICT (mailbox) DO UPDATE SET paused_at = excluded.paused_at, reason = excluded.reason WHERE senders.paused_at IS NULL`,
		mailbox, now, Clean(reason))
	if err != nil {
		return false, fmt.Errorf("pause %s: %w", mailbox, err)
	}
	return tag.RowsAffected() == 1, nil
}

// ResumeSender lets a mailbox send again, notes the pause among the outages, and reports whether it was paused until then.
func ResumeSender(ctx context.Context, db DB, mailbox string, now time.Time) (bool, error) {
	tag, err := db.Exec(ctx, `
		WITH held AS (SELECT mailbox, paused_at FROM senders WHERE mailbox = $1 AND paused_at IS NOT NULL FOR UPDATE), outage AS (
			INSERT INTO outages (mailbox, started_at, ended_at) SELECT mailbox, paused_at, $2 FROM held
		)
		UPDATE senders s SET paused_at = NULL, resumed_at = $2 FROM held WHERE s.mailbox = held.mailbox`, mailbox, now)
	if err != nil {
		return false, fmt.Errorf("resume %s: %w", mailbox, err)
	}
	return tag.RowsAffected() == 1, nil
}

// PolicyBounces counts, by mailbox, the different leads whose mail from it was refused for policy after since and after the mailbox was
// resumed last.
func PolicyBounces(ctx context.Context, db DB, since time.Time) (map[string]int, error) {
	type count struct {
		Mailbox string `db:"sender"`
		N       int    `db:"n"`
	}
	rows, err := collect[count](ctx, db, `SELECT t.sender, count(DISTINCT r.lead_id)::int AS n
		FROM responses r JOIN touches t ON t.id = r.touch_id LEFT JOIN senders s ON s.mailbox = t.sender
		WHERE r.kind = 'policy_bounce' AND r.at > $1 AND r.at > coalesce(s.resumed_at, '-infinity')
		GROUP BY t.sender`, since)
	if err != nil {
		return nil, fmt.Errorf("count policy bounces: %w", err)
	}
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		counts[r.Mailbox] = r.N
	}
	return counts, nil
}

// SoftBouncesInARow counts how many mails of each lead, one behind the other, bounced softly: lead id → n. A row begins anew with a
// response of one of the kinds that show life, and with a mail that was sent before arrived and has not bounced.
func SoftBouncesInARow(ctx context.Context, db DB, leadIDs []int64, life []cadence.ResponseKind, arrived time.Time) (map[int64]int, error) {
	type count struct {
		LeadID int64 `db:"lead_id"`
		N      int   `db:"n"`
	}
	rows, err := collect[count](ctx, db, `
		SELECT l.id AS lead_id, count(DISTINCT coalesce(r.touch_id, -r.id))::int AS n
		FROM unnest($1::bigint[]) AS l(id)
		CROSS JOIN LATERAL (SELECT coalesce(max(x.id), 0) AS id FROM responses x WHERE x.lead_id = l.id AND x.kind = ANY($2)) alive
		CROSS JOIN LATERAL (SELECT coalesce(max(t.sent_at), '-infinity') AS at FROM touches t
			WHERE t.lead_id = l.id AND t.channel = 'email' AND t.state = 'sent' AND t.sent_at < $3
			AND NOT EXISTS (SELECT FROM responses b WHERE b.touch_id = t.id AND b.kind IN ('soft_bounce', 'hard_bounce', 'policy_bounce'))) quiet
		JOIN responses r ON r.lead_id = l.id AND r.kind = 'soft_bounce' AND r.id > alive.id AND r.at > quiet.at
		GROUP BY l.id`, leadIDs, column(life, func(k *cadence.ResponseKind) string { return string(*k) }), arrived)
	if err != nil {
		return nil, fmt.Errorf("count soft bounces: %w", err)
	}
	counts := make(map[int64]int, len(rows))
	for _, r := range rows {
		counts[r.LeadID] = r.N
	}
	return counts, nil
}
