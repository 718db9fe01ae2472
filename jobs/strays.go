package jobs

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// While a configuration is made live, others go on by the one before: an import gives leads to its mailboxes and SDRs, and enrolments are saved to
// wait for them, or for the limit of a domain. What the apply could not see would wait for ever for somebody who is not there any more.
const (
	strayEvery = time.Minute
	strayBite  = 1000
)

// gatherStrays has enrolments that wait for a mailbox, an SDR or a domain's limit that the configuration in force does not have wait for one that
// it has, and their leads with them; and gives tasks of SDRs who are gone to those who are there. It returns how many they were.
func (e *Engine) gatherStrays(ctx context.Context, current *live) (int, error) {
	now := e.now()
	allowances, err := current.config.Settings.AllowancesAt(e.desk, now)
	if err != nil {
		return 0, err
	}
	rooms := allowances.Rooms()
	total, err := e.giveStrayTasks(ctx, ownersOf(current.config))
	if err != nil {
		return total, err
	}
	for {
		strays, err := store.StrayRooms(ctx, e.pool, rooms)
		if err != nil {
			return total, err
		}
		strays = slices.DeleteFunc(strays, func(stray store.Room) bool { // where nobody calls, calls wait for somebody who does
			return !slices.ContainsFunc(rooms, func(room store.Room) bool { return room.Channel == stray.Channel })
		})
		n, err := e.gather(ctx, current, rooms, strays)
		if total += n; err != nil {
			return total, err
		}
		if n == 0 {
			e.straying.done(now)
			return total, nil
		}
	}
}

// giveStrayTasks gives the tasks of who is none of owners to one of them. A task that was opened by the configuration before, and is committed after the
// apply has given away all that it saw, would be in nobody's queue.
func (e *Engine) giveStrayTasks(ctx context.Context, owners []string) (int, error) {
	if len(owners) == 0 {
		return 0, nil
	}
	for total := 0; ; {
		ids, err := store.StrayTasks(ctx, e.pool, owners, strayBite)
		if err != nil || len(ids) == 0 {
			return total, err
		}
		n := 0
		err = e.inTx(ctx, func(tx pgx.Tx, _ time.Time) error {
			_, err := store.LockTasks(ctx, tx, ids)
			if err == nil {
				n, err = store.GiveTasks(ctx, tx, ids, owners)
			}
			return err
		})
		if total += n; err != nil || n == 0 {
			return total, err
		}
	}
}

// gather is gatherStrays for some of those that wait in strays.
func (e *Engine) gather(ctx context.Context, current *live, rooms, strays []store.Room) (n int, err error) {
	if len(strays) == 0 {
		return 0, nil
	}
	err = e.inTx(ctx, func(tx pgx.Tx, _ time.Time) error {
		n = 0
		ids, err := store.WaitingIn(ctx, tx, strays, strayBite)
		if err != nil {
			return err
		}
		if err := store.LockOnly(ctx, tx, ids); err != nil {
			return err
		}
		if err := store.ResettleThose(ctx, tx, ids, mailboxesOf(current.config), ownersOf(current.config)); err != nil {
			return err
		}
		rows, err := store.LoadPlainEnrollments(ctx, tx, ids)
		if err != nil {
			return err
		}
		var moved []int64
		var into []store.Room
		for i := range rows {
			row := &rows[i]
			room := waysOf(row, current.config.Settings).Room(cadence.Channel(row.Channel))
			if row.DueAt != nil && room != roomIn(row) && slices.Contains(rooms, room) {
				moved, into = append(moved, row.ID), append(into, room)
			}
		}
		n = len(moved)
		return store.SetRooms(ctx, tx, moved, into)
	})
	return n, err
}
