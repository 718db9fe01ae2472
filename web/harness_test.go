package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"nurture/cadence/uld"
	"nurture/internal/token"
	"nurture/jobs"
	"nurture/store"
)

// goodToken is the one that the engine of the tests knows.
const goodToken = "u4-aaaabbbbccccdddd"

// leak is in every error of the fakes and must never be seen outside the log.
const leak = "dial tcp 10.0.0.7:5432: password=hunter2"

// fakeEngine notes what it is asked to do.
type fakeEngine struct {
	operator string
	standing jobs.Standing
	language string // of the lead
	err      error  // of every call with the good token
	mu       sync.Mutex
	calls    []string
}

func (f *fakeEngine) do(what, tok string) error {
	if tok != goodToken {
		return fmt.Errorf("open %s: %w", leak, token.ErrInvalid)
	}
	if f.err != nil {
		return f.err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, what)
	return nil
}

func (f *fakeEngine) VoiceScript(_ context.Context, tok string, form url.Values) ([]byte, error) {
	return []byte("<Response/>"), f.do("script "+form.Get("AnsweredBy"), tok)
}

func (f *fakeEngine) VoiceCallback(_ context.Context, tok string, form url.Values) error {
	return f.do("callback "+form.Get("CallStatus"), tok)
}

func (f *fakeEngine) Unsubscribe(_ context.Context, tok string) error {
	return f.do("unsubscribe", tok)
}

func (f *fakeEngine) CheckLink(_ context.Context, p token.Purpose, tok string) (string, error) {
	return "p4-of-the-same-lead", f.look(tok)
}

func (f *fakeEngine) Preferences(_ context.Context, tok string) (jobs.Standing, error) {
	return f.standing, f.look(tok)
}

func (f *fakeEngine) LinkLanguage(_ context.Context, _ token.Purpose, tok string) string {
	if f.look(tok) != nil {
		return ""
	}
	return f.language
}

func (f *fakeEngine) Prefer(_ context.Context, tok, nonce string, choices []jobs.Choice, topics *jobs.TopicChoice) (jobs.Standing, error) {
	for _, c := range choices {
		if c == "sing" {
			return jobs.Standing{}, fmt.Errorf("%q: %w", c, jobs.ErrUnknownChoice)
		}
	}
	what := fmt.Sprint("prefer ", choices, nonceShown(nonce))
	if topics != nil {
		what += fmt.Sprintf(" of %v wants %v", topics.Shown, topics.Wanted)
	}
	return f.standing, f.do(what, tok)
}

func (f *fakeEngine) Questions(_ context.Context, tok string) ([]uld.Criterion, error) {
	return questions, f.look(tok)
}

func (f *fakeEngine) SelfQualify(_ context.Context, tok, nonce string, answers map[string]string) error {
	if err := f.look(tok); err != nil {
		return err
	}
	problems := jobs.AnswerProblems{}
	for key, typed := range answers {
		if strings.HasPrefix(typed, "bad") {
			problems[key] = fmt.Sprintf("%q is no answer", typed)
		}
	}
	switch {
	case len(problems) > 0:
		return problems
	case answers["people"] == "":
		return jobs.ErrUnanswered
	}
	return f.do(fmt.Sprint("answers ", answers, nonceShown(nonce)), tok)
}

func (f *fakeEngine) Click(_ context.Context, tok string, v jobs.Visit) (string, error) {
	if tok != goodToken {
		return "", fmt.Errorf("open %s: %w", leak, token.ErrInvalid)
	}
	return "https://seller.example/checklist?a=1&b=2", f.do(fmt.Sprint("click ", v.Head, " ", v.Header.Get("User-Agent")), tok)
}

// look checks a token as do does, and does nothing.
func (f *fakeEngine) look(tok string) error {
	if tok != goodToken {
		return fmt.Errorf("open %s: %w", leak, token.ErrInvalid)
	}
	return f.err
}

