package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
)

// NewTouch is a touch to be written into the ledger: planned, or skipped with a reason.
type NewTouch struct {
	EnrollmentID, LeadID int64
	Cycle, Budget        int
	Attempts             int // that were spent in the cycle
	Step, Run            int
	StepKey              string
	Channel              cadence.Channel
	Variant              cadence.Variant
	Sender, Address      string
	Domain               string // of the address, when it has a throttle; "" else
	State                TouchState
	Reason               cadence.Reason
	WindowEnds           time.Time
}

// TouchState is how far a touch has come; docs/state-machines.md draws the moves.
type TouchState string

// The touch states.
const (
	TouchPlanned TouchState = "planned"
	TouchClaimed TouchState = "claimed"
	TouchSent    TouchState = "sent"
	TouchSkipped TouchState = "skipped"
	TouchFailed  TouchState = "failed"
	TouchUnknown TouchState = "unknown"
)

// Alarm names a touch that needs a River job, and whose it is.
type Alarm struct {
	TouchID int64           `db:"id"`
	Channel cadence.Channel `db:"channel"`
	Sender  string          `db:"sender"`
}

// InsertTouches writes touches into the ledger and returns an alarm for every planned one. A touch that was skipped before it
// left, by a pause or a closed window, and is planned again for the same step run, comes back to life.
func InsertTouches(ctx context.Context, db DB, rows []NewTouch, now time.Time) ([]Alarm, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	type row = NewTouch
	var first []int64
	for i := range rows {
		if rows[i].Attempts == 0 {
			first = append(first, rows[i].EnrollmentID)
		}
	}
	if err := countCycles(ctx, db, `id`, first); err != nil {
		return nil, err
	}
	alarms, err := collect[Alarm](ctx, db, `
		WITH written AS (
			INSERT INTO touches AS t (enrollment_id, lead_id, cycle, budget, step, run, step_key, channel, template, variant, sender,
				address, state, reason, window_ends_at, topic, domain, planned_at, not_before, alarmed_at)
			SELECT n.*, $1, $1, $1
			FROM unnest($2::bigint[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::int[], $8::text[], $9::text[], $10::text[],
				$11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::timestamptz[], $17::text[], $18::text[]) AS n
			ON CONFLICT (enrollment_id, step, run) DO UPDATE SET state = excluded.state, reason = excluded.reason,
				sender = excluded.sender, address = excluded.address, template = excluded.template, variant = excluded.variant, topic = excluded.topic, domain = excluded.domain,
				window_ends_at = excluded.window_ends_at, planned_at = $1, not_before = $1, alarmed_at = $1
				WHERE t.state = 'skipped'
			RETURNING t.id, t.channel, t.sender, t.domain, t.state
		), taken AS (
			INSERT INTO capacity_taken (channel, sender, domain, at, n)
			SELECT channel, sender, domain, $1, count(*) FROM written WHERE state = 'planned' GROUP BY channel, sender, domain
		)
		SELECT id, channel, sender FROM written WHERE state = 'planned' ORDER BY id`,
		now,
		column(rows, func(r *row) int64 { return r.EnrollmentID }), column(rows, func(r *row) int64 { return r.LeadID }),
		column(rows, func(r *row) int { return r.Cycle }), column(rows, func(r *row) int { return r.Budget }),
		column(rows, func(r *row) int { return r.Step }), column(rows, func(r *row) int { return r.Run }),
		column(rows, func(r *row) string { return r.StepKey }), column(rows, func(r *row) string { return string(r.Channel) }),
		column(rows, func(r *row) string { return r.Variant.Template }), column(rows, func(r *row) string { return r.Variant.Name }),
		column(rows, func(r *row) string { return r.Sender }), column(rows, func(r *row) string { return r.Address }),
		column(rows, func(r *row) string { return string(r.State) }), column(rows, func(r *row) string { return string(r.Reason) }),
		column(rows, func(r *row) time.Time { return r.WindowEnds }), column(rows, func(r *row) string { return r.Variant.Topic }),
		column(rows, func(r *row) string { return r.Domain }))
	if err != nil {
		return nil, fmt.Errorf("plan touches: %w", err)
	}
	return alarms, nil
}

