package jobs

import (
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// TestNotSentWhileTheCadenceGoesOn: a person finds that a touch was not sent at the instant at which its paused enrolment takes the step up again. Whoever
// comes second must see the first, or the enrolment waits for ever for a touch that is skipped.
func TestNotSentWhileTheCadenceGoesOn(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: ask")
	r := newLiveRig(t, files)
	id := r.planned(1)[0]
	r.mail.set(outcome(channels.Unknown))
	r.sendNow(cadence.ChannelEmail, id)
	r.mail.set(nil)
	latest, err := store.LatestEnrollment(r.ctx, r.pool, r.leadOf(id))
	must(t, err)
	tell := func(tx pgx.Tx, event cadence.Event) error {
		return r.apply(r.ctx, tx, r.now(), []transition{{enrollmentID: latest.ID, event: event}}, nil)
	}
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error { return tell(tx, cadence.PausedByPerson{}) }))
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error { return tell(tx, cadence.ResumedByPerson{}) }))
	settled := make(chan error, 1)
	must(t, pgx.BeginFunc(r.ctx, r.pool, func(tx pgx.Tx) error {
		if err := tell(tx, cadence.FellDue{}); err != nil {
			return err
		}
		go func() { settled <- r.SettleUnknown(r.ctx, id, false) }()
		eventually(t, "the person's word waits for the cadence", func() bool {
			return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
		})
		return nil
	}))
	must(t, <-settled)
	if got := r.touch(id); got.State != "planned" || !got.InFlight {
		t.Errorf("touch %+v, want it planned for the enrolment that waits for it", got)
	}
	r.noLeaks()
	r.tick()
	r.sendNow(cadence.ChannelEmail, id)
	if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 {
		t.Errorf("touch %+v", got)
	}
}

// TestCallThatWasNotAbsentAfterAll: the provider's list did not know the call yet and the touch was planned again; then the call itself reports. It must
// not be made a second time.
func TestCallThatWasNotAbsentAfterAll(t *testing.T) {
	t.Parallel()
	r, _, id := lostCall(t, channels.Temporary, "assume_sent")
	if got := r.touch(id); got.State != "planned" {
		t.Fatalf("touch %+v, want it planned again", got)
	}
	form := url.Values{"CallSid": {"CA7"}, "CallStatus": {"ringing"}}
	must(t, r.VoiceCallback(r.ctx, r.VoiceToken(id), form))
	if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 {
		t.Errorf("the call rings, and its touch is %+v", got)
	}
	r.tick()
	r.sendNow(cadence.ChannelVoicemail, id)
	if n := len(r.voice.messages()); n != 1 {
		t.Errorf("%d calls were made", n)
	}
}
