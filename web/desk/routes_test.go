package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"nurture/internal/access"
)

// open says to whom each route is open: written down once more, so that nobody opens one by mistake.
var open = map[string]string{
	"GET /desk/{$}":                     "marketer sdr sales manager ops admin",
	"GET /desk/login":                   "anybody",
	"POST /desk/login":                  "anybody",
	"GET /desk/login/oidc":              "anybody",
	"GET /desk/login/oidc/callback":     "anybody",
	"POST /desk/logout":                 "marketer sdr sales manager ops admin",
	"GET /desk/assets/{version}/{name}": "anybody",
	"GET /desk/account":                 "marketer sdr sales manager ops admin",
	"POST /desk/account/zone":           "marketer sdr sales manager ops admin",
	"POST /desk/account/password":       "marketer sdr sales manager ops admin",
	"GET /desk/queue":                   "sdr manager admin",
	"POST /desk/queue/next":             "sdr manager admin",
	"GET /desk/tasks/{id}":              "sdr manager admin",
	"GET /desk/tasks/{id}/news":         "sdr manager admin",
	"POST /desk/tasks/{id}/claim":       "sdr manager admin",
	"POST /desk/tasks/{id}/release":     "sdr manager admin",
	"POST /desk/tasks/{id}/draft":       "sdr manager admin",
	"POST /desk/tasks/{id}/snooze":      "sdr manager admin",
	"POST /desk/tasks/{id}/log":         "sdr manager admin",
	"GET /desk/leads":                   "marketer sdr sales manager ops admin",
	"GET /desk/leads/{id}":              "marketer sdr sales manager ops admin",
	"POST /desk/leads/{id}/pause":       "marketer sdr manager admin",
	"POST /desk/leads/{id}/resume":      "marketer sdr manager admin",
	"POST /desk/leads/{id}/enroll":      "marketer sdr manager admin",
	"POST /desk/leads/{id}/move":        "marketer manager admin",
	"POST /desk/leads/{id}/suppress":    "marketer sdr sales manager admin",
	"POST /desk/leads/{id}/erase":       "admin",
	"POST /desk/leads/{id}/fields":      "marketer sdr manager admin",
	"POST /desk/leads/{id}/proposals":   "marketer sdr manager admin",
	"GET /desk/handoffs":                "marketer sales manager admin",
	"GET /desk/handoffs/{id}":           "marketer sales manager admin",
	"POST /desk/handoffs/{id}/accept":   "sales manager admin",
	"POST /desk/handoffs/{id}/reject":   "sales manager admin",
	"POST /desk/handoffs/{id}/reassign": "manager admin",
	"POST /desk/handoffs/{id}/outcome":  "sales manager admin",
	"GET /desk/cadences":                "marketer manager ops admin",
	"GET /desk/cadences/{key}":          "marketer manager ops admin",
	"GET /desk/coverage":                "marketer manager ops admin",
	"GET /desk/stages":                  "marketer sdr sales manager ops admin",
	"GET /desk/":                        "marketer sdr sales manager ops admin",

	// Operations.
	"GET /desk/ops":                       "manager ops admin",
	"GET /desk/ops/leaks":                 "manager ops admin",
	"POST /desk/ops/queues/{name}/pause":  "ops admin",
	"POST /desk/ops/queues/{name}/resume": "ops admin",
	"POST /desk/ops/jobs/{id}/retry":      "ops admin",
	"POST /desk/ops/jobs/{id}/cancel":     "ops admin",
	"GET /desk/ops/senders":               "manager ops admin",
	"POST /desk/ops/senders/pause":        "ops admin",
	"POST /desk/ops/senders/resume":       "ops admin",
	"GET /desk/ops/unknown":               "manager ops admin",
	"POST /desk/ops/unknown/{id}":         "ops admin",

	// Mail and people without a lead; addresses never to contact.
	"GET /desk/inbox":                         "sdr manager ops admin",
	"GET /desk/inbox/{id}":                    "sdr manager ops admin",
	"POST /desk/inbox/{id}/assign":            "sdr manager ops admin",
	"POST /desk/inbox/{id}/aside":             "sdr manager ops admin",
	"GET /desk/inbox/referrals":               "sdr manager ops admin",
	"POST /desk/inbox/referrals/{id}/accept":  "sdr manager ops admin",
	"POST /desk/inbox/referrals/{id}/decline": "sdr manager ops admin",
	"GET /desk/suppressions":                  "marketer sdr manager ops admin",
	"POST /desk/suppressions/check":           "marketer sdr manager ops admin",
	"POST /desk/suppressions/add":             "marketer sdr manager ops admin",
	"POST /desk/suppressions/lift":            "manager ops admin",

	// Who is let in, and who did what.
	"GET /desk/access":                      "admin",
	"POST /desk/access/users":               "admin",
	"POST /desk/access/users/{id}/role":     "admin",
	"POST /desk/access/users/{id}/disable":  "admin",
	"POST /desk/access/users/{id}/enable":   "admin",
	"POST /desk/access/users/{id}/password": "admin",
	"GET /desk/access/tokens":               "admin",
	"POST /desk/access/tokens":              "admin",
	"POST /desk/access/tokens/{id}/revoke":  "admin",
	"GET /desk/audit":                       "manager admin",
}

