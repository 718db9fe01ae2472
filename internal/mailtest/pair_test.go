package mailtest

import (
	"net"
	"net/smtp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

func TestPairCarriesMailBothWays(t *testing.T) {
	t.Parallel()
	var p *Pair
	ran := t.Run("servers", func(t *testing.T) {
		p = StartPair(t, map[string]Prospect{
			"pat@a.test":  {},
			"gone@a.test": {Missing: true},
			"full@b.test": {Refused: "552 5.2.2 Mailbox full"},
			"over@b.test": {Bounced: "5.2.2 Over quota"},
			"away@c.test": {Sieve: `require ["vacation"]; vacation "I am away.";`},
		})
		const mara = "mara@" + OurDomain
		for _, to := range []string{"pat@a.test", "gone@a.test", "full@b.test", "over@b.test", "away@c.test"} {
			p.Write(t, mara, to, []byte("From: "+mara+"\r\nTo: "+to+"\r\nSubject: hello\r\n\r\nhello\r\n"))
		}
		p.Answer(t, "pat@a.test", "mara+tag@"+OurDomain, []byte("From: pat@a.test\r\nSubject: an answer\r\n\r\nhello\r\n"))
		p.arrives(t, "pat@a.test", "Subject: hello")
		p.arrives(t, mara, "Subject: an answer", "Final-Recipient: rfc822; gone@a.test", "Final-Recipient: rfc822; full@b.test",
			"Final-Recipient: rfc822; over@b.test", "I am away.")
		p.refusesStrangers(t)
	})
	if !ran {
		return
	}
	for _, port := range []int{p.Submission, p.Ours, p.Theirs, p.Port} {
		if conn, err := net.Dial("tcp", net.JoinHostPort(p.Host, strconv.Itoa(port))); err == nil {
			conn.Close()
			t.Error("a server still answers after the test that started it")
		}
	}
}

// arrives waits until a user has a message with each of the texts.
func (p *Pair) arrives(t *testing.T, user string, texts ...string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var all strings.Builder
		for _, message := range p.Messages(t, user, &imap.SearchCriteria{}) {
			all.Write(message)
		}
		missing := ""
		for _, text := range texts {
			if !strings.Contains(all.String(), text) {
				missing = text
			}
		}
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has no message with %q:\n%s\n%s", user, missing, all.String(), p.Log())
		}
	}
}

// refusesStrangers checks that our server takes mail for elsewhere from those alone who log in.
func (p *Pair) refusesStrangers(t *testing.T) {
	t.Helper()
	for name, port := range map[string]int{"submission": p.Submission, "ours": p.Ours} {
		client, err := smtp.Dial(net.JoinHostPort(p.Host, strconv.Itoa(port)))
		if err != nil {
			t.Fatal(err)
		}
		if err := handOver(client, "x@x.test", "pat@a.test", []byte("Subject: relayed\r\n\r\n")); err == nil {
			t.Errorf("%s relays without a login", name)
		}
		client.Close()
	}
}
