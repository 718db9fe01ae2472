package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/store"
)

// ErrTaken is returned, wrapped, for a task that somebody else has or that is over.
var ErrTaken = errors.New("not free")

// ClaimTask gives a task to a person; ErrTaken when somebody else was faster, ErrCalledEnough when the number must not be called just now.
func (e *Engine) ClaimTask(ctx context.Context, id int64, by string) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error { return e.holdTask(ctx, tx, now, id, by, nil) })
}

// holdTask gives a task to a person until an instant, nil for ever.
func (e *Engine) holdTask(ctx context.Context, tx pgx.Tx, now time.Time, id int64, by string, until *time.Time) error {
	t, err := store.GetTask(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := e.mayRing(ctx, tx, now, t); err != nil {
		return err
	}
	ok, err := store.HoldTask(ctx, tx, id, by, now, until)
	if err != nil || ok {
		return err
	}
	if t, err = store.GetTask(ctx, tx, id); err != nil {
		return err
	}
	return taken(t)
}

func taken(t store.Task) error {
	if t.State == store.TaskClaimed {
		return fmt.Errorf("task %d is %w: %s has had it since %s", t.ID, ErrTaken, t.ClaimedBy, t.ClaimedAt.Format("15:04"))
	}
	return fmt.Errorf("task %d is %w: it is %s", t.ID, ErrTaken, t.State)
}

// ErrNoOutcome is returned, wrapped, for an outcome that the kind of task does not have.
var ErrNoOutcome = errors.New("no outcome")

// ErrBadReferral is returned, wrapped, when who was named cannot be reached by what was typed.
var ErrBadReferral = errors.New("who was named cannot be proposed")

// AnswerErrors says what is wrong with answers, by the key of the criterion or dossier item.
type AnswerErrors map[string]error

// Error lists all of them, a line each, in the order of keys.
func (a AnswerErrors) Error() string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(a)) {
		lines = append(lines, a[key].Error())
	}
	return strings.Join(lines, "\n")
}

// TaskOutcome is what a person says of a task.
type TaskOutcome struct {
	TaskID      int64
	By          string
	Disposition cadence.ResponseKind
	Notes       string
	Date        *time.Time        // when the lead asked to be called back, or named a time
	Answers     map[string]string // criterion or dossier key → what the lead said, as typed
	Words       map[string]string // the lead's own words behind an answer; optional
	Named       *NamedPerson      // whom the lead named to talk to instead; nil for nobody
}

// CompleteTask is CompleteTasks for one.
func (e *Engine) CompleteTask(ctx context.Context, o TaskOutcome) error {
	return e.CompleteTasks(ctx, []TaskOutcome{o})
}

// CompleteTasks logs people's work: each disposition is a response, the answers become human-confirmed facts, and the evaluation
// follows (D4). All are logged or none: answers that the definition does not understand, and tasks that are not free, fail the call
// with all of them named, and nothing is lost, for the tasks stay as they are.
func (e *Engine) CompleteTasks(ctx context.Context, outcomes []TaskOutcome) error {
	return e.inTx(ctx, func(tx pgx.Tx, now time.Time) error {
		current, err := e.liveNow(ctx, tx)
		if err != nil {
			return err
		}
		ids := make([]int64, len(outcomes))
		for i, o := range outcomes {
			ids[i] = o.TaskID
		}
		tasks, err := store.LockTasks(ctx, tx, ids)
		if err != nil {
			return err
		}
		leads, err := leadsOf(ctx, tx, tasks, outcomes)
		if err != nil {
			return err
		}
		own, err := e.ourAddresses(ctx, tx)
		if err != nil {
			return err
		}
		inputs := make([]ResponseInput, len(outcomes))
		done := make([]store.DoneTask, len(outcomes))
		var errs []error
		for i, o := range outcomes {
			t, ok := tasks[o.TaskID]
			if !ok {
				errs = append(errs, fmt.Errorf("task %d: %w", o.TaskID, store.ErrNotFound))
				continue
			}
			inputs[i], err = outcomeResponse(t, o, current.config.Definition, now.In(leadZone([]store.Lead{leads[t.LeadID]}, e.operatorZone())))
			errs = append(errs, err)
			if o.Named != nil {
				errs = append(errs, nameIn(ctx, tx, &inputs[i], *o.Named, own))
			}
			done[i] = store.DoneTask{ID: t.ID, By: o.By, Disposition: string(o.Disposition), Notes: o.Notes}
		}
		if err := errors.Join(errs...); err != nil {
			return err
		}
		if err := store.FinishTasks(ctx, tx, done, now); err != nil {
			return err
		}
		_, err = e.respondIn(ctx, tx, now, inputs)
		return err
	})
}

