package store

import (
	"context"
	"fmt"
	"time"

	"nurture/cadence"
)

// LockInside locks the unfinished enrolments of cadences, whatever their version, and lists them in the order of ids. It waits for
// whoever holds one.
func LockInside(ctx context.Context, db DB, cadenceKeys []string) ([]int64, error) {
	ids, err := scalars[int64](ctx, db, `SELECT e.id FROM enrollments e JOIN cadence_versions v ON v.id = e.cadence_version_id
		WHERE e.state <> 'finished' AND v.cadence_key = ANY($1) ORDER BY e.id FOR UPDATE OF e`, cadenceKeys)
	if err != nil {
		return nil, fmt.Errorf("lock the enrolments inside: %w", err)
	}
	return ids, nil
}

// plannedForOthers holds for touches t that are planned for a mailbox that is none of $1, or for an SDR who is none of $2.
const plannedForOthers = `t.state = 'planned' AND CASE t.channel WHEN 'call' THEN cardinality($2::text[]) > 0 AND t.sender <> ALL ($2)
	ELSE cardinality($1::text[]) > 0 AND t.sender <> ALL ($1) END`

// LockPlannedForOthers gives the touches that are planned for somebody who is none of the given mailboxes and SDRs, in the order of ids. Where there
// are any it locks their enrolments, and in one go with them those inside the given cadences, so that whoever locks the latter next waits for nobody.
func LockPlannedForOthers(ctx context.Context, db DB, mailboxes, sdrs, cadenceKeys []string) ([]int64, error) {
	ids, err := scalars[int64](ctx, db, `SELECT t.id FROM touches t WHERE `+plannedForOthers+` ORDER BY t.id`, mailboxes, sdrs)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if _, err := db.Exec(ctx, `SELECT e.id FROM enrollments e WHERE e.id IN (
			SELECT t.enrollment_id FROM unnest($1::bigint[]) AS n(id) JOIN touches t ON t.id = n.id
			UNION SELECT i.id FROM enrollments i JOIN cadence_versions v ON v.id = i.cadence_version_id WHERE i.state <> 'finished' AND v.cadence_key = ANY($2))
		ORDER BY e.id FOR UPDATE`, ids, cadenceKeys); err != nil {
		return nil, fmt.Errorf("lock what is planned for former senders and SDRs: %w", err)
	}
	return StillPlanned(ctx, db, ids)
}

// InsideEveryCadence lists all unfinished enrolments, in the order of ids.
func InsideEveryCadence(ctx context.Context, db DB) ([]int64, error) {
	return scalars[int64](ctx, db, `SELECT id FROM enrollments WHERE state <> 'finished' ORDER BY id`)
}

// InHand tells what enrolments have in hand in the ledger: enrolment id → hand; those with nothing are left out.
func InHand(ctx context.Context, db DB, ids []int64) (map[int64]cadence.Hand, error) {
	type held struct {
		ID   int64        `db:"id"`
		Hand cadence.Hand `db:"hand"`
	}
	rows, err := collect[held](ctx, db, `
		SELECT e.id, CASE t.state WHEN 'planned' THEN 'planned' WHEN 'sent' THEN CASE k.state WHEN 'open' THEN 'task' ELSE 'taken' END ELSE 'leaving' END AS hand
		FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.id = n.id
		JOIN touches t ON t.enrollment_id = e.id AND t.step = e.step AND t.run = e.run
		LEFT JOIN tasks k ON k.touch_id = t.id AND k.state IN ('open', 'claimed')
		WHERE t.state IN ('planned', 'claimed') OR t.state = 'unknown' AND e.in_flight OR t.state = 'sent' AND k.id IS NOT NULL`, ids)
	hands := make(map[int64]cadence.Hand, len(rows))
	for _, r := range rows {
		hands[r.ID] = r.Hand
	}
	return hands, err
}

