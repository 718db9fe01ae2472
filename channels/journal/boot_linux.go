package journal

import (
	"os"
	"strings"
)

// bootID names this boot of the machine (proc(5), random/boot_id); "" when it cannot be read.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
