// Package web serves what the outside reaches: the voice provider's webhooks, the public unsubscribe page, and, for those who run the
// program, the outbox. A handler parses and asks the engine, or reads and renders; it decides nothing.
package web

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"nurture/internal/token"
	"nurture/store"
)

// Engine is what the pages ask of the engine.
type Engine interface {
	VoiceScript(ctx context.Context, token string, form url.Values) ([]byte, error)
	VoiceCallback(ctx context.Context, token string, form url.Values) error
	Unsubscribe(ctx context.Context, token string) error
	OperatorName(ctx context.Context) string
}

// Signature checks that a request comes from the voice provider.
type Signature interface {
	Valid(r *http.Request) bool
}

// Outbox lists the mails that were written to files because no mail server is configured.
type Outbox interface {
	// Mails lists the newest mails first, at most limit.
	Mails(limit int) ([]Mail, error)
	// Mail reads one by its name; store.ErrNotFound when there is none.
	Mail(name string) (Mail, error)
}

// Mail is one mail of the outbox.
type Mail struct {
	Name, From, To, Subject string
	Date                    time.Time
	Text, HTML              string // empty in a list
}

// Options are what a Server is built from.
type Options struct {
	Engine    Engine
	Signature Signature // nil refuses the voice provider's requests: nothing is configured that could make any
	Outbox    Outbox    // nil: mail goes out by SMTP and there is no outbox
	Log       *slog.Logger
}

type server struct{ Options }

// route is one line of the table of routes: all there is to reach.
type route struct {
	pattern string
	handle  http.HandlerFunc
}

// New builds the handler.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{o}
	mux := http.NewServeMux()
	for _, r := range []route{
		{"GET /{$}", s.home},
		{"GET /healthz", s.health},
		{"GET /style.css", s.style},
		{"GET /u/{token}", s.askUnsubscribe},
		{"POST /u/{token}", s.unsubscribe},
		{"POST /twilio/voice/{token}", s.voiceScript},
		{"POST /twilio/status/{token}", s.voiceStatus},
		{"GET /outbox", s.outbox},
		{"GET /outbox/{name}", s.outboxMail},
		{"GET /outbox/{name}/body", s.outboxBody},
	} {
		mux.HandleFunc(r.pattern, r.handle)
	}
	return harden(mux)
}

// harden sets the headers that every answer carries: nothing from elsewhere is loaded, nothing is framed by others, nothing sniffed.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

//go:embed pages
var files embed.FS

var pages = template.Must(template.New("").ParseFS(files, "pages/*.html"))

// page is what every page of the layout shows.
type page struct {
	Title    string
	Operator string
	Body     any
}

// render writes a page, or an error page when it cannot be made.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name, title string, body any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, name, page{Title: title, Operator: s.Engine.OperatorName(r.Context()), Body: body}); err != nil {
		s.Log.ErrorContext(r.Context(), "page broke off", "page", name, "error", err)
	}
}

// message is a page that says one thing.
type message struct{ Heading, Text string }

// fail answers an error in words for people; the error itself goes to the log only.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, token.ErrInvalid), errors.Is(err, store.ErrNotFound):
		s.render(w, r, http.StatusNotFound, "message.html", "Not found",
			message{"This link leads nowhere", "It may have been cut short on its way. Please open it from the mail again, or simply answer that mail."})
	default:
		s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", r.Pattern, "error", err)
		s.render(w, r, http.StatusInternalServerError, "message.html", "Something went wrong",
			message{"That did not work", "The fault is ours and has been noted. Please try again in a few minutes."})
	}
}

func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

func (s *server) style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=3600")
	http.ServeFileFS(w, r, files, "pages/style.css")
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "home.html", "nurture", s.Outbox != nil)
}
