package desk

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/cadence"
	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// ann is a lead with a number.
var ann = leadfile.Lead{
	Email: "ann@buyer.example", FirstName: "Ann", LastName: "Lee", Title: "Plant manager", Phone: "+493012340001", Zones: []string{"America/New_York"},
	Account: leadfile.Account{Name: "Acme"},
}

// callOf is a task to call Ann with two questions, and its id.
func (d *desktop) callOf() (task, lead int64) {
	lead = d.lead(ann)
	return d.task(store.Task{
		LeadID: lead, Kind: "verify", Owner: "sdr@example.com", Title: "Confirm", Script: "Say hello.\nThen ask.", Ask: []string{"people_to_train", "major_hazards"},
	}), lead
}

func taskPath(task int64, rest string) string { return "/desk/tasks/" + itoa(task) + rest }

func TestCallScreen(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	b := d.as(access.SDR)
	b.get(taskPath(task, "")).mustHold(t, 200, "<h1>", "Ann Lee", "<bdi>Plant manager</bdi>, <bdi>Acme</bdi>", `href="tel:&#43;493012340001"`, "Mon 04:00 there", "Why now:", "the lead asked for it",
		"Say hello.\nThen ask.", `name="answer.people_to_train"`, `name="answer.major_hazards" value="yes"`, `data-key="1"`, "tries again after 1 business day", "Take it",
		"Other questions")
	b.get(taskPath(999999, "")).mustHold(t, 404, "There is nothing here")
	b.get("/desk/tasks/x").mustHold(t, 404, "There is nothing here")

	b.post(taskPath(task, "/claim")).mustLead(t, callPath(task, "mine"))
	b.get(taskPath(task, "")).mustHold(t, 200, "You have it", "The task is yours.")
	manager := d.as(access.Manager)
	manager.get(taskPath(task, "")).mustHold(t, 200, "sdr@example.com has this task")
	manager.post(taskPath(task, "/claim")).mustHold(t, 409, "Somebody was faster", "sdr@example.com has had it since")
	manager.post(taskPath(task, "/log"), "disposition", "no_answer", "notes", "nobody there").mustHold(t, 409, "This was not logged.", "nobody there")
	b.post(taskPath(task, "/release"), "held", "2020-01-01T00:00:00Z").mustLead(t, queuePath(store.TabDue, "mine")) // another page's claim
	b.get(taskPath(task, "")).mustHold(t, 200, "You have it")
	b.post(taskPath(task, "/release")).mustLead(t, queuePath(store.TabDue, "mine"))
	manager.post(taskPath(task, "/claim")).mustLead(t, callPath(task, "all"))
}

// Two people want one task: one gets it, and only one logs it.
func TestTwoWantOneTask(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	var statuses [2]int
	var all sync.WaitGroup
	for i, role := range []access.Role{access.SDR, access.Manager} {
		b := d.as(role)
		all.Go(func() { statuses[i] = b.post(taskPath(task, "/claim")).status })
	}
	all.Wait()
	if statuses[0]+statuses[1] != http.StatusSeeOther+http.StatusConflict {
		t.Errorf("the answers are %v", statuses)
	}
	for i, role := range []access.Role{access.SDR, access.Manager} {
		b := d.as(role)
		all.Go(func() {
			statuses[i] = b.post(taskPath(task, "/log"), "disposition", "no_answer", "then", "stay").status
		})
	}
	all.Wait()
	if statuses[0]+statuses[1] != http.StatusSeeOther+http.StatusConflict {
		t.Errorf("the answers are %v", statuses)
	}
}

