// Package pgtest gives each test a PostgreSQL database of its own, migrated, in a few hundredths of a second.
//
// One server per user serves all test processes at once, in a folder of the temporary directory. A schema is migrated once
// into a template database, from which each test gets a copy. Nothing needs a TestMain: the server is stopped shortly after the
// last test process ended, however it ended, by a copy of the test program that waits for just that (see warden.go).
//
// NURTURE_TEST_DATABASE_URL names another server to use instead; its user must be allowed to create databases.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"nurture/internal/postgres"
)

// ServerURL is the environment variable that names a server to test on.
const ServerURL = "NURTURE_TEST_DATABASE_URL"

const (
	setupLimit     = 3 * time.Minute // for one New: may include initdb on a busy machine
	dropLimit      = time.Minute
	templatePrefix = "nurture_template_"
	testPrefix     = "nurture_test_" // then the pid of the test process, _, a number
	keepTemplates  = 8               // of older schemas and other packages, newest first
	advisoryLock   = 0x6e757274757265
)

// Migrate brings the empty database at url to the schema wanted. It must close its connections before it returns.
type Migrate func(ctx context.Context, url string) error

// By is the Migrate that lets migrate work on a pool, such as store.Migrate or jobs.Migrate, which tell what they applied.
func By(migrate func(ctx context.Context, pool *pgxpool.Pool) ([]string, error)) Migrate {
	return func(ctx context.Context, url string) error {
		pool, err := pgxpool.New(ctx, url)
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = migrate(ctx, pool)
		return err
	}
}

// New returns the URL of a database that only t uses, dropped with whoever is still connected when t ends. key names what migrate does
// beyond the migrations, by which databases are told apart anyway: the same key must mean the same data. A nil migrate gives an empty
// database.
func New(t testing.TB, key string, migrate Migrate) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupLimit)
	defer cancel()
	s, err := connected(ctx)
	if err != nil {
		t.Fatal("pgtest: no server: ", err)
	}
	schema, err := fingerprint()
	if err != nil {
		t.Fatal("pgtest: ", err)
	}
	key += " " + schema
	name := fmt.Sprintf("%s%d_%d", testPrefix, os.Getpid(), serial.Add(1))
	if err := s.create(ctx, name, key, migrate); err != nil {
		t.Fatal("pgtest: ", err)
	}
	t.Cleanup(func() { s.drop(t, name) })
	return s.url(name)
}

// Drop drops the database that New gave before t ends: to who is connected, it is as if the server had gone away.
func Drop(t testing.TB, pool *pgxpool.Pool) {
	t.Helper()
	s, err := connected(context.Background())
	if err != nil {
		t.Fatal("pgtest: no server: ", err)
	}
	s.drop(t, pool.Config().ConnConfig.Database)
}

var (
	serial atomic.Int64
	shared struct {
		sync.Mutex
		*server
	}
)

// server is where this process's test databases live.
type server struct {
	base *url.URL         // an existing database to give orders in
	own  *postgres.Server // nil on a given server; kept, because its lease ends when it is collected

	mu        sync.Mutex
	templates map[string]string // key → database, known to have been there
}

// connected returns the process's server, starting or joining it the first time. The hold on it lasts until the process ends.
func connected(ctx context.Context) (*server, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		return shared.server, nil
	}
	s, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	shared.server = s
	return s, nil
}

func connect(ctx context.Context) (*server, error) {
	if given := os.Getenv(ServerURL); given != "" {
		return newServer(given)
	}
	return join(ctx, filepath.Join(os.TempDir(), "nurture-pgtest-"+strconv.Itoa(os.Geteuid())), grace)
}

// join starts or joins the server of dir, which ends the grace after its last user.
func join(ctx context.Context, dir string, grace time.Duration) (*server, error) {
	if err := startWarden(dir, grace); err != nil {
		return nil, err
	}
	own, err := postgres.Start(ctx, postgres.Options{DataDir: dir, Ephemeral: true})
	if err != nil {
		return nil, err
	}
	s, err := newServer(own.URL())
	if err != nil {
		return nil, err
	}
	s.own = own
	return s, s.admin(ctx, func(conn *pgx.Conn) error { return sweep(ctx, conn) })
}

func newServer(given string) (*server, error) {
	base, err := url.Parse(given)
	if err != nil || base.Scheme != "postgres" && base.Scheme != "postgresql" {
		return nil, fmt.Errorf("%s=%q is no postgres:// URL", ServerURL, given)
	}
	return &server{base: base, templates: map[string]string{}}, nil
}

func (s *server) url(database string) string {
	u := *s.base
	u.Path = "/" + database
	return u.String()
}

