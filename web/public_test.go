package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"nurture/jobs"
)

// hidden is the nonce in a page.
func hidden(t *testing.T, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="nonce" value="`)
	nonce, _, _ := strings.Cut(rest, `"`)
	if !ok || len(nonce) < 26 {
		t.Fatalf("no nonce in\n%s", body)
	}
	return nonce
}

func TestThePreferencePageShowsHowThingsStand(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, time.June, 3, 9, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		standing jobs.Standing
		shows    []string
		hides    []string
	}{
		"in none":  {jobs.Standing{Idle: true}, []string{"No mail to you is planned at the moment.", `value="pause_1"`}, nil},
		"as usual": {jobs.Standing{}, []string{"We write to you as we usually do", "We may call you", `value="less_often"`, `value="never_call"`}, nil},
		"pause": {
			jobs.Standing{QuietUntil: &until, LessOften: true},
			[]string{"Nothing from us before 3 June 2026, and only now and then after that"},
			[]string{`value="less_often"`},
		},
		"less often": {jobs.Standing{LessOften: true}, []string{"We write only now and then", `value="pause_3"`}, []string{`value="less_often"`}},
		"no calls":   {jobs.Standing{CallsOff: true}, []string{"We do not call you", `value="stop_contact"`}, []string{`value="never_call"`}},
		"no mail":    {jobs.Standing{MailOff: true}, []string{"We do not write to you", `value="never_call"`}, nil},
		"stopped":    {jobs.Standing{Stopped: true, MailOff: true}, []string{"no mail, no calls", "cannot be taken back on this page"}, []string{"<form", "<button"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.engine.standing = tc.standing
			a := s.get("/p/" + goodToken)
			a.mustHold(t, http.StatusOK, tc.shows...)
			for _, text := range tc.hides {
				if strings.Contains(a.body, text) {
					t.Errorf("shows %q", text)
				}
			}
		})
	}
}

func TestChoicesReachTheEngine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ form, did, says string }{
		{"rhythm=pause_3", "[prefer [pause_3] once]", "It took effect this moment"},
		{"rhythm=less_often&calls=never_call", "[prefer [less_often never_call] once]", "It took effect this moment"},
		{"contact=stop_contact", "[prefer [stop_contact] once]", "It took effect this moment"},
		{"rhythm=&shown=news&shown=cases&topic=cases", "[prefer [] once of [news cases] wants [cases]]", "It took effect this moment"},
		{"rhythm=", "[]", "nothing had to be changed"},
		{"", "[]", "nothing had to be changed"},
	} {
		s := newSite(t)
		nonce := hidden(t, s.get("/p/"+goodToken).body)
		a := s.do(request(http.MethodPost, "/p/"+goodToken, tc.form+"&nonce="+nonce))
		a.mustHold(t, http.StatusOK, tc.says)
		if did := fmt.Sprint(s.engine.done()); did != tc.did {
			t.Errorf("%s: did %s, want %s", tc.form, did, tc.did)
		}
		if next := hidden(t, a.body); next == nonce {
			t.Error("the next form would count as this one")
		}
	}
	s := newSite(t)
	s.do(request(http.MethodPost, "/p/"+goodToken, "rhythm=sing")).mustHold(t, http.StatusBadRequest, "none of the choices")
	if did := s.engine.done(); len(did) > 0 {
		t.Errorf("did %v", did)
	}
}

func TestTheFormAsksByKind(t *testing.T) {
	t.Parallel()
	newSite(t).get("/q/"+goodToken).mustHold(t, http.StatusOK,
		`<legend>Do you &lt;run&gt; such a site?</legend>`, `<input type="radio" name="answer.hazards" value="yes">`,
		`name="answer.people" value="" inputmode="decimal"`, `value="audit_finding"><span>Audit finding</span>`,
		`<select id="field-answer.when" name="answer.when">`, `<option value="6">In 3 to 6 months</option>`,
		`name="answer.since" value="" inputmode="decimal"`, `<input type="date" id="field-answer.audit"`, `<textarea id="field-answer.pains"`)
}

func TestAnswersReachTheEngine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	nonce := hidden(t, s.get("/q/"+goodToken).body)
	s.do(request(http.MethodPost, "/q/"+goodToken, "answer.people=12&answer.driver=new_rules&other=1&nonce="+nonce)).
		mustHold(t, http.StatusOK, "Thank you")
	if did := fmt.Sprint(s.engine.done()); did != "[answers map[driver:new_rules people:12] once]" {
		t.Errorf("did %s", did)
	}
}

func TestWhatIsWrongStandsBesideItsFieldWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const xss = `bad"><script>alert(1)</script>`
	typed := url.Values{
		"answer.people": {"bad many"}, "answer.pains": {xss}, "answer.driver": {"new_rules"}, "answer.hazards": {"no"}, "answer.when": {"12"},
		"answer.audit": {"2026-05-01"},
	}
	a := s.do(request(http.MethodPost, "/q/"+goodToken, typed.Encode()))
	a.mustHold(t, http.StatusUnprocessableEntity, "These answers need another look", `<a href="#field-answer.people">`,
		`<p class="wrong" id="why-answer.people">&#34;bad many&#34; is no answer</p>`, `aria-describedby="why-answer.people"`, `value="bad many"`,
		"bad&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>", `value="new_rules" checked>`, `name="answer.hazards" value="no" checked`,
		`<option value="12" selected>`, `value="2026-05-01"`)
	if strings.Contains(a.body, "<script") {
		t.Errorf("markup:\n%s", a.body)
	}
	hidden(t, a.body)
	mustBeHard(t, a)
}

