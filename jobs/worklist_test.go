package jobs

import (
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// TestWorkIsShownWhenItCanBeDone: the call of a cadence is work from the moment it is filed, for it lapses when its time is over; what a lead asks for is too, though
// it has hours; a call at a time that the lead named is not before, whatever kind of task becomes of it.
func TestWorkIsShownWhenItCanBeDone(t *testing.T) {
	t.Parallel()
	counts := func(r *rig) (due, upcoming int) {
		t.Helper()
		now := r.clock.Now()
		n, err := store.CountWork(r.ctx, r.pool, store.WorkQuery{Now: now, DayStart: now, VisitsSince: now})
		must(t, err)
		return n[store.TabDue], n[store.TabUpcoming]
	}
	filed, tasks := heldRig(t)
	if due, upcoming := counts(filed); due != len(tasks) || upcoming != 0 {
		t.Errorf("of %d calls %d are due and %d upcoming", len(tasks), due, upcoming)
	}

	for _, phone := range []bool{true, false} {
		r := newLiveRig(t, nil)
		lead := r.leadOf(r.planned(1)[0])
		if !phone {
			r.exec(`UPDATE leads SET phone = ''`)
		}
		later := r.clock.Now().Add(72 * time.Hour)
		r.respond(lead, cadence.CallBackLater, func(in *ResponseInput) { in.Date = &later })
		if due, upcoming := counts(r); due != 0 || upcoming != 1 {
			t.Errorf("phone %v: who is to be called back in three days has %d tasks due and %d upcoming", phone, due, upcoming)
		}
		r.pass(73 * time.Hour)
		if due, upcoming := counts(r); due != 1 || upcoming != 0 {
			t.Errorf("phone %v: after three days %d tasks are due and %d upcoming", phone, due, upcoming)
		}
	}

	r := newLiveRig(t, nil)
	lead := r.leadOf(r.planned(1)[0])
	r.respond(lead, cadence.Reply)
	if due, upcoming := counts(r); due != 1 || upcoming != 0 {
		t.Errorf("who replied has %d tasks due and %d upcoming", due, upcoming)
	}
	open, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	must(t, r.SnoozeTask(r.ctx, open[0].ID, open[0].Owner, r.clock.Now().Add(24*time.Hour)))
	if due, upcoming := counts(r); due != 0 || upcoming != 1 {
		t.Errorf("put off, %d tasks are due and %d upcoming", due, upcoming)
	}
	r.respond(lead, cadence.Reply) // once more: it cannot wait
	if due, upcoming := counts(r); due != 1 || upcoming != 0 {
		t.Errorf("after another reply %d tasks are due and %d upcoming", due, upcoming)
	}
}
