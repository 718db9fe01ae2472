package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"nurture/cadence"
	"nurture/store"
)

// foreignKey is how Postgres says that a row hangs on nothing.
const foreignKey = "23503"

func code(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// TestNothingHangsOnNothing: what statement-level triggers keep instead of foreign keys, as those would.
func TestNothingHangsOnNothing(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	leads, enrollments := b.enrolled(2)
	for name, refused := range map[string]struct {
		sql  string
		args []any
	}{
		"a cycle of nobody":           {`INSERT INTO cycles (lead_id, cycle, budget, started_at) SELECT n, 9, 7, $2 FROM unnest($1::bigint[]) AS n`, []any{[]int64{leads[0], -1}, noon}},
		"a stage of nobody":           {`INSERT INTO stage_moves (lead_id, stage, reason, at) VALUES (-1, 'lost', '', $1)`, []any{noon}},
		"an enrolment of no cycle":    {`INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, started_at) VALUES ($1, $2, 8, 'finished', 'x', 0, 1, $3)`, []any{leads[0], b.version.ID, noon}},
		"a first enrolment of nobody": {`INSERT INTO enrollments (lead_id, cadence_version_id, cycle, budget, state, reason, step, run, started_at) VALUES (-1, $1, 1, 7, 'active', 'x', 0, 1, $2)`, []any{b.version.ID, noon}},
		"a later one of no cycle":     {`INSERT INTO enrollments (lead_id, cadence_version_id, cycle, budget, state, reason, step, run, started_at) VALUES ($1, $2, 2, 7, 'finished', 'x', 0, 1, $3)`, []any{leads[0], b.version.ID, noon}},
		"an enrolment in no version":  {`INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, started_at) VALUES ($1, -1, 1, 'finished', 'x', 0, 1, $2)`, []any{leads[0], noon}},
		"a move to no version":        {`UPDATE enrollments SET cadence_version_id = -1 WHERE id = $1`, []any{enrollments[0]}},
		"another's enrolment":         {`UPDATE enrollments SET lead_id = $1 WHERE id = $2`, []any{leads[0], enrollments[1]}},
		"another's cycle":             {`UPDATE cycles SET lead_id = -1 WHERE lead_id = $1`, []any{leads[0]}},
		"a version with enrolments":   {`DELETE FROM cadence_versions WHERE id = $1`, []any{b.version.ID}},
		"a lead at no account":        {`INSERT INTO leads (key, account_id, created_at, updated_at) VALUES ('k', -1, $1, $1)`, []any{noon}},
		"a move to no account":        {`UPDATE leads SET account_id = -1 WHERE id = $1`, []any{leads[0]}},
		"an account with leads":       {`DELETE FROM accounts WHERE id IN (SELECT account_id FROM leads WHERE id = $1)`, []any{leads[0]}},
	} {
		if _, err := b.pool.Exec(b.ctx, refused.sql, refused.args...); code(err) != foreignKey {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, store.MoveStages(b.ctx, b.pool, []store.StageMove{{LeadID: leads[0], Stage: "nurturing"}, {LeadID: leads[1], Stage: "nurturing"}}, noon))
	must(t, store.EraseLead(b.ctx, b.pool, store.Erasure{Lead: store.Lead{ID: leads[0]}}))
	for _, table := range []string{"cycles", "enrollments", "stage_moves"} {
		var his, others int
		must(t, b.pool.QueryRow(b.ctx, `SELECT count(*) FILTER (WHERE lead_id = $1), count(*) FILTER (WHERE lead_id <> $1) FROM `+table, leads[0]).Scan(&his, &others))
		if his != 0 || others != 1 {
			t.Errorf("%s: %d rows of the erased lead are left, and %d of the other", table, his, others)
		}
	}
}

// TestNobodyIsEnrolledWhileErased: who begins a cycle, or the first one without a row, waits for whoever deletes the lead, and then finds it gone; and the other way round the lead
// takes the cycle along.
func TestNobodyIsEnrolledWhileErased(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{lead(1), lead(2), lead(3), lead(4)}, noon)
	must(t, err)
	const begin = `INSERT INTO cycles (lead_id, cycle, budget, started_at) VALUES ($1, 1, 7, '2026-04-01')`
	const start = `INSERT INTO enrollments (lead_id, cadence_version_id, cycle, budget, state, reason, step, run, started_at)
		SELECT $1, id, 1, 7, 'active', 'x', 0, 1, '2026-04-01' FROM cadence_versions`
	const erase = `DELETE FROM leads WHERE id = $1`
	for i, c := range []struct{ first, second, want string }{{erase, begin, foreignKey}, {begin, erase, ""}, {erase, start, foreignKey}, {start, erase, ""}} {
		tx, err := b.pool.Begin(b.ctx)
		must(t, err)
		_, err = tx.Exec(b.ctx, c.first, ids[i])
		must(t, err)
		result := make(chan error, 1)
		go func() {
			_, err := b.pool.Exec(b.ctx, c.second, ids[i])
			result <- err
		}()
		b.untilSomebodyWaits()
		must(t, tx.Commit(b.ctx))
		if err := <-result; code(err) != c.want {
			t.Errorf("%s while %s: %v", c.second, c.first, err)
		}
	}
	var left int
	must(t, b.pool.QueryRow(b.ctx, `SELECT count(*) FROM all_cycles FULL JOIN enrollments USING (lead_id)`).Scan(&left))
	if left != 0 {
		t.Errorf("%d cycles and enrolments are left of leads that are gone", left)
	}
}

// TestManyHangOnSomething: checks of many rows at once, about leads that follow each other, see one that is missing among them.
func TestManyHangOnSomething(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	rows := make([]store.NewLead, 120)
	for i := range rows {
		rows[i] = lead(i + 1)
	}
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, rows, noon)
	must(t, err)
	must(t, store.EraseLead(b.ctx, b.pool, store.Erasure{Lead: store.Lead{ID: ids[60]}}))
	begin := func(leads []int64) error {
		return pgx.BeginFunc(b.ctx, b.pool, func(tx pgx.Tx) error {
			for _, sql := range []string{
				`INSERT INTO cycles (lead_id, cycle, budget, started_at) SELECT n, 1, 7, $2 FROM unnest($1::bigint[]) AS n`,
				`INSERT INTO stage_moves (lead_id, stage, reason, at) SELECT n, 'nurturing', '', $2 FROM unnest($1::bigint[]) AS n`,
			} {
				if _, err := tx.Exec(b.ctx, sql, leads, noon); err != nil {
					return err
				}
			}
			return nil
		})
	}
	const enroll = `INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, started_at)
		SELECT n, $2, 1, 'pending', 'x', 0, 1, $3 FROM unnest($1::bigint[]) AS n`
	if err := begin(ids); code(err) != foreignKey {
		t.Errorf("cycles of leads of whom one is gone: %v", err)
	}
	must(t, begin(ids[:60]))
	if _, err := b.pool.Exec(b.ctx, `INSERT INTO stage_moves (lead_id, stage, reason, at) SELECT n, 'lost', '', $2 FROM unnest($1::bigint[]) AS n`, ids, noon); code(err) != foreignKey {
		t.Errorf("moves of leads of whom one is gone: %v", err)
	}
	if _, err := b.pool.Exec(b.ctx, enroll, ids[:61], b.version.ID, noon); code(err) != foreignKey {
		t.Errorf("enrolments of whom one has no cycle: %v", err)
	}
	_, err = b.pool.Exec(b.ctx, enroll, ids[:60], b.version.ID, noon)
	must(t, err)

	const start = `INSERT INTO enrollments (lead_id, cadence_version_id, cycle, budget, state, reason, step, run, started_at)
		SELECT n, $2, 1, 7, 'active', 'x', 0, 1, $3 FROM unnest($1::bigint[]) AS n`
	for name, touch := range map[string]string{"written": `UPDATE leads SET stage = 'nurturing' WHERE id = ANY($1)`, "only there": `SELECT $1::bigint[]`} {
		begin := func(leads []int64) error {
			return pgx.BeginFunc(b.ctx, b.pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(b.ctx, touch, leads); err != nil {
					return err
				}
				_, err := tx.Exec(b.ctx, start, leads, b.version.ID, noon)
				return err
			})
		}
		rest := slices.Concat(ids[60:], []int64{1 << 40})
		if err := begin(rest); code(err) != foreignKey {
			t.Errorf("first enrolments of leads of whom two are gone, %s: %v", name, err)
		}
		must(t, begin(ids[61:]))
		_, err = b.pool.Exec(b.ctx, `DELETE FROM enrollments WHERE budget > 0`)
		must(t, err)
	}
}

