package jobs

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/store"
)

// TestTwoPlannersNeverPlanTwice lets three engines tick at once over the same due leads.
func TestTwoPlannersNeverPlanTwice(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 70")
	a := newLiveRig(t, files)
	b, c := rigOn(t, a.url), rigOn(t, a.url)
	a.importPeople(200)
	for _, r := range []*rig{a, b, c} {
		r.at(tenOClock)
	}
	var wg sync.WaitGroup
	for _, r := range []*rig{a, b, c} {
		wg.Go(func() {
			for range 4 {
				if _, err := r.Tick(r.ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	a.tick()
	if n := a.count(`SELECT count(*) FROM enrollments`); n != 200 {
		t.Errorf("%d enrolments, want one a lead", n)
	}
	perSender := a.count(`SELECT max(n) FROM (SELECT count(*) AS n FROM touches GROUP BY sender) s`)
	planned := a.count(`SELECT count(*) FROM touches WHERE state = 'planned'`)
	if perSender != 70 || planned != 140 {
		t.Errorf("%d touches, at most %d a sender; want 140 and 70: what two mailboxes can send a day", planned, perSender)
	}
	if n := a.count(`SELECT count(*) FROM (SELECT jsonb_array_elements(args->'touch_ids') AS id FROM river_job) j`); n != 140 {
		t.Errorf("jobs carry %d touches, want each touch once", n)
	}
	if n := a.count(`SELECT count(*) FROM river_job WHERE jsonb_array_length(args->'touch_ids') > 100`); n != 0 {
		t.Errorf("%d jobs carry more than 100 touches", n)
	}
	// The next day has room for the rest.
	a.at(tenOClock.Add(24 * time.Hour))
	a.tick()
	if n := a.count(`SELECT count(*) FROM touches`); n != 200 {
		t.Errorf("%d touches on the second day, want 200", n)
	}
}

// TestEndOfPausesAndBranchesTakesCapacity: a pause that ends and a branch lead to a mail at once, so they wait for its mailbox like any mail.
func TestEndOfPausesAndBranchesTakesCapacity(t *testing.T) {
	t.Parallel()
	files := firstSeven(`  - email: intro
  - wait: 1 business day
  - branch:
      - when: { lead.country: { is: DE } }
        goto: case-study
    name: fork
  - email: small-changes
  - email: case-study
`)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 4")
	r := newLiveRig(t, files)
	r.importPeople(30)
	perDay := func() int {
		return r.count(`SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM touches WHERE state <> 'skipped'
			GROUP BY sender, (planned_at AT TIME ZONE 'Europe/Berlin')::date) s`)
	}
	for day := range 14 {
		r.at(tenOClock.Add(time.Duration(day) * 24 * time.Hour))
		r.tick()
		ids := r.touchIDs("planned")
		if len(ids) > 0 {
			r.sendNow(cadence.ChannelEmail, ids...)
		}
		if day == 1 { // six leads are paused and all come back on one day
			for _, touch := range ids[:min(6, len(ids))] {
				back := r.clock.Now().Add(5 * 24 * time.Hour)
				r.respond(r.leadOf(touch), cadence.OutOfOffice, func(in *ResponseInput) { in.Date = &back })
			}
		}
	}
	if n := perDay(); n != 4 {
		t.Errorf("up to %d mails a mailbox and day, want 4", n)
	}
	if n := r.count(`SELECT count(*) FROM touches WHERE step_key = 'case-study' AND state = 'sent'`); n < 20 {
		t.Errorf("only %d second mails", n)
	}
}

func TestCallsWaitForTheDesk(t *testing.T) {
	t.Parallel()
	files := firstSeven(callStep)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_calls: 50", "daily_calls: 3")
	r := newLiveRig(t, files)
	r.importPeople(20)
	r.at(tenOClock)
	r.tick()
	r.tick()
	if n := r.count(`SELECT max(n) FROM (SELECT count(*) AS n FROM touches GROUP BY sender) s`); n != 3 {
		t.Errorf("%d calls for one SDR, want 3 a day", n)
	}
}

func TestNothingDueNothingDone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.sendNow(cadence.ChannelEmail, r.planned(3)...)
	r.tick()
	before := r.dump()
	if n := r.tick(); n != 0 {
		t.Errorf("%d rows were moved", n)
	}
	if after := r.dump(); after != before {
		t.Errorf("a tick with nothing due changed\n%s\ninto\n%s", before, after)
	}
}

func TestIntakeIsBoundedPerDay(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, map[string]string{"cadences/first-seven.yaml": starterFile(t, "cadences/first-seven.yaml", "per_day: 60", "per_day: 7")})
	r.importPeople(20)
	for day, want := range []int{7, 14, 20, 20} {
		r.at(tenOClock.Add(time.Duration(day) * 24 * time.Hour))
		r.tick()
		r.tick()
		if n := r.count(`SELECT count(*) FROM enrollments`); n != want {
			t.Errorf("day %d: %d enrolments, want %d", day+1, n, want)
		}
		r.noLeaks()
	}
}

// TestUnmatchedLeadIsNoted: a lead that no audience takes is on the list of leaks with the reason, until something about it changes.
func TestUnmatchedLeadIsNoted(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	silent := person(1)
	silent.Consent = leadfile.Consent{}
	r.importLeads(silent)
	r.tick()
	leaks, err := store.Leaks(r.ctx, r.pool, 0)
	must(t, err)
	if len(leaks) != 1 || !strings.Contains(leaks[0].Note, "audience") {
		t.Fatalf("leaks %+v", leaks)
	}
	r.importLeads(person(1)) // now with consent
	r.tick()
	r.noLeaks()
	if n := r.count(`SELECT count(*) FROM enrollments`); n != 1 {
		t.Errorf("%d enrolments", n)
	}
}

func TestEnrollByHand(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.importPeople(2)
	must(t, r.Enroll(r.ctx, ids[:1], "event-follow-up"))
	if err := r.Enroll(r.ctx, ids, "event-follow-up"); !errors.Is(err, ErrEnrolled) {
		t.Errorf("enrolled twice: %v", err)
	}
	if n := r.count(`SELECT count(*) FROM enrollments`); n != 1 {
		t.Errorf("%d enrolments, want the failed call to have left none", n)
	}
	if err := r.Enroll(r.ctx, ids[1:], "no-such"); err == nil || !strings.Contains(err.Error(), "first-seven") {
		t.Errorf("unknown cadence: %v", err)
	}
	r.respond(ids[1], cadence.Unsubscribe)
	if err := r.Enroll(r.ctx, ids[1:], "first-seven"); err == nil || !strings.Contains(err.Error(), "opted_out") {
		t.Errorf("who left was enrolled: %v", err)
	}
}

// TestSpoiltEnrolmentIsPassedOver: one enrolment that cannot be planned stops neither the others nor the rest of the tick (K3).
func TestSpoiltEnrolmentIsPassedOver(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.at(tenOClock)
	ids := r.importPeople(5)
	r.exec(`ALTER TABLE touches ADD CONSTRAINT spoilt CHECK (lead_id <> ` + itoa(ids[2]) + `)`)
	for range 2 {
		if _, err := r.Tick(r.ctx); err == nil {
			t.Error("the tick does not say that something is wrong")
		}
		r.tick() // it is left alone for a while
		if n := len(r.touchIDs("planned")); n != 4 {
			t.Errorf("%d touches are planned, want those of the four others", n)
		}
		r.pass(spoiltAgain)
	}
	r.exec(`ALTER TABLE touches DROP CONSTRAINT spoilt`)
	r.tick()
	if n := len(r.touchIDs("planned")); n != 5 {
		t.Errorf("%d touches are planned once the cause is gone", n)
	}
}

// TestOneBadTaskExpiresAlone: one enrolment that cannot go on keeps no other's task from expiring (K3).
func TestOneBadTaskExpiresAlone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	ids := r.planned(3)
	r.sendNow(cadence.ChannelCall, ids...)
	var bad int64
	r.scan(`SELECT enrollment_id FROM touches WHERE id = $1`, []any{ids[1]}, &bad)
	r.exec(`ALTER TABLE enrollments ADD CONSTRAINT spoilt CHECK (NOT (id = ` + itoa(bad) + ` AND step = 1))`)
	r.pass(5 * 24 * time.Hour)
	for range 2 {
		if _, err := r.Tick(r.ctx); err == nil {
			t.Error("the tick does not say that something is wrong")
		}
	}
	for i, id := range ids {
		if got := r.touch(id); (got.Step == 1) != (i != 1) || (got.Result == "expired") != (i != 1) {
			t.Errorf("touch %d: %+v", i, got)
		}
	}
	r.exec(`ALTER TABLE enrollments DROP CONSTRAINT spoilt`)
	r.tick()
	if got := r.touch(ids[1]); got.Step != 1 {
		t.Errorf("once the cause is gone: %+v", got)
	}
}

// TestManyBadTasksHoldUpNone: those behind more bad tasks than are looked at together expire all the same.
func TestManyBadTasksHoldUpNone(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	ids := r.planned(3)
	r.sendNow(cadence.ChannelCall, ids...)
	r.exec(`INSERT INTO tasks (lead_id, enrollment_id, kind, state, owner, title, why, opened_at, due_at, expires_at)
		SELECT k.lead_id, k.enrollment_id, 'bad ' || n, k.state, k.owner, k.title, k.why, k.opened_at, k.due_at, k.expires_at
		FROM tasks k, generate_series(1, $1) AS n WHERE k.enrollment_id = (SELECT min(enrollment_id) FROM tasks)`, expireBite+1)
	r.exec(`ALTER TABLE tasks ADD CONSTRAINT spoilt CHECK (NOT (kind LIKE 'bad %' AND state = 'expired'))`)
	r.pass(5 * 24 * time.Hour)
	if _, err := r.Tick(r.ctx); err == nil {
		t.Error("the tick does not say that something is wrong")
	}
	for i, id := range ids {
		if got := r.touch(id); got.Result != "expired" {
			t.Errorf("touch %d: %+v", i, got)
		}
	}
}

// TestLostJobsAreReplaced: a planned touch whose job vanished is alarmed again.
func TestLostJobsAreReplaced(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.planned(2)
	r.exec(`DELETE FROM river_job`)
	r.tick()
	if n := r.count(`SELECT count(*) FROM river_job`); n != 0 {
		t.Errorf("%d jobs at once: a living job would have company", n)
	}
	r.pass(staleAlarm + time.Second)
	r.tick()
	if n := r.count(`SELECT count(*) FROM river_job`); n == 0 {
		t.Error("the touches were not alarmed again")
	}
}

// TestExpiredTaskGivesItsAttemptBack, and the cadence goes on as the step says.
func TestExpiredTaskGivesItsAttemptBack(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(callStep+laterMail))
	ids := r.planned(2)
	r.sendNow(cadence.ChannelCall, ids...)
	tasks, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	if len(tasks) != 2 || tasks[0].ExpiresAt == nil || len(tasks[0].Ask) == 0 || tasks[0].Script == "" || !strings.Contains(tasks[0].Why, "attempt 1 of 7") {
		t.Fatalf("tasks %+v", tasks)
	}
	must(t, r.ClaimTask(r.ctx, tasks[1].ID, "mara@example.com"))
	r.at(*tasks[0].ExpiresAt)
	r.tick()
	for i, task := range tasks {
		got := r.touch(*task.TouchID)
		if got.Step != 1 || !got.Due || got.Result != "expired" {
			t.Errorf("touch %+v, want the next step due", got)
		}
		if want := i; got.Attempt != want || got.Attempts != want { // the second was in somebody's hands
			t.Errorf("attempt %d of %d spent, want %d", got.Attempt, got.Attempts, want)
		}
	}
}

// TestWhoPlansForASenderIsAlone: while one process has counted what a mailbox can still send, and not committed what it took, another takes
// nothing from it; the same goes for the day's intake.
func TestWhoPlansForASenderIsAlone(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"nurture.yaml":              starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 5"),
		"cadences/first-seven.yaml": starterFile(t, "cadences/first-seven.yaml", "per_day: 60", "per_day: 20"),
	}
	a := newLiveRig(t, files)
	b := rigOn(t, a.url)
	a.at(tenOClock)
	b.at(tenOClock)
	a.importPeople(40)
	current, err := a.liveNow(a.ctx, a.pool)
	must(t, err)
	// held runs a half of a's tick in a transaction that stays open while b ticks.
	held := func(half func(tx pgx.Tx, now time.Time) error) {
		t.Helper()
		tx, err := a.pool.Begin(a.ctx)
		must(t, err)
		must(t, half(tx, a.now()))
		b.tick()
		must(t, tx.Commit(a.ctx))
		b.tick()
	}
	held(func(tx pgx.Tx, now time.Time) error {
		if _, err := store.TryLocks(a.ctx, tx, []string{"intake"}); err != nil {
			return err
		}
		waiting, err := store.TakeWaiting(a.ctx, tx, now, 15)
		if err != nil {
			return err
		}
		return a.admit(a.ctx, tx, now, current, waiting)
	})
	if n := a.count(`SELECT count(*) FROM enrollments`); n != 20 {
		t.Errorf("%d leads were let in, want the 20 of the day", n)
	}
	// b has planned by now what the caps allow; on the second day a plans first.
	a.at(tenOClock.Add(24 * time.Hour))
	b.at(tenOClock.Add(24 * time.Hour))
	held(func(tx pgx.Tx, now time.Time) error {
		rooms, err := a.openRooms(current, now)
		if err != nil {
			return err
		}
		if rooms, err = a.measure(a.ctx, tx, current, rooms, now); err != nil {
			return err
		}
		for i := range rooms {
			rooms[i].N = min(rooms[i].N, 3)
		}
		due, err := store.LockDueEnrollments(a.ctx, tx, rooms, nil, now)
		if err != nil || len(due) == 0 {
			return fmt.Errorf("due are %v: %w", due, err)
		}
		fallen, err := a.fallen(a.ctx, tx, due, now)
		if err != nil {
			return err
		}
		return a.apply(a.ctx, tx, now, fallen, nil)
	})
	if n := a.count(`SELECT max(n) FROM (SELECT count(*) AS n FROM touches GROUP BY sender, planned_at) s`); n != 5 {
		t.Errorf("%d mails of one mailbox in a day, want 5", n)
	}
}

// TestOneBadLeadIsLeftOutOfIntake: it keeps no other from being enrolled (K3).
func TestOneBadLeadIsLeftOutOfIntake(t *testing.T) {
	t.Parallel()
	for _, capped := range []bool{true, false} {
		t.Run(fmt.Sprintf("capped %v", capped), func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			if !capped {
				files = firstSeven(mailStep + laterMail)
			}
			r := newLiveRig(t, files)
			r.at(tenOClock)
			ids := r.importPeople(5)
			r.exec(`ALTER TABLE enrollments ADD CONSTRAINT spoilt CHECK (lead_id <> ` + itoa(ids[2]) + `)`)
			for range 2 {
				r.tick()
				if n := r.count(`SELECT count(*) FROM enrollments`); n != 4 {
					t.Errorf("%d leads are enrolled, want the four others", n)
				}
				r.pass(spoiltAgain)
			}
			r.exec(`ALTER TABLE enrollments DROP CONSTRAINT spoilt`)
			r.tick()
			if n := r.count(`SELECT count(*) FROM enrollments`); n != 5 {
				t.Errorf("%d leads are enrolled once the cause is gone", n)
			}
		})
	}
}