// What bars a touch t: the claim and the words for its refusal must mean the same.
// The address says which suppressions count, not the channel: a mail that a person writes is a task, as a call is.
var touchSuppressed = suppressedSQL("CASE WHEN t.address LIKE '%@%' THEN 'email' ELSE 'phone' END", "t.address", domainSQL("t.address"))

const (
	topicOff     = `t.topic <> '' AND EXISTS (SELECT FROM leads l WHERE l.id = t.lead_id AND t.topic = ANY(l.topics_off))`
	senderPaused = `t.sender IN (SELECT m.mailbox FROM senders m WHERE m.paused_at IS NOT NULL)`
)

// ClaimTouches takes planned touches for the worker me, rechecking in the same statement all that may have been committed since
// they were planned: the enrolment still runs and stands at this step, nothing is suppressed, its topic is not switched off, its mailbox is not paused, the budget has room,
// the window is open. Each claim spends an attempt of the cycle unless the touch has one already. It returns what it took with all that rendering
// needs, in the order of ids; the caller asks RefusalFacts about the others. Run it in a transaction that commits before anything is sent (K1, K2).
func ClaimTouches(ctx context.Context, db DB, ids []int64, me string, now time.Time) ([]Outgoing, error) {
	var batch pgx.Batch
	batch.Queue(lockEnrollmentsOf, ids)
	batch.Queue(claimTouches, ids, me, now)
	results := db.SendBatch(ctx, &batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return nil, fmt.Errorf("lock enrolments of touches: %w", err)
	}
	rows, err := results.Query()
	if err != nil {
		return nil, fmt.Errorf("claim touches: %w", err)
	}
	taken, err := pgx.CollectRows(rows, pgx.RowToStructByName[Outgoing])
	if err != nil {
		return nil, fmt.Errorf("claim touches: %w", err)
	}
	return taken, results.Close()
}

var claimTouches = `
	WITH candidate AS (
		SELECT t.id, t.lead_id, t.cycle, t.attempt
		FROM unnest($1::bigint[]) AS n(id) JOIN touches t ON t.id = n.id
		JOIN enrollments e ON e.id = t.enrollment_id
		WHERE ` + stateByID + ` = 'planned' AND t.not_before <= $3 AND t.window_ends_at > $3
			AND e.state = 'active' AND e.step = t.step AND e.run = t.run
			AND t.address <> ''
			AND (t.channel <> 'voicemail' OR EXISTS (SELECT FROM leads l WHERE l.id = t.lead_id AND l.consent_voicemail IS NOT NULL))
			AND (t.channel <> 'email' OR NOT ` + senderPaused + `)
			AND NOT (` + topicOff + `)
			AND NOT ` + touchSuppressed + `
	), spent AS ( -- it names its touches itself: a join with candidate would compare each with each, as both seem to hold one row
		UPDATE cycles c SET attempts = c.attempts + (k.attempt IS NULL)::int FROM candidate k
		WHERE c.lead_id = k.lead_id AND c.cycle = k.cycle AND (k.attempt IS NOT NULL OR c.attempts < c.budget)
		RETURNING k.id, coalesce(k.attempt, c.attempts) AS attempt, c.attempts, c.budget
	), t AS (
		UPDATE touches t SET state = 'claimed', claimed_at = $3, claimed_by = $2, tries = t.tries + 1, attempt = spent.attempt
		FROM spent WHERE t.id = spent.id
		RETURNING t.id, t.enrollment_id, t.channel, t.step_key, t.template, t.sender, t.address, t.attempt, t.tries, t.claimed_at, spent.attempts, spent.budget
	)
	SELECT ` + outgoingColumns + `
	FROM t CROSS JOIN LATERAL (SELECT t.attempts, t.budget) c -- as the update left it
	JOIN LATERAL (SELECT e.* FROM enrollments e WHERE e.id = t.enrollment_id OFFSET 0) e ON true
	JOIN cadence_versions v ON v.id = e.cadence_version_id JOIN leads l ON l.id = e.lead_id LEFT JOIN accounts a ON a.id = l.account_id
	ORDER BY t.id`

