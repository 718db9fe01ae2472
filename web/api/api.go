// Package api lets programs read how things stand: JSON below /api/v1, for who shows an API token (docs/api.md). Who may reach what stands in
// one table; tokens, roles and rates are checked in one place, before a handler.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
)

// Engine is what programs can ask.
type Engine interface {
	// Queues tells how every queue stands.
	Queues(ctx context.Context) ([]store.Queue, error)
	// Alarms lists what needs a person, the gravest first.
	Alarms(ctx context.Context) ([]jobs.Alarm, error)
}

// Options are what the API is built from; all are needed.
type Options struct {
	Accounts *access.Accounts
	Engine   Engine
	Now      func() time.Time // the real clock, by which tokens run out
	Log      *slog.Logger
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
	roles   []access.Role
	answer  func(*server, context.Context) (any, error)
}

// routes is the table of what programs may reach.
var routes = []route{
	{"GET /api/v1/queues", []access.Role{access.Manager, access.Ops, access.Admin}, (*server).queues},
	{"GET /api/v1/alarms", []access.Role{access.Manager, access.Ops, access.Admin}, (*server).alarms},
}

// New builds the handler of everything below /api.
func New(o Options) http.Handler {
	s := &server{Options: o, asked: newLimiter(perToken), failed: newLimiter(perFailed)}
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.HandleFunc(r.pattern, s.serve(r))
	}
	mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "there is nothing here") })
	return mux
}

// serve lets those pass whose token holds, whose role the table names, and who do not ask too often.
func (s *server) serve(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		from, now := address(r), s.Now()
		if wait := s.failed.wait(from, now, false); wait > 0 {
			tooOften(w, wait)
			return
		}
		token, err := s.Accounts.CheckToken(r.Context(), bearer(r))
		switch {
		case errors.Is(err, access.ErrBadToken):
			s.failed.wait(from, now, true)
			w.Header().Set("WWW-Authenticate", `Bearer realm="nurture"`)
			refuse(w, http.StatusUnauthorized, "show an API token that holds: Authorization: Bearer …")
			return
		case err != nil:
			s.fault(w, r, err)
			return
		case !slices.Contains(route.roles, access.Role(token.Role)):
			refuse(w, http.StatusForbidden, "the token's role, "+token.Role+", does not include this")
			return
		}
		if wait := s.asked.wait(strconv.FormatInt(token.ID, 10), now, true); wait > 0 {
			tooOften(w, wait)
			return
		}
		body, err := route.answer(s, r.Context())
		if err != nil {
			s.fault(w, r, err)
			return
		}
		write(w, http.StatusOK, body)
	}
}

// bearer is the token that a request shows; "" when it shows none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// address is where a request comes from; behind a proxy on this machine, what that says.
func address(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	ip := from.Addr().Unmap()
	forwarded := r.Header.Get("X-Forwarded-For")
	if told, err := netip.ParseAddr(strings.TrimSpace(forwarded[strings.LastIndex(forwarded, ",")+1:])); err == nil && ip.IsLoopback() {
		ip = told.Unmap()
	}
	return ip.String()
}

// fault says that it is ours; what happened goes to the log only.
func (s *server) fault(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "an API request failed", "route", r.Pattern, "error", err)
	refuse(w, http.StatusInternalServerError, "the fault is ours and has been noted; try again in a few minutes")
}

func tooOften(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	refuse(w, http.StatusTooManyRequests, "too many requests")
}

// refusal is the body of every answer but 200.
type refusal struct {
	Error string `json:"error"`
}

func refuse(w http.ResponseWriter, status int, text string) { write(w, status, refusal{text}) }

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
