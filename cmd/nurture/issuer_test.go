package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"nurture/internal/oidctest"
)

// addIssuer gives a script an identity provider at $ISSUER, which knows the program by $CLIENT_SECRET.
func addIssuer(t *testing.T, env *testscript.Env) {
	issuer := oidctest.New(t, time.Now)
	env.Setenv("ISSUER", issuer.URL)
	env.Setenv("CLIENT_SECRET", oidctest.ClientSecret)
	env.Values["issuer"] = issuer
}

// publicHost is the address in NURTURE_PUBLIC_URL of scripts that log in by the issuer.
const publicHost = "127.0.0.1:1"

// loginBy logs in at the desk of a server, whose address is in its log, as somebody whom the identity provider vouches for, and fails unless the
// page at the end holds the text: loginby LOG SUBJECT EMAIL GROUP TEXT.
func loginBy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: loginby LOG SUBJECT EMAIL GROUP TEXT")
	}
	address := servedAt.FindStringSubmatch(ts.ReadFile(args[0]))
	if address == nil {
		ts.Fatalf("no address in %s", args[0])
	}
	ts.Value("issuer").(*oidctest.Issuer).LogIn(oidctest.Person{
		Subject: args[1], Claims: map[string]any{"email": args[2], "email_verified": true, "groups": []string{args[3]}},
	})
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	server := strings.TrimPrefix(address[1], "http://")
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, to string) (net.Conn, error) {
		if to == publicHost { // the server's port was not known when its public address was set
			to = server
		}
		return new(net.Dialer).DialContext(ctx, network, to)
	}}
	answer, err := (&http.Client{Jar: jar, Transport: transport}).Get("http://" + publicHost + "/desk/login/oidc?next=/desk/account")
	ts.Check(err)
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	ts.Check(answer.Body.Close())
	if !strings.Contains(string(body), args[4]) {
		ts.Fatalf("the login of %s ends at %s, which lacks %q:\n%s", args[1], answer.Request.URL, args[4], body)
	}
}
