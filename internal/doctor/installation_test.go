package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"nurture/config"
	"nurture/store"
)

func TestServer(t *testing.T) {
	t.Parallel()
	well := store.Vitals{Version: 160002, Clock: noon, Connections: 20, Most: 97, Encoding: "UTF8"}
	for _, test := range []struct {
		name        string
		change      func(*store.Vitals)
		what        string
		level       Level
		detail, fix string
	}{
		{"well", func(*store.Vitals) {}, "database", OK, "PostgreSQL 16 answers", ""},
		{"oldest", func(v *store.Vitals) { v.Version = 140000 }, "database", OK, "PostgreSQL 14", ""},
		{"too old", func(v *store.Vitals) { v.Version = 130014 }, "database", Fail, "13 is too old", "14 or newer"},
		{"standby", func(v *store.Vitals) { v.ReadOnly = true }, "database", Fail, "takes no changes", "primary"},
		{"another encoding", func(v *store.Vitals) { v.Encoding = "LATIN1" }, "database", Fail, "LATIN1", "--encoding UTF8"},
		{"same time", func(*store.Vitals) {}, "clock", OK, "differ by 0s", ""},
		{"a little ahead", func(v *store.Vitals) { v.Clock = noon.Add(1*time.Second + 5*time.Second - 1) }, "clock", OK, "differ by 5s", ""},
		{"ahead", func(v *store.Vitals) { v.Clock = noon.Add(6 * time.Second) }, "clock", Fail, "differ by 5s", "NTP"},
		{"behind", func(v *store.Vitals) { v.Clock = noon.Add(-time.Hour) }, "clock", Fail, "differ by 1h0m0s", "NTP"},
		{"room", func(*store.Vitals) {}, "connections", OK, "20 of 97", ""},
		{"just room", func(v *store.Vitals) { v.Connections = 81 }, "connections", OK, "81 of 97", ""},
		{"no room", func(v *store.Vitals) { v.Connections = 82 }, "connections", Warn, "another worker takes up to 16", "max_connections"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := well
			test.change(&v)
			findings := serverFindings(v, noon, noon.Add(time.Second), 16)
			want(t, about(t, findings, test.what), test.level, test.what, test.detail, test.fix)
		})
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		old         bool
		err         error
		private     bool
		level       Level
		detail, fix string
	}{
		{false, nil, false, OK, "up to date", ""},
		{true, nil, false, Fail, "older than this program", "nurture migrate"},
		{true, nil, true, Warn, "older than this program", "by itself"},
		{false, errors.New("permission denied"), false, Fail, "permission denied", "read the tables"},
	} {
		d := Database{Private: test.private, SchemaOld: func(context.Context) (bool, error) { return test.old, test.err }}
		want(t, only(t, d.Schema(t.Context())), test.level, "schema", test.detail, test.fix)
	}
}

