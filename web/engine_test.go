package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/config"
	"nurture/examples"
	"nurture/internal/leadfile"
	"nurture/internal/pgtest"
	"nurture/internal/token"
	"nurture/jobs"
	"nurture/store"
	"nurture/web"
)

// morning is a Monday on which Berlin's offices are open.
var morning = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// openDatabase gives an empty migrated database.
func openDatabase(t *testing.T) *pgxpool.Pool {
	t.Helper()
	url := pgtest.New(t, "web", pgtest.By(jobs.Migrate))
	pool, err := store.Open(t.Context(), url, 4)
	must(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// livePage is the handler over a real engine with the starter configuration, and a lead whose first touch is planned.
func livePage(t *testing.T) (*pgxpool.Pool, *jobs.Engine, http.Handler, store.Lead) {
	t.Helper()
	ctx, pool := t.Context(), openDatabase(t)
	engine, err := jobs.New(ctx, jobs.Options{Pool: pool, Now: func() time.Time { return morning }})
	must(t, err)
	cfg, err := config.Load(examples.Starter())
	must(t, err)
	for _, role := range []string{"marketing", "sales"} {
		_, err := engine.Sign(ctx, cfg.DefinitionHash, role, "Test "+role)
		must(t, err)
	}
	_, err = engine.Apply(ctx, cfg, "test")
	must(t, err)
	granted := leadfile.Permission{State: leadfile.PermissionGranted}
	_, err = engine.Import(ctx, []leadfile.Row{{Line: 2, Lead: leadfile.Lead{
		Key: "jana", Email: "jana@buyer.example", Phone: "+493012340001", FirstName: "Jana", LastName: "Novák", Country: "DE",
		Zones: []string{"Europe/Berlin"}, Language: "en", Source: "test", Consent: leadfile.Consent{Email: granted, Voicemail: granted, Call: granted},
	}}})
	must(t, err)
	_, err = engine.Tick(ctx)
	must(t, err)
	lead, err := store.FindLead(ctx, pool, "jana")
	must(t, err)
	return pool, engine, web.New(web.Options{Engine: engine}), lead
}

func answer(h http.Handler, method, path string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader("List-Unsubscribe=One-Click"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// standing is how things are with a lead: suppressed on email and phone, the state of its enrolment, its responses and touches still to be made.
func standing(t *testing.T, pool *pgxpool.Pool, lead store.Lead) string {
	t.Helper()
	ctx := t.Context()
	now, err := store.FindLead(ctx, pool, lead.Key)
	must(t, err)
	enrollments, err := store.LeadEnrollments(ctx, pool, lead.ID)
	must(t, err)
	responses, err := store.LeadResponses(ctx, pool, lead.ID)
	must(t, err)
	waiting, err := store.WaitingTouches(ctx, pool, lead.ID)
	must(t, err)
	return fmt.Sprintf("email %v, phone %v, enrolment %s, ended %q, %d responses, %d touches waiting",
		now.EmailSuppressed, now.PhoneSuppressed, enrollments[0].State, now.EndReason, len(responses), len(waiting))
}

func TestUnsubscribeOnTheRealEngine(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	waiting, err := store.WaitingTouches(t.Context(), pool, lead.ID)
	must(t, err)
	if len(waiting) != 1 {
		t.Fatalf("%d touches are planned, want 1", len(waiting))
	}
	link := "/u/" + engine.Tokens().Make(token.Unsubscribe, waiting[0].ID)
	const untouched = `email false, phone false, enrolment active, ended "", 0 responses, 1 touches waiting`

	for _, tc := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, link, http.StatusOK},
		{http.MethodHead, link, http.StatusOK},
		{http.MethodPost, link[:len(link)-1], http.StatusNotFound},
		{http.MethodPost, "/u/" + engine.Tokens().Make(token.Voice, waiting[0].ID), http.StatusNotFound},
		{http.MethodPost, "/u/" + engine.Tokens().Make(token.Unsubscribe, waiting[0].ID+1000), http.StatusNotFound},
	} {
		if status, body := answer(page, tc.method, tc.path); status != tc.status {
			t.Errorf("%s %s: %d, want %d\n%s", tc.method, tc.path, status, tc.status, body)
		}
		if got := standing(t, pool, lead); got != untouched {
			t.Errorf("after %s %s: %s", tc.method, tc.path, got)
		}
	}

	for i := range 3 {
		status, body := answer(page, http.MethodPost, link)
		if status != http.StatusOK || !strings.Contains(body, "You will not hear from us again") || !strings.Contains(body, "<footer>") {
			t.Errorf("%d: %d\n%s", i, status, body)
		}
		const gone = `email true, phone true, enrolment finished, ended "opted_out", 1 responses, 0 touches waiting`
		if got := standing(t, pool, lead); got != gone {
			t.Errorf("after POST %d: %s\nwant %s", i+1, got, gone)
		}
	}
}

// Who was erased and presses "leave" in an old mail has what it wants; a mailbox provider that asks in its name must not be told of a fault. Whoever holds the
// link cannot tell it from somebody who has left.
func TestTheLinksOfWhoWasErased(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	waiting, err := store.WaitingTouches(t.Context(), pool, lead.ID)
	must(t, err)
	id, tokens := waiting[0].ID, engine.Tokens()
	leave := "/u/" + tokens.Make(token.Unsubscribe, id)
	if status, _ := answer(page, http.MethodPost, leave); status != http.StatusOK {
		t.Fatalf("leaving: %d", status)
	}
	_, left := answer(page, http.MethodGet, leave)
	must(t, engine.EraseLead(t.Context(), lead.ID))
	for _, tc := range []struct{ method, path string }{
		{http.MethodGet, leave},
		{http.MethodPost, leave},
		{http.MethodPost, leave},
		{http.MethodGet, "/p/" + tokens.Make(token.Preferences, id)},
		{http.MethodPost, "/p/" + tokens.Make(token.Preferences, id)},
		{http.MethodGet, "/q/" + tokens.Make(token.SelfQualify, id)},
		{http.MethodPost, "/q/" + tokens.Make(token.SelfQualify, id)},
	} {
		if status, body := answer(page, tc.method, tc.path); status != http.StatusOK || body != left || !strings.Contains(body, "You hear nothing from us any more") {
			t.Errorf("%s %s: %d\n%s\nof who has left:\n%s", tc.method, tc.path, status, body, left)
		}
	}
	if suppressed, err := store.FindSuppressions(t.Context(), pool, []string{lead.Email}); err != nil || len(suppressed) == 0 {
		t.Errorf("the address is not barred: %v", err)
	}
}

// After a backup was restored, nobody knows to whom the mails of the lost days went: who presses "leave" there must not be told that it is done.
func TestTheLinksOfLostDays(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	waiting, err := store.WaitingTouches(t.Context(), pool, lead.ID)
	must(t, err)
	last := waiting[0].ID
	lost := func(when string) {
		for _, id := range []int64{last + 1, last + 1000} {
			if status, body := answer(page, http.MethodPost, "/u/"+engine.Tokens().Make(token.Unsubscribe, id)); status != http.StatusNotFound {
				t.Errorf("%s, touch %d: %d\n%s", when, id, status, body)
			}
		}
	}
	lost("before its ids are left out")
	advance := func(time.Time) {}
	_, err = engine.Relive(t.Context(), morning, advance)
	must(t, err)
	lost("when nothing was made since")
	_, err = engine.Import(t.Context(), []leadfile.Row{{Line: 2, Lead: leadfile.Lead{
		Key: "jan", Email: "jan@other.example", FirstName: "Jan", LastName: "Novák", Country: "DE", Zones: []string{"Europe/Berlin"}, Language: "en", Source: "test",
		Consent: leadfile.Consent{Email: leadfile.Permission{State: leadfile.PermissionGranted}},
	}}})
	must(t, err)
	_, err = engine.Tick(t.Context())
	must(t, err)
	lost("when others were made since")
	next, err := store.FindLead(t.Context(), pool, "jan")
	must(t, err)
	theirs, err := store.WaitingTouches(t.Context(), pool, next.ID)
	must(t, err)
	if len(theirs) != 1 || theirs[0].ID < last+1_000_000 {
		t.Fatalf("%v after %d", theirs, last)
	}
	must(t, engine.EraseLead(t.Context(), next.ID))
	if status, body := answer(page, http.MethodPost, "/u/"+engine.Tokens().Make(token.Unsubscribe, theirs[0].ID)); status != http.StatusOK {
		t.Errorf("erased since: %d\n%s", status, body)
	}
}

func TestADatabaseThatIsGone(t *testing.T) {
	t.Parallel()
	pool, engine, page, lead := livePage(t)
	waiting, err := store.WaitingTouches(t.Context(), pool, lead.ID)
	must(t, err)
	link := "/u/" + engine.Tokens().Make(token.Unsubscribe, waiting[0].ID)
	pgtest.Drop(t, pool)
	for range 2 { // over a connection that is cut, and over a new one
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest(http.MethodPost, link, strings.NewReader("List-Unsubscribe=One-Click")))
		if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" ||
			!strings.Contains(body, "Please try again") || strings.Contains(body, "SQLSTATE") {
			t.Errorf("%d %v\n%s", w.Code, w.Header(), body)
		}
	}
}
