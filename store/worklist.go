package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
)

// WorkItem is a task as a queue shows it, with its lead.
type WorkItem struct {
	ID          int64            `db:"id"`
	LeadID      int64            `db:"lead_id"`
	Kind        cadence.TaskKind `db:"kind"`
	State       TaskState        `db:"state"` // open, though somebody claimed it, when the claim has lapsed
	Owner       string           `db:"owner"`
	Title       string           `db:"title"`
	DueAt       time.Time        `db:"due_at"`
	ExpiresAt   *time.Time       `db:"expires_at"`
	ClaimedBy   string           `db:"claimed_by"`
	DoneAt      *time.Time       `db:"done_at"`
	Disposition string           `db:"disposition"`
	SnoozedBy   string           `db:"snoozed_by"` // "" when nobody put it off
	Attempt     int              `db:"attempt"`    // which touch of the cycle it is, or how many were made; 0: none
	Budget      int              `db:"budget"`     // touches of the cycle; 0: there was none
	ItemLead
}

// WorkTab is a part of an SDR's queue.
type WorkTab string

// The tabs: what can be done now, by when it is to be done; what cannot yet, for the lead named a time or somebody put it off; what is over. Of what is over, only that of the day is shown.
const (
	TabDue       WorkTab = "due"
	TabUpcoming  WorkTab = "upcoming"
	TabCompleted WorkTab = "completed"
	TabSkipped   WorkTab = "skipped"
)

// WorkTabs lists the tabs in their order.
var WorkTabs = []WorkTab{TabDue, TabUpcoming, TabCompleted, TabSkipped}

// WorkQuery says whose tasks are meant, and when now is.
type WorkQuery struct {
	Owner         string    // "" is everybody
	Now           time.Time // what can be done then is due
	DayStart      time.Time // of the viewer's day: what was done since then is shown
	VisitsSince   time.Time
	Limit, Offset int // so many are read at most, after so many others
}

// args are the query's as statements name them; each takes what it names.
func (q WorkQuery) args() pgx.NamedArgs {
	return pgx.NamedArgs{"owner": q.Owner, "now": q.Now, "day": q.DayStart, "visits": q.VisitsSince, "limit": q.Limit, "offset": q.Offset}
}

// workTabs say what belongs to a tab, whose it is, and in which order it is taken.
var workTabs = map[WorkTab]struct{ where, owner, order string }{
	TabDue:       {`k.state IN ('open', 'claimed') AND (k.not_before IS NULL OR k.not_before <= @now)`, `k.owner`, `k.due_at, k.id`},
	TabUpcoming:  {`k.state IN ('open', 'claimed') AND k.not_before > @now`, `k.owner`, `k.due_at, k.id`},
	TabCompleted: {`k.state = 'done' AND k.done_at >= @day`, `k.claimed_by`, `k.done_at DESC, k.id`},
	TabSkipped:   {`k.state IN ('expired', 'cancelled') AND k.done_at >= @day`, `k.owner`, `k.done_at DESC, k.id`},
}

// where is the condition of a tab. Everybody's leaves the owner out: a plan that must do for both would not look the owner up in the index.
func (q WorkQuery) where(tab WorkTab) string {
	if q.Owner == "" {
		return workTabs[tab].where
	}
	return workTabs[tab].where + ` AND ` + workTabs[tab].owner + ` = @owner`
}

// part picks the tasks k of a tab that are asked for, before anything is looked up for them. Everybody's are in no index by when they are due alone: from the
// index that has them by owner and due date, without reading a task, it is found where the part ends, and only those before are read.
func (q WorkQuery) part(tab WorkTab) string {
	where, order := q.where(tab), ` ORDER BY `+workTabs[tab].order
	if q.Owner == "" && (tab == TabDue || tab == TabUpcoming) {
		where += ` AND k.due_at <= coalesce((SELECT k.due_at FROM tasks k WHERE ` + where + ` ORDER BY k.due_at LIMIT 1 OFFSET @offset::bigint + @limit::bigint - 1), 'infinity')`
	}
	return `(SELECT * FROM tasks k WHERE ` + where + order + ` LIMIT @limit OFFSET @offset) k`
}

// held says who has a task k, as far as the claim has not lapsed.
const (
	heldState = `CASE WHEN k.state = 'claimed' AND k.claimed_until <= @now THEN 'open' ELSE k.state END AS state`
	heldBy    = `CASE WHEN k.state = 'claimed' AND k.claimed_until <= @now THEN '' ELSE k.claimed_by END AS claimed_by`
)

