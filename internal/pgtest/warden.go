package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"nurture/internal/postgres"
)

// These make a test program a warden: the server's folder, and how long an unused server stays up.
const (
	wardenOf    = "NURTURE_PGTEST_WARDEN"
	wardenGrace = "NURTURE_PGTEST_WARDEN_GRACE"
)

// grace bridges the time until the next package of the same `go test ./...`.
const grace = 10 * time.Second

// A test process cannot be sure to reach its own last line: it may be killed, run into its time limit, or call os.Exit. So each
// starts a copy of itself that sees the end of the last of them by its lock, stops the server and ends. It has to turn off
// here, before main runs tests.
func init() {
	dir := os.Getenv(wardenOf)
	if dir == "" {
		return
	}
	grace, err := time.ParseDuration(os.Getenv(wardenGrace))
	if err != nil {
		os.Exit(2)
	}
	if err := postgres.StopWhenUnused(context.Background(), dir, grace); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// startWarden starts this process's warden, detached: `go test` waits for whoever holds its pipes, so it gets none.
func startWarden(dir string, grace time.Duration) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find the test program: %w", err)
	}
	cmd := exec.Command(self)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), wardenOf+"="+dir, wardenGrace+"="+grace.String())
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start the warden: %w", err)
	}
	return cmd.Process.Release()
}
