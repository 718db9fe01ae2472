package chaos

import (
	"fmt"
	"syscall"
)

// mount mounts a small disk in memory.
func mount(dir string) error {
	return syscall.Mount("chaos", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, fmt.Sprintf("size=%dk,mode=0755", diskSize))
}

func unmount(dir string) error { return syscall.Unmount(dir, syscall.MNT_DETACH) }
