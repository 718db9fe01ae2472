package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
)

// login logs in by a password, as people do.
func (d *desktop) login(email string) *browser {
	d.t.Helper()
	b := d.browser()
	b.post("/desk/login", "email", email, "password", password).mustLead(d.t, "/desk/")
	return b
}

// endSessions ends all sessions, as time does.
func (d *desktop) endSessions() { d.exec(`UPDATE users SET generation = generation + 1`) }

// relogin logs in by the form of the login that an answer leads to, and returns the page that comes after it.
func (b *browser) relogin(a answer, email string) answer {
	b.t.Helper()
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/desk/login?next=") {
		b.t.Fatalf("status %d to %q", a.status, a.header.Get("Location"))
	}
	to, err := url.Parse(a.header.Get("Location"))
	must(b.t, err)
	b.post("/desk/login", "email", email, "password", "mistyped", "next", to.Query().Get("next")).mustHold(b.t, 422)
	in := b.post("/desk/login", "email", email, "password", password, "next", to.Query().Get("next"))
	if in.status != http.StatusSeeOther {
		b.t.Fatalf("status %d", in.status)
	}
	return b.get(in.header.Get("Location"))
}

// value is what a field of the form of a page holds, and whether the form lies open.
func value(t testing.TB, page, action, name string) (held string, open bool) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	must(t, err)
	form := element(doc, func(n *html.Node) bool { return n.Data == "form" && sendsTo(n, action) })
	if form == nil {
		t.Fatalf("no form sends to %s", action)
	}
	open = true
	for up := form.Parent; up != nil; up = up.Parent {
		if up.Data == "details" && !slices.ContainsFunc(up.Attr, func(a html.Attribute) bool { return a.Key == "open" }) {
			open = false
		}
	}
	for _, field := range elements(form, func(n *html.Node) bool { return isField(n) && attr(n, "name") == name }) {
		has := func(n *html.Node, key string) bool {
			return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
		}
		switch {
		case field.Data == "textarea":
			return textOf(field), open
		case field.Data == "select":
			if chosen := element(field, func(n *html.Node) bool { return has(n, "selected") }); chosen != nil {
				return optionValue(chosen), open
			}
		case attr(field, "type") == "radio", attr(field, "type") == "checkbox":
			if has(field, "checked") {
				return attr(field, "value"), open
			}
		default:
			return attr(field, "value"), open
		}
	}
	return "", open
}

// Without JavaScript, too, a form that met the end of the session is there again after the login, with all that was typed: for who typed it alone, once, and nothing
// of it is done by itself.
func TestAFormOutlivesTheSessionWithoutJavaScript(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	fields := leadPath(lead) + "/fields"
	b := d.login("sdr@example.com")
	d.endSessions()
	refused := b.post(fields, "field", "account.employees", "value", `"250" <b>`)
	const told = "Your session had ended, so nothing was done."
	b.get(refused.header.Get("Location")).mustHold(t, 200, told)
	b.post("/desk/login", "email", "sdr@example.com", "password", "mistyped").mustHold(t, 422, told)
	page := b.relogin(refused, "sdr@example.com")
	page.mustHold(t, 200, "What you typed is here again")
	if held, open := value(t, page.body, fields, "value"); held != `"250" <b>` || !open {
		t.Errorf("the field holds %q, open: %v", held, open)
	}
	if held, _ := value(t, page.body, fields, "field"); held != "account.employees" {
		t.Errorf("chosen is %q", held)
	}
	b.get(leadPath(lead)).mustLack(t, "What you typed is here again", `<b>`)

	task := d.task(store.Task{LeadID: lead, Owner: "sdr@example.com"})
	log := "/desk/tasks/" + itoa(task) + "/log"
	d.endSessions()
	page = b.relogin(b.post(log, "who", "mine", "held", "2026-03-02T08:00:00Z", "disposition", "connected", "notes", "She asked\r\nfor a quote", "answer.people_to_train", "12", "then", "next"), "sdr@example.com")
	for name, want := range map[string]string{"disposition": "connected", "notes": "She asked\nfor a quote", "answer.people_to_train": "12"} {
		if held, _ := value(t, page.body, log, name); held != want {
			t.Errorf("%s holds %q, want %q", name, held, want)
		}
	}
	got, err := store.GetTask(t.Context(), d.pool, task)
	must(t, err)
	if got.State == store.TaskDone {
		t.Error("the form was sent by itself")
	}
}

func TestWhatWasTypedIsForWhoTypedIt(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	fields := leadPath(lead) + "/fields"
	const secret = "between the two of us"
	send := func(b *browser) answer {
		return b.post(fields, "field", "title", "value", secret)
	}

	b := d.login("sdr@example.com")
	d.endSessions()
	b.relogin(send(b), "manager@example.com").mustLack(t, secret)
	b.post("/desk/logout")
	b.post("/desk/login", "email", "sdr@example.com", "password", password)
	b.get(leadPath(lead)).mustLack(t, secret)

	stranger := d.browser()
	send(stranger).mustLead(t, "/desk/login?next="+url.QueryEscape(leadPath(lead)))
	if cookies := stranger.cookies(); len(cookies) > 0 {
		t.Errorf("a stranger gets %v", cookies)
	}
	forged := d.browser()
	base, err := url.Parse(d.server.URL)
	must(t, err)
	for _, value := range []string{"x", strings.Repeat("A", 60), "%%%"} {
		forged.client.Jar.SetCookies(base, []*http.Cookie{{Name: typistCookie, Value: value, Path: cookiePath}})
		send(forged)
		if cookies := forged.cookies(); len(cookies) != 1 {
			t.Errorf("who made up %q gets %v", value, cookies)
		}
	}

	// Nor is anything kept for whom the desk is closed to.
	b = d.login("ops@example.com")
	must(t, d.desk.accounts.Disable(t.Context(), "ops@example.com", access.Actor{Who: "cli:test"}))
	d.exec(`DELETE FROM sessions`)
	send(b)

	// Passwords are kept nowhere.
	b = d.login("sdr@example.com")
	d.endSessions()
	b.post("/desk/account/password", "old", secret, "new", secret)
	var kept int
	must(t, d.pool.QueryRow(t.Context(), `SELECT count(*) FROM sessions WHERE position($1::bytea IN data) > 0`, []byte(secret)).Scan(&kept))
	if kept > 0 {
		t.Error("a password is kept, or what somebody typed who is kept out")
	}
	for name, page := range pages {
		for _, kind := range strings.Split(page.Lookup("main").Tree.Root.String(), "<input ")[1:] {
			if field := strings.SplitN(kind, ">", 2)[0]; strings.Contains(field, `type="password"`) &&
				!slices.ContainsFunc(secretFields, func(s string) bool { return strings.Contains(field, `name="`+s+`"`) }) {
				t.Errorf("%s: %s is not among the secret fields", name, field)
			}
		}
	}
}