// What a mail program takes along when it makes a link of an address in text shuts no way.
func TestLinksWithWhatFollowsThemInText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, after := range []string{"", ".", ",", ")", ").", "%3E", "%22", "/", "//", "%20", "%0D%0A", "%C2%A0", "%E2%80%9D", "*", "_", "!"} {
		s.get("/u/"+goodToken+after).mustHold(t, 200, "Stop hearing from us?")
		s.get("/p/"+goodToken+after).mustHold(t, 200, "How we stay in touch")
		s.get("/q/"+goodToken+after).mustHold(t, 200, "A few questions")
		s.do(request(http.MethodPost, "/u/"+goodToken+after, "List-Unsubscribe=One-Click")).mustHold(t, 200, "You will not hear from us again")
		if a := s.get("/c/" + goodToken + after); a.status != http.StatusFound {
			t.Errorf("/c/ with %q after it: status %d", after, a.status)
		}
	}
	for _, path := range []string{"/u/.", "/u/)", "/p//", "/q/%20", "/u/x" + goodToken, "/u/" + goodToken + "/x"} {
		if a := s.get(path); a.status == http.StatusOK {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestForgedPublicLinks(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/u/", "/p/", "/q/", "/c/"} {
		for _, tok := range []string{goodToken + "x", goodToken[:8], "-", "%00", "%3Cscript%3E", strings.Repeat("a", 5000)} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
				if path == "/c/" && method == http.MethodPost {
					continue
				}
				s := newSite(t)
				a := s.do(request(method, path+tok, "rhythm=pause_1&answer.people=1"))
				a.mustHold(t, http.StatusNotFound, "This link leads nowhere")
				if did := s.engine.done(); len(did) > 0 || strings.Contains(a.body, leak) || strings.Contains(a.body, "<script") {
					t.Errorf("%s %s%.20s: did %v, said\n%s", method, path, tok, did, a.body)
				}
				mustBeHard(t, a)
			}
		}
	}
}

func TestFormsThatNobodySends(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/p/", "/q/"} {
		s := newSite(t)
		s.do(request(http.MethodPost, path+goodToken, "answer.people="+strings.Repeat("x", 1<<20))).mustHold(t, http.StatusRequestEntityTooLarge, "That is too long")
		r := httptest.NewRequest(http.MethodPost, path+goodToken, endless{strings.NewReader("answer.people=" + strings.Repeat("x", 1<<20))})
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		s.do(r).mustHold(t, http.StatusRequestEntityTooLarge, "That is too long")
		s.do(request(http.MethodPost, path+goodToken, "answer.people=%zz")).mustHold(t, http.StatusBadRequest, "That could not be read")
		r = httptest.NewRequest(http.MethodPost, path+goodToken, bytes.NewReader([]byte{0xff, 0, 0xfe}))
		r.Header.Set("Content-Type", "application/octet-stream")
		if a := s.do(r); a.status >= 500 {
			t.Errorf("%s: %d", path, a.status)
		}
		if did := s.engine.done(); len(did) > 0 {
			t.Errorf("%s: did %v", path, did)
		}
	}
	a := newSite(t).do(request(http.MethodPost, "/q/"+goodToken, "answer.pains=bad%00%ff%fe%3Cb%3E"))
	a.mustHold(t, http.StatusUnprocessableEntity, "&lt;b&gt;")
	if strings.ContainsAny(a.body, "\x00") || strings.ToValidUTF8(a.body, "?") != a.body {
		t.Errorf("broken text:\n%q", a.body)
	}
}

func TestPublicFaultsStayInside(t *testing.T) {
	t.Parallel()
	for _, r := range []*http.Request{
		request(http.MethodGet, "/u/"+goodToken, ""), request(http.MethodGet, "/p/"+goodToken, ""), request(http.MethodGet, "/q/"+goodToken, ""),
		request(http.MethodPost, "/p/"+goodToken, "rhythm=pause_1"), request(http.MethodPost, "/p/"+goodToken, "rhythm=sing"),
		request(http.MethodPost, "/q/"+goodToken, "answer.people=1"), request(http.MethodPost, "/q/"+goodToken, "answer.people=bad"),
	} {
		s := newSite(t)
		s.engine.err = errors.New(leak)
		a := s.do(r)
		a.mustHold(t, http.StatusInternalServerError, "Please try again in a few minutes")
		s.mustNotLeak(a)
		if strings.Contains(s.log.String(), goodToken) {
			t.Error("the log holds the token, with which anybody could act")
		}
	}
}

// Readers get where a link leads even when the visit cannot be noted.
func TestAClickLeadsOnWhateverHappens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.engine.err = errors.New(leak)
	a := s.get("/c/" + goodToken)
	a.mustHold(t, http.StatusFound)
	s.mustNotLeak(a)
	s = newSite(t)
	r := request(http.MethodHead, "/c/"+goodToken, "")
	r.Header.Set("User-Agent", "Checker/1")
	a = s.do(r)
	if to := a.header.Get("Location"); a.status != http.StatusFound || to != "https://seller.example/checklist?a=1&b=2" {
		t.Errorf("%d to %q", a.status, to)
	}
	if did := fmt.Sprint(s.engine.done()); did != "[click true Checker/1]" {
		t.Errorf("did %s", did)
	}
}