// lockEnrollmentsOf locks the enrolments of touches in the order of ids, and so everything that hangs on them (docs/decisions/0004).
const lockEnrollmentsOf = `SELECT e.id FROM unnest($1::bigint[]) AS n(id) JOIN touches t ON t.id = n.id JOIN enrollments e ON e.id = t.enrollment_id
	ORDER BY e.id FOR UPDATE OF e`

// stateByID is a touch's state where the touch is found by its id or its enrolment. The partial indexes by state must not be taken for that: what is in
// flight comes and goes faster than statistics follow, so Postgres takes them for empty and reads all of them for each touch.
const stateByID = `(t.state || '')`

// StillPlanned keeps those of ids whose touch is planned, in their order.
func StillPlanned(ctx context.Context, db DB, ids []int64) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT n.id FROM unnest($1::bigint[]) WITH ORDINALITY AS n(id, ord)
		JOIN touches t ON t.id = n.id WHERE `+stateByID+` = 'planned' ORDER BY n.ord`, ids)
}

// PlannedBefore keeps those of ids whose touch was planned before an instant and leaves from one of the mailboxes or goes to one of the domains.
func PlannedBefore(ctx context.Context, db DB, ids []int64, mailboxes, domains []string, before time.Time) ([]int64, error) {
	old, err := scalars[int64](ctx, db, `SELECT t.id FROM unnest($1::bigint[]) AS n(id) JOIN touches t ON t.id = n.id
		WHERE t.planned_at < $4 AND (t.sender = ANY($2) OR t.domain = ANY($3))`, ids, mailboxes, domains, before)
	if err != nil {
		return nil, fmt.Errorf("look for touches that were planned long ago: %w", err)
	}
	return old, nil
}

// LockEnrollmentsOf locks the enrolments of touches, waiting for whoever holds one.
func LockEnrollmentsOf(ctx context.Context, db DB, touchIDs []int64) error {
	if _, err := db.Exec(ctx, lockEnrollmentsOf, touchIDs); err != nil {
		return fmt.Errorf("lock enrolments of touches: %w", err)
	}
	return nil
}

// Refusal is what was found about a touch that could not be claimed.
type Refusal struct {
	TouchID      int64     `db:"id"`
	EnrollmentID int64     `db:"enrollment_id"`
	State        string    `db:"state"`
	Step         int       `db:"step"`
	Run          int       `db:"run"`
	NotBefore    time.Time `db:"not_before"`
	WindowEnds   time.Time `db:"window_ends_at"`
	Address      string    `db:"address"`
	HasAttempt   bool      `db:"has_attempt"`
	Attempts     int       `db:"attempts"`
	Budget       int       `db:"budget"`
	Enrollment   string    `db:"enrollment_state"`
	AtStep       bool      `db:"at_step"`
	Suppressed   bool      `db:"suppressed"`
	NoConsent    bool      `db:"no_consent"`
	TopicOff     bool      `db:"topic_off"`
	Held         bool      `db:"held"` // its mailbox is paused
}

// RefusalFacts reads why touches could not be claimed; the core names the reason.
func RefusalFacts(ctx context.Context, db DB, ids []int64) ([]Refusal, error) {
	return collect[Refusal](ctx, db, `
		SELECT t.id, t.enrollment_id, t.state, t.step, t.run, t.not_before, t.window_ends_at, t.address, t.attempt IS NOT NULL AS has_attempt,
			c.attempts, c.budget, e.state AS enrollment_state, e.step = t.step AND e.run = t.run AS at_step,
			`+touchSuppressed+` AS suppressed,
			t.channel = 'voicemail' AND l.consent_voicemail IS NULL AS no_consent,
			`+topicOff+` AS topic_off,
			t.channel = 'email' AND `+senderPaused+` AS held
		FROM touches t JOIN enrollments e ON e.id = t.enrollment_id JOIN leads l ON l.id = t.lead_id
		JOIN cycles c ON c.lead_id = t.lead_id AND c.cycle = t.cycle
		WHERE t.id = ANY($1) ORDER BY t.id`, ids)
}

// Outgoing is a claimed touch with all that rendering it needs.
type Outgoing struct {
	TouchID      int64           `db:"touch_id"`
	TouchChannel cadence.Channel `db:"touch_channel"`
	StepKey      string          `db:"step_key"`
	Template     string          `db:"template"`
	TouchFrom    string          `db:"touch_sender"`
	Address      string          `db:"address"`
	Attempt      int             `db:"attempt"`
	Tries        int             `db:"tries"`       // this one included
	ClaimedAt    *time.Time      `db:"claimed_at"`  // nil: never yet
	References   []string        `db:"message_ids"` // of the emails this lead was sent before in this enrolment, oldest first
	Enrollment
}

// outgoingColumns select an Outgoing; the alias of touches is t. The address that a touch goes to is not looked up among the suppressions: the
// claim asks.
var outgoingColumns = `t.id AS touch_id, t.channel AS touch_channel, t.step_key, t.template,
	t.sender AS touch_sender, t.address, coalesce(t.attempt, 0) AS attempt, t.tries, t.claimed_at,
	ARRAY(SELECT p.message_id FROM touches p WHERE p.enrollment_id = t.enrollment_id AND p.channel = 'email'
		AND t.channel = 'email' AND p.message_id <> '' AND p.id <> t.id AND p.state IN ('sent', 'unknown')
		ORDER BY p.step, p.run) AS message_ids,
	` + enrollmentOwnColumns + leadOwnColumns + `,
	l.email <> t.address AND ` + emailSuppressed + ` AS email_suppressed, l.phone <> t.address AND ` + phoneSuppressed + ` AS phone_suppressed`

// LoadOutgoing loads touches that were claimed before for rendering, in the order of ids.
func LoadOutgoing(ctx context.Context, db DB, ids []int64) ([]Outgoing, error) {
	return collect[Outgoing](ctx, db, `SELECT `+outgoingColumns+`
		FROM (SELECT t.* FROM unnest($1::bigint[]) AS n(id) JOIN touches t ON t.id = n.id OFFSET 0) t
		JOIN LATERAL (SELECT e.* FROM enrollments e WHERE e.id = t.enrollment_id OFFSET 0) e ON true
		`+enrollmentJoins+` ORDER BY t.id`, ids)
}

// TemplatesHad lists the templates that leads were sent, or perhaps were, over all cadences: lead id → templates, as cadence.Had names them.
func TemplatesHad(ctx context.Context, db DB, leadIDs []int64) (map[int64][]string, error) {
	type row struct {
		LeadID   int64           `db:"lead_id"`
		Channel  cadence.Channel `db:"channel"`
		Template string          `db:"template"`
	}
	rows, err := collect[row](ctx, db, `SELECT DISTINCT lead_id, channel, template FROM touches
		WHERE lead_id = ANY($1) AND state IN ('claimed', 'sent', 'unknown') AND template <> '' ORDER BY lead_id, channel, template`, leadIDs)
	if err != nil {
		return nil, fmt.Errorf("look up what leads were sent: %w", err)
	}
	had := map[int64][]string{}
	for _, r := range rows {
		had[r.LeadID] = append(had[r.LeadID], cadence.Had(r.Channel, r.Template))
	}
	return had, nil
}

// TouchResult is what became of a touch.
type TouchResult struct {
	TouchID    int64
	State      TouchState
	Reason     cadence.Reason
	Detail     string
	MessageID  string
	ProviderID string
	CostMicros int64
	NotBefore  time.Time // TouchPlanned: not before this
	NotTried   bool      // its claim counts for no try: the provider has not seen the touch, or has had enough of its sender
	// Claimed is the touch's enrolment as it was when the touch was claimed; nil is not known. It spares what follows loading the lead again.
	Claimed *Enrollment
	// ClaimedBy, unless "", makes the result count only while the touch is in that worker's hands: what is said of a dead worker's
	// touch must not hit the same touch in the hands of a living one. To plan a touch again takes a claim that still stands: that of ClaimedAt,
	// where it is known.
	ClaimedBy string
	ClaimedAt *time.Time
}

// RecordedTouch is a touch whose result was recorded.
type RecordedTouch struct {
	TouchID      int64           `db:"id"`
	EnrollmentID int64           `db:"enrollment_id"`
	Step         int             `db:"step"`
	Run          int             `db:"run"`
	Channel      cadence.Channel `db:"channel"`
	State        TouchState      `db:"state"`
	Reason       string          `db:"reason"`
	Tries        int             `db:"tries"`
}

// RecordTouches writes results. A result for a touch that is settled already changes nothing and is not returned, save that
// sent or failed settles unknown. A touch that goes back to planned waits for a new alarm. A touch that ends without having
// left (skipped, or failed for a reason of ours) gives its attempt back to the cycle when it was the latest.
func RecordTouches(ctx context.Context, db DB, results []TouchResult, now time.Time) ([]RecordedTouch, error) {
	if len(results) == 0 {
		return nil, nil
	}
	type row = TouchResult
	recorded, err := collect[RecordedTouch](ctx, db, `
		UPDATE touches t SET state = n.state, reason = n.reason, detail = n.detail,
			message_id = coalesce(nullif(n.message_id, ''), t.message_id),
			provider_id = coalesce(nullif(n.provider_id, ''), t.provider_id),
			cost_micros = t.cost_micros + n.cost_micros,
			tries = t.tries - n.not_tried::int,
			not_before = CASE WHEN n.state = 'planned' THEN n.not_before ELSE t.not_before END,
			alarmed_at = CASE WHEN n.state = 'planned' THEN NULL ELSE t.alarmed_at END,
			sent_at = CASE WHEN n.state IN ('sent', 'unknown') THEN coalesce(t.sent_at, $1) ELSE t.sent_at END
		FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::timestamptz[], $10::text[], $11::bool[],
			$12::timestamptz[]) AS n(id, state, reason, detail, message_id, provider_id, cost_micros, not_before, claimed_by, not_tried, claimed_at)
		WHERE t.id = n.id AND n.claimed_by IN ('', t.claimed_by)
			AND (n.state <> 'planned' OR n.claimed_by = '' OR `+stateByID+` = 'claimed' AND t.claimed_at = coalesce(n.claimed_at, t.claimed_at))
			AND (`+stateByID+` IN ('planned', 'claimed') OR `+stateByID+` = 'unknown' AND n.state IN ('sent', 'failed'))
		RETURNING t.id, t.enrollment_id, t.step, t.run, t.channel, t.state, t.reason, t.tries`,
		now, column(results, func(r *row) int64 { return r.TouchID }), column(results, func(r *row) string { return string(r.State) }),
		column(results, func(r *row) string { return string(r.Reason) }), column(results, func(r *row) string { return Clean(r.Detail) }),
		column(results, func(r *row) string { return r.MessageID }), column(results, func(r *row) string { return Clean(r.ProviderID) }),
		column(results, func(r *row) int64 { return r.CostMicros }), column(results, func(r *row) time.Time { return r.NotBefore }),
		column(results, func(r *row) string { return r.ClaimedBy }), column(results, func(r *row) bool { return r.NotTried }),
		column(results, func(r *row) *time.Time { return r.ClaimedAt }))
	if err != nil {
		return nil, fmt.Errorf("record touches: %w", err)
	}
	var skipped []int64
	for _, r := range recorded {
		if r.State == TouchSkipped {
			skipped = append(skipped, r.TouchID)
		}
	}
	return recorded, giveCapacityBack(ctx, db, skipped)
}

// ReleaseAttempts gives the attempts of touches that never left back to their cycles, each only if it is the cycle's latest.
func ReleaseAttempts(ctx context.Context, db DB, touchIDs []int64) error {
	if len(touchIDs) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `
		WITH released AS (
			UPDATE cycles c SET attempts = c.attempts - 1 FROM touches t
			WHERE t.id = ANY($1) AND c.lead_id = t.lead_id AND c.cycle = t.cycle AND c.attempts = t.attempt
			RETURNING t.id
		)
		UPDATE touches t SET attempt = NULL FROM released WHERE t.id = released.id`, touchIDs)
	return err
}

// CancelOrder closes what is open of an enrolment: all of it with Step −1, else one run of one step.
type CancelOrder struct {
	EnrollmentID int64
	Step, Run    int
	Kind         string // "": touches, and tasks of every kind; else the tasks of this kind alone
	Reason       string
}

// CancelOpen skips planned touches and closes open tasks of enrolments, whose locks the caller holds.
func CancelOpen(ctx context.Context, db DB, rows []CancelOrder, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	type row = CancelOrder
	ids, steps := column(rows, func(r *row) int64 { return r.EnrollmentID }), column(rows, func(r *row) int { return r.Step })
	runs, reasons := column(rows, func(r *row) int { return r.Run }), column(rows, func(r *row) string { return r.Reason })
	kinds := column(rows, func(r *row) string { return r.Kind })
	skipped, err := scalars[int64](ctx, db, `UPDATE touches t SET state = 'skipped', reason = n.reason
		FROM unnest($1::bigint[], $2::int[], $3::int[], $4::text[], $5::text[]) AS n(id, step, run, reason, kind)
		WHERE t.enrollment_id = n.id AND n.kind = '' AND `+stateByID+` = 'planned' AND (n.step < 0 OR t.step = n.step AND t.run = n.run) RETURNING t.id`,
		ids, steps, runs, reasons, kinds)
	if err != nil {
		return err
	}
	if err := giveCapacityBack(ctx, db, skipped); err != nil {
		return err
	}
	closed, err := collect[closedTask](ctx, db, `UPDATE tasks k SET state = 'cancelled', done_at = $4
		FROM unnest($1::bigint[], $2::int[], $3::int[], $5::text[]) AS n(id, step, run, kind)
		WHERE k.enrollment_id = n.id AND k.state IN ('open', 'claimed') AND n.kind IN ('', k.kind)
			AND (n.step < 0 OR EXISTS (SELECT FROM touches t WHERE t.id = k.touch_id AND t.step = n.step AND t.run = n.run))
		RETURNING k.touch_id, k.claimed_by`, ids, steps, runs, now, kinds)
	if err != nil {
		return err
	}
	return neverDone(ctx, db, closed)
}

// EndWindows ends the windows of the touches of leads that have not left yet: where they go, and when they may, was reckoned for where their leads were. What is
// claimed next of them is refused, and planned anew. The caller holds the locks of the enrolments.
func EndWindows(ctx context.Context, db DB, leadIDs []int64, now time.Time) error {
	if len(leadIDs) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE touches t SET window_ends_at = $2 FROM enrollments e WHERE e.lead_id = ANY($1) AND e.state <> 'finished'
		AND t.enrollment_id = e.id AND `+stateByID+` IN ('planned', 'claimed') AND t.window_ends_at > $2`, leadIDs, now)
	if err != nil {
		return fmt.Errorf("end the windows of touches: %w", err)
	}
	return nil
}

