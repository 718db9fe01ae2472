package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// runningPID is the process id of the site's server if it runs.
func (s *site) runningPID() (int, bool) {
	up, err := s.readPIDFile()
	if err != nil || !s.serves(up.pid) || !alive(up.pid) {
		return 0, false
	}
	return up.pid, true
}

// removeStalePIDFile clears what a killed server left, because PostgreSQL would take whatever process has its number by now
// for itself. Called only when runningPID said no.
func (s *site) removeStalePIDFile() error {
	err := os.Remove(s.pidFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("postgres: cannot remove a stale pid file: %w", err)
	}
	return nil
}

func (s *site) pidFile() string { return filepath.Join(s.cluster(), "postmaster.pid") }

// readPIDFile reads postmaster.pid. Its lines: process id, data folder, start time, port, socket folder, …; the later ones are
// written as the start goes on, so socket and port may be empty.
func (s *site) readPIDFile() (endpoint, error) {
	b, err := os.ReadFile(s.pidFile())
	if err != nil {
		return endpoint{}, err
	}
	lines := strings.Split(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return endpoint{}, fmt.Errorf("%s starts with %q, not with a process id", s.pidFile(), lines[0])
	}
	up := endpoint{pid: pid}
	if len(lines) > 5 {
		up.socket = lines[4]
		if up.port, err = strconv.Atoi(lines[3]); err != nil {
			return endpoint{}, fmt.Errorf("%s has no port: %w", s.pidFile(), err)
		}
	}
	return up, nil
}

// alive tells whether a server's process runs. One that this process started and that ended is reaped here, and a zombie
// counts as ended.
func alive(pid int) bool {
	if got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil); err == nil {
		return got == 0
	}
	if syscall.Kill(pid, 0) != nil {
		// Not there, or (EPERM) somebody else's: the server of a cluster that we may use is ours or we are root.
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return true // no /proc, as on macOS
	}
	_, state, _ := bytes.Cut(stat, []byte(") "))
	return !bytes.HasPrefix(state, []byte("Z"))
}

// serves tells whether a process is the site's server, and not one that got the number of a dead one: by its working folder,
// which PostgreSQL sets to the cluster, or where that is hidden by its name.
func (s *site) serves(pid int) bool {
	proc := fmt.Sprintf("/proc/%d", pid)
	if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err == nil {
		return sameFolder(cwd, s.cluster())
	}
	name, err := os.ReadFile(filepath.Join(proc, "comm"))
	if err != nil {
		name, err = s.command(context.Background(), "/", "ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	}
	if err != nil {
		return false
	}
	base := filepath.Base(strings.Trim(string(name), "() \n")) // ps puts a zombie's name in parentheses
	return slices.Contains([]string{"postgres", "postmaster"}, base)
}

func sameFolder(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