// admin runs orders on a connection of their own, so that none is left open for a leak detector to find.
func (s *server) admin(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.base.String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	return do(conn)
}

// create makes the test's database from its template, and the template if it is not there or was swept away by now.
func (s *server) create(ctx context.Context, name, key string, migrate Migrate) error {
	return s.admin(ctx, func(conn *pgx.Conn) error {
		if migrate == nil {
			return clone(ctx, conn, name, "template0")
		}
		for {
			template, err := s.template(ctx, conn, key, migrate)
			if err != nil {
				return err
			}
			err = clone(ctx, conn, name, template)
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "3D000" { // invalid_catalog_name: there is no such template
				return err
			}
			s.forget(key)
		}
	})
}

// clone copies a database: by file, 20 to 50 ms for an empty schema, where copying through the write-ahead log took 130.
func clone(ctx context.Context, conn *pgx.Conn, name, template string) error {
	order := "CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(template)
	if conn.PgConn().ParameterStatus("server_version") >= "15" {
		order += " STRATEGY file_copy"
	}
	if _, err := conn.Exec(ctx, order); err != nil {
		return fmt.Errorf("cannot copy %s: %w", template, err)
	}
	return nil
}

func (s *server) drop(t testing.TB, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), dropLimit)
	defer cancel()
	if err := s.admin(ctx, func(conn *pgx.Conn) error { return drop(ctx, conn, name) }); err != nil {
		t.Error("pgtest: ", err)
	}
}

func drop(ctx context.Context, conn *pgx.Conn, name string) error {
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("cannot drop %s: %w", name, err)
	}
	return nil
}

func (s *server) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.templates, key)
}

// template returns the name of the migrated database for key, made by whichever process comes first.
func (s *server) template(ctx context.Context, conn *pgx.Conn, key string, migrate Migrate) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name, ok := s.templates[key]; ok {
		return name, nil
	}
	sum := sha256.Sum256([]byte(key))
	name := templatePrefix + hex.EncodeToString(sum[:8])
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", advisoryLock); err != nil {
		return "", err
	}
	// The lock is given back by the connection's end at the latest.
	defer func() { _, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", advisoryLock) }()
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return "", err
	}
	if !exists {
		if err := s.makeTemplate(ctx, conn, name, migrate); err != nil {
			return "", err
		}
	}
	s.templates[key] = name
	return name, nil
}

// makeTemplate migrates under another name and renames at the end, so that a template is complete or not there.
func (s *server) makeTemplate(ctx context.Context, conn *pgx.Conn, name string, migrate Migrate) error {
	unfinished := name + "_unfinished"
	if err := drop(ctx, conn, unfinished); err != nil {
		return err
	}
	if err := clone(ctx, conn, unfinished, "template0"); err != nil {
		return err
	}
	if err := migrate(ctx, s.url(unfinished)); err != nil {
		return errors.Join(fmt.Errorf("migrate: %w", err), drop(ctx, conn, unfinished))
	}
	// A session that migrate closed may take a moment to be gone, and copying needs a database that nobody is in.
	for _, order := range []string{
		"ALTER DATABASE " + quote(unfinished) + " ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '" + unfinished + "'",
		"ALTER DATABASE " + quote(unfinished) + " RENAME TO " + quote(name),
	} {
		if _, err := conn.Exec(ctx, order); err != nil {
			return fmt.Errorf("template %s: %w", name, err)
		}
	}
	return dropOld(ctx, conn, templatePrefix, keepTemplates)
}

// dropOld drops the databases whose name starts with prefix, but for the newest few.
func dropOld(ctx context.Context, conn *pgx.Conn, prefix string, keep int) error {
	old, err := names(ctx, conn, "SELECT datname FROM pg_database WHERE starts_with(datname::text, $1) ORDER BY oid DESC OFFSET $2", prefix, keep)
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := drop(ctx, conn, name); err != nil {
			return err
		}
	}
	return nil
}

// sweep drops the databases of test processes that were killed. Two processes may sweep at once and meet over the same one:
// what cannot be dropped now is left to the next.
func sweep(ctx context.Context, conn *pgx.Conn) error {
	all, err := names(ctx, conn, "SELECT datname FROM pg_database WHERE starts_with(datname::text, $1)", testPrefix)
	if err != nil {
		return err
	}
	for _, name := range all {
		owner, _, _ := strings.Cut(strings.TrimPrefix(name, testPrefix), "_")
		pid, err := strconv.Atoi(owner)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = drop(ctx, conn, name)
		}
	}
	return nil
}

func names(ctx context.Context, conn *pgx.Conn, query string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