// Every route × role, tried out: who is let in gets past the guard, whatever the handler then says; all others are refused.
func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	filler := strings.NewReplacer("{$}", "", "{id}", "999999999", "{key}", "first-seven", "{version}", assetVersion, "{name}", "desk.css")
	for _, route := range routes {
		want, ok := open[route.pattern]
		if !ok {
			t.Errorf("%s has no line in the test", route.pattern)
			continue
		}
		method, pattern, _ := strings.Cut(route.pattern, " ")
		path := filler.Replace(pattern)
		for _, role := range append([]access.Role{""}, access.Roles...) {
			b := d.as(role)
			a := b.do(b.request(method, path, nil))
			refused := a.status == http.StatusForbidden || role == "" && a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/desk/login")
			may := want == "anybody" || slices.Contains(strings.Fields(want), string(role))
			if refused == may {
				t.Errorf("%s as %q: status %d, to be let in: %t", route.pattern, role, a.status, may)
			}
			if a.status >= http.StatusInternalServerError {
				t.Errorf("%s as %q: status %d\n%s", route.pattern, role, a.status, d.log)
			}
			mustBeHard(t, a)
		}
	}
	if len(routes) != len(open) {
		t.Errorf("%d routes, %d lines in the test", len(routes), len(open))
	}
}

// mustBeHard checks the headers that every answer carries, and that nothing in the page needs more than they allow.
func mustBeHard(t testing.TB, a answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy %q allows too much", policy)
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		a.mustLack(t, "<style", " style=", "<script>", "onclick", "javascript:")
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control: %q of a page", got)
		}
	}
}

func TestNavigationFollowsTheTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, item := range navigation {
		if seen[item.Path] {
			t.Errorf("%s stands in it twice", item.Path)
		}
		seen[item.Path] = true
		if !slices.ContainsFunc(routes, func(r route) bool { return r.pattern == "GET "+item.Path }) {
			t.Errorf("%s leads to no route", item.Path)
		}
		if icons[item.Icon] == "" {
			t.Errorf("%s has no icon", item.Path)
		}
	}
	d := newDesktop(t)
	for role, home := range map[access.Role]string{
		access.SDR: "/desk/queue", access.Sales: "/desk/handoffs", access.Manager: "/desk/queue", access.Marketer: "/desk/cadences", access.Ops: "/desk/ops", access.Admin: "/desk/queue",
	} {
		d.as(role).get("/desk/").mustLead(t, home)
		d.as(role).get(home).mustHold(t, 200)
	}
	for _, role := range access.Roles {
		a := d.as(role).get("/desk/account")
		for _, item := range navigation {
			if shown := strings.Contains(a.body, `href="`+item.Path+`"`); shown != mayGet(item.Path, role) {
				t.Errorf("%s is shown %s: %t", role, item.Path, shown)
			}
		}
	}
}

// The address of a form stands in the browser's bar when the form came back with mistakes. Loaded anew it leads to the form's page.
func TestAddressesOfForms(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	task, lead := d.callOf()
	b := d.as(access.Admin)
	for path, page := range map[string]string{
		taskPath(task, "/log"): taskPath(task, ""), leadPath(lead) + "/fields": leadPath(lead), "/desk/account/password": "/desk/account", "/desk/handoffs/7/reject": "/desk/handoffs/7",
		"/desk/access/users/3/password": "/desk/access", "/desk/suppressions/add": "/desk/suppressions", "/desk/ops/senders/pause": "/desk/ops/senders", "/desk/queue/next": "/desk/queue",
	} {
		b.get(path).mustLead(t, page)
	}
	for _, path := range []string{"/desk/nothing", "/desk/tasks/1/nothing", "/desk/tasks/", "/desk/access/users", "/desk/logout"} {
		a := b.get(path)
		switch path {
		case "/desk/access/users":
			a.mustLead(t, "/desk/access")
		case "/desk/logout":
			a.mustLead(t, "/desk/")
		default:
			a.mustHold(t, 404, "There is nothing here")
		}
	}
	// A form with mistakes, sent again when the session is over, leads by the login to its page.
	stranger := d.browser()
	r := stranger.request(http.MethodPost, taskPath(task, "/log"), nil)
	r.Header.Set("Referer", d.server.URL+taskPath(task, "/log"))
	stranger.do(r).mustLead(t, "/desk/login?next="+url.QueryEscape(taskPath(task, "/log")))
	stranger.post("/desk/login", "email", "sdr@example.com", "password", password, "next", taskPath(task, "/log")).mustLead(t, taskPath(task, "/log"))
	stranger.get(taskPath(task, "/log")).mustLead(t, taskPath(task, ""))
}

func TestAssets(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	b := d.browser()
	style := b.get(asset("desk.css"))
	style.mustHold(t, 200, "prefers-color-scheme: dark")
	if opened, closed := strings.Count(style.body, "{"), strings.Count(style.body, "}"); opened != closed {
		t.Errorf("the style sheet opens %d blocks and closes %d: what follows holds in the open one only", opened, closed)
	}
	if got := style.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control: %q", got)
	}
	if got := b.get(asset("desk.js")).header.Get("Content-Type"); !strings.HasPrefix(got, "text/javascript") {
		t.Errorf("a module is %q", got)
	}
	other := b.get("/desk/assets/0123456789ab/desk.css")
	other.mustHold(t, 200, "prefers-color-scheme: dark")
	if got := other.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control of another version: %q", got)
	}
	for _, path := range []string{asset("nothing.css"), asset("..%2Fdesk.go"), asset("%2e%2e%2fpages%2flogin.html")} {
		if a := b.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}
