package jobs

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/leadfile"
	"nurture/internal/provenance"
	"nurture/store"
)

// twoSenders is a cadence of two mails, with a mailbox and another one in place of the starter's.
func twoSenders(t *testing.T, mailbox string) map[string]string {
	t.Helper()
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = starterFile(t, "nurture.yaml", "jonas@example.com", mailbox, "mara@example.com", "other-"+mailbox)
	return files
}

// TestNobodyWaitsForFormerSenders: an import and a record that began before another configuration was applied, and end after, leave nobody to wait
// for a mailbox or for the limit of a domain that are no more.
func TestNobodyWaitsForFormerSenders(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, twoSenders(t, "first@example.com"))
	r.at(tenOClock)
	r.start()
	r.importPeople(2)
	r.settle()

	late := person(3)
	halfway, err := r.PrepareImport(r.ctx, provenance.Stamp{}, []leadfile.Row{{Line: 2, Lead: late}})
	must(t, err)
	r.goLive(starterWith(t, twoSenders(t, "second@example.com")))
	_, err = r.FinishImport(r.ctx, halfway)
	must(t, err)
	// As records leave them that have read their lead before the apply and are committed after it.
	r.exec(`UPDATE enrollments SET sender = 'first@example.com' WHERE lead_id = 1`)
	r.exec(`UPDATE enrollments SET domain = 'customer-002.example' WHERE lead_id = 2`)

	r.until(tenOClock.AddDate(0, 0, 7), nil)
	mails := map[string]int{}
	for _, m := range r.mail.messages() {
		mails[m.To.Address]++
	}
	for i := 1; i <= 3; i++ {
		if to := person(i).Email; mails[to] < 2 {
			t.Errorf("%s got %d mails of two", to, mails[to])
		}
	}
	var mailbox string
	r.scan(`SELECT mailbox FROM leads WHERE key = $1`, []any{late.Key}, &mailbox)
	if mailbox != "second@example.com" && mailbox != "other-second@example.com" {
		t.Errorf("the lead of the late import is written to by %s", mailbox)
	}
	strays, err := store.StrayRooms(r.ctx, r.pool, nil)
	must(t, err)
	for _, room := range strays {
		if room.Sender == "first@example.com" || room.Domain != "" {
			t.Errorf("somebody waits in %+v", room)
		}
	}
}

// TestStraysAreGatheredInBites: more of them than are gathered at once; who cannot be housed, such as calls where nobody calls, keeps nobody else waiting.
func TestStraysAreGatheredInBites(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(laterMail))
	r.at(tenOClock)
	r.importPeople(2*strayBite + 20)
	r.settle()
	r.exec(`UPDATE enrollments SET sender = 'nobody@example.com'`)
	r.exec(`UPDATE leads SET mailbox = 'nobody@example.com'`)
	r.exec(`UPDATE enrollments SET channel = 'fax', sender = '' WHERE lead_id <= $1`, strayBite+1)
	live, err := r.liveNow(r.ctx, r.pool)
	must(t, err)
	n, err := r.gatherStrays(r.ctx, live)
	must(t, err)
	if n != strayBite+19 {
		t.Errorf("gathered %d", n)
	}
	strays, err := store.StrayRooms(r.ctx, r.pool, nil)
	must(t, err)
	for _, room := range strays {
		if room.Sender == "nobody@example.com" {
			t.Errorf("somebody waits in %+v", room)
		}
	}
}

// TestPlannedTouchesLeaveFormerSenders: what was planned for a mailbox that an apply takes away leaves from another, as that one's day allows.
func TestPlannedTouchesLeaveFormerSenders(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, twoSenders(t, "first@example.com"))
	r.planned(6)
	files := twoSenders(t, "second@example.com")
	files["nurture.yaml"] = strings.ReplaceAll(files["nurture.yaml"], "daily_cap: 120", "daily_cap: 2")
	cfg := starterWith(t, files)
	r.goLive(cfg)
	r.start()
	for day, want := range []int{4, 6} { // of all
		r.until(tenOClock.Add(time.Duration(24*day+6)*time.Hour), nil)
		sent := r.mail.messages()
		for _, m := range sent {
			if m.From.Name == "" || !slices.ContainsFunc(cfg.Settings.Senders, func(s config.Sender) bool { return s.Email == m.From.Address && s.Name == m.From.Name }) {
				t.Errorf("a mail leaves from %+v", m.From)
			}
		}
		if len(sent) != want {
			t.Errorf("%d mails have left after day %d, want %d", len(sent), day, want)
		}
	}
}

// TestNoTaskStaysWithAFormerSDR: an answer that was being taken in while another configuration was applied opens its task for the SDR who is gone by then; one
// that is there has it within a minute. A task that somebody works on stays theirs.
func TestNoTaskStaysWithAFormerSDR(t *testing.T) {
	t.Parallel()
	r := newLiveRig(t, firstSeven(mailStep+laterMail))
	r.at(tenOClock)
	ids := r.importPeople(3)
	r.tick()
	former := r.lead(ids[0]).Owner
	for _, id := range ids {
		r.respond(id, cadence.Reply)
	}
	files := firstSeven(mailStep + laterMail)
	files["nurture.yaml"] = strings.ReplaceAll(starterFile(t, "nurture.yaml"), former, "new@example.com")
	r.goLive(starterWith(t, files))
	// As transactions leave them that have read the lead before the apply and are committed after it.
	r.exec(`UPDATE tasks SET owner = $1`, former)
	r.exec(`UPDATE leads SET owner = $1 WHERE id = $2`, former, ids[0])
	tasks, err := store.OpenTasks(r.ctx, r.pool, former, 0)
	must(t, err)
	if len(tasks) != 3 {
		t.Fatalf("%d tasks of %s", len(tasks), former)
	}
	must(t, r.ClaimTask(r.ctx, tasks[0].ID, "somebody"))
	r.pass(strayEvery)
	r.tick()
	all, err := store.OpenTasks(r.ctx, r.pool, "", 0)
	must(t, err)
	for _, k := range all {
		if owner := r.lead(k.LeadID).Owner; k.Owner != owner || !slices.Contains(ownersOf(r.cfg), owner) {
			t.Errorf("task %d is %s's, its lead %s's", k.ID, k.Owner, owner)
		}
		if k.ID == tasks[0].ID && k.ClaimedBy != "somebody" {
			t.Errorf("the task was taken from who works on it: %q", k.ClaimedBy)
		}
	}
	if len(all) != 3 {
		t.Errorf("%d tasks", len(all))
	}
}