func TestLogging(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, lead := d.callOf()
	second := d.task(store.Task{LeadID: d.lead(leadfile.Lead{Email: "bob@buyer.example", Phone: "+493012340002"}), Owner: "sdr@example.com"})
	b := d.as(access.SDR)
	typed := []string{
		"notes", "warm, <b>wants</b> May", "answer.people_to_train", "a few", "answer.major_hazards", "yes", "words.major_hazards", "we store chlorine",
		"referral", "nobody at all", "date", "soon",
	}
	again := b.post(taskPath(task, "/log"), typed...)
	again.mustHold(t, 422, "Choose what came of it.", "warm, &lt;b&gt;wants&lt;/b&gt; May", `value="a few"`, "we store chlorine", `value="nobody at all"`, "nothing is logged yet")
	// The draft outlives the mistake, in another browser too.
	d.as(access.SDR).get(taskPath(task, "")).mustHold(t, 200, "warm, &lt;b&gt;wants&lt;/b&gt; May", `value="a few"`, "Draft of 10:00")
	d.as(access.Manager).get(taskPath(task, "")).mustLack(t, "warm,")

	b.post(taskPath(task, "/log"), append(typed, "disposition", "connected")...).mustHold(t, 422, "This is no date.", `value="connected" checked`)
	typed = typed[:len(typed)-2]
	b.post(taskPath(task, "/log"), append(typed, "disposition", "connected")...).mustHold(t, 422, "is no number", `aria-invalid="true"`)
	typed[3] = "12"
	b.post(taskPath(task, "/log"), append(typed, "disposition", "connected")...).mustHold(t, 422, "Who was named cannot be proposed")
	b.post(taskPath(task, "/log"), append(typed[:8:8], "disposition", "sing")...).mustHold(t, 422, "is no outcome of a verify task")

	// Somebody was on the line: the desk stays where it is.
	b.post(taskPath(task, "/log"), append(typed[:8:8], "disposition", "connected")...).mustLead(t, callPath(task, "mine"))
	b.get(taskPath(task, "")).mustHold(t, 200, "Logged: connected", "Open the next task", "being weighed")
	facts, err := store.Facts(t.Context(), d.pool, []int64{lead})
	must(t, err)
	if len(facts[lead]) != 2 || facts[lead][0].Words != "we store chlorine" || facts[lead][0].By != "sdr@example.com" {
		t.Errorf("the facts are %+v", facts[lead])
	}
	b.post(taskPath(task, "/log"), "disposition", "connected").mustHold(t, 409, "This was not logged.", "it is done")

	// Nobody was: the next one opens, and is claimed.
	b.post("/desk/queue/next").mustLead(t, callPath(second, "mine"))
	b.get(taskPath(second, "")).mustHold(t, 200, "You have it")
	b.post(taskPath(second, "/log"), "disposition", "no_answer").mustLead(t, queuePath(store.TabDue, "mine"))
	b.get("/desk/queue").mustHold(t, 200, "Logged: no answer. Tries again after 1 business day, within the budget. Nothing else is due.", "2</strong> of 2 tasks done today")
}

// TestWhomALeadNamedIsDecidedWhereItIsRead: whoever hears of somebody else sees that person, and decides, on the task's page.
func TestWhomALeadNamedIsDecidedWhereItIsRead(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	task := d.task(store.Task{LeadID: lead, Kind: cadence.TaskReferral, Title: "Follow up", Owner: "sdr@example.com"})
	b := d.as(access.SDR)
	b.get(taskPath(task, "")).mustHold(t, 200, "Nobody is noted by an address or a number.")
	written := d.task(store.Task{LeadID: lead, Kind: cadence.TaskTriage, Title: "Read", Owner: "sdr@example.com"})
	b.post(taskPath(written, "/log"), "disposition", "referral", "referral", "Bob Smith <bob@prospects.test>").mustLead(t, callPath(written, "mine"))
	for _, open := range []int64{task, written} {
		page := b.get(taskPath(open, ""))
		page.mustHold(t, 200, "Named by the lead", "Bob Smith", "bob@prospects.test", `action="/desk/inbox/referrals/1/accept"`)
		page.mustLack(t, "Nobody is noted")
	}
	b.post("/desk/inbox/referrals/1/accept").mustLead(t, "/desk/inbox/referrals")
	b.get("/desk/inbox/referrals").mustHold(t, 200, "Bob Smith is a lead now, without consent. Where no cadence takes it so, ", " is asked to get in touch.")
	b.get(taskPath(task, "")).mustLack(t, "Named by the lead")
}

