// Package web serves what the outside reaches: the voice provider's webhooks, the public pages of leads, and, for those who run the
// program, the outbox. Package desk below it serves those who work here. A handler parses and asks the engine, or reads and renders; it decides nothing.
//
// There is no guard against forged requests from other sites (CSRF), because there is nothing that it would guard: but for the desk, which has its own, no page sets or reads a
// cookie, and no browser adds anything of its own to a request. What a request may do, it may do by the signed token in its address,
// which another site cannot know; and who knows it needs no browser of somebody else's.
package web

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nurture/cadence/uld"
	"nurture/internal/oneline"
	"nurture/internal/token"
	"nurture/jobs"
	"nurture/store"
)

// Engine is what the pages ask of the engine. A token that was not made by it, or names nothing any more, is token.ErrInvalid or
// store.ErrNotFound, perhaps wrapped; any other error is a fault that a later try may not meet.
type Engine interface {
	// VoiceScript gives what a call should hear, as XML; form says who answered.
	VoiceScript(ctx context.Context, token string, form url.Values) ([]byte, error)
	// VoiceCallback takes in how a call goes. When it returns nil, that is committed. jobs.ErrBadCallback when the form is no callback's.
	VoiceCallback(ctx context.Context, token string, form url.Values) error
	// Unsubscribe leaves the lead alone from now on, on every channel. It may repeat. Here and in what follows jobs.ErrLeft is returned, perhaps wrapped, for
	// somebody to whom nothing is sent any more, such as an erased lead.
	Unsubscribe(ctx context.Context, token string) error
	// CheckLink says whether a token is good for p, and changes nothing. It returns the token of the same lead's preference page.
	CheckLink(ctx context.Context, p token.Purpose, tok string) (preferences string, err error)
	// Preferences tells how things stand with a lead, and changes nothing.
	Preferences(ctx context.Context, token string) (jobs.Standing, error)
	// Prefer does what a lead chose; the same nonce and choice a second time do nothing. jobs.ErrUnknownChoice when one is none.
	LinkLanguage(ctx context.Context, p token.Purpose, token string) string
	Prefer(ctx context.Context, token, nonce string, choices []jobs.Choice, topics *jobs.TopicChoice) (jobs.Standing, error)
	// Questions are the criteria that the form asks for. It changes nothing.
	Questions(ctx context.Context, token string) ([]uld.Criterion, error)
	// SelfQualify takes in answers by the key of the criterion; the same nonce and answers a second time do nothing. jobs.AnswerProblems
	// and jobs.ErrUnanswered say what is wrong with them.
	SelfQualify(ctx context.Context, token, nonce string, answers map[string]string) error
	// Click gives the target of a link in a mail. With a target the error only says that the visit could not be noted.
	Click(ctx context.Context, token string, v jobs.Visit) (target string, err error)
	// OperatorName is who writes to the leads, for public pages; "" when that is not known.
	OperatorName(ctx context.Context) string
}

// Signature checks that a request comes from the voice provider. Valid may read the body when it puts it back.
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
	Date                    time.Time // zero when the mail has none
	Text, HTML              string    // empty in a list
}

// Link is the path of the mail's page; "/body" after it is its HTML part.
func (m Mail) Link() string { return "/outbox/" + url.PathEscape(m.Name) }

// Options are what a Server is built from.
type Options struct {
	Engine    Engine
	Signature Signature // nil refuses the voice provider's requests: nothing is configured that could make any
	Outbox    Outbox    // nil: mail goes out by SMTP and there is no outbox
	// TakeMail takes in a mail that a provider pushes, as raw MIME. It may be forgotten there only when this has returned nil; nil when
	// nothing is pushed.
	TakeMail func(ctx context.Context, raw []byte) error
	// InboundToken is what such a provider must show; "" refuses all.
	InboundToken string
	// Healthy says whether the process can do its work; nil is yes.
	Healthy func(ctx context.Context) error
	// Ready are what must hold before requests are worth sending here; /readyz tells which do, by name.
	Ready []Check
	// API answers programs below /api; nil has none. It guards itself.
	API http.Handler
	// Desk are the pages of those who work here, below /desk; nil has none. It guards them itself.
	Desk http.Handler
	// Proxies may say from where a request comes.
	Proxies Proxies
	Log     *slog.Logger
}

type server struct{ Options }

// route is one line of the table of routes: all there is to reach.
type route struct {
	pattern string
	handle  http.HandlerFunc
}

// routes is the table. GET stands for HEAD as well, and changes nothing; save that the click redirect, where it is switched on, notes that
// a link was opened when a person's browser seems to have done it.
func (s *server) routes() []route {
	return []route{
		{"GET /{$}", s.local(s.home)},
		{"GET /healthz", s.health},
		{"GET /readyz", s.ready},
		{"/api/", s.api}, // every method, for it refuses as programs read it
		{"GET /style.css", s.style},
		{"GET /schemas/{file}", s.schema},
		{"GET /u/{$}", s.cutLink},
		{"GET /u/{token}", s.askUnsubscribe},
		{"POST /u/{token}", s.unsubscribe},
		{"GET /p/{$}", s.cutLink},
		{"GET /p/{token}", s.showPreferences},
		{"POST /p/{token}", s.prefer},
		{"GET /q/{$}", s.cutLink},
		{"GET /q/{token}", s.askQuestions},
		{"POST /q/{token}", s.takeAnswers},
		{"GET /c/{$}", s.cutLink},
		{"GET /c/{token}", s.click},
		{"POST /twilio/voice/{token}", s.voiceScript},
		{"POST /twilio/status/{token}", s.voiceStatus},
		{"POST " + inboundPath, s.inboundMail},
		{"GET /outbox", s.local(s.outbox)},
		{"GET /outbox/{name}", s.local(s.outboxMail)},
		{"GET /outbox/{name}/body", s.local(s.outboxBody)},
		{"GET /desk/", s.desk},
		{"POST /desk/", s.desk},
		{"GET /", s.nowhere},
	}
}

