// Command nurture keeps leads warm until they are ready to buy, and hands sales those that are. docs/cli.md walks through its
// commands. This package wires the parts together; it alone reads the clock, the environment and flags.
package main

import (
	"os"
	"time"
)

func main() {
	os.Exit(run(osSystem(time.Now), os.Args[1:]))
}
