package jobs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/journal"
	"nurture/channels/voicemail"
	"nurture/internal/sandbox/clock"
	"nurture/store"
)

// child names what a copy of this test program is to do instead of testing; each prints "ready" and works until it is killed.
const child = "NURTURE_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(child) {
	case "journal":
		journalChild(os.Getenv("NURTURE_TEST_DIR"))
	case "worker":
		workerChild()
	}
	os.Exit(m.Run())
}

// journalChild leaves the marks of five touches behind.
func journalChild(dir string) {
	j, err := journal.Open(dir, "dead")
	for _, step := range []func() error{
		func() error { return j.MarkLeaving(1) },
		func() error {
			return j.MarkAnswer(channels.Receipt{TouchID: 1, Outcome: channels.Sent, Detail: "250 ok"})
		},
		func() error { return j.MarkLeaving(2) },
		func() error {
			return j.MarkAnswer(channels.Receipt{TouchID: 3, Outcome: channels.Permanent, Detail: "550 no such user"})
		},
		func() error { return j.MarkLeaving(4) },
		func() error {
			return j.MarkAnswer(channels.Receipt{TouchID: 4, Outcome: channels.Temporary, Detail: "451 later"})
		},
	} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}

// startChild runs a copy of this program and waits until it is ready.
func startChild(t *testing.T, what string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(append(os.Environ(), child+"="+what), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil || !strings.HasPrefix(string(line[:n]), "ready") {
		t.Fatalf("the child says %q, %v", line[:n], err)
	}
	return cmd
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
}

// claimAs claims touches for another worker, which is registered as alive at the real instant.
func (r *rig) claimAs(worker store.Worker, ids ...int64) {
	r.t.Helper()
	must(r.t, store.SeeWorker(r.ctx, r.pool, worker))
	must(r.t, r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
		taken, err := store.ClaimTouches(r.ctx, tx, ids, worker.ID, now)
		if err == nil && len(taken) != len(ids) {
			err = fmt.Errorf("claimed %v of %v", touchIDs(taken), ids)
		}
		return err
	}))
}

// TestDeadProcessOfThisMachine takes up what a killed process left: by its journal each touch is sent, failed, planned again or unknown.
func TestDeadProcessOfThisMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newLiveRig(t, nil, func(o *Options) { o.JournalDir = dir })
	ids := r.planned(6)
	if ids[0] != 1 {
		t.Fatal("ids are not what the child's journal names")
	}
	cmd := startChild(t, "journal", "NURTURE_TEST_DIR="+dir)
	r.claimAs(store.Worker{ID: "dead", Host: "test", SeenAt: r.clock.Now().Add(-time.Hour)}, ids[:5]...)
	must(t, r.Recover(r.ctx))
	r.pass(time.Hour)
	must(t, r.Recover(r.ctx))
	if n := len(r.touchIDs("claimed")); n != 5 {
		t.Fatalf("%d touches are claimed: the work of a living process was taken up", n)
	}
	kill(t, cmd)
	jobs := r.count(`SELECT count(*) FROM river_job`)
	must(t, r.Recover(r.ctx))
	for i, want := range []string{"sent", "unknown", "failed", "planned", "planned", "planned"} {
		got := r.touch(ids[i])
		if got.State != want {
			t.Errorf("touch %d is %s (%s), want %s", ids[i], got.State, got.Detail, want)
		}
		if want != "planned" && got.Step != 1 {
			t.Errorf("touch %d: the enrolment is at step %d", ids[i], got.Step)
		}
	}
	// What left, or may have, has its Message-ID in the ledger: answers name it, the next mail refers to it, and a person looks for it in the server's log.
	const named = `SELECT count(*) FROM touches WHERE id <= 2 AND message_id = 'touch-' || id || '.nurture@' || split_part(sender, '@', 2)`
	if n := r.count(named); n != 2 {
		t.Errorf("%d touches of the dead process have their Message-ID, want 2", n)
	}
	if r.tick(); r.count(`SELECT count(*) FROM river_job`) == jobs {
		t.Error("nobody was woken for the touches that are planned again")
	}
	// A claim that was being committed when the process died comes to light now.
	r.exec(`UPDATE touches SET state = 'claimed', claimed_by = 'dead', claimed_at = planned_at WHERE id = $1`, ids[5])
	must(t, r.Recover(r.ctx))
	if got := r.touch(ids[5]); got.State != "planned" {
		t.Errorf("the late claim is %s", got.State)
	}
	must(t, r.Recover(r.ctx))
	left, _ := filepath.Glob(filepath.Join(dir, "dead.*"))
	if n := r.count(`SELECT count(*) FROM workers WHERE id = 'dead'`); n != 0 || len(left) != 0 {
		t.Errorf("%d workers and the files %v are left of the dead process", n, left)
	}
	r.sendNow(cadence.ChannelEmail, r.touchIDs("planned")...)
	if n := len(r.mail.messages()); n != 3 {
		t.Errorf("%d mails, want the three that were surely not sent", n)
	}
}

