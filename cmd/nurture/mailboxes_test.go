package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/channels/email/imap"
	"nurture/config"
	"nurture/examples"
	"nurture/internal/mailtest"
	"nurture/internal/pgtest"
	"nurture/store"
)

func TestInboxesOfTheEnvironment(t *testing.T) {
	t.Parallel()
	yaml := config.Settings{Inboxes: []config.Inbox{
		{Host: "imap.example.com", Port: 993, TLS: config.TLSImplicit, Username: "replies@example.com", Folder: "INBOX"},
		{Host: "imap.example.com", Port: 993, TLS: config.TLSImplicit, Username: "bounces@example.com", Folder: "Bounces"},
	}}
	for _, test := range []struct {
		name     string
		settings config.Settings
		env      []string
		want     []string // user, password, folder
		wrong    []string
	}{
		{"nothing", config.Settings{}, nil, nil, nil},
		{"a password alone reads nothing", config.Settings{}, []string{"NURTURE_IMAP_PASSWORD", "p"}, nil, nil},
		{
			"a password each", yaml,
			[]string{"NURTURE_IMAP_PASSWORD_REPLIES_EXAMPLE_COM", "r", "NURTURE_IMAP_PASSWORD", "p"},
			[]string{"replies@example.com r INBOX", "bounces@example.com p Bounces"},
			nil,
		},
		{
			"no password", yaml, nil, nil,
			[]string{"the mailbox of replies@example.com has no password", "the mailbox of bounces@example.com has no password"},
		},
		{
			"variables replace the list", yaml,
			[]string{"NURTURE_IMAP_HOST", "127.0.0.1", "NURTURE_IMAP_USERNAME", "x", "NURTURE_IMAP_TLS", "none", "NURTURE_IMAP_PASSWORD", "p"},
			[]string{"x p INBOX"},
			nil,
		},
	} {
		e, err := readEnvironment(variables(test.env...))
		if err != nil {
			t.Fatal(err)
		}
		boxes, err := e.inboxes(test.settings)
		for _, wrong := range test.wrong {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s: %v, want %q", test.name, err, wrong)
			}
		}
		var got []string
		for _, b := range boxes {
			got = append(got, b.Username+" "+b.Password+" "+b.Mailbox)
			if text := fmt.Sprintf("%v %+v %#v", b, b, b); strings.Contains(text, " "+b.Password+" ") {
				t.Errorf("%s: %s shows the password", test.name, text)
			}
		}
		if test.wrong == nil && (err != nil || !slices.Equal(got, test.want)) {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
}

// office is a folder with a configuration live on a database of its own, and a real mail server.
type office struct {
	t    *testing.T
	dir  string
	url  string
	pool *pgxpool.Pool
	mail *mailtest.Dovecot
	env  []string // of every command, beside what all have
}

const inboxUser = "replies@ourco.test"

// newOffice has the starter configuration and reads one mailbox.
func newOffice(t *testing.T) *office {
	t.Helper()
	mail := mailtest.StartDovecot(t)
	return openOffice(t, mail, func(string) {}, "NURTURE_IMAP_HOST="+mail.Host, "NURTURE_IMAP_PORT="+strconv.Itoa(mail.TLS),
		"NURTURE_IMAP_CA_CERT="+mail.CACert, "NURTURE_IMAP_USERNAME="+inboxUser, "NURTURE_IMAP_PASSWORD="+mailtest.Password)
}

// openOffice makes the starter configuration live after edit has changed its folder.
func openOffice(t *testing.T, mail *mailtest.Dovecot, edit func(configDir string), env ...string) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), url: pgtest.New(t, "cmd", migrateURL), mail: mail, env: env}
	if err := copyFS(filepath.Join(o.dir, "config"), examples.Starter()); err != nil {
		t.Fatal(err)
	}
	edit(filepath.Join(o.dir, "config"))
	pool, err := store.Open(t.Context(), o.url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	o.pool = pool
	o.run("uld", "sign", "--role", "marketing", "--name", "Ana")
	o.run("uld", "sign", "--role", "sales", "--name", "Ben")
	o.run("apply")
	return o
}

