package chaos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

const (
	// diskSize is that of the workers' disk: room for the journals, far from it for the ballast. In KiB.
	diskSize  = 64 << 10
	diskEvery = 40 * time.Second
)

// mountDisk gives the workers' data folder, with the send journals and the outbox, a small disk of its own, which can be filled up. That takes
// the right to mount; without it the folder stays on the machine's disk, and no disk is filled.
func (w *world) mountDisk() error {
	if err := os.MkdirAll(w.in("data"), 0o755); err != nil {
		return err
	}
	err := mount(w.in("data"))
	if err == nil {
		w.disk = true
		return nil
	}
	w.Say("no disk is filled up: a small one cannot be mounted here (%v)", err)
	return nil
}

// unmountDisk lets the small disk go, once nobody uses it.
func (w *world) unmountDisk() error {
	if !w.disk {
		return nil
	}
	w.disk = false
	return unmount(w.in("data"))
}

// fillDisk leaves no room on the workers' disk for a while.
func (w *world) fillDisk(ctx context.Context, d *dice) error {
	name, full := w.in("data", "ballast"), d.between(500*time.Millisecond, 4*time.Second)
	w.Say("the workers' disk is full for %s", full.Round(time.Millisecond))
	w.counts.add("disk_full", 1)
	err := writeUntilFull(name)
	pause(ctx, full)
	return errors.Join(err, os.Remove(name))
}

// writeUntilFull writes a file until the disk takes no more.
func writeUntilFull(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	chunk := make([]byte, 4<<10) // to the last page
	for range 2 * diskSize / 4 {
		if _, err := f.Write(chunk); errors.Is(err, syscall.ENOSPC) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is not full after twice its size", name)
}
