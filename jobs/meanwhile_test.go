package jobs

import (
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/config"
	"nurture/internal/token"
	"nurture/store"
)

// TestReassignedWhileItIsDelivered: the mail to the first rep is on its way as the handoff is given to another, or as nobody has answered in time. What is
// noted of the first mail must not pass for the second, or nobody tells who has it now.
func TestReassignedWhileItIsDelivered(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	_, h := r.offeredLead()
	other := r.cfg.Settings.Team.Manager.Email
	var to []string
	r.mail.set(func(m channels.Message) channels.Receipt {
		if to = append(to, m.To.Address); len(to) == 1 {
			r.pass(time.Second)
			must(t, r.ReassignHandoff(r.ctx, h.ID, other))
		}
		return channels.Receipt{Outcome: channels.Sent}
	})
	for range 3 {
		must(t, r.deliver(h.ID))
	}
	if !slices.Equal(to, []string{h.Rep, other}) {
		t.Errorf("the dossier went to %v, want %s and then %s", to, h.Rep, other)
	}
	if n := r.count(`SELECT count(*) FROM handoffs WHERE delivered_at IS NOT NULL`); n != 1 {
		t.Error("the handoff does not count as delivered")
	}
}

// TestGivenBackWhileTheManagerIsTold: the same with the manager's mail: the handoff escalates anew, and the manager hears of it anew.
func TestGivenBackWhileTheManagerIsTold(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	_, h := r.offeredLead()
	must(t, r.deliver(h.ID))
	reps := r.cfg.Settings.Team.Reps
	other := reps[slices.IndexFunc(reps, func(p config.Rep) bool { return p.Email != h.Rep })].Email
	told := 0
	r.mail.set(func(m channels.Message) channels.Receipt {
		if m.To.Address == r.cfg.Settings.Team.Manager.Email {
			if told++; told == 1 {
				must(t, r.ReassignHandoff(r.ctx, h.ID, other))
				r.at(r.clock.Now().Add(10 * 24 * time.Hour))
				r.tick()
			}
		}
		return channels.Receipt{Outcome: channels.Sent}
	})
	r.at(h.RespondBy.Add(time.Minute))
	r.tick()
	for range 3 {
		must(t, r.deliver(h.ID))
	}
	if told != 2 {
		t.Errorf("the manager was told %d times of two escalations", told)
	}
}

// TestErasedBeforeItsJobs: a lead is erased while jobs about it wait: they find nothing to do, and do not fail again and again.
func TestErasedBeforeItsJobs(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead, h := r.offeredLead()
	response := r.respond(lead, cadence.Reply)
	touch := r.count(`SELECT max(id) FROM touches`)
	must(t, r.EraseLead(r.ctx, lead))
	if err := r.deliver(h.ID); err != nil {
		t.Errorf("the dossier: %v", err)
	}
	if err := (&evaluateWorker{engine: r.Engine}).Work(r.ctx, jobOf(Evaluate{ResponseIDs: []int64{response}})); err != nil {
		t.Errorf("the answer: %v", err)
	}
	w := &batchWorker[EmailBatch]{engine: r.Engine, channel: cadence.ChannelEmail}
	if err := w.Work(r.ctx, jobOf(EmailBatch{Batch{TouchIDs: []int64{int64(touch)}}})); err != nil {
		t.Errorf("the mail: %v", err)
	}
}

// TestErasedWhileItSpeaks: what a lead says on its pages, and what the phone provider says of a call to it, finds nobody, as it would a moment later: nothing failed
// that could go well later.
func TestErasedWhileItSpeaks(t *testing.T) {
	t.Parallel()
	for name, speak := range map[string]func(r *rig, touch int64) error{
		"unsubscribe": func(r *rig, touch int64) error { return r.Unsubscribe(r.ctx, r.tokens.Make(token.Unsubscribe, touch)) },
		"form": func(r *rig, touch int64) error {
			return r.SelfQualify(r.ctx, r.tokens.Make(token.SelfQualify, touch), "1", criteria)
		},
		"call": func(r *rig, touch int64) error {
			return r.VoiceCallback(r.ctx, r.VoiceToken(touch), url.Values{"CallSid": {"CA1"}, "CallStatus": {"busy"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(voiceStep+laterMail))
			touch := r.planned(1)[0]
			r.sendNow(cadence.ChannelVoicemail, touch)
			lead := r.lead(r.leadOf(touch))
			spoke := make(chan error, 1)
			must(t, r.inTx(r.ctx, func(tx pgx.Tx, _ time.Time) error {
				if _, err := lockLatest(r.ctx, tx, []int64{lead.ID}); err != nil {
					return err
				}
				go func() { spoke <- speak(r, touch) }()
				eventually(t, "it waits for whoever erases the lead", func() bool {
					return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
				})
				return store.EraseLead(r.ctx, tx, store.Erasure{Lead: lead})
			}))
			if err := <-spoke; !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%v, want %v", err, store.ErrNotFound)
			}
		})
	}
}

// TestEnrolledWhileItMoves: somebody enrols a lead at the moment in which it moves from one cadence to another, and is told that it is enrolled.
func TestEnrolledWhileItMoves(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	lead := r.leadOf(r.planned(1)[0])
	enrolled := make(chan error, 1)
	must(t, r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
		latest, err := lockLatest(r.ctx, tx, []int64{lead})
		if err != nil {
			return err
		}
		go func() { enrolled <- r.Enroll(r.ctx, []int64{lead}, "first-seven") }()
		eventually(t, "who enrols waits for the move", func() bool {
			return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
		})
		move := transition{leadID: lead, enrollmentID: latest[lead], event: cadence.MovedByPerson{To: "event-follow-up"}}
		return r.apply(r.ctx, tx, now, []transition{move}, nil)
	}))
	if err := <-enrolled; !errors.Is(err, ErrEnrolled) {
		t.Errorf("%v, want %v", err, ErrEnrolled)
	}
	if got := r.running(lead).CadenceKey; got != "event-follow-up" {
		t.Errorf("it is in %s", got)
	}
}

// TestEndedWhileItIsEnrolled: somebody ends a lead that is in no cadence at the moment in which one takes it. What follows is that it ended, not that it goes on.
func TestEndedWhileItIsEnrolled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		end  func(r *rig, lead int64) error
	}{
		{"a move of its stage", func(r *rig, lead int64) error {
			_, err := r.MoveStage(r.ctx, lead, cadence.StageDisqualified, "ops", "a competitor")
			return err
		}},
		{"a suppression", func(r *rig, _ int64) error {
			_, err := r.Suppress(r.ctx, []store.Suppression{{Address: person(1).Email, Scope: cadence.SuppressAll}})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newLiveRig(t, firstSeven(mailStep+laterMail))
			lead := r.importPeople(1)[0]
			ended := make(chan error, 1)
			must(t, r.inTx(r.ctx, func(tx pgx.Tx, now time.Time) error {
				current, err := r.liveNow(r.ctx, tx)
				if err != nil {
					return err
				}
				if err := r.enrollIn(r.ctx, tx, now, current, []int64{lead}, "first-seven"); err != nil {
					return err
				}
				go func() { ended <- c.end(r, lead) }()
				eventually(t, "the end waits for the enrolment", func() bool {
					return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 1
				})
				return nil
			}))
			must(t, <-ended)
			if n := r.count(`SELECT count(*) FROM enrollments e JOIN leads l ON l.id = e.lead_id WHERE e.state <> 'finished' OR l.end_reason = ''`); n != 0 {
				t.Errorf("the lead goes on: %+v, %+v", r.lead(lead), r.runOf(lead))
			}
		})
	}
}
