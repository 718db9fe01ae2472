// Package postgres keeps the private PostgreSQL server that nurture uses when no database is configured.
//
// The server lives in one folder, listens on a Unix socket only, and is shared: every process that names the same folder
// attaches to the one server, and the last to leave stops it. What keeps that true after a kill -9 is two flocks, which the
// kernel releases however a process ends:
//
//	lock    exclusive, held only while somebody starts, joins, leaves or stops
//	lease   shared, held by each user of the server for as long as it uses it
//
// A server that nobody holds a lease on (its last user was killed) runs on and is taken over by the next Start.
//
// Unix only: it needs flock, Unix sockets and sessions.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// User and Database name the superuser and the database of the private server. Its socket folder is 0700, so whoever reaches
// the socket is trusted as that user without a password.
const (
	User     = "nurture"
	Database = "nurture"
)

// ErrVersion says that a data folder was made by another major version of PostgreSQL than any that was found here. The
// message names both versions and the way out.
var ErrVersion = errors.New("the data folder belongs to another PostgreSQL version")

// Options says where and how to run the private server.
type Options struct {
	// DataDir is the folder that this package owns wholly: cluster, socket, log and locks. It is created if missing; its
	// parents must be reachable by the user that the server runs as (see Start). Required.
	DataDir string

	// Logger receives one line for each start, attach and stop. nil: silent.
	Logger *slog.Logger

	// Ephemeral trades safety for speed: no fsync, no full-page writes, and a cluster that does not start (made by another
	// version, damaged by a power cut) is thrown away and made anew. For tests and throw-away demos only.
	Ephemeral bool

	search     search // zero: the places of this machine
	repository string // where binaries are fetched from; "": the library's default
}

// Server is one process's hold on the private server. Its methods may be called from several goroutines.
type Server struct {
	site  *site
	lease *lease
	url   string
	pid   int

	stop sync.Once
}

// Start attaches to the server of o.DataDir, starting it (and making its cluster) if need be, and returns when it answers.
//
// It looks for binaries in PATH, in the places where packages put them, and otherwise fetches them. As root it runs the
// server as the cluster's owner, or for a new one as user postgres or nobody: PostgreSQL refuses to run as root. The server is in a
// session of its own, so that a Ctrl-C at the terminal reaches nurture, which then stops it in order.
//
// Errors say what to install or to change; one for a cluster of another major version wraps ErrVersion. ctx bounds the start only.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := newSite(o)
	if err != nil {
		return nil, err
	}
	turn, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer turn.close()
	held, err := s.join()
	if err != nil {
		return nil, err
	}
	up, err := s.ensureRunning(ctx)
	if err != nil {
		held.close()
		return nil, err
	}
	return &Server{site: s, lease: held, url: up.url(Database), pid: up.pid}, nil
}

// URL is the connection URL of the nurture database, for pgx and everything that reads libpq URLs.
func (s *Server) URL() string { return s.url }

// PID is the process id of the server's postmaster.
func (s *Server) PID() int { return s.pid }

// Stop gives up this process's hold; the last holder also shuts the server down (PostgreSQL's fast shutdown: open
// transactions are rolled back) and waits for its end. A second call does nothing. When ctx ends first, the hold is gone all
// the same and the error says that the server may still be on its way down.
func (s *Server) Stop(ctx context.Context) error {
	var err error
	s.stop.Do(func() { err = s.leave(ctx) })
	return err
}

func (s *Server) leave(ctx context.Context) error {
	defer s.lease.close()
	turn, err := s.site.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer turn.close()
	if !s.lease.alone() {
		s.site.log.Info("left PostgreSQL running for another process", "data", s.site.dir)
		return nil
	}
	return s.site.shutdown(ctx)
}

// site is one data folder and how this process may act on it.
type site struct {
	dir       string // absolute
	ephemeral bool
	run       account
	search    search
	repo      string
	log       *slog.Logger
}

func newSite(o Options) (*site, error) {
	if o.DataDir == "" {
		return nil, errors.New("postgres: no data folder given")
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil {
		return nil, fmt.Errorf("postgres: data folder %s: %w", o.DataDir, err)
	}
	s := &site{dir: dir, ephemeral: o.Ephemeral, search: o.search, repo: o.repository, log: o.Logger}
	if s.log == nil {
		s.log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if s.search.empty() {
		s.search = machineSearch()
	}
	if s.run, err = accountFor(s.cluster()); err != nil {
		return nil, err
	}
	return s, s.makeHome()
}

func (s *site) cluster() string { return filepath.Join(s.dir, "cluster") }
func (s *site) logFile() string { return filepath.Join(s.dir, "server.log") }

// makeHome creates the data folder and checks that nobody else's is used.
func (s *site) makeHome() error {
	if err := s.makePath(s.dir); err != nil {
		return fmt.Errorf("postgres: cannot make the data folder %s: %w; choose another folder", s.dir, err)
	}
	info, err := os.Stat(s.dir)
	if err != nil {
		return fmt.Errorf("postgres: data folder %s: %w", s.dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("postgres: the data folder %s is a file; choose another folder", s.dir)
	}
	if owner := ownerOf(info); owner != os.Geteuid() && os.Geteuid() != 0 {
		return fmt.Errorf("postgres: the data folder %s belongs to %s, not to %s; run as that user or choose another folder",
			s.dir, userName(owner), userName(os.Geteuid()))
	}
	return nil
}

// endpoint is where a running server answers.
type endpoint struct {
	pid    int
	socket string // folder
	port   int
}

func (e endpoint) url(database string) string {
	q := url.Values{"host": {e.socket}, "port": {strconv.Itoa(e.port)}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", User: url.User(User), Path: "/" + database, RawQuery: q.Encode()}).String()
}

// ensureRunning returns the running server of the site, starting it first if there is none. The caller holds the turn.
func (s *site) ensureRunning(ctx context.Context) (endpoint, error) {
	if pid, ok := s.runningPID(); ok {
		up, err := s.await(ctx, pid)
		if err != nil {
			return endpoint{}, fmt.Errorf("postgres: process %d serves %s but cannot be used: %w", pid, s.dir, err)
		}
		s.log.Info("attached to the running PostgreSQL", "data", s.dir, "pid", pid)
		return up, s.ensureDatabase(ctx, up)
	}
	up, err := s.startFresh(ctx)
	if err != nil && s.ephemeral && ctx.Err() == nil && s.initialised() {
		s.log.Warn("throwing away a test cluster that does not start", "data", s.dir, "error", err)
		if err := os.RemoveAll(s.cluster()); err != nil {
			return endpoint{}, fmt.Errorf("postgres: cannot remove the unusable cluster: %w", err)
		}
		up, err = s.startFresh(ctx)
	}
	if err != nil {
		return endpoint{}, err
	}
	return up, s.ensureDatabase(ctx, up)
}

// startFresh makes the cluster if there is none and starts the server.
func (s *site) startFresh(ctx context.Context) (endpoint, error) {
	major, err := s.clusterMajor()
	if err != nil {
		return endpoint{}, err
	}
	chosen, err := s.choose(ctx, major)
	if err != nil {
		return endpoint{}, err
	}
	if major == 0 {
		if err := s.initialise(ctx, chosen); err != nil {
			return endpoint{}, err
		}
	}
	return s.launch(ctx, chosen)
}
