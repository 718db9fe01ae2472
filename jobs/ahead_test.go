package jobs

import (
	"testing"
	"time"
)

// aheadRig is a rig with two mailboxes before a backlog, each of which may be planned 40 touches ahead.
func aheadRig(t *testing.T, n int) *rig {
	t.Helper()
	files := firstSeven(mailStep + "  - email: small-changes\n" + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: 5000")
	r := newLiveRig(t, files)
	r.planAhead = 40
	r.overdue(n)
	return r
}

// leave writes of n planned touches of a mailbox, the oldest first, that they were sent.
func (r *rig) leave(mailbox string, n int) {
	r.t.Helper()
	r.exec(`WITH sent AS (UPDATE touches SET state = 'sent', sent_at = planned_at WHERE id IN (
			SELECT id FROM touches WHERE state = 'planned' AND sender = $1 ORDER BY id LIMIT $2) RETURNING enrollment_id)
		UPDATE enrollments e SET state = 'finished', reason = 'exhausted', in_flight = false FROM sent WHERE e.id = sent.enrollment_id`, mailbox, n)
}

// TestPlannerStaysNearWhatIsSent: however long the backlog and however large the caps, little more is planned than is soon sent; the rest
// stays due, and follows as room comes free.
func TestPlannerStaysNearWhatIsSent(t *testing.T) {
	t.Parallel()
	const n = 300
	r := aheadRig(t, n)
	mailboxes := mailboxesOf(r.cfg)
	planned := func(mailbox string) int {
		return r.count(`SELECT count(*) FROM touches WHERE state = 'planned' AND sender = $1`, mailbox)
	}
	want := func(when string, first, second int) {
		t.Helper()
		if a, b := planned(mailboxes[0]), planned(mailboxes[1]); a != first || b != second {
			t.Fatalf("%s the mailboxes have %d and %d planned, want %d and %d", when, a, b, first, second)
		}
	}
	r.tick()
	want("at first", 40, 40)
	r.tick()
	want("while nothing leaves", 40, 40)
	r.leave(mailboxes[0], 9)
	r.tick()
	want("when a little has left", 31, 40)
	r.leave(mailboxes[0], 1)
	r.tick()
	want("when a quarter has left", 40, 40)
	r.exec(`UPDATE touches SET not_before = $1 WHERE state = 'planned' AND sender = $2`, r.now().Add(time.Hour), mailboxes[1])
	r.tick()
	want("when one's server has put all off", 40, 80)
	r.pass(time.Hour)
	r.tick()
	want("when these may be tried again", 40, 80)
	for range n {
		for _, m := range mailboxes {
			r.leave(m, 40)
		}
		r.tick()
	}
	if sent := r.count(`SELECT count(DISTINCT enrollment_id) FROM touches WHERE state = 'sent'`); sent != n || r.count(`SELECT count(*) FROM touches`) != n {
		t.Errorf("%d of %d leads had their mail, by %d touches", sent, n, r.count(`SELECT count(*) FROM touches`))
	}
}

// TestUrgentOvertakesBacklog: what becomes urgent while a backlog leaves waits for what is planned, not for the backlog.
func TestUrgentOvertakesBacklog(t *testing.T) {
	t.Parallel()
	r := aheadRig(t, 300)
	r.tick()
	mailbox := mailboxesOf(r.cfg)[0]
	urgent := r.count(`SELECT max(id) FROM enrollments WHERE NOT in_flight AND sender = $1`, mailbox)
	r.exec(`UPDATE enrollments SET priority = 0 WHERE id = $1`, urgent)
	r.leave(mailbox, 10)
	r.tick()
	if r.count(`SELECT count(*) FROM touches WHERE enrollment_id = $1 AND state = 'planned'`, urgent) != 1 {
		t.Error("the urgent one is not among the next ten that are planned")
	}
}
