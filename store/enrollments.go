package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/predicate"
	"nurture/cadence/uld"
)

// Enrollment is a row of enrollments with its lead's.
type Enrollment struct {
	ID               int64      `db:"enrollment_id"`
	CadenceVersionID int64      `db:"cadence_version_id"`
	CadenceKey       string     `db:"cadence_key"`
	Cycle            int        `db:"cycle"`
	State            string     `db:"state"`
	Reason           string     `db:"reason"`
	Step             int        `db:"step"`
	Run              int        `db:"run"`
	LastRun          int        `db:"last_run"`
	InFlight         bool       `db:"in_flight"`
	DueLocal         *time.Time `db:"due_local"`
	DueZone          string     `db:"due_zone"`
	DueAt            *time.Time `db:"due_at"`
	DueReason        string     `db:"due_reason"`
	HeldUntil        *time.Time `db:"held_until"`
	Channel          string     `db:"channel"`
	Sender           string     `db:"sender"`
	Domain           string     `db:"domain"` // of a mail to a domain that has a throttle; "" else
	LastResponse     string     `db:"last_response"`
	StartedAt        time.Time  `db:"started_at"`
	EndedAt          *time.Time `db:"ended_at"`
	Attempts         int        `db:"attempts"`
	Budget           int        `db:"budget"`
	Lead
	// Facts are what is known about the lead, for those who ask and write; filled in by them.
	Facts []uld.Fact `db:"-"`
	// Answers are what branches find of it (uld.Definition.Answers); filled in by whoever decides where there are branches.
	Answers map[string]predicate.Value `db:"-"`
}

// LeadID is the id of the lead, which the embedded Lead's own ID hides behind the enrolment's.
func (e *Enrollment) LeadID() int64 { return e.Lead.ID }

const (
	enrollmentOwnColumns = `e.id AS enrollment_id, e.cadence_version_id, v.cadence_key, e.cycle, e.state, e.reason, e.step, e.run,
	e.last_run, e.in_flight, e.due_local, e.due_zone, e.due_at, e.due_reason, e.held_until, e.channel, e.sender, e.domain, e.last_response, e.started_at, e.ended_at,
	coalesce(c.attempts, 0) AS attempts, coalesce(c.budget, e.budget) AS budget, `
	enrollmentTables = `enrollments e ` + enrollmentJoins
	enrollmentJoins  = enrollmentOwnJoins + ` LEFT JOIN accounts a ON a.id = l.account_id`
	// enrollmentOwnJoins are those without the lead's company. There is no cycle where nothing is counted in it yet.
	enrollmentOwnJoins = `JOIN cadence_versions v ON v.id = e.cadence_version_id
	LEFT JOIN cycles c ON c.lead_id = e.lead_id AND c.cycle = e.cycle JOIN leads l ON l.id = e.lead_id`
)

var enrollmentColumns = enrollmentOwnColumns + leadColumns

// Core is the enrolment as Decide sees it.
func (e *Enrollment) Core(operatorZone string) cadence.Enrollment {
	core := e.CorePlain(operatorZone)
	core.Lead.Fields = e.predicateFields()
	uld.AddAnswers(core.Lead.Fields, e.Answers)
	return core
}

// CorePlain is Core with no other fields of the lead than those that cadence.PriorityOf looks at: enough for a plan without branches.
func (e *Enrollment) CorePlain(operatorZone string) cadence.Enrollment {
	lead := e.corePlain(operatorZone)
	core := cadence.Enrollment{
		ID: e.ID, Lead: lead, State: cadence.State(e.State), Reason: cadence.Reason(e.Reason),
		Cycle: e.Cycle, Attempts: e.Attempts, Step: e.Step, Run: e.Run, LastRun: e.LastRun, InFlight: e.InFlight,
		Last: cadence.ResponseKind(e.LastResponse), Held: e.HeldUntil,
	}
	if e.DueAt != nil {
		core.Due = &cadence.Due{
			Intent: calendar.Intent{Local: *e.DueLocal, Zone: e.DueZone}, At: e.DueAt.UTC(), Reason: cadence.Reason(e.DueReason),
		}
	}
	return core
}

// LockEnrollments locks enrolments in the order of ids, waiting for whoever holds one, and loads them as they then are.
func LockEnrollments(ctx context.Context, db DB, ids []int64) ([]Enrollment, error) {
	if err := LockOnly(ctx, db, ids); err != nil {
		return nil, err
	}
	return LoadEnrollments(ctx, db, ids) // a statement of its own, so that it sees what those who held the locks have committed
}

