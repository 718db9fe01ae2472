package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// WorkItem is a task as a queue shows it: with its lead, and what orders it.
type WorkItem struct {
	ID           int64            `db:"id"`
	LeadID       int64            `db:"lead_id"`
	Kind         cadence.TaskKind `db:"kind"`
	State        TaskState        `db:"state"` // open, though somebody claimed it, when the claim has lapsed
	Owner        string           `db:"owner"`
	Title        string           `db:"title"`
	Why          string           `db:"why"`
	DueAt        time.Time        `db:"due_at"`
	ExpiresAt    *time.Time       `db:"expires_at"`
	ClaimedBy    string           `db:"claimed_by"`
	DoneAt       *time.Time       `db:"done_at"`
	Disposition  string           `db:"disposition"`
	SnoozedBy    string           `db:"snoozed_by"` // "" when nobody put it off
	Country      string           `db:"country"`
	Region       string           `db:"region"`
	Readiness    string           `db:"readiness"`
	Attempt      int              `db:"attempt"` // which touch of the cycle it is, or how many were made; 0: none
	Budget       int              `db:"budget"`  // touches of the cycle; 0: there was none
	RepliedAt    *time.Time       `db:"replied_at"`
	Visits       int              `db:"visits"` // links opened since the instant that was asked for
	EnrollmentID *int64           `db:"enrollment_id"`
	ItemLead
}

// WorkTab is a part of an SDR's queue.
type WorkTab string

// The tabs. Of what is over, only that of the day is shown.
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
	Owner       string    // "" is everybody
	Now         time.Time // what is due by then is due
	DayStart    time.Time // of the viewer's day: what was done since then is shown
	VisitsSince time.Time
	Limit       int
}

// workWhere is what belongs to a tab: $1 owner, $2 now, $3 start of the day.
var workWhere = map[WorkTab]string{
	TabDue:       `k.state IN ('open', 'claimed') AND k.due_at <= $2 AND ($1 = '' OR k.owner = $1)`,
	TabUpcoming:  `k.state IN ('open', 'claimed') AND k.due_at > $2 AND ($1 = '' OR k.owner = $1)`,
	TabCompleted: `k.state = 'done' AND k.done_at >= $3 AND ($1 = '' OR k.claimed_by = $1)`,
	TabSkipped:   `k.state IN ('expired', 'cancelled') AND k.done_at >= $3 AND ($1 = '' OR k.owner = $1)`,
}

// workOrder is in which order the first Limit of a tab are taken.
var workOrder = map[WorkTab]string{TabDue: `k.due_at, k.id`, TabUpcoming: `k.due_at, k.id`, TabCompleted: `k.done_at DESC, k.id`, TabSkipped: `k.done_at DESC, k.id`}

// workColumns are those of a WorkItem; $2 is now, $4 since when visits count.
const workColumns = `k.id, k.lead_id, k.kind, k.owner, k.title, k.why, k.due_at, k.expires_at, k.done_at, k.disposition, k.snoozed_by, k.enrollment_id,
	CASE WHEN k.state = 'claimed' AND k.claimed_until <= $2 THEN 'open' ELSE k.state END AS state,
	CASE WHEN k.state = 'claimed' AND k.claimed_until <= $2 THEN '' ELSE k.claimed_by END AS claimed_by,
	` + itemLeadColumns + `, l.country, l.region, l.readiness,
	coalesce(t.attempt, c.attempts, 0) AS attempt, coalesce(t.budget, c.budget, 0) AS budget,
	(SELECT max(r.at) FROM responses r WHERE r.lead_id = k.lead_id AND r.kind = 'reply') AS replied_at,
	(SELECT count(*) FROM responses r WHERE r.lead_id = k.lead_id AND r.kind = 'click' AND r.at > $4) AS visits`

const workTables = `tasks k JOIN leads l ON l.id = k.lead_id LEFT JOIN accounts a ON a.id = l.account_id LEFT JOIN touches t ON t.id = k.touch_id
	LEFT JOIN enrollments e ON e.id = k.enrollment_id LEFT JOIN cycles c ON c.lead_id = e.lead_id AND c.cycle = e.cycle`

// Work lists the tasks of a tab, at most q.Limit.
func Work(ctx context.Context, db DB, tab WorkTab, q WorkQuery) ([]WorkItem, error) {
	items, err := collect[WorkItem](ctx, db, `SELECT `+workColumns+` FROM `+workTables+` WHERE ($3::timestamptz IS NOT NULL) AND `+workWhere[tab]+
		` ORDER BY `+workOrder[tab]+` LIMIT $5`, q.Owner, q.Now, q.DayStart, q.VisitsSince, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("list %s tasks: %w", tab, err)
	}
	return items, nil
}

// CountWork counts the tasks of every tab.
func CountWork(ctx context.Context, db DB, q WorkQuery) (map[WorkTab]int, error) {
	counts := make([]int, len(WorkTabs))
	into := make([]any, len(WorkTabs))
	sql := ""
	for i, tab := range WorkTabs {
		into[i] = &counts[i]
		sql += fmt.Sprintf(`, (SELECT count(*) FROM tasks k WHERE %s)`, workWhere[tab])
	}
	if err := db.QueryRow(ctx, `SELECT `+sql[2:], q.Owner, q.Now, q.DayStart).Scan(into...); err != nil {
		return nil, fmt.Errorf("count tasks: %w", err)
	}
	byTab := map[WorkTab]int{}
	for i, tab := range WorkTabs {
		byTab[tab] = counts[i]
	}
	return byTab, nil
}