// Since gives the instants at which the step in hand of enrolments may have come in hand: they began, a touch was sent or left out, a
// task was done. In no order.
func Since(ctx context.Context, db DB, ids []int64) (map[int64][]time.Time, error) {
	type instant struct {
		ID int64     `db:"id"`
		At time.Time `db:"at"`
	}
	rows, err := collect[instant](ctx, db, `
		SELECT e.id, e.started_at AS at FROM unnest($1::bigint[]) AS n(id) JOIN enrollments e ON e.id = n.id
		UNION ALL
		SELECT n.id, CASE WHEN t.state = 'skipped' THEN t.planned_at ELSE coalesce(k.done_at, t.sent_at) END
		FROM unnest($1::bigint[]) AS n(id) JOIN touches t ON t.enrollment_id = n.id LEFT JOIN tasks k ON k.touch_id = t.id
		WHERE t.state IN ('sent', 'unknown', 'skipped') AND (t.state = 'skipped' OR coalesce(k.done_at, t.sent_at) IS NOT NULL)`, ids)
	since := make(map[int64][]time.Time, len(ids))
	for _, r := range rows {
		since[r.ID] = append(since[r.ID], r.At.UTC())
	}
	return since, err
}

// GoneSteps lists the keys of the steps that were made for enrolments and that Renumber has put aside since.
func GoneSteps(ctx context.Context, db DB, ids []int64) (map[int64][]string, error) {
	type step struct {
		ID  int64  `db:"enrollment_id"`
		Key string `db:"step_key"`
	}
	rows, err := collect[step](ctx, db, `SELECT t.enrollment_id, t.step_key FROM unnest($1::bigint[]) AS n(id)
		JOIN touches t ON t.enrollment_id = n.id AND t.step < 0 WHERE t.state IN ('claimed', 'sent', 'unknown')`, ids)
	gone := make(map[int64][]string, len(rows))
	for _, r := range rows {
		gone[r.ID] = append(gone[r.ID], r.Key)
	}
	return gone, err
}

// Standing is where an enrolment stands, as a move remembers it.
type Standing struct {
	VersionID int64      `json:"version"` // of the cadence
	State     string     `json:"state"`
	Reason    string     `json:"reason"`
	Step      int        `json:"step"`
	Run       int        `json:"run"`
	LastRun   int        `json:"last_run"`
	InFlight  bool       `json:"in_flight,omitempty"`
	DueLocal  *time.Time `json:"due_local,omitempty"`
	DueZone   string     `json:"due_zone,omitempty"`
	DueAt     *time.Time `json:"due_at,omitempty"`
	DueReason string     `json:"due_reason,omitempty"`
	HeldUntil *time.Time `json:"held_until,omitempty"`
	Last      string     `json:"last_response,omitempty"`
	Budget    int        `json:"budget"` // of the cycle
}

// Standing is where the enrolment stands.
func (e *Enrollment) Standing() Standing {
	return Standing{
		VersionID: e.CadenceVersionID, State: e.State, Reason: e.Reason, Step: e.Step, Run: e.Run, LastRun: e.LastRun, InFlight: e.InFlight,
		DueLocal: e.DueLocal, DueZone: e.DueZone, DueAt: e.DueAt, DueReason: e.DueReason, HeldUntil: e.HeldUntil, Last: e.LastResponse, Budget: e.Budget,
	}
}

// Same tells whether nothing has happened to the enrolment between the two.
func (s Standing) Same(o Standing) bool {
	return s.VersionID == o.VersionID && s.State == o.State && s.Reason == o.Reason && s.Step == o.Step && s.Run == o.Run && s.InFlight == o.InFlight &&
		s.Last == o.Last && sameInstant(s.DueAt, o.DueAt) && sameInstant(s.HeldUntil, o.HeldUntil)
}

func sameInstant(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// Onto puts the enrolment where a standing says, with all that it then waits for.
func (s Standing) Onto(e *Enrollment) {
	e.CadenceVersionID, e.State, e.Reason, e.Step, e.Run, e.LastRun, e.InFlight = s.VersionID, s.State, s.Reason, s.Step, s.Run, s.LastRun, s.InFlight
	e.DueLocal, e.DueZone, e.DueAt, e.DueReason, e.HeldUntil, e.LastResponse, e.Budget = s.DueLocal, s.DueZone, s.DueAt, s.DueReason, s.HeldUntil, s.Last, s.Budget
}