// workItem selects a WorkItem of a task k.
const workItem = `SELECT k.id, k.lead_id, k.kind, k.owner, k.title, k.due_at, k.expires_at, k.done_at, k.disposition, k.snoozed_by, ` + heldState + `, ` + heldBy + `,
	` + itemLeadColumns + `,
	coalesce(t.attempt, c.attempts, 0) AS attempt, coalesce(t.budget, c.budget, e.budget, 0) AS budget`

const workTables = `JOIN leads l ON l.id = k.lead_id LEFT JOIN accounts a ON a.id = l.account_id LEFT JOIN touches t ON t.id = k.touch_id
	LEFT JOIN enrollments e ON e.id = k.enrollment_id LEFT JOIN cycles c ON c.lead_id = e.lead_id AND c.cycle = e.cycle`

// Work lists the tasks of a tab in its order, at most q.Limit after q.Offset.
func Work(ctx context.Context, db DB, tab WorkTab, q WorkQuery) ([]WorkItem, error) {
	items, err := collect[WorkItem](ctx, db, workItem+` FROM `+q.part(tab)+` `+workTables+` ORDER BY `+workTabs[tab].order, q.args())
	if err != nil {
		return nil, fmt.Errorf("list %s tasks: %w", tab, err)
	}
	return items, nil
}

// WorkOf loads tasks in the order of their ids' list, whatever became of them; unknown ids are left out.
func WorkOf(ctx context.Context, db DB, ids []int64, now time.Time) ([]WorkItem, error) {
	items, err := collect[WorkItem](ctx, db, workItem+` FROM unnest(@ids::bigint[]) WITH ORDINALITY AS n(id, place) JOIN tasks k ON k.id = n.id `+workTables+` ORDER BY n.place`,
		pgx.NamedArgs{"ids": ids, "now": now})
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	return items, nil
}

// DueTask is a due task with what orders it.
type DueTask struct {
	ID        int64            `db:"id"`
	Kind      cadence.TaskKind `db:"kind"`
	State     TaskState        `db:"state"` // open, though somebody claimed it, when the claim has lapsed
	ClaimedBy string           `db:"claimed_by"`
	DueAt     time.Time        `db:"due_at"`
	ExpiresAt *time.Time       `db:"expires_at"`
	Readiness string           `db:"readiness"`
	RepliedAt *time.Time       `db:"replied_at"`
	Visits    int              `db:"visits"` // links opened since q.VisitsSince
	// Where its lead is.
	Zones   []string `db:"zones"`
	Country string   `db:"country"`
	Region  string   `db:"region"`
}

// DueTasks lists those that are due longest, at most q.Limit after q.Offset, with what orders them.
func DueTasks(ctx context.Context, db DB, q WorkQuery) ([]DueTask, error) {
	tasks, err := collect[DueTask](ctx, db, `SELECT k.id, k.kind, `+heldState+`, `+heldBy+`, k.due_at, k.expires_at, l.readiness, r.replied_at, r.visits, l.zones, l.country, l.region
		FROM `+q.part(TabDue)+` JOIN leads l ON l.id = k.lead_id
		CROSS JOIN LATERAL (SELECT max(r.at) FILTER (WHERE r.kind = 'reply') AS replied_at, count(*) FILTER (WHERE r.kind = 'click' AND r.at > @visits)::int AS visits
			FROM responses r WHERE r.lead_id = k.lead_id) r
		ORDER BY k.due_at, k.id`, q.args())
	if err != nil {
		return nil, fmt.Errorf("list due tasks: %w", err)
	}
	return tasks, nil
}

// CountWork counts the tasks of every tab.
func CountWork(ctx context.Context, db DB, q WorkQuery) (map[WorkTab]int, error) {
	counts := make([]int, len(WorkTabs))
	into := make([]any, len(WorkTabs))
	sql := ""
	for i, tab := range WorkTabs {
		into[i] = &counts[i]
		sql += fmt.Sprintf(`, (SELECT count(*) FROM tasks k WHERE %s)`, q.where(tab))
	}
	if err := db.QueryRow(ctx, `SELECT `+sql[2:], q.args()).Scan(into...); err != nil {
		return nil, fmt.Errorf("count tasks: %w", err)
	}
	byTab := map[WorkTab]int{}
	for i, tab := range WorkTabs {
		byTab[tab] = counts[i]
	}
	return byTab, nil
}
