package postgres

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

func TestUnusableDataFolder(t *testing.T) {
	t.Parallel()
	try := func(t *testing.T, dir string, parts ...string) error {
		t.Helper()
		_, err := Start(t.Context(), Options{DataDir: dir})
		wantError(t, err, parts...)
		return err
	}
	t.Run("none", func(t *testing.T) { try(t, "", "no data folder") })
	t.Run("a file", func(t *testing.T) {
		path := filepath.Join(folder(t), "file")
		check(t, os.WriteFile(path, nil, 0o600))
		try(t, path, path, "is a file", "choose another")
	})
	t.Run("below a file", func(t *testing.T) {
		path := filepath.Join(folder(t), "file")
		check(t, os.WriteFile(path, nil, 0o600))
		try(t, filepath.Join(path, "data"), "cannot make the data folder", "choose another")
	})
	t.Run("no cluster", func(t *testing.T) {
		dir := folder(t)
		check(t, os.MkdirAll(filepath.Join(dir, "cluster", "holiday pictures"), 0o700))
		try(t, dir, "is no PostgreSQL cluster", "move it away")
	})
	t.Run("other version", func(t *testing.T) {
		dir := folder(t)
		cluster(t, dir, "9\n")
		if err := try(t, dir, dir, "made by PostgreSQL 9", "install PostgreSQL 9", "pg_dump"); !errors.Is(err, ErrVersion) {
			t.Errorf("not an ErrVersion: %v", err)
		}
	})
	t.Run("odd version", func(t *testing.T) {
		dir := folder(t)
		cluster(t, dir, "new\n")
		try(t, dir, "PG_VERSION", `"new\n"`)
	})
	t.Run("damaged", func(t *testing.T) {
		dir := folder(t)
		s := start(t, dir)
		check(t, s.Stop(t.Context()))
		check(t, os.Remove(filepath.Join(dir, "cluster", "global", "pg_control")))
		try(t, dir, "did not start", "server.log", "pg_control")
	})
}

// cluster fakes a cluster of some version.
func cluster(t *testing.T, dir, version string) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Join(dir, "cluster"), 0o700))
	check(t, os.WriteFile(filepath.Join(dir, "cluster", "PG_VERSION"), []byte(version), 0o600))
}

func TestEphemeralClusterIsReplacedWhenUnusable(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cluster(t, dir, "9\n")
	if got := query(t, start(t, dir), "SELECT 'new'"); got != "new" {
		t.Error(got)
	}
}

func TestUnfinishedClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	check(t, os.MkdirAll(filepath.Join(dir, "cluster.new", "base"), 0o700))
	if got := query(t, start(t, dir), "SELECT 'whole'"); got != "whole" {
		t.Error(got)
	}
}

func TestSomebodyElsesSocketFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	check(t, os.Mkdir(filepath.Join(dir, "socket"), 0o700))
	check(t, os.Chmod(filepath.Join(dir, "socket"), 0o777))
	_, err := Start(t.Context(), Options{DataDir: dir, Ephemeral: true})
	wantError(t, err, "not a private folder", "remove it")
}

// The two sides of running as root: where the tests run as a normal user, the first has nothing to drop and proves that the
// server runs as that user; the rest needs root to set the scene.
func TestServerNeverRunsAsRoot(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	for _, path := range []string{"cluster", "socket", "server.log"} {
		info, err := os.Stat(filepath.Join(dir, path))
		check(t, err)
		if owner := ownerOf(info); owner == 0 || owner != s.site.run.uid {
			t.Errorf("%s belongs to uid %d, want %d", path, owner, s.site.run.uid)
		}
	}
	if os.Geteuid() != 0 {
		return
	}
	t.Run("behind a closed folder", func(t *testing.T) {
		closed := filepath.Join(folder(t), "home")
		check(t, os.Mkdir(closed, 0o700))
		_, err := Start(t.Context(), Options{DataDir: filepath.Join(closed, "data")})
		wantError(t, err, "running as root", "cannot pass "+closed+" ", "/var/lib/nurture")
	})
	t.Run("as nobody", func(t *testing.T) { startAsNobody(t) })
	t.Run("in a folder of nobody's", func(t *testing.T) {
		dir := folder(t)
		cluster(t, dir, "15\n")
		check(t, os.Chown(filepath.Join(dir, "cluster"), nobodyID, nobodyID))
		s, err := newSite(Options{DataDir: dir})
		check(t, err)
		if s.run.uid != nobodyID {
			t.Errorf("runs as uid %d, not as the cluster's owner", s.run.uid)
		}
	})
}

// startAsNobody runs a copy of the test program, which lies in a closed folder, as a normal user.
func startAsNobody(t *testing.T) {
	dir := folder(t)
	program := filepath.Join(dir, "holder")
	b, err := os.ReadFile(os.Args[0])
	check(t, err)
	check(t, os.WriteFile(program, b, 0o755))
	home := filepath.Join(dir, "data")
	check(t, os.Mkdir(home, 0o700))
	check(t, os.Chown(home, nobodyID, nobodyID))
	asNobody := func() *exec.Cmd {
		cmd := exec.Command(program)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodyID, Gid: nobodyID, Groups: []uint32{}}}
		return cmd
	}
	h := startHolder(t, asNobody(), home)
	pid, err := strconv.Atoi(h.first)
	if err != nil {
		t.Fatal(h.first)
	}
	if s := start(t, home); s.PID() != pid {
		t.Errorf("root started server %d beside nobody's %d", s.PID(), pid)
	} else {
		check(t, s.Stop(t.Context()))
	}
	h.leave(t)
	if alive(pid) {
		t.Error("nobody's server runs on")
	}
	refused := startHolder(t, asNobody(), folder(t))
	wantError(t, errors.New(refused.first), "belongs to root", "choose another folder")
	_ = refused.cmd.Wait()
}
