package jobs

import (
	"net/url"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/store"
)

// TestCallThatReportsWhileItsCadenceWaits: the provider's list did not know a call, and something holds its cadence; then the call itself reports.
// However its touch was put aside, it must not be made a second time when the cadence goes on.
func TestCallThatReportsWhileItsCadenceWaits(t *testing.T) {
	t.Parallel()
	pause := func(r *rig, id int64) { r.respond(r.leadOf(id), cadence.Reply) }
	for name, c := range map[string]struct {
		before, after func(*rig, int64) // the provider's list is asked in between
		state         store.TouchState
	}{
		"paused before the list was asked": {before: pause, state: store.TouchSkipped},
		"paused once it was planned again": {after: pause, state: store.TouchSkipped},
		"the pause has just ended": {before: pause, state: store.TouchSkipped, after: func(r *rig, id int64) {
			must(r.t, r.ResumeLead(r.ctx, r.leadOf(id)))
		}},
		"its window closed first": {state: store.TouchSkipped, after: func(r *rig, id int64) {
			r.exec(`UPDATE touches SET window_ends_at = $1`, r.now())
			r.sendNow(cadence.ChannelVoicemail, id)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var before []func(*rig, int64)
			if c.before != nil {
				before = append(before, c.before)
			}
			r, _, id := lostCall(t, channels.Temporary, "assume_sent", before...)
			if c.after != nil {
				c.after(r, id)
			}
			if got := r.touch(id); got.State != string(c.state) || got.Step != 0 {
				t.Fatalf("touch %+v, want it %s", got, c.state)
			}
			for range 2 {
				must(t, r.VoiceCallback(r.ctx, r.VoiceToken(id), url.Values{"CallSid": {"CA7"}, "CallStatus": {"ringing"}}))
			}
			var sid string
			r.scan(`SELECT provider_id FROM touches`, nil, &sid)
			if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Attempts != 1 || sid != "CA7" {
				t.Errorf("the call rings, and its touch is %+v, call %q", got, sid)
			}
			if n := r.count(`SELECT coalesce(sum(n), 0) FROM capacity_taken`); n != 1 {
				t.Errorf("the call took %d of its sender's capacity", n)
			}
			r.goesOnWithout(cadence.ChannelVoicemail, id, r.voice)
		})
	}
}

// TestCallThatReportsBehindItsCadence: the cadence has gone on without the touch; the ledger says all the same that it was made.
func TestCallThatReportsBehindItsCadence(t *testing.T) {
	t.Parallel()
	r, _, id := lostCall(t, channels.Unknown, "assume_sent")
	r.pass(askUntil)
	must(t, r.Recover(r.ctx))
	must(t, r.SettleUnknown(r.ctx, id, false))
	before := r.touch(id)
	if before.State != "failed" || before.Step != 1 {
		t.Fatalf("touch %+v, want it failed behind its cadence", before)
	}
	if _, err := r.VoiceScript(r.ctx, r.VoiceToken(id), url.Values{"CallSid": {"CA7"}, "CallStatus": {"in-progress"}, "AnsweredBy": {"machine_end_beep"}}); err != nil {
		t.Fatal(err)
	}
	must(t, r.VoiceCallback(r.ctx, r.VoiceToken(id), url.Values{"CallSid": {"CA7"}, "CallStatus": {"completed"}, "AnsweredBy": {"machine_end_beep"}}))
	got := r.touch(id)
	if got.State != "sent" || got.Result != string(cadence.VoicemailLeft) || got.Step != 1 || got.Attempts != 1 {
		t.Errorf("touch %+v", got)
	}
}

// TestAnswerToAProcessThatWasTakenForDead: it was only silent, as a machine is that sleeps; others gave its mail up, a person said that it was not sent,
// and a pause put it aside. Then the process wakes and knows that the server took it.
func TestAnswerToAProcessThatWasTakenForDead(t *testing.T) {
	t.Parallel()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "on_unknown: assume_sent", "on_unknown: ask")
	r := newLiveRig(t, files)
	id := r.planned(1)[0]
	outgoing, err := r.claims[cadence.ChannelEmail].ask(r.ctx, []int64{id})
	must(t, err)
	must(t, r.recordNow(r.ctx, []store.TouchResult{settle(store.Claimed{TouchID: id, Channel: cadence.ChannelEmail}, "w1", nil, r.now())}))
	r.respond(r.leadOf(id), cadence.OutOfOffice)
	must(t, r.SettleUnknown(r.ctx, id, false))
	if got := r.touch(id); got.State != "skipped" {
		t.Fatalf("touch %+v, want it skipped", got)
	}
	r.record(r.ctx, []store.TouchResult{{TouchID: id, State: store.TouchSent, Detail: "250 ok", NotBefore: r.now(), Claimed: &outgoing[0].Enrollment}})
	if got := r.touch(id); got.State != "sent" || got.Step != 1 || got.Detail != "250 ok" {
		t.Errorf("touch %+v, want it sent", got)
	}
}

// TestWhatWasNeverTriedIsNotBelieved: a touch that nobody claimed cannot have been made, whatever a callback says.
func TestWhatWasNeverTriedIsNotBelieved(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(voiceStep+laterMail))
	id := r.planned(1)[0]
	ring := func(want string) {
		t.Helper()
		must(t, r.VoiceCallback(r.ctx, r.VoiceToken(id), url.Values{"CallSid": {"CA7"}, "CallStatus": {"ringing"}}))
		if got := r.touch(id); got.State != want || got.Step != 0 {
			t.Errorf("touch %+v, want it %s", got, want)
		}
	}
	ring("planned")
	r.respond(r.leadOf(id), cadence.Reply)
	ring("skipped")
}

// goesOnWithout lets three weeks pass after a touch that left by a channel, and has its job worked once more: it does not leave again.
func (r *rig) goesOnWithout(channel cadence.Channel, id int64, by *fakeChannel) {
	r.t.Helper()
	r.noLeaks()
	r.pass(21 * 24 * time.Hour)
	r.tick()
	r.tick()
	r.sendNow(channel, id)
	if n := len(by.messages()); n != 1 {
		r.t.Errorf("the touch left %d times", n)
	}
}
