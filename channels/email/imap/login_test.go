package imap

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// check runs Inspect and gives its error's text.
func check(t *testing.T, c Config) string {
	t.Helper()
	var s sink
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := newWatcher(t, c, s.deliver, quick(t)).Inspect(ctx); err != nil {
		return err.Error()
	}
	return ""
}

func TestLogins(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]hooks{
		"PLAIN":                   {},
		"LOGIN":                   {mechanisms: []string{}},
		"LOGIN beside unknown":    {mechanisms: []string{"GSSAPI"}},
		"PLAIN of IMAP4rev2 only": {caps: imap.CapSet{imap.CapIMAP4rev2: {}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, h)
			if text := check(t, r.config()); text != "" {
				t.Error(text)
			}
			c := r.config()
			c.Password = "wröng"
			if text := check(t, c); !strings.Contains(text, "does not let "+user+" in; check username and password") {
				t.Errorf("with a wrong password: %q", text)
			}
		})
	}
}

func TestRefusedLoginIsNotRepeated(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	c := r.config()
	c.Password = "wrong"
	o := quick(t)
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { return now }
	var s sink
	w := newWatcher(t, c, s.deliver, o)
	stop := run(t, w)
	await(t, "the error", func() bool { return w.Status().LastError != "" })
	stop()
	st := w.Status()
	if st.Connected || !strings.Contains(st.LastError, "AUTHENTICATIONFAILED") || !st.LastErrorAt.Equal(now) {
		t.Errorf("status %+v", st)
	}
	if want := now.Add(45 * time.Minute); !st.NextTry.Equal(want) { // an hour, spread by half
		t.Errorf("tries again at %s, want %s", st.NextTry, want)
	}
	if n := r.logins.Load(); n != 1 {
		t.Errorf("%d logins", n)
	}
}

