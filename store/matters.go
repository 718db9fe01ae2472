package store

import (
	"context"
	"fmt"
	"time"
)

// Matters counts what waits for a person's decision, and says since when; nil when nothing does.
type Matters struct {
	Unmatched      int        `db:"unmatched"` // mails that nobody could be found for
	UnmatchedSince *time.Time `db:"unmatched_since"`
	Unknown        int        `db:"unknown"` // touches of which nobody can tell whether they were sent
	UnknownSince   *time.Time `db:"unknown_since"`
	Referrals      int        `db:"referrals"` // people whom leads named
	ReferralsSince *time.Time `db:"referrals_since"`
	Escalated      int        `db:"escalated"` // handoffs that sales left unanswered beyond their time
	EscalatedSince *time.Time `db:"escalated_since"`
}

// CountMatters counts what waits for a person's decision. Each count is by an index of just that.
func CountMatters(ctx context.Context, db DB) (Matters, error) {
	m, err := one[Matters](ctx, db, `SELECT mail.n AS unmatched, mail.since AS unmatched_since, touch.n AS unknown, touch.since AS unknown_since,
			named.n AS referrals, named.since AS referrals_since, handoff.n AS escalated, handoff.since AS escalated_since
		FROM (SELECT count(*)::int AS n, min(received_at) AS since FROM inbound_mails WHERE state = 'unmatched') mail,
			(SELECT count(*)::int AS n, min(claimed_at) AS since FROM touches WHERE state = 'unknown') touch,
			(SELECT count(*)::int AS n, min(proposed_at) AS since FROM referrals WHERE state = 'proposed') named,
			(SELECT count(*)::int AS n, min(escalated_at) AS since FROM handoffs WHERE state = 'escalated') handoff`)
	if err != nil {
		return m, fmt.Errorf("count what waits for a decision: %w", err)
	}
	return m, nil
}
