package postgres

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	port       = 5432 // only names the socket file: the server has no TCP listener
	readyPoll  = 20 * time.Millisecond
	readyLimit = time.Minute      // without any sign of life; crash recovery is one, and may take as long as it takes
	orphanWait = 15 * time.Second // for the sessions of a killed server to notice and leave
	logKeep    = 8 << 20          // server.log is set aside as server.log.1 when a start finds it larger, bytes

	// maxSocketPath is the longest socket path that every Unix takes, bytes: macOS has room for 104 with the final zero, Linux for 108.
	maxSocketPath = 103
)

// errOrphans says that sessions of a server that was killed still hold its shared memory.
var errOrphans = errors.New("sessions of a killed server are still alive")

// launch starts the server on an existing cluster and waits until it answers.
func (s *site) launch(ctx context.Context, with install) (endpoint, error) {
	if err := s.removeStalePIDFile(); err != nil {
		return endpoint{}, err
	}
	socket, err := s.makeSocketFolder()
	if err != nil {
		return endpoint{}, err
	}
	patience, cancel := context.WithTimeout(ctx, orphanWait)
	defer cancel()
	for {
		pid, from, err := s.spawn(with, socket)
		if err != nil {
			return endpoint{}, err
		}
		up, err := s.await(ctx, pid)
		if err == nil {
			s.log.Info("started PostgreSQL", "version", with.major, "data", s.dir, "pid", pid)
			return up, nil
		}
		err = s.explain(err, pid, from)
		if !errors.Is(err, errOrphans) || !pause(patience, readyPoll*5) {
			return endpoint{}, err
		}
	}
}

// spawn runs the server and returns its process id and the offset in server.log where its messages begin. The process is
// released rather than waited for by a goroutine; alive reaps it.
func (s *site) spawn(with install, socket string) (pid int, logFrom int64, err error) {
	if info, err := os.Stat(s.logFile()); err == nil && info.Size() > logKeep {
		_ = os.Rename(s.logFile(), s.logFile()+".1")
	}
	out, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return 0, 0, fmt.Errorf("postgres: %w", err)
	}
	defer func() { _ = out.Close() }()
	if err := s.own(s.logFile()); err != nil {
		return 0, 0, err
	}
	if logFrom, err = out.Seek(0, io.SeekEnd); err != nil {
		return 0, 0, fmt.Errorf("postgres: %w", err)
	}
	// The server must outlive ctx and even this process, hence no CommandContext of a caller's.
	cmd := s.command(context.Background(), s.cluster(), filepath.Join(with.bin, "postgres"), s.serverArgs(socket)...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return 0, 0, fmt.Errorf("postgres: cannot start %s as %s: %w", cmd.Path, userName(s.run.uid), err)
	}
	pid = cmd.Process.Pid
	return pid, logFrom, cmd.Process.Release()
}

// serverArgs are the settings that are no matter of taste: they hold whatever postgresql.conf says.
func (s *site) serverArgs(socket string) []string {
	args := []string{"-D", s.cluster()}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	set("listen_addresses", "")
	set("port", strconv.Itoa(port))
	set("unix_socket_directories", `"`+strings.ReplaceAll(socket, `"`, `""`)+`"`)
	set("unix_socket_permissions", "0700")
	set("logging_collector", "off")
	if s.ephemeral {
		set("fsync", "off")
		set("full_page_writes", "off")
		set("max_connections", "300")
		set("autovacuum_naptime", "10min")
	}
	return args
}

// await polls until the server of process pid answers on the socket that its pid file names.
func (s *site) await(ctx context.Context, pid int) (endpoint, error) {
	limit := time.NewTimer(readyLimit)
	defer limit.Stop()
	for {
		up, err := s.reach(ctx, pid)
		if err == nil {
			return up, nil
		}
		if !alive(pid) {
			return endpoint{}, errors.New("the server ended while starting")
		}
		if startingUp(err) {
			limit.Reset(readyLimit)
		}
		select {
		case <-ctx.Done():
			return endpoint{}, errors.Join(ctx.Err(), err)
		case <-limit.C:
			return endpoint{}, fmt.Errorf("no answer on its socket for %s: %w", readyLimit, err)
		case <-time.After(readyPoll):
		}
	}
}

