package jobs

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/store"
)

// TestClaimRechecksEverything changes something between the plan and the claim, behind the core's back, and expects the claim to find it.
func TestClaimRechecksEverything(t *testing.T) {
	t.Parallel()
	suppress := func(address func(store.Lead) string, scope cadence.SuppressScope) func(*rig, store.Lead) {
		return func(r *rig, l store.Lead) {
			must(r.t, store.InsertSuppressions(r.ctx, r.pool, []store.Suppression{{Address: address(l), Scope: scope, Reason: "test"}}, r.clock.Now()))
		}
	}
	email := func(l store.Lead) string { return l.Email }
	phone := func(l store.Lead) string { return l.Phone }
	sql := func(sql string) func(*rig, store.Lead) {
		return func(r *rig, l store.Lead) { r.exec(sql, l.ID) }
	}
	const next, same = 1, 0 // which step is in hand afterwards
	for _, c := range []struct {
		name   string
		steps  string
		change func(*rig, store.Lead)
		state  string
		reason cadence.Reason
		step   int
	}{
		{"address", mailStep, suppress(email, cadence.SuppressEmail), "skipped", cadence.ReasonSuppressed, next},
		{"domain", mailStep, suppress(func(l store.Lead) string { return "@" + l.Domain }, cadence.SuppressEmail), "skipped", cadence.ReasonSuppressed, next},
		{"all, by address", mailStep, suppress(email, cadence.SuppressAll), "skipped", cadence.ReasonSuppressed, next},
		{"phone does not bar mail", mailStep, suppress(phone, cadence.SuppressPhone), "sent", "", next},
		{"phone", voiceStep, suppress(phone, cadence.SuppressPhone), "skipped", cadence.ReasonSuppressed, next},
		{"all, by phone", voiceStep, suppress(phone, cadence.SuppressAll), "skipped", cadence.ReasonSuppressed, next},
		{"mail does not bar phone", voiceStep, suppress(email, cadence.SuppressEmail), "sent", "", next},
		{"consent withdrawn", voiceStep, sql(`UPDATE leads SET consent_voicemail = NULL WHERE id = $1`), "skipped", cadence.ReasonNoConsent, next},
		{"address lost", mailStep, sql(`UPDATE touches SET address = '' WHERE lead_id = $1`), "skipped", cadence.ReasonNoAddress, next},
		{"topic off", mailStep, func(r *rig, l store.Lead) {
			r.exec(`UPDATE touches SET topic = 'news' WHERE lead_id = $1`, l.ID)
			must(r.t, store.SetTopicsOff(r.ctx, r.pool, l.ID, []string{"cases", "news"}, r.clock.Now()))
		}, "skipped", cadence.ReasonTopicOff, next},
		{"another topic off", mailStep, func(r *rig, l store.Lead) {
			r.exec(`UPDATE touches SET topic = 'news' WHERE lead_id = $1`, l.ID)
			must(r.t, store.SetTopicsOff(r.ctx, r.pool, l.ID, []string{"cases"}, r.clock.Now()))
		}, "sent", "", next},
		{"paused", mailStep, sql(`UPDATE enrollments SET state = 'paused' WHERE lead_id = $1`), "skipped", cadence.ReasonStopped, same},
		{"finished", mailStep, sql(`UPDATE enrollments SET state = 'finished' WHERE lead_id = $1`), "skipped", cadence.ReasonStopped, same},
		{"other step", mailStep, sql(`UPDATE enrollments SET step = 1 WHERE lead_id = $1`), "skipped", cadence.ReasonStopped, next},
		{"other run", mailStep, sql(`UPDATE enrollments SET run = 2 WHERE lead_id = $1`), "skipped", cadence.ReasonStopped, same},
		{"window over", mailStep, sql(`UPDATE touches SET window_ends_at = planned_at WHERE lead_id = $1`), "skipped", cadence.ReasonOutsideWindow, same},
		{"budget spent", mailStep, sql(`UPDATE cycles SET attempts = 7 WHERE lead_id = $1`), "skipped", cadence.ReasonBudgetSpent, same},
		{"waits for its next try", mailStep, sql(`UPDATE touches SET not_before = planned_at + interval '1 minute' WHERE lead_id = $1`), "planned", "", same},
		{"call barred", callStep, suppress(phone, cadence.SuppressPhone), "skipped", cadence.ReasonSuppressed, next},
		{"mail by a person barred", "  - manual_email: discovery\n", suppress(email, cadence.SuppressEmail), "skipped", cadence.ReasonSuppressed, next},
		{"nothing", mailStep, func(*rig, store.Lead) {}, "sent", "", next},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(c.steps+laterMail))
			id := r.planned(1)[0]
			lead, err := store.FindLead(r.ctx, r.pool, "lead-001")
			must(t, err)
			c.change(r, lead)
			var channel cadence.Channel
			r.scan(`SELECT channel FROM touches WHERE id = $1`, []any{id}, &channel)
			r.sendNow(channel, id)
			got := r.touch(id)
			if got.State != c.state || got.Reason != string(c.reason) || got.Step != c.step {
				t.Errorf("touch is %s because of %q at step %d, want %s, %q, %d", got.State, got.Reason, got.Step, c.state, c.reason, c.step)
			}
			handed := len(r.mail.messages()) + len(r.voice.messages())
			if (handed == 1) != (c.state == "sent") {
				t.Errorf("%d messages were handed over", handed)
			}
			if c.state == "skipped" && got.Attempt != 0 {
				t.Errorf("a touch that was refused has spent attempt %d", got.Attempt)
			}
		})
	}
}

