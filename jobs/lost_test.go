package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"nurture/cadence"
	"nurture/channels"
	"nurture/internal/sandbox/clock"
	"nurture/store"
)

// handedTo makes every job one that River has handed to a worker, and returns how many there are.
func (r *rig) handedTo(worker string) int {
	r.t.Helper()
	r.exec(`UPDATE river_job SET state = 'running', attempt = attempt + 1, attempted_at = now(), attempted_by = array_append(attempted_by, $1)`, worker)
	return r.count(`SELECT count(*) FROM river_job`)
}

func (r *rig) jobsIn(state string) int {
	return r.count(`SELECT count(*) FROM river_job WHERE state::text = $1`, state)
}

// jobsOfAllKinds enqueues a batch, an evaluation and a handoff; no worker runs.
func (r *rig) jobsOfAllKinds() {
	r.t.Helper()
	ids := r.planned(1)
	r.respond(r.leadOf(ids[0]), cadence.Reply)
	must(r.t, r.inTx(r.ctx, func(tx pgx.Tx, _ time.Time) error {
		return r.insertJobs(r.ctx, tx, []river.InsertManyParams{{Args: DeliverHandoff{HandoffID: 1}, InsertOpts: &river.InsertOpts{Queue: queueHandoff}}})
	}))
	if n := r.count(`SELECT count(DISTINCT kind) FROM river_job`); n != 3 {
		r.t.Fatalf("%d kinds of jobs", n)
	}
}

// TestJobsThatNeverArrivedAreGivenBack: River handed them to this process, which lives, over a connection that broke.
func TestJobsThatNeverArrivedAreGivenBack(t *testing.T) {
	t.Parallel()
	real := clock.New(monday)
	r := newLiveRig(t, nil, func(o *Options) { o.RealNow = real.Now })
	r.jobsOfAllKinds()
	all := r.handedTo("w1")
	var worked int64
	r.scan(`SELECT min(id) FROM river_job`, nil, &worked)
	look := func(want int) {
		t.Helper()
		must(t, r.Recover(r.ctx))
		if n := r.jobsIn("available"); n != want {
			t.Errorf("%d of %d jobs are given back, want %d", n, all, want)
		}
	}
	later := func(d time.Duration) { real.Advance(real.Now().Add(d)) }
	must(t, r.hands.Work(r.ctx, &rivertype.JobRow{ID: worked}, func(context.Context) error {
		look(0)
		later(lostAfter - time.Second)
		look(0) // the others may just have been handed out
		later(time.Second)
		look(all - 1)
		return nil
	}))
	look(all - 1) // River writes in a moment that it has ended
	later(lostAfter)
	look(all)
	r.handedTo("w1")
	look(0) // another try: its time begins anew
}

// TestJobsOfTheForgottenAreGivenBack: a job that came to light in the name of a worker that is no more; but none of a living one.
func TestJobsOfTheForgottenAreGivenBack(t *testing.T) {
	t.Parallel()
	real := clock.New(monday)
	r := newLiveRig(t, nil, func(o *Options) { o.RealNow = real.Now })
	must(t, store.SeeWorker(r.ctx, r.pool, store.Worker{ID: "living", SeenAt: monday}))
	r.jobsOfAllKinds()
	all := r.handedTo("forgotten")
	r.exec(`UPDATE river_job SET attempted_by = '{forgotten,living}' WHERE kind = 'evaluate'`)
	for range 2 {
		must(t, r.Recover(r.ctx))
		real.Advance(real.Now().Add(lostAfter))
	}
	if n := r.jobsIn("available"); n != all-1 {
		t.Errorf("%d of %d jobs are given back, want all but that of the living", n, all)
	}
}

// TestJobsOfADeadProcessAreGivenBackAtOnce, whatever their kind, and whether their process had claimed anything or not.
func TestJobsOfADeadProcessAreGivenBackAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newLiveRig(t, nil, func(o *Options) { o.JournalDir = dir })
	cmd := startChild(t, "journal", "NURTURE_TEST_DIR="+dir)
	must(t, store.SeeWorker(r.ctx, r.pool, store.Worker{ID: "dead", SeenAt: monday}))
	r.jobsOfAllKinds()
	all := r.handedTo("dead")
	must(t, r.Recover(r.ctx))
	if n := r.jobsIn("running"); n != all {
		t.Fatalf("%d of %d jobs were taken from a living process", all-n, all)
	}
	kill(t, cmd)
	must(t, r.Recover(r.ctx))
	if n := r.jobsIn("available"); n != all {
		t.Errorf("%d of %d jobs are given back", n, all)
	}
	r.start()
	eventually(t, "the mail is sent and the reply evaluated", func() bool {
		return r.count(`SELECT count(*) FROM responses WHERE evaluated_at IS NOT NULL`) == 1 && len(r.touchIDs("planned")) == 0
	})
}