// LoadEnrollments loads enrolments in the order of ids.
func LoadEnrollments(ctx context.Context, db DB, ids []int64) ([]Enrollment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := collect[Enrollment](ctx, db, `SELECT `+enrollmentColumns+`
		FROM (SELECT e.* FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.id = n.id OFFSET 0) e `+enrollmentJoins+` ORDER BY e.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("load enrolments: %w", err)
	}
	return rows, nil
}

// LoadPlainEnrollments is LoadEnrollments without what only branches look at and templates print: the lead's own fields and its company.
func LoadPlainEnrollments(ctx context.Context, db DB, ids []int64) ([]Enrollment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	cursor, err := db.Query(ctx, `SELECT `+enrollmentOwnColumns+`l.id AS lead_id, l.key AS lead_key, l.email, l.phone, l.phone_invalid,
			l.first_name, l.last_name, l.country, l.region, l.zones, l.origin, l.account_id, l.mailbox, l.owner, l.consent_email, l.consent_voicemail,
			l.consent_call, l.stage, l.readiness, l.end_reason, l.topics_off, l.intake_note, l.referred_by, `+emailSuppressed+` AS email_suppressed, `+phoneSuppressed+` AS phone_suppressed
		FROM (SELECT e.* FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.id = n.id OFFSET 0) e `+enrollmentOwnJoins+` ORDER BY e.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("load enrolments: %w", err)
	}
	rows, err := pgx.CollectRows(cursor, pgx.RowToStructByNameLax[Enrollment])
	if err != nil {
		return nil, fmt.Errorf("load enrolments: %w", err)
	}
	return rows, nil
}

// RefreshEnrollments brings enrolments that were loaded a moment ago up to date, in the order of ids: themselves, their cycles, and what of
// their leads decides what may be sent. What the leads are called, what is known of them beside that and their companies stay as they were. A
// lead that has other addresses now is loaded anew.
func RefreshEnrollments(ctx context.Context, db DB, known map[int64]*Enrollment) ([]Enrollment, error) {
	if len(known) == 0 {
		return nil, nil
	}
	cursor, err := db.Query(ctx, `SELECT `+enrollmentOwnColumns+`l.email, l.phone, l.phone_invalid, l.mailbox, l.owner, l.consent_voicemail, l.stage,
			l.readiness, l.end_reason, l.topics_off
		FROM (SELECT e.* FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.id = n.id OFFSET 0) e `+enrollmentOwnJoins, slices.Collect(maps.Keys(known)))
	if err != nil {
		return nil, fmt.Errorf("read how enrolments stand: %w", err)
	}
	rows, err := pgx.CollectRows(cursor, pgx.RowToStructByNameLax[Enrollment])
	if err != nil {
		return nil, fmt.Errorf("read how enrolments stand: %w", err)
	}
	var readdressed []int64
	for i := range rows {
		now, before := rows[i].Lead, known[rows[i].ID]
		if now.Email != before.Email || now.Phone != before.Phone {
			readdressed = append(readdressed, rows[i].ID)
			continue
		}
		lead := &rows[i].Lead
		*lead = before.Lead
		lead.PhoneInvalid, lead.Mailbox, lead.Owner, lead.ConsentVoicemail = now.PhoneInvalid, now.Mailbox, now.Owner, now.ConsentVoicemail
		lead.Stage, lead.Readiness, lead.EndReason, lead.TopicsOff = now.Stage, now.Readiness, now.EndReason, now.TopicsOff
	}
	anew, err := LoadEnrollments(ctx, db, readdressed)
	if err != nil {
		return nil, err
	}
	rows = append(slices.DeleteFunc(rows, func(e Enrollment) bool { return slices.Contains(readdressed, e.ID) }), anew...)
	slices.SortFunc(rows, func(a, b Enrollment) int { return cmp.Compare(a.ID, b.ID) })
	return rows, nil
}

// LockOnly locks enrolments in the order of ids, waiting for whoever holds one.
func LockOnly(ctx context.Context, db DB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := db.Exec(ctx, `SELECT id FROM enrollments WHERE id = ANY($1) ORDER BY id FOR UPDATE`, ids); err != nil {
		return fmt.Errorf("lock enrolments: %w", err)
	}
	return nil
}

// LatestEnrollments gives the newest enrolment of each lead that has one: lead id → enrolment id.
func LatestEnrollments(ctx context.Context, db DB, leadIDs []int64) (map[int64]int64, error) {
	type pair struct {
		Lead       int64 `db:"lead_id"`
		Enrollment int64 `db:"id"`
	}
	rows, err := collect[pair](ctx, db, `SELECT n.lead_id, e.id FROM unnest($1::bigint[]) AS n(lead_id)
		CROSS JOIN LATERAL (SELECT id FROM enrollments e WHERE e.lead_id = n.lead_id ORDER BY e.id DESC LIMIT 1) e`, leadIDs)
	latest := make(map[int64]int64, len(rows))
	for _, r := range rows {
		latest[r.Lead] = r.Enrollment
	}
	return latest, err
}

