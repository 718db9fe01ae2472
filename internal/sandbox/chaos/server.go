package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"nurture/internal/postgres"
)

// server is the scratch database, which falls over on order. It is no ephemeral one: what it has committed must be there again.
type server struct {
	dir string
	url string

	mu    sync.Mutex
	holds []*postgres.Server // one for each start; the last is the running one
}

func startServer(ctx context.Context, dir string) (*server, error) {
	s := &server{dir: dir}
	return s, s.start(ctx)
}

func (s *server) start(ctx context.Context) error {
	hold, err := postgres.Start(ctx, postgres.Options{DataDir: s.dir})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url != "" && s.url != hold.URL() {
		return fmt.Errorf("the database has moved from %s to %s", s.url, hold.URL())
	}
	s.url, s.holds = hold.URL(), append(s.holds, hold)
	return nil
}

// restart ends the server with a signal to its postmaster, leaves it down for a while, and starts it again: SIGINT is a fast shutdown,
// SIGQUIT an immediate one, SIGKILL a crash.
func (s *server) restart(ctx context.Context, with syscall.Signal, down time.Duration) error {
	s.mu.Lock()
	pid := s.holds[len(s.holds)-1].PID()
	s.mu.Unlock()
	if err := syscall.Kill(pid, with); err != nil {
		return fmt.Errorf("signal the database's process %d: %w", pid, err)
	}
	if !gone(ctx, pid) {
		return fmt.Errorf("the database's process %d does not end: %w", pid, context.Cause(ctx))
	}
	if !pause(ctx, down) {
		return context.Cause(ctx)
	}
	return s.start(ctx)
}

// gone waits for the end of a process that may be a child of this one.
func gone(ctx context.Context, pid int) bool {
	for {
		ended, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		if ended == pid || errors.Is(err, syscall.ECHILD) && syscall.Kill(pid, 0) != nil {
			return true
		}
		if !pause(ctx, 5*time.Millisecond) {
			return false
		}
	}
}

func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var errs []error
	for _, hold := range s.holds {
		errs = append(errs, hold.Stop(ctx))
	}
	return errors.Join(errs...)
}

// pause waits; false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
