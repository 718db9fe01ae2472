package main

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestTenThousandMails lets workers, processes of their own, read a mailbox of 10,000 mails of all sorts from a real mail server, and kills
// them in the midst of it (K5, D10): in the end each mail is stored exactly once, is a response exactly once if it is one, and is marked; and
// a worker needs no more memory after thousands of mails than after the first.
func TestTenThousandMails(t *testing.T) {
	const allowed = 40 << 20
	o := newOffice(t)
	f := flood{size: 10_000, written: o.writeToMany(500)}
	o.mail.Fill(t, inboxUser, f.mails())
	taken := func() int { return o.count(`SELECT count(*) FROM inbound_mails`) }

	for _, percent := range []int{1, 10, 25, 50} {
		w := o.reads()
		w.until("so many percent are taken", func() bool { return taken() >= f.size*percent/100 })
		w.kill()
		t.Logf("killed with %d mails taken, %d not marked, at most %d MB", taken(), o.unmarked(inboxUser), w.peak>>20)
	}
	last := o.reads()
	filmPassed := (f.filmAt() + 10) * len(floodKinds)
	last.until("the largest mail is taken", func() bool { return taken() >= filmPassed })
	early := last.memory()
	last.until("every mail is taken", func() bool { return taken() >= f.size })
	late := last.memory()
	last.until("every mail is marked", func() bool { return o.unmarked(inboxUser) == 0 })
	last.kill()
	t.Logf("memory at most %d MB after %d mails, %d MB after %d", early>>20, filmPassed, late>>20, f.size)
	// In between are thousands of mails of together 60 MB: who keeps them is beyond this.
	if late > early+allowed {
		t.Errorf("a worker's memory grew from %d MB to %d MB", early>>20, late>>20)
	}
	o.heldOnce(f)
}

// writeToMany imports so many leads and lets the first mail go out to all of them.
func (o *office) writeToMany(people int) []floodLead {
	o.t.Helper()
	for file, change := range map[string][2]string{
		"nurture.yaml": {"daily_cap: 120", "daily_cap: 100000"}, "cadences/first-seven.yaml": {"per_day: 60", "per_day: 100000"},
	} {
		path := filepath.Join(o.dir, "config", file)
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte(change[0])) {
			o.t.Fatalf("%s has no %q: %v", file, change[0], err)
		}
		if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte(change[0]), []byte(change[1])), 0o644); err != nil {
			o.t.Fatal(err)
		}
	}
	o.run("apply")
	o.importPeople(people)
	o.run("work", "--until-idle")
	rows, err := o.pool.Query(o.t.Context(), `SELECT address, message_id FROM touches WHERE state = 'sent' ORDER BY id`)
	if err != nil {
		o.t.Fatal(err)
	}
	written, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c floodLead, err error) {
		return c, row.Scan(&c.address, &c.messageID)
	})
	if err != nil || len(written) != people {
		o.t.Fatalf("%d mails left, want %d: %v", len(written), people, err)
	}
	return written
}

// heldOnce compares the database with the mails of a flood.
func (o *office) heldOnce(f flood) {
	o.t.Helper()
	rows, err := o.pool.Query(o.t.Context(), `SELECT digest FROM inbound_mails`)
	if err != nil {
		o.t.Fatal(err)
	}
	digests, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil {
		o.t.Fatal(err)
	}
	stored := map[string]int{}
	for _, d := range digests {
		stored[string(d)]++
	}
	lost := 0
	for raw := range f.mails() {
		digest := sha256.Sum256(raw)
		if stored[string(digest[:])] != 1 {
			lost++
		}
	}
	if lost > 0 || len(digests) != f.size {
		o.t.Errorf("%d of %d mails are not stored exactly once, and %d are stored", lost, f.size, len(digests))
	}
	rows, err = o.pool.Query(o.t.Context(), `SELECT kind, count(*) FROM responses GROUP BY kind`)
	if err != nil {
		o.t.Fatal(err)
	}
	responses := map[string]int{}
	var kind string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&kind, &n}, func() error { responses[kind] = n; return nil }); err != nil {
		o.t.Fatal(err)
	}
	if want := f.responses(); !maps.Equal(responses, want) {
		o.t.Errorf("responses %v, want %v", responses, want)
	}
	if n := o.count(`SELECT count(*) FROM (SELECT response_id FROM inbound_mails WHERE response_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1) shared`); n != 0 {
		o.t.Errorf("%d mails share a response", n)
	}
}

// reader is a worker process that reads the mailbox.
type reader struct {
	*office
	cmd  *exec.Cmd
	log  bytes.Buffer
	over chan struct{} // closed when the process has ended
	peak int64
}

func (o *office) reads() *reader {
	o.t.Helper()
	w := &reader{office: o, cmd: o.command("work", "--workers", "2"), over: make(chan struct{})}
	w.cmd.Stdout, w.cmd.Stderr = &w.log, &w.log
	if err := w.cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	go func() { defer close(w.over); _ = w.cmd.Wait() }()
	o.t.Cleanup(w.kill)
	return w
}

// kill ends the process by the signal that cannot be caught.
func (w *reader) kill() {
	_ = w.cmd.Process.Kill()
	<-w.over
}

// until waits for something that the process does.
func (w *reader) until(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.After(10 * time.Minute)
	for !ok() {
		select {
		case <-w.over:
			w.t.Fatalf("the worker ended by itself:\n%s", w.log.String())
		case <-deadline:
			_ = w.cmd.Process.Signal(syscall.SIGQUIT) // where it hangs
			<-w.over
			w.t.Fatalf("still not so after ten minutes: %s\n%s", what, w.log.String()[max(0, w.log.Len()-20_000):])
		case <-time.After(10 * time.Millisecond):
		}
	}
	w.memory()
}

// memory is how much the process has held at most so far, in bytes; where the system does not tell that, what it holds now.
func (w *reader) memory() int64 {
	w.t.Helper()
	pid := strconv.Itoa(w.cmd.Process.Pid)
	text, key := "", "VmHWM:"
	if status, err := os.ReadFile("/proc/" + pid + "/status"); err == nil {
		text = string(status)
	} else if out, err := exec.Command("ps", "-o", "rss=", "-p", pid).Output(); err == nil {
		text, key = string(out), ""
	}
	_, text, _ = strings.Cut(text, key)
	fields := strings.Fields(text)
	if len(fields) == 0 {
		w.t.Fatal("neither /proc nor ps tells how much memory a process holds")
	}
	kb, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	w.peak = kb << 10
	return w.peak
}
