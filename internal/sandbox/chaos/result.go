package chaos

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"nurture/internal/token"
	"nurture/jobs"
	"nurture/store"
)

// Result is what a run showed. The JSON keys are a contract: docs/chaos.md lists them.
type Result struct {
	Seconds          float64        `json:"seconds"`
	Leads            int            `json:"leads"`
	Kills            int            `json:"kills"`
	SIGTERMs         int            `json:"sigterms"`
	PgRestarts       int            `json:"pg_restarts"`
	Touches          int            `json:"touches"`
	Accepted         int            `json:"accepted"` // mails and calls, by the stand-ins' count
	SentTwice        int            `json:"sent_twice"`
	Lost             int            `json:"lost"`
	Denied           int            `json:"denied"`
	Unknown          int            `json:"unknown"`
	UnknownByFault   int            `json:"unknown_by_fault"`
	UnknownPerKill   float64        `json:"unknown_per_kill"`
	MaxUnknownByKill int            `json:"max_unknown_per_kill"`
	UnknownByStop    int            `json:"unknown_per_sigterm"`
	UnknownOther     int            `json:"unknown_other"`
	AfterStop        int            `json:"after_stop"`
	Excused          int            `json:"excused_after_stop"`
	Stuck            int            `json:"stuck"`
	Leaks            int            `json:"leaks"`
	WorkerExits      int            `json:"worker_exits"`
	ResumeSeconds    float64        `json:"resume_seconds_max"`
	Counts           map[string]int `json:"counts"`

	Findings Findings     `json:"-"`
	Left     store.Undone `json:"-"`
	Kept     string       `json:"kept,omitempty"` // the folder with the workers' logs and the database; "" when nothing was broken
}

// Broken says whether a promise was broken.
func (r *Result) Broken() bool {
	return r.SentTwice+r.Lost+r.Denied+r.AfterStop+r.Stuck+r.Leaks+r.WorkerExits+r.UnknownByStop+r.UnknownOther+r.Counts["sigterm_late"] > 0 ||
		r.MaxUnknownByKill > connections || r.ResumeSeconds > promised.Seconds()
}

// Blame names what broke a promise.
func (r *Result) Blame(to io.Writer) {
	f := r.Findings
	for _, b := range []struct {
		what string
		ids  []int64
	}{
		{"accepted more than once", f.SentTwice},
		{"sent according to the ledger, accepted by nobody", f.Lost},
		{"accepted, though the ledger says that they never left", f.Denied},
		{"claimed and accepted after the lead's stop was acknowledged", f.AfterStop},
		{"planned or claimed, with nobody to act", f.Stuck},
		{"skipped or failed without a reason", f.Unasked},
		{"unknown for no reason of ours", f.UnknownOther},
	} {
		if len(b.ids) > 0 {
			fmt.Fprintf(to, "touches %s: %s\n", b.what, list(b.ids))
		}
	}
	if len(f.Passed) > 0 {
		fmt.Fprintf(to, "enrolments that went past a step without a touch: %s\n", list(f.Passed))
	}
	if len(f.Undone) > 0 {
		fmt.Fprintf(to, "enrolments that did not finish: %s\n", list(f.Undone))
	}
	for _, s := range f.Strange {
		fmt.Fprintln(to, "accepted, and unknown to the ledger:", s)
	}
	if r.Stuck > 0 {
		fmt.Fprintf(to, "left undone: %+v\n", r.Left)
	}
	for _, name := range []string{"tasks_after_stop", "sigterm_late", "worker_exits"} {
		if n := r.Counts[name]; n > 0 {
			fmt.Fprintf(to, "%s: %d, see chaos.log\n", name, n)
		}
	}
	if r.ResumeSeconds > promised.Seconds() {
		fmt.Fprintf(to, "others went on with what a killed process had in hand only after %.0f s\n", r.ResumeSeconds)
	}
	if r.Kept != "" {
		fmt.Fprintln(to, "the workers' logs and the database are kept in", r.Kept)
	}
}

func list(ids []int64) string { return strings.Trim(fmt.Sprint(ids), "[]") }