// TestJournalGoesBeforeItsWorkerIsForgotten: a process that is killed between the two leaves something that is known to be ended, not a file for ever.
func TestJournalGoesBeforeItsWorkerIsForgotten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newLiveRig(t, nil, func(o *Options) { o.JournalDir = dir })
	kill(t, startChild(t, "journal", "NURTURE_TEST_DIR="+dir))
	must(t, store.SeeWorker(r.ctx, r.pool, store.Worker{ID: "dead", Host: "test", SeenAt: r.clock.Now()}))
	must(t, r.Recover(r.ctx)) // once more is looked what it was committing as it died
	held, err := r.pool.Begin(r.ctx)
	must(t, err)
	defer func() { _ = held.Rollback(context.Background()) }()
	_, err = held.Exec(r.ctx, `SELECT FROM workers WHERE id = 'dead' FOR UPDATE`)
	must(t, err)
	forgotten := make(chan error, 1)
	go func() { forgotten <- r.Recover(r.ctx) }()
	eventually(t, "the journal is gone though the worker is known", func() bool {
		left, err := filepath.Glob(filepath.Join(dir, "dead.*"))
		must(t, err)
		return len(left) == 0
	})
	must(t, held.Rollback(r.ctx))
	must(t, <-forgotten)
	if n := r.count(`SELECT count(*) FROM workers WHERE id = 'dead'`); n != 0 {
		t.Error("the worker is not forgotten")
	}
}

// TestDeadCallsByTheJournal: calls are taken up as mails are, but where an older process marked none of them, the provider is asked.
func TestDeadCallsByTheJournal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left *journal.Dead
		want store.TouchState
	}{
		"never asked for":          {&journal.Dead{Complete: true, Calls: true}, store.TouchPlanned},
		"calls were not marked":    {&journal.Dead{Complete: true}, store.TouchUnknown},
		"marks may have been lost": {&journal.Dead{Calls: true}, store.TouchUnknown},
		"the journal is lost":      {nil, store.TouchUnknown},
	} {
		if got := settle(store.Claimed{TouchID: 7, Channel: cadence.ChannelVoicemail}, "w9", c.left, monday); got.State != c.want || got.Detail == "" {
			t.Errorf("%s: %+v, want %s", name, got, c.want)
		}
	}
}

// TestDeadProcessOfAnotherMachine has no journal here: two minutes after its last sign of life, nobody can tell what it sent.
func TestDeadProcessOfAnotherMachine(t *testing.T) {
	t.Parallel()
	real := clock.New(monday)
	r := newLiveRig(t, nil, func(o *Options) { o.RealNow = real.Now })
	ids := r.planned(2)
	other := store.Worker{ID: "far", Host: "elsewhere", SeenAt: monday.Add(-24 * time.Hour)} // its clock is a day behind
	r.claimAs(other, ids...)
	step := func(d time.Duration) {
		real.Advance(real.Now().Add(d))
		must(t, r.Recover(r.ctx))
	}
	step(0)
	step(119 * time.Second)
	other.SeenAt = other.SeenAt.Add(time.Minute)
	must(t, store.SeeWorker(r.ctx, r.pool, other)) // it lives
	step(time.Second)
	step(119 * time.Second)
	if n := len(r.touchIDs("claimed")); n != 2 {
		t.Fatalf("%d touches are claimed before the two minutes are over", n)
	}
	step(time.Second)
	for _, id := range ids {
		if got := r.touch(id); got.State != "unknown" || got.Step != 1 || !strings.Contains(got.Detail, "died") {
			t.Errorf("touch %+v", got)
		}
	}
	step(0)
	if n := r.count(`SELECT count(*) FROM workers WHERE id = 'far'`); n != 0 {
		t.Error("the dead worker is still listed")
	}
}

