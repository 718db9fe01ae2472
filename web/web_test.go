package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reach is a request for each line of the table of routes, and what it answers.
var reach = map[string]struct {
	path   string
	status int
	kind   string
	says   string
	calls  []string
}{
	"GET /{$}":                    {"/", 200, "text/html", "nurture is running", nil},
	"GET /healthz":                {"/healthz", 200, "text/plain", "ok\n", nil},
	"GET /readyz":                 {"/readyz", 200, "text/plain", "ok\n", nil},
	"/api/":                       {"/api/v1/queues", 404, "application/json", `{"error":"no API is served here"}`, nil}, // none is wired
	"GET /style.css":              {"/style.css", 200, "text/css", "prefers-color-scheme: dark", nil},
	"GET /schemas/{file}":         {"/schemas/cadence.json", 200, "application/schema+json", "\"Its name, such as first-seven.\"", nil},
	"GET /u/{$}":                  {"/u/", 404, "text/html", "This link leads nowhere", nil},
	"GET /u/{token}":              {"/u/" + goodToken, 200, "text/html", "Stop hearing from us?", nil},
	"POST /u/{token}":             {"/u/" + goodToken, 200, "text/html", "You will not hear from us again", []string{"unsubscribe"}},
	"GET /p/{$}":                  {"/p/", 404, "text/html", "This link leads nowhere", nil},
	"GET /p/{token}":              {"/p/" + goodToken, 200, "text/html", "How often should you hear from us?", nil},
	"POST /p/{token}":             {"/p/" + goodToken, 200, "text/html", "How often should you hear from us?", nil},
	"GET /q/{$}":                  {"/q/", 404, "text/html", "This link leads nowhere", nil},
	"GET /q/{token}":              {"/q/" + goodToken, 200, "text/html", "Do you &lt;run&gt; such a site?", nil},
	"POST /q/{token}":             {"/q/" + goodToken, 422, "text/html", "Nothing is answered yet", nil},
	"GET /c/{$}":                  {"/c/", 404, "text/html", "This link leads nowhere", nil},
	"GET /c/{token}":              {"/c/" + goodToken, 302, "text/html", "https://seller.example/checklist?a=1&amp;b=2", []string{"click false "}},
	"POST /twilio/voice/{token}":  {"/twilio/voice/" + goodToken, 200, "application/xml", "<Response/>", []string{"script "}},
	"POST /twilio/status/{token}": {"/twilio/status/" + goodToken, 204, "", "", []string{"callback "}},
	"POST /inbound/email":         {"/inbound/email", 401, "text/plain", "the token does not fit", nil},
	"GET /outbox":                 {"/outbox", 200, "text/html", "Studies that end on a Friday", nil},
	"GET /outbox/{name}":          {"/outbox/touch-7.eml", 200, "text/html", "Hello Jana", nil},
	"GET /outbox/{name}/body":     {"/outbox/touch-7.eml/body", 200, "text/html", "<p>Hello <b>Jana</b></p>", nil},
	"GET /desk/":                  {"/desk/queue", 404, "text/html", "There is nothing here", nil}, // no desk is wired
	"POST /desk/":                 {"/desk/login", 404, "text/html", "There is nothing here", nil},
	"GET /":                       {"/wp-login.php", 404, "text/html", "There is nothing here", nil},
}

func TestEveryRoute(t *testing.T) {
	t.Parallel()
	for _, route := range (&server{}).routes() {
		t.Run(strings.ReplaceAll(route.pattern, "/", "_"), func(t *testing.T) {
			t.Parallel()
			want, ok := reach[route.pattern]
			if !ok {
				t.Fatal("this route has no line in the test")
			}
			s := newSite(t)
			method, _, named := strings.Cut(route.pattern, " ")
			if !named {
				method = http.MethodPut
			}
			a := s.do(request(method, want.path, ""))
			a.mustHold(t, want.status, want.says)
			if kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";"); kind != want.kind {
				t.Errorf("content type %q, want %q", kind, want.kind)
			}
			if diff := cmp.Diff(append([]string{}, want.calls...), s.engine.done()); diff != "" {
				t.Errorf("asked of the engine (-want +got)\n%s", diff)
			}
			mustBeHard(t, a)
			if method == http.MethodGet {
				head := s.do(request(http.MethodHead, want.path, ""))
				if head.status != want.status {
					t.Errorf("HEAD: %d, want %d as for GET", head.status, want.status)
				}
			}
		})
	}
	if n := len((&server{}).routes()); n != len(reach) {
		t.Errorf("%d routes, %d lines in the test", n, len(reach))
	}
}

// mustBeHard checks the headers that every answer carries.
func mustBeHard(t *testing.T, a answer) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	csp := a.header.Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'none'", "frame-ancestors 'self'"} {
		if !strings.Contains(csp, directive) {
			t.Errorf("Content-Security-Policy %q lacks %s", csp, directive)
		}
	}
	if strings.Contains(csp, "script-src") || strings.Contains(csp, "unsafe-inline") && !strings.HasPrefix(csp, "sandbox; ") {
		t.Errorf("Content-Security-Policy %q allows too much", csp)
	}
	if cache := a.header.Get("Cache-Control"); cache != "no-store" && cache != "max-age=3600" {
		t.Errorf("Cache-Control: %q", cache)
	}
	if len(a.header.Values("Set-Cookie")) > 0 {
		t.Error("a cookie is set")
	}
}

