package main

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// deliver sends what a vendor of data says to a server, whose address is in its log, signed with a secret under a name, and checks the answer's
// status: deliver LOG SECRET NAME FILE STATUS.
func deliver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: deliver LOG SECRET NAME FILE STATUS")
	}
	address := servedAt.FindStringSubmatch(ts.ReadFile(args[0]))
	if address == nil {
		ts.Fatalf("no address in %s", args[0])
	}
	body, now := ts.ReadFile(args[3]), time.Now()
	webhook, err := standardwebhooks.NewWebhook(args[1])
	ts.Check(err)
	signature, err := webhook.Sign(args[2], now, []byte(body))
	ts.Check(err)
	request, err := http.NewRequest(http.MethodPost, address[1]+"/api/v1/enrichment", strings.NewReader(body))
	ts.Check(err)
	request.Header.Set(standardwebhooks.HeaderWebhookID, args[2])
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if got := strconv.Itoa(answer.StatusCode); got != args[4] {
		ts.Fatalf("delivering %s was answered with %s, want %s", args[3], answer.Status, args[4])
	}
}