// TestSilentWhileTheDatabaseIsAway: that nobody could be seen is no proof that somebody died.
func TestSilentWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	real := clock.New(monday)
	r := newLiveRig(t, nil, func(o *Options) { o.RealNow = real.Now })
	id := r.planned(1)[0]
	r.claimAs(store.Worker{ID: "far", Host: "elsewhere", SeenAt: monday}, id)
	must(t, r.Recover(r.ctx))
	back := r.takeDatabaseAway()
	real.Advance(real.Now().Add(10 * time.Minute))
	if err := r.Recover(r.ctx); err == nil {
		t.Error("recovered without a database")
	}
	back()
	must(t, r.Recover(r.ctx))
	if got := r.touch(id); got.State != "claimed" {
		t.Errorf("the touch is %s: the other process was given no time to come back", got.State)
	}
}

// TestRecordOfTheDeadDoesNotHitTheLiving: a touch that a living worker has claimed meanwhile is not settled by what was read of the dead one.
func TestRecordOfTheDeadDoesNotHitTheLiving(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	r.claimAs(store.Worker{ID: "living", SeenAt: monday}, id)
	must(t, r.recordNow(r.ctx, []store.TouchResult{settle(store.Claimed{TouchID: id, Channel: cadence.ChannelEmail}, "dead", nil, r.clock.Now())}))
	if got := r.touch(id); got.State != "claimed" {
		t.Errorf("the touch is %s", got.State)
	}
}

// provider is a voice provider that can be asked.
type provider struct {
	mu      sync.Mutex
	outcome channels.Outcome
	probes  []voicemail.Probe
}

func (p *provider) Reconcile(_ context.Context, probes []voicemail.Probe) []channels.Receipt {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.probes = append(p.probes, probes...)
	receipts := make([]channels.Receipt, len(probes))
	for i, probe := range probes {
		receipts[i] = channels.Receipt{TouchID: probe.TouchID, Outcome: p.outcome, ProviderID: "CA7"}
	}
	return receipts
}

