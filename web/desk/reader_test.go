package desk

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"nurture/store"
)

// fieldsOf are all fields of the form of a page that sends to a path, as a browser would send them, with others set.
func fieldsOf(t testing.TB, page, action string, set ...string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	must(t, err)
	form := element(doc, func(n *html.Node) bool { return n.Data == "form" && sendsTo(n, action) })
	if form == nil {
		t.Fatalf("no form sends to %s", action)
	}
	sent := map[string]string{}
	for _, n := range elements(form, func(n *html.Node) bool { return n.Data == "input" && attr(n, "type") == "hidden" }) {
		sent[attr(n, "name")] = attr(n, "value")
	}
	for i := 0; i+1 < len(set); i += 2 {
		sent[set[i]] = set[i+1]
	}
	var fields []string
	for name, value := range sent {
		fields = append(fields, name, value)
	}
	return fields
}

// TestAPageActsForItsReaderAlone: two people share a browser. What the first left open does nothing as the second, and loses nothing.
func TestAPageActsForItsReaderAlone(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	task := d.task(store.Task{LeadID: lead, Owner: "sdr@example.com"})
	log, fields := "/desk/tasks/"+itoa(task)+"/log", leadPath(lead)+"/fields"
	b := d.login("sdr@example.com")
	call, page := b.get(callPath(task, "mine")).body, b.get(leadPath(lead)).body
	account := b.get("/desk/account").body
	b.post("/desk/logout")
	b.post("/desk/login", "email", "manager@example.com", "password", password).mustLead(t, "/desk/")

	typed := fieldsOf(t, call, log, "disposition", "connected", "notes", "She <asked> for a quote", "answer.people_to_train", "12", "then", "next")
	refused := b.post(log, typed...)
	refused.mustHold(t, http.StatusConflict, "This page is Test sdr’s", "Test manager is logged in here now, so nothing was done.", "She &lt;asked&gt; for a quote", "People to train", "Do it as Test manager", "data-again",
		"<dt>Asked</dt><dd><bdi>log the task: Ann Lee</bdi>")
	if got, err := store.GetTask(t.Context(), d.pool, task); err != nil || got.State == store.TaskDone {
		t.Errorf("the task is %s: %v", got.State, err)
	}
	if draft, err := store.LoadDraft(t.Context(), d.pool, task, "manager@example.com"); err != nil || len(draft.Typed) > 0 {
		t.Errorf("the manager's draft is %v: %v", draft.Typed, err)
	}
	form := url.Values{}
	for fields := fieldsOf(t, call, log, "notes", "x"); len(fields) > 0; fields = fields[2:] {
		form.Add(fields[0], fields[1])
	}
	byModule := b.request(http.MethodPost, "/desk/tasks/"+itoa(task)+"/draft", form)
	byModule.Header.Set("X-Desk", "1")
	b.do(byModule).mustHold(t, http.StatusConflict, "This page is Test sdr's")
	b.post(fields, fieldsOf(t, page, fields, "field", "title", "value", "Chief of Staff")...).mustHold(t, http.StatusConflict, "Chief of Staff", "correct a field: Ann Lee", "<dt>Field</dt><dd class=\"said\">title</dd>")
	b.post(leadPath(lead)+"/suppress", fieldsOf(t, page, leadPath(lead)+"/suppress", "scope", "all")...).mustHold(t, http.StatusConflict, "suppress: Ann Lee")
	b.post("/desk/queue/next", "reader", "1").mustHold(t, http.StatusConflict, "start the next task")
	b.post(leadPath(999999)+"/pause", "reader", "1").mustHold(t, http.StatusConflict, "<bdi>pause</bdi>")
	secret := b.post("/desk/account/password", fieldsOf(t, account, "/desk/account/password", "old", password, "new", "another long password")...)
	secret.mustHold(t, http.StatusConflict, "This page is Test sdr’s")
	secret.mustLack(t, "another long password", "Do it as")
	if changed, err := store.LeadByID(t.Context(), d.pool, lead); err != nil || changed.Title == "Chief of Staff" {
		t.Errorf("the title is %q: %v", changed.Title, err)
	}

	// Who is logged in may take it over, by a click of their own.
	b.post(log, fieldsOf(t, refused.body, log)...).mustLead(t, callPath(task, "mine"))
	got, err := store.GetTask(t.Context(), d.pool, task)
	must(t, err)
	if got.State != store.TaskDone || got.ClaimedBy != "manager@example.com" || got.Notes != "She <asked> for a quote" {
		t.Errorf("taken over, the task is %+v", got)
	}

	// With nobody logged in, what the first typed is not kept for who came later.
	b.post("/desk/logout")
	b.relogin(b.post(fields, fieldsOf(t, page, fields, "field", "title", "value", "between the two of us")...), "manager@example.com").mustLack(t, "between the two of us")
	// And a page that was left open still lets people out.
	b.post("/desk/logout", fieldsOf(t, page, "/desk/logout")...).mustLead(t, "/desk/login")
}

// TestEveryFormSaysWhoseItIs: no page forgets it.
func TestEveryFormSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	made := signForms(`<form method="post" action="/a?b=&gt;c" class="x"><form action="/b" method="post"><form method="get"><form method="dialog">`, 7)
	if n := strings.Count(made, `name="reader" value="7"`); n != 2 {
		t.Errorf("%d forms are signed: %s", n, made)
	}
}
