// Package bench measures the whole program: real processes, a private Postgres as the product makes it, a mail server in a process of its
// own. What it compares with, River and go-mail by themselves, runs in the same minute on the same machine: a ratio says something where
// a rate only tells how fast the machine is.
package bench

import (
	"io"
	"runtime"
	"time"
)

// Options are what every measurement needs.
type Options struct {
	Dir     string // folder for the database, the configuration and what the processes write; it exists, and others than its owner may enter it
	Program string // the program itself, to be started again for worker and sink
	Now     func() time.Time
	Tell    io.Writer // for a person: what is being done
}

// Machine is where something was measured.
type Machine struct {
	CPUs     int    `json:"cpus"`
	OS       string `json:"os"`
	Go       string `json:"go"`
	Postgres string `json:"postgres"`
	Fsync    string `json:"fsync"`              // as Postgres says: "on" is the product's default
	Commit   string `json:"synchronous_commit"` // likewise
}

func (g *ground) machine() Machine {
	return Machine{
		CPUs: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Postgres: g.server["server_version"], Fsync: g.server["fsync"], Commit: g.server["synchronous_commit"],
	}
}

// perSecond is a rate; 0 when no time passed.
func perSecond(n int, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(n) / took.Seconds()
}

// ratio is a by b; 0 when there is no b.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
