package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// clerk is somebody at the desk of a server.
type clerk struct {
	ts     *testscript.TestScript
	base   string
	client *http.Client
}

func newClerk(ts *testscript.TestScript, log, email, passwordFile string) *clerk {
	address := servedAt.FindStringSubmatch(ts.ReadFile(log))
	if address == nil {
		ts.Fatalf("no address in %s", log)
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	c := &clerk{ts, address[1], &http.Client{Jar: jar}}
	c.post("/desk/login", "email="+url.QueryEscape(email)+"&password="+strings.TrimSpace(ts.ReadFile(passwordFile)))
	return c
}

func (c *clerk) read(answer *http.Response, err error) string {
	c.ts.Check(err)
	body, err := io.ReadAll(answer.Body)
	c.ts.Check(err)
	c.ts.Check(answer.Body.Close())
	if answer.StatusCode != http.StatusOK {
		c.ts.Fatalf("%s: %s\n%s", answer.Request.URL, answer.Status, body)
	}
	return string(body)
}

func (c *clerk) get(path string) string { return c.read(c.client.Get(c.base + path)) }

func (c *clerk) post(path, form string) string {
	return c.read(c.client.Post(c.base+path, "application/x-www-form-urlencoded", strings.NewReader(form)))
}

// found waits until a page holds something, and gives the first group of the expression.
func (c *clerk) found(path string, expression *regexp.Regexp) string {
	var got []string
	page := ""
	if !within(time.Minute, func() bool {
		page = c.get(path)
		got = expression.FindStringSubmatch(page)
		return got != nil
	}) {
		c.ts.Fatalf("%s never holds %s:\n%s", path, expression, page)
	}
	return got[1]
}

// everything is what a lead answers that is ready to buy, by the starter configuration.
const everything = `answer.major_hazards=yes&answer.people_to_train=120&answer.driver=incident&answer.wants_on_site=yes&answer.funding=training_budget&` +
	`answer.part_in_decision=decides&answer.months_to_decision=3&answer.budget_process=a&answer.competition=b&answer.decision_timeline=c&answer.driving_events=d&` +
	`answer.hot_buttons=e&answer.pain_points=f&answer.people=g&answer.callback_at=2026-12-01T10:00`

var (
	taskLink  = regexp.MustCompile(`href="(/desk/tasks/\d+)`)
	leadLink  = regexp.MustCompile(`href="(/desk/leads/\d+)"`)
	handoffIs = regexp.MustCompile(`handoff (\d+) is offered`)
)

// sellTo takes a task of the queue, logs that the lead wants to buy, and waits for the verdict, the handoff and the mail to sales, which comes to
// lie in the outbox: sellto LOG EMAIL PASSWORDFILE OUTBOX.
func sellTo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: sellto LOG EMAIL PASSWORDFILE OUTBOX")
	}
	c := newClerk(ts, args[0], args[1], args[2])
	c.get("/api/v1/openapi.json") // programs, whose tokens admins make at the desk, are answered as well
	task := c.found("/desk/queue?who=all", taskLink)
	c.post(task+"/claim", "")
	lead := c.found(task, leadLink)
	c.post(task+"/log", "disposition=meeting_set&then=stay&"+everything)
	handoff := c.found(lead, handoffIs)
	if page := c.get(lead); !strings.Contains(page, ">promote<") {
		ts.Fatalf("the verdict is not to promote:\n%s", page)
	}
	if !within(time.Minute, func() bool {
		mails, err := filepath.Glob(ts.MkAbs(args[3]) + "/later-*.eml")
		ts.Check(err)
		return len(mails) > 0
	}) {
		ts.Fatalf("the mail of handoff %s came to nobody", handoff)
	}
}