func TestQueuesAndWaiting(t *testing.T) {
	t.Parallel()
	want(t, only(t, queueFindings(nil)), OK, "queues", "no job failed", "")
	want(t, only(t, queueFindings([]store.QueueState{{Queue: "email", Ready: 9}})), OK, "queues", "no job failed", "")
	failed := queueFindings([]store.QueueState{{Queue: "email", Retryable: 2, Discarded: 1, LastError: "a\n b"}, {Queue: "call", Ready: 7, PausedAt: &noon}})
	want(t, failed[0], Warn, "queues", "email: 2 jobs failed and are tried again, 1 for good; the last error: a b", "mend")
	want(t, failed[1], Warn, "queues", "call is paused since 2026-03-02T12:00:00Z: 7 jobs wait", "resume")

	want(t, only(t, troubleFindings(nil)), OK, "sending and reading", "no worker was refused", "")
	stuck := troubleFindings([]store.Trouble{
		{What: "email", About: "mara@example.com", Refused: true, Said: "535 5.7.8 shut", Since: noon, SeenAt: noon.Add(time.Hour)},
		{What: store.TroubleInbox, About: "r@imap/INBOX", Said: "no route", Since: noon, SeenAt: noon},
	})
	want(t, stuck[0], Warn, "sender mara@example.com", "nothing leaves by email since 2026-03-02T12:00:00Z, last tried 2026-03-02T13:00:00Z: 535 5.7.8 shut", "tried again by itself")
	want(t, stuck[1], Warn, "mailbox r@imap/INBOX", "no worker reads it since 2026-03-02T12:00:00Z", "within 15 minutes")

	none := waitingFindings(store.Waiting{})
	some := waitingFindings(store.Waiting{Unknown: 1, Unmatched: 2, Leaks: 3})
	for i, test := range []struct{ what, none, some, fix string }{
		{"unknown touches", "every touch is known", "1 may have been sent", "nurture unknown list"},
		{"unmatched mail", "is matched", "2 came back", "nurture inbox list"},
		{"leaks", "every lead has", "3 leads", "nurture leads leaks"},
	} {
		want(t, none[i], OK, test.what, test.none, "")
		want(t, some[i], Warn, test.what, test.some, test.fix)
	}
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	alive := store.Worker{ID: "w1", SeenAt: noon.Add(-119 * time.Second)}
	silent := store.Worker{ID: "w2", SeenAt: noon.Add(-2 * time.Minute)}
	want(t, workerFinding(nil, noon), Warn, "workers", "none runs: nothing is sent", "nurture serve")
	want(t, workerFinding([]store.Worker{silent}, noon), Warn, "workers", "none runs; silent: w2 since 2026-03-02T11:58:00Z", "nurture serve")
	want(t, workerFinding([]store.Worker{alive, silent}, noon), Warn, "workers", "1 alive; silent: w2", "data folder")
	want(t, workerFinding([]store.Worker{alive}, noon), OK, "workers", "1 alive", "")
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	folder := &config.Config{Files: []config.File{{Path: "a", Content: []byte("1")}, {Path: "b", Content: []byte("2")}}}
	same := []store.ConfigFile{{Path: "a", Content: []byte("1")}, {Path: "b", Content: []byte("2")}}
	signed := []store.Signature{{Role: "marketing", Name: "Ana"}, {Role: "sales", Name: "Ben"}}
	version := &store.ConfigVersion{ID: 7}
	tests := []struct {
		name        string
		c           Configuration
		what        string
		level       Level
		detail, fix string
	}{
		{"valid", Configuration{Dir: "d", Folder: folder}, "config folder", OK, "d is valid", ""},
		{"broken", Configuration{Dir: "d", Problem: errors.New("2 problems")}, "config folder", Fail, "d: 2 problems", "nurture validate"},
		{"signed", Configuration{Folder: folder, Asked: true, Live: version, Signatures: signed}, "signatures", OK, "Ana for marketing, Ben for sales", ""},
		{"unsigned", Configuration{Folder: folder, Asked: true}, "signatures", Fail, "not signed by marketing and sales", "--role marketing"},
		{"half signed", Configuration{Folder: folder, Asked: true, Signatures: signed[:1]}, "signatures", Fail, "not signed by sales", "--role sales"},
		{"unsigned edit", Configuration{Folder: folder, Asked: true, Live: version}, "signatures", Warn, "in force meanwhile", "--role marketing"},
		{"nothing live", Configuration{Folder: folder, Asked: true, Signatures: signed}, "live version", Fail, "nothing is applied", "nurture apply"},
		{"as the folder", Configuration{Folder: folder, Asked: true, Live: version, LiveFiles: same}, "live version", OK, "version 7 is in force, as", ""},
		{"folder broken", Configuration{Problem: errors.New("x"), Asked: true, Live: version, LiveFiles: same}, "live version", OK, "version 7 is in force", ""},
		{"edited", Configuration{Folder: folder, Asked: true, Live: version, LiveFiles: []store.ConfigFile{{Path: "a", Content: []byte("9")}, same[1]}}, "live version", Warn, "differs in a", "nurture apply"},
		{"added and removed", Configuration{Folder: folder, Asked: true, Live: version, LiveFiles: []store.ConfigFile{same[0], {Path: "c"}}}, "live version", Warn, "differs in b, c", "nurture apply"},
		{"many", Configuration{Folder: folder, Asked: true, Live: version, LiveFiles: []store.ConfigFile{{Path: "c"}, {Path: "d"}}}, "live version", Warn, "a, b, c and 1 more", "nurture apply"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want(t, about(t, test.c.Findings(), test.what), test.level, test.what, test.detail, test.fix)
		})
	}
	if n := len((Configuration{Folder: folder}).Findings()); n != 1 {
		t.Errorf("%d findings of a database that was not asked", n)
	}
}

func TestDataFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	plenty := func(string) (uint64, error) { return 10 << 30, nil }
	tests := []struct {
		name        string
		dir         string
		disk        Disk
		what        string
		level       Level
		detail, fix string
	}{
		{"real", dir, Disk{Free: plenty}, "data folder", OK, dir + " is writable", ""},
		{"real lock", dir, Disk{Free: plenty}, "send journal", OK, dir + " can be locked", ""},
		{"still to be made", filepath.Join(dir, "x", "y"), Disk{Free: plenty}, "data folder", OK, "is made by", ""},
		{"a file", file, Disk{}, "data folder", Fail, "is not a folder", "--data"},
		{"below a file", filepath.Join(file, "x"), Disk{}, "data folder", Fail, "not a directory", "--data"},
		{"read-only", dir, Disk{Free: plenty, Writable: func(string) error { return syscall.EROFS }}, "data folder", Fail, "read-only", "--data"},
		{"plenty", dir, Disk{Free: plenty}, "disk space", OK, "10.0 GB free", ""},
		{"less", dir, Disk{Free: func(string) (uint64, error) { return 2<<30 - 1, nil }}, "disk space", Warn, "2.0 GB free", "make room"},
		{"full", dir, Disk{Free: func(string) (uint64, error) { return 100 << 20, nil }}, "disk space", Fail, "0.1 GB free", "make room"},
		{"no answer", dir, Disk{Free: func(string) (uint64, error) { return 0, syscall.ENOSYS }}, "disk space", Warn, "cannot tell", "disk"},
		{"no locks", dir, Disk{Free: plenty, Lock: func(string) error { return syscall.ENOLCK }}, "send journal", Fail, "cannot be locked", "disk of this machine"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want(t, about(t, DataFolder(test.dir, test.disk), test.what), test.level, test.what, test.detail, test.fix)
		})
	}
	left, err := free(dir)
	if err != nil || left == 0 {
		t.Errorf("%d bytes free, %v", left, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the check left something: %v, %v", entries, err)
	}
}
