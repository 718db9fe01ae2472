package chaos

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"nurture/store"
)

// Accepted is what a stand-in took of one touch.
type Accepted struct {
	Times int
	Last  time.Time // by the real clock
}

// Stop is a lead's wish to be left alone, once it was acknowledged, and so committed.
type Stop struct {
	At time.Time // of the acknowledgement, by the real clock
	// Claims is how often each touch of the lead had been claimed when the acknowledgement was there. A touch that left later is excused only
	// when it was never claimed again: then it was in somebody's hands already when the stop was committed.
	Claims map[int64]int
}

// Evidence is what the comparison knows.
type Evidence struct {
	Touches  []store.AuditedTouch
	Runs     []store.AuditedRun
	Accepted map[int64]Accepted // by touch
	Strange  []string           // accepted, and no touch of the ledger
	Stops    map[int64]Stop     // by lead
	Withheld map[string]bool    // addresses of which a fault once kept an answer from the sender, or the whole dialogue
	Killed   map[int]bool       // processes that were killed
	Stopped  map[int]bool       // processes that were told to stop
}

// Findings are the touches that break a promise, and those whose fate is open.
type Findings struct {
	SentTwice []int64 // accepted more than once
	Lost      []int64 // the ledger says sent, and nobody accepted it
	Denied    []int64 // accepted, and the ledger says that it never left
	AfterStop []int64 // claimed after the lead's stop was acknowledged, and accepted
	Stuck     []int64 // planned or claimed, though there is all the time in the world
	Unasked   []int64 // skipped or failed without a reason
	Passed    []int64 // enrolments that went past a step without a touch for it
	Undone    []int64 // enrolments that never finished
	Strange   []string

	Excused int // touches that left after a stop and had been claimed before it

	Unknown        int         // touches whose fate stays open
	UnknownByFault int         // of them those whose answer a fault withheld
	UnknownByKill  map[int]int // the others, by killed process
	UnknownByStop  int         // the others, of processes that were told to stop
	UnknownOther   []int64     // nobody knows why
}

// Compare compares the ledger with what the stand-ins accepted.
func Compare(e Evidence) Findings {
	f := Findings{UnknownByKill: map[int]int{}, Strange: slices.Clone(e.Strange)}
	known := map[int64]bool{}
	steps := map[[2]int64]bool{} // enrolment and step
	for i := range e.Touches {
		t := &e.Touches[i]
		known[t.ID] = true
		steps[[2]int64{t.EnrollmentID, int64(t.Step)}] = true
		f.judge(e, t)
	}
	for id := range e.Accepted {
		if !known[id] {
			f.Strange = append(f.Strange, "touch "+strconv.FormatInt(id, 10)+" is not in the ledger")
		}
	}
	slices.Sort(f.Strange)
	for _, run := range e.Runs {
		for step := range run.Step {
			if !steps[[2]int64{run.ID, int64(step)}] {
				f.Passed = append(f.Passed, run.ID)
				break
			}
		}
		if run.State != "finished" {
			f.Undone = append(f.Undone, run.ID)
		}
	}
	return f
}

// judge weighs one touch.
func (f *Findings) judge(e Evidence, t *store.AuditedTouch) {
	got := e.Accepted[t.ID]
	leaves := t.Channel != "call" // a call is a task of our own: no provider sees it
	if got.Times > 1 {
		f.SentTwice = append(f.SentTwice, t.ID)
	}
	switch t.State {
	case store.TouchSent:
		if leaves && got.Times == 0 {
			f.Lost = append(f.Lost, t.ID)
		}
	case store.TouchUnknown:
		f.unknown(e, t)
	case store.TouchPlanned, store.TouchClaimed:
		f.Stuck = append(f.Stuck, t.ID)
	case store.TouchSkipped, store.TouchFailed:
		if t.Reason == "" {
			f.Unasked = append(f.Unasked, t.ID)
		}
		if got.Times > 0 {
			f.Denied = append(f.Denied, t.ID)
		}
	}
	stop, stopped := e.Stops[t.LeadID]
	if stopped && got.Times > 0 && got.Last.After(stop.At) {
		if t.Tries > stop.Claims[t.ID] {
			f.AfterStop = append(f.AfterStop, t.ID)
		} else {
			f.Excused++
		}
	}
}

// unknown says whose fault it is that a touch's fate is open.
func (f *Findings) unknown(e Evidence, t *store.AuditedTouch) {
	f.Unknown++
	pid := processOf(t.ClaimedBy)
	switch {
	case e.Killed[pid] && strings.HasPrefix(t.Detail, "the process "): // the words of those who took it up
		f.UnknownByKill[pid]++
	case e.Withheld[t.Address]:
		f.UnknownByFault++
	case e.Killed[pid]:
		f.UnknownByKill[pid]++
	case e.Stopped[pid]:
		f.UnknownByStop++
	default:
		f.UnknownOther = append(f.UnknownOther, t.ID)
	}
}

// processOf reads the process from a worker's id: HOST-PID-RANDOM. 0 when it has none.
func processOf(worker string) int {
	parts := strings.Split(worker, "-")
	if len(parts) < 3 {
		return 0
	}
	pid, _ := strconv.Atoi(parts[len(parts)-2])
	return pid
}
