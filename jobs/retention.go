package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/store"
)

const (
	// retainEvery is how often a process looks for what is kept too long: days are what is counted in.
	retainEvery = time.Hour
	retainBite  = 200 // mails, whose bytes may be many
)

// retain lets go what the configuration says is kept long enough, in small bites, once an hour. Without a word of it nothing is let go and
// nothing is asked.
func (e *Engine) retain(ctx context.Context, current *live) (int, error) {
	keep := current.config.Settings.Retention.UnmatchedMail
	if keep == 0 || !e.retention.due(e.now(), retainEvery) {
		return 0, nil
	}
	note := fmt.Sprintf("set aside after %d days in which nobody took it", int(keep.Hours())/24)
	total := 0
	for {
		n := 0
		err := e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
			ids, err := store.SetOldInboundsAside(ctx, tx, now.Add(-keep), note, retainBite)
			n = len(ids)
			return err
		})
		total += n
		if err == nil && n == retainBite {
			continue
		}
		if err == nil {
			e.retention.done(e.now())
		}
		if total > 0 {
			e.log.InfoContext(ctx, "mails that nobody took are set aside", "mails", total, "after", keep)
		}
		return total, err
	}
}
