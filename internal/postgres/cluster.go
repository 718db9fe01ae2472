package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// settings go to the end of postgresql.conf when a cluster is made, where an operator may change them later. Sized for one
// machine that also runs nurture: commits stay synchronous, checkpoints are spread out.
const settings = `
# Set by nurture when it made this cluster; change what you like.
max_connections = 100
shared_buffers = 128MB
effective_cache_size = 1GB
min_wal_size = 128MB
max_wal_size = 2GB
wal_compression = on
wal_buffers = 16MB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
`

// fasterCompression is wal_compression where the server knows it: since version 15, if it was built with lz4. What "on" means took a fifth of
// Postgres' time when a million leads were enrolled.
const fasterCompression = "lz4"

// initialised tells whether a cluster is there. initdb works in a folder that is renamed when complete, so that a cluster
// is there wholly or not at all.
func (s *site) initialised() bool {
	_, err := os.Stat(s.cluster())
	return err == nil
}

// clusterMajor is the major version that made the cluster; 0 when there is none yet.
func (s *site) clusterMajor() (int, error) {
	if !s.initialised() {
		return 0, nil
	}
	path := filepath.Join(s.cluster(), "PG_VERSION")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("postgres: %s is no PostgreSQL cluster (it has no PG_VERSION); move it away or choose another data folder", s.cluster())
	}
	if err != nil {
		return 0, fmt.Errorf("postgres: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("postgres: %s says %q where a version such as 17 is expected; restore the data folder from a backup", path, b)
	}
	return major, nil
}

// initialise makes the cluster: UTF-8, byte order for sorting, so that an upgrade of the C library can never damage an index.
func (s *site) initialise(ctx context.Context, with install) error {
	fresh := s.cluster() + ".new"
	var failed error
	for _, locale := range locales(with.major) {
		if err := os.RemoveAll(fresh); err != nil {
			return fmt.Errorf("postgres: cannot remove an unfinished cluster: %w", err)
		}
		if err := s.makeOwnFolder(fresh); err != nil {
			return err
		}
		var out []byte
		out, failed = s.command(ctx, fresh, filepath.Join(with.bin, "initdb"), append(s.initArgs(fresh), locale...)...).CombinedOutput()
		if failed == nil {
			break
		}
		failed = fmt.Errorf("postgres: initdb for %s failed: %w\n%s", s.dir, failed, out)
		if !strings.Contains(string(out), "locale") {
			break
		}
	}
	if failed != nil {
		_ = os.RemoveAll(fresh)
		return failed
	}
	conf := settings
	if s.command(ctx, fresh, filepath.Join(with.bin, "postgres"), "-D", fresh, "-C", "wal_compression", "-c", "wal_compression="+fasterCompression).Run() == nil {
		conf += "wal_compression = " + fasterCompression + "\n"
	}
	if err := appendTo(filepath.Join(fresh, "postgresql.conf"), conf); err != nil {
		return err
	}
	if err := os.Rename(fresh, s.cluster()); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	s.log.Info("made a PostgreSQL cluster", "data", s.dir, "version", with.major)
	return nil
}

func (s *site) initArgs(dir string) []string {
	args := []string{"--pgdata", dir, "--username", User, "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--no-instructions"}
	if s.ephemeral {
		return append(args, "--no-sync")
	}
	return append(args, "--data-checksums")
}

// locales are the initdb options to try in turn. All sort by bytes; they differ in who knows that É is the capital of é: the
// server itself since version 17, before that the C library by a name that not every system has.
func locales(major int) [][]string {
	byLibrary := [][]string{
		{"--locale=C", "--lc-ctype=C.UTF-8"},
		{"--locale=C", "--lc-ctype=en_US.UTF-8"},
		{"--locale=C"},
	}
	if major < 17 {
		return byLibrary
	}
	return append([][]string{{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}}, byLibrary...)
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// ensureDatabase creates the nurture database in a cluster that has none: a new one, or one whose maker was killed in between.
func (s *site) ensureDatabase(ctx context.Context, up endpoint) error {
	conn, err := pgx.Connect(ctx, up.url("postgres"))
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", Database).Scan(&exists); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{Database}.Sanitize()); err != nil {
		return fmt.Errorf("postgres: cannot create database %s: %w", Database, err)
	}
	return nil
}
