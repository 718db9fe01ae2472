package store

import (
	"cmp"
	"context"
	"fmt"
	"time"
)

// HandoffItem is a handoff as a list shows it: with its lead and what was said of it last.
type HandoffItem struct {
	ID          int64        `db:"id"`
	LeadID      int64        `db:"lead_id"`
	State       HandoffState `db:"state"`
	Rep         string       `db:"rep"`
	Missing     []string     `db:"missing"`
	CreatedAt   time.Time    `db:"created_at"`
	OfferedAt   *time.Time   `db:"offered_at"`
	RespondBy   *time.Time   `db:"respond_by"`
	EscalatedAt *time.Time   `db:"escalated_at"`
	DecidedAt   *time.Time   `db:"decided_at"`
	DecidedBy   string       `db:"decided_by"`
	Reason      string       `db:"reason"`
	Outcome     Outcome      `db:"outcome"` // the latest; "" while there is none
	AmountCents int64        `db:"amount_cents"`
	Currency    string       `db:"currency"`
	OutcomeAt   *time.Time   `db:"outcome_at"`
	ItemLead
}

// ItemLead is who a task or handoff in a list is about.
type ItemLead struct {
	FirstName string   `db:"first_name"`
	LastName  string   `db:"last_name"`
	LeadEmail string   `db:"email"`
	LeadKey   string   `db:"key"`
	LeadTitle string   `db:"lead_title"`
	Company   string   `db:"company"`
	Zones     []string `db:"zones"` // none: not known
}

// LeadName is how the lead is called.
func (l *ItemLead) LeadName() string {
	return (&Lead{FirstName: l.FirstName, LastName: l.LastName, Email: l.LeadEmail, Key: l.LeadKey}).FullName()
}

// itemLeadColumns are those of an ItemLead.
const itemLeadColumns = `l.first_name, l.last_name, l.email, l.key, l.title AS lead_title, l.zones, coalesce(a.name, '') AS company`

// HandoffTab is a part of the list of handoffs.
type HandoffTab string

// The tabs. Mine is what waits for one person's answer; closed ones are won, lost or withdrawn.
const (
	HandoffsMine     HandoffTab = "mine"
	HandoffsWaiting  HandoffTab = "waiting"
	HandoffsAccepted HandoffTab = "accepted"
	HandoffsRejected HandoffTab = "rejected"
	HandoffsClosed   HandoffTab = "closed"
	HandoffsBlocked  HandoffTab = "blocked"
)

// HandoffTabs lists the tabs in their order.
func HandoffTabs() []HandoffTab {
	return []HandoffTab{HandoffsMine, HandoffsWaiting, HandoffsAccepted, HandoffsRejected, HandoffsClosed, HandoffsBlocked}
}

// HandoffQuery says whose handoffs are meant.
type HandoffQuery struct {
	Answers string // whose answers HandoffsMine is about
	Leads   bool   // that one leads the reps: what escalated waits for the answer too
	Rep     string // the other tabs are of this rep alone; "" is everybody's
	Before  int64  // only those with a smaller id, to go on where a list ended; 0 is from the newest. Waiting ones are not listed by id
	Limit   int
}

// handoffWhere is what belongs to a tab: $1 who answers, $2 whether that one leads, $3 rep.
var handoffWhere = map[HandoffTab]string{
	HandoffsMine:     `h.state IN ` + waitingStates + ` AND (h.rep = $1 OR $2::bool AND h.state = 'escalated')`,
	HandoffsWaiting:  `h.state IN ` + waitingStates,
	HandoffsAccepted: `h.state = 'accepted' AND ($3 = '' OR h.rep = $3)`,
	HandoffsRejected: `h.state = 'rejected' AND ($3 = '' OR h.rep = $3)`,
	HandoffsClosed:   `h.state IN ('won', 'lost', 'withdrawn') AND ($3 = '' OR h.rep = $3)`,
	HandoffsBlocked:  `h.state = 'blocked'`,
}

