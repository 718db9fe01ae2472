package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"nurture/internal/pgtest"
	"nurture/store"
)

// away is how pgx says that nothing listens where the database should.
func away(t *testing.T) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, err = pgx.Connect(t.Context(), "postgres://nurture:secret@"+address+"/nurture?sslmode=disable")
	if err == nil {
		t.Fatal("something answered on a port that was given back")
	}
	return err
}

// TestOutageLog goes through an outage second by second.
func TestOutageLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var refused error
	handler := newOutageLog(slog.NewTextHandler(&out, nil), func() time.Time { return now }, func(context.Context) error { return refused })
	log := slog.New(handler).With("worker", "w1")
	said := func() string {
		defer out.Reset()
		return out.String()
	}
	unreached := away(t)

	log.Error("mailbox not connected", "error", errors.New("dial tcp 10.0.0.1:993: connect: connection refused"))
	log.Error("sending", "error", errors.New("write tcp: broken pipe"))
	if got := said(); strings.Count(got, "\n") != 2 || strings.Contains(got, "database") {
		t.Errorf("trouble with another server is not told as it is:\n%s", got)
	}

	log.Error("planning failed", "error", unreached)
	if got := said(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "alarm: the database cannot be used") || !strings.Contains(got, "connection refused") {
		t.Errorf("the outage is told as:\n%s", got)
	}
	refused = unreached
	for range 11 * 60 { // longer than until it is told again
		now = now.Add(time.Second)
		log.Error("producer: Error fetching jobs", "err", "JobGetAvailable: "+unreached.Error())
		log.Error("notifier", "err", io.ErrUnexpectedEOF)
		handler.look(t.Context())
	}
	if got := said(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "still cannot be used") || !strings.Contains(got, "for=10m") {
		t.Errorf("11 minutes of an outage are told as:\n%s", got)
	}
	log.Error("planning failed", "error", errors.New("FATAL: password authentication failed (SQLSTATE 28P01)"))
	log.Error("planning failed", "error", errors.New("FATAL: password authentication failed (SQLSTATE 28P01)"))
	if got := said(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "28P01") {
		t.Errorf("another reason is not told once:\n%s", got)
	}
	log.Error("a defect of the program")
	log.Info("planned", "error", unreached)
	if got := said(); strings.Count(got, "\n") != 2 {
		t.Errorf("what is said of something else is lost in an outage:\n%s", got)
	}

	now = now.Add(time.Minute)
	handler.look(t.Context())
	if got := said(); got != "" {
		t.Errorf("the outage is over while nobody is let in:\n%s", got)
	}
	refused = nil
	now = now.Add(time.Second)
	handler.look(t.Context())
	if got := said(); got != "" {
		t.Errorf("the outage is over a second after the last failure:\n%s", got)
	}
	now = now.Add(outageQuiet)
	handler.look(t.Context())
	handler.look(t.Context())
	if got := said(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "the database can be used again") || !strings.Contains(got, "left_out=1321") {
		t.Errorf("the end of the outage is told as:\n%s", got)
	}
	log.Error("planning failed", "error", unreached)
	if got := said(); !strings.Contains(got, "alarm: the database cannot be used") {
		t.Errorf("the next outage is told as:\n%s", got)
	}
}

// TestOutageOfWorker takes the database from a worker for some seconds: it says so in a few lines, and goes on by itself.
func TestOutageOfWorker(t *testing.T) {
	t.Parallel()
	database := pgtest.New(t, "cmd", migrateURL)
	pool, err := store.Open(t.Context(), database, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	way := newWayThere(t, database)
	shown := &screen{}
	dir := openFolder(t)
	a := &app{
		system:    system{stdout: io.Discard, stderr: shown, now: time.Now, realNow: time.Now, getenv: func(string) string { return "" }, environ: func() []string { return nil }},
		configDir: dir, dataDir: dir, databaseURL: way.url,
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- runWork(ctx, &workOptions{app: a, workers: 2, tick: 20 * time.Millisecond}) }()
	shown.shows(t, `"working"`)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) { // what fails before it plans ends it
		beat, err := store.LastBeat(t.Context(), pool)
		if err != nil {
			t.Fatal(err)
		}
		if !beat.IsZero() {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not plan:\n%s", shown)
		}
	}
	way.cut(true)
	shown.shows(t, "alarm: the database cannot be used")
	for deadline := time.Now().Add(time.Minute); way.tries() < 30; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the database was tried %d times in a minute:\n%s", way.tries(), shown)
		}
	}
	if n := strings.Count(shown.String(), "cannot be used"); n > 1 {
		t.Errorf("told %d times:\n%s", n, shown)
	}
	way.cut(false)
	shown.shows(t, "the database can be used again")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	// Connections that were open when it began say so themselves, once each: River's listener twice, the planner, who takes up from the dead.
	if lines := strings.Count(shown.String(), "\n"); lines > 16 {
		t.Errorf("%d lines are too many for one outage:\n%s", lines, shown)
	}
}

// wayThere is a way to the database that can be cut.
type wayThere struct {
	url    string
	to     string
	mu     sync.Mutex
	closed bool
	vain   int // connections that came while it was cut
	open   map[net.Conn]bool
}

func newWayThere(t *testing.T, databaseURL string) *wayThere {
	t.Helper()
	cfg, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(cfg.Host, cfg.Port)
	u := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: l.Addr().String(), Path: cfg.Database, RawQuery: "sslmode=disable"}
	w := &wayThere{url: u.String(), to: address, open: map[net.Conn]bool{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { w.carry(conn, network) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		w.cut(true)
		serving.Wait()
	})
	return w
}

func (w *wayThere) carry(conn net.Conn, network string) {
	defer conn.Close()
	there, err := net.Dial(network, w.to)
	if err != nil {
		return
	}
	defer there.Close()
	w.mu.Lock()
	if w.closed {
		w.vain++
		w.mu.Unlock()
		return
	}
	w.open[conn], w.open[there] = true, true
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(there, conn)
		_ = there.Close()
		close(done)
	}()
	_, _ = io.Copy(conn, there)
	_ = conn.Close()
	<-done
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, conn)
	delete(w.open, there)
}

// tries is how often somebody wanted to pass while it was cut.
func (w *wayThere) tries() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.vain
}

// cut ends what is open and lets nothing through, until it is called with false.
func (w *wayThere) cut(closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = closed
	if closed {
		for conn := range w.open {
			_ = conn.Close()
		}
	}
}
