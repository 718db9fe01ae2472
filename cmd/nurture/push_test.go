package main

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// push sends a mail to a server, whose address is in its log, as a provider would, and checks the answer's status:
// push LOG TOKEN FILE STATUS.
func push(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: push LOG TOKEN FILE STATUS")
	}
	address := servedAt.FindStringSubmatch(ts.ReadFile(args[0]))
	if address == nil {
		ts.Fatalf("no address in %s", args[0])
	}
	mail := strings.ReplaceAll(ts.ReadFile(args[2]), "\n", "\r\n")
	request, err := http.NewRequest(http.MethodPost, address[1]+"/inbound/email", bytes.NewReader([]byte(mail)))
	ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+args[1])
	request.Header.Set("Content-Type", "message/rfc822")
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if got := strconv.Itoa(answer.StatusCode); got != args[3] {
		ts.Fatalf("pushing %s was answered with %s, want %s", args[2], answer.Status, args[3])
	}
}
