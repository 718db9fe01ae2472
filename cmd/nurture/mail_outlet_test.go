package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nurture/channels"
	"nurture/config"
	"nurture/internal/doctor"
	"nurture/internal/sandbox/mailsink"
)

// threeSenders: mara and jonas name one account, written in two ways; lea has none of her own.
func threeSenders(own, common *config.SMTP) config.Settings {
	again := *own
	again.Host = strings.ToUpper(own.Host)
	return config.Settings{SMTP: common, Senders: []config.Sender{
		{Email: "mara@example.com", SMTP: own}, {Email: "jonas@example.com", SMTP: &again}, {Email: "lea@example.com"},
	}}
}

func TestAccountOfASender(t *testing.T) {
	t.Parallel()
	settings := threeSenders(
		&config.SMTP{Host: "own.example.com", Port: 587, TLS: config.TLSStart, Username: "Mara+1@example.com", Connections: 2},
		&config.SMTP{Host: "all.example.com", Port: 587, TLS: config.TLSStart, Username: "all", Connections: 4},
	)
	own := "smtp own.example.com:587 (tls starttls, auth , user \"Mara+1@example.com\", 2 connections)"
	common := "smtp all.example.com:587 (tls starttls, auth , user \"all\", 4 connections)"
	for _, test := range []struct {
		name    string
		env     []string
		sender  string
		account string // "" none
		secret  string
		way     string // of the error
	}{
		{"own", []string{"NURTURE_SMTP_PASSWORD", "p"}, "mara@example.com", own, "p", ""},
		{"the same, written otherwise", []string{"NURTURE_SMTP_PASSWORD", "p"}, "jonas@example.com", own, "p", ""},
		{"own password", []string{"NURTURE_SMTP_PASSWORD", "p", "NURTURE_SMTP_PASSWORD_MARA_1_EXAMPLE_COM", "q"}, "mara@example.com", own, "q", ""},
		{"no password", []string{"NURTURE_SMTP_PASSWORD_ALL", "p"}, "mara@example.com", "", "", "set NURTURE_SMTP_PASSWORD, or NURTURE_SMTP_PASSWORD_MARA_1_EXAMPLE_COM for this user alone"},
		{"common", []string{"NURTURE_SMTP_PASSWORD_ALL", "p"}, "lea@example.com", common, "p", ""},
		{"a sender of before", []string{"NURTURE_SMTP_PASSWORD_ALL", "p"}, "gone@example.com", common, "p", ""},
		{"variables of the common one", []string{"NURTURE_SMTP_PASSWORD", "p", "NURTURE_SMTP_USERNAME", "x", "NURTURE_SMTP_CONNECTIONS", "9"}, "mara@example.com", own, "p", ""},
		{
			"variables override all",
			[]string{"NURTURE_SMTP_HOST", "127.0.0.1", "NURTURE_SMTP_TLS", "none", "NURTURE_SMTP_PORT", "25", "NURTURE_SMTP_PASSWORD", "p"},
			"mara@example.com", "smtp 127.0.0.1:25 (tls none, auth , user \"all\", 4 connections)", "p", "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := readEnvironment(variables(test.env...))
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.account(settings, test.sender)
			if test.account == "" {
				if _, way := explain(err); got != nil || way != test.way {
					t.Errorf("got %v, way out %q", got, way)
				}
				return
			}
			if err != nil || got.String() != test.account || got.Password != test.secret {
				t.Errorf("got %v with %v, want %s", got, err, test.account)
			}
		})
	}
	t.Run("nobody's mail is lost in files", func(t *testing.T) {
		t.Parallel()
		settings := settings
		settings.SMTP = nil
		e, err := readEnvironment(variables())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.account(settings, "gone@example.com"); got != nil || err == nil {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

// plainAccount is the account of a sink.
func plainAccount(t *testing.T, sink *mailsink.Sink, connections int) *config.SMTP {
	t.Helper()
	host, text, err := net.SplitHostPort(sink.Addr())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return &config.SMTP{Host: host, Port: port, TLS: config.TLSNone, Connections: connections}
}

func newSink(t *testing.T, options mailsink.Options) *mailsink.Sink {
	t.Helper()
	options.Grace = time.Millisecond
	sink, err := mailsink.New(time.Now, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	return sink
}

func letter(id int64, from string) channels.Message {
	return channels.Message{
		TouchID: id, From: channels.Party{Name: "N", Address: from}, To: channels.Party{Address: fmt.Sprintf("p%d@customer.example", id)},
		Subject: "s", Text: "t", Mail: channels.Mail{MessageID: fmt.Sprintf("m%d@example.com", id), Date: time.Now(), EnvelopeFrom: from},
	}
}

// outletOn is a mail outlet that follows what is stored in live.
func outletOn(t *testing.T, live *atomic.Pointer[config.Config]) *mailOutlet {
	t.Helper()
	env, err := readEnvironment(variables())
	if err != nil {
		t.Fatal(err)
	}
	m := &mailOutlet{outlets: &outlets{
		env: env, dir: t.TempDir(), now: time.Now, log: slog.New(slog.DiscardHandler),
		live: func(context.Context) (*config.Config, error) { return live.Load(), nil },
	}}
	t.Cleanup(m.close)
	return m
}

// TestSendersUseTheirAccounts sends one batch of three senders by two accounts, one of which is wrong for a while, and follows a change of
// the configuration.
func TestSendersUseTheirAccounts(t *testing.T) {
	t.Parallel()
	one, two, three := newSink(t, mailsink.Options{}), newSink(t, mailsink.Options{}), newSink(t, mailsink.Options{})
	var live atomic.Pointer[config.Config]
	m := outletOn(t, &live)
	batch := func() []channels.Message {
		return []channels.Message{letter(1, "mara@example.com"), letter(2, "lea@example.com"), letter(3, "jonas@example.com"), letter(4, "lea@example.com")}
	}
	expect := func(want ...channels.Outcome) {
		t.Helper()
		for i, r := range m.Send(t.Context(), batch()) {
			if r.TouchID != int64(i+1) || r.Outcome != want[i] || r.Outcome == channels.Temporary && !r.Unreached {
				t.Errorf("receipt %d: %+v, want %s", i, r, want[i])
			}
		}
	}
	sent, later := channels.Sent, channels.Temporary

	live.Store(&config.Config{Settings: threeSenders(plainAccount(t, one, 2), plainAccount(t, two, 3))})
	expect(sent, sent, sent, sent)
	if one.Total() != 2 || two.Total() != 2 || len(m.accounts) != 2 {
		t.Errorf("%d and %d mails, %d accounts", one.Total(), two.Total(), len(m.accounts))
	}
	key := func(from string) string {
		key, width := m.Lane(t.Context(), from)
		return fmt.Sprint(key, " ", width)
	}
	if mara, jonas, lea := key("mara@example.com"), key("jonas@example.com"), key("lea@example.com"); mara != jonas || mara != "@"+one.Addr()+" 2" || lea != "@"+two.Addr()+" 3" {
		t.Errorf("lanes %s, %s and %s", mara, jonas, lea)
	}

	// A user without a password: only the senders of that account wait.
	wrong := plainAccount(t, one, 2)
	wrong.Username = "u"
	live.Store(&config.Config{Settings: threeSenders(wrong, plainAccount(t, three, 3))})
	expect(later, sent, later, sent)
	if err := m.check(t.Context()); err == nil || strings.Count(err.Error(), "there is no password") != 1 {
		t.Errorf("check says %v", err)
	}
	if len(m.accounts) != 1 || one.Total() != 2 || two.Total() != 2 || three.Total() != 2 {
		t.Errorf("%d accounts are left; %d, %d and %d mails", len(m.accounts), one.Total(), two.Total(), three.Total())
	}
	for what, sink := range map[string]*mailsink.Sink{"first": one, "second": two} {
		if !within(10*time.Second, func() bool { return sink.Open() == 0 }) {
			t.Errorf("connections to the %s account, which left, stay open", what)
		}
	}
}

// TestDoctorLooksAtEveryAccount: each account of a sender is a line of its own, and what is wrong with one says nothing of the others.
func TestDoctorLooksAtEveryAccount(t *testing.T) {
	t.Parallel()
	account := func(port, user string) *config.SMTP {
		n, err := strconv.Atoi(port)
		if err != nil {
			t.Fatal(err)
		}
		return &config.SMTP{Host: "127.0.0.1", Port: n, TLS: config.TLSNone, Username: user, Connections: 1}
	}
	port := serveSMTP(t, nil, false, 0)
	settings := config.Settings{SMTP: account(port, "all"), Senders: []config.Sender{
		{Email: "mara@example.com", SMTP: account(port, "mara")},
		{Email: "jonas@example.com", SMTP: account(port, "jonas")},
		{Email: "ida@example.com", SMTP: account(port, "mara")},
		{Email: "lea@example.com", SMTP: account("1", "")},
		{Email: "max@example.com"},
	}}
	o := patient(t, "", "NURTURE_SMTP_PASSWORD", "corr3ct", "NURTURE_SMTP_PASSWORD_JONAS", "wrong")
	findings := doctor.Run(t.Context(), o.timeout, o.outside(&config.Config{Settings: settings}))
	has(t, findings, doctor.OK, "smtp", "takes our mail", "")
	has(t, findings, doctor.OK, "smtp login mara@example.com", "accepted", "")
	has(t, findings, doctor.Fail, "smtp login jonas@example.com", "535", "NURTURE_SMTP_PASSWORD_JONAS")
	has(t, findings, doctor.Fail, "smtp lea@example.com", "refused", "host and port of the smtp of lea@example.com")
	has(t, findings, doctor.Warn, "dkim mara@example.com", "not signed", "smtp.dkim")
	for _, f := range findings {
		if strings.Contains(f.What, "ida@example.com") || strings.Contains(f.What, "max@example.com") {
			t.Errorf("an account is looked at twice: %+v", f)
		}
	}
	o = patient(t, "", "NURTURE_SMTP_PASSWORD", "corr3ct")
	settings.Senders[1].SMTP.Username = "other"
	env, err := readEnvironment(variables("NURTURE_SMTP_PASSWORD_MARA", "corr3ct", "NURTURE_SMTP_PASSWORD_ALL", "corr3ct"))
	if err != nil {
		t.Fatal(err)
	}
	has(t, doctor.Run(t.Context(), o.timeout, o.mailChecks(env, settings)), doctor.Fail, "smtp jonas@example.com", "there is no password", "NURTURE_SMTP_PASSWORD_OTHER")
}
