package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nurture/store"
)

// Scanners fetch every link of a mail before its reader sees it.
func TestOpeningTheLinkChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet} {
		a := s.do(request(method, "/u/"+goodToken+"?List-Unsubscribe=One-Click", ""))
		a.mustHold(t, http.StatusOK)
	}
	if calls := s.engine.done(); len(calls) > 0 {
		t.Errorf("opening the link did %v", calls)
	}
	s.get("/u/"+goodToken).mustHold(t, 200, `<form class="act" method="post">`, `name="List-Unsubscribe" value="One-Click"`)
}

// oneClick is the request of a mail program: RFC 8058, section 3.2, allows both forms.
func oneClick(t *testing.T, as string) *http.Request {
	t.Helper()
	switch as {
	case "urlencoded":
		return request(http.MethodPost, "/u/"+goodToken, "List-Unsubscribe=One-Click")
	case "multipart":
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		if err := errors.Join(w.WriteField("List-Unsubscribe", "One-Click"), w.Close()); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/u/"+goodToken, &body)
		r.Header.Set("Content-Type", w.FormDataContentType())
		return r
	}
	return httptest.NewRequest(http.MethodPost, "/u/"+goodToken, http.NoBody)
}

func TestOneClick(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"urlencoded", "multipart", "empty"} {
		s := newSite(t)
		for range 3 {
			a := s.do(oneClick(t, as))
			a.mustHold(t, http.StatusOK, "You will not hear from us again") // 200: a redirect is not followed
			mustBeHard(t, a)
		}
		if calls := fmt.Sprint(s.engine.done()); calls != "[unsubscribe unsubscribe unsubscribe]" {
			t.Errorf("%s: did %s", as, calls)
		}
	}
}

func TestForgedLinks(t *testing.T) {
	t.Parallel()
	for _, tok := range []string{
		"u4-aaaabbbbccccddd", goodToken + "x", "v4" + goodToken[2:], "u5" + goodToken[2:], "-", "%00", "..%2Fu", "%3Cscript%3E", strings.Repeat("a", 5000), "a%0d%0aSet-Cookie:%20x=y",
	} {
		s := newSite(t)
		a := s.do(request(http.MethodPost, "/u/"+tok, "List-Unsubscribe=One-Click"))
		a.mustHold(t, http.StatusNotFound, "This link leads nowhere")
		mustBeHard(t, a)
		if calls := s.engine.done(); len(calls) > 0 || strings.Contains(a.body, leak) || strings.Contains(a.body, "<script") {
			t.Errorf("%.40s: did %v, said\n%s", tok, calls, a.body)
		}
	}
}

func TestATouchThatIsGone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.engine.err = fmt.Errorf("touch 4: %w", store.ErrNotFound)
	s.do(request(http.MethodPost, "/u/"+goodToken, "")).mustHold(t, http.StatusNotFound, "This link leads nowhere")
}

func TestUnsubscribeFaultsStayInside(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.engine.err = errors.New(leak)
	a := s.do(request(http.MethodPost, "/u/"+goodToken, ""))
	a.mustHold(t, http.StatusInternalServerError, "Please try again in a few minutes")
	s.mustNotLeak(a)
	if strings.Contains(s.log.String(), goodToken) {
		t.Error("the log holds the token, with which anybody could act")
	}
}

// endless says nothing about its length.
type endless struct{ io.Reader }

// Programs get every refusal as JSON, this one too: the API reads the body, and says how long it may be.
func TestTheAPIRefusesLargeBodiesItself(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) {
		o.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			http.Error(w, fmt.Sprintf(`{"error": %q}`, err), http.StatusRequestEntityTooLarge)
		})
	})
	a := s.do(request(http.MethodPatch, "/api/v1/leads/x/fields", strings.Repeat(" ", maxBody+1)))
	a.mustHold(t, http.StatusRequestEntityTooLarge, `{"error": "http: request body too large"}`)
}

// A method that only programs could mean is for the API to refuse, wherever it points.
func TestTheAPIAnswersEveryMethod(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *Options) {
		o.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, fmt.Sprintf(`{"error": %q}`, r.Method), http.StatusMethodNotAllowed)
		})
	})
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
		a := s.do(request(method, "/api/v1/queues", ""))
		if a.status != http.StatusMethodNotAllowed || method != "HEAD" && !strings.Contains(a.body, `{"error": "`+method+`"}`) {
			t.Errorf("%s: %d %s", method, a.status, a.body)
		}
		mustBeHard(t, a)
	}
	if a := s.do(request(http.MethodPut, "/desk/queue", "")); a.status != http.StatusMethodNotAllowed {
		t.Errorf("elsewhere: %d", a.status)
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	large := "List-Unsubscribe=" + strings.Repeat("x", maxBody)
	for _, path := range []string{"/u/" + goodToken, "/twilio/voice/" + goodToken, "/twilio/status/" + goodToken} {
		s := newSite(t)
		a := s.do(request(http.MethodPost, path, large))
		a.mustHold(t, http.StatusRequestEntityTooLarge)
		mustBeHard(t, a)
		if calls := s.engine.done(); len(calls) > 0 {
			t.Errorf("%s did %v", path, calls)
		}
	}
	for _, path := range []string{"/twilio/voice/" + goodToken, "/twilio/status/" + goodToken} {
		s := newSite(t)
		r := httptest.NewRequest(http.MethodPost, path, endless{strings.NewReader(large)})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r.ContentLength >= 0 {
			t.Fatal("the request tells its length")
		}
		s.do(r).mustHold(t, http.StatusBadRequest)
		if calls := s.engine.done(); len(calls) > 0 {
			t.Errorf("%s did %v", path, calls)
		}
	}
	s := newSite(t)
	s.do(request(http.MethodPost, "/u/"+goodToken, strings.Repeat("x", maxBody))).mustHold(t, http.StatusOK)
}