func TestPagesCarryNoStyleAndNoScriptOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/", "/u/" + goodToken, "/p/" + goodToken, "/q/" + goodToken, "/outbox", "/outbox/touch-7.eml", "/nowhere"} {
		a := s.get(path)
		for _, inline := range []string{"<style", "style=", "<script", " onclick", "javascript:"} {
			if strings.Contains(a.body, inline) {
				t.Errorf("%s holds %s, which its policy forbids", path, inline)
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "style-src 'self'; ") || !strings.Contains(csp, "form-action 'self'") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

func TestWrongMethods(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ method, path, allow string }{
		{"PUT", "/u/" + goodToken, "GET, HEAD, POST"},
		{"DELETE", "/u/" + goodToken, "GET, HEAD, POST"},
		{"PUT", "/p/" + goodToken, "GET, HEAD, POST"},
		{"PATCH", "/q/" + goodToken, "GET, HEAD, POST"},
		{"POST", "/c/" + goodToken, "GET, HEAD"},
		{"POST", "/", "GET, HEAD"},
		{"POST", "/outbox", "GET, HEAD"},
		{"DELETE", "/outbox/touch-7.eml", "GET, HEAD"},
		{"PUT", "/twilio/status/" + goodToken, "GET, HEAD, POST"},
	} {
		s := newSite(t)
		a := s.do(request(tc.method, tc.path, ""))
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != tc.allow {
			t.Errorf("%s %s: %d, Allow %q; want 405 and %q", tc.method, tc.path, a.status, a.header.Get("Allow"), tc.allow)
		}
		if calls := s.engine.done(); len(calls) > 0 {
			t.Errorf("%s %s did %v", tc.method, tc.path, calls)
		}
		mustBeHard(t, a)
	}
	s := newSite(t)
	for _, path := range []string{"/twilio/voice/" + goodToken, "/twilio/status/" + goodToken} { // a person who opens it finds nothing
		s.get(path).mustHold(t, http.StatusNotFound)
	}
	if calls := s.engine.done(); len(calls) > 0 {
		t.Errorf("GET did %v", calls)
	}
}

func TestTheOperatorsNameIsEscaped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.engine.operator = `Evil </title><script>alert("x")</script> & Co`
	a := s.get("/u/" + goodToken)
	a.mustHold(t, 200, "Evil &lt;/title&gt;&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; Co")
	if strings.Contains(a.body, "<script") {
		t.Errorf("the name is markup:\n%s", a.body)
	}
	s.engine.operator = ""
	s.get("/u/"+goodToken).mustHold(t, 200, "One tap, and we will not write")
}

func TestHomeSaysWhereMailGoes(t *testing.T) {
	t.Parallel()
	newSite(t).get("/").mustHold(t, 200, "written to a file", `href="/outbox"`)
	a := newSite(t, func(o *Options) { o.Outbox = nil }).get("/")
	a.mustHold(t, 200, "leaves through the configured server")
	if strings.Contains(a.body, "/outbox") {
		t.Error("it offers an outbox that is not there")
	}
}

// A page that cannot be made is an error, not half a page.
func TestAPageThatBreaks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.handler = harden(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := &server{Options{Engine: s.engine, Log: slog.New(slog.NewTextHandler(s.log, nil))}}
		inner.render(w, r, http.StatusOK, "mail.html", "Mail", errors.New("no mail"))
	}))
	a := s.get("/")
	a.mustHold(t, http.StatusInternalServerError, "That did not work")
	if strings.Contains(a.body, "<html") || !strings.Contains(s.log.String(), "mail.html") {
		t.Errorf("body:\n%s\nlog: %s", a.body, s.log)
	}
}

func TestWithoutALogErrorsAreStillAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) { o.Log = nil })
	s.engine.err = errors.New(leak)
	s.do(request("POST", "/u/"+goodToken, "")).mustHold(t, http.StatusInternalServerError, "That did not work")
}

func TestHealth(t *testing.T) {
	t.Parallel()
	newSite(t).get("/healthz").mustHold(t, http.StatusOK, "ok")
	sick := newSite(t, func(o *Options) { o.Healthy = func(context.Context) error { return errors.New(leak) } })
	a := sick.get("/healthz")
	a.mustHold(t, http.StatusServiceUnavailable, "database")
	sick.mustNotLeak(a)
}

// TestReadiness: what does not hold is named, and nothing else is said of it.
func TestReadiness(t *testing.T) {
	t.Parallel()
	holds := func(context.Context) error { return nil }
	s := newSite(t, func(o *Options) { o.Ready = []Check{{"database", holds}, {"schema", holds}} })
	s.get("/readyz").mustHold(t, http.StatusOK, "database ok\nschema ok\n")
	sick := newSite(t, func(o *Options) {
		o.Ready = []Check{{"database", holds}, {"schema", func(context.Context) error { return errors.New(leak) }}}
	})
	a := sick.get("/readyz")
	a.mustHold(t, http.StatusServiceUnavailable, "database ok\nschema failed\n")
	sick.mustNotLeak(a)
	if !strings.Contains(sick.log.String(), "schema") {
		t.Errorf("the log has %s", sick.log)
	}
}
