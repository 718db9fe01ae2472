// Package doctor checks whether an installation can do its work: configuration, database, data folder, mail and voice accounts,
// the public address, and what DNS says of our mail. A check reads and never changes anything, no mail leaves, and each finding that is not good says
// what to do.
//
// The package knows no channel: the accounts come as functions that look at them.
package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Level is how bad a finding is.
type Level string

// The levels. Warn is for what works today and deserves a look, and for what cannot be told from here.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "FAIL"
)

// Finding is one line of the report.
type Finding struct {
	Level  Level
	What   string // what was looked at, such as "smtp login"
	Detail string // what was found
	Fix    string // what to do about it; "" when Level is OK
}

func good(what, format string, args ...any) Finding {
	return Finding{Level: OK, What: what, Detail: fmt.Sprintf(format, args...)}
}

func warn(what, detail, fix string) Finding {
	return Finding{Level: Warn, What: what, Detail: detail, Fix: fix}
}

func fail(what, detail, fix string) Finding {
	return Finding{Level: Fail, What: what, Detail: detail, Fix: fix}
}

// unclear is a finding about something that could not be looked at.
func unclear(what string, err error, fix string) Finding {
	return warn(what, "cannot tell: "+err.Error(), fix)
}

// Check looks at one thing.
type Check struct {
	What string // for the finding when Look does not come back
	Look func(ctx context.Context) []Finding
}

// Told is a check whose findings are known beforehand.
func Told(findings ...Finding) Check {
	return Check{Look: func(context.Context) []Finding { return findings }}
}

// grace is how long a check may take to say where it was when its time is up.
const grace = time.Second

// Run runs all checks at once, each for as long as timeout, and returns their findings in the order of the checks. A check that hangs or
// panics costs its own line only.
func Run(ctx context.Context, timeout time.Duration, checks []Check) []Finding {
	results := make([][]Finding, len(checks))
	var group sync.WaitGroup
	for i, c := range checks {
		group.Go(func() { results[i] = c.run(ctx, timeout) })
	}
	group.Wait()
	var all []Finding
	for _, findings := range results {
		all = append(all, findings...)
	}
	return all
}

func (c Check) run(ctx context.Context, timeout time.Duration) []Finding {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	done := make(chan []Finding, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- []Finding{fail(c.What, fmt.Sprintf("the check itself broke: %v", p), "report this as a bug of nurture")}
			}
		}()
		done <- c.Look(ctx)
	}()
	select {
	case findings := <-done:
		return findings
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case findings := <-done:
		return findings
	case <-late.C:
		return []Finding{fail(c.What, fmt.Sprintf("no answer within %v", timeout), "see whether a firewall drops the connection, or give it longer with --timeout")}
	}
}

// Count says how many findings have a level.
func Count(findings []Finding, level Level) int {
	n := 0
	for _, f := range findings {
		if f.Level == level {
			n++
		}
	}
	return n
}