// TestABacklogIsNotAlarmedAgain: its jobs wait, however long; only touches that none of them carries get another.
func TestABacklogIsNotAlarmedAgain(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(60)
	before := r.count(`SELECT count(*) FROM river_job`)
	for _, state := range []string{"available", "scheduled", "retryable", "running"} {
		r.exec(`UPDATE river_job SET state = $1::text::river_job_state, attempted_by = '{w1}'`, state)
		r.pass(staleAlarm + time.Second)
		if n := r.tick(); n != 0 {
			t.Errorf("%s: the tick moved %d rows", state, n)
		}
	}
	r.pass(6 * 24 * time.Hour) // a clock that jumps makes all of them stale at once
	r.tick()
	if n := r.count(`SELECT count(*) FROM river_job`); n != before {
		t.Fatalf("%d jobs carry what %d carry already", n, before)
	}
	var lost []int64
	r.scan(`UPDATE river_job SET state = 'cancelled', finalized_at = now() WHERE id = (SELECT min(id) FROM river_job)
		RETURNING ARRAY(SELECT jsonb_array_elements_text(args->'touch_ids')::bigint)`, nil, &lost)
	r.pass(staleAlarm + time.Second)
	r.tick()
	var again []int64
	r.scan(`SELECT ARRAY(SELECT jsonb_array_elements_text(args->'touch_ids')::bigint) FROM river_job ORDER BY id DESC LIMIT 1`, nil, &again)
	slices.Sort(again)
	slices.Sort(lost)
	if n := r.count(`SELECT count(*) FROM river_job`); n != before+1 || !slices.Equal(again, lost) || len(lost) >= len(ids) {
		t.Errorf("%d jobs for %v, want one more, for %v", n-before, again, lost)
	}
}

// movable is a clock that can be set back.
type movable struct{ shift atomic.Int64 }

func (m *movable) set(d time.Duration) { m.shift.Store(int64(d)) }

func (m *movable) now() time.Time { return tenOClock.Add(time.Duration(m.shift.Load())) }

// setRig is an engine whose clock can be set back and whose real clock is another.
func setRig(t *testing.T, files map[string]string, change ...func(*Options)) (*rig, *movable, *clock.Virtual) {
	t.Helper()
	m, real := &movable{}, clock.New(monday)
	r := newLiveRig(t, files, append(change, func(o *Options) { o.Now, o.RealNow = m.now, real.Now })...)
	return r, m, real
}

// TestAlarmsOfAClockThatWasSetBack: what was alarmed by a clock that was hours ahead, and lost its job, does not wait for those hours.
func TestAlarmsOfAClockThatWasSetBack(t *testing.T) {
	t.Parallel()
	r, m, _ := setRig(t, firstSeven(mailStep))
	r.importPeople(2)
	r.tick()
	m.set(3 * time.Hour)
	r.exec(`UPDATE touches SET alarmed_at = NULL`)
	r.tick()
	m.set(time.Minute)
	r.exec(`DELETE FROM river_job`)
	r.tick()
	var carried int
	r.scan(`SELECT coalesce(sum(jsonb_array_length(args->'touch_ids')), 0) FROM river_job`, nil, &carried)
	if carried != 2 {
		t.Errorf("%d touches have a job again, want 2", carried)
	}
}