// A server that is in trouble itself is asked again soon.
func TestPassingRefusal(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.wire.faults(func(n int) fault {
		return fault{fromClient: func(b []byte) []byte {
			if n < 3 { // the server answers BAD with a code of ours, below
				return []byte(strings.ReplaceAll(string(b), "SELECT", "XELECT"))
			}
			return b
		}, fromServer: func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), "BAD ", "NO [UNAVAILABLE] "))
		}}
	})
	r.appendTo("INBOX", mail(1))
	var s sink
	run(t, newWatcher(t, r.config(), s.deliver, quick(t)))
	await(t, "delivered", func() bool { return len(s.got()) == 1 })
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		hooks
		change func(*Config)
		want   string
	}{
		"no password without TLS": {
			hooks: hooks{options: func(o *imapserver.Options) { o.InsecureAuth = false }},
			want:  "takes no password without TLS: set tls to starttls or implicit",
		},
		"no STARTTLS": {
			change: func(c *Config) { c.TLS = TLSStart },
			want:   "refuses STARTTLS; set tls to implicit, usually port 993",
		},
		"no TLS at all": {
			change: func(c *Config) { c.TLS = TLSImplicit },
			want:   "does not look like a TLS handshake",
		},
		"missing mailbox": {
			change: func(c *Config) { c.Mailbox = "Replies" },
			want:   `selecting the mailbox "Replies"; check its name`,
		},
		"read-only mailbox": {
			hooks: hooks{onSelect: func(d *imap.SelectData) { d.PermanentFlags = nil }},
			want:  "read-only or shared: give " + user + " the right to write in it",
		},
		"no UIDVALIDITY": {
			hooks: hooks{onSelect: func(d *imap.SelectData) { d.UIDValidity = 0 }},
			want:  "no UIDVALIDITY",
		},
		"nobody there": {
			change: func(c *Config) { c.Port = 1 },
			want:   "connection refused",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, tc.hooks)
			c := r.config()
			if tc.change != nil {
				tc.change(&c)
			}
			if text := check(t, c); !strings.Contains(text, tc.want) {
				t.Errorf("%q, want %q", text, tc.want)
			}
		})
	}
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.wire.faults(func(int) fault { return fault{stallAfter: 10} })
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		await(t, "connection", func() bool { return r.wire.connections() == 1 })
		cancel()
	}()
	if _, err := w.Inspect(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	r := newRig(t, hooks{})
	r.appendTo("INBOX", mails(3)...)
	var s sink
	w := newWatcher(t, r.config(), s.deliver, quick(t))
	facts, err := w.Inspect(context.Background())
	if want := (Facts{Idle: true, Marking: "flag $Nurtured", Messages: 3, Waiting: 3}); err != nil || facts != want {
		t.Errorf("%+v, %v; want %+v", facts, err, want)
	}
	if s.called() > 0 || len(r.flagged(Keyword)) > 0 {
		t.Error("a look changed something")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Host: "imap.example.com", Username: "u", Password: "p"}
	for name, tc := range map[string]struct {
		change func(*Config)
		want   string // "" is fine
	}{
		"zero":               {func(*Config) {}, ""},
		"starttls":           {func(c *Config) { c.TLS = TLSStart }, ""},
		"loopback by name":   {func(c *Config) { c.TLS, c.Host = TLSNone, "localhost" }, ""},
		"loopback IPv6":      {func(c *Config) { c.TLS, c.Host = TLSNone, "::1" }, ""},
		"clear text":         {func(c *Config) { c.TLS = TLSNone }, "must not travel in the clear to imap.example.com"},
		"unknown TLS":        {func(c *Config) { c.TLS = "ssl" }, `tls "ssl" is unknown`},
		"no host":            {func(c *Config) { c.Host = "" }, "no host name"},
		"port":               {func(c *Config) { c.Port = 70000 }, "port 70000 does not exist"},
		"no password":        {func(c *Config) { c.Password = "" }, "needs a username and a password"},
		"line break":         {func(c *Config) { c.Mailbox = "a\r\nb" }, "no line breaks"},
		"keyword with blank": {func(c *Config) { c.Processed.Keyword = "a b" }, "no IMAP keyword"},
		"system flag":        {func(c *Config) { c.Processed.Keyword = `\Seen` }, "no IMAP keyword"},
		"move in circles":    {func(c *Config) { c.Processed.MoveTo = "INBOX" }, "cannot move to INBOX"},
		"negative":           {func(c *Config) { c.Timeout = -1 }, "must not be negative"},
		"no CA":              {func(c *Config) { c.CACert = "/nonexistent/ca.pem" }, "ca_cert: reading the authorities to trust"},
		"all at once":        {func(c *Config) { c.Host, c.TLS = "", "ssl" }, `tls "ssl"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := good
			tc.change(&c)
			_, err := New(c, func(_ context.Context, items []Item) []error { return make([]error, len(items)) }, Options{Now: time.Now})
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
	if _, err := New(good, nil, Options{Now: time.Now}); err == nil {
		t.Error("a watcher without Deliver")
	}
	if _, err := New(good, func(_ context.Context, items []Item) []error { return make([]error, len(items)) }, Options{}); err == nil {
		t.Error("a watcher without a clock")
	}
}

func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	got, err := Config{Host: "h", Username: "u", Password: "p", Mailbox: "inbox"}.withDefaults()
	want := Config{
		Host: "h", Port: 993, Username: "u", Password: "p", TLS: TLSImplicit, Mailbox: "INBOX",
		Processed: Processed{Keyword: "$Nurtured"}, PollEvery: time.Minute, IdleRefresh: 25 * time.Minute, MaxSize: 25 << 20,
		Batch: 20, BatchBytes: 1 << 20, Timeout: time.Minute,
	}
	if err != nil || got != want {
		t.Errorf("%#v, %v\nwant %#v", got, err, want)
	}
	if got, _ = (Config{TLS: TLSStart}).withDefaults(); got.Port != 143 {
		t.Errorf("port %d for starttls", got.Port)
	}
}

func TestConfigHidesThePassword(t *testing.T) {
	t.Parallel()
	c := Config{Host: "h", Username: "u", Password: "hunter2"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "config", c)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", c, c, c, c), log.String()} {
		if strings.Contains(text, "hunter2") {
			t.Error(text)
		}
	}
}
