package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/internal/access"
	"nurture/internal/pgtest"
	"nurture/jobs"
	"nurture/store"
)

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// stand is an engine that tells what it was given.
type stand struct{ err error }

func (s stand) Queues(context.Context) ([]store.Queue, error) {
	return []store.Queue{{Name: "email", Ready: 3}, {Name: "call", PausedAt: &noon}}, s.err
}

func (s stand) Alarms(context.Context) ([]jobs.Alarm, error) {
	return []jobs.Alarm{{Kind: jobs.AlarmNoWorker, N: 1}}, s.err
}

func (s stand) KnownOf(context.Context, string) ([]jobs.KnownField, []jobs.KnownProposal, error) {
	return nil, nil, s.err
}

func (s stand) ChangeFields(context.Context, jobs.FieldChange) (jobs.FieldResult, error) {
	return jobs.FieldResult{}, s.err
}

// newAPI is the API with a token a role.
func newAPI(t *testing.T, engine Engine, now *time.Time) (http.Handler, map[access.Role]string, *strings.Builder) {
	t.Helper()
	return apiOver(t, newPool(t), engine, now)
}

// newPool is an empty migrated database.
func newPool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	url := pgtest.New(t, "api", pgtest.By(jobs.Migrate))
	pool, err := store.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func apiOver(t *testing.T, pool *pgxpool.Pool, engine Engine, now *time.Time, secrets ...Secret) (http.Handler, map[access.Role]string, *strings.Builder) {
	t.Helper()
	clock := func() time.Time { return *now }
	var err error
	accounts := access.NewAccounts(pool, clock)
	tokens := map[access.Role]string{}
	for _, role := range access.Roles {
		if tokens[role], err = accounts.AddToken(t.Context(), string(role), role, time.Hour, access.Actor{Who: "cli:test"}); err != nil {
			t.Fatal(err)
		}
	}
	log := &strings.Builder{}
	return New(Options{Accounts: accounts, Engine: engine, Now: clock, Log: slog.New(slog.NewTextHandler(log, nil)), EnrichmentSecrets: secrets}), tokens, log
}

func ask(h http.Handler, path, authorization string) *httptest.ResponseRecorder {
	return send(h, http.MethodGet, path, "", "Authorization", authorization)
}

// send makes a request with headers: name, value, name, value …
func send(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// open says which roles' tokens may, written down once more.
var open = map[string]string{
	"GET /api/v1/queues": "manager ops admin",
	"GET /api/v1/alarms": "manager ops admin",

	"GET /api/v1/leads/{key}/fields":         "marketer sdr sales manager admin",
	"PATCH /api/v1/leads/{key}/fields":       "marketer manager admin",
	"PATCH /api/v1/accounts/{domain}/fields": "marketer manager admin",
	"POST /api/v1/enrichment":                "signed",
	"GET /api/v1/openapi.json":               "anybody",
}

func TestEveryRouteForEveryRole(t *testing.T) {
	t.Parallel()
	now := noon
	h, tokens, _ := newAPI(t, stand{}, &now)
	for _, route := range routes {
		want, ok := open[route.pattern]
		if !ok {
			t.Errorf("%s has no line in the test", route.pattern)
		}
		now = now.Add(4 * time.Minute) // in which what was counted against us is forgotten
		method, pattern, _ := strings.Cut(route.pattern, " ")
		path := strings.NewReplacer("{key}", "jane@example.com", "{domain}", "example.com").Replace(pattern)
		for _, role := range access.Roles {
			w := send(h, method, path, `{"account":{"industry":"steel"}}`, "Authorization", "Bearer "+tokens[role])
			status := http.StatusForbidden
			switch {
			case want == "anybody", slices.Contains(strings.Fields(want), string(role)):
				status = http.StatusOK
			case want == "signed":
				status = http.StatusUnauthorized
			}
			if w.Code != status || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s as %s: %d %s", path, role, w.Code, w.Body)
			}
		}
		if want == "anybody" || want == "signed" {
			continue
		}
		for _, wrong := range []string{"", "Bearer", "Bearer x", "Basic " + tokens[access.Admin], tokens[access.Admin], "Bearer " + tokens[access.Admin] + "x"} {
			if w := send(h, method, path, "{}", "Authorization", wrong); w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%s with %q: %d", path, wrong, w.Code)
			}
		}
	}
	if w := ask(h, "/api/v1/queues", "bearer "+tokens[access.Ops]); !strings.Contains(w.Body.String(), `{"queue":"email","state":"working","paused_at":null,"ready":3`) ||
		!strings.Contains(w.Body.String(), `"state":"paused","paused_at":"2026-03-02T12:00:00Z"`) {
		t.Errorf("%s", w.Body)
	}
	if w := ask(h, "/api/v1/alarms", "Bearer "+tokens[access.Ops]); strings.TrimSpace(w.Body.String()) != `{"alarms":[{"kind":"no_worker","count":1,"more":false,"about":[],"said":[],"since":null}]}` {
		t.Errorf("%s", w.Body)
	}
	now = noon.Add(2 * time.Hour)
	if w := ask(h, "/api/v1/queues", "Bearer "+tokens[access.Ops]); w.Code != http.StatusUnauthorized {
		t.Errorf("a token that has run out: %d", w.Code)
	}
}