// TestQuestionsStandOpenWhereTheyAreAsked: a reply is read and a mail is written before anything else; on a phone all questions stood above what came of it.
func TestQuestionsStandOpenWhereTheyAreAsked(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	for kind, open := range map[cadence.TaskKind]bool{cadence.TaskCall: true, cadence.TaskTriage: false, cadence.TaskManualEmail: false, cadence.TaskReferral: false} {
		task := d.task(store.Task{LeadID: d.lead(ann), Kind: kind, Title: "Look", Owner: "sdr@example.com"})
		page := d.as(access.SDR).get(taskPath(task, ""))
		page.mustHold(t, 200, `<details class="card questions"`)
		if got := strings.Contains(page.body, `<details class="card questions" open>`); got != open {
			t.Errorf("%s: the questions stand open: %t", kind, got)
		}
	}
}

func TestDraftsAndSnoozes(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	b := d.as(access.SDR)
	b.post(taskPath(task, "/draft"), "notes", "half a sen", "role", "admin").mustLead(t, callPath(task, "mine"))
	b.get(taskPath(task, "")).mustHold(t, 200, "half a sen")
	b.post(taskPath(task, "/draft"), "notes", "").mustLead(t, callPath(task, "mine"))
	b.get(taskPath(task, "")).mustLack(t, "half a sen")

	page := b.get(taskPath(task, ""))
	page.mustHold(t, 200, "In an hour", "Tomorrow morning", "On Monday")
	value := regexp.MustCompile(`name="until" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	b.post(taskPath(task, "/snooze"), "own", "yesterday").mustHold(t, 422, "Until when?")
	b.post(taskPath(task, "/snooze"), "own", "2026-03-01T09:00").mustHold(t, 422, "it must be in the future")
	b.post(taskPath(task, "/snooze"), "until", value).mustLead(t, queuePath(store.TabDue, "mine"))
	b.get("/desk/queue?tab=upcoming").mustHold(t, 200, "Put off until 11:00. Nothing else is due.", "Ann Lee", "snoozed")

	must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{TaskID: task, By: "sdr@example.com", Disposition: "no_answer"}))
	b.post(taskPath(task, "/draft"), "notes", "late").mustHold(t, 409, "Somebody was faster")
}

// A lead that must not be called has no link to call it.
func TestBarredLeads(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, _ := d.callOf()
	_, err := d.engine.Suppress(t.Context(), []store.Suppression{{Address: "+493012340001", Scope: cadence.SuppressPhone, Reason: "asked us"}})
	must(t, err)
	a := d.as(access.SDR).get(taskPath(task, ""))
	a.mustHold(t, 200, "Do not call: the number is suppressed.", "Cancelled")
	a.mustLack(t, "tel:")
}

// What leads and SDRs write is text, wherever it is shown.
func TestStoredMarkup(t *testing.T) {
	t.Parallel()
	const attack = `"'></title></textarea></script><script>alert(1)</script><img src=x onerror=alert(2)>`
	d := newDesktop(t)
	lead := d.lead(leadfile.Lead{
		Key: "evil", Email: "evil@buyer.example", FirstName: attack, LastName: attack, Title: attack, Phone: "+493012340009", City: attack, Source: attack,
		Account: leadfile.Account{Name: attack}, Fields: map[string]string{"note": attack},
	})
	task := d.task(store.Task{LeadID: lead, Kind: "triage", Owner: "sdr@example.com", Title: attack, Why: attack, Script: attack, Ask: []string{"pain_points"}})
	_, err := d.engine.Respond(t.Context(), []jobs.ResponseInput{{LeadID: lead, Kind: cadence.Reply, Source: "mail", ExternalID: attack, Said: attack, By: attack}})
	must(t, err)
	b := d.as(access.SDR)
	b.post(taskPath(task, "/draft"), "notes", attack, "answer.pain_points", attack, "referral", attack, "date", attack, "disposition", attack)
	var pages []answer
	for _, page := range []string{"/desk/queue", taskPath(task, ""), "/desk/leads", "/desk/leads?q=" + "%22%3E%3Cscript%3E", leadPath(lead), "/desk/coverage?source=" + "%22%3E%3Cscript%3E", "/desk/login?next=" + "%22%3E%3Cscript%3E"} {
		pages = append(pages, b.get(page))
	}
	pages = append(pages, b.post(taskPath(task, "/log"), "disposition", attack, "notes", attack, "answer."+attack, attack),
		d.browser().post("/desk/login", "email", attack, "password", attack, "next", attack))
	b.post(taskPath(task, "/log"), "disposition", "question", "notes", attack, "answer.pain_points", attack).mustLead(t, callPath(task, "mine"))
	pages = append(pages, b.get(taskPath(task, "")), b.get(leadPath(lead)), d.as(access.Admin).post(leadPath(lead)+"/move", "cadence", attack))
	for _, a := range pages {
		a.mustLack(t, "<script>alert", "<img", "</textarea></script>")
		if strings.Count(a.body, "</title>") > 1 {
			t.Errorf("the title is left:\n%s", a.body)
		}
		mustBeHard(t, a)
	}
}

// Who is kept out, or does other work now, hears nothing more on a page that is still open.
func TestNewsEndsWithTheRight(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*access.Accounts) error{
		"kept out": func(a *access.Accounts) error {
			return a.Disable(t.Context(), "sdr@example.com", access.Actor{Who: "cli:test"})
		},
		"other role": func(a *access.Accounts) error {
			return a.SetRole(t.Context(), "sdr@example.com", access.Marketer, access.Actor{Who: "cli:test"})
		},
		"logged out": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesktop(t)
			d.desk.live.every = 5 * time.Millisecond
			task, lead := d.callOf()
			b := d.as(access.SDR)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			stream, err := b.client.Do(b.request(http.MethodGet, taskPath(task, "/news?seen=0"), nil).WithContext(ctx))
			must(t, err)
			defer func() { _ = stream.Body.Close() }()
			if end != nil {
				must(t, end(d.desk.accounts))
			} else {
				b.post("/desk/logout").mustLead(t, "/desk/login")
			}
			_, err = d.engine.Respond(t.Context(), []jobs.ResponseInput{{LeadID: lead, Kind: cadence.Reply, Source: "mail", ExternalID: "1", Said: "for SDRs only"}})
			must(t, err)
			heard, err := io.ReadAll(stream.Body)
			must(t, err)
			if strings.Contains(string(heard), "for SDRs only") {
				t.Errorf("heard all the same: %s", heard)
			}
		})
	}
}

