package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// RecordBelated records those of the results that say sent of touches that were tried, and then skipped or failed because they seemed not to have left:
// a call reports of which the voice provider's list knew nothing, or a process that was given up knows its server's answer after all. They count as sent
// since they were claimed, and take the capacity again that skipping gave back. The caller holds the locks of the enrolments.
func RecordBelated(ctx context.Context, db DB, results []TouchResult, now time.Time) ([]RecordedTouch, error) {
	sent := slices.DeleteFunc(slices.Clone(results), func(r TouchResult) bool { return r.State != TouchSent })
	if len(sent) == 0 {
		return nil, nil
	}
	type row = TouchResult
	recorded, err := collect[RecordedTouch](ctx, db, `
		WITH belated AS MATERIALIZED (
			SELECT n.*, t.state, t.channel, t.sender, t.domain, t.planned_at
			FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
				AS n(id, detail, message_id, provider_id, cost_micros, claimed_by)
			JOIN touches t ON t.id = n.id
			WHERE n.claimed_by IN ('', t.claimed_by) AND `+stateByID+` IN ('skipped', 'failed') AND t.tries > 0 AND t.attempt IS NOT NULL
		), taken AS (
			INSERT INTO capacity_taken (channel, sender, domain, at, n)
			SELECT channel, sender, domain, planned_at, count(DISTINCT id) FROM belated WHERE state = 'skipped' GROUP BY channel, sender, domain, planned_at
		)
		UPDATE touches t SET state = 'sent', reason = '', detail = n.detail, message_id = coalesce(nullif(n.message_id, ''), t.message_id),
			provider_id = coalesce(nullif(n.provider_id, ''), t.provider_id), cost_micros = t.cost_micros + n.cost_micros,
			sent_at = coalesce(t.sent_at, t.claimed_at, $1)
		FROM belated n WHERE t.id = n.id
		RETURNING t.id, t.enrollment_id, t.step, t.run, t.channel, t.state, t.reason, t.tries`,
		now, column(sent, func(r *row) int64 { return r.TouchID }), column(sent, func(r *row) string { return Clean(r.Detail) }),
		column(sent, func(r *row) string { return r.MessageID }), column(sent, func(r *row) string { return Clean(r.ProviderID) }),
		column(sent, func(r *row) int64 { return r.CostMicros }), column(sent, func(r *row) string { return r.ClaimedBy }))
	if err != nil {
		return nil, fmt.Errorf("record belated touches: %w", err)
	}
	return recorded, nil
}