// reach asks the server of process pid for an answer, once.
func (s *site) reach(ctx context.Context, pid int) (endpoint, error) {
	up, err := s.readPIDFile()
	if err != nil {
		return endpoint{}, err
	}
	if up.pid != pid || up.socket == "" {
		return endpoint{}, fmt.Errorf("%s does not name the socket of process %d", s.pidFile(), pid)
	}
	return up, s.ping(ctx, up)
}

// ping connects and makes sure that it is this cluster's server that answers.
func (s *site) ping(ctx context.Context, up endpoint) error {
	conn, err := pgx.Connect(ctx, up.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var served string
	if err := conn.QueryRow(ctx, "SHOW data_directory").Scan(&served); err != nil {
		return err
	}
	if !sameFolder(served, s.cluster()) {
		return fmt.Errorf("the server on %s serves %s", up.socket, served)
	}
	return nil
}

// startingUp recognises a server that is alive but not yet ready: SQLSTATE 57P03, cannot_connect_now.
func startingUp(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "57P03"
}

// explain turns a failed start into what the server itself said about it, and ends a server that is no use.
func (s *site) explain(err error, pid int, logFrom int64) error {
	if alive(pid) {
		_ = syscall.Kill(pid, syscall.SIGQUIT)
	}
	said := s.logSince(logFrom)
	if bytes.Contains(said, []byte("pre-existing shared memory block")) {
		err = errOrphans
	}
	return fmt.Errorf("postgres: %s did not start: %w; its log %s says:\n%s", s.cluster(), err, s.logFile(), said)
}

// logSince is what the server wrote since the offset, at most the last 4 KiB.
func (s *site) logSince(offset int64) []byte {
	b, err := os.ReadFile(s.logFile())
	if err != nil || int64(len(b)) < offset {
		return nil
	}
	b = bytes.TrimSpace(b[offset:])
	return b[max(0, len(b)-4096):]
}

// shutdown ends the server of the site if it runs, and waits. The caller holds the turn.
func (s *site) shutdown(ctx context.Context) error {
	pid, ok := s.runningPID()
	if !ok {
		return nil
	}
	up, _ := s.readPIDFile()
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
		return fmt.Errorf("postgres: cannot stop process %d: %w", pid, err)
	}
	for alive(pid) {
		if !pause(ctx, readyPoll) {
			return fmt.Errorf("postgres: process %d is still shutting down: %w", pid, ctx.Err())
		}
	}
	if up.socket != "" && up.socket != s.homeSocket() {
		_ = os.Remove(up.socket) // the fallback folder, empty now
	}
	s.log.Info("stopped PostgreSQL", "data", s.dir, "pid", pid)
	return nil
}

// homeSocket is the socket's folder where its path is short enough.
func (s *site) homeSocket() string { return filepath.Join(s.dir, "socket") }

// makeSocketFolder makes the private folder of the socket: beside the cluster, or where that path is too long for a socket (or has
// a comma, which connection URLs take for a list) in the temporary folder under a name made from the data folder's.
func (s *site) makeSocketFolder() (string, error) {
	name := sha256.Sum256([]byte(s.dir))
	short := fmt.Sprintf("nurture-%d-%s", s.run.uid, hex.EncodeToString(name[:6]))
	for _, dir := range []string{s.homeSocket(), filepath.Join(os.TempDir(), short), filepath.Join("/tmp", short)} {
		if len(filepath.Join(dir, ".s.PGSQL."+strconv.Itoa(port))) <= maxSocketPath && !strings.Contains(dir, ",") {
			return dir, s.makeOwnFolder(dir)
		}
	}
	return "", fmt.Errorf("postgres: no folder short enough for the socket of %s; choose a data folder with a shorter path", s.dir)
}

// pause waits a moment; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
