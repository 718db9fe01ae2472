package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// userDir makes the test binary play a test process of some package that is killed: it joins the server of that
// folder, says the server's pid and hangs.
const userDir = "NURTURE_PGTEST_TEST_USER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(userDir); dir != "" {
		s, err := join(context.Background(), dir, time.Millisecond)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.own.PID())
		select {}
	}
	os.Exit(m.Run())
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// one runs a statement that answers one text.
func one(t testing.TB, url, sql string) (got string) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	check(t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	check(t, conn.QueryRow(context.Background(), sql).Scan(&got))
	return got
}

// migration makes one table and counts its runs. It leaves its connection to the server's own speed of closing.
func migration(runs *atomic.Int32) Migrate {
	return func(ctx context.Context, url string) error {
		runs.Add(1)
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "CREATE TABLE marks (mark text); INSERT INTO marks VALUES ('migrated')")
		return errors.Join(err, conn.Close(ctx))
	}
}

// key is one that no earlier run used, whose templates may still be there.
func key(t testing.TB) string { return fmt.Sprintf("%s %d %d", t.Name(), os.Getpid(), serial.Add(1)) }

func TestEachTestHasItsOwnMigratedDatabase(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	k := key(t)
	t.Run("tests", func(t *testing.T) {
		for i := range 4 {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				url := New(t, k, migration(&runs))
				one(t, url, fmt.Sprintf("INSERT INTO marks VALUES ('%d') RETURNING mark", i))
				if got, want := one(t, url, "SELECT string_agg(mark, ',' ORDER BY mark DESC) FROM marks"), fmt.Sprintf("migrated,%d", i); got != want {
					t.Errorf("marks %s, want %s", got, want)
				}
			})
		}
	})
	if runs.Load() != 1 {
		t.Errorf("migrated %d times, want once", runs.Load())
	}
}

func TestDatabaseIsDroppedWithItsConnections(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("test", func(t *testing.T) {
		url = New(t, "", nil)
		conn, err := pgx.Connect(context.Background(), url)
		check(t, err)
		check(t, conn.Ping(context.Background())) // left open, as by a test that failed
	})
	if _, err := pgx.Connect(t.Context(), url); err == nil || !strings.Contains(err.Error(), "3D000") {
		t.Errorf("the database of a finished test: %v, want that it does not exist", err)
	}
}

func TestSweptTemplateIsMadeAgain(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	k := key(t)
	New(t, k, migration(&runs))
	s, err := connected(t.Context())
	check(t, err)
	template := func() (name string) {
		check(t, s.admin(t.Context(), func(conn *pgx.Conn) error {
			name, err = s.template(t.Context(), conn, k, migration(&runs))
			return err
		}))
		return name
	}
	check(t, s.admin(t.Context(), func(conn *pgx.Conn) error { return drop(t.Context(), conn, template()) }))
	if got := one(t, New(t, k, migration(&runs)), "SELECT mark FROM marks"); got != "migrated" || runs.Load() != 2 {
		t.Errorf("mark %q after %d migrations, want 2", got, runs.Load())
	}
}

func TestFailedMigrationLeavesNoTemplate(t *testing.T) {
	t.Parallel()
	s, err := connected(t.Context())
	check(t, err)
	k, failure := key(t), errors.New("no such column")
	for range 2 {
		err := s.create(t.Context(), testPrefix+"never", k, func(context.Context, string) error { return failure })
		if !errors.Is(err, failure) {
			t.Fatalf("error %v, want the migration's", err)
		}
	}
	var runs atomic.Int32
	if got := one(t, New(t, k, migration(&runs)), "SELECT mark FROM marks"); got != "migrated" {
		t.Error(got)
	}
}

func TestLeftoversAreSwept(t *testing.T) {
	t.Parallel()
	s, err := connected(t.Context())
	check(t, err)
	ended := exec.Command("true")
	check(t, ended.Run())
	dead, old := fmt.Sprintf("%s%d_1", testPrefix, ended.Process.Pid), fmt.Sprintf("old%d_", os.Getpid())
	live := New(t, "", nil)
	check(t, s.admin(t.Context(), func(conn *pgx.Conn) error {
		for _, name := range []string{dead, old + "1", old + "2", old + "3"} {
			check(t, clone(t.Context(), conn, name, "template0"))
		}
		check(t, sweep(t.Context(), conn))
		check(t, dropOld(t.Context(), conn, old, 1))
		left, err := names(t.Context(), conn, "SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname::text, $2)", dead, old)
		check(t, err)
		if len(left) != 1 || left[0] != old+"3" {
			t.Errorf("left: %v, want only the newest", left)
		}
		return dropOld(t.Context(), conn, old, 0)
	}))
	if got := one(t, live, "SELECT 'here'"); got != "here" {
		t.Error(got)
	}
}

func TestGivenServerIsUsed(t *testing.T) {
	t.Setenv(ServerURL, New(t, "", nil))
	s, err := connect(t.Context())
	check(t, err)
	if s.own != nil || s.url("x") == os.Getenv(ServerURL) {
		t.Errorf("not the given server: %+v", s)
	}
	name := testPrefix + strconv.Itoa(os.Getpid()) + "_given"
	check(t, s.create(t.Context(), name, "", nil))
	if got := one(t, s.url(name), "SELECT current_database()"); got != name {
		t.Error(got)
	}
	check(t, s.admin(t.Context(), func(conn *pgx.Conn) error { return drop(t.Context(), conn, name) }))
	for _, bad := range []string{"host=localhost dbname=x", "http://localhost/x", "postgres://%zz/"} {
		t.Setenv(ServerURL, bad)
		if _, err := connect(t.Context()); err == nil || !strings.Contains(err.Error(), ServerURL) {
			t.Errorf("%s: %v, want an error that names the variable", bad, err)
		}
	}
}

func TestServerEndsAfterItsLastUserWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if os.Geteuid() == 0 { // the server's account has to reach it
		check(t, os.Chmod(dir, 0o755))
		check(t, os.Chmod(filepath.Dir(dir), 0o755))
	}
	user := exec.Command(os.Args[0])
	user.Env = append(os.Environ(), userDir+"="+filepath.Join(dir, "data"))
	out, err := user.StdoutPipe()
	check(t, err)
	check(t, user.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(line)
	}
	check(t, user.Process.Kill())
	_ = user.Wait() // it says: killed
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		select {
		case <-ctx.Done():
			t.Fatalf("server %d runs on", pid)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func BenchmarkNew(b *testing.B) {
	var runs atomic.Int32
	for b.Loop() {
		New(b, "benchmark", migration(&runs))
	}
}