// LeadEnrollments loads all enrolments of a lead, the newest first.
func LeadEnrollments(ctx context.Context, db DB, leadID int64) ([]Enrollment, error) {
	return collect[Enrollment](ctx, db, `SELECT `+enrollmentColumns+` FROM `+enrollmentTables+`
		WHERE e.lead_id = $1 ORDER BY e.id DESC`, leadID)
}

// RunningColleagues gives the unfinished enrolments of the other leads at the accounts of the given leads.
func RunningColleagues(ctx context.Context, db DB, leadIDs []int64) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT DISTINCT e.id FROM leads l JOIN leads o ON o.account_id = l.account_id AND o.id <> l.id
		JOIN enrollments e ON e.lead_id = o.id AND e.state <> 'finished'
		WHERE l.id = ANY($1) AND NOT o.id = ANY($1) ORDER BY e.id`, leadIDs)
}

// SavedEnrollment is an enrolment after a decision, with the capacity that its step in hand will take.
type SavedEnrollment struct {
	cadence.Enrollment
	Channel, Sender string
	Domain          string // of a mail to a domain that has a throttle; "" else
	Priority        cadence.Priority
}

// SaveEnrollments writes decided enrolments back.
func SaveEnrollments(ctx context.Context, db DB, rows []SavedEnrollment, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	type row = SavedEnrollment
	_, err := db.Exec(ctx, `
		UPDATE enrollments e SET state = n.state, reason = n.reason, step = n.step, run = n.run, last_run = n.last_run, in_flight = n.in_flight,
			due_local = n.due_local, due_zone = n.due_zone, due_at = n.due_at, due_reason = n.due_reason,
			channel = n.channel, sender = n.sender, domain = n.domain, priority = n.priority, last_response = n.last_response,
			held_until = n.held_until, ended_at = CASE WHEN n.state = 'finished' THEN coalesce(e.ended_at, $1) END
		FROM unnest($2::bigint[], $3::text[], $4::text[], $5::int[], $6::int[], $7::bool[], $8::timestamp[], $9::text[],
			$10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::text[], $15::int[], $16::timestamptz[], $17::text[], $18::smallint[])
			AS n(id, state, reason, step, run, in_flight, due_local, due_zone, due_at, due_reason, channel, sender, last_response, last_run, held_until,
				domain, priority)
		WHERE e.id = n.id`,
		now,
		column(rows, func(r *row) int64 { return r.ID }), column(rows, func(r *row) string { return string(r.State) }),
		column(rows, func(r *row) string { return string(r.Reason) }), column(rows, func(r *row) int { return r.Step }),
		column(rows, func(r *row) int { return r.Run }), column(rows, func(r *row) bool { return r.InFlight }),
		column(rows, func(r *row) *time.Time {
			return dueField(r.Due, func(d *cadence.Due) time.Time { return d.Intent.Local })
		}),
		column(rows, func(r *row) string { return dueText(r.Due, func(d *cadence.Due) string { return d.Intent.Zone }) }),
		column(rows, func(r *row) *time.Time { return dueField(r.Due, func(d *cadence.Due) time.Time { return d.At }) }),
		column(rows, func(r *row) string { return dueText(r.Due, func(d *cadence.Due) string { return string(d.Reason) }) }),
		column(rows, func(r *row) string { return r.Channel }), column(rows, func(r *row) string { return r.Sender }),
		column(rows, func(r *row) string { return string(r.Last) }), column(rows, func(r *row) int { return r.LastRun }),
		column(rows, func(r *row) *time.Time { return r.Held }), column(rows, func(r *row) string { return r.Domain }),
		column(rows, func(r *row) int16 { return int16(r.Priority) }))
	if err != nil {
		return fmt.Errorf("save enrolments: %w", err)
	}
	return nil
}

func dueField(d *cadence.Due, field func(*cadence.Due) time.Time) *time.Time {
	if d == nil {
		return nil
	}
	t := field(d)
	return &t
}

func dueText(d *cadence.Due, field func(*cadence.Due) string) string {
	if d == nil {
		return ""
	}
	return field(d)
}

// NewEnrollment begins a run of a lead through a cadence version. NewCycle gives it a fresh budget; else it goes on in the
// lead's current cycle, if there is one.
type NewEnrollment struct {
	LeadID           int64
	CadenceVersionID int64
	Budget           int
	NewCycle         bool
}

// InsertEnrollments creates pending enrolments and returns their ids in order. It fails when a lead is already enrolled: the
// caller holds the lock of the one that it ended before.
func InsertEnrollments(ctx context.Context, db DB, rows []NewEnrollment, now time.Time) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	type row = NewEnrollment
	leads, fresh := column(rows, func(r *row) int64 { return r.LeadID }), column(rows, func(r *row) bool { return r.NewCycle })
	if err := countCycles(ctx, db, `lead_id`, leads); err != nil {
		return nil, err
	}
	if _, err := db.Exec(ctx, `
		INSERT INTO cycles (lead_id, cycle, budget, started_at)
		SELECT n.lead_id, coalesce(last.cycle, 0) + 1, n.budget, $4
		FROM unnest($1::bigint[], $2::bool[], $3::int[]) AS n(lead_id, fresh, budget)
		LEFT JOIN LATERAL (SELECT max(cycle) AS cycle FROM cycles c WHERE c.lead_id = n.lead_id) last ON true
		WHERE n.fresh OR last.cycle IS NULL`,
		leads, fresh, column(rows, func(r *row) int { return r.Budget }), now); err != nil {
		return nil, fmt.Errorf("begin cycles: %w", err)
	}
	ids, err := scalars[int64](ctx, db, `
		INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, started_at)
		SELECT n.lead_id, n.version, (SELECT max(cycle) FROM cycles c WHERE c.lead_id = n.lead_id), 'pending', 'enrolled', 0, 1, $3
		FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS n(lead_id, version, ord) ORDER BY n.ord
		RETURNING id`, leads, column(rows, func(r *row) int64 { return r.CadenceVersionID }), now)
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	return ids, nil
}

// countCycles gives the cycles of enrolments, found by a column, rows of their own as far as they lack them: the caller is about to count in them, or to begin another.
func countCycles(ctx context.Context, db DB, by string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := db.Exec(ctx, `INSERT INTO cycles (lead_id, cycle, budget, started_at)
		SELECT e.lead_id, e.cycle, e.budget, e.started_at FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.`+by+` = n.id WHERE e.budget > 0
		ON CONFLICT DO NOTHING`, ids)
	if err != nil {
		return fmt.Errorf("begin to count in cycles: %w", err)
	}
	return nil
}

// CountStartedSince counts how many enrolments of a cadence began at or after since, for the daily intake cap.
func CountStartedSince(ctx context.Context, db DB, cadenceKey string, since time.Time) (int, error) {
	var n int
	err := db.QueryRow(ctx, `SELECT count(*) FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id
		WHERE v.cadence_key = $1 AND e.started_at >= $2`, cadenceKey, since).Scan(&n)
	return n, err
}

// NextDue is the earliest instant after now at which anything becomes due; false when nothing ever will. A virtual clock jumps
// to it.
func NextDue(ctx context.Context, db DB, now time.Time) (time.Time, bool, error) {
	var at *time.Time
	err := db.QueryRow(ctx, `SELECT least(
		(SELECT min(due_at) FROM enrollments WHERE due_at > $1),
		(SELECT min(not_before) FROM touches WHERE state = 'planned' AND alarmed_at IS NULL AND not_before > $1),
		(SELECT min(at) FROM intake_calls WHERE at > $1),
		(SELECT min(at) FROM lead_turns WHERE at > $1),
		(SELECT min(expires_at) FROM tasks WHERE state IN ('open', 'claimed') AND expires_at > $1))`, now).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, false, err
	}
	return at.UTC(), true, nil
}

// IdleLeads lists leads that are in no cadence and not with sales, and have not ended, in the order of ids: those that a cadence may
// take.
func IdleLeads(ctx context.Context, db DB, f LeadFilter) ([]Lead, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	return collect[Lead](ctx, db, `SELECT `+leadColumns+` FROM `+leadTables+`
		WHERE l.id > $1 AND ($2 = '' OR l.stage = $2) AND ($3 = '' OR l.source = $3) AND ($4 = '' OR l.owner = $4)
			AND l.end_reason = ''
			AND NOT EXISTS (SELECT FROM enrollments e WHERE e.lead_id = l.id AND e.state <> 'finished')
			AND NOT EXISTS (SELECT FROM handoffs h WHERE h.lead_id = l.id AND h.state IN ('blocked', 'offered', 'escalated', 'accepted'))
		ORDER BY l.id LIMIT $5`, f.AfterID, f.Stage, f.Source, f.Owner, f.Limit)
}