// The way over an identity provider loses nothing either.
func TestWhatWasTypedOutlivesALoginByProvider(t *testing.T) {
	t.Parallel()
	s := newSSO(t)
	lead := s.lead(ann)
	b := s.browser()
	b.get(s.walk(b, "/desk/login/oidc")).mustLead(t, "/desk/")
	s.endSessions()
	b.post(leadPath(lead)+"/fields", "field", "title", "value", "Head of Safety").mustLead(t, "/desk/login?next="+url.QueryEscape(leadPath(lead)))
	b.get(s.walk(b, "/desk/login/oidc?next="+url.QueryEscape(leadPath(lead)))).mustLead(t, leadPath(lead))
	if held, _ := value(t, b.get(leadPath(lead)).body, leadPath(lead)+"/fields", "value"); held != "Head of Safety" {
		t.Errorf("the field holds %q", held)
	}
}

// What was typed waits for an hour, and is told where its form is gone meanwhile.
func TestWhatWasTypedDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	now := time.Now()
	d.desk = New(Options{Pool: d.pool, Engine: d.engine, Now: func() time.Time { return morning }, RealNow: func() time.Time { return now }, Log: d.desk.log})
	lead := d.lead(ann)
	task := d.task(store.Task{LeadID: lead, Owner: "sdr@example.com"})
	log := "/desk/tasks/" + itoa(task) + "/log"
	b := d.login("sdr@example.com")
	d.endSessions()
	refused := b.post(log, "notes", "She asked for a quote")
	now = now.Add(typedLife + time.Minute)
	b.relogin(refused, "sdr@example.com").mustLack(t, "She asked for a quote")

	d.endSessions()
	refused = b.post(log, "notes", "She asked for a quote")
	must(t, d.engine.CompleteTask(t.Context(), jobs.TaskOutcome{TaskID: task, By: "manager@example.com", Disposition: "no_answer"}))
	b.relogin(refused, "sdr@example.com").mustHold(t, 200, "What you typed was not taken, and its form is not here any more: She asked for a quote")
	b.get(callPath(task, "mine")).mustLack(t, "She asked for a quote")

	offer := d.login("sdr@example.com")
	d.endSessions()
	offer.relogin(offer.post("/desk/queue/next", "who", "mine"), "sdr@example.com").mustHold(t, 200)
}

// A mistake in a form of a page is told beside its field, with all that was typed.
func TestMistakesStandBesideTheirFields(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	lead := d.lead(ann)
	task := d.task(store.Task{LeadID: lead, Owner: "sdr@example.com"})
	must(t, d.engine.MoveLead(t.Context(), lead, "first-seven"))
	b := d.as(access.Admin)
	for _, tc := range []struct{ path, field, typed, says string }{
		{leadPath(lead) + "/fields", "value", "lots of them", "That cannot be taken."},
		{leadPath(lead) + "/fields", "value", "   ", "Nothing is written."},
		{leadPath(lead) + "/pause", "own", "soon", "Until when?"},
		{leadPath(lead) + "/pause", "own", "2020-01-01T10:00", "in the future"},
		{leadPath(lead) + "/move", "cadence", "nonsense", "is not live"},
		{leadPath(lead) + "/suppress", "scope", "nonsense", "Nothing to suppress"},
		{leadPath(lead) + "/erase", "confirm", "please", "Write the word erase here"},
		{"/desk/tasks/" + itoa(task) + "/snooze", "own", "soon", "Until when?"},
		{"/desk/tasks/" + itoa(task) + "/snooze", "own", "2020-01-01T10:00", "in the future"},
	} {
		form := []string{tc.field, tc.typed, "who", "all"}
		if strings.HasSuffix(tc.path, "/fields") {
			form = append(form, "field", "account.employees")
		}
		a := b.post(tc.path, form...)
		a.mustHold(t, 422, tc.says, `aria-invalid="true"`, `aria-describedby="what-is-wrong"`, `id="what-is-wrong"`, "autofocus")
		held, open := value(t, a.body, tc.path, tc.field)
		if !open {
			t.Errorf("%s: the form lies folded", tc.path)
		}
		if tc.field == "value" || tc.field == "own" || tc.field == "confirm" {
			if held != tc.typed {
				t.Errorf("%s: %s holds %q, want %q", tc.path, tc.field, held, tc.typed)
			}
		}
	}
	a := b.post(leadPath(lead)+"/fields", "field", "account.employees", "value", "lots of them")
	if held, _ := value(t, a.body, leadPath(lead)+"/fields", "field"); held != "account.employees" {
		t.Errorf("chosen is %q", held)
	}
}
