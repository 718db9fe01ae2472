package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"nurture/internal/access"
	"nurture/internal/leadfile"
	"nurture/jobs"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// bench is the API over a real engine that knows one lead.
type bench struct {
	http.Handler
	t      *testing.T
	pool   *pgxpool.Pool
	engine *jobs.Engine
	tokens map[access.Role]string
	now    time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, pool: newPool(t), now: noon}
	var err error
	b.engine, err = jobs.New(t.Context(), jobs.Options{Pool: b.pool, Now: func() time.Time { return b.now }})
	must(t, err)
	_, err = b.engine.Import(t.Context(), []leadfile.Row{{Line: 2, Lead: leadfile.Lead{
		Key: "jane@example.com", Email: "jane@example.com", FirstName: "Jane", Title: "CTO", Country: "DE", Account: leadfile.Account{Name: "Example", Domain: "example.com"},
	}}})
	must(t, err)
	secret, err := ParseSecret(testSecret)
	must(t, err)
	old, err := ParseSecret("whsec_" + strings.Repeat("QUJD", 8))
	must(t, err)
	b.Handler, b.tokens, _ = apiOver(t, b.pool, b.engine, &b.now, old, secret)
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// patch sends a change as a marketer, and wants a status and parts of the answer.
func (b *bench) patch(path, body string, status int, parts ...string) {
	b.t.Helper()
	b.answered(path+" "+body, send(b, http.MethodPatch, path, body, "Authorization", "Bearer "+b.tokens[access.Marketer]), status, parts...)
}

func (b *bench) answered(what string, w interface {
	Result() *http.Response
}, status int, parts ...string,
) {
	b.t.Helper()
	r := w.Result()
	var text strings.Builder
	var body any
	must(b.t, json.NewDecoder(r.Body).Decode(&body))
	must(b.t, json.NewEncoder(&text).Encode(body))
	if r.StatusCode != status {
		b.t.Errorf("%.200s: %d %s, want %d", what, r.StatusCode, text.String(), status)
	}
	for _, part := range parts {
		if !strings.Contains(text.String(), part) {
			b.t.Errorf("%.200s: %s lacks %s", what, text.String(), part)
		}
	}
}

// deliver sends a delivery that is signed at a time, under a name.
func (b *bench) deliver(id, body string, at time.Time, secret string) *response {
	b.t.Helper()
	webhook, err := standardwebhooks.NewWebhook(secret)
	must(b.t, err)
	signature, err := webhook.Sign(id, at, []byte(body))
	must(b.t, err)
	w := send(b, http.MethodPost, enrichmentPath, body, "Webhook-Id", id, "Webhook-Timestamp", fmt.Sprint(at.Unix()), "Webhook-Signature", "v1,AAAA "+signature)
	return &response{w.Code, w.Header(), w.Body.String()}
}

type response struct {
	status int
	header http.Header
	body   string
}

const leadPath = "/api/v1/leads/jane@example.com/fields"

