package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of times in proc(5): USER_HZ is 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpuTime is what this process has used so far, user and system.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// familyCPU is what a process, its children and its ended children have used so far; 0 where there is no /proc. Of Postgres it is everything.
func familyCPU(pid int) time.Duration {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	var total time.Duration
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		// The name, in parentheses, may hold spaces; the state is the first field after it and number 3 in proc(5).
		f := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(f) < 15 {
			continue
		}
		field := func(number int) time.Duration {
			n, _ := strconv.ParseInt(f[number-3], 10, 64)
			return time.Duration(n) * tick
		}
		switch {
		case path == fmt.Sprintf("/proc/%d/stat", pid):
			total += field(14) + field(15) + field(16) + field(17) // utime, stime, and those of children that were waited for
		case f[1] == strconv.Itoa(pid):
			total += field(14) + field(15)
		}
	}
	return total
}

// machineCPU is what all processes of the machine have used so far; 0 where there is no /proc.
func machineCPU() time.Duration {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	var busy time.Duration
	for i, f := range strings.Fields(line) {
		switch i {
		case 1, 2, 3, 6, 7: // user, nice, system, irq, softirq
			n, _ := strconv.ParseInt(f, 10, 64)
			busy += time.Duration(n) * tick
		}
	}
	return busy
}
