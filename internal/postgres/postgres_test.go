package postgres

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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

// holderDir makes the test binary play another nurture process: it starts the server of that folder, says its pid and holds
// it until its standard input ends.
const holderDir = "NURTURE_POSTGRES_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holderDir); dir != "" {
		if err := hold(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func hold(dir string) error {
	s, err := Start(context.Background(), Options{DataDir: dir, Ephemeral: true})
	if err != nil {
		return err
	}
	fmt.Println(s.PID())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return s.Stop(context.Background())
}

// holder is a running holder process.
type holder struct {
	cmd   *exec.Cmd
	stdin io.Closer
	first string // the line that it printed: pid or error
}

func startHolder(t *testing.T, cmd *exec.Cmd, dir string) *holder {
	t.Helper()
	cmd.Env = append(os.Environ(), holderDir+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	check(t, err)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	return &holder{cmd: cmd, stdin: in, first: strings.TrimSpace(line)}
}

func (h *holder) leave(t *testing.T) {
	t.Helper()
	check(t, h.stdin.Close())
	check(t, h.cmd.Wait())
}

func (h *holder) kill(t *testing.T) {
	t.Helper()
	check(t, h.cmd.Process.Kill())
	_ = h.cmd.Wait() // it says: killed
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// folder is a new folder that the server's account can reach; as root, the testing package's are closed to others.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		check(t, os.Chmod(dir, 0o755))
		check(t, os.Chmod(filepath.Dir(dir), 0o755))
	}
	return dir
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{DataDir: dir, Ephemeral: true})
	check(t, err)
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func query(t *testing.T, s *Server, sql string) (got string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL())
	check(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	check(t, conn.QueryRow(t.Context(), sql).Scan(&got))
	return got
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !ok() {
		if !pause(ctx, 10*time.Millisecond) {
			t.Fatal("never happened: ", what)
		}
	}
}

func TestStartMakesAPrivateUsableServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), "new", "data")
	s := start(t, dir)
	for sql, want := range map[string]string{
		"SHOW server_encoding":                             "UTF8",
		"SHOW listen_addresses":                            "",
		"SHOW unix_socket_permissions":                     "0700",
		"SHOW synchronous_commit":                          "on",
		"SHOW timezone":                                    "UTC",
		"SHOW fsync":                                       "off",
		"SELECT current_user || '/' || current_database()": "nurture/nurture",
		"SELECT ('Z' < 'a')::text":                         "true",
	} {
		if got := query(t, s, sql); got != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}
	for _, private := range []string{"cluster", "socket"} {
		info, err := os.Stat(filepath.Join(dir, private))
		check(t, err)
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v, want 0700", private, info.Mode())
		}
	}
	if pgid, err := syscall.Getpgid(s.PID()); err != nil || pgid == syscall.Getpgrp() {
		t.Errorf("the server is in process group %d (%v), our own: a Ctrl-C would reach it", pgid, err)
	}
	check(t, s.Stop(t.Context()))
	if alive(s.PID()) {
		t.Error("the server runs on after the last Stop")
	}
	check(t, s.Stop(t.Context())) // a second call does nothing
}

func TestDurableByDefault(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context(), Options{DataDir: folder(t)})
	check(t, err)
	for sql, want := range map[string]string{
		"SHOW fsync": "on", "SHOW full_page_writes": "on", "SHOW data_checksums": "on",
		"SELECT (setting = 'lz4' OR 'lz4' <> ALL (enumvals))::text FROM pg_settings WHERE name = 'wal_compression'": "true",
	} {
		if got := query(t, s, sql); got != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}
	check(t, s.Stop(t.Context()))
}

// A server that was built without lz4, or is older than it, is made and started all the same.
func TestServerWithoutFasterCompression(t *testing.T) {
	t.Parallel()
	here, err := newSite(Options{DataDir: folder(t)})
	check(t, err)
	found, _ := here.find(t.Context())
	usual, ok := pick(found, 0)
	if !ok {
		t.Fatal("no PostgreSQL found on this machine")
	}
	bin := folder(t)
	for _, name := range []string{"initdb", "pg_ctl"} {
		check(t, os.Symlink(filepath.Join(usual.bin, name), filepath.Join(bin, name)))
	}
	refusing := "#!/bin/sh\ncase \"$*\" in *lz4*) echo 'FATAL: invalid value for parameter' >&2; exit 1 ;; esac\nexec " + filepath.Join(usual.bin, "postgres") + " \"$@\"\n"
	check(t, os.WriteFile(filepath.Join(bin, "postgres"), []byte(refusing), 0o755))
	s, err := Start(t.Context(), Options{DataDir: folder(t), Ephemeral: true, search: search{path: bin}})
	check(t, err)
	if got := query(t, s, "SHOW wal_compression"); got == "lz4" || got == "off" {
		t.Errorf("wal_compression = %q, want what every server knows", got)
	}
	check(t, s.Stop(t.Context()))
}

func TestTwoUsersShareOneServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, dir)
	second := start(t, dir)
	other := startHolder(t, exec.Command(os.Args[0]), dir)
	if first.PID() != second.PID() || other.first != strconv.Itoa(first.PID()) {
		t.Fatalf("three servers: %d, %d, %s", first.PID(), second.PID(), other.first)
	}
	check(t, first.Stop(t.Context()))
	check(t, second.Stop(t.Context()))
	if !alive(first.PID()) {
		t.Fatal("the server was stopped while another process uses it")
	}
	other.leave(t)
	if alive(first.PID()) {
		t.Error("the last to leave did not stop the server")
	}
}

func TestOrphanedServerIsTakenOver(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	other := startHolder(t, exec.Command(os.Args[0]), dir)
	other.kill(t)
	s := start(t, dir)
	if strconv.Itoa(s.PID()) != other.first {
		t.Errorf("a second server %d was started beside the orphan %s", s.PID(), other.first)
	}
	check(t, s.Stop(t.Context()))
	eventually(t, "the orphan's end", func() bool { return !alive(s.PID()) })
}

func TestKilledServerIsStartedAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	conn, err := pgx.Connect(t.Context(), s.URL())
	check(t, err)
	_, err = conn.Exec(t.Context(), "SELECT 'kept' AS a INTO kept")
	check(t, err)
	check(t, syscall.Kill(s.PID(), syscall.SIGKILL))
	eventually(t, "the server's end", func() bool { return !alive(s.PID()) })
	_ = conn.Close(t.Context()) // its other end is gone
	again := start(t, dir)
	if again.PID() == s.PID() {
		t.Fatal("attached to a dead server")
	}
	if got := query(t, again, "SELECT a FROM kept"); got != "kept" {
		t.Errorf("after recovery: %q", got)
	}
}

// TestKeptServerRunsAgain: a server that is killed under a process which keeps it runs again, at the same address; not once its cluster is gone.
func TestKeptServerRunsAgain(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	ctx, cancel := context.WithCancel(t.Context())
	var said bytes.Buffer
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Keep(ctx, 10*time.Millisecond, slog.New(slog.NewTextHandler(&said, nil)))
	}()
	for range 2 {
		old, runs := s.site.runningPID()
		if !runs { // 0 would be this process and its like
			t.Fatal("no server runs")
		}
		check(t, syscall.Kill(old, syscall.SIGKILL))
		eventually(t, "the server's return", func() bool {
			up, err := s.site.readPIDFile()
			return err == nil && up.pid != old && s.site.ping(t.Context(), up) == nil
		})
	}
	if got := query(t, s, "SELECT 'same address'"); got != "same address" {
		t.Error(got)
	}
	cancel()
	<-ended
	if !strings.Contains(said.String(), "runs again") {
		t.Errorf("the log does not tell: %s", &said)
	}
	check(t, s.site.shutdown(t.Context()))
	check(t, os.RemoveAll(s.site.cluster()))
	if _, err := s.site.revive(t.Context()); err == nil || !strings.Contains(err.Error(), "no database in") || s.site.initialised() {
		t.Errorf("a cluster that is gone was made anew: %v", err)
	}
}

func TestStalePIDFileOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	check(t, s.Stop(t.Context()))
	stale := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s\n\n  1 2\nready   \n", os.Getpid(), s.site.cluster(), s.site.homeSocket())
	check(t, os.WriteFile(s.site.pidFile(), []byte(stale), 0o600))
	check(t, s.site.own(s.site.pidFile()))
	if again := start(t, dir); again.PID() == os.Getpid() {
		t.Error("took the test program for a server")
	}
}

func TestSocketOfLongOrOddPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{strings.Repeat("long", 30), `comma, "quote" and space`} {
		dir := filepath.Join(folder(t), name)
		s := start(t, dir)
		if got := query(t, s, "SELECT 'ok'"); got != "ok" {
			t.Error(got)
		}
		socket := query(t, s, "SHOW unix_socket_directories")
		check(t, s.Stop(t.Context()))
		if _, err := os.Stat(s.site.homeSocket()); err == nil {
			t.Errorf("%s: the socket lies beside the cluster (%s)", name, socket)
		}
		if _, err := os.Stat(strings.Trim(socket, `"`)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the temporary socket folder %s was left behind (%v)", name, socket, err)
		}
	}
}

func TestStopWhenUnused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	done := make(chan error, 1)
	go func() { done <- StopWhenUnused(t.Context(), dir, time.Millisecond) }()
	other := startHolder(t, exec.Command(os.Args[0]), dir)
	check(t, s.Stop(t.Context()))
	if !alive(s.PID()) {
		t.Fatal("stopped while a process uses it")
	}
	other.kill(t)
	check(t, <-done)
	if alive(s.PID()) {
		t.Error("runs on unused")
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s, err := newSite(Options{DataDir: dir})
	check(t, err)
	turn, err := s.takeTurn(t.Context())
	check(t, err)
	defer turn.close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Start(ctx, Options{DataDir: dir})
	wantError(t, err, "another process holds", "deadline exceeded")
}

// wantError checks that the message has every part.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error lacks %q:\n%v", part, err)
		}
	}
}
