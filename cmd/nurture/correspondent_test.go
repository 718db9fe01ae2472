package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/cookiejar"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"nurture/internal/mailtest"
)

// correspondent is a prospect who reads a mail of ours and does something about it.
type correspondent struct {
	t       *testing.T
	pair    *mailtest.Pair
	address string
	name    string
	got     *mail.Message
	text    string // of the mail, as a mail program shows it
}

// read opens a mail that arrived, as a mail program does.
func read(t *testing.T, pair *mailtest.Pair, address, name string, raw []byte) correspondent {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return correspondent{t: t, pair: pair, address: address, name: name, got: m, text: plainText(t, m)}
}

// plainText is the text/plain part of a multipart/alternative.
func plainText(t *testing.T, m *mail.Message) string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the mail is %q: %v", kind, err)
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// header is one of the mail that arrived, which must be there.
func (c correspondent) header(name string) string {
	c.t.Helper()
	value := c.got.Header.Get(name)
	if value == "" {
		c.t.Fatalf("the mail to %s has no %s", c.address, name)
	}
	return value
}

func (c correspondent) addressIn(name string) string {
	c.t.Helper()
	parsed, err := mail.ParseAddress(c.header(name))
	if err != nil {
		c.t.Fatalf("%s of the mail to %s: %v", name, c.address, err)
	}
	return parsed.Address
}

// quoted is our mail below an answer, the way to unsubscribe included.
func (c correspondent) quoted() string {
	if !strings.Contains(strings.ToLower(c.text), "unsubscribe") && !strings.Contains(c.text, "/u/") {
		c.t.Errorf("the mail to %s shows no way out:\n%s", c.address, c.text)
	}
	return "> " + strings.ReplaceAll(strings.TrimSpace(c.text), "\n", "\n> ")
}

// letter is an answer: header lines, then the body.
func (c correspondent) letter(to, subject, body string, headers ...string) []byte {
	lines := append([]string{
		fmt.Sprintf("From: %s <%s>", c.name, c.address), "To: " + to, "Subject: " + subject, "Date: Tue, 04 Mar 2025 09:40:00 +0100",
		fmt.Sprintf("Message-ID: <%s@mail.%s>", strings.ReplaceAll(c.address, "@", "."), c.address[strings.Index(c.address, "@")+1:]), "MIME-Version: 1.0",
	}, headers...)
	return []byte(strings.ReplaceAll(strings.Join(lines, "\n")+"\n\n"+body, "\n", "\r\n"))
}

// threading is what programs that follow RFC 5322 say they answer.
func (c correspondent) threading() []string {
	id := c.header("Message-ID")
	return []string{"In-Reply-To: " + id, "References: " + id}
}

// reply answers as Gmail does: two forms of the text, ours quoted below.
func (c correspondent) reply(words string) {
	c.t.Helper()
	intro := fmt.Sprintf("On Tue, Mar 4, 2025 at 10:00 AM %s wrote:", c.header("From"))
	body := "--00000000000012ab\nContent-Type: text/plain; charset=\"UTF-8\"\nContent-Transfer-Encoding: base64\n\n" +
		wrapped(base64.StdEncoding.EncodeToString([]byte(words+"\r\n\r\n"+intro+"\r\n\r\n"+strings.ReplaceAll(c.quoted(), "\n", "\r\n")))) +
		"\n--00000000000012ab\nContent-Type: text/html; charset=\"UTF-8\"\n\n<div dir=\"ltr\">" + words +
		"</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Tue wrote:<br></div><blockquote class=\"gmail_quote\">" +
		"<p>To stop these mails <a href=\"https://example.com\">unsubscribe</a></p></blockquote></div>\n--00000000000012ab--\n"
	c.pair.Answer(c.t, c.address, c.addressIn("Reply-To"), c.letter(c.header("Reply-To"), "Re: "+c.header("Subject"), body,
		append(c.threading(), `Content-Type: multipart/alternative; boundary="00000000000012ab"`)...))
}

func wrapped(s string) string { return regexp.MustCompile(`.{1,76}`).ReplaceAllString(s, "$0\n") }

// replyUnthreaded answers as some phones and help desks do: from another address of the person, without a word on what is answered, our
// mail below in the form of Outlook.
func (c correspondent) replyUnthreaded(from, words string) {
	c.t.Helper()
	to := c.addressIn("Reply-To")
	c.address = from
	c.pair.Answer(c.t, from, to, c.letter(to, "Your mail", words+"\n\n________________________________\nFrom: "+c.header("From")+
		"\nSent: Tuesday, March 4, 2025 10:00 AM\nTo: "+c.header("To")+"\nSubject: "+c.header("Subject")+"\n\n"+c.text, "Content-Type: text/plain; charset=utf-8"))
}

// exchange answers as Exchange does for an absent user: from nobody, to the envelope's sender.
func (c correspondent) exchange(words string) {
	c.t.Helper()
	to := c.addressIn("Return-Path")
	c.pair.Answer(c.t, "", to, c.letter(to, "Automatic reply: "+c.header("Subject"), words+"\n", append(c.threading(),
		"Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "X-MS-Exchange-Inbox-Rules-Loop: "+c.address, "Content-Type: text/plain; charset=us-ascii")...))
}

var (
	mailtoWay = regexp.MustCompile(`<(mailto:[^>]+)>`)
	webWay    = regexp.MustCompile(`<(https?:[^>]+)>`)
)

// way is one of the ways out that the header names.
func (c correspondent) way(form *regexp.Regexp) string {
	c.t.Helper()
	found := form.FindStringSubmatch(c.header("List-Unsubscribe"))
	if found == nil {
		c.t.Fatalf("%s is not in List-Unsubscribe: %s", form, c.header("List-Unsubscribe"))
	}
	return found[1]
}

// unsubscribeByMail sends what a mail program sends for a click on its unsubscribe button (RFC 2369).
func (c correspondent) unsubscribeByMail() {
	c.t.Helper()
	way, err := url.Parse(c.way(mailtoWay))
	if err != nil {
		c.t.Fatal(err)
	}
	to, err := url.PathUnescape(way.Opaque)
	if err != nil {
		c.t.Fatal(err)
	}
	c.pair.Answer(c.t, c.address, to, c.letter(to, way.Query().Get("subject"), "", "Content-Type: text/plain"))
}

// visit opens the link of the header as a scanner does, by GET and HEAD.
func (c correspondent) visit() {
	c.t.Helper()
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		request, err := http.NewRequestWithContext(c.t.Context(), method, c.way(webWay), nil)
		if err != nil {
			c.t.Fatal(err)
		}
		c.expectOK(request)
	}
}

// oneClick posts to the link of the header as a mail program does (RFC 8058, section 3.2), twice, as a retrying one does.
func (c correspondent) oneClick() {
	c.t.Helper()
	form := c.header("List-Unsubscribe-Post")
	for range 2 {
		request, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.way(webWay), strings.NewReader(form))
		if err != nil {
			c.t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.expectOK(request)
	}
}

func (c correspondent) expectOK(request *http.Request) {
	c.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	client := http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || len(jar.Cookies(request.URL)) > 0 {
		c.t.Errorf("%s %s: %s, cookies %v", request.Method, request.URL, response.Status, jar.Cookies(request.URL))
	}
}