// closedTask is a task that was closed before anybody did it.
type closedTask struct {
	TouchID   *int64 `db:"touch_id"` // nil: no touch filed it
	ClaimedBy string `db:"claimed_by"`
}

// neverDone notes on touches that their tasks were closed, and gives their attempts back to the cycles. A task that somebody had in
// hand may have been tried: its attempt stays spent.
func neverDone(ctx context.Context, db DB, tasks []closedTask) error {
	var ids, untried []int64
	for _, t := range tasks {
		if t.TouchID == nil {
			continue
		}
		ids = append(ids, *t.TouchID)
		if t.ClaimedBy == "" {
			untried = append(untried, *t.TouchID)
		}
	}
	if err := ReleaseAttempts(ctx, db, untried); err != nil {
		return err
	}
	return SetTouchResults(ctx, db, ids, slices.Repeat([]string{string(TaskCancelled)}, len(ids)))
}

// LockUnalarmed takes up to limit planned touches that no job sees to, as those that were sent back by a temporary refusal or a dead worker, and
// marks them alarmed at now.
func LockUnalarmed(ctx context.Context, db DB, now time.Time, limit int) ([]Alarm, error) {
	return collect[Alarm](ctx, db, alarmAgain(`alarmed_at IS NULL`), now, limit)
}