// lostCall is a voicemail touch whose answer was lost, after the provider was asked, and said what found says. before comes ahead of that.
func lostCall(t *testing.T, found channels.Outcome, policy string, before ...func(*rig, int64)) (*rig, *provider, int64) {
	p := &provider{outcome: found}
	files := firstSeven(voiceStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: "+policy)
	r := newLiveRig(t, files, func(o *Options) { o.Reconciler = p })
	id := r.planned(1)[0]
	r.voice.set(outcome(channels.Unknown))
	r.sendNow(cadence.ChannelVoicemail, id)
	r.voice.set(nil)
	if got := r.touch(id); got.State != "unknown" || got.Step != 0 || !got.InFlight {
		t.Fatalf("touch %+v, want it to wait for the provider", got)
	}
	r.noLeaks()
	must(t, r.Recover(r.ctx))
	if len(p.probes) != 0 {
		t.Error("the provider was asked before its list can be believed")
	}
	for _, prepare := range before {
		prepare(r, id)
	}
	r.pass(reconcileWait)
	must(t, r.Recover(r.ctx))
	if len(p.probes) != 1 || p.probes[0].To != "+493012340001" || !strings.HasPrefix(p.probes[0].From, "+4930123456") {
		t.Fatalf("probes %+v", p.probes)
	}
	return r, p, id
}

// TestLostCallsAreAskedFor: the provider finds the call, proves it absent, or cannot tell.
func TestLostCallsAreAskedFor(t *testing.T) {
	t.Parallel()
	t.Run("found", func(t *testing.T) {
		t.Parallel()
		r, _, id := lostCall(t, channels.Sent, "assume_sent")
		var sid string
		r.scan(`SELECT provider_id FROM touches`, nil, &sid)
		if got := r.touch(id); got.State != "sent" || got.Step != 1 || sid != "CA7" {
			t.Errorf("touch %+v, provider id %s", got, sid)
		}
	})
	t.Run("absent", func(t *testing.T) {
		t.Parallel()
		r, _, id := lostCall(t, channels.Temporary, "assume_sent")
		if got := r.touch(id); got.State != "planned" {
			t.Fatalf("touch %+v, want it planned again", got)
		}
		r.tick()
		r.sendNow(cadence.ChannelVoicemail, id)
		if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 {
			t.Errorf("touch %+v", got)
		}
	})
	t.Run("absent, while the lead's answer holds the cadence", func(t *testing.T) {
		t.Parallel()
		r, _, id := lostCall(t, channels.Temporary, "assume_sent", func(r *rig, id int64) { r.respond(r.leadOf(id), cadence.Reply) })
		if got := r.touch(id); got.State != "skipped" {
			t.Fatalf("touch %+v, want it skipped for now", got)
		}
		r.noLeaks()
		r.pass(21 * 24 * time.Hour)
		r.tick()
		r.tick()
		if got := r.touch(id); got.State != "planned" || !got.InFlight {
			t.Fatalf("touch %+v, want it planned again once the pause is over", got)
		}
		r.sendNow(cadence.ChannelVoicemail, id)
		if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 {
			t.Errorf("touch %+v", got)
		}
	})
	t.Run("another touch's call is not offered", func(t *testing.T) {
		t.Parallel()
		_, p, _ := lostCall(t, channels.Temporary, "assume_sent", func(r *rig, id int64) {
			r.exec(`INSERT INTO touches (enrollment_id, lead_id, cycle, budget, step, run, step_key, channel, state, planned_at, not_before,
				window_ends_at, provider_id) SELECT enrollment_id, lead_id, cycle, budget, step, 9, step_key, channel, 'sent', planned_at, not_before,
				window_ends_at, 'CA1' FROM touches WHERE id = $1`, id)
		})
		if known := p.probes[0].Known; len(known) != 1 || known[0] != "CA1" {
			t.Errorf("known calls %v", known)
		}
	})
	for _, policy := range []string{"assume_sent", "ask"} {
		t.Run("in vain, "+policy, func(t *testing.T) {
			t.Parallel()
			r, p, id := lostCall(t, channels.Unknown, policy)
			must(t, r.Recover(r.ctx))
			if len(p.probes) != 1 {
				t.Error("the provider was asked again at once")
			}
			r.pass(askAgain)
			must(t, r.Recover(r.ctx))
			if len(p.probes) != 2 || r.touch(id).Step != 0 {
				t.Errorf("%d probes, touch %+v", len(p.probes), r.touch(id))
			}
			r.pass(askUntil)
			must(t, r.Recover(r.ctx))
			r.pass(askAgain)
			must(t, r.Recover(r.ctx))
			got := r.touch(id)
			if got.State != "unknown" || len(p.probes) != 3 || (got.Step == 1) != (policy == "assume_sent") {
				t.Errorf("%d probes, touch %+v", len(p.probes), got)
			}
			r.noLeaks()
			must(t, r.SettleUnknown(r.ctx, id, true))
			if got := r.touch(id); got.State != "sent" || got.Step != 1 {
				t.Errorf("settled by a person: %+v", got)
			}
		})
	}
}

// TestClaimsOfTheForgotten: a process that was silent for so long that it was given up claims once more before it signs on again, and dies. Nobody is
// registered who would be missed.
func TestClaimsOfTheForgotten(t *testing.T) {
	t.Parallel()
	real := clock.New(monday)
	r := newLiveRig(t, nil, func(o *Options) { o.RealNow = real.Now })
	ids := r.planned(3)
	r.claimAs(store.Worker{ID: "forgotten", SeenAt: monday}, ids[0])
	r.claimAs(store.Worker{ID: "living", SeenAt: monday}, ids[1])
	r.claimAs(r.worker, ids[2])
	r.exec(`DELETE FROM workers WHERE id IN ('forgotten', 'w1')`)
	for range 2 {
		must(t, r.Recover(r.ctx))
		if n := len(r.touchIDs("claimed")); n != 3 {
			t.Fatalf("%d touches are claimed: nobody was given time to sign on again", n)
		}
		real.Advance(real.Now().Add(deadAfter / 2))
		must(t, store.SeeWorker(r.ctx, r.pool, store.Worker{ID: "living", SeenAt: real.Now()}))
	}
	for range 2 {
		must(t, r.Recover(r.ctx))
	}
	for i, want := range []string{"unknown", "claimed", "claimed"} {
		if got := r.touch(ids[i]); got.State != want {
			t.Errorf("touch %d is %s, want %s", i, got.State, want)
		}
	}
}
