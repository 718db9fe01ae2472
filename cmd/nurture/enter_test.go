package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// enter logs in at the desk of a server, whose address is in its log, and fails unless a page opens: enter LOG EMAIL PASSWORDFILE.
func enter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: enter LOG EMAIL PASSWORDFILE")
	}
	address := servedAt.FindStringSubmatch(ts.ReadFile(args[0]))
	if address == nil {
		ts.Fatalf("no address in %s", args[0])
	}
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	client := &http.Client{Jar: jar}
	form := url.Values{"email": {args[1]}, "password": {strings.TrimSpace(ts.ReadFile(args[2]))}, "next": {"/desk/account"}}
	answer, err := client.PostForm(address[1]+"/desk/login", form)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/desk/account" {
		ts.Fatalf("the login as %s ends at %s with %s", args[1], answer.Request.URL, answer.Status)
	}
}
