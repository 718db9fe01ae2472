// Package desk is the pages of those who work here: SDRs, sales, marketers, managers, ops. Everything lies below /desk, and the session's
// cookie goes nowhere else, so the leads' own pages never see it. docs/desk.md says how a page is made.
//
// A handler reads and renders, or parses and asks the engine; it decides nothing. Who may reach what stands in one table, routes.go.
package desk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/config"
	"nurture/internal/access"
	"nurture/internal/access/oidc"
	"nurture/internal/dossier"
	"nurture/jobs"
	"nurture/store"
)

// Engine is what the pages ask of the engine.
type Engine interface {
	// Live is the configuration in force; jobs.ErrNotReady while there is none.
	Live(ctx context.Context) (*config.Config, error)
	// HoldTask gives a task to a person for a while and returns since when; jobs.ErrTaken, jobs.ErrCalledEnough.
	HoldTask(ctx context.Context, id int64, by string) (time.Time, error)
	// ReleaseTask gives a task back that was claimed at the instant; the zero instant is any.
	ReleaseTask(ctx context.Context, id int64, by string, claimedAt time.Time) error
	// SnoozeTask puts a task off; jobs.ErrTaken, jobs.ErrBadTime.
	SnoozeTask(ctx context.Context, id int64, by string, until time.Time) error
	// Outlook says what is next for a lead, when, and why not sooner.
	Outlook(ctx context.Context, lead *store.Lead) (jobs.Outlook, error)
	// PauseLead rests a lead's cadence until an instant, nil until it is resumed; ResumeLead ends that: jobs.ErrNotEnrolled, jobs.ErrBadTime.
	PauseLead(ctx context.Context, leadID int64, until *time.Time) error
	ResumeLead(ctx context.Context, leadID int64) error
	// Enroll puts leads that are in no cadence into one; jobs.ErrNoCadence, jobs.ErrEnrolled, jobs.ErrEnded.
	Enroll(ctx context.Context, leadIDs []int64, cadenceKey string) error
	// MoveLead puts a lead into another cadence; jobs.ErrNoCadence, jobs.ErrEnrolled, jobs.ErrEnded.
	MoveLead(ctx context.Context, leadID int64, cadenceKey string) error
	// Suppress forbids addresses.
	Suppress(ctx context.Context, rows []store.Suppression) (jobs.Suppressed, error)
	// EraseLead forgets a lead.
	EraseLead(ctx context.Context, leadID int64) error
	// Effects says what follows each outcome of a task.
	Effects(ctx context.Context, t store.Task) (map[cadence.ResponseKind]string, error)
	// CompleteTask logs what came of a task, or nothing of it: jobs.ErrTaken, jobs.ErrNoOutcome, jobs.ErrBadReferral, jobs.AnswerErrors.
	CompleteTask(ctx context.Context, o jobs.TaskOutcome) error

	// Dossier is what is known of a lead now. The others are what sales says of a handoff.
	Dossier(ctx context.Context, db store.DB, leadID int64, now time.Time) (dossier.Dossier, error)
	AcceptHandoff(ctx context.Context, id int64, by string) error
	RejectHandoff(ctx context.Context, id int64, by, reason string) error
	ReassignHandoff(ctx context.Context, id int64, to string) error
	ReportOutcome(ctx context.Context, o jobs.OutcomeReport) error
	operations
	mailboxes
	unclaimed
	settler
	suppressor
	fieldKeeper
}

// Options are what a Desk is built from; all but Ways are needed.
type Options struct {
	Pool   *pgxpool.Pool
	Engine Engine
	// Now is the clock by which tasks are due; RealNow the one by which logins and sessions run out.
	Now, RealNow func() time.Time
	Log          *slog.Logger
	// Ways says how people log in at present; beside an error it gives what is certain. nil: by passwords.
	Ways func(ctx context.Context) (access.Ways, error)
}

// Desk serves the pages.
type Desk struct {
	pool     *pgxpool.Pool
	engine   Engine
	accounts *access.Accounts
	sessions *scs.SessionManager
	now      func() time.Time
	realNow  func() time.Time
	log      *slog.Logger
	live     *live
	oidc     *oidc.Client
	askWays  func(ctx context.Context) (access.Ways, error)
	mux      *http.ServeMux
	handler  http.Handler
}

// New builds the pages on a migrated database.
func New(o Options) *Desk {
	d := &Desk{
		pool: o.Pool, engine: o.Engine, now: o.Now, realNow: o.RealNow, log: o.Log,
		accounts: access.NewAccounts(o.Pool, o.RealNow), sessions: newSessions(o.Pool, o.RealNow),
		oidc: oidc.New(o.RealNow), askWays: o.Ways,
	}
	d.live, d.mux = newLive(d), http.NewServeMux()
	for _, r := range routes {
		d.mux.HandleFunc(r.pattern, d.serve(r))
	}
	d.handler = harden(http.NewCrossOriginProtection().Handler(d.mux))
	return d
}

// ServeHTTP implements http.Handler.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.handler.ServeHTTP(w, r) }

// policy lets a page load its own style sheet, modules and data, and nothing else; nothing inline runs or styles.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// harden sets the headers that every answer carries.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		if encrypted(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// encrypted says whether the browser came by TLS, here or at the proxy before us. A browser that claims so by itself only makes its own
// cookie stricter.
func encrypted(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// settings is the live configuration, nil while nothing is applied.
func (d *Desk) settings(ctx context.Context) (*config.Config, error) {
	live, err := d.engine.Live(ctx)
	if errors.Is(err, jobs.ErrNotReady) {
		return nil, nil
	}
	return live, err
}

// zoneOf is where a user reads times: in the own zone, else the operator's.
func (d *Desk) zoneOf(ctx context.Context, u store.User) *time.Location {
	name := u.Zone
	if name == "" {
		if live, err := d.settings(ctx); err == nil && live != nil {
			name = live.Settings.Zone
		}
	}
	if zone, err := calendar.Location(name); err == nil {
		return zone
	}
	return time.UTC
}