// TestATouchThatIsNotYetDueIsAlarmedInTime: planned by a clock that was ahead, worked by one that is right, it is sent when its time comes,
// and not only when its alarm is stale.
func TestATouchThatIsNotYetDueIsAlarmedInTime(t *testing.T) {
	t.Parallel()
	r, m, _ := setRig(t, firstSeven(mailStep))
	m.set(time.Second)
	r.importPeople(1)
	r.tick()
	m.set(0)
	r.start()
	eventually(t, "the early job is over", func() bool { return r.jobsIn("completed") == 1 })
	if n := len(r.mail.messages()); n != 0 {
		t.Errorf("%d mails before their time", n)
	}
	m.set(time.Second)
	r.tick()
	eventually(t, "the mail is sent", func() bool { return len(r.touchIDs("sent")) == 1 })
}

// TestClicksOfAClockThatWasSetBack are counted now, not when the clock gets there.
func TestClicksOfAClockThatWasSetBack(t *testing.T) {
	t.Parallel()
	r, m, _ := setRig(t, firstSeven(mailStep+laterMail))
	r.importPeople(1)
	r.tick()
	ids := r.touchIDs("planned")
	r.sendNow(cadence.ChannelEmail, ids...)
	m.set(6 * time.Hour)
	r.clicked(ids[0], firstLink, opened())
	m.set(time.Hour)
	r.tick()
	if n := r.clicks(); n != 1 {
		t.Errorf("%d clicks are counted", n)
	}
}

// TestTheProviderIsAskedByTheRealClock: its list lags behind however far our clock is set forward, and is asked again when it was set back.
func TestTheProviderIsAskedByTheRealClock(t *testing.T) {
	t.Parallel()
	p := &provider{outcome: channels.Unknown}
	r, m, real := setRig(t, firstSeven(voiceStep+laterMail), func(o *Options) { o.Reconciler = p })
	r.importPeople(1)
	r.tick()
	r.voice.set(outcome(channels.Unknown))
	r.sendNow(cadence.ChannelVoicemail, r.touchIDs("planned")...)
	asked := func(when string, want int) {
		t.Helper()
		must(t, r.Recover(r.ctx))
		if len(p.probes) != want {
			t.Fatalf("%s: the provider was asked %d times, want %d", when, len(p.probes), want)
		}
	}
	asked("at first", 0)
	m.set(5 * time.Hour)
	asked("the clock was set forward", 0)
	real.Advance(real.Now().Add(reconcileWait))
	asked("its list can be believed", 1)
	asked("it could not tell", 1)
	m.set(0)
	asked("the clock was set back", 2)
	asked("it could not tell then either", 2)
	m.set(askAgain)
	asked("a while later", 3)
}

// failures counts what is logged as an error.
type failures struct {
	slog.Handler
	n *atomic.Int64
}

func (f failures) Handle(context.Context, slog.Record) error { f.n.Add(1); return nil }

func (f failures) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

// TestStopWaitsForTheDatabase: a process that is told to stop while the database is away keeps what it knows until that is back: the journal,
// whose disk may have been full, need not know it.
func TestStopWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	var failed atomic.Int64
	r := newLiveRig(t, firstSeven(mailStep+laterMail), func(o *Options) { o.Log = slog.New(failures{slog.DiscardHandler, &failed}) })
	id := r.planned(1)[0]
	var back func()
	r.mail.set(func(channels.Message) channels.Receipt {
		back = r.takeDatabaseAway()
		return channels.Receipt{Outcome: channels.Sent}
	})
	r.sendNow(cadence.ChannelEmail, id)
	before := failed.Load()
	if before == 0 {
		t.Fatal("the result was recorded without a database")
	}
	stopped := make(chan error)
	go func() { stopped <- r.Stop(r.ctx) }()
	eventually(t, "Stop tries and fails", func() bool { return failed.Load() > before })
	back()
	must(t, <-stopped)
	if got := r.touch(id); got.State != "sent" {
		t.Errorf("the touch is %s: what was known of it is lost", got.State)
	}
}

// TestFailedJobsAreTriedAgainSoon at first, and with River's patience later.
func TestFailedJobsAreTriedAgainSoon(t *testing.T) {
	t.Parallel()
	began := time.Now()
	for n := range 10 {
		job := &rivertype.JobRow{Attempt: n + 1, AttemptedAt: &began, Errors: make([]rivertype.AttemptError, n)}
		wait := new(retries).NextRetry(job).Sub(began)
		if n < soonTries && wait > soonest+time.Second || n >= soonTries && wait < 20*time.Minute {
			t.Error(fmt.Sprintf("after %d failures and one more a job waits", n), wait)
		}
	}
}
