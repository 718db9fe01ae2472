package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/config"
	"nurture/store"
)

// planAhead is how many touches of a channel and sender are planned ahead of what is claimed, at most: more than any way out carries from one
// tick to the next, few enough that what is planned is soon sent. Before a long backlog the rest stays due: it can still be overtaken by what is
// more urgent, and holds neither rows nor jobs. Touches that wait for another try do not count: a server's refusals must not keep other
// servers' mail back.
const planAhead = 2000

// ahead is how many more touches may be planned when so many are ready to be claimed. It opens only when there is room for a good part, so
// that the planner does not follow each claim with a bite of its own.
func (e *Engine) ahead(ready int) int {
	if free := e.planAhead - ready; free >= max(e.planAhead/4, 1) {
		return free
	}
	return 0
}

// openRooms are the rooms that may have something left at now. The first is for work that takes no capacity.
func (e *Engine) openRooms(current *live, now time.Time) ([]store.Room, error) {
	a, err := current.config.Settings.AllowancesAt(e.desk, now)
	if err != nil {
		return nil, err
	}
	return e.closed.Open(a, current.version.ID, now), nil
}

// measure fills in what each room can still take, and leaves out those that can take nothing, whose mailbox is paused, for which enough is
// planned ahead, or that another process is planning for just now, so that both do not take the same room. Until the transaction ends nobody
// else measures them.
func (e *Engine) measure(ctx context.Context, tx pgx.Tx, current *live, rooms []store.Room, now time.Time) ([]store.Room, error) {
	a, err := current.config.Settings.AllowancesAt(e.desk, now)
	if err != nil {
		return nil, err
	}
	var spenders []store.Spender
	for _, room := range rooms {
		for _, s := range room.Spenders() {
			if !slices.Contains(spenders, s) {
				spenders = append(spenders, s)
			}
		}
	}
	left, err := e.measureSpenders(ctx, tx, a, spenders, now)
	if err != nil {
		return nil, err
	}
	paused, err := store.PausedSenders(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read which mailboxes are paused: %w", err)
	}
	return slices.DeleteFunc(cadence.FitRooms(rooms, left), func(room store.Room) bool {
		_, held := paused[room.Sender]
		return held && room.Channel == string(cadence.ChannelEmail)
	}), nil
}

// measureSpenders says what may be taken of allowances now; nothing of one that another process holds. One that is spent is remembered as
// closed.
func (e *Engine) measureSpenders(ctx context.Context, tx pgx.Tx, a cadence.Allowances, spenders []store.Spender, now time.Time) (map[store.Spender]int, error) {
	left := map[store.Spender]int{}
	if len(spenders) == 0 {
		return left, nil
	}
	names := make([]string, len(spenders))
	for i, s := range spenders {
		names[i] = spenderName(s)
	}
	ours, err := store.TryLocks(ctx, tx, names)
	if err != nil {
		return nil, fmt.Errorf("lock senders: %w", err)
	}
	used, err := store.UsedSince(ctx, tx, spenders, a.Midnight, cadence.HourBefore(now), now) // after the locks, so that it sees what others took before
	if err != nil {
		return nil, err
	}
	for _, s := range spenders {
		if !slices.Contains(ours, spenderName(s)) {
			continue
		}
		left[s] = min(e.closed.Left(a, s, used[s].Used, now), e.ahead(used[s].Ready))
	}
	return left, nil
}

func spenderName(s store.Spender) string {
	if s.Domain != "" {
		return "domain " + s.Domain
	}
	return s.Channel + " " + s.Sender
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// waysOf are whose capacity an enrolment's touches take.
func waysOf(row *store.Enrollment, settings config.Settings) cadence.Ways {
	return cadence.Ways{Mailbox: row.Mailbox, Owner: row.Owner, Domain: settings.Mail.ThrottledDomain(row.Email)}
}

// roomIn is the room that an enrolment was saved to wait in.
func roomIn(row *store.Enrollment) store.Room {
	return store.Room{Channel: row.Channel, Sender: row.Sender, Domain: row.Domain}
}
