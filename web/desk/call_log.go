package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/internal/leadfile"
	"nurture/jobs"
	"nurture/store"
)

// logCall logs what came of a task, and opens the next one, unless somebody was on the line: then it stays, for there is something to look at.
// Whatever goes wrong, what was typed is kept first.
func (d *Desk) logCall(v *visit) error {
	id, err := v.id()
	if err == nil {
		err = v.form()
	}
	if err != nil {
		return err
	}
	typed := v.typed()
	if _, err := store.SaveDraft(v.r.Context(), d.pool, id, v.user.Email, store.Draft{Typed: typed, SavedAt: v.now}); err != nil {
		return err
	}
	o, bad := v.outcomeOf(id, typed)
	follows := d.follows(v, o)
	if bad == nil {
		bad = d.engine.CompleteTask(v.r.Context(), o)
	}
	if v.logged(bad, o) {
		bad = nil
	}
	if bad != nil {
		return d.unlogged(v, id, typed, bad)
	}
	if o.Disposition.Human() || v.field("then") == "stay" {
		return v.redirect(callPath(id, v.whose()), follows)
	}
	return d.openNext(v, follows)
}

// follows says that an outcome is logged, and what follows it by the rules, as the page said beside it.
func (d *Desk) follows(v *visit, o jobs.TaskOutcome) string {
	said := "Logged: " + words(o.Disposition) + "."
	t, err := store.GetTask(v.r.Context(), d.pool, o.TaskID)
	if err != nil {
		return said
	}
	effects, err := d.engine.Effects(v.r.Context(), t)
	if err != nil || effects[o.Disposition] == "" {
		return said
	}
	return said + " " + sentence(effects[o.Disposition]) + "."
}

// twice is how long after a log the same one is a second press of the button; later it may hold answers that the first one had not.
const twice = 10 * time.Second

// logged says whether a log came too late only because the user had logged the same before: the form was sent twice.
func (v *visit) logged(bad error, o jobs.TaskOutcome) bool {
	if !errors.Is(bad, jobs.ErrTaken) {
		return false
	}
	t, err := store.GetTask(v.r.Context(), v.desk.pool, o.TaskID)
	return err == nil && t.State == store.TaskDone && t.ClaimedBy == o.By && t.Disposition == string(o.Disposition) && t.Notes == o.Notes &&
		t.DoneAt != nil && v.now.Sub(*t.DoneAt) < twice
}

// errNoDisposition is a form without an outcome.
var errNoDisposition = errors.New("no outcome is chosen")

// errBadDate is a date that cannot be read.
var errBadDate = errors.New("this is no date")

// outcomeOf reads what was typed.
func (v *visit) outcomeOf(id int64, typed map[string]string) (jobs.TaskOutcome, error) {
	o := jobs.TaskOutcome{
		TaskID: id, By: v.user.Email, Disposition: cadence.ResponseKind(typed["disposition"]), Notes: strings.TrimSpace(typed["notes"]),
		Answers: map[string]string{}, Words: map[string]string{},
	}
	for name, value := range typed {
		if key, ok := strings.CutPrefix(name, answerPrefix); ok {
			o.Answers[key] = value
		}
	}
	for name, value := range typed {
		if key, ok := strings.CutPrefix(name, wordsPrefix); ok && o.Answers[key] != "" {
			o.Words[key] = strings.TrimSpace(value)
		}
	}
	if o.Disposition == "" {
		return o, errNoDisposition
	}
	if typed["date"] != "" {
		at, err := v.namedDate(typed["date"])
		if err != nil {
			return o, err
		}
		o.Date = &at
	}
	if typed["referral"] != "" {
		name, email, phone := leadfile.SplitContact(typed["referral"])
		o.Named = &jobs.NamedPerson{Name: name, Email: email, Phone: phone}
	}
	return o, nil
}

// unlogged shows the form again with all that was typed, and what is wrong.
func (d *Desk) unlogged(v *visit, id int64, typed map[string]string, bad error) error {
	p, err := d.callPage(v, id)
	if err != nil {
		return err
	}
	var answers jobs.AnswerErrors
	errors.As(bad, &answers)
	p.fill(v, typed, answers)
	status := http.StatusUnprocessableEntity
	switch {
	case errors.Is(bad, errNoDisposition):
		p.KindProblem = "Choose what came of it."
	case errors.Is(bad, jobs.ErrNoOutcome):
		p.KindProblem = sentence(bad.Error()) + "."
	case errors.Is(bad, errBadDate):
		p.DateProblem = "This is no date. Write it as 2026-03-02 or 2026-03-02 14:00."
	case errors.Is(bad, jobs.ErrBadReferral):
		p.ReferralProblem = sentence(bad.Error()) + "."
	case errors.Is(bad, jobs.ErrTaken):
		status, p.Problem = http.StatusConflict, "This was not logged. "+sentence(bad.Error())+". What you typed is still here."
	case answers == nil:
		return bad // a fault of ours; the draft is kept
	}
	for _, problem := range []string{p.KindProblem, p.DateProblem, p.ReferralProblem} {
		if problem != "" {
			p.Problems++
		}
	}
	return v.render(status, "call.html", p.Lead.FullName(), p)
}

// parseTime reads a date or time that was typed or chosen, in the user's zone.
func (v *visit) parseTime(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, v.zone); err == nil {
			return t.UTC(), nil
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	return time.Time{}, errBadDate
}

// namedDate reads the date that a lead named: a day is the lead's own, a time is one in the user's zone.
func (v *visit) namedDate(s string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, strings.TrimSpace(s)); err == nil {
		return cadence.NamedDay(day), nil
	}
	at, err := v.parseTime(s)
	return cadence.NamedInstant(at), err
}

// dateNamed shows the date that a lead named: its own day, or an instant in the user's zone.
func (v *visit) dateNamed(date time.Time) string {
	if cadence.NamesDay(date) {
		return date.UTC().Format("Monday 2 January 2006")
	}
	return v.moment(date).Full()
}

// nextTask claims the first task of the queue that is free, and opens it.
func (d *Desk) nextTask(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	return d.openNext(v, "")
}

// openNext claims the most urgent task that is free and can be done at this hour, and leads there; without one it leads to the queue. Others take tasks at the same moment: the engine
// gives each to one.
func (d *Desk) openNext(v *visit, notice string) error {
	ctx, who := v.r.Context(), v.whose()
	tasks, err := v.ranked(v.workQuery(who == "all"))
	if err != nil {
		return err
	}
	rest := "Nothing else is due."
	for _, task := range tasks {
		if v.taken(task.State, task.ClaimedBy) != "" {
			continue
		}
		if task.asleep {
			rest = "Whoever is left must not be called at this hour."
			continue
		}
		switch err := d.hold(ctx, v, task.ID); {
		case err == nil:
			return v.redirect(callPath(task.ID, who), notice)
		case errors.Is(err, jobs.ErrTaken), errors.Is(err, jobs.ErrCalledEnough), errors.Is(err, store.ErrNotFound):
		default:
			return err
		}
	}
	return v.redirect(queuePath(store.TabDue, who), strings.TrimSpace(notice+" "+rest))
}

func (d *Desk) hold(ctx context.Context, v *visit, id int64) error {
	_, err := d.engine.HoldTask(ctx, id, v.user.Email)
	return err
}