// New builds the handler.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{o}
	// Beside "GET /" a pattern for every method would be ambiguous to one mux.
	anyMethod, byMethod := http.NewServeMux(), http.NewServeMux()
	anyMethod.Handle("/", byMethod)
	for _, r := range s.routes() {
		mux := byMethod
		if strings.HasPrefix(r.pattern, "/") {
			mux = anyMethod
		}
		mux.HandleFunc(r.pattern, r.handle)
	}
	return s.Proxies.naming(s.Log, harden(tidyLinks(anyMethod)))
}

// healthTimeout is how long the database may take to answer before the process counts as unhealthy.
const healthTimeout = 5 * time.Second

// maxBody bounds what a request may carry, in bytes; real ones are under 2 KB.
const maxBody = 64 << 10

// harden refuses bodies that no honest request has, and sets the headers that every answer carries: nothing from elsewhere is loaded,
// nothing is framed by others, nothing sniffed, nothing kept by caches and search engines.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		limit := int64(maxBody)
		if r.URL.Path == inboundPath {
			limit = maxMail
		}
		if r.ContentLength > limit && !tellsLength(r.URL.Path) {
			h.Set("Connection", "close") // rather than read all of it
			http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit) // for those that do not say how long they are
		next.ServeHTTP(w, r)
	})
}

// tellsLength says that a body which is too long is answered by what lies at a path: people get a page, and programs JSON.
func tellsLength(path string) bool {
	for _, begin := range []string{"/p/", "/q/", "/desk/", "/api/"} {
		if strings.HasPrefix(path, begin) {
			return true
		}
	}
	return false
}

//go:embed pages
var files embed.FS

var pages = template.Must(template.New("").ParseFS(files, "pages/*.html"))

// operatorsPages are for those who run the program, in English.
var operatorsPages = map[string]bool{"home.html": true, "outbox.html": true, "mail.html": true}

// page is what every page of the layout shows.
type page struct {
	Title    string
	Operator string
	Body     any
	language int // its place in languages
}

// render writes a page; it is made in full before a byte of it leaves, so that nobody gets half of one.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name, title string, body any) {
	var b strings.Builder
	p := page{Title: title, Operator: s.Engine.OperatorName(r.Context()), Body: body, language: s.speaks(r)}
	if operatorsPages[name] {
		p.language = 0
	}
	if err := pages.ExecuteTemplate(&b, name, p); err != nil {
		s.Log.ErrorContext(r.Context(), "the page cannot be made", "page", name, "error", err)
		http.Error(w, "That did not work. The fault is ours and has been noted.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, oneline.Seen(b.String())) // mails in the outbox hold what leads call themselves
}

// message is a page that says one thing.
type message struct{ Heading, Text string }

// What is said of links that lead nowhere: a token may have been damaged on its way, its lead may have left or been erased, other addresses were never good.
var (
	brokenLink = message{
		"This link leads nowhere",
		"It may have been cut short on its way. Please open it from the mail again, or simply answer that mail.",
	}
	left       = message{"You will not hear from us again", "You hear nothing from us any more: no mail, no calls."}
	noSuchPage = message{"There is nothing here", "The address may be mistyped, or what was here is gone."}
	noOutbox   = message{"There is no outbox", "Mail leaves through the configured server; nothing is written to files."}
)

func (s *server) notFound(w http.ResponseWriter, r *http.Request, m message) {
	s.render(w, r, http.StatusNotFound, "message.html", "Not found", m)
}

// unknown tells a reference that names nothing from a fault.
func unknown(err error) bool {
	return errors.Is(err, token.ErrInvalid) || errors.Is(err, store.ErrNotFound)
}

// fail answers an error in words for people; the error itself goes to the log only. missing is what to say when it is about
// something that is not there. That nothing is sent any more is what who leaves wants: no fault, least of all to the mailbox provider that asks for it.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error, missing message) {
	if errors.Is(err, jobs.ErrLeft) {
		s.render(w, r, http.StatusOK, "message.html", "Done", left)
		return
	}
	if unknown(err) {
		s.notFound(w, r, missing)
		return
	}
	s.Log.ErrorContext(r.Context(), "request failed", "method", r.Method, "route", r.Pattern, "error", err)
	status := http.StatusInternalServerError
	if store.Away(err) { // a mail program that asks by itself comes again
		w.Header().Set("Retry-After", "60")
		status = http.StatusServiceUnavailable
	}
	s.render(w, r, status, "message.html", "Something went wrong",
		message{"That did not work", "The fault is ours and has been noted. Please try again in a few minutes."})
}

// desk passes on to the pages of those who work here. They have sessions, and guard against forged requests themselves.
func (s *server) desk(w http.ResponseWriter, r *http.Request) {
	if s.Desk == nil {
		s.nowhere(w, r)
		return
	}
	s.Desk.ServeHTTP(w, r)
}

func (s *server) nowhere(w http.ResponseWriter, r *http.Request) { s.notFound(w, r, noSuchPage) }

// health answers load balancers and service managers.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	if s.Healthy != nil {
		if err := s.Healthy(ctx); err != nil {
			s.Log.WarnContext(ctx, "unhealthy", "error", err)
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

func (s *server) style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=3600")
	http.ServeFileFS(w, r, files, "pages/style.css")
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "home.html", "nurture", struct{ Outbox, Desk bool }{s.Outbox != nil, s.Desk != nil})
}
