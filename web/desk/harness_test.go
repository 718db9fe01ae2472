package desk

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/internal/pgtest"
	"nurture/jobs"
	"nurture/store"
)

// morning is a Monday on which Berlin's offices are open: 10:00 there.
var morning = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

const password = "correct horse battery"

// passwordHash is made once: it takes as long as it should.
var passwordHash = access.HashPassword(password)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// desktop is a desk over a real engine and database, with the starter configuration and one user a role, role@example.com.
type desktop struct {
	t      testing.TB
	now    func() time.Time
	pool   *pgxpool.Pool
	engine *jobs.Engine
	desk   *Desk
	log    *strings.Builder
	server *httptest.Server
	down   atomic.Bool // the server hangs up on everybody
}

func newDesktop(t testing.TB) *desktop {
	t.Helper()
	return newDesktopAt(t, func() time.Time { return morning })
}

// newDesktopAt is newDesktop by a clock that goes.
func newDesktopAt(t testing.TB, now func() time.Time) *desktop {
	t.Helper()
	ctx := t.Context()
	url := pgtest.New(t, "desk", pgtest.By(jobs.Migrate))
	pool, err := store.Open(ctx, url, 8)
	must(t, err)
	t.Cleanup(pool.Close)
	engine, err := jobs.New(ctx, jobs.Options{Pool: pool, Now: now})
	must(t, err)
	cfg, err := config.Load(examples.Starter())
	must(t, err)
	for _, role := range []string{"marketing", "sales"} {
		_, err := engine.Sign(ctx, cfg.DefinitionHash, role, "Test "+role)
		must(t, err)
	}
	_, err = engine.Apply(ctx, cfg, "test")
	must(t, err)
	for _, role := range access.Roles {
		_, err := store.AddUser(ctx, pool, store.User{
			Email: string(role) + "@example.com", Name: "Test " + string(role), Role: string(role), Password: passwordHash, CreatedAt: morning,
		})
		must(t, err)
	}
	d := &desktop{t: t, now: now, pool: pool, engine: engine, log: &strings.Builder{}}
	d.desk = New(Options{Pool: pool, Engine: engine, Now: now, RealNow: time.Now, Log: slog.New(slog.NewTextHandler(d.log, nil))})
	d.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.down.Load() {
			panic(http.ErrAbortHandler)
		}
		d.desk.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		d.desk.Close()
		d.server.Close()
	})
	return d
}

// lead imports a lead and returns its id.
func (d *desktop) lead(l leadfile.Lead) int64 {
	d.t.Helper()
	if l.Key == "" {
		l.Key = l.Email
	}
	if l.Country == "" {
		l.Country = "DE"
	}
	_, err := d.engine.Import(d.t.Context(), []leadfile.Row{{Line: 2, Lead: l}})
	must(d.t, err)
	found, err := store.FindLead(d.t.Context(), d.pool, l.Key)
	must(d.t, err)
	return found.ID
}

// task opens a task about a lead and returns its id.
func (d *desktop) task(task store.Task) int64 {
	d.t.Helper()
	if task.Kind == "" {
		task.Kind = "callback"
	}
	if task.DueAt.IsZero() {
		task.DueAt = morning.Add(-time.Hour)
	}
	if task.Why == "" {
		task.Why = "the lead asked for it"
	}
	task.OpenedAt = morning.Add(-time.Hour)
	if task.Kind == cadence.TaskCallback && task.DueAt.After(morning) {
		task.NotBefore = &task.DueAt
	}
	must(d.t, store.InsertLeadTasks(d.t.Context(), d.pool, []store.Task{task}))
	tasks, err := store.LeadTasks(d.t.Context(), d.pool, task.LeadID)
	must(d.t, err)
	return tasks[len(tasks)-1].ID
}

// browser is a browser without JavaScript: it keeps cookies, and follows no redirect by itself.
type browser struct {
	t      testing.TB
	base   string
	client *http.Client
}

func (d *desktop) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(d.t, err)
	return &browser{d.t, d.server.URL, &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as is a browser that is logged in as the user of a role; nobody is "".
func (d *desktop) as(role access.Role) *browser {
	d.t.Helper()
	b := d.browser()
	if role == "" {
		return b
	}
	u, err := store.UserByEmail(d.t.Context(), d.pool, string(role)+"@example.com")
	must(d.t, err)
	s := d.desk.sessions
	ctx, err := s.Load(d.t.Context(), "")
	must(d.t, err)
	s.Put(ctx, sessionUser, u.ID)
	s.Put(ctx, sessionGeneration, u.Generation)
	s.Put(ctx, sessionUntil, time.Now().Add(sessionMost).Unix())
	token, _, err := s.Commit(ctx)
	must(d.t, err)
	base, err := url.Parse(d.server.URL)
	must(d.t, err)
	b.client.Jar.SetCookies(base, []*http.Cookie{{Name: cookieName, Value: token, Path: cookiePath}})
	return b
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	got, err := b.client.Do(r)
	must(b.t, err)
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	must(b.t, err)
	return answer{got.StatusCode, got.Header, string(body)}
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	must(b.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

// post sends a form: names and values in turn.
func (b *browser) post(path string, fields ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do(b.request(http.MethodPost, path, form))
}

// mustHold fails unless the answer has the status and every text.
func (a answer) mustHold(t testing.TB, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d:\n%s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("no %q in\n%s", text, a.body)
		}
	}
}

// mustLack fails when the answer has any of the texts.
func (a answer) mustLack(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			t.Errorf("%q is in\n%s", text, a.body)
		}
	}
}

// mustLead fails unless the answer leads to a page.
func (a answer) mustLead(t testing.TB, to string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.header.Get("Location") != to {
		t.Fatalf("status %d to %q, want 303 to %q:\n%s", a.status, a.header.Get("Location"), to, a.body)
	}
}