// News of a task and its lead reach a page that is open.
func TestNews(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.desk.live.every = 5 * time.Millisecond
	task, lead := d.callOf()
	b := d.as(access.SDR)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r := b.request(http.MethodGet, taskPath(task, "/news?seen=0"), nil).WithContext(ctx)
	stream, err := b.client.Do(r)
	must(t, err)
	defer func() { _ = stream.Body.Close() }()
	if got := stream.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("it is %q", got)
	}
	lines := bufio.NewScanner(stream.Body)
	next := func(want ...string) {
		t.Helper()
		for lines.Scan() {
			for _, w := range want {
				if !strings.Contains(lines.Text(), w) {
					continue
				}
				return
			}
		}
		t.Fatalf("no %q came: %v", want, lines.Err())
	}
	respond := func(id string, kind cadence.ResponseKind, by string) {
		t.Helper()
		_, err := d.engine.Respond(t.Context(), []jobs.ResponseInput{{LeadID: lead, Kind: kind, Source: "mail", ExternalID: id, Said: "Call me <b>now</b>", By: by}})
		must(t, err)
	}
	respond("own", cadence.Click, "sdr@example.com") // no news to who did it
	respond("1", cadence.Reply, "")
	next("event: response")
	lines.Scan()
	if got := lines.Text(); got != `data: {"text":"The lead answered: reply: “Call me \u003cb\u003enow\u003c/b\u003e”"}` {
		t.Errorf("the news is %s", got)
	}
	must(t, d.engine.ClaimTask(t.Context(), task, "manager@example.com"))
	next("manager@example.com has taken this task.")
	must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{TaskID: task, By: "manager@example.com", Disposition: "no_answer"}))
	next("This task is over: done.")
	d.desk.Close()
	for lines.Scan() { // it ends
	}
	must(t, lines.Err())
	b.get(taskPath(task, "/news")).mustHold(t, 503)
}
