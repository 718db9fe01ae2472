package chaos

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"nurture/internal/sandbox/mailsink"
	"nurture/internal/sandbox/phone"
	"nurture/store"
)

var noon = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// kept is the evidence of a run in which every promise was kept: an opt-out came while the second mail was on its way.
func kept() Evidence {
	touch := func(id int64, lead int64, step int, channel string, state store.TouchState) store.AuditedTouch {
		return store.AuditedTouch{
			ID: id, LeadID: lead, EnrollmentID: lead + 100, Step: step, Channel: channel, State: state, Tries: 1, ClaimedBy: "host-7-abc",
			Address: fmt.Sprintf("lead-%d@example.com", lead),
		}
	}
	skipped := touch(5, 2, 2, "email", store.TouchSkipped)
	skipped.Reason = "opted_out"
	return Evidence{
		Touches: []store.AuditedTouch{
			touch(1, 1, 0, "email", store.TouchSent), touch(2, 1, 1, "call", store.TouchSent),
			touch(3, 2, 0, "email", store.TouchSent), touch(4, 2, 1, "email", store.TouchSent), skipped,
		},
		Runs: []store.AuditedRun{{ID: 101, LeadID: 1, State: "finished", Step: 2}, {ID: 102, LeadID: 2, State: "finished", Step: 2}},
		Accepted: map[int64]Accepted{
			1: {Times: 1, Last: noon}, 3: {Times: 1, Last: noon}, 4: {Times: 1, Last: noon.Add(time.Second)},
		},
		Stops:  map[int64]Stop{2: {At: noon.Add(500 * time.Millisecond), Claims: map[int64]int{3: 1, 4: 1}}},
		Killed: map[int]bool{7: true}, Stopped: map[int]bool{8: true}, Withheld: map[string]bool{},
	}
}

// TestCompareSeesEveryBreach: the comparison finds nothing wrong with a good run, and each thing that may go wrong with another.
func TestCompareSeesEveryBreach(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*Evidence)
		found func(Findings) any
		want  any
	}{
		{"nothing", func(*Evidence) {}, func(f Findings) any {
			return len(f.SentTwice) + len(f.Lost) + len(f.AfterStop) + len(f.Stuck) + f.Unknown
		}, 0},
		{"excused", func(*Evidence) {}, func(f Findings) any { return f.Excused }, 1},
		{"a doubled mail", func(e *Evidence) { e.Accepted[3] = Accepted{Times: 2, Last: noon} }, func(f Findings) any { return f.SentTwice }, []int64{3}},
		{"a lost mail", func(e *Evidence) { delete(e.Accepted, 1) }, func(f Findings) any { return f.Lost }, []int64{1}},
		{"a denied mail", func(e *Evidence) { e.Accepted[5] = Accepted{Times: 1, Last: noon} }, func(f Findings) any { return f.Denied }, []int64{5}},
		{"a mail of nobody", func(e *Evidence) { e.Accepted[99] = Accepted{Times: 1} }, func(f Findings) any { return len(f.Strange) }, 1},
		{"claimed after the stop", func(e *Evidence) { e.Stops[2].Claims[4] = 0 }, func(f Findings) any { return f.AfterStop }, []int64{4}},
		{"claimed again after the stop", func(e *Evidence) { e.Touches[3].Tries = 2 }, func(f Findings) any { return f.AfterStop }, []int64{4}},
		{"planned for ever", func(e *Evidence) { e.Touches[0].State = store.TouchPlanned }, func(f Findings) any { return f.Stuck }, []int64{1}},
		{"skipped for no reason", func(e *Evidence) { e.Touches[4].Reason = "" }, func(f Findings) any { return f.Unasked }, []int64{5}},
		{"a step passed over", func(e *Evidence) { e.Runs[0].Step = 3 }, func(f Findings) any { return f.Passed }, []int64{101}},
		{"never finished", func(e *Evidence) { e.Runs[1].State = "active" }, func(f Findings) any { return f.Undone }, []int64{102}},
		{"unknown by a kill", unknownBy("host-7-abc", ""), func(f Findings) any { return f.UnknownByKill[7] }, 1},
		{"unknown by SIGTERM", unknownBy("host-8-abc", ""), func(f Findings) any { return f.UnknownByStop }, 1},
		{"unknown by a fault", unknownBy("host-8-abc", "lead-1@example.com"), func(f Findings) any { return f.UnknownByFault }, 1},
		{"unknown, and nobody knows why", unknownBy("host-9-abc", ""), func(f Findings) any { return f.UnknownOther }, []int64{1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := kept()
			test.spoil(&e)
			if got := test.found(Compare(e)); fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
		})
	}
}

func unknownBy(worker, withheld string) func(*Evidence) {
	return func(e *Evidence) {
		e.Touches[0].State, e.Touches[0].ClaimedBy, e.Withheld[withheld] = store.TouchUnknown, worker, true
	}
}

// TestBlame: every breach makes the run a broken one, and its touches are named.
func TestBlame(t *testing.T) {
	t.Parallel()
	r := &Result{SentTwice: 1, Findings: Findings{SentTwice: []int64{3, 14}}, Kept: "some folder"}
	var said bytes.Buffer
	r.Blame(&said)
	if !r.Broken() || !strings.Contains(said.String(), "accepted more than once: 3 14\n") || !strings.Contains(said.String(), "some folder") {
		t.Errorf("broken %v, said %q", r.Broken(), said.String())
	}
	for name, broken := range map[string]Result{
		"lost": {Lost: 1}, "denied": {Denied: 1}, "after stop": {AfterStop: 1}, "stuck": {Stuck: 1}, "leaks": {Leaks: 1}, "exits": {WorkerExits: 1},
		"unknown by SIGTERM": {UnknownByStop: 1}, "unknown": {UnknownOther: 1}, "too many unknown": {MaxUnknownByKill: connections + 1},
		"late": {Counts: map[string]int{"sigterm_late": 1}},
	} {
		if !broken.Broken() {
			t.Errorf("%s: not broken", name)
		}
	}
	if (&Result{Unknown: 3, UnknownByFault: 3, MaxUnknownByKill: connections}).Broken() {
		t.Error("what faults leave open is no breach")
	}
}

// TestFaultsFollowTheSeed: the same seed lets the same things go wrong, and all of them.
func TestFaultsFollowTheSeed(t *testing.T) {
	t.Parallel()
	storm := func(seed int64) map[string]int {
		w := &world{counts: newCounts(), mailDice: newDice(seed, 1), phoneDice: newDice(seed, 2), withheld: map[string]bool{}}
		for range 5000 {
			w.mailFault(mailsink.Envelope{To: "lead@example.com"})
			w.phoneFault(phone.Attempt{To: "+493012345678"})
		}
		w.clear.Store(true)
		before := fmt.Sprint(w.counts.all())
		w.mailFault(mailsink.Envelope{})
		w.phoneFault(phone.Attempt{})
		if after := fmt.Sprint(w.counts.all()); after != before {
			t.Errorf("faults after the storm: %s", after)
		}
		return w.counts.all()
	}
	first := storm(7)
	if len(first) != len(mailFaults)+len(phoneFaults) {
		t.Errorf("%d kinds of faults came, want all %d", len(first), len(mailFaults)+len(phoneFaults))
	}
	if again := storm(7); fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("the same seed gave %v and %v", first, again)
	}
	if other := storm(8); fmt.Sprint(other) == fmt.Sprint(first) {
		t.Error("another seed gave the same")
	}
}
