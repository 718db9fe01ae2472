package jobs

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// restEvery is how often it is looked for leads that nobody has the task to look after: they rest for good, or were named and are taken by no audience.
const (
	restEvery = 24 * time.Hour
	restBite  = 500
)

// askAfterResting has somebody asked to look after leads that rest until somebody resumes them, where no task says so: they rested before there were such
// tasks. Those that another lead named, and that neither a cadence nor anybody has by now, intake looks at again, which has somebody asked. It returns how
// many they were.
func (e *Engine) askAfterResting(ctx context.Context) (int, error) {
	now, total := e.now(), 0
	for after := int64(0); ; {
		ids, err := store.RestingUnasked(ctx, e.pool, after, restBite)
		if err != nil {
			return total, err
		}
		if len(ids) == 0 {
			break
		}
		after = ids[len(ids)-1]
		rests := make([]transition, len(ids))
		for i, id := range ids {
			rests[i] = transition{enrollmentID: id, event: cadence.RestsOn{}}
		}
		if err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error { return e.apply(ctx, tx, now, rests, nil) }); err != nil {
			return total, err
		}
		total += len(ids)
	}
	named, err := store.ReconsiderNamed(ctx, e.pool, now)
	if err != nil {
		return total, err
	}
	e.resting.done(now)
	return total + named, nil
}