// nonceShown stands for a nonce that the pages make.
func nonceShown(nonce string) string {
	if len(nonce) >= 26 { // 128 bits, crypto/rand.Text
		return " once"
	}
	return " " + nonce
}

// questions has one of each kind.
var questions = []uld.Criterion{
	{Key: "hazards", Dimension: uld.Fit, Question: "Do you <run> such a site?", Type: uld.AnswerYesNo},
	{Key: "people", Dimension: uld.Fit, Question: "How many people?", Type: uld.AnswerNumber},
	{Key: "driver", Dimension: uld.Need, Question: "What makes it a subject?", Type: uld.AnswerChoice, Options: []string{"audit_finding", "new_rules"}},
	{Key: "when", Dimension: uld.TimeFrame, Question: "By when?", Type: uld.AnswerMonths},
	{Key: "since", Dimension: uld.Need, Question: "For how many months?", Type: uld.AnswerMonths},
	{Key: "audit", Dimension: uld.Need, Question: "When is the audit?", Type: uld.AnswerDate},
	{Key: "pains", Dimension: uld.Need, Question: "What goes wrong?", Type: uld.AnswerText},
}

func (f *fakeEngine) OperatorName(context.Context) string { return f.operator }

// done is what was asked for, in order.
func (f *fakeEngine) done() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.calls...)
}

// fakeOutbox holds mails by name.
type fakeOutbox struct {
	mails []Mail
	err   error
}

func (f fakeOutbox) Mails(limit int) ([]Mail, error) {
	return f.mails[:min(limit, len(f.mails))], f.err
}

func (f fakeOutbox) Mail(name string) (Mail, error) {
	for _, m := range f.mails {
		if m.Name == name {
			return m, f.err
		}
	}
	return Mail{}, fmt.Errorf("mail %q: %w", name, store.ErrNotFound)
}

// intro is a mail as a cadence writes it.
var intro = Mail{
	Name: "touch-7.eml", From: "Ann Lee <ann@seller.example>", To: "Jana Novák <jana@buyer.example>", Subject: "Studies that end on a Friday",
	Date: time.Date(2026, time.March, 2, 9, 15, 0, 0, time.FixedZone("CET", 3600)), Text: "Hello Jana", HTML: "<p>Hello <b>Jana</b></p>",
}

// anySignature takes or refuses every request.
type anySignature bool

func (s anySignature) Valid(*http.Request) bool { return bool(s) }

// site is the handler of the tests with all parts present.
type site struct {
	t       *testing.T
	engine  *fakeEngine
	log     *bytes.Buffer
	handler http.Handler
}

func newSite(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	s := &site{t: t, engine: &fakeEngine{operator: "Seller & Söhne"}, log: &bytes.Buffer{}}
	o := Options{
		Engine: s.engine, Signature: anySignature(true), Outbox: fakeOutbox{mails: []Mail{intro}}, Log: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	for _, f := range change {
		f(&o)
	}
	s.handler = New(o)
	return s
}

// request makes one; a body is a form.
func request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:40000"
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{w.Code, w.Header(), string(body)}
}

func (s *site) get(path string) answer { return s.do(request(http.MethodGet, path, "")) }

// mustHold fails unless the answer has the status and every text.
func (a answer) mustHold(t *testing.T, status int, texts ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d:\n%s", a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("no %q in\n%s", text, a.body)
		}
	}
}

// mustNotLeak fails when an answer tells what went wrong inside, and when the log does not.
func (s *site) mustNotLeak(a answer) {
	s.t.Helper()
	for _, secret := range []string{leak, "hunter2", "dial tcp"} {
		if strings.Contains(a.body, secret) || strings.Contains(fmt.Sprint(a.header), secret) {
			s.t.Errorf("the answer tells %q:\n%s", secret, a.body)
		}
	}
	if !strings.Contains(s.log.String(), "hunter2") {
		s.t.Errorf("the log does not tell the error: %s", s.log)
	}
}
