package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockPoll is how often a waiter asks again for a lock that another process holds: locks are held for a start or a stop,
// that is for tenths of a second.
const lockPoll = 20 * time.Millisecond

// lease is an open, flocked file. flock belongs to the open file, not to the process, so that two leases of one process
// exclude or share each other exactly as those of two processes do; the kernel drops it when the process ends, however it ends.
type lease struct{ file *os.File }

func (l *lease) close() { _ = l.file.Close() }

// alone turns the shared lease into an exclusive one if nobody else shares it. Only correct while holding the turn: flock
// converts by letting go first.
func (l *lease) alone() bool { return flock(l.file, syscall.LOCK_EX|syscall.LOCK_NB) == nil }

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func (s *site) openLock(name string) (*lease, error) {
	path := filepath.Join(s.dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("postgres: cannot open the lock file: %w", err)
	}
	if err := s.own(path); err != nil {
		_ = f.Close()
		return nil, err
	}
	return &lease{f}, nil
}

// takeTurn waits until this process alone may start, join, leave or stop the server.
func (s *site) takeTurn(ctx context.Context) (*lease, error) {
	turn, err := s.openLock("lock")
	if err != nil {
		return nil, err
	}
	if err := turn.lockExclusive(ctx); err != nil {
		turn.close()
		return nil, fmt.Errorf("postgres: another process holds %s: %w", turn.file.Name(), err)
	}
	return turn, nil
}

func (l *lease) lockExclusive(ctx context.Context) error {
	tick := time.NewTicker(lockPoll)
	defer tick.Stop()
	for {
		err := flock(l.file, syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// join takes a shared lease. The caller holds the turn, so the only exclusive holder it can meet is a StopWhenUnused that is
// asking whether anybody is there, for an instant.
func (s *site) join() (*lease, error) {
	l, err := s.openLock("lease")
	if err != nil {
		return nil, err
	}
	if err := flock(l.file, syscall.LOCK_SH); err != nil {
		l.close()
		return nil, fmt.Errorf("postgres: cannot share %s: %w", l.file.Name(), err)
	}
	return l, nil
}

// StopWhenUnused waits until no process holds the server of dataDir, gives newcomers the grace to come, and stops it. It
// returns nil when the server is down, whoever stopped it. It serves users that cannot be sure to reach their own Stop.
func StopWhenUnused(ctx context.Context, dataDir string, grace time.Duration) error {
	s, err := newSite(Options{DataDir: dataDir})
	if err != nil {
		return err
	}
	for {
		if err := s.waitUnused(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(grace):
		}
		if stopped, err := s.stopIfUnused(ctx); stopped || err != nil {
			return err
		}
	}
}

func (s *site) waitUnused(ctx context.Context) error {
	l, err := s.openLock("lease")
	if err != nil {
		return err
	}
	defer l.close()
	return l.lockExclusive(ctx)
}

func (s *site) stopIfUnused(ctx context.Context) (stopped bool, err error) {
	turn, err := s.takeTurn(ctx)
	if err != nil {
		return false, err
	}
	defer turn.close()
	l, err := s.openLock("lease")
	if err != nil {
		return false, err
	}
	defer l.close()
	if !l.alone() {
		return false, nil
	}
	return true, s.shutdown(ctx)
}
