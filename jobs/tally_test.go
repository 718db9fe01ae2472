package jobs

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nurture/cadence"
	"nurture/store"
)

// tallied counts and gives the tallies of the steps of first-seven.
func (r *rig) tallied() map[string]store.StepTally {
	r.t.Helper()
	counted, err := r.Tally(r.ctx)
	must(r.t, err)
	if !counted {
		r.t.Fatal("nothing was counted")
	}
	steps, err := store.StepTallies(r.ctx, r.pool, "first-seven")
	must(r.t, err)
	byKey := map[string]store.StepTally{}
	for _, s := range steps {
		if s.Planned != s.Waiting+s.Sent+s.Skipped+s.Failed+s.Unknown {
			r.t.Errorf("%+v does not add up", s)
		}
		byKey[s.Step] = s
	}
	return byKey
}

func TestTallies(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	if first := r.tallied(); len(first) != 0 {
		t.Errorf("%+v before the first touch", first)
	}
	touches := r.planned(5)
	r.sendNow(cadence.ChannelEmail, touches[:4]...)
	leads := make([]int64, 5)
	for i, id := range touches {
		leads[i] = r.leadOf(id)
	}
	r.pass(time.Hour)
	answers := func(id int64) func(*ResponseInput) { return func(in *ResponseInput) { in.TouchID = id } }
	r.respond(leads[0], cadence.Reply, answers(touches[0]))
	r.respond(leads[0], cadence.Interested) // counts for the same touch, which was the last one, and only once
	r.respond(leads[1], cadence.HardBounce, answers(touches[1]))
	r.respond(leads[2], cadence.Connected, r.ready()) // answers no touch in particular
	r.respond(leads[3], cadence.Click, answers(touches[3]))
	r.respond(leads[4], cadence.Reply) // nothing was sent to this one
	r.evaluateAll()
	if counted, err := r.Tally(r.ctx); err != nil || !counted {
		t.Fatalf("counted %t: %v", counted, err)
	}
	if counted, err := r.Tally(r.ctx); err != nil || counted {
		t.Errorf("counted again at once: %t, %v", counted, err)
	}
	other := rigOn(t, r.url)
	other.at(r.clock.Now())
	if counted, err := other.Tally(r.ctx); err != nil || counted {
		t.Errorf("another process counted again at once: %t, %v", counted, err)
	}
	r.pass(tallyEvery)
	step := "intro"
	got := r.tallied()[step]
	want := store.StepTally{
		Cadence: "first-seven", Step: step, Channel: "email", Variant: got.Variant, Planned: 5, Waiting: 0, Sent: 4, Skipped: 1, Bounced: 1, Replied: 1,
		Connected: 1, Promoted: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	days, err := store.DayTallies(r.ctx, r.pool, r.clock.Now().AddDate(0, 0, -7))
	must(t, err)
	if len(days) != 1 || days[0].Sent != 4 || days[0].Day.Format(time.DateOnly) != "2026-03-02" {
		t.Errorf("days %+v", days)
	}
	places, err := store.PlaceTallies(r.ctx, r.pool, "first-seven")
	must(t, err)
	through, inside := 0, 0
	for _, p := range places {
		if p.State == "finished" {
			through += p.Leads
			if p.Step != "" || p.Reason != string(cadence.ReasonPromoted) {
				t.Errorf("%+v", p)
			}
			continue
		}
		inside += p.Leads
	}
	if through != 1 || inside != 4 {
		t.Errorf("%d through, %d inside: %+v", through, inside, places)
	}
	stages, err := store.StageTallies(r.ctx, r.pool)
	must(t, err)
	if diff := cmp.Diff([]store.StageTally{{Stage: "handed_off", Leads: 1}, {Stage: "nurturing", Leads: 4}}, stages); diff != "" {
		t.Errorf("stages (-want +got)\n%s", diff)
	}
	last, err := store.LastTallied(r.ctx, r.pool)
	must(t, err)
	if !last.At.Equal(r.clock.Now()) {
		t.Errorf("counted at %s", last.At)
	}
}

// TestTallyRests: what takes long is done seldom.
func TestTallyRests(t *testing.T) {
	t.Parallel()
	real := monday
	r := newLiveRig(t, nil, func(o *Options) {
		o.RealNow = func() time.Time { real = real.Add(10 * time.Second); return real }
	})
	r.tallied()
	for _, step := range []struct {
		pass time.Duration
		want bool
	}{{tallyEvery, false}, {3 * time.Minute, false}, {time.Minute, true}, {tallyEvery, false}} {
		r.pass(step.pass)
		if counted, err := r.Tally(r.ctx); err != nil || counted != step.want {
			t.Errorf("after %s more: counted %t, %v", step.pass, counted, err)
		}
	}
}
