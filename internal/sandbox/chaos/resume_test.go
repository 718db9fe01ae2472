package chaos

import (
	"testing"
	"time"

	"nurture/store"
)

// TestResumptionCountsWhatIsInDeadHands: from the kill to the last sight of it, touches and jobs each; what the living have does not count.
func TestResumptionCountsWhatIsInDeadHands(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	killed := map[int]time.Time{7: at(10)}
	r := resumption{jobs: map[string]time.Duration{}}
	dead, living := "host-7-abc", "host-8-def"
	lost := store.HeldJob{ID: 1, Kind: "evaluate", Attempt: 1, Client: dead}
	long := store.HeldJob{ID: 2, Kind: "email_batch", Attempt: 1, Client: living}
	r.look(killed, []string{dead, living}, []store.HeldJob{lost, long}, at(12))
	r.look(killed, []string{living}, []store.HeldJob{lost, long}, at(17))
	long.Attempt++
	r.look(killed, []string{living}, []store.HeldJob{long}, at(90))
	if r.touches != 2*time.Second || r.jobs["evaluate"] != 7*time.Second || len(r.jobs) != 1 || r.most() != 7*time.Second {
		t.Errorf("%+v", r)
	}
	if r.longest != 5*time.Second {
		t.Errorf("the longest try lasted %s", r.longest)
	}
	c := newCounts()
	r.tell(c)
	if c.get("resume_ms_touches") != 2000 || c.get("resume_ms_evaluate") != 7000 || c.get("try_ms_max") != 5000 {
		t.Errorf("%v", c.all())
	}
	if b := (&Result{ResumeSeconds: promised.Seconds()}); b.Broken() {
		t.Error("two minutes break the promise")
	}
	if b := (&Result{ResumeSeconds: promised.Seconds() + 1}); !b.Broken() {
		t.Error("more than two minutes do not break the promise")
	}
}
