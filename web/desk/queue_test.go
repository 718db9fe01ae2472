package desk

import (
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.SDR)
	b.get("/desk/queue").mustHold(t, 200, "Nothing is due", "Your tasks")
	b.get("/desk/queue").mustLack(t, "done today")

	ann := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", LastName: "Lee", Account: leadfile.Account{Name: "Acme"}, Title: "Plant manager", Phone: "+493012340001"})
	bob := d.lead(leadfile.Lead{Email: "bob@buyer.example", FirstName: "Bob", LastName: "Ray", Phone: "+493012340002"})
	cy := d.lead(leadfile.Lead{Email: "cy@buyer.example", FirstName: "Cy", LastName: "Orr", Phone: "+493012340003"})
	d.task(store.Task{LeadID: bob, Kind: "verify", Owner: "sdr@example.com", Title: "Confirm the answers", DueAt: morning.Add(-72 * time.Hour)})
	call := d.task(store.Task{LeadID: ann, Owner: "sdr@example.com", Title: "Call Ann"})
	d.task(store.Task{LeadID: cy, Owner: "mara@example.com", Title: "Mara's call"})
	d.task(store.Task{LeadID: bob, Owner: "sdr@example.com", DueAt: morning.Add(26 * time.Hour)})

	due := b.get("/desk/queue")
	due.mustHold(t, 200, "Ann Lee", "<bdi>Plant manager</bdi>, <bdi>Acme</bdi>", "expects your call", "answers to confirm, waits for 3 days", `Due <span class="count">2</span>`,
		`Upcoming <span class="count">1</span>`, "0</strong> of 2 tasks done today", `title="Monday 2 March 2026, 09:00 CET">09:00</time>`)
	due.mustLack(t, "Cy Orr")
	if strings.Index(due.body, "Ann Lee") > strings.Index(due.body, "Bob Ray") {
		t.Error("the promised call does not come first")
	}
	b.get("/desk/queue?who=all").mustHold(t, 200, "Cy Orr", "mara@example.com")
	b.get("/desk/queue?tab=upcoming").mustHold(t, 200, "tomorrow 12:00")
	d.as(access.Manager).get("/desk/queue").mustHold(t, 200, "Cy Orr", "Everybody's tasks")

	must(t, d.engine.ClaimTask(t.Context(), call, "mara@example.com"))
	b.get("/desk/queue").mustHold(t, 200, "mara@example.com has it")
	must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{TaskID: call, By: "mara@example.com", Disposition: "no_answer"}))
	b.get("/desk/queue").mustLack(t, "Ann Lee")
	b.get("/desk/queue?tab=completed&who=all").mustHold(t, 200, "Ann Lee", "no answer", "1</strong> of 3 tasks done today")
	b.get("/desk/queue?tab=nonsense").mustHold(t, 200, "Bob Ray")
}

// What can be done now is due now, though it has time: a call of a cadence lapses when its time is over, and a reply is to be read within hours. What waits is what a
// lead named a time for, and what somebody put off.
func TestWhatHasTimeIsDueAllTheSame(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	named := func(name, phone string) int64 {
		return d.lead(leadfile.Lead{Email: name + "@buyer.example", FirstName: name, LastName: "Lee", Phone: phone})
	}
	friday := morning.Add(96 * time.Hour)
	call := d.task(store.Task{LeadID: named("Ann", "+493012340001"), Kind: "call", Owner: "sdr@example.com", DueAt: friday, ExpiresAt: &friday})
	triage := d.task(store.Task{LeadID: named("Bob", "+493012340002"), Kind: "triage", Owner: "sdr@example.com", DueAt: morning.Add(4 * time.Hour)})
	d.task(store.Task{LeadID: named("Cy", "+493012340003"), Kind: "callback", Owner: "sdr@example.com", DueAt: morning.Add(26 * time.Hour)})
	off := d.task(store.Task{LeadID: named("Dee", "+493012340004"), Kind: "call", Owner: "sdr@example.com", DueAt: friday, ExpiresAt: &friday})
	must(t, d.engine.SnoozeTask(t.Context(), off, "sdr@example.com", morning.Add(2*time.Hour)))

	b := d.as(access.SDR)
	for _, who := range []string{"mine", "all"} {
		due, upcoming := b.get("/desk/queue?who="+who), b.get("/desk/queue?tab=upcoming&who="+who)
		due.mustHold(t, 200, `Due <span class="count">2</span>`, `Upcoming <span class="count">2</span>`, "Ann Lee", "Bob Lee")
		due.mustLack(t, "Cy Lee", "Dee Lee")
		upcoming.mustHold(t, 200, "Cy Lee", "Dee Lee")
		upcoming.mustLack(t, "Ann Lee", "Bob Lee")
	}
	b.post("/desk/queue/next").mustLead(t, callPath(triage, "mine"))
	b.post(taskPath(triage, "/release"))
	must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{TaskID: triage, By: "sdr@example.com", Disposition: cadence.NotNow}))
	b.post("/desk/queue/next").mustLead(t, callPath(call, "mine"))
}

