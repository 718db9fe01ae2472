package email

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"nurture/channels"
	"nurture/channels/journal"
)

func sendOne(t *testing.T, s *SMTP, m channels.Message) channels.Receipt {
	t.Helper()
	receipts := s.Send(t.Context(), []channels.Message{m})
	if len(receipts) != 1 || receipts[0].TouchID != m.TouchID {
		t.Fatalf("receipts %+v", receipts)
	}
	return receipts[0]
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

func TestTLSAndLogin(t *testing.T) {
	t.Parallel()
	login := func(user, password string) error {
		if user == "bo" && password == "s3cret" {
			return nil
		}
		return smtp.ErrAuthFailed
	}
	account := func(c *Config) { c.Username, c.Password = "bo", "s3cret" }
	for name, c := range map[string]struct {
		script script
		change func(*Config)
		want   channels.Outcome
		stop   bool
		tls    bool
		detail string
	}{
		"starttls":           {script{onAuth: login}, func(c *Config) { account(c); c.TLS = TLSStart; c.CACert = "ca" }, channels.Sent, false, true, ""},
		"starttls by name":   {script{onAuth: login}, func(c *Config) { account(c); c.TLS = ""; c.Host = "localhost"; c.CACert = "ca" }, channels.Sent, false, true, ""},
		"implicit":           {script{onAuth: login, implicitTLS: true}, func(c *Config) { account(c); c.TLS = TLSImplicit; c.CACert = "ca" }, channels.Sent, false, true, ""},
		"opportunistic":      {script{}, func(c *Config) { c.TLS = TLSOpportunistic; c.CACert = "ca" }, channels.Sent, false, true, ""},
		"opportunistic not":  {script{noTLS: true}, func(c *Config) { c.TLS = TLSOpportunistic }, channels.Sent, false, false, ""},
		"login mechanism":    {script{onAuth: login, mechanisms: []string{"LOGIN"}}, account, channels.Sent, false, false, ""},
		"login demanded":     {script{onAuth: login}, func(c *Config) { account(c); c.Auth = AuthLogin }, channels.Sent, false, false, ""},
		"untrusted":          {script{}, func(c *Config) { c.TLS = TLSStart }, channels.Temporary, true, false, "certificate"},
		"untrusted implicit": {script{implicitTLS: true}, func(c *Config) { c.TLS = TLSImplicit }, channels.Temporary, true, false, "certificate"},
		"no starttls":        {script{noTLS: true}, func(c *Config) { c.TLS = TLSStart }, channels.Temporary, true, false, "STARTTLS"},
		"wrong password":     {script{onAuth: login}, func(c *Config) { account(c); c.Password = "hunter2" }, channels.Temporary, true, false, "535 5.7.8"},
		"no mechanism":       {script{mechanisms: []string{"X"}}, account, channels.Temporary, true, false, "none of"},
		"login just now not": {
			script{onAuth: func(string, string) error { return answer(454, smtp.EnhancedCode{4, 7, 0}, "try later") }},
			account, channels.Temporary, false, false, "454 4.7.0",
		},
		"login needed": {
			script{onMail: func(int, string) error { return answer(530, smtp.EnhancedCode{5, 7, 0}, "log in") }},
			nil, channels.Temporary, true, false, "530 5.7.0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, c.script)
			s := f.connect(nil, func(conf *Config) {
				if c.change != nil {
					c.change(conf)
				}
				if conf.CACert != "" {
					conf.CACert = caFile(t)
				}
			})
			r := sendOne(t, s, message(1))
			if r.Outcome != c.want || r.StopSender != c.stop || !strings.Contains(r.Detail, c.detail) {
				t.Fatalf("receipt %+v", r)
			}
			if strings.Contains(r.Detail, "s3cret") || strings.Contains(r.Detail, "hunter2") {
				t.Errorf("the password shows in %q", r.Detail)
			}
			if got := f.received(); c.want == channels.Sent && (len(got) != 1 || got[0].tls != c.tls) {
				t.Errorf("received %+v", got)
			}
			if err := s.Check(t.Context()); (err == nil) == (c.stop && c.detail != "530 5.7.0" || strings.HasPrefix(c.detail, "454")) {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

// TestFaults scripts an answer at each place, and checks that the same channel delivers the next message.
func TestFaults(t *testing.T) {
	t.Parallel()
	type place string
	const mail, rcpt, dot place = "mail", "rcpt", "dot"
	for _, c := range []struct {
		at       place
		code     int
		enhanced smtp.EnhancedCode
		text     string
		want     channels.Outcome
		stop     bool
	}{
		{mail, 421, smtp.EnhancedCode{4, 3, 2}, "closing", channels.Temporary, false},
		{mail, 451, smtp.EnhancedCode{4, 3, 0}, "later", channels.Temporary, false},
		{mail, 550, smtp.EnhancedCode{5, 7, 1}, "sender refused", channels.Temporary, true},
		{mail, 552, smtp.EnhancedCode{5, 3, 4}, "too big", channels.Permanent, false},
		{mail, 535, smtp.EnhancedCode{5, 7, 8}, "login", channels.Temporary, true},
		{rcpt, 421, smtp.EnhancedCode{4, 3, 2}, "closing", channels.Temporary, false},
		{rcpt, 450, smtp.EnhancedCode{4, 2, 0}, "greylisted", channels.Temporary, false},
		{rcpt, 451, smtp.EnhancedCode{4, 7, 1}, "greylisted", channels.Temporary, false},
		{rcpt, 452, smtp.EnhancedCode{4, 2, 2}, "full", channels.Temporary, false},
		{rcpt, 550, smtp.EnhancedCode{5, 1, 1}, "no such user", channels.Permanent, false},
		{rcpt, 551, smtp.EnhancedCode{5, 1, 6}, "moved", channels.Permanent, false},
		{rcpt, 552, smtp.EnhancedCode{5, 2, 2}, "full", channels.Temporary, false},
		{rcpt, 553, smtp.EnhancedCode{5, 1, 3}, "syntax", channels.Permanent, false},
		{rcpt, 554, smtp.EnhancedCode{5, 7, 1}, "Relay access denied", channels.Temporary, true},
		{rcpt, 550, smtp.EnhancedCode{5, 1, 8}, "blocked", channels.Temporary, true},
		{rcpt, 550, smtp.EnhancedCode{5, 7, 1}, "policy", channels.Permanent, false},
		{rcpt, 503, smtp.EnhancedCode{5, 5, 1}, "sequence", channels.Temporary, false},
		{dot, 421, smtp.EnhancedCode{4, 3, 2}, "closing", channels.Temporary, false},
		{dot, 451, smtp.EnhancedCode{4, 3, 0}, "later", channels.Temporary, false},
		{dot, 550, smtp.EnhancedCode{5, 7, 1}, "spam", channels.Permanent, false},
		{dot, 550, smtp.EnhancedCode{5, 4, 5}, "daily limit", channels.Temporary, true},
		{dot, 554, smtp.EnhancedCode{5, 6, 0}, "content", channels.Permanent, false},
		{dot, 552, smtp.EnhancedCode{5, 3, 4}, "too big", channels.Permanent, false},
		{dot, 251, smtp.EnhancedCode{2, 1, 5}, "will forward", channels.Sent, false},
		{rcpt, 553, smtp.EnhancedCode{5, 7, 1}, "<bo@ourco.test>: Sender address rejected: not owned by user ann", channels.Temporary, true},
		{rcpt, 554, smtp.EnhancedCode{5, 7, 1}, "<unknown[192.0.2.1]>: Client host rejected: Access denied", channels.Temporary, true},
		{rcpt, 504, smtp.EnhancedCode{5, 5, 2}, "<box>: Helo command rejected: need fully-qualified hostname", channels.Temporary, true},
		{dot, 550, smtp.EnhancedCode{5, 7, 60}, "SMTP; Client does not have permissions to send as this sender", channels.Temporary, true},
		{rcpt, 550, smtp.EnhancedCode{5, 1, 1}, "<a@b.test>: Recipient address rejected: User unknown", channels.Permanent, false},
		{dot, 354, smtp.NoEnhancedCode, "what", channels.Unknown, false},
	} {
		t.Run(fmt.Sprintf("%s %d %v", c.at, c.code, c.enhanced), func(t *testing.T) {
			t.Parallel()
			reply := func(at place) func(int) error {
				return func(n int) error {
					if n == 2 && at == c.at {
						return answer(c.code, c.enhanced, c.text)
					}
					return nil
				}
			}
			// 421 to MAIL on a used connection is tried once more on a new one; answer that as well.
			onMail := func(n int, _ string) error {
				if c.code == 421 && n == 3 {
					return reply(mail)(2)
				}
				return reply(mail)(n)
			}
			f := serve(t, script{
				onMail: onMail, onRcpt: func(n int, _ string) error { return reply(rcpt)(n) }, onDot: reply(dot),
			})
			dir := t.TempDir()
			j, err := journal.Open(dir, "p1")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = j.Close() }()
			s := f.connect(j, func(c *Config) { c.Connections = 1 })
			for n := range int64(3) {
				r := sendOne(t, s, message(n))
				want, stop := channels.Sent, false
				if n == 1 {
					want, stop = c.want, c.stop
					if !strings.Contains(r.Detail, c.text) {
						t.Errorf("detail %q", r.Detail)
					}
				}
				if r.Outcome != want || r.StopSender != stop {
					t.Fatalf("%d: %+v", n, r)
				}
			}
			if got := len(f.received()); got != 2 {
				t.Errorf("received %d", got)
			}
			if closes := c.code == 421 || c.code == 354 || c.code == 251; !closes && f.accepted.Load() != 1 {
				t.Errorf("%d connections: a refusal must not cost the connection", f.accepted.Load())
			}
		})
	}
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	short := func(c *Config) { c.Timeout, c.AnswerTimeout = 200*time.Millisecond, 200*time.Millisecond }
	for name, c := range map[string]struct {
		script script
		want   channels.Outcome
		kept   int // mails that the server has all the same
	}{
		"dropped before the dot": {script{dropBeforeDot: true}, channels.Temporary, 0},
		"dropped after the dot":  {script{dropAfterDot: true}, channels.Unknown, 1},
		"stalls at MAIL":         {script{stall: "mail"}, channels.Temporary, 0},
		"stalls after the dot":   {script{stall: "dot"}, channels.Unknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, c.script)
			dir := t.TempDir()
			j, err := journal.Open(dir, "p1")
			if err != nil {
				t.Fatal(err)
			}
			m := message(7)
			m.Text = strings.Repeat("a long text, so that the drop comes in its midst\n", 200_000)
			if c.want == channels.Unknown {
				m.Text = "short"
			}
			if r := sendOne(t, f.connect(j, short), m); r.Outcome != c.want || r.StopSender {
				t.Errorf("receipt %+v", r)
			}
			if got := len(f.received()); got != c.kept {
				t.Errorf("the server has %d", got)
			}
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			dead, err := journal.ReadDead(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range dead {
				if got := d.Fate(7); got.Outcome != c.want {
					t.Errorf("journal says %+v", got)
				}
				_ = d.Remove()
			}
			if marked := len(dead) == 1; marked != (c.want == channels.Unknown) { // Close leaves no journal without a mark
				t.Errorf("%d journals with marks", len(dead))
			}
		})
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	var silent []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			silent = append(silent, c)
		}
	}()
	batch := make([]channels.Message, 50)
	for i := range batch {
		batch[i] = message(int64(i))
	}
	f := &fake{t: t, port: port}
	check := func(what string, s *SMTP, ctx context.Context) {
		for i, r := range s.Send(ctx, batch) {
			if r.TouchID != int64(i) || r.Outcome != channels.Temporary || r.StopSender || r.Detail == "" {
				t.Fatalf("%s: %+v", what, r)
			}
		}
	}
	check("silent", f.connect(nil, func(c *Config) { c.Timeout = 100 * time.Millisecond }), t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	check("context ends while connecting", f.connect(nil, nil), ctx)
	_ = listener.Close()
	<-done
	if len(silent) != 16 { // 8 workers each: one attempt a worker, not one a message
		t.Errorf("%d connections for two batches of 50", len(silent))
	}
	for _, c := range silent {
		_ = c.Close()
	}
	check("refused", f.connect(nil, nil), t.Context())
}

func TestContext(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	f := serve(t, script{})
	for _, r := range f.connect(nil, nil).Send(ended, []channels.Message{message(1), message(2)}) {
		if r.Outcome != channels.Temporary {
			t.Errorf("ended before: %+v", r)
		}
	}
	if f.accepted.Load() != 0 {
		t.Error("connected with an ended context")
	}
	for stall, want := range map[string]channels.Outcome{"mail": channels.Temporary, "dot": channels.Unknown} {
		ctx, cancel := context.WithCancel(t.Context())
		f := serve(t, script{stall: stall})
		s := f.connect(nil, func(c *Config) { c.Connections = 1 })
		result := make(chan []channels.Receipt, 1)
		go func() { result <- s.Send(ctx, []channels.Message{message(1), message(2)}) }()
		eventually(t, "MAIL", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.mails == 1 })
		if stall == "dot" {
			eventually(t, "the dot", func() bool { return f.dots.Load() == 1 })
		}
		cancel()
		receipts := <-result
		if receipts[0].Outcome != want || receipts[1].Outcome != channels.Temporary {
			t.Errorf("%s: %+v", stall, receipts)
		}
	}
}

// TestGrace: a context that ends behind the final dot leaves the answer its grace.
func TestGrace(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := serve(t, script{onDot: func(int) error { cancel(); return nil }})
	s := f.connect(nil, func(c *Config) { c.Grace = 10 * time.Second })
	if r := s.Send(ctx, []channels.Message{message(1)})[0]; r.Outcome != channels.Sent {
		t.Errorf("receipt %+v", r)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	f := serve(t, script{})
	s := f.connect(nil, func(c *Config) {
		c.Connections = 3
		c.Username = "bo"
		c.Password = "x"
		c.MessagesPerConnection = 1000
	})
	for round := range int64(5) {
		batch := make([]channels.Message, 20)
		for i := range batch {
			batch[i] = message(round*20 + int64(i))
		}
		for _, r := range s.Send(t.Context(), batch) {
			if r.Outcome != channels.Sent {
				t.Fatalf("%+v", r)
			}
		}
	}
	if n := f.accepted.Load(); n > 3 || n != f.logins.Load() {
		t.Errorf("%d connections, %d logins", n, f.logins.Load())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all connections closed", func() bool { return f.active.Load() == 0 })
	if r := sendOne(t, s, message(1)); r.Outcome != channels.Sent {
		t.Errorf("after Close: %+v", r)
	}
	eventually(t, "the late connection closed", func() bool { return f.active.Load() == 0 })
}

func TestConnectionsAreRenewed(t *testing.T) {
	t.Parallel()
	f := serve(t, script{})
	s := f.connect(nil, func(c *Config) { c.Connections = 1; c.MessagesPerConnection = 2 })
	for n := range int64(5) {
		if r := sendOne(t, s, message(n)); r.Outcome != channels.Sent {
			t.Fatalf("%+v", r)
		}
	}
	if n := f.accepted.Load(); n != 3 {
		t.Errorf("%d connections for 5 messages, 2 each", n)
	}
	idle := f.connect(nil, func(c *Config) { c.IdleTimeout = time.Millisecond })
	if r := sendOne(t, idle, message(9)); r.Outcome != channels.Sent {
		t.Fatalf("%+v", r)
	}
	_ = s.Close()
	eventually(t, "the idle connection closed", func() bool { return f.active.Load() == 0 })
}

// TestStaleConnection: the server closed the idle connection; the message has not begun and goes over a new one.
func TestStaleConnection(t *testing.T) {
	t.Parallel()
	f := serve(t, script{})
	s := f.connect(nil, nil)
	if r := sendOne(t, s, message(1)); r.Outcome != channels.Sent {
		t.Fatalf("%+v", r)
	}
	f.dropAll()
	if r := sendOne(t, s, message(2)); r.Outcome != channels.Sent {
		t.Errorf("%+v", r)
	}
	if got := f.received(); len(got) != 2 || f.accepted.Load() != 2 {
		t.Errorf("%d mails over %d connections", len(got), f.accepted.Load())
	}
}

// TestFewerConnectionsThanConfigured: the server allows two, eight are configured: everything leaves over two.
func TestFewerConnectionsThanConfigured(t *testing.T) {
	t.Parallel()
	f := serve(t, script{maxConnections: 2})
	batch := make([]channels.Message, 200)
	for i := range batch {
		batch[i] = message(int64(i))
	}
	for _, r := range f.connect(nil, nil).Send(t.Context(), batch) {
		if r.Outcome != channels.Sent {
			t.Fatalf("%+v", r)
		}
	}
}

// TestThousand: many at once, from several callers, one in seven refused for its recipient: every other arrives once.
func TestThousand(t *testing.T) {
	t.Parallel()
	f := serve(t, script{onRcpt: func(_ int, to string) error {
		if strings.HasPrefix(to, "bad") {
			return answer(550, smtp.EnhancedCode{5, 1, 1}, "no such user")
		}
		return nil
	}})
	j, err := journal.Open(t.TempDir(), "p1")
	if err != nil {
		t.Fatal(err)
	}
	s := f.connect(j, nil)
	bad := func(n int64) bool { return n%7 == 3 }
	var wg sync.WaitGroup
	for caller := range int64(10) {
		wg.Go(func() {
			batch := make([]channels.Message, 100)
			for i := range batch {
				n := caller*100 + int64(i)
				batch[i] = message(n)
				batch[i].To.Address = fmt.Sprintf("lead%d@example.com", n)
				if bad(n) {
					batch[i].To.Address = fmt.Sprintf("bad%d@example.com", n)
				}
			}
			for i, r := range s.Send(t.Context(), batch) {
				n := caller*100 + int64(i)
				want := channels.Sent
				if bad(n) {
					want = channels.Permanent
				}
				if r.TouchID != n || r.Outcome != want || r.StopSender {
					t.Errorf("%d: %+v", n, r)
				}
			}
		})
	}
	wg.Wait()
	count := map[string]int{}
	for _, m := range f.received() {
		count[m.to]++
	}
	for n := range int64(1000) {
		want := 1
		if bad(n) {
			want = 0
		}
		if got := count[fmt.Sprintf("lead%d@example.com", n)]; got != want {
			t.Errorf("lead %d got %d mails", n, got)
		}
	}
	if n := f.accepted.Load(); n > 20 { // 1,000 messages, 100 a connection, 8 at once
		t.Errorf("%d connections", n)
	}
	all := make([]int64, 1000)
	for i := range all {
		all[i] = int64(i)
	}
	if err := errors.Join(j.Settle(all...), j.Close()); err != nil {
		t.Error(err)
	}
}

// TestStopSenderStops: after a refused login nothing more is tried.
func TestStopSenderStops(t *testing.T) {
	t.Parallel()
	f := serve(t, script{onAuth: func(string, string) error { return smtp.ErrAuthFailed }})
	s := f.connect(nil, func(c *Config) { c.Username, c.Password, c.Connections = "bo", "x", 2 })
	batch := make([]channels.Message, 100)
	for i := range batch {
		batch[i] = message(int64(i))
	}
	for i, r := range s.Send(t.Context(), batch) {
		if r.TouchID != int64(i) || r.Outcome != channels.Temporary || !r.StopSender || !strings.Contains(r.Detail, "535") {
			t.Fatalf("%+v", r)
		}
	}
	if n := f.logins.Load(); n > 2 {
		t.Errorf("%d logins", n)
	}
}

// TestJournalThatFails: without the mark the dot must not be written.
func TestJournalThatFails(t *testing.T) {
	t.Parallel()
	f := serve(t, script{})
	j, err := journal.Open(t.TempDir(), "p1")
	if err != nil {
		t.Fatal(err)
	}
	_ = j.Close()
	receipts := f.connect(j, func(c *Config) { c.Connections = 2 }).Send(t.Context(), []channels.Message{message(1), message(2), message(3), message(4)})
	for _, r := range receipts { // no try of the message: a disk may be full for days
		if r.Outcome != channels.Temporary || !r.Unreached || r.StopSender || !strings.Contains(r.Detail, "journal") {
			t.Errorf("%+v", r)
		}
	}
	if last := receipts[3]; !strings.Contains(last.Detail, "not tried") {
		t.Errorf("all of a batch are put to the server only to be broken off: %+v", last)
	}
	eventually(t, "the connection closed", func() bool { return f.active.Load() == 0 })
	if got := f.received(); len(got) != 0 {
		t.Error("sent all the same")
	}
}

func TestSMTPUTF8(t *testing.T) {
	t.Parallel()
	m := message(1)
	m.To.Address = "jürgen@bücher.example"
	for _, offered := range []bool{true, false} {
		f := serve(t, script{utf8: offered})
		s := f.connect(nil, nil)
		r := sendOne(t, s, m)
		plain := sendOne(t, s, message(2))
		got := f.received()
		if !offered {
			if r.Outcome != channels.Permanent || !strings.Contains(r.Detail, "SMTPUTF8") || plain.Outcome != channels.Sent {
				t.Errorf("%+v, %+v", r, plain)
			}
			continue
		}
		if r.Outcome != channels.Sent || len(got) != 2 || got[0].to != "jürgen@xn--bcher-kva.example" || !got[0].utf8 || got[1].utf8 {
			t.Errorf("%+v, %+v", r, got)
		}
		if header := "\r\nTo: \"Ann Lee\" <jürgen@xn--bcher-kva.example>\r\n"; !strings.Contains(string(got[0].data), header) {
			t.Errorf("the address is not in\n%s", got[0].data)
		}
	}
}

// TestServerAwayIsLeftAlone: one vain attempt a worker, then nobody knocks until the rest is over, and none of it counts as a try of a message.
func TestServerAwayIsLeftAlone(t *testing.T) {
	t.Parallel()
	f := serve(t, script{maxConnections: -1})
	s := f.connect(nil, func(c *Config) { c.Connections, c.Rest = 2, time.Hour })
	for range 3 {
		for _, r := range s.Send(t.Context(), []channels.Message{message(1), message(2), message(3)}) {
			if r.Outcome != channels.Temporary || !r.Unreached || !strings.Contains(r.Detail, "421") {
				t.Errorf("%+v", r)
			}
		}
	}
	if n := f.accepted.Load(); n < 1 || n > 2 {
		t.Errorf("%d knocks, want one a connection at most", n)
	}
	short := f.connect(nil, func(c *Config) { c.Connections, c.Rest = 1, time.Millisecond })
	before := f.accepted.Load()
	eventually(t, "it knocks again after the rest", func() bool {
		short.Send(t.Context(), []channels.Message{message(1)})
		return f.accepted.Load() >= before+2
	})
}

// TestForeignDomain: a domain with other letters is written as DNS has it, which every server takes.
func TestForeignDomain(t *testing.T) {
	t.Parallel()
	m := message(1)
	m.To.Address = "ann@bücher.example"
	f := serve(t, script{})
	r := sendOne(t, f.connect(nil, nil), m)
	got := f.received()
	if r.Outcome != channels.Sent || len(got) != 1 || got[0].to != "ann@xn--bcher-kva.example" || got[0].utf8 {
		t.Errorf("%+v, %+v", r, got)
	}
}
