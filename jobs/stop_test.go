package jobs

import (
	"context"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/channels"
	"nurture/channels/journal"
	"nurture/internal/sandbox/clock"
	"nurture/store"
)

// claimAndLose claims touches of which the engine then does not know whether they are.
func (r *rig) claimAndLose(ids ...int64) {
	r.t.Helper()
	r.claimAs(r.worker, ids...)
	r.lost.lose(ids)
}

// TestStopPutsBackLostClaims: nobody has them in hand, and nobody else could tell that they were not sent.
func TestStopPutsBackLostClaims(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, nil)
	ids := r.planned(2)
	r.claimAndLose(ids...)
	must(t, r.Stop(r.ctx))
	for _, id := range ids {
		if got := r.touch(id); got.State != "planned" || got.Tries != 0 {
			t.Errorf("touch %+v, want it planned and untried", got)
		}
	}
}

// TestWhatAStoppedProcessCouldNotRecord, since the database was away until its end, is in its journal: the next process of the machine settles it, and
// makes no unknown of what surely was not sent.
func TestWhatAStoppedProcessCouldNotRecord(t *testing.T) {
	t.Parallel()
	url, dir := newDatabase(t), t.TempDir()
	marks, err := journal.Open(dir, "w1")
	must(t, err)
	r := rigOn(t, url, func(o *Options) { o.JournalDir, o.Journal = dir, marks })
	r.goLive(starterWith(t, nil))
	ids := r.planned(5)
	r.claimAndLose(ids[0])
	r.claimAs(r.worker, ids[1:]...)
	back := r.takeDatabaseAway()
	results := make([]store.TouchResult, 0, 4)
	for i, o := range []channels.Receipt{
		{Outcome: channels.Temporary, Unreached: true, Detail: "not begun"},
		{Outcome: channels.Permanent, Detail: "550 no such user"},
		{Outcome: channels.Sent, Detail: "250 ok", ProviderID: "x1"},
		{Outcome: channels.Unknown, Detail: "no answer"},
	} {
		o.TouchID = ids[1+i]
		results = append(results, r.result(o, channels.Message{TouchID: o.TouchID}, nil))
	}
	r.record(r.ctx, results)
	told, cancel := context.WithCancel(r.ctx)
	cancel() // no grace
	_ = r.Stop(told)
	must(t, marks.Close())
	back()
	real := clock.New(monday.Add(24 * time.Hour))
	next := rigOn(t, url, func(o *Options) { o.JournalDir, o.RealNow, o.Worker.ID = dir, real.Now, "w2" })
	next.at(tenOClock)
	for range 2 {
		must(t, next.Recover(next.ctx))
		real.Advance(real.Now().Add(deadAfter))
	}
	must(t, next.Recover(next.ctx))
	for i, want := range []string{"planned", "planned", "failed", "sent", "unknown"} {
		if got := next.touch(ids[i]); got.State != want {
			t.Errorf("touch %d is %s (%s), want %s", i, got.State, got.Detail, want)
		}
	}
	next.tick()
	next.sendNow(cadence.ChannelEmail, next.touchIDs("planned")...)
	if n := len(next.mail.messages()); n != 2 {
		t.Errorf("%d mails are sent then, want the two that were not", n)
	}
}
