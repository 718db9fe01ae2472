package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nurture/internal/access"
	"nurture/jobs"
	"nurture/store"
)

// operations is what the pages for those who keep it running ask of the engine.
type operations interface {
	// Alarms lists what needs a person, the gravest first.
	Alarms(ctx context.Context) ([]jobs.Alarm, error)
	// Leaks gives the leads that nobody and nothing will come back to, as last found.
	Leaks(ctx context.Context) jobs.Leaks
	// Queues tells how every queue stands; its instants are the real clock's.
	Queues(ctx context.Context) ([]store.Queue, error)
	// PauseQueue and ResumeQueue: jobs.ErrNoQueue when there is none, jobs.ErrNotTried when nobody ever worked it.
	PauseQueue(ctx context.Context, name string) error
	ResumeQueue(ctx context.Context, name string) error
	// FailingJobs lists the jobs whose last try failed, those that were given up first.
	FailingJobs(ctx context.Context, limit int) ([]jobs.FailingJob, error)
	// RetryJob and CancelJob: jobs.ErrNotTried when the job cannot be tried or cancelled as it stands.
	RetryJob(ctx context.Context, id int64) error
	CancelJob(ctx context.Context, id int64) error
	// Workers lists the processes that work jobs.
	Workers(ctx context.Context) ([]jobs.WorkerState, error)
}

// Groups of roles.
var (
	operators = []access.Role{access.Ops, access.Admin}
	overseers = []access.Role{access.Manager, access.Ops, access.Admin} // may look
)

// shownFailing is how many failing jobs a page shows, and shownError how many characters of an error: some hold a whole stack.
const (
	shownFailing = 25
	shownError   = 1500
)

// opsPage is how everything runs.
type opsPage struct {
	Tabs    []tab
	Now     moment // of the real clock
	Alarms  []alarmRow
	Queues  []queueState
	Failing []failingRow
	More    bool // there are more failing jobs
	Workers []workerRow
	Leaks   jobs.Leaks
	May     bool // pause, resume, retry, cancel
}

// tab is a page of several that belong together.
type tab struct {
	Label, Path string
	Current     bool
}

type queueState struct {
	store.Queue
	Oldest, Paused moment
}

type failingRow struct {
	jobs.FailingJob
	Tried, Next moment
	GivenUp     bool
}

type workerRow struct {
	jobs.WorkerState
	Started, Seen moment
}

// opsTabs are the pages about what runs, as far as the user may see them.
func (v *visit) opsTabs() []tab {
	return v.tabs([]tab{{Label: "Overview", Path: "/desk/ops"}, {Label: "Senders", Path: "/desk/ops/senders"}, {Label: "Unknown touches", Path: "/desk/ops/unknown"}})
}

// tabs marks where the visitor is, also where a form of a tab came back with a mistake, and leaves out what the role may not read.
func (v *visit) tabs(all []tab) []tab {
	var shown []tab
	here := -1
	for _, t := range all {
		if !mayGet(t.Path, v.role()) {
			continue
		}
		if strings.HasPrefix(v.r.URL.Path+"/", t.Path+"/") && (here < 0 || len(t.Path) > len(shown[here].Path)) {
			here = len(shown)
		}
		shown = append(shown, t)
	}
	if here >= 0 {
		shown[here].Current = true
	}
	return shown
}

// real shows an instant of the real clock, which need not be the desk's.
func (v *visit) real(t time.Time) moment {
	return moment{At: t.In(v.zone), now: v.desk.realNow().In(v.zone), None: t.IsZero()}
}

// realOf is real for an instant that may be missing.
func (v *visit) realOf(t *time.Time) moment {
	if t == nil {
		return moment{None: true}
	}
	return v.real(*t)
}

// showOps shows alarms, queues, failing jobs and workers.
func (d *Desk) showOps(v *visit) error {
	ctx := v.r.Context()
	p := opsPage{Tabs: v.opsTabs(), Now: v.real(d.realNow()), May: mayPost("/desk/ops/queues/{name}/pause", v.role()), Leaks: d.engine.Leaks(ctx)}
	alarms, err := d.engine.Alarms(ctx)
	if err != nil {
		return err
	}
	p.Alarms = v.alarmRows(alarms)
	queues, err := d.engine.Queues(ctx)
	if err != nil {
		return err
	}
	for _, q := range queues {
		p.Queues = append(p.Queues, queueState{q, v.realOf(q.OldestReady), v.realOf(q.PausedAt)})
	}
	failing, err := d.engine.FailingJobs(ctx, shownFailing+1)
	if err != nil {
		return err
	}
	if p.More = len(failing) > shownFailing; p.More {
		failing = failing[:shownFailing]
	}
	for _, j := range failing {
		j.Error = shorten(j.Error, shownError)
		p.Failing = append(p.Failing, failingRow{FailingJob: j, Tried: v.realOf(j.AttemptedAt), Next: v.real(j.ScheduledAt), GivenUp: j.State == "discarded"})
	}
	workers, err := d.engine.Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		p.Workers = append(p.Workers, workerRow{w, v.real(w.StartedAt), v.real(w.SeenAt)})
	}
	return v.render(http.StatusOK, "ops.html", "Operations", p)
}

// pauseQueue keeps all processes from taking jobs of a queue.
func (d *Desk) pauseQueue(v *visit) error {
	name := v.r.PathValue("name")
	v.about = name
	if err := d.engine.PauseQueue(v.r.Context(), name); err != nil {
		return err
	}
	return v.redirect("/desk/ops", "The queue "+name+" is paused. What is running ends; the rest waits.")
}

// resumeQueue lets a queue work again.
func (d *Desk) resumeQueue(v *visit) error {
	name := v.r.PathValue("name")
	v.about = name
	if err := d.engine.ResumeQueue(v.r.Context(), name); err != nil {
		return err
	}
	return v.redirect("/desk/ops", "The queue "+name+" works again.")
}

// retryJob has a failing job tried again at once.
func (d *Desk) retryJob(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := d.engine.RetryJob(v.r.Context(), id); err != nil {
		return err
	}
	return v.redirect("/desk/ops", fmt.Sprintf("Job %d will be tried again at once.", id))
}

// cancelJob ends a job for good.
func (d *Desk) cancelJob(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := d.engine.CancelJob(v.r.Context(), id); err != nil {
		return err
	}
	return v.redirect("/desk/ops", fmt.Sprintf("Job %d is cancelled. Touches that it had get another job within a quarter of an hour.", id))
}
