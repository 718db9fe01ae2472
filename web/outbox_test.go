package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func withOutbox(o Outbox) func(*Options) { return func(opts *Options) { opts.Outbox = o } }

func TestOutboxList(t *testing.T) {
	t.Parallel()
	a := newSite(t).get("/outbox")
	a.mustHold(t, 200, `href="/outbox/touch-7.eml"`, "Studies that end on a Friday", "Jana Novák &lt;jana@buyer.example&gt;",
		`<time datetime="2026-03-02T09:15:00&#43;01:00">2 Mar 09:15</time>`)

	newSite(t, withOutbox(fakeOutbox{})).get("/outbox").mustHold(t, 200, "Nothing has been written yet")

	many := fakeOutbox{}
	for i := range outboxShown + 50 {
		many.mails = append(many.mails, Mail{Name: fmt.Sprintf("touch-%d.eml", i)})
	}
	a = newSite(t, withOutbox(many)).get("/outbox")
	if n := strings.Count(a.body, "<li>"); n != outboxShown {
		t.Errorf("%d mails are listed, want %d", n, outboxShown)
	}
	a.mustHold(t, 200, "(no subject)")
	if strings.Contains(a.body, "<time") {
		t.Error("a mail without a date has one")
	}
}

func TestOutboxMail(t *testing.T) {
	t.Parallel()
	newSite(t).get("/outbox/touch-7.eml").mustHold(t, 200, "Ann Lee &lt;ann@seller.example&gt;", "2 Mar 2026 09:15 CET",
		`<iframe src="/outbox/touch-7.eml/body" title="The mail as its reader sees it" sandbox></iframe>`, "<pre>Hello Jana</pre>",
		"<title>Studies that end on a Friday · Seller &amp; Söhne</title>")

	a := newSite(t, withOutbox(fakeOutbox{mails: []Mail{{Name: "touch-8.eml", Text: "only text"}}})).get("/outbox/touch-8.eml")
	a.mustHold(t, 200, "(no subject)", "<pre>only text</pre>")
	if strings.Contains(a.body, "<iframe") || strings.Contains(a.body, "0001") {
		t.Errorf("it shows what is not there:\n%s", a.body)
	}
	newSite(t, withOutbox(fakeOutbox{mails: []Mail{{Name: "touch-9.eml"}}})).get("/outbox/touch-9.eml").mustHold(t, 200, "This mail is empty")
}

func TestOutboxMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, name := range []string{"touch-8.eml", "..%2F..%2Fetc%2Fpasswd", "%2e%2e%2fsecret.eml", "%00"} {
		for _, rest := range []string{"", "/body"} {
			a := s.get("/outbox/" + name + rest)
			a.mustHold(t, http.StatusNotFound, "There is nothing here")
			mustBeHard(t, a)
		}
	}
	none := newSite(t, withOutbox(nil))
	for _, path := range []string{"/outbox", "/outbox/touch-7.eml", "/outbox/touch-7.eml/body"} {
		none.get(path).mustHold(t, http.StatusNotFound, "There is no outbox")
	}
}

func TestOutboxFaults(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/outbox", "/outbox/touch-7.eml", "/outbox/touch-7.eml/body"} {
		s := newSite(t, withOutbox(fakeOutbox{mails: []Mail{intro}, err: errors.New(leak)}))
		a := s.get(path)
		a.mustHold(t, http.StatusInternalServerError, "That did not work")
		s.mustNotLeak(a)
	}
}

// attack closes what it may stand in, and runs or loads something when it can.
const attack = `"'></title></style></textarea></pre><script>alert(1)</script><img src="https://evil.example/x" onerror=alert(2)>`

// What a mail holds came from outside: around its HTML part it is text, and the part itself is shown where it can do nothing.
func TestOutboxHoldsHostileMail(t *testing.T) {
	t.Parallel()
	evil := Mail{Name: `a?b#c"d<e>.eml`, From: attack, To: attack, Subject: attack, Date: intro.Date, Text: attack, HTML: "<html>" + attack + "</html>"}
	s := newSite(t, withOutbox(fakeOutbox{mails: []Mail{evil}}))
	const link = "/outbox/a%3Fb%23c%22d%3Ce%3E.eml"
	list, mail := s.get("/outbox"), s.get(link)
	list.mustHold(t, 200, `href="`+link+`"`, "&lt;script&gt;")
	mail.mustHold(t, 200, `<iframe src="`+link+`/body"`, ` sandbox>`, "&lt;script&gt;")
	for _, a := range []answer{list, mail} {
		for _, sign := range []string{"<script", "<img", "onerror=alert(2)>", "</textarea"} {
			if strings.Contains(a.body, sign) {
				t.Errorf("the mail is markup, %s:\n%s", sign, a.body)
			}
		}
		if strings.Count(a.body, "</title>") != 1 {
			t.Errorf("the title is left:\n%s", a.body)
		}
	}
	body := s.get(link + "/body")
	body.mustHold(t, 200, evil.HTML)
	const policy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
	if got := body.header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("the part is shown under %q, want %q: no script, nothing loaded, nothing sent", got, policy)
	}
	mustBeHard(t, body)
}

func TestTheOutboxIsForThisMachineOnly(t *testing.T) {
	t.Parallel()
	elsewhere := map[string]func(r *http.Request){
		"another machine":     func(r *http.Request) { r.RemoteAddr = "192.0.2.7:40000" },
		"another machine, v6": func(r *http.Request) { r.RemoteAddr = "[2001:db8::7]:40000" },
		"no address":          func(r *http.Request) { r.RemoteAddr = "" },
		"a proxy":             func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") },
		"a newer proxy":       func(r *http.Request) { r.Header.Set("Forwarded", "for=192.0.2.7") },
	}
	for _, path := range []string{"/", "/outbox", "/outbox/touch-7.eml", "/outbox/touch-7.eml/body"} {
		for name, from := range elsewhere {
			r := request(http.MethodGet, path, "")
			from(r)
			if a := newSite(t).do(r); a.status != http.StatusNotFound || strings.Contains(a.body, "Jana") {
				t.Errorf("%s from %s: status %d:\n%s", path, name, a.status, a.body)
			}
		}
		for _, here := range []string{"127.0.0.1:40000", "[::1]:40000", "[::ffff:127.0.0.1]:40000"} {
			r := request(http.MethodGet, path, "")
			r.RemoteAddr = here
			newSite(t).do(r).mustHold(t, http.StatusOK)
		}
	}
}