// TestCyclesGoOn: another enrolment in a first cycle that has no row yet, and another cycle after it, find it as it was begun.
func TestCyclesGoOn(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	ids, _, err := store.UpsertLeads(b.ctx, b.pool, []store.NewLead{lead(1)}, noon)
	must(t, err)
	started := store.Started{CadenceVersionID: b.version.ID, Budget: 7, LeadIDs: ids}
	started.State, started.Reason, started.Run = cadence.Running, cadence.ReasonEnrolled, 1
	must(t, store.InsertStarted(b.ctx, b.pool, []store.Started{started}, noon))
	for i, fresh := range []bool{false, true, false} {
		_, err := b.pool.Exec(b.ctx, `UPDATE enrollments SET state = 'finished'`)
		must(t, err)
		_, err = store.InsertEnrollments(b.ctx, b.pool, []store.NewEnrollment{{LeadID: ids[0], CadenceVersionID: b.version.ID, Budget: 3, NewCycle: fresh}},
			noon.Add(time.Duration(i+1)*time.Hour))
		must(t, err)
	}
	rows, err := b.pool.Query(b.ctx, `SELECT format('%s of %s from %s on: %s', c.cycle, c.budget, c.started_at - $1::timestamptz,
		(SELECT count(*) FROM enrollments e WHERE e.lead_id = c.lead_id AND e.cycle = c.cycle)) FROM cycles c ORDER BY c.cycle`, noon)
	must(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if want := []string{"1 of 7 from 00:00:00 on: 2", "2 of 3 from 02:00:00 on: 2"}; !slices.Equal(got, want) {
		t.Errorf("cycles %q, want %q", got, want)
	}
}

// TestAccountGoesAlone: who deletes an account waits for whoever is giving it a lead, and then leaves it; and a lead that waits for the deletion finds
// it gone.
func TestAccountGoesAlone(t *testing.T) {
	t.Parallel()
	b := newBase(t)
	accounts, err := store.UpsertAccounts(b.ctx, b.pool, []store.NewLead{lead(1), lead(2)}, noon)
	must(t, err)
	const give = `INSERT INTO leads (key, account_id, created_at, updated_at) VALUES ('k' || $1::bigint, $1, '2026-04-01', '2026-04-01')`
	const remove = `DELETE FROM accounts WHERE id = $1`
	for key, c := range map[string]struct{ first, second string }{"c1.example": {give, remove}, "c2.example": {remove, give}} {
		tx, err := b.pool.Begin(b.ctx)
		must(t, err)
		_, err = tx.Exec(b.ctx, c.first, *accounts[key])
		must(t, err)
		result := make(chan error, 1)
		go func() {
			_, err := b.pool.Exec(b.ctx, c.second, *accounts[key])
			result <- err
		}()
		b.untilSomebodyWaits()
		must(t, tx.Commit(b.ctx))
		if err := <-result; code(err) != foreignKey {
			t.Errorf("%s while %s: %v", c.second, c.first, err)
		}
	}
}

// untilSomebodyWaits polls until a session of this database waits for a lock.
func (b *base) untilSomebodyWaits() {
	b.t.Helper()
	for {
		var waits bool
		must(b.t, b.pool.QueryRow(b.ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits))
		if waits {
			return
		}
	}
}
