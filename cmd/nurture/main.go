// Command nurture keeps leads warm until they are ready to buy, and hands sales those that are. docs/cli.md walks through its
// commands. This package wires the parts together; it alone reads the clock, the environment and flags.
package main

import (
	"os"
	"runtime/debug"
	"time"
)

// gcPercent lets the heap grow to two and a half times what lives in it before it is collected. What lives is little while what passes through is
// much: the collector's default would spend a fifth of a sending worker's time, and at 200 a worker came close to 150 MB.
const gcPercent = 150

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(osSystem(time.Now), os.Args[1:]))
}