// LockStale takes up to limit planned touches that may have lost the jobs that were to see to them: alarmed before stale, or after ahead, which a
// clock did that has been set back since. It marks them alarmed at now.
func LockStale(ctx context.Context, db DB, now, stale, ahead time.Time, limit int) ([]Alarm, error) {
	return collect[Alarm](ctx, db, alarmAgain(`channel <> '' AND (alarmed_at < $3 OR alarmed_at > $4)`), now, limit, stale, ahead)
}

// alarmAgain marks planned touches alarmed at $1, up to $2 of those that a condition picks.
func alarmAgain(which string) string {
	return `WITH due AS MATERIALIZED (
			SELECT id FROM touches WHERE state = 'planned' AND not_before <= $1 AND ` + which + `
			ORDER BY not_before, id LIMIT $2 FOR UPDATE SKIP LOCKED
		)
		UPDATE touches t SET alarmed_at = $1 FROM due WHERE t.id = due.id RETURNING t.id, t.channel, t.sender`
}

// Unalarm notes of planned touches that no job sees to them any more.
func Unalarm(ctx context.Context, db DB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE touches t SET alarmed_at = NULL WHERE t.id = ANY($1) AND `+stateByID+` = 'planned' AND t.alarmed_at IS NOT NULL`, ids)
	if err != nil {
		return fmt.Errorf("give touches up to the planner: %w", err)
	}
	return nil
}

// ClaimedBy lists the touches that a worker claimed and never recorded.
func ClaimedBy(ctx context.Context, db DB, worker string) ([]Claimed, error) {
	return collect[Claimed](ctx, db, `SELECT id, enrollment_id, channel, sender, address, claimed_at, message_id FROM touches
		WHERE state = 'claimed' AND claimed_by = $1 ORDER BY id`, worker)
}

// Claimed is a touch in the hands of a worker.
type Claimed struct {
	TouchID      int64           `db:"id"`
	EnrollmentID int64           `db:"enrollment_id"`
	Channel      cadence.Channel `db:"channel"`
	Sender       string          `db:"sender"`
	Address      string          `db:"address"`
	ClaimedAt    time.Time       `db:"claimed_at"`
	MessageID    string          `db:"message_id"`
}

// TouchRef says where a touch belongs.
type TouchRef struct {
	TouchID      int64           `db:"id"`
	EnrollmentID int64           `db:"enrollment_id"`
	LeadID       int64           `db:"lead_id"`
	Step         int             `db:"step"`
	Run          int             `db:"run"`
	Channel      cadence.Channel `db:"channel"`
	State        TouchState      `db:"state"`
	Address      string          `db:"address"`
	Sender       string          `db:"sender"`
	Tries        int             `db:"tries"`
	MessageGiven bool            `db:"message_given"` // see MarkMessageGiven
}

// TouchRefs loads where touches belong, in the order of ids; unknown ids are left out.
func TouchRefs(ctx context.Context, db DB, ids []int64) ([]TouchRef, error) {
	return collect[TouchRef](ctx, db, `SELECT id, enrollment_id, lead_id, step, run, channel, state, address, sender, tries, message_given
		FROM touches WHERE id = ANY($1) ORDER BY id`, ids)
}

// SetTouchResults notes what came of sent touches later, such as "voicemail_left".
func SetTouchResults(ctx context.Context, db DB, ids []int64, results []string) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE touches t SET result = n.result
		FROM unnest($1::bigint[], $2::text[]) AS n(id, result) WHERE t.id = n.id`, ids, results)
	return err
}