func TestChangeOverTheAPI(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.patch(leadPath, `{"as_of":"2026-03-02","person":{"city":"Bonn","phone":"030 901820","title":"","fields":{"tier":"A","seats":250,"vip":true}},"account":{"employees":120,"industry":null}}`,
		200, `"leads":1`, `"account":true`, `"city":"written"`, `"phone":"written"`, `"fields.seats":"written"`, `"account.employees":"written"`)
	b.patch("/api/v1/accounts/Example.com/fields", `{"account":{"industry":"<script>alert(1)</script>"}}`, 200, `"leads":0`, `"account.industry":"written"`)
	w := ask(b, leadPath, "Bearer "+b.tokens[access.SDR])
	b.answered("read", w, 200, `"lead":"jane@example.com"`, `"fields.seats":{"as_of":"2026-03-02T00:00:00Z","kind":"api","source":"marketer","stale":false,"value":"250"`,
		`"phone":{"as_of":"2026-03-02T00:00:00Z","kind":"api","source":"marketer","stale":false,"value":"+4930901820"`, `"title":{"as_of":"2026-03-02T12:00:00Z","kind":"import"`,
		`"fields.vip"`, `"value":"yes"`, `"account.employees"`, `"value":"120"`, `"proposals":[]`)
	b.patch(leadPath, `{"person":{"titel":"x","zone":"Mars"},"account":{"employees":"lots"}}`, 422, `"field":"titel"`, `did you mean \"title\"?`, `"field":"zone"`, `"field":"account.employees"`)
	for body, part := range map[string]string{
		`{"persona":{}}`:                                `"field":"persona"`,
		`{"person":{"title":["x"]}}`:                    `"field":"person.title"`,
		`{"person":{"fields":"x"}}`:                     `"field":"person.fields"`,
		`{"person":{"fields":{"a":{"b":1}}}}`:           `"field":"person.fields.a"`,
		`{"person":"x"}`:                                `"field":"person"`,
		`{"as_of":"yesterday","person":{"title":""}}`:   `"field":"as_of"`,
		`{"as_of":"2027-01-01","person":{"title":"x"}}`: `"field":"as_of"`,
		`{}`:                         `nothing is said`,
		`{"person":{"stage":"won"}}`: `"field":"stage"`,
	} {
		b.patch(leadPath, body, 422, part)
	}
	for _, body := range []string{``, `x`, `[]`, `{"person":{"title":"x"}} more`, `{"person":{"title":"x"`, "\xff"} {
		b.patch(leadPath, body, 400)
	}
	b.patch("/api/v1/leads/nobody/fields", `{"person":{"title":"x"}}`, 404)
	b.patch("/api/v1/accounts/nowhere.example/fields", `{"account":{"name":"x"}}`, 404)
	b.patch(leadPath, `{"account":{"domain":"elsewhere.example"}}`, 409, "example.com")
	b.answered("unknown", ask(b, "/api/v1/leads/nobody/fields", "Bearer "+b.tokens[access.SDR]), 404)
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	patch := func(body, key string, role access.Role) (int, string, string) {
		w := send(b, http.MethodPatch, leadPath, body, "Authorization", "Bearer "+b.tokens[role], "Idempotency-Key", key)
		return w.Code, w.Header().Get("Idempotent-Replayed"), w.Body.String()
	}
	const bonn = `{"person":{"city":"Bonn"}}`
	code, replayed, first := patch(bonn, "k1", access.Admin)
	if code != 200 || replayed != "" {
		t.Fatalf("%d %q %s", code, replayed, first)
	}
	b.now = noon.Add(30 * time.Minute)
	if code, replayed, body := patch(bonn, "k1", access.Admin); code != 200 || replayed != "true" || body != first {
		t.Errorf("again: %d %q %s", code, replayed, body)
	}
	if code, _, body := patch(`{"person":{"city":"Kiel"}}`, "k1", access.Admin); code != 422 {
		t.Errorf("another body: %d %s", code, body)
	}
	if code, replayed, _ := patch(`{"person":{"city":"Kiel"}}`, "k1", access.Marketer); code != 200 || replayed != "" {
		t.Errorf("another token's: %d %q", code, replayed)
	}
	if code, _, _ := patch(bonn, strings.Repeat("k", 300), access.Admin); code != 400 {
		t.Errorf("a long key: %d", code)
	}
}

