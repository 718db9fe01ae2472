package imap

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nurture/internal/mailtest"
)

// The real thing: TLS both ways, keyword, MOVE, IDLE, a mailbox that is taken away.
func TestDovecot(t *testing.T) {
	t.Parallel()
	d := mailtest.StartDovecot(t)
	config := func(user string) Config {
		return Config{
			Host: d.Host, Port: d.TLS, Username: user, Password: mailtest.Password, CACert: d.CACert,
			PollEvery: time.Hour, IdleRefresh: time.Hour, Timeout: 20 * time.Second,
		}
	}
	t.Run("keyword", func(t *testing.T) {
		t.Parallel()
		takeFromDovecot(t, d, config("keyword@ourco.test"))
	})
	t.Run("move over STARTTLS", func(t *testing.T) {
		t.Parallel()
		c := config("move@ourco.test")
		c.Port, c.TLS, c.Host = d.Port, TLSStart, "localhost"
		c.Processed.MoveTo = "Erledigt/Antworten ä"
		takeFromDovecot(t, d, c)
	})
	t.Run("login in two steps", func(t *testing.T) { // without SASL-IR (RFC 4959)
		t.Parallel()
		w := newWire(t, net.JoinHostPort(d.Host, strconv.Itoa(d.Port)))
		w.faults(func(int) fault {
			return fault{fromServer: func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("SASL-IR"), []byte("SASL-XX")) }}
		})
		c := config("steps@ourco.test")
		c.Port, c.TLS = w.port, TLSNone
		if text := check(t, c); text != "" {
			t.Error(text)
		}
	})
	t.Run("no trust", func(t *testing.T) {
		t.Parallel()
		for _, mode := range []string{TLSImplicit, TLSStart} {
			c := config("any@ourco.test")
			c.CACert = ""
			if c.TLS = mode; mode == TLSStart {
				c.Port = d.Port
			}
			if text := check(t, c); !strings.Contains(text, "unknown authority") {
				t.Errorf("%s: %q", mode, text)
			}
		}
	})
	t.Run("wrong password", func(t *testing.T) {
		t.Parallel()
		c := config("wrong@ourco.test")
		c.Password = "wröng"
		if text := check(t, c); !strings.Contains(text, "AUTHENTICATIONFAILED") {
			t.Errorf("%q", text)
		}
	})
	t.Run("missing mailbox", func(t *testing.T) {
		t.Parallel()
		c := config("missing@ourco.test")
		c.Mailbox = "Réponses"
		if text := check(t, c); !strings.Contains(text, `selecting the mailbox "Réponses"; check its name`) {
			t.Errorf("%q", text)
		}
	})
}

// takeFromDovecot takes ten messages, restarts in the middle, and waits for an eleventh by IDLE.
func takeFromDovecot(t *testing.T, d *mailtest.Dovecot, c Config) {
	var raws [][]byte
	for n := range 10 {
		raws = append(raws, []byte(mail(n+1)))
	}
	raws[4] = []byte(mail(5) + "\x80\xff 8 bits, " + strings.Repeat("and a long line ", 1000) + "\r\n")
	d.Append(t, c.Username, "INBOX", raws...)
	c.Batch = 3

	var s sink
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	first := newWatcher(t, c, each(func(ctx context.Context, it Item) error {
		err := s.one(ctx, it)
		if len(s.got()) == 5 {
			kill()
		}
		return err
	}), quick(t))
	_ = first.Run(ctx)
	if n := len(s.got()); n != 5 {
		t.Fatalf("%d delivered, last error %q\n%s", n, first.Status().LastError, d.Log())
	}
	w := newWatcher(t, c, s.deliver, quick(t))
	run(t, w)
	await(t, "all of them", func() bool { return len(s.distinct(t)) == 10 })
	if got := s.uids(); !slices.Equal(got, []uint32{1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 10}) {
		t.Errorf("delivered %v", got)
	}
	for _, it := range s.got() {
		if string(it.Raw) != string(raws[it.UID-1]) {
			t.Errorf("message %d came as %q", it.UID, it.Raw)
		}
	}
	await(t, "idle", func() bool { return w.Status().Idle && w.Status().Waiting == 0 })
	d.Append(t, c.Username, "INBOX", []byte(mail(11)))
	await(t, "the eleventh", func() bool { return len(s.distinct(t)) == 11 })
	await(t, "all marked", func() bool {
		facts, err := w.Inspect(context.Background())
		return err == nil && facts.Waiting == 0
	})
	if st := w.Status(); st.LastError != "" || !st.Connected {
		t.Errorf("status %+v\n%s", st, fmt.Sprint(d.Log()))
	}
}