// A long queue goes on page by page, each tab in its order, and who turned too far is led back.
func TestLongQueue(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.exec(`INSERT INTO leads (key, email, first_name, last_name, created_at, updated_at) SELECT 'p' || n, 'p' || n || '@buyer.example', 'Pat', 'Number' || n, $1, $1
		FROM generate_series(1, 1200) n`, morning)
	d.exec(`INSERT INTO tasks (lead_id, kind, state, owner, title, why, opened_at, due_at, not_before)
		SELECT l.id, CASE WHEN n = 500 THEN 'callback' ELSE 'call' END, 'open', 'sdr@example.com', 'Call', 'why', $1,
			CASE WHEN n <= 600 THEN $1::timestamptz - (700 - n) * interval '1 second' ELSE $1::timestamptz + n * interval '1 minute' END,
			CASE WHEN n > 600 THEN $1::timestamptz + n * interval '1 minute' END
		FROM generate_series(1, 1200) n JOIN leads l ON l.key = 'p' || n`, morning)
	b := d.as(access.SDR)
	names := func(a answer) (found []string) {
		for _, part := range strings.Split(a.body, "<strong>Pat ")[1:] {
			name, _, _ := strings.Cut(part, "<")
			found = append(found, name)
		}
		return found
	}
	first := b.get("/desk/queue")
	first.mustHold(t, 200, `Due <span class="count">600</span>`, "1 to 50 of 600", "from=50")
	first.mustLack(t, "First page", "Previous page", "after these")
	if got := names(first); len(got) != shownTasks || got[0] != "Number500" || got[1] != "Number1" || got[49] != "Number49" {
		t.Errorf("the first page has %v", got)
	}
	tenth := b.get("/desk/queue?from=450")
	tenth.mustHold(t, 200, "451 to 500 of 600", "Previous page", "from=400", "from=500")
	if got := names(tenth); len(got) != shownTasks || got[49] != "Number499" {
		t.Errorf("the tenth page has %v", got)
	}
	last := b.get("/desk/queue?from=550") // beyond those that are ranked with the first
	last.mustHold(t, 200, "551 to 600 of 600", "First page", "Previous page")
	last.mustLack(t, "Next page", "after these")
	if got := names(last); len(got) != shownTasks || got[0] != "Number551" || got[49] != "Number600" {
		t.Errorf("the last page has %v", got)
	}
	b.get("/desk/queue?from=600").mustLead(t, "/desk/queue?tab=due&who=mine")
	upcoming := b.get("/desk/queue?tab=upcoming&from=550")
	upcoming.mustHold(t, 200, "551 to 600 of 600", "Previous page")
	upcoming.mustLack(t, "Next page")
	if got := names(upcoming); len(got) != shownTasks || got[0] != "Number1151" || got[49] != "Number1200" {
		t.Errorf("the last upcoming page has %v", got)
	}
	b.get("/desk/queue?tab=upcoming&from=99999").mustLead(t, "/desk/queue?tab=upcoming&who=mine")
	for _, part := range []string{"tab=due", "tab=due&from=450", "tab=due&from=550", "tab=upcoming", "tab=upcoming&from=550"} { // all tasks are the user's own
		if mine, all := names(b.get("/desk/queue?"+part+"&who=mine")), names(b.get("/desk/queue?"+part+"&who=all")); len(mine) != shownTasks || !slices.Equal(mine, all) {
			t.Errorf("%s: mine are %v, everybody's %v", part, mine, all)
		}
	}
	// Nobody turns without end.
	d.exec(`INSERT INTO tasks (lead_id, kind, state, owner, claimed_by, title, why, opened_at, due_at, done_at)
		SELECT l.id, 'call', 'done', 'sdr@example.com', 'sdr@example.com', 'Call', 'why', $1::timestamptz, $1, $1 FROM generate_series(1, 5060) n JOIN leads l ON l.key = 'p' || 1 + n % 1200`, morning)
	completed := b.get("/desk/queue?tab=completed&from=99999")
	completed.mustHold(t, 200, "4,951 to 5,000 of 5,060", "from=4900", "60 more tasks after these.")
	completed.mustLack(t, "Next page")
}

// TestNobodyIsRungUpAtNight: a call that the law forbids at this hour where the lead is stands behind all else, with the reason, and is not offered next. Whoever
// asked to be called now is.
func TestNobodyIsRungUpAtNight(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.SDR)
	lead := func(name, phone string, zones ...string) int64 {
		return d.lead(leadfile.Lead{Email: name + "@buyer.example", FirstName: name, LastName: "Lee", Phone: phone, Zones: zones})
	}
	d.task(store.Task{LeadID: lead("Ann", "+12125550101", "America/New_York"), Kind: "call", Owner: "sdr@example.com", DueAt: morning.Add(-48 * time.Hour)})
	bob := d.task(store.Task{LeadID: lead("Bob", "+493012340002", "Europe/Berlin"), Kind: "call", Owner: "sdr@example.com", DueAt: morning})
	cy := d.task(store.Task{LeadID: lead("Cy", "+12125550103", "America/New_York"), Kind: "callback", Owner: "sdr@example.com", DueAt: morning})
	page := b.get("/desk/queue")
	page.mustHold(t, 200, "no hour to call there, waits for 2 days")
	if ann := strings.Index(page.body, "Ann Lee"); ann < strings.Index(page.body, "Bob Lee") || ann < strings.Index(page.body, "Cy Lee") {
		t.Error("who is asleep does not come last")
	}
	for _, id := range []int64{cy, bob} {
		b.post("/desk/queue/next").mustLead(t, callPath(id, "mine"))
		must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{TaskID: id, By: "sdr@example.com", Disposition: "no_answer"}))
	}
	b.post("/desk/queue/next").mustLead(t, "/desk/queue?tab=due&who=mine")
	b.get("/desk/queue").mustHold(t, 200, "Whoever is left must not be called at this hour.")
}