func TestEnrichment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const body = `{"lead":{"email":"Jane@Example.com"},"provider":"acme <b>data</b>","as_of":"2026-03-03T00:00:00+12:00","person":{"title":"CEO <script>","email":"other@example.com"},"account":{"fields":{"revenue":"10M"}}}`
	const domain = `{"lead":{"domain":"example.com"},"provider":"acme","account":{"industry":"steel"}}`
	for _, c := range []struct {
		name, id, body string
		at             time.Time
		secret         string
		status         int
		part           string
	}{
		{"of another", "msg_1", body, b.now, "whsec_" + strings.Repeat("WFla", 8), 401, "signature"},
		{"of yesterday", "msg_1", body, noon.Add(-24 * time.Hour), testSecret, 401, "signature"},
		{"of tomorrow", "msg_1", body, b.now.Add(time.Hour), testSecret, 401, "signature"},
		{"without a name", "", body, b.now, testSecret, 401, "signature"},
		{"with an endless name", strings.Repeat("m", 300), body, b.now, testSecret, 401, "signature"},
		{"of nobody", "msg_1", `{"lead":{"key":"nobody"},"provider":"acme","person":{"title":"x"}}`, b.now, testSecret, 404, "no such lead"},
		{"of two", "msg_1", `{"lead":{"key":"nobody","email":"a@b.example"},"provider":"acme","person":{"title":"x"}}`, b.now, testSecret, 422, "one of key"},
		{"of a company's person", "msg_1", `{"lead":{"domain":"example.com"},"provider":"acme","person":{"title":"x"}}`, b.now, testSecret, 422, "key or email"},
		{"without a provider", "msg_1", `{"lead":{"key":"jane@example.com"},"person":{"title":"x"}}`, b.now, testSecret, 422, "provider"},
		{"with an unknown key", "msg_1", `{"lead":{"key":"jane@example.com","id":7},"provider":"acme","person":{"title":"x"}}`, b.now, testSecret, 422, `"id"`},
		{"of a field that there is not", "msg_1", `{"lead":{"key":"jane@example.com"},"provider":"acme","person":{"suppressed":"no"}}`, b.now, testSecret, 422, `"suppressed"`},
		{"good", "msg_1", body, b.now, testSecret, 200, `{"leads":1,"account":true,"fields":{"account.fields.revenue":"written","email":"proposed","title":"written"}}`},
		{"the same again", "msg_1", body, b.now.Add(time.Minute), testSecret, 200, `"title":"written"`},
		{"another by its name", "msg_1", domain, b.now, testSecret, 422, "another request had this name"},
		{"of a company, by the old secret", "msg_2", domain, b.now, "whsec_" + strings.Repeat("QUJD", 8), 200, `{"leads":0,"account":true,"fields":{"account.industry":"written"}}`},
	} {
		got := b.deliver(c.id, c.body, c.at, c.secret)
		if got.status != c.status || !strings.Contains(got.body, c.part) {
			t.Errorf("%s: %d %s, want %d %s", c.name, got.status, got.body, c.status, c.part)
		}
		if replayed := got.header.Get("Idempotent-Replayed"); (replayed == "true") != (c.name == "the same again") {
			t.Errorf("%s: replayed %q", c.name, replayed)
		}
	}
	b.answered("read", ask(b, leadPath, "Bearer "+b.tokens[access.SDR]), 200, `"value":"CEO \u003cscript\u003e"`, `"proposals":[{"as_of":"2026-03-02T12:00:00Z","field":"email","held":"jane@example.com"`,
		`"source":"acme \u003cb\u003edata\u003c/b\u003e"`)
	// Guessing ends.
	for range perFailed.burst {
		b.deliver("msg_9", body, b.now, "whsec_"+strings.Repeat("WFla", 8))
	}
	if got := b.deliver("msg_9", body, b.now, testSecret); got.status != http.StatusTooManyRequests {
		t.Errorf("guessing goes on: %d", got.status)
	}
}

