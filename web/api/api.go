// Package api lets programs read how things stand: JSON below /api/v1, for who shows an API token (docs/api.md). Who may reach what stands in
// one table; tokens, roles and rates are checked in one place, before a handler.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
)

// Engine is what programs can ask, and order.
type Engine interface {
	// Queues tells how every queue stands.
	Queues(ctx context.Context) ([]store.Queue, error)
	// Alarms lists what needs a person, the gravest first.
	Alarms(ctx context.Context) ([]jobs.Alarm, error)
	// KnownOf lists what is known of the lead with a key, and what waits for a decision. store.ErrNotFound when there is none.
	KnownOf(ctx context.Context, key string) ([]jobs.KnownField, []jobs.KnownProposal, error)
	// ChangeFields takes in what a source says of a lead and its account. When it returns nil, that is committed.
	ChangeFields(ctx context.Context, c jobs.FieldChange) (jobs.FieldResult, error)
}

// Options are what the API is built from; all are needed.
type Options struct {
	Accounts *access.Accounts
	Engine   Engine
	Now      func() time.Time // the real clock, by which tokens and signatures run out
	Log      *slog.Logger
	// EnrichmentSecrets are those with one of which a vendor of data signs; none refuses all deliveries.
	EnrichmentSecrets []Secret
}

// How often a token may ask, and how often an address may show one that does not hold.
var (
	perToken  = rate{every: 500 * time.Millisecond, burst: 60}
	perFailed = rate{every: 10 * time.Second, burst: 20}
)

type server struct {
	Options
	asked, failed *limiter
}

// route is a line of the table: a pattern, the roles whose tokens may, and what answers.
type route struct {
	pattern string
	roles   []access.Role // nil: no token; what answers checks a signature, or there is nothing to guard
	says    string        // for the description
	takes   any           // the form of what is sent; nil is nothing
	gives   any           // the form of the answer
	answer  func(*server, *call) (any, error)
}

// call is a request under way.
type call struct {
	*http.Request
	token store.APIToken // the zero one where the route asks for none
	head  http.Header    // of the answer
}

// Groups of roles.
var (
	overseers = []access.Role{access.Manager, access.Ops, access.Admin}
	readers   = []access.Role{access.Marketer, access.SDR, access.Sales, access.Manager, access.Admin}
	writers   = []access.Role{access.Marketer, access.Manager, access.Admin}
)

// routes is the table of what programs may reach.
var routes []route

// It refers to what answers, which refers to it.
func init() {
	routes = []route{
		{"GET /api/v1/queues", overseers, "How every queue of jobs stands", nil, queuesBody{}, (*server).queues},
		{"GET /api/v1/alarms", overseers, "What needs a person, the gravest first", nil, alarmsBody{}, (*server).alarms},
		{"GET /api/v1/leads/{key}/fields", readers, "What is known of a lead and its account, each value with its source and date", nil, knownBody{}, (*server).known},
		{"PATCH /api/v1/leads/{key}/fields", writers, "Say something of a lead and its account", changeBody{}, jobs.FieldResult{}, (*server).changeLead},
		{"PATCH /api/v1/accounts/{domain}/fields", writers, "Say something of an account, for all its leads", accountBody{}, jobs.FieldResult{}, (*server).changeAccount},
		{"POST " + enrichmentPath, nil, "Deliver what a vendor of data knows, signed by Standard Webhooks", deliveryBody{}, jobs.FieldResult{}, (*server).enrich},
		{"GET /api/v1/openapi.json", nil, "This description", nil, nil, (*server).describe},
	}
}

// New builds the handler of everything below /api.
func New(o Options) http.Handler {
	s := &server{Options: o, asked: newLimiter(perToken), failed: newLimiter(perFailed)}
	mux := http.NewServeMux()
	methods := map[string][]string{} // by path
	for _, r := range routes {
		mux.HandleFunc(r.pattern, s.serve(r))
		method, path, _ := strings.Cut(r.pattern, " ")
		if method == http.MethodGet {
			methods[path] = append(methods[path], http.MethodHead)
		}
		methods[path] = append(methods[path], method)
	}
	for path, allowed := range methods {
		mux.HandleFunc(path, wrongMethod(allowed))
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "there is nothing here; /api/v1/openapi.json describes what there is")
	})
	return mux
}

// wrongMethod answers, in JSON as all else, what asks a path for something that it does not do.
func wrongMethod(allowed []string) http.HandlerFunc {
	slices.Sort(allowed)
	list := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", list)
		refuse(w, http.StatusMethodNotAllowed, "this path does not take "+r.Method+": use "+list)
	}
}

// serve lets those pass whose token holds, whose role the table names, and who do not ask too often.
func (s *server) serve(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if wait := s.failed.wait(access.AddressOf(r.RemoteAddr), s.Now(), false); wait > 0 {
			tooOften(w, wait)
			return
		}
		c := &call{Request: r, head: w.Header()}
		if route.roles != nil && !s.admit(w, c, route.roles) {
			return
		}
		body, err := route.answer(s, c)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		write(w, http.StatusOK, body)
	}
}

// admit finds the token of a request; it is false when that may not, which it has answered.
func (s *server) admit(w http.ResponseWriter, c *call, roles []access.Role) bool {
	token, err := s.Accounts.CheckToken(c.Context(), bearer(c.Request))
	switch {
	case errors.Is(err, access.ErrBadToken):
		s.failed.wait(access.AddressOf(c.RemoteAddr), s.Now(), true)
		w.Header().Set("WWW-Authenticate", `Bearer realm="nurture"`)
		refuse(w, http.StatusUnauthorized, "show an API token that holds: Authorization: Bearer …")
		return false
	case err != nil:
		s.fault(w, c.Request, err)
		return false
	case !slices.Contains(roles, access.Role(token.Role)):
		refuse(w, http.StatusForbidden, "the token's role, "+token.Role+", does not include this")
		return false
	}
	c.token = token
	if wait := s.asked.wait(strconv.FormatInt(token.ID, 10), s.Now(), true); wait > 0 {
		tooOften(w, wait)
		return false
	}
	return true
}

// bearer is the token that a request shows; "" when it shows none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// fault says that it is ours; what happened goes to the log only.
func (s *server) fault(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "an API request failed", "route", r.Pattern, "error", err)
	if store.Away(err) {
		w.Header().Set("Retry-After", "60")
		refuse(w, http.StatusServiceUnavailable, "the database does not answer; try again in a minute")
		return
	}
	refuse(w, http.StatusInternalServerError, "the fault is ours and has been noted; try again in a few minutes")
}

func tooOften(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	refuse(w, http.StatusTooManyRequests, "too many requests")
}

// refusal is the body of every answer but 200.
type refusal struct {
	Error  string            `json:"error"`
	Fields []jobs.FieldError `json:"fields,omitempty"` // that cannot be taken
}

func refuse(w http.ResponseWriter, status int, text string) { write(w, status, refusal{Error: text}) }

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