// What is refused before a route is found is JSON too, and says what may be asked instead.
func TestWrongMethodsAndPathsAreJSON(t *testing.T) {
	t.Parallel()
	now := noon
	h, _, _ := newAPI(t, stand{}, &now)
	for _, c := range []struct {
		method, path, allow string
		status              int
	}{
		{"PUT", "/api/v1/queues", "GET, HEAD", 405},
		{"OPTIONS", "/api/v1/openapi.json", "GET, HEAD", 405},
		{"DELETE", "/api/v1/leads/jane@example.com/fields", "GET, HEAD, PATCH", 405},
		{"GET", "/api/v1/accounts/example.com/fields", "PATCH", 405},
		{"GET", "/api/v1/enrichment", "POST", 405},
		{"BREW", "/api/v1/alarms", "GET, HEAD", 405},
		{"GET", "/api/v2", "", 404},
		{"PUT", "/api/v1/queues/email", "", 404},
		{"DELETE", "/api/", "", 404},
	} {
		w := send(h, c.method, c.path, "{}")
		var body refusal
		err := json.Unmarshal(w.Body.Bytes(), &body)
		if w.Code != c.status || w.Header().Get("Allow") != c.allow || err != nil || body.Error == "" ||
			w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s %s: %d, Allow %q, %s", c.method, c.path, w.Code, w.Header().Get("Allow"), w.Body)
		}
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	now := noon
	h, tokens, _ := newAPI(t, stand{}, &now)
	for i := range perToken.burst {
		if w := ask(h, "/api/v1/queues", "Bearer "+tokens[access.Ops]); w.Code != http.StatusOK {
			t.Fatalf("request %d: %d", i, w.Code)
		}
	}
	if w := ask(h, "/api/v1/queues", "Bearer "+tokens[access.Ops]); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d, %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := ask(h, "/api/v1/queues", "Bearer "+tokens[access.Admin]); w.Code != http.StatusOK {
		t.Errorf("another token: %d", w.Code)
	}
	now = now.Add(perToken.every)
	if w := ask(h, "/api/v1/queues", "Bearer "+tokens[access.Ops]); w.Code != http.StatusOK {
		t.Errorf("a moment later: %d", w.Code)
	}
	for range perFailed.burst {
		ask(h, "/api/v1/queues", "Bearer guess")
	}
	if w := ask(h, "/api/v1/queues", "Bearer guess"); w.Code != http.StatusTooManyRequests {
		t.Errorf("guessing goes on: %d", w.Code)
	}
}

func TestFaultsAreNotTold(t *testing.T) {
	t.Parallel()
	now := noon
	h, tokens, log := newAPI(t, stand{errors.New("the secret reason")}, &now)
	w := ask(h, "/api/v1/queues", "Bearer "+tokens[access.Ops])
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") || !strings.Contains(log.String(), "the secret reason") {
		t.Errorf("%d %s, log %s", w.Code, w.Body, log)
	}
}

// TestDatabaseAway: who asks is told to come back.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	now, pool := noon, newPool(t)
	h, tokens, _ := apiOver(t, pool, stand{}, &now)
	pgtest.Drop(t, pool)
	w := ask(h, "/api/v1/queues", "Bearer "+tokens[access.Ops])
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "SQLSTATE") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestTheLimiterForgets(t *testing.T) {
	t.Parallel()
	l := newLimiter(rate{time.Second, 1})
	for i := range limiterKeys + 5 {
		l.wait(time.Duration(i).String(), noon.Add(time.Duration(i)*time.Minute), true)
	}
	if len(l.due) > 10 {
		t.Errorf("%d keys are kept", len(l.due))
	}
}
