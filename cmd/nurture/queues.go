package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nurture/jobs"
	"nurture/web/api"
)

func newQueuesCmd(a *app) *cobra.Command {
	return group(&cobra.Command{
		Use: "queues", Short: "The queues of jobs: how they stand, what fails, pause and resume",
		Long: `The queues of jobs, one a kind of work. A job is an alarm clock: what it carries is in the ledger, so that a job may be tried again or cancelled
without a touch being lost or repeated.`,
	}, newQueuesListCmd(a), newQueuesFailingCmd(a),
		newQueueCmd(a, "pause", "Let no process take jobs of a queue",
			"Let no process take jobs of a queue, until it is resumed. What is running ends; touches stay planned.", "paused"),
		newQueueCmd(a, "resume", "Let a queue work again", "Let a queue work again. Touches that fell due meanwhile go by the misfire policy, not all at once.", "working"),
		newJobCmd(a, "retry", "Try a job again at once", "Try a job again at once that failed or was cancelled.", "will be tried again"),
		newJobCmd(a, "cancel", "End a job for good",
			"End a job for good; one that is running is told to stop. Its touches get another job after a quarter of an hour, unless they are settled before.", "is cancelled"))
}

func newQueuesListCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the queues: what is ready, runs, waits, was given up", Example: "  nurture queues list", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return runQueuesList(cmd.Context(), a) },
	}
}

func runQueuesList(ctx context.Context, a *app) error {
	return a.with(ctx, func(s *session) error {
		queues, err := s.engine.Queues(ctx)
		if err != nil {
			return err
		}
		out := api.Queues(queues)
		rows := [][]string{{"QUEUE", "STATE", "SINCE", "READY", "OLDEST", "RUNNING", "LATER", "GIVEN UP", "DONE IN AN HOUR"}}
		for _, q := range out {
			rows = append(rows, []string{
				q.Queue, q.State, at(q.PausedAt, s.zone), fmt.Sprint(q.Ready), at(q.OldestReady, s.zone), fmt.Sprint(q.Running),
				fmt.Sprint(q.Later), fmt.Sprint(q.Discarded), fmt.Sprint(q.DoneInHour),
			})
		}
		if a.json {
			return a.printJSON(out)
		}
		a.table(rows)
		return nil
	})
}

// failingJSON is a job as `queues failing --json` prints it.
type failingJSON struct {
	ID          int64      `json:"id"`
	Queue       string     `json:"queue"`
	Kind        string     `json:"kind"`
	About       string     `json:"about"`
	State       string     `json:"state"` // retryable, or discarded after the last try
	Attempt     int        `json:"attempt"`
	MaxAttempts int        `json:"max_attempts"`
	AttemptedAt *time.Time `json:"attempted_at"`
	NextAt      *time.Time `json:"next_at"` // null when it was given up
	Error       string     `json:"error"`
}

func newQueuesFailingCmd(a *app) *cobra.Command {
	limit := 100
	cmd := &cobra.Command{
		Use: "failing", Short: "List the jobs that failed, with their errors; given up first", Example: "  nurture queues failing", Args: args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return runQueuesFailing(cmd.Context(), a, limit) },
	}
	addLimit(cmd, &limit, limit, "at most so many")
	return cmd
}

func runQueuesFailing(ctx context.Context, a *app, limit int) error {
	return a.with(ctx, func(s *session) error {
		failing, err := s.engine.FailingJobs(ctx, limit)
		if err != nil {
			return err
		}
		out := make([]failingJSON, len(failing))
		rows := [][]string{{"JOB", "QUEUE", "ABOUT", "TRIES", "LAST", "NEXT", "ERROR"}}
		for i, j := range failing {
			next := &j.ScheduledAt
			if j.State == "discarded" {
				next = nil
			}
			out[i] = failingJSON{j.ID, j.Queue, j.Kind, j.About, j.State, j.Attempt, j.MaxAttempts, j.AttemptedAt, next, j.Error}
			rows = append(rows, []string{
				id(j.ID), j.Queue, dash(j.About), fmt.Sprintf("%d of %d", j.Attempt, j.MaxAttempts), at(j.AttemptedAt, s.zone), at(next, s.zone), short(j.Error, 100),
			})
		}
		switch {
		case a.json:
			return a.printJSON(out)
		case len(out) == 0:
			a.printf("none: no job's last try failed\n")
		default:
			a.table(rows)
		}
		return nil
	})
}

// newQueueCmd makes a command that sets a queue to a state.
func newQueueCmd(a *app, verb, short, long, state string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " QUEUE", Short: short, Long: long, Example: "  nurture queues " + verb + " email", Args: args(1, 1, "QUEUE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), func(s *session) error {
				set := s.engine.ResumeQueue
				if verb == "pause" {
					set = s.engine.PauseQueue
				}
				err := set(cmd.Context(), args[0])
				if errors.Is(err, jobs.ErrNoQueue) {
					return misuse(cmd, "", err)
				}
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]string{"queue": args[0], "state": state})
				}
				a.printf("%s is %s\n", args[0], state)
				return nil
			})
		},
	}
}

// newJobCmd makes a command that does something to a job; done says what.
func newJobCmd(a *app, verb, short, long, done string) *cobra.Command {
	return &cobra.Command{
		Use: verb + " JOB", Short: short, Long: long, Example: "  nurture queues " + verb + " 4711", Args: args(1, 1, "JOB"),
		RunE: func(cmd *cobra.Command, args []string) error {
			jobID, err := number(cmd, args[0], "a job")
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(s *session) error {
				act := s.engine.CancelJob
				if verb == "retry" {
					act = s.engine.RetryJob
				}
				if err := act(cmd.Context(), jobID); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"job": jobID, "done": verb})
				}
				a.printf("job %d %s\n", jobID, done)
				return nil
			})
		},
	}
}
