package mailsink_test

import (
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"nurture/internal/sandbox/mailsink"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		verdict  mailsink.Verdict
		code     int  // of the error; 0: the connection broke
		ok       bool // no error
		accepted int
		broken   bool // the connection is gone afterwards
	}{
		{"accepted", mailsink.Verdict{}, 0, true, 1, false},
		{"550 at RCPT", mailsink.Refuse(mailsink.AtRcpt, 550, [3]int{5, 1, 1}, "no such user"), 550, false, 0, false},
		{"451 at RCPT", mailsink.Refuse(mailsink.AtRcpt, 451, [3]int{}, "greylisted"), 451, false, 0, false},
		{"421 at RCPT", mailsink.Refuse(mailsink.AtRcpt, 421, [3]int{4, 7, 0}, "slow down"), 421, false, 0, true},
		{"554 at DATA", mailsink.Refuse(mailsink.AtData, 554, [3]int{5, 7, 1}, "spam"), 554, false, 0, false},
		{"451 at DATA", mailsink.Refuse(mailsink.AtData, 451, [3]int{4, 3, 0}, "disk full"), 451, false, 0, false},
		{"421 at DATA", mailsink.Refuse(mailsink.AtData, 421, [3]int{}, "shutting down"), 421, false, 0, true},
		{"dropped before the dot", mailsink.DropBeforeDot(), 0, false, 0, true},
		{"dropped after the dot", mailsink.DropAfterDot(), 0, false, 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var judged mailsink.Envelope
			s := newSink(t, mailsink.Options{Fault: func(e mailsink.Envelope) mailsink.Verdict {
				if e.Mail > 1 || e.Connection > 1 {
					return mailsink.Verdict{}
				}
				judged = e
				return test.verdict
			}})
			c := newClient(t, s)
			err := send(c, text("1@x"), "ada@example.org")
			if (err == nil) != test.ok || code(err) != test.code {
				t.Errorf("got %v, want code %d", err, test.code)
			}
			if got := s.CountByMessageID("1@x"); got != test.accepted {
				t.Errorf("accepted %d times, want %d", got, test.accepted)
			}
			want := mailsink.Envelope{Connection: 1, Mail: 1, From: "bounces@example.com", To: "ada@example.org"}
			if diff := cmp.Diff(want, judged); diff != "" {
				t.Errorf("judged (-want +got):\n%s", diff)
			}
			_ = c.Reset()
			if err := send(c, text("2@x"), "ada@example.org"); (err != nil) != test.broken {
				t.Errorf("the next mail on the connection: %v, broken: %v", err, test.broken)
			}
			if err := send(newClient(t, s), text("3@x"), "ada@example.org"); err != nil {
				t.Errorf("a mail on a new connection: %v", err)
			}
		})
	}
}

func TestOneRecipientRefused(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{Fault: func(e mailsink.Envelope) mailsink.Verdict {
		if strings.HasPrefix(e.To, "bad") {
			return mailsink.Refuse(mailsink.AtRcpt, 550, [3]int{5, 1, 1}, "no such user")
		}
		return mailsink.Verdict{}
	}})
	c := newClient(t, s)
	if err := c.Mail("a@x", nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt("bad@x", nil); code(err) != 550 {
		t.Errorf("bad recipient: %v", err)
	}
	if err := c.Rcpt("good@x", nil); err != nil {
		t.Errorf("good recipient: %v", err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text("1@x"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"good@x"}, s.Received()[0].To); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
}

func TestStall(t *testing.T) {
	t.Parallel()
	for _, stage := range []mailsink.Stage{mailsink.AtRcpt, mailsink.AtData} {
		s := newSink(t, mailsink.Options{Fault: func(mailsink.Envelope) mailsink.Verdict { return mailsink.Stall(stage) }})
		done := make(chan error, 1)
		c := newClient(t, s)
		go func() { done <- send(c, text("1@x"), "ada@example.org") }()
		eventually(t, "the mail is held", func() bool { return s.Stalled() == 1 })
		if s.Total() != 0 {
			t.Errorf("stage %d: accepted while held", stage)
		}
		s.Release()
		if err := <-done; err != nil || s.CountByMessageID("1@x") != 1 {
			t.Errorf("stage %d: after release: %v, accepted %d times", stage, err, s.CountByMessageID("1@x"))
		}
	}
}

func TestCloseCutsWhatIsStalled(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{Fault: func(mailsink.Envelope) mailsink.Verdict { return mailsink.Stall(mailsink.AtData) }})
	done := make(chan error, 1)
	c := newClient(t, s)
	go func() { done <- send(c, text("1@x"), "ada@example.org") }()
	eventually(t, "the mail is held", func() bool { return s.Stalled() == 1 })
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil || s.Total() != 0 {
		t.Errorf("held mail: %v, total %d", err, s.Total())
	}
}

func TestCloseLetsAMailArriveAndEndsIdleConnections(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{})
	idle, open := newClient(t, s), newClient(t, s)
	if err := idle.Noop(); err != nil {
		t.Fatal(err)
	}
	in, release := make(chan struct{}), make(chan struct{})
	s.Subscribe(func(mailsink.Mail) {
		close(in)
		<-release
	})
	sent, closed := make(chan error, 1), make(chan error, 1)
	go func() { sent <- send(open, text("1@x"), "ada@example.org") }()
	<-in
	go func() { closed <- s.Close() }()
	eventually(t, "the idle connection ends", func() bool { return idle.Noop() != nil })
	close(release)
	if err := <-sent; err != nil {
		t.Errorf("the mail under way: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
	if s.CountByMessageID("1@x") != 1 {
		t.Error("the mail under way was lost")
	}
}

func TestCloseCutsAMailThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{Grace: 10 * time.Millisecond})
	c := newClient(t, s)
	if err := c.Mail("a@x", nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Rcpt("b@x", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Data(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || s.Total() != 0 {
		t.Errorf("Close: %v, total %d", err, s.Total())
	}
}

func TestStartTLSAndAuth(t *testing.T) {
	t.Parallel()
	server, pool, err := mailsink.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	s := newSink(t, mailsink.Options{TLS: server, Users: map[string]string{"alice": "secret"}})
	connect := func() *smtp.Client {
		c, err := smtp.DialStartTLS(s.Addr(), &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	c := connect()
	if err := send(c, text("1@x"), "ada@example.org"); code(err) != 530 {
		t.Errorf("before AUTH: %v, want 530", err)
	}
	if err := c.Auth(sasl.NewPlainClient("", "alice", "secret")); err != nil {
		t.Fatalf("AUTH: %v", err)
	}
	if err := send(c, text("2@x"), "ada@example.org"); err != nil {
		t.Errorf("after AUTH: %v", err)
	}
	for _, user := range [][2]string{{"alice", "wrong"}, {"bob", ""}} {
		if err := connect().Auth(sasl.NewPlainClient("", user[0], user[1])); code(err) != 535 {
			t.Errorf("%v: %v, want 535", user, err)
		}
	}
	if s.Total() != 1 {
		t.Errorf("%d mails, want 1", s.Total())
	}
}
