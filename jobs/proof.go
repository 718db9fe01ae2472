package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// believeProofs records mails as sent whose answers were lost, or that seemed not to have left: what answers a mail proves that it did, and it must not be
// sent again when the cadence goes on. One that a worker has in hand is left to that worker.
func (e *Engine) believeProofs(ctx context.Context, tx pgx.Tx, now time.Time, touches map[int64]store.TouchRef) error {
	var results []store.TouchResult
	for id, t := range touches {
		open := t.State == store.TouchUnknown || t.Tries > 0 && t.State != store.TouchSent && t.State != store.TouchClaimed
		if open && t.Channel == cadence.ChannelEmail {
			results = append(results, store.TouchResult{TouchID: id, State: store.TouchSent, Detail: "the lead's answer proves it", NotBefore: now})
		}
	}
	if len(results) == 0 {
		return nil
	}
	return e.recordIn(ctx, tx, now, results)
}
