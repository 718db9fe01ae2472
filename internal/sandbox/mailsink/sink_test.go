package mailsink_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"nurture/internal/sandbox/mailsink"
)

var start = time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)

func newSink(t *testing.T, options mailsink.Options) *mailsink.Sink {
	t.Helper()
	s, err := mailsink.New(func() time.Time { return start }, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func newClient(t *testing.T, s *mailsink.Sink) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func text(id string) string {
	return "From: alice@example.com\r\nMessage-ID: <" + id + ">\r\nSubject: Hi\r\n\r\nHello\r\n"
}

func send(c *smtp.Client, raw string, to ...string) error {
	return c.SendMail("bounces@example.com", to, strings.NewReader(raw))
}

// code is the SMTP code that an error carries; 0 without one.
func code(err error) int {
	var refusal *smtp.SMTPError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return 0
}

// eventually polls; nothing tells a sender's side when the sink is somewhere.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !is() {
		select {
		case <-deadline.C:
			t.Fatalf("not within 10 s: %s", what)
		case <-poll.C:
		}
	}
}

func TestReceived(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{Headers: []string{"x-touch", "List-Id"}, KeepBodies: -1})
	raw := "from: a@example.com\r\nMESSAGE-ID:\r\n <1@example.com>\r\nX-Touch: 7\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n an Ada\r\n" +
		"no colon here\r\nSubjected: no\r\n\r\nSubject: in the body\r\n.\r\nX-Touch: 8\r\n"
	if err := send(newClient(t, s), raw, "ada@example.org", "bob@example.org"); err != nil {
		t.Fatal(err)
	}
	want := []mailsink.Mail{{
		At: start, Connection: 1, EnvelopeFrom: "bounces@example.com", To: []string{"ada@example.org", "bob@example.org"},
		MessageID: "1@example.com", Subject: "Grüße an Ada", Headers: map[string]string{"X-Touch": "7"}, Size: len(raw), Body: []byte(raw),
	}}
	if diff := cmp.Diff(want, s.Received()); diff != "" {
		t.Errorf("received (-want +got):\n%s", diff)
	}
}

func TestOddHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, id, subject string }{
		{"\r\nMessage-ID: <body@x>\r\n", "", ""},
		{"Subject: no end", "", "no end"},
		{"Subject: bare\nMessage-ID: <lf@x>\n\nbody", "lf@x", "bare"},
		{"Message-ID : <space@x>\r\n\r\n", "space@x", ""},
		{"Subject: =?klingon?q?a?=\r\n\r\n", "", "=?klingon?q?a?="},
	}
	s := newSink(t, mailsink.Options{})
	c := newClient(t, s)
	for i, test := range tests {
		if err := send(c, test.raw, "ada@example.org"); err != nil {
			t.Fatal(err)
		}
		if got := s.Received()[i]; got.MessageID != test.id || got.Subject != test.subject || got.Body != nil {
			t.Errorf("%q: got %+v", test.raw, got)
		}
	}
}

func TestCountsOutliveWhatIsKept(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{KeepMails: 3, KeepBodies: 2})
	var told atomic.Int32
	unsubscribe := s.Subscribe(func(m mailsink.Mail) {
		if m.Body == nil {
			t.Error("the hook got no body")
		}
		told.Add(1)
	})
	c := newClient(t, s)
	for i := range 10 {
		if i == 8 {
			unsubscribe()
		}
		if err := send(c, text(fmt.Sprintf("%d@x", i%9)), "ada@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for i, m := range s.Received() {
		ids = append(ids, m.MessageID)
		if kept := m.Body != nil; kept != (i > 0) {
			t.Errorf("mail %d of 3: body kept: %v", i, kept)
		}
	}
	if diff := cmp.Diff([]string{"7@x", "8@x", "0@x"}, ids); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if s.Total() != 10 || s.CountByMessageID("0@x") != 2 || s.CountByMessageID("1@x") != 1 || s.CountByMessageID("none@x") != 0 {
		t.Errorf("total %d, 0@x %d, 1@x %d", s.Total(), s.CountByMessageID("0@x"), s.CountByMessageID("1@x"))
	}
	if diff := cmp.Diff(map[string]int{"0@x": 2}, s.Duplicates()); diff != "" {
		t.Errorf("duplicates (-want +got):\n%s", diff)
	}
	if told.Load() != 8 {
		t.Errorf("the hook was called %d times, want 8", told.Load())
	}
}

func TestManyConnectionsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{})
	var group sync.WaitGroup
	for n := range 8 {
		c := newClient(t, s)
		group.Go(func() {
			for i := range 25 {
				if err := send(c, text(fmt.Sprintf("%d.%d@x", n, i)), "ada@example.org"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if s.Total() != 200 || len(s.Duplicates()) != 0 {
		t.Errorf("%d mails, duplicates %v", s.Total(), s.Duplicates())
	}
}

func TestPipelined(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{})
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := textproto.NewReader(bufio.NewReader(conn))
	steps := []struct {
		send string
		want []int
	}{
		{"", []int{220}},
		{"EHLO me\r\n", []int{250}},
		{"MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n", []int{250, 250, 354}},
		{"Message-ID: <1@x>\r\n\r\n..\r\n.\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n", []int{250, 250, 250, 354}},
		{"Message-ID: <2@x>\r\n\r\n\r\n.\r\nQUIT\r\n", []int{250, 221}},
	}
	for _, step := range steps {
		if _, err := conn.Write([]byte(step.send)); err != nil {
			t.Fatal(err)
		}
		for _, want := range step.want {
			if _, _, err := answers.ReadResponse(want); err != nil {
				t.Fatalf("after %q: %v", step.send, err)
			}
		}
	}
	if s.CountByMessageID("1@x") != 1 || s.CountByMessageID("2@x") != 1 || s.Received()[0].Size != len("Message-ID: <1@x>\r\n\r\n.\r\n") {
		t.Errorf("received %+v", s.Received())
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	s := newSink(t, mailsink.Options{MaxBytes: 1000})
	if err := send(newClient(t, s), text("1@x")+strings.Repeat("x\r\n", 1000), "ada@example.org"); code(err) != 552 {
		t.Errorf("got %v, want 552", err)
	}
	if s.Total() != 0 {
		t.Error("it was accepted")
	}
}
