package desk

import (
	"strings"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.SDR)
	b.get("/desk/queue").mustHold(t, 200, "Nothing is due", "Your tasks", "0</strong> of 0 tasks done today")

	ann := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: "Ann", LastName: "Lee", Account: leadfile.Account{Name: "Acme"}, Title: "Plant manager", Phone: "+493012340001"})
	bob := d.lead(leadfile.Lead{Email: "bob@buyer.example", FirstName: "Bob", LastName: "Ray", Phone: "+493012340002"})
	cy := d.lead(leadfile.Lead{Email: "cy@buyer.example", FirstName: "Cy", LastName: "Orr", Phone: "+493012340003"})
	d.task(store.Task{LeadID: bob, Kind: "verify", Owner: "sdr@example.com", Title: "Confirm the answers", DueAt: morning.Add(-72 * time.Hour)})
	call := d.task(store.Task{LeadID: ann, Owner: "sdr@example.com", Title: "Call Ann"})
	d.task(store.Task{LeadID: cy, Owner: "mara@example.com", Title: "Mara's call"})
	d.task(store.Task{LeadID: ann, Kind: "verify", Owner: "sdr@example.com", DueAt: morning.Add(26 * time.Hour)})

	due := b.get("/desk/queue")
	due.mustHold(t, 200, "Ann Lee", "Plant manager, Acme", "expects your call", "answers to confirm, waits for 3 days", `Due <span class="count">2</span>`,
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