// TestBudgetSpentEndsTheCadence: the claim that finds no budget left ends the plan and the lead goes to the long game.
func TestBudgetSpentEndsTheCadence(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	id := r.planned(1)[0]
	r.exec(`UPDATE cycles SET attempts = 7`)
	r.sendNow(cadence.ChannelEmail, id)
	r.noLeaks()
	enrollments, err := store.LeadEnrollments(r.ctx, r.pool, r.leadOf(id))
	must(t, err)
	if len(enrollments) != 2 || enrollments[0].CadenceKey != "long-game" || enrollments[0].Cycle != 2 || enrollments[1].Reason != string(cadence.ReasonBudgetSpent) {
		t.Errorf("enrolments %+v, want the long game in cycle 2 behind one that spent its budget", enrollments)
	}
}

// TestClaimedOnce lets eight workers claim the same touches at once.
func TestClaimedOnce(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(24)
	var mu sync.Mutex
	claims := map[int64]int{}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range ids { // each begins elsewhere and takes the touches in windows of three
				window := []int64{ids[(i+w*3)%len(ids)], ids[(i+w*3+1)%len(ids)], ids[(i+w*3+2)%len(ids)]}
				err := r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
					got, err := store.ClaimTouches(r.ctx, tx, window, fmt.Sprintf("w%d", w), now)
					mu.Lock()
					defer mu.Unlock()
					for _, id := range touchIDs(got) {
						claims[id]++
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if claims[id] != 1 {
			t.Errorf("touch %d was claimed %d times", id, claims[id])
		}
		if got := r.touch(id); got.State != "claimed" || got.Attempt != 1 || got.Attempts != 1 || got.Tries != 1 {
			t.Errorf("touch %d is %+v", id, got)
		}
	}
}

// TestLostClaimsArePutBackFirst: touches of a claim whose commit nobody answered for are planned again before anything else is claimed, and
// however many claims begin at once, each touch goes to one.
func TestLostClaimsArePutBackFirst(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(12)
	claim := func(ids ...int64) []store.Outgoing {
		windows, err := r.claimTogether(r.ctx, cadence.ChannelEmail, [][]int64{ids})
		if err != nil {
			t.Error(err)
			return nil
		}
		return windows[0]
	}
	lost := ids[:4]
	if n := len(claim(lost...)); n != len(lost) {
		t.Fatalf("claimed %d of %d", n, len(lost))
	}
	if n := len(claim(lost...)); n != 0 {
		t.Fatalf("%d touches were claimed twice", n)
	}
	r.lost.lose(lost)
	var mu sync.Mutex
	taken := map[int64]int{}
	var claims sync.WaitGroup
	for range 8 {
		claims.Go(func() {
			for _, o := range claim(ids...) {
				mu.Lock()
				taken[o.TouchID]++
				mu.Unlock()
			}
		})
	}
	claims.Wait()
	for _, id := range ids {
		if taken[id] != 1 {
			t.Errorf("touch %d was claimed %d times", id, taken[id])
		}
	}
	if !r.lost.none() {
		t.Error("something is still lost")
	}
}

// TestBudgetHoldsUnderConcurrency gives one lead twelve enrolments, which the program never would, and lets all be claimed at once: the
// cycle's budget and the numbering of its attempts hold.
func TestBudgetHoldsUnderConcurrency(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	r.planned(1)
	r.exec(`DROP INDEX enrollments_one_running`)
	const copies = 12
	for range copies - 1 {
		r.exec(`WITH e AS (
				INSERT INTO enrollments (lead_id, cadence_version_id, cycle, state, reason, step, run, in_flight, started_at)
				SELECT lead_id, cadence_version_id, cycle, state, reason, step, run, in_flight, started_at FROM enrollments WHERE id = 1 RETURNING id)
			INSERT INTO touches (enrollment_id, lead_id, cycle, budget, step, run, step_key, channel, template, sender, address, state, planned_at,
				not_before, window_ends_at)
			SELECT e.id, lead_id, cycle, budget, step, run, step_key, channel, template, sender, address, state, planned_at, not_before, window_ends_at
			FROM touches, e WHERE touches.id = (SELECT min(id) FROM touches)`)
	}
	ids := r.touchIDs("planned")
	if len(ids) != copies {
		t.Fatalf("%d touches", len(ids))
	}
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			err := r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
				_, err := store.ClaimTouches(r.ctx, tx, []int64{id}, "w", now)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	claimed := r.count(`SELECT count(*) FROM touches WHERE state = 'claimed'`)
	distinct := r.count(`SELECT count(DISTINCT attempt) FROM touches WHERE state = 'claimed' AND attempt BETWEEN 1 AND 7`)
	spent := r.count(`SELECT attempts FROM cycles`)
	if claimed != 7 || distinct != 7 || spent != 7 {
		t.Errorf("%d touches claimed with %d different attempts, %d spent; want 7 of each", claimed, distinct, spent)
	}
	// The database itself refuses an eighth, whoever asks.
	if _, err := r.pool.Exec(r.ctx, `UPDATE cycles SET attempts = 8`); err == nil {
		t.Error("the database let an eighth attempt be spent")
	}
	if _, err := r.pool.Exec(r.ctx, `UPDATE touches SET attempt = 3 WHERE attempt IS NULL`); err == nil {
		t.Error("the database let an attempt be used twice")
	}
}

// TestStaleJobsDoNothing runs the jobs of touches again that are over.
func TestStaleJobsDoNothing(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	ids := r.planned(3)
	r.sendNow(cadence.ChannelEmail, ids...)
	for range 3 {
		r.sendNow(cadence.ChannelEmail, ids...)
	}
	if n := len(r.mail.messages()); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
}
