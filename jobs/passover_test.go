package jobs

import (
	"errors"
	"slices"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/store"
)

// dailyRoom is the starter with so much room a day in each mailbox.
func dailyRoom(t *testing.T, room string) map[string]string {
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "daily_cap: 120", "daily_cap: "+room)
	return files
}

// TestPlannersThatMeetABadLeadKeepTheCap: several of them could not plan their bites together, and plan them lead by lead. What one of them has taken
// by then the others must not take again.
func TestPlannersThatMeetABadLeadKeepTheCap(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, dailyRoom(t, "2"))
	r.at(tenOClock)
	leads := r.importPeople(6)
	r.exec(`UPDATE leads SET mailbox = 'mara@example.com'`)
	todo, err := r.agenda(r.ctx)
	must(t, err)
	_, err = r.intake(r.ctx)
	must(t, err)
	latest, err := store.LatestEnrollments(r.ctx, r.pool, leads)
	must(t, err)
	for two := range slices.Chunk(leads, 2) { // each planner had measured room for two
		due := allTransitions([]int64{latest[two[0]], latest[two[1]]}, cadence.FellDue{})
		if n, err := r.planEach(r.ctx, todo.live, due, errors.New("a bad lead")); n == 0 && err == nil {
			t.Error("who could plan nothing does not say why")
		}
	}
	if n := len(r.touchIDs("planned")); n != 2 {
		t.Errorf("%d touches are planned for a mailbox with room for 2", n)
	}
}

// TestABadLeadDoesNotTakeTheLastRoom: a mailbox has room for one more, as under an hourly cap it mostly has, and who is first in line cannot be planned.
// The next in line must get the room, or that one lead keeps all of the mailbox's mail back (K3).
func TestABadLeadDoesNotTakeTheLastRoom(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, dailyRoom(t, "1"))
	r.at(tenOClock)
	leads := r.importPeople(3)
	r.exec(`UPDATE leads SET mailbox = 'mara@example.com'`)
	r.exec(`ALTER TABLE touches ADD CONSTRAINT spoilt CHECK (NOT lead_id = ANY('{` + itoa(leads[0]) + `,` + itoa(leads[1]) + `}'))`)
	failed := 0
	for range 6 {
		if _, err := r.Tick(r.ctx); err != nil {
			failed++
		}
	}
	if ids := r.touchIDs("planned"); len(ids) != 1 || r.leadOf(ids[0]) != leads[2] {
		t.Errorf("touches %v are planned, want that of the third lead", ids)
	}
	if failed != 2 {
		t.Errorf("%d ticks said that something is wrong, want one for each bad lead", failed)
	}
	r.exec(`ALTER TABLE touches DROP CONSTRAINT spoilt`)
	r.pass(24 * time.Hour)
	r.tick()
	if ids := r.touchIDs("planned"); len(ids) != 2 || r.leadOf(ids[1]) != leads[0] {
		t.Errorf("touches %v are planned once the cause is gone, want that of the first lead beside", ids)
	}
}
