package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/store"
)

func (d *desktop) exec(sql string, args ...any) {
	d.t.Helper()
	_, err := d.pool.Exec(d.t.Context(), sql, args...)
	must(d.t, err)
}

// failed stores a job that failed, in a state, and returns its id.
func (d *desktop) failed(state, message string) int64 {
	d.t.Helper()
	var id int64
	must(d.t, d.pool.QueryRow(d.t.Context(), `INSERT INTO river_job (kind, queue, state, args, attempt, max_attempts, attempted_at, finalized_at, errors, scheduled_at)
		VALUES ('evaluate', 'evaluate', $1::river_job_state, '{"response_ids": [7, 8]}', 3, 25, $3, CASE WHEN $1 = 'discarded' THEN $3::timestamptz END,
			ARRAY[jsonb_build_object('attempt', 3, 'error', $2::text)], $4) RETURNING id`,
		state, message, time.Now().Add(-5*time.Minute), time.Now().Add(time.Hour)).Scan(&id))
	return id
}

func (d *desktop) jobState(id int64) string {
	d.t.Helper()
	job, err := store.Job(d.t.Context(), d.pool, id)
	must(d.t, err)
	return job.State
}

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

func TestOpsOnAQuietSystem(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.exec(`INSERT INTO workers (id, host, pid, started_at, seen_at) VALUES ('w-1', 'mill', 42, $1, $1)`, time.Now())
	b := d.as(access.Ops)
	b.get("/desk/ops").mustHold(t, 200, "All is well", "No job's last try failed", "alive", "mill, process 42", "voicemail")
	b.get("/desk/ops/leaks").mustHold(t, 200, "There is none")
	d.as(access.Manager).get("/desk/ops").mustLack(t, "Pause<", "Retry now<")
}

// TestOpsRetriesAFailedJob: what failed is shown with its error, and forms alone try it again, cancel it, or say why not.
func TestOpsRetriesAFailedJob(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Ops)
	givenUp, again := d.failed("discarded", "the server is gone\n"+hostile), d.failed("retryable", "a second one")
	page := b.get("/desk/ops")
	page.mustHold(t, 200, "1 job was given up: evaluate", "1 job failed and will be tried again", "the server is gone …", "2 responses", "try 3 of 25",
		"&lt;script&gt;alert(1)", "5 min ago", "No worker is alive", `<a class="button" href="/desk/ops#failing">`)
	page.mustLack(t, "<script>alert", "<img src=x")
	if strings.Index(page.body, "No worker is alive") > strings.Index(page.body, "1 job was given up") {
		t.Error("the gravest alarm does not come first")
	}
	d.as(access.Manager).post(fmt.Sprintf("/desk/ops/jobs/%d/retry", givenUp)).mustHold(t, 403)

	b.post(fmt.Sprintf("/desk/ops/jobs/%d/retry", givenUp)).mustLead(t, "/desk/ops")
	b.get("/desk/ops").mustHold(t, 200, fmt.Sprintf("Job %d will be tried again at once.", givenUp))
	if state := d.jobState(givenUp); state != "available" {
		t.Errorf("the job is %s", state)
	}
	b.post(fmt.Sprintf("/desk/ops/jobs/%d/cancel", again)).mustLead(t, "/desk/ops")
	if state := d.jobState(again); state != "cancelled" {
		t.Errorf("the job is %s", state)
	}
	b.post(fmt.Sprintf("/desk/ops/jobs/%d/cancel", again)).mustHold(t, 409, "Nothing to be done", "is cancelled and cannot be cancelled")
	b.post("/desk/ops/jobs/4711/retry").mustHold(t, 404)
	deeds, err := store.Deeds(t.Context(), d.pool, "ops@example.com", 0, 10)
	must(t, err)
	if len(deeds) != 4 || deeds[3].Action != "POST /desk/ops/jobs/{id}/retry" || deeds[3].Object != fmt.Sprint(givenUp) {
		t.Errorf("the audit log has %+v", deeds)
	}
}

// mustHaveNoted checks what the newest lines of the audit log are about, the newest first.
func (d *desktop) mustHaveNoted(about ...string) {
	d.t.Helper()
	deeds, err := store.Deeds(d.t.Context(), d.pool, "", 0, len(about))
	must(d.t, err)
	var noted []string
	for _, deed := range deeds {
		noted = append(noted, deed.Object)
	}
	if !slices.Equal(noted, about) {
		d.t.Errorf("the audit log is about %q, want %q", noted, about)
	}
}

func TestOpsPausesAQueue(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.as(access.Admin)
	b.post("/desk/ops/queues/email/pause").mustHold(t, 409, "was never worked")
	b.post("/desk/ops/queues/emial/pause").mustHold(t, 404, "no such queue")
	d.exec(`INSERT INTO river_queue (name, created_at, updated_at, metadata) VALUES ('email', $1, $1, '{}')`, time.Now())
	b.post("/desk/ops/queues/email/pause").mustLead(t, "/desk/ops")
	b.get("/desk/ops").mustHold(t, 200, "1 queue is paused: email", `action="/desk/ops/queues/email/resume"`, "paused <time")
	b.post("/desk/ops/queues/email/resume").mustLead(t, "/desk/ops")
	b.get("/desk/ops").mustLack(t, "queue is paused")
	d.mustHaveNoted("email", "email", "emial", "email")
}

func TestLeadsWithoutANextAction(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	id := d.lead(leadfile.Lead{Email: "ann@buyer.example", FirstName: hostile})
	d.exec(`UPDATE leads SET intake_at = NULL, owner = '', key = $2, intake_note = $2 WHERE id = $1`, id, hostile)
	b := d.as(access.Manager)
	b.get("/desk/ops").mustHold(t, 200, "1 lead has no next action", `href="/desk/ops/leaks"`)
	page := b.get("/desk/ops/leaks")
	page.mustHold(t, 200, "&lt;script&gt;", "inquiry")
	page.mustLack(t, "<script>alert", "<img src=x")
}

func TestClips(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "short": "short", "äöüßä": "äöüßä", "äöüßäö": "äöüß…", "a\nb": "a …"} {
		if got := clip(text, 5); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := listOf([]string{"a", "b", "c", "d", "e", "f"}, 4); got != "a, b, c, d and 2 more" {
		t.Errorf("%q", got)
	}
}