// Urgent says whether a tab lists first what is to be answered first; the others list the newest first.
func (t HandoffTab) Urgent() bool { return t == HandoffsMine || t == HandoffsWaiting }

// ListHandoffs lists the handoffs of a tab, at most q.Limit.
func ListHandoffs(ctx context.Context, db DB, tab HandoffTab, q HandoffQuery) ([]HandoffItem, error) {
	order := `h.id DESC`
	if tab.Urgent() {
		order, q.Before = `h.respond_by, h.id`, 0
	}
	q.Before = cmp.Or(q.Before, newest)
	items, err := collect[HandoffItem](ctx, db, `
		SELECT h.id, h.lead_id, h.state, h.rep, h.missing, h.created_at, h.offered_at, h.respond_by, h.escalated_at, h.decided_at, h.decided_by, h.reason,
			coalesce(o.outcome, '') AS outcome, coalesce(o.amount_cents, 0) AS amount_cents, coalesce(o.currency, '') AS currency, o.at AS outcome_at,
			`+itemLeadColumns+`
		FROM (SELECT * FROM handoffs h WHERE ($1::text IS NOT NULL AND $2::bool IS NOT NULL AND $3::text IS NOT NULL) AND `+handoffWhere[tab]+`
			AND h.id < $4 ORDER BY `+order+` LIMIT $5) h
		JOIN leads l ON l.id = h.lead_id LEFT JOIN accounts a ON a.id = l.account_id
		LEFT JOIN LATERAL (SELECT * FROM handoff_outcomes o WHERE o.handoff_id = h.id ORDER BY o.id DESC LIMIT 1) o ON true
		ORDER BY `+order, q.Answers, q.Leads, q.Rep, q.Before, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("list %s handoffs: %w", tab, err)
	}
	return items, nil
}

// CountHandoffs counts the handoffs of every tab, as far as most: a count above most is most + 1.
func CountHandoffs(ctx context.Context, db DB, q HandoffQuery, most int) (map[HandoffTab]int, error) {
	tabs := HandoffTabs()
	counts := make([]int, len(tabs))
	into := make([]any, len(tabs))
	sql := ""
	for i, tab := range tabs {
		into[i] = &counts[i]
		sql += fmt.Sprintf(`, (SELECT count(*) FROM (SELECT FROM handoffs h WHERE %s LIMIT $4) n)`, handoffWhere[tab])
	}
	if err := db.QueryRow(ctx, `SELECT `+sql[2:], q.Answers, q.Leads, q.Rep, most+1).Scan(into...); err != nil {
		return nil, fmt.Errorf("count handoffs: %w", err)
	}
	byTab := map[HandoffTab]int{}
	for i, tab := range tabs {
		byTab[tab] = counts[i]
	}
	return byTab, nil
}

// RepLoad is what a rep has on the desk.
type RepLoad struct {
	Rep      string `db:"rep"`
	Waiting  int    `db:"waiting"`  // for an answer
	Late     int    `db:"late"`     // of these, not answered in time
	Accepted int    `db:"accepted"` // taken on, and neither won nor lost yet
}

// RepLoads counts what the reps have on their desks; one with nothing is not among them.
func RepLoads(ctx context.Context, db DB) ([]RepLoad, error) {
	return collect[RepLoad](ctx, db, `SELECT rep, count(*) FILTER (WHERE state IN `+waitingStates+`)::int AS waiting,
			count(*) FILTER (WHERE state = 'escalated')::int AS late, count(*) FILTER (WHERE state = 'accepted')::int AS accepted
		FROM handoffs WHERE state IN ('offered', 'escalated', 'accepted') GROUP BY rep ORDER BY rep`)
}

// LastCurrency is the currency of the amount that was recorded last; "" before the first.
func LastCurrency(ctx context.Context, db DB) (string, error) {
	found, err := scalars[string](ctx, db, `SELECT currency FROM handoff_outcomes WHERE currency <> '' ORDER BY id DESC LIMIT 1`)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}
