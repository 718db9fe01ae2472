package doctor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"nurture/store"
)

// Limits of what is well.
const (
	oldestServer = 14 // PostgreSQL
	// clockSkew is how far the clocks may differ: River compares times that processes wrote.
	clockSkew = 5 * time.Second
	// workerSilence is after how long a worker counts as dead, as the engine has it for those of other machines.
	workerSilence = 2 * time.Minute
)

// Database is what the checks of the database need.
type Database struct {
	DB        store.DB
	RealNow   func() time.Time
	SchemaOld func(ctx context.Context) (bool, error) // the program's tables or River's are missing or older than the program
	Private   bool                                    // the server is our own, which is migrated by itself
	// Troubles lists what workers cannot send from or read; nil while nothing is applied.
	Troubles func(ctx context.Context) ([]store.Trouble, error)
	Needs    int // connections that one worker process takes
	// Way says what to do about an error of the database's, "" when that cannot be told; nil never can.
	Way func(err error) string
}

// Server judges the database server.
func (d Database) Server(ctx context.Context) []Finding {
	before := d.RealNow()
	v, err := store.ServerVitals(ctx, d.DB)
	if err != nil {
		return []Finding{fail("database", err.Error(), cmp.Or(d.way(err), "see whether the server runs, and what its log says"))}
	}
	return serverFindings(v, before, d.RealNow(), d.Needs)
}

// serverFindings judges what the server said between two instants.
func serverFindings(v store.Vitals, before, after time.Time, needs int) []Finding {
	findings := []Finding{good("database", "PostgreSQL %d answers", v.Version/10_000)}
	switch {
	case v.Version/10_000 < oldestServer:
		findings[0] = fail("database", fmt.Sprintf("PostgreSQL %d is too old", v.Version/10_000), fmt.Sprintf("move to PostgreSQL %d or newer", oldestServer))
	case v.ReadOnly:
		findings[0] = fail("database", "the server takes no changes: it is a standby, or told to be read-only", "name the primary in the database URL")
	case v.Encoding != store.UTF8:
		findings[0] = fail("database", "its text is in "+v.Encoding+", not in UTF-8: letters beyond ASCII are others for Postgres, or cannot be stored",
			"createdb --encoding UTF8 --template template0 NAME makes another; pg_dump and pg_restore move what is there")
	}
	return append(findings, clock(v.Clock, before, after), headroom(v, needs))
}

// clock compares the database's clock with the machine's; the answer was given at some time between before and after.
func clock(there, before, after time.Time) Finding {
	const what, fix = "clock", "set the clocks by NTP, on this machine and on the database's"
	skew := time.Duration(0)
	switch {
	case there.Before(before):
		skew = before.Sub(there)
	case there.After(after):
		skew = there.Sub(after)
	}
	shown := fmt.Sprintf("machine and database differ by %v", skew.Round(time.Millisecond))
	if skew >= clockSkew {
		return fail(what, shown, fix)
	}
	return good(what, "%s", shown)
}

func headroom(v store.Vitals, needs int) Finding {
	const what = "connections"
	left := v.Most - v.Connections
	shown := fmt.Sprintf("%d of %d are open", v.Connections, v.Most)
	if left < needs {
		return warn(what, fmt.Sprintf("%s; another worker takes up to %d", shown, needs), "raise max_connections of the server, or close other programs' connections")
	}
	return good(what, "%s", shown)
}

func (d Database) way(err error) string {
	if d.Way == nil {
		return ""
	}
	return d.Way(err)
}

// Schema judges whether the tables are there and as this program needs them.
func (d Database) Schema(ctx context.Context) []Finding {
	const what = "schema"
	old, err := d.SchemaOld(ctx)
	switch {
	case err != nil:
		return []Finding{fail(what, err.Error(), cmp.Or(d.way(err), "see whether this user may read the tables"))}
	case old && d.Private:
		return []Finding{warn(what, "older than this program", "every other command brings it up to date by itself")}
	case old:
		return []Finding{fail(what, "missing, or older than this program", "nurture migrate")}
	}
	return []Finding{good(what, "up to date")}
}