// Tell writes the result for people.
func (r *Result) Tell(to io.Writer) {
	fmt.Fprintf(to, "%d touches of %d leads in %.0f s, through %d kills, %d SIGTERMs and %d restarts of the database\n",
		r.Touches, r.Leads, r.Seconds, r.Kills, r.SIGTERMs, r.PgRestarts)
	fmt.Fprintf(to, "sent twice %d, lost %d, denied %d, after a stop %d, stuck %d, leaks %d\n", r.SentTwice, r.Lost, r.Denied, r.AfterStop, r.Stuck, r.Leaks)
	fmt.Fprintf(to, "unknown %d: %d whose answer a fault withheld, %.2f a kill (at most %d), %d by SIGTERM\n",
		r.Unknown, r.UnknownByFault, r.UnknownPerKill, r.MaxUnknownByKill, r.UnknownByStop)
	fmt.Fprintf(to, "others went on with what a killed process had in hand within %.1f s\n", r.ResumeSeconds)
	for _, name := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Fprintf(to, "  %-36s %d\n", name, r.Counts[name])
	}
}

// reckon gathers the evidence and compares.
func (w *world) reckon(ctx context.Context) (*Result, error) {
	evidence, err := w.evidence(ctx)
	if err != nil {
		return nil, err
	}
	leaks, err := store.Leaks(ctx, w.pool, 0)
	if err != nil {
		return nil, err
	}
	left, err := store.CountUndone(ctx, w.pool)
	if err != nil {
		return nil, err
	}
	f := Compare(evidence)
	w.resumed.tell(w.counts)
	r := &Result{
		Leads: w.imported, Kills: w.counts.get("kills"), SIGTERMs: w.counts.get("sigterms"), PgRestarts: w.counts.get("pg_restarts"),
		Touches: len(evidence.Touches), SentTwice: len(f.SentTwice), Lost: len(f.Lost) + len(f.Unasked) + len(f.Passed),
		Denied: len(f.Denied) + len(f.Strange), Unknown: f.Unknown, UnknownByFault: f.UnknownByFault, UnknownByStop: f.UnknownByStop,
		UnknownOther: len(f.UnknownOther), AfterStop: len(f.AfterStop) + w.counts.get("tasks_after_stop"), Excused: f.Excused,
		Stuck: len(f.Stuck) + len(f.Undone) + left.Responses + left.Handoffs, Leaks: len(leaks), WorkerExits: w.counts.get("worker_exits"),
		ResumeSeconds: w.resumed.most().Seconds(), Counts: w.counts.all(), Findings: f, Left: left,
	}
	for _, a := range evidence.Accepted {
		r.Accepted += a.Times
	}
	sum := 0
	for _, n := range f.UnknownByKill {
		sum += n
		r.MaxUnknownByKill = max(r.MaxUnknownByKill, n)
	}
	r.UnknownPerKill = float64(sum) / float64(max(r.Kills, 1))
	return r, nil
}

// evidence reads the ledger, and what the stand-ins took.
func (w *world) evidence(ctx context.Context) (e Evidence, err error) {
	if e.Touches, err = store.AuditTouches(ctx, w.pool); err != nil {
		return e, err
	}
	if e.Runs, err = store.AuditRuns(ctx, w.pool); err != nil {
		return e, err
	}
	e.Accepted, e.Stops, e.Stopped, e.Killed = map[int64]Accepted{}, w.stops, w.stopped, map[int]bool{}
	e.Withheld = w.withheld
	for pid := range w.killed {
		e.Killed[pid] = true
	}
	for _, m := range w.sink.Received() {
		id, ok := jobs.TouchOf(m.MessageID)
		if !ok {
			e.Strange = append(e.Strange, "mail "+m.MessageID)
			continue
		}
		a := e.Accepted[id]
		e.Accepted[id] = Accepted{Times: a.Times + 1, Last: m.At}
	}
	for _, c := range w.phone.Calls() {
		_, tok, _ := strings.Cut(c.URL, "/twilio/voice/")
		id, err := w.engine.Tokens().Open(token.Voice, tok)
		if err != nil {
			e.Strange = append(e.Strange, "call "+c.SID)
			continue
		}
		a := e.Accepted[id]
		e.Accepted[id] = Accepted{Times: a.Times + 1, Last: c.At}
	}
	return e, nil
}

// counts are how often things happened, by name.
type counts struct {
	mu sync.Mutex
	by map[string]int
}

func newCounts() *counts { return &counts{by: map[string]int{}} }

func (c *counts) add(name string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[name] += n
}

// most keeps the largest.
func (c *counts) most(name string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[name] = max(c.by[name], n)
}

func (c *counts) get(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[name]
}

func (c *counts) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.by)
}
