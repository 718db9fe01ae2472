package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/figure"
	"nurture/jobs"
	"nurture/store"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
	exitChanges = 2 // of `nurture plan`, whose usage errors are failures
)

// exitWith ends a command that has said all it has to say with a code other than 0.
type exitWith int

func (e exitWith) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError is a call that cannot be understood.
type usageError struct {
	message string
	command string // whose --help explains it
}

func (e usageError) Error() string { return e.message }

// hinted is an error with the way out.
type hinted struct {
	error
	hint string
}

func (e hinted) Unwrap() error { return e.error }

// hint adds the way out to an error.
func hint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}

func failf(format string, args ...any) error { return fmt.Errorf(format, args...) }

// brokenConfig is a configuration folder with problems.
type brokenConfig struct {
	dir      string
	problems config.Problems
}

func (e brokenConfig) Error() string {
	return fmt.Sprintf("%s in %s", count(len(e.problems), "problem"), e.dir)
}

func (e brokenConfig) Unwrap() error { return e.problems }

// fail prints an error and gives the exit code for it; nil is success.
func (a *app) fail(err error) int {
	if err == nil {
		return exitOK
	}
	var code exitWith
	if errors.As(err, &code) {
		return int(code)
	}
	var broken brokenConfig
	if errors.As(err, &broken) {
		fmt.Fprintln(a.stderr, broken.problems.Error())
	}
	message, way := explain(err)
	if errors.Is(err, context.Canceled) {
		message, way = "interrupted", ""
	}
	fmt.Fprintln(a.stderr, "nurture: "+strings.ReplaceAll(strings.TrimSpace(message), "\n", "\n  "))
	if way != "" {
		fmt.Fprintln(a.stderr, "hint: "+way)
	}
	var usage usageError
	if errors.As(err, &usage) && usage.command != planCommand {
		return exitUsage
	}
	return exitFailure
}

// notUTF8 is how Postgres refuses text in another encoding: character_not_in_repertoire.
const notUTF8 = "22021"

// explain splits an error into what went wrong and what to do about it.
func explain(err error) (message, way string) {
	message = err.Error()
	var h hinted
	var usage usageError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.Code == notUTF8:
		return "what was given is not text in UTF-8", "set the terminal's encoding to UTF-8, as LANG says it, or name leads by their ids"
	case errors.As(err, &h):
		return message, h.hint
	case errors.As(err, &usage):
		return message, usage.command + " --help explains it"
	case databaseWay(err) != "":
		return message, databaseWay(err)
	case errors.Is(err, jobs.ErrNotReady):
		if what, todo, ok := strings.Cut(message, "; run "); ok {
			return what, "run " + todo
		}
	case errors.Is(err, jobs.ErrStale):
		return message, "nurture history says what changed; look again at what would change now: nurture plan"
	case errors.Is(err, jobs.ErrEnrolled):
		return message, "a lead is in one cadence at a time; nurture leads why LEAD says what it is waiting for"
	case errors.Is(err, jobs.ErrTaken):
		return message, "nurture tasks list shows what is open"
	case errors.Is(err, jobs.ErrCalledEnough):
		return message, "max_per_day under compliance in nurture.yaml says how often a number may be called"
	case errors.Is(err, jobs.ErrDecided):
		return message, "nurture handoffs list --state offered shows what waits for an answer"
	case errors.Is(err, jobs.ErrOutcome):
		return message, "nurture handoffs outcome --help explains it"
	case errors.Is(err, jobs.ErrNoRep):
		return message, "team in nurture.yaml names them"
	case errors.Is(err, jobs.ErrNotWaiting):
		return message, "nurture inbox list shows what waits"
	case errors.Is(err, jobs.ErrReferralDecided):
		return message, "nurture referrals list shows what waits for a decision"
	case errors.Is(err, jobs.ErrNoQueue):
		return message, "nurture queues list shows how they stand"
	case errors.Is(err, jobs.ErrNotTried):
		return message, "nurture queues failing shows the jobs that failed"
	case errors.Is(err, jobs.ErrNoSender):
		return message, "nurture senders list shows them"
	case errors.Is(err, store.ErrNotFound):
		return message, notFoundHint(message)
	}
	return message, ""
}

// notFoundHint says where the names and numbers of a noun are listed.
func notFoundHint(message string) string {
	if strings.HasPrefix(message, "inbound mail ") {
		return "nurture inbox list shows what waits"
	}
	if strings.HasPrefix(message, "suppression of ") {
		return "nurture suppressions check ADDRESS says what bars an address"
	}
	if strings.HasPrefix(message, "job ") {
		return "nurture queues failing shows the jobs that failed; River forgets those that are done after a day"
	}
	if strings.HasPrefix(message, "version ") {
		return "nurture history shows what there is"
	}
	for _, noun := range []string{"lead", "task", "handoff", "referral"} {
		if strings.HasPrefix(message, noun+" ") {
			return fmt.Sprintf("nurture %ss list shows what there is", noun)
		}
	}
	return ""
}

// count says a number of things: "1 lead", "2 leads".
func count(n int, noun string) string { return figure.Count(n, noun) }

// words gives a stored name as people read it: "left_voicemail" is "left voicemail".
func words[T ~string](name T) string { return strings.ReplaceAll(string(name), "_", " ") }

// sentence explains a stored reason.
func sentence(reason string) string { return cadence.Reason(reason).Sentence() }
