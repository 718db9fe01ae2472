package jobs

import (
	"slices"
	"testing"
	"time"

	"nurture/store"
)

func (r *rig) alarms() map[AlarmKind]Alarm {
	r.t.Helper()
	alarms, err := r.Alarms(r.ctx)
	must(r.t, err)
	byKind := map[AlarmKind]Alarm{}
	for i, a := range alarms {
		byKind[a.Kind] = a
		if i > 0 && alarmRank(alarms[i-1].Kind) >= alarmRank(a.Kind) || alarmRank(a.Kind) < 0 {
			r.t.Errorf("%s does not come before %s", alarms[i-1].Kind, a.Kind)
		}
	}
	return byKind
}

// TestAlarms: each thing that needs a person raises its alarm, and only that.
func TestAlarms(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	now := r.realNow() // the real clock stands, while the other one goes on
	r.realNow = func() time.Time { return now }
	must(t, store.SeeWorker(r.ctx, r.pool, store.Worker{ID: "alive", Host: "mill", SeenAt: r.realNow()}))
	if got := r.alarms(); len(got) > 0 {
		t.Errorf("all is well, and yet %+v", got)
	}
	longAgo := r.realNow().Add(-time.Hour)
	must(t, store.SeeWorker(r.ctx, r.pool, store.Worker{ID: "silent", Host: "mill", SeenAt: longAgo}))
	touchID := r.planned(2)[0]
	r.exec(`UPDATE touches SET state = 'unknown', claimed_at = $2 WHERE id = $1`, touchID, tenOClock)
	r.exec(`INSERT INTO inbound_mails (source, external_id, digest, sender, subject, kind, why, classification, state, note, received_at)
		VALUES ('test', '1', '\x01', 'x@y.example', 'Hi', 'human_reply', '', '{}', 'unmatched', '', $1)`, tenOClock)
	r.exec(`INSERT INTO referrals (lead_id, name, email, phone, state, proposed_at) SELECT id, 'Bo', 'bo@z.example', '', 'proposed', $1 FROM leads`, tenOClock)
	r.exec(`INSERT INTO handoffs (lead_id, state, created_at, escalated_at) SELECT min(id), 'escalated', $1, $1 FROM leads`, tenOClock)
	r.exec(`INSERT INTO senders (mailbox, paused_at, reason) VALUES ('mara@example.com', $1, 'listed')`, tenOClock)
	r.exec(`UPDATE river_job SET state = 'discarded', finalized_at = now() WHERE id = (SELECT min(id) FROM river_job WHERE kind = 'email_batch')`)
	r.exec(`INSERT INTO river_job (kind, queue, state, args, max_attempts) VALUES ('evaluate', 'evaluate', 'retryable', '{}', 25)`)
	r.exec(`INSERT INTO river_queue (name, created_at, updated_at, metadata, paused_at) VALUES ('call', $1, $1, '{}', $1)`, longAgo)
	got := r.alarms()
	for kind, want := range map[AlarmKind]Alarm{
		AlarmWorkerSilent: {N: 1, About: []string{"silent"}, Since: &longAgo, Real: true},
		AlarmGivenUp:      {N: 1, About: []string{"email"}},
		AlarmFailing:      {N: 1},
		AlarmQueuePaused:  {N: 1, About: []string{"call"}, Since: &longAgo, Real: true},
		AlarmSenderPaused: {N: 1, About: []string{"mara@example.com"}, Since: &tenOClock},
		AlarmEscalated:    {N: 1, Since: &tenOClock},
		AlarmUnknown:      {N: 1, Since: &tenOClock},
		AlarmUnmatched:    {N: 1, Since: &tenOClock},
		AlarmReferrals:    {N: 2, Since: &tenOClock},
	} {
		a := got[kind]
		sameSince := a.Since == nil && want.Since == nil || a.Since != nil && want.Since != nil && a.Since.Sub(*want.Since).Abs() < time.Millisecond
		if a.N != want.N || !slices.Equal(a.About, want.About) || a.Real != want.Real || !sameSince {
			t.Errorf("%s: %+v, want %+v", kind, a, want)
		}
		delete(got, kind)
	}
	if len(got) > 0 {
		t.Errorf("and %+v", got)
	}
	r.exec(`DELETE FROM workers WHERE id = 'alive'`)
	if a := r.alarms()[AlarmNoWorker]; a.Since == nil || !a.Since.Equal(longAgo.Truncate(time.Microsecond)) {
		t.Errorf("nobody works: %+v", a)
	}
}

// TestLeaksAreLookedForNowAndThen: not for every reader, since every lead is read for it.
func TestLeaksAreLookedForNowAndThen(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	now := r.realNow()
	r.realNow = func() time.Time { return now }
	r.importPeople(2)
	eventually(t, "the first look is over", func() bool { return !r.Leaks(r.ctx).At.IsZero() })
	r.exec(`UPDATE leads SET intake_at = NULL`)
	if got := r.Leaks(r.ctx); len(got.Leads) > 0 || !got.At.Equal(now) {
		t.Errorf("looked for again at once: %+v", got)
	}
	now = now.Add(leakSpan)
	eventually(t, "they are found", func() bool { return len(r.Leaks(r.ctx).Leads) == 2 })
	if _, leaks := r.alarms()[AlarmLeak]; !leaks {
		t.Error("no alarm")
	}
}

// TestAlarmsBeforeAnythingIsApplied: that is the alarm.
func TestAlarmsBeforeAnythingIsApplied(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.alarms(); got[AlarmNotReady].N != 1 {
		t.Errorf("%+v", got)
	}
}