// command is a call of the program as a process of its own.
func (o *office) command(args ...string) *exec.Cmd {
	cmd := exec.Command("nurture", append([]string{"--config", filepath.Join(o.dir, "config"), "--data", filepath.Join(o.dir, "data")}, args...)...)
	cmd.Env = append(append(os.Environ(), "DATABASE_URL="+o.url, testNow+"=2026-03-03T10:00:00+01:00", "USER=tester"), o.env...)
	return cmd
}

func (o *office) run(args ...string) string {
	o.t.Helper()
	out, err := o.command(args...).CombinedOutput()
	if err != nil {
		o.t.Fatalf("nurture %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// work starts a worker, which ends when the returned function is called: at once, by the signal that cannot be caught, or gracefully.
func (o *office) work(sig syscall.Signal) (end func()) {
	o.t.Helper()
	cmd := o.command("work", "--workers", "2")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	ended := false
	end = func() {
		if ended {
			return
		}
		ended = true
		_ = cmd.Process.Signal(sig)
		if err := cmd.Wait(); err != nil && sig == syscall.SIGTERM {
			o.t.Errorf("the worker ended badly: %v\n%s", err, log.String())
		}
		if strings.Contains(log.String(), mailtest.Password) {
			o.t.Error("the log shows the password")
		}
	}
	o.t.Cleanup(end)
	return end
}

// importPeople imports so many leads: p0@customer-0.example and so on.
func (o *office) importPeople(people int) {
	o.t.Helper()
	var leads strings.Builder
	leads.WriteString("email,first_name,last_name,company,consent.email,country\n")
	for i := range people {
		fmt.Fprintf(&leads, "p%d@customer-%d.example,Pat,Number%d,Customer %d,yes,DE\n", i, i, i, i)
	}
	file := filepath.Join(o.dir, "leads.csv")
	if err := os.WriteFile(file, []byte(leads.String()), 0o644); err != nil {
		o.t.Fatal(err)
	}
	o.run("leads", "import", file)
}

func (o *office) count(sql string) int {
	o.t.Helper()
	var n int
	if err := o.pool.QueryRow(o.t.Context(), sql).Scan(&n); err != nil {
		o.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (o *office) until(what string, ok func() bool) {
	o.t.Helper()
	if !within(3*time.Minute, ok) {
		o.t.Fatalf("still not so after three minutes: %s\n%s", what, o.mail.Log())
	}
}

// unmarked counts the messages of a mailbox that are not marked as taken.
func (o *office) unmarked(user string) int {
	o.t.Helper()
	return len(o.mail.Messages(o.t, user, &goimap.SearchCriteria{NotFlag: []goimap.Flag{imap.Keyword}}))
}

// TestWorkerReadsTheMailbox runs workers as processes on a real mail server and kills them in the midst of reading (K5): each reply is
// taken once, none is lost, and in the end all are marked.
func TestWorkerReadsTheMailbox(t *testing.T) {
	t.Parallel()
	const people, kills = 60, 3
	o := newOffice(t)
	o.importPeople(people)
	o.run("work", "--until-idle")
	if n := o.count(`SELECT count(*) FROM touches WHERE state = 'sent'`); n != people {
		t.Fatalf("%d mails left, want %d", n, people)
	}
	var mails [][]byte
	for i := range people {
		var id string
		if err := o.pool.QueryRow(t.Context(), `SELECT message_id FROM touches WHERE address = $1`, fmt.Sprintf("p%d@customer-%d.example", i, i)).Scan(&id); err != nil {
			t.Fatal(err)
		}
		mails = append(mails, []byte(fmt.Sprintf("From: p%d@customer-%d.example\r\nTo: %s\r\nSubject: Re: hello\r\nMessage-ID: <%d@customer.example>\r\n"+
			"In-Reply-To: <%s>\r\nDate: Tue, 03 Mar 2026 09:30:00 +0100\r\n\r\nPlease call me.\r\n", i, i, inboxUser, i, id)))
	}
	o.mail.Append(t, inboxUser, "INBOX", mails...)
	taken := func() int { return o.count(`SELECT count(*) FROM inbound_mails`) }
	midway := 0
	for range kills {
		before := taken()
		kill := o.work(syscall.SIGKILL)
		o.until("the worker reads", func() bool { return taken() > before })
		kill()
		if n := taken(); n < people {
			midway++
		}
	}
	if midway == 0 {
		t.Log("every worker read all before it was killed")
	}
	stop := o.work(syscall.SIGTERM)
	o.until("every reply is taken", func() bool { return taken() == people })
	o.until("every reply is marked", func() bool { return o.unmarked(inboxUser) == 0 })
	o.mail.Append(t, inboxUser, "INBOX", []byte("From: x@stranger.example\r\nSubject: hello\r\n\r\nIs this read at once?\r\n"))
	o.until("what comes while the worker waits is read", func() bool { return o.count(`SELECT count(*) FROM inbound_mails WHERE state = 'unmatched'`) == 1 })
	stop()
	for sql, want := range map[string]int{
		`SELECT count(*) FROM responses WHERE kind = 'reply'`:                 people,
		`SELECT count(DISTINCT lead_id) FROM responses`:                       people,
		`SELECT count(*) FROM tasks WHERE kind = 'triage' AND state = 'open'`: people,
		`SELECT count(*) FROM enrollments WHERE state = 'paused'`:             people,
		`SELECT count(*) FROM inbound_mails WHERE state = 'taken'`:            people,
	} {
		if n := o.count(sql); n != want {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
}

// TestOneMailboxWithoutPassword: a mailbox that a new version names and that cannot be read keeps no other from being read (K3).
func TestOneMailboxWithoutPassword(t *testing.T) {
	t.Parallel()
	mail := mailtest.StartDovecot(t)
	inboxes := func(dir string, users ...string) {
		text := "\ninboxes:\n"
		for _, user := range users {
			text += fmt.Sprintf("  - { host: %q, port: %d, tls: implicit, username: %s@ourco.test, ca_cert: %q }\n", mail.Host, mail.TLS, user, mail.CACert)
		}
		file := filepath.Join(dir, "nurture.yaml")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, _, _ := strings.Cut(string(data), "\ninboxes:\n")
		if err := os.WriteFile(file, []byte(before+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := openOffice(t, mail, func(dir string) { inboxes(dir, "replies", "former") },
		"NURTURE_IMAP_PASSWORD_REPLIES_OURCO_TEST="+mailtest.Password, "NURTURE_IMAP_PASSWORD_BOUNCES_OURCO_TEST="+mailtest.Password,
		"NURTURE_IMAP_PASSWORD_FORMER_OURCO_TEST="+mailtest.Password)
	stop := o.work(syscall.SIGTERM)
	letter := func(user, id string) {
		mail.Append(t, user+"@ourco.test", "INBOX", []byte("From: x@stranger.example\r\nMessage-ID: <"+id+"@stranger.example>\r\nSubject: hello\r\n\r\nIs this read?\r\n"))
	}
	letter("replies", "1")
	letter("former", "2")
	taken := func() int { return o.count(`SELECT count(*) FROM inbound_mails`) }
	o.until("both mailboxes are read", func() bool { return taken() == 2 })
	inboxes(filepath.Join(o.dir, "config"), "replies", "nameless", "bounces")
	o.run("apply")
	letter("bounces", "3")
	o.until("the one behind the one without a password is read", func() bool { return taken() == 3 })
	letter("replies", "4")
	o.until("the one from before is read on", func() bool { return taken() == 4 })
	stop()
}

// TestDatabaseGoesAtTheFirstLook: a database that goes in the moment in which a worker begins does not end it (K3); a configuration that cannot be read does.
func TestDatabaseGoesAtTheFirstLook(t *testing.T) {
	t.Parallel()
	for text, ends := range map[string]bool{
		"failed to connect to `host=db`: dial error: connection refused":              false,
		"FATAL: terminating connection due to administrator command (SQLSTATE 57P01)": false,
		"the live configuration cannot be read":                                       true,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		w := &worker{log: slog.New(slog.DiscardHandler), outlets: &outlets{live: func(context.Context) (*config.Config, error) { return nil, errors.New(text) }}}
		wait, err := w.watchInboxes(ctx, &app{system: system{now: time.Now}})
		if ended := err != nil; ended != ends {
			t.Errorf("%s: the worker ends with %v", text, err)
		}
		cancel()
		if wait != nil {
			wait()
		}
	}
}