// ReplanUnknown puts unknown touches that were not sent back to planned, to be alarmed at now, where the enrolment still waits for them at that
// step. Where it stands there but waits for something else, such as the end of a pause, they are skipped, so that the step is planned again
// when it goes on; where it has gone on, they are failed. The caller holds the locks of the enrolments.
func ReplanUnknown(ctx context.Context, db DB, ids []int64, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE touches t SET state = 'planned', reason = '', not_before = $2, alarmed_at = NULL, sent_at = NULL
		FROM enrollments e WHERE e.id = t.enrollment_id AND t.id = ANY($1) AND t.state = 'unknown'
			AND e.in_flight AND e.step = t.step AND e.run = t.run`, ids, now)
	if err != nil {
		return err
	}
	skipped, err := scalars[int64](ctx, db, `UPDATE touches t SET state = 'skipped', reason = e.reason, sent_at = NULL, detail = 'it was not sent'
		FROM enrollments e WHERE e.id = t.enrollment_id AND t.id = ANY($1) AND t.state = 'unknown'
			AND e.state <> 'finished' AND e.step = t.step AND e.run = t.run RETURNING t.id`, ids)
	if err != nil {
		return err
	}
	if err := giveCapacityBack(ctx, db, skipped); err != nil {
		return err
	}
	_, err = db.Exec(ctx, `UPDATE touches SET state = 'failed', sent_at = NULL, detail = 'it was not sent; the cadence has gone on'
		WHERE id = ANY($1) AND state = 'unknown'`, ids)
	return err
}

// UnknownCalls lists up to limit voicemail touches whose fate is open, and for which the provider may still know, those claimed first first.
func UnknownCalls(ctx context.Context, db DB, limit int) ([]Claimed, error) {
	return collect[Claimed](ctx, db, `SELECT id, enrollment_id, channel, sender, address, claimed_at, message_id FROM touches
		WHERE state = 'unknown' AND channel = 'voicemail' AND detail NOT LIKE 'asked in vain%' ORDER BY claimed_at, id LIMIT $1`, limit)
}

// CallsOfOthers lists, for voicemail touches, the provider's ids of the calls that other touches of the same leads made.
func CallsOfOthers(ctx context.Context, db DB, touchIDs []int64) (map[int64][]string, error) {
	type call struct {
		TouchID    int64  `db:"id"`
		ProviderID string `db:"provider_id"`
	}
	calls, err := collect[call](ctx, db, `SELECT t.id, o.provider_id FROM touches t JOIN touches o ON o.lead_id = t.lead_id AND o.id <> t.id
		WHERE t.id = ANY($1) AND o.channel = 'voicemail' AND o.provider_id <> ''`, touchIDs)
	others := make(map[int64][]string, len(touchIDs))
	for _, c := range calls {
		others[c.TouchID] = append(others[c.TouchID], c.ProviderID)
	}
	return others, err
}

// NoteAsked notes that the provider could not tell what became of touches: a person must.
func NoteAsked(ctx context.Context, db DB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `UPDATE touches SET detail = 'asked in vain; ' || detail WHERE id = ANY($1) AND state = 'unknown'`, ids)
	return err
}
