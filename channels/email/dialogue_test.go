package email

import (
	"bufio"
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"nurture/channels"
)

// scripted is a server that says what the test tells it to, for what a well-behaved one never says. It keeps the commands that came,
// those that had come before it answered the first of them joined by "+".
type scripted struct {
	t        *testing.T
	offers   string
	answers  func(command string) string
	commands chan string
}

func (s *scripted) listen() int {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.commands = make(chan string, 100)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.converse(conn)
			_ = conn.Close()
		}
	}()
	s.t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().(*net.TCPAddr).Port
}

func (s *scripted) converse(conn net.Conn) {
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 scripted.example")
	content := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		if content && line != "." {
			continue
		}
		verb, _, _ := strings.Cut(line, " ")
		switch {
		case verb == "EHLO":
			say("250-scripted.example")
			say("250 " + s.offers)
			continue
		case content:
			verb = "dot"
		}
		if in.Buffered() > 0 {
			verb += "+"
		}
		s.commands <- verb
		answer := s.answers(strings.TrimSuffix(verb, "+"))
		content = strings.HasPrefix(answer, "354")
		say(answer)
		if strings.HasPrefix(answer, "421") || verb == "QUIT" {
			return
		}
	}
}

func (s *scripted) said() string {
	var all []string
	for len(s.commands) > 0 {
		all = append(all, <-s.commands)
	}
	return strings.Join(all, " ")
}

// TestCommandsTogether: with PIPELINING the three commands before the content travel together and a refusal of any of them leaves the
// connection fit for the next message; without it each waits for its answer.
func TestCommandsTogether(t *testing.T) {
	t.Parallel()
	polite := map[string]string{"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "dot": "250 taken", "RSET": "250 ok", "QUIT": "221 bye"}
	for _, c := range []struct {
		name, offers string
		first        map[string]string // answers to the first message that differ
		outcome      channels.Outcome
		detail, said string
	}{
		{"one by one", "8BITMIME", nil, channels.Sent, "250 taken", "MAIL RCPT DATA dot MAIL RCPT DATA dot"},
		{"together", "PIPELINING", nil, channels.Sent, "250 taken", "MAIL+ RCPT+ DATA dot MAIL+ RCPT+ DATA dot"},
		{
			"recipient refused, no content wanted", "PIPELINING",
			map[string]string{"RCPT": "550 5.1.1 nobody", "DATA": "554 no valid recipients"},
			channels.Permanent, "550 5.1.1 nobody (RCPT TO)", "MAIL+ RCPT+ DATA RSET MAIL+ RCPT+ DATA dot",
		},
		{
			"recipient refused, content wanted all the same", "PIPELINING",
			map[string]string{"RCPT": "450 4.2.1 later", "dot": "554 no valid recipients"},
			channels.Temporary, "450 4.2.1 later (RCPT TO)", "MAIL+ RCPT+ DATA dot MAIL+ RCPT+ DATA dot",
		},
		{
			"sender refused", "PIPELINING",
			map[string]string{"MAIL": "451 4.3.0 not now", "RCPT": "503 first MAIL", "DATA": "503 first RCPT"},
			channels.Temporary, "451 4.3.0 not now (MAIL FROM)", "MAIL+ RCPT+ DATA RSET MAIL+ RCPT+ DATA dot",
		},
		{
			"recipient refused one by one", "8BITMIME",
			map[string]string{"RCPT": "550 5.1.1 nobody"},
			channels.Permanent, "550 5.1.1 nobody (RCPT TO)", "MAIL RCPT RSET MAIL RCPT DATA dot",
		},
		{
			"closing", "PIPELINING",
			map[string]string{"RCPT": "421 4.7.0 enough"},
			channels.Temporary, "421 4.7.0 enough (RCPT TO)", "MAIL+ RCPT+ MAIL+ RCPT+ DATA dot",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mails := 0
			server := &scripted{t: t, offers: c.offers}
			server.answers = func(command string) string {
				if command == "MAIL" {
					mails++
				}
				if answer, ok := c.first[command]; ok && mails == 1 {
					return answer
				}
				return polite[command]
			}
			f := &fake{t: t, port: server.listen()}
			s := f.connect(nil, func(c *Config) { c.Connections, c.TLS = 1, TLSNone })
			first := s.Send(context.Background(), []channels.Message{message(1)})[0]
			if first.Outcome != c.outcome || first.Detail != c.detail {
				t.Errorf("got %+v", first)
			}
			if next := s.Send(context.Background(), []channels.Message{message(2)})[0]; next.Outcome != channels.Sent {
				t.Errorf("the next message: %+v", next)
			}
			if got := server.said(); got != c.said {
				t.Errorf("the server heard %s, want %s", got, c.said)
			}
		})
	}
}

// TestOnWire: whatever the content, only the very last line is a dot alone, whichever line ends a server believes in.
func TestOnWire(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"a\r\nb\r\n":       "a\r\nb\r\n",
		"a":                "a\r\n",
		".\r\n":            "..\r\n",
		"a\r\n.\r\nb\r\n":  "a\r\n..\r\nb\r\n",
		"a\r\n..b\r\n":     "a\r\n...b\r\n",
		"a\n.\nb":          "a\r\n..\r\nb\r\n",
		"a\r.\rb\r":        "a\r\n..\r\nb\r\n",
		"a\r\n.\nMAIL\r\n": "a\r\n..\r\nMAIL\r\n",
		"a\r\r\n.\r\n":     "a\r\n\r\n..\r\n",
		"a\r\n.\r.\r\n":    "a\r\n..\r\n..\r\n",
	} {
		given := []byte(content)
		if got := string(onWire(given)); got != want {
			t.Errorf("%q travels as %q, want %q", content, got, want)
		}
		if string(given) != content {
			t.Errorf("%q was changed into %q", content, given)
		}
	}
}