// leadsOf loads the leads that have answered something: it depends on where they are what day it is.
func leadsOf(ctx context.Context, tx pgx.Tx, tasks map[int64]store.Task, outcomes []TaskOutcome) (map[int64]store.Lead, error) {
	var ids []int64
	for _, o := range outcomes {
		if t, ok := tasks[o.TaskID]; ok && len(o.Answers) > 0 {
			ids = append(ids, t.LeadID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return store.LeadsByID(ctx, tx, ids)
}

// nameIn adds to an outcome whom the lead named; unlike what a mail says, what an SDR types must be right.
func nameIn(ctx context.Context, tx pgx.Tx, in *ResponseInput, p NamedPerson, own []string) error {
	leads, err := store.LeadsByID(ctx, tx, []int64{in.LeadID})
	if err != nil {
		return err
	}
	if _, err := reachable(p, leads[in.LeadID], own); err != nil {
		return fmt.Errorf("%w: %w", ErrBadReferral, err)
	}
	in.People, in.Named = []NamedPerson{p}, true
	return nil
}

// outcomeResponse is the response that a task's outcome is. The location of now is the lead's: answers such as "next month" are meant there.
func outcomeResponse(t store.Task, o TaskOutcome, definition uld.Definition, now time.Time) (ResponseInput, error) {
	if !t.FreeFor(o.By, now) {
		return ResponseInput{}, taken(t)
	}
	if !Allowed(t.Kind, o.Disposition) {
		return ResponseInput{}, fmt.Errorf("task %d: %q is %w of a %s task; choose one of %s",
			t.ID, o.Disposition, ErrNoOutcome, t.Kind, kindList(Dispositions(t.Kind)))
	}
	answers, err := parseAnswers(definition, o, now)
	in := ResponseInput{
		LeadID: t.LeadID, Kind: o.Disposition, Source: "task", ExternalID: fmt.Sprint(t.ID), Said: o.Notes, Date: o.Date, By: o.By,
		At: now.UTC(), Answers: answers, Confirms: true,
	}
	if t.TouchID != nil {
		in.TouchID = *t.TouchID
	}
	return in, err
}

// parseAnswers types what was said; all errors at once.
func parseAnswers(d uld.Definition, o TaskOutcome, now time.Time) ([]uld.Fact, error) {
	var facts []uld.Fact
	wrong := AnswerErrors{}
	for _, key := range slices.Sorted(maps.Keys(o.Answers)) {
		value, err := d.ParseAnswer(key, o.Answers[key], now)
		if err != nil {
			wrong[key] = err
			continue
		}
		facts = append(facts, uld.Fact{Criterion: key, Value: value, Words: o.Words[key]})
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return facts, nil
}

// callDispositions are the outcomes of a call, in the order in which a desk shows them.
var callDispositions = cadence.CallDispositions()

// Dispositions lists the outcomes that a task of a kind can have.
func Dispositions(kind cadence.TaskKind) []cadence.ResponseKind {
	switch kind {
	case cadence.TaskTriage:
		return cadence.ReplyMeanings()
	case cadence.TaskManualEmail, cadence.TaskReferral, cadence.TaskReview:
		return append([]cadence.ResponseKind{cadence.Done}, callDispositions...)
	case cadence.TaskCall, cadence.TaskVerify, cadence.TaskDossier, cadence.TaskCallback:
	}
	return callDispositions
}

// Allowed reports whether a task of a kind can have an outcome.
func Allowed(kind cadence.TaskKind, outcome cadence.ResponseKind) bool {
	for _, k := range Dispositions(kind) {
		if k == outcome {
			return true
		}
	}
	return false
}

func kindList(kinds []cadence.ResponseKind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return joinOr(names)
}

// joinOr lists names in a sentence.
func joinOr(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