// TestTheSameDeliveryAtOnce does its work once.
func TestTheSameDeliveryAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var wait sync.WaitGroup
	got := make([]*response, 8)
	for i := range got {
		wait.Go(func() {
			got[i] = b.deliver("msg_1", `{"lead":{"key":"jane@example.com"},"provider":"acme","person":{"city":"Bonn"}}`, b.now, testSecret)
		})
	}
	wait.Wait()
	fresh := 0
	for _, r := range got {
		if r.status != 200 || !strings.Contains(r.body, `"city":"written"`) {
			t.Errorf("%d %s", r.status, r.body)
		}
		if r.header.Get("Idempotent-Replayed") == "" {
			fresh++
		}
	}
	var statements int
	must(t, b.pool.QueryRow(t.Context(), `SELECT count(*) FROM field_stamps WHERE kind = 'enrichment'`).Scan(&statements))
	if fresh != 1 || statements != 1 {
		t.Errorf("%d did the work, %d statements", fresh, statements)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "whsec_", "whsec_short", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + strings.Repeat("A", 200), "whsec_!!!!"} {
		if _, err := ParseSecret(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	// The vector of the specification.
	s, err := ParseSecret(testSecret)
	must(t, err)
	header := http.Header{"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}, "Webhook-Timestamp": {"1614265330"}, "Webhook-Signature": {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}}
	server := server{Options: Options{EnrichmentSecrets: []Secret{s}, Now: func() time.Time { return time.Unix(1614265330, 0) }}}
	if !server.signed([]byte(`{"test": 2432232314}`), header) || server.signed([]byte(`{"test": 2432232315}`), header) {
		t.Error("the vector of the specification")
	}
}

// TestTheDescriptionIsTrue: it has every route, its schemas are schemas, and requests and answers hold to them.
func TestTheDescriptionIsTrue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := ask(b, "/api/v1/openapi.json", "")
	doc, err := validator.UnmarshalJSON(w.Body)
	must(t, err)
	compiler := validator.NewCompiler()
	compiler.AssertFormat()
	must(t, compiler.AddResource("mem:///openapi.json", doc))
	at := func(pointer string) *validator.Schema {
		t.Helper()
		s, err := compiler.Compile("mem:///openapi.json#" + pointer)
		must(t, err)
		return s
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	schemaOf := func(pattern, of string) *validator.Schema {
		method, path, _ := strings.Cut(pattern, " ")
		return at("/paths/" + escape.Replace(path) + "/" + strings.ToLower(method) + "/" + of + "/content/application~1json/schema")
	}
	for _, r := range routes {
		if r.gives != nil {
			schemaOf(r.pattern, "responses/200")
		}
		if r.takes != nil {
			schemaOf(r.pattern, "requestBody")
			schemaOf(r.pattern, "responses/422")
		}
	}
	holds := func(s *validator.Schema, text string, want bool) {
		t.Helper()
		v, err := validator.UnmarshalJSON(strings.NewReader(text))
		must(t, err)
		if err := s.Validate(v); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	const change = "PATCH /api/v1/leads/{key}/fields"
	for body, good := range map[string]bool{
		`{"as_of":"2026-03-02","person":{"city":"Bonn","fields":{"tier":"A","n":2}},"account":{"employees":120,"industry":null}}`: true,
		`{"person":{"titel":"x"}}`:           false,
		`{"person":{"title":["x"]}}`:         false,
		`{"person":{"fields":{"Tier":"x"}}}`: false,
		`{"persona":{}}`:                     false,
	} {
		holds(schemaOf(change, "requestBody"), body, good)
		status := map[bool]int{true: 200, false: 422}[good]
		got := send(b, http.MethodPatch, leadPath, body, "Authorization", "Bearer "+b.tokens[access.Admin])
		if got.Code != status {
			t.Errorf("%s: %d %s", body, got.Code, got.Body)
		}
		holds(schemaOf(change, "responses/"+fmt.Sprint(status)), got.Body.String(), true)
	}
	const delivery = `{"lead":{"email":"jane@example.com"},"provider":"acme","person":{"email":"other@example.com"}}`
	holds(schemaOf("POST "+enrichmentPath, "requestBody"), delivery, true)
	if got := b.deliver("m", delivery, b.now, testSecret); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	holds(schemaOf("GET /api/v1/leads/{key}/fields", "responses/200"), ask(b, leadPath, "Bearer "+b.tokens[access.Admin]).Body.String(), true)
	holds(schemaOf("GET /api/v1/alarms", "responses/200"), ask(b, "/api/v1/alarms", "Bearer "+b.tokens[access.Admin]).Body.String(), true)
	holds(schemaOf("GET /api/v1/queues", "responses/200"), ask(b, "/api/v1/queues", "Bearer "+b.tokens[access.Admin]).Body.String(), true)
}
