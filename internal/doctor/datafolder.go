package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Disk is what a check asks of the file system. The zero value asks the real one.
type Disk struct {
	Writable func(dir string) error           // nil when this user may write there
	Free     func(dir string) (uint64, error) // bytes that this user may still fill
	Lock     func(dir string) error           // takes a shared lock and lets it go
}

// Below so many bytes the private database and the journals are about to stop, and would do so soon.
const (
	almostFull = 200 << 20
	ratherFull = 2 << 30
)

func (d Disk) orReal() Disk {
	if d.Writable == nil {
		d.Writable = func(dir string) error { return syscall.Access(dir, 0x2|0x1) } // W_OK and X_OK
	}
	if d.Free == nil {
		d.Free = free
	}
	if d.Lock == nil {
		d.Lock = lock
	}
	return d
}

func free(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil //nolint:unconvert // their types differ between systems
}

// lock tries flock on the folder itself, so that no file has to be made.
func lock(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err != nil {
		return err
	}
	return syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
}

// DataFolder judges the folder of journals, outbox and the private database. A folder that is still to be made is judged by the one
// that it will be made in.
func DataFolder(dir string, disk Disk) []Finding {
	disk = disk.orReal()
	existing, err := nearest(dir)
	if err != nil {
		return []Finding{fail("data folder", err.Error(), "name a folder that this user may write to with --data DIR")}
	}
	what, shown := "data folder", existing+" is writable"
	if existing != filepath.Clean(dir) {
		shown = fmt.Sprintf("%s is made by the first command that needs it", dir)
	}
	var findings []Finding
	if err := disk.Writable(existing); err != nil {
		findings = append(findings, fail(what, fmt.Sprintf("%s cannot be written to: %v", existing, err), "give this user the folder, or name another one with --data DIR"))
	} else {
		findings = append(findings, good(what, "%s", shown))
	}
	findings = append(findings, room(existing, disk))
	journal, err := nearest(filepath.Join(dir, "journal"))
	if err == nil {
		err = disk.Lock(journal)
	}
	if err != nil {
		return append(findings, fail("send journal", fmt.Sprintf("%s cannot be locked: %v", journal, err),
			"put the data folder on a disk of this machine: without locks the journals of dead processes cannot be told from those of living ones"))
	}
	return append(findings, good("send journal", "%s can be locked", journal))
}

func room(dir string, disk Disk) Finding {
	const what, fix = "disk space", "make room, or move the data folder with --data DIR"
	left, err := disk.Free(dir)
	if err != nil {
		return unclear(what, err, "look at the disk of "+dir)
	}
	shown := fmt.Sprintf("%.1f GB free", float64(left)/(1<<30))
	switch {
	case left < almostFull:
		return fail(what, shown, fix)
	case left < ratherFull:
		return warn(what, shown, fix)
	}
	return good(what, "%s", shown)
}

// nearest is dir, or the nearest folder above it that exists.
func nearest(dir string) (string, error) {
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return at, fmt.Errorf("%s is not a folder", at)
		case err == nil:
			return at, nil
		case !errors.Is(err, os.ErrNotExist) || at == filepath.Dir(at):
			return at, err
		}
	}
}