// Work judges queues, what waits for a person, and workers. The schema must be current.
func (d Database) Work(ctx context.Context) []Finding {
	queues, err := store.QueueStates(ctx, d.DB)
	if err != nil {
		return []Finding{fail("queues", err.Error(), "see whether this user may read the tables")}
	}
	findings := queueFindings(queues)
	waiting, err := store.CountWaiting(ctx, d.DB)
	if err != nil {
		return append(findings, fail("leads", err.Error(), "see whether this user may read the tables"))
	}
	findings = append(findings, waitingFindings(waiting)...)
	workers, err := store.Workers(ctx, d.DB)
	if err != nil {
		return append(findings, fail("workers", err.Error(), "see whether this user may read the tables"))
	}
	findings = append(findings, workerFinding(workers, d.RealNow()))
	if d.Troubles == nil {
		return findings
	}
	troubles, err := d.Troubles(ctx)
	if err != nil {
		return append(findings, fail("sending and reading", err.Error(), "see whether this user may read the tables"))
	}
	return append(findings, troubleFindings(troubles)...)
}

func queueFindings(queues []store.QueueState) []Finding {
	const what = "queues"
	var findings []Finding
	for _, q := range queues {
		if q.PausedAt != nil {
			findings = append(findings, warn(what, fmt.Sprintf("%s is paused since %s: %d jobs wait", q.Queue, q.PausedAt.UTC().Format(time.RFC3339), q.Ready),
				"resume it in River when its reason is gone"))
		}
		if q.Retryable+q.Discarded == 0 {
			continue
		}
		detail := fmt.Sprintf("%s: %d jobs failed and are tried again, %d for good", q.Queue, q.Retryable, q.Discarded)
		if q.LastError != "" {
			detail += "; the last error: " + strings.Join(strings.Fields(q.LastError), " ")
		}
		findings = append(findings, warn(what, detail, "mend what the error names; the touches are not lost, the planner wakes them again"))
	}
	if len(findings) == 0 {
		return []Finding{good(what, "no job failed")}
	}
	return findings
}

func waitingFindings(w store.Waiting) []Finding {
	of := func(what string, n int, none, some, fix string) Finding {
		if n == 0 {
			return good(what, "%s", none)
		}
		return warn(what, fmt.Sprintf("%d %s", n, some), fix)
	}
	return []Finding{
		of("unknown touches", w.Unknown, "the fate of every touch is known", "may have been sent or not", "nurture unknown list, and nurture unknown settle for each"),
		of("unmatched mail", w.Unmatched, "every mail that came back is matched", "came back and wait for a person", "nurture inbox list, and nurture inbox assign for each"),
		of("leaks", w.Leaks, "every lead has an owner, and a next action or an end reason", "leads that nothing and nobody will come back to", "nurture leads leaks says why for each"),
	}
}

// troubleFindings tell what the workers met. What is wrong with an account now is for the checks of its server to say.
func troubleFindings(troubles []store.Trouble) []Finding {
	var findings []Finding
	for _, t := range troubles {
		what, detail := "sender "+t.About, "nothing leaves by "+t.What
		fix := "mend what it says, if the checks of its server do not say ok by now; what is planned is tried again by itself, and the first that leaves ends this"
		if t.What == store.TroubleInbox {
			what, detail = "mailbox "+t.About, "no worker reads it"
			fix = "mend what it says, if the line imap does not say ok by now; the workers try again within 15 minutes"
		}
		findings = append(findings, warn(what, fmt.Sprintf("%s since %s, last tried %s: %s", detail, t.Since.UTC().Format(time.RFC3339), t.SeenAt.UTC().Format(time.RFC3339), t.Said), fix))
	}
	if len(findings) == 0 {
		return []Finding{good("sending and reading", "no worker was refused lately")}
	}
	return findings
}

func workerFinding(workers []store.Worker, now time.Time) Finding {
	const what = "workers"
	alive, silent := 0, []string{}
	for _, w := range workers {
		if now.Sub(w.SeenAt) < workerSilence {
			alive++
			continue
		}
		silent = append(silent, fmt.Sprintf("%s since %s", w.ID, w.SeenAt.UTC().Format(time.RFC3339)))
	}
	switch {
	case alive == 0 && len(silent) == 0:
		return warn(what, "none runs: nothing is sent", "nurture serve, or nurture work")
	case alive == 0:
		return warn(what, "none runs; silent: "+few(silent), "nurture serve, or nurture work: it takes up what the dead ones had")
	case len(silent) > 0:
		return warn(what, fmt.Sprintf("%d alive; silent: %s", alive, few(silent)), "the living take up what the dead ones had; if this stays, restart one with the data folder of the dead")
	}
	return good(what, "%d alive", alive)
}
