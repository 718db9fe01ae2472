package jobs

import (
	"testing"
	"time"

	"nurture/cadence"
)

// TestRollbackPastAVersionThatALeadNeverHad: a lead finishes on version 1 while version 2 is live, and is moved by version 3. Brought back to version 2 it
// stands on version 1 again, and so must its touches: one that bore the number of another step would keep that step from ever being made.
func TestRollbackPastAVersionThatALeadNeverHad(t *testing.T) {
	t.Parallel()
	const (
		three = "  - voicemail: hello\n    after: 2 business days\n  - email: case-study\n    after: 3 business days\n"
		first = "steps:\n  - email: intro\n" + three
		next  = "steps:\n  - email: small-changes\n  - email: intro\n    after: 1 business day\n" + three
		last  = "on_change: move\nsteps:\n  - email: small-changes\n  - email: leave-it-here\n    after: 1 business day\n  - email: intro\n    after: 1 business day\n" + three
	)
	r := newRig(t)
	r.goLive(revised(t, first))
	r.at(tenOClock)
	r.importPeople(1)
	r.tick()
	intro := r.touchIDs("planned")[0]
	r.sendNow(cadence.ChannelEmail, intro)
	before, ledger := r.standings(), r.ledgerSteps()
	r.goLive(revised(t, next))
	r.goLive(revised(t, last))
	if got := r.ledgerSteps(); got[intro] == ledger[intro] {
		t.Fatalf("the move left the first mail at %s: this tries nothing", got[intro])
	}
	back, err := r.Rollback(r.ctx, 2, "test")
	must(t, err)
	if back.Restored != 1 || len(back.NotRestored) != 0 {
		t.Fatalf("%+v", back)
	}
	for id, was := range before {
		if is := r.standings()[id]; is != was {
			t.Errorf("the enrolment stands\n%s, before\n%s", is, was)
		}
	}
	for id, was := range ledger {
		if is := r.ledgerSteps()[id]; is != was {
			t.Errorf("touch %d is %s, before %s", id, is, was)
		}
	}
	r.at(tenOClock.Add(48 * time.Hour))
	r.tick()
	r.sendNow(cadence.ChannelVoicemail, r.plannedOf(cadence.ChannelVoicemail)...)
	if n := len(r.voice.messages()); n != 1 {
		t.Errorf("%d voicemails were left", n)
	}
	r.noLeaks()
}

// ledgerSteps reads which step each touch is of.
func (r *rig) ledgerSteps() map[int64]string {
	r.t.Helper()
	return r.byID(`SELECT id, step, run, step_key, state FROM touches`)
}
