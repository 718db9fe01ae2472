package desk

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/jobs"
	"nurture/store"
)

// callPage is a task with all that is needed to do it.
type callPage struct {
	Task     store.Task
	Lead     store.Lead
	Kind     string
	Tel      string // for a tel: link; "" when there is no number to call
	Barred   string // why the lead must not be called or mailed; "" when it may
	Attempt  int    // which touch of the cycle it is; 0 when it is none
	Budget   int
	There    string // the lead's local time
	Due      moment
	Expires  moment
	Why      string // why now
	Reason   string // what makes it urgent
	Open     bool   // it can be logged
	Mine     bool   // the user has it
	Taken    string // who else has it
	Held     string // the instant of the user's claim, to give back just that one
	Who      string // "mine" or "all": which queue is worked
	Queue    []queueRow
	Seen     int64 // the latest response that the page shows
	Verdict  *uld.Verdict
	Past     []pastLine
	Fields   []callField // that the task asks for
	Others   []callField // the other questions
	Outcomes []outcome
	Done     *doneTask        // nil while it is open
	Named    []store.Referral // whom the lead named, and about whom nobody has decided
	callTyped
	Snoozes []snoozeChoice
}

// callTyped is what was typed, and what is wrong with it.
type callTyped struct {
	Notes, Disposition, Date, Referral        string
	Problem                                   string // of the whole
	DateProblem, ReferralProblem, KindProblem string
	Problems                                  int
	SavedAt                                   moment // of the draft; None when there is none
}

// outcome is a disposition to choose.
type outcome struct {
	Value, Label, Effect string
	Key                  string // on the keyboard; "" beyond nine
	Chosen, Answered     bool   // a person was on the line: the desk stays here
}

// pastLine is a line of what happened between us and the lead.
type pastLine struct {
	At     moment
	What   string
	By     string // who of us logged it; "" for the lead's own doing
	Said   string // what the lead said or wrote; "" when nothing
	Theirs bool   // the lead did it
}

// doneTask is how a task ended.
type doneTask struct {
	State, Disposition, By, Notes string
	At                            moment
	Weighing                      bool // the response is not evaluated yet
}

// pastShown is how many lines of the past a call shows; the lead's page has all.
const pastShown = 6

// showCall shows a task. It changes nothing: a page in the background claims nothing.
func (d *Desk) showCall(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	p, err := d.callPage(v, id)
	if err != nil {
		return err
	}
	draft, err := store.LoadDraft(v.r.Context(), d.pool, id, v.user.Email)
	if err != nil {
		return err
	}
	p.fill(v, draft.Typed, nil)
	p.SavedAt = v.moment(draft.SavedAt)
	return v.render(http.StatusOK, "call.html", p.Lead.FullName(), p)
}

// callPage gathers everything about a task, with nothing typed yet.
func (d *Desk) callPage(v *visit, id int64) (*callPage, error) {
	ctx := v.r.Context()
	t, err := store.GetTask(ctx, d.pool, id)
	if err != nil {
		return nil, err
	}
	lead, err := store.LeadByID(ctx, d.pool, t.LeadID)
	if err != nil {
		return nil, err
	}
	p := &callPage{
		Task: t, Lead: lead, Kind: sentence(words(t.Kind)), Due: v.moment(t.DueAt), Expires: v.momentOf(t.ExpiresAt), Why: t.Why,
		There: v.clockIn(lead.Zones), Who: v.whose(), Snoozes: v.snoozeChoices(t),
	}
	p.standing(v, t)
	p.reach(t.Kind)
	effects, err := d.engine.Effects(ctx, t)
	if err != nil {
		return nil, err
	}
	p.Outcomes = outcomes(t.Kind, effects)
	if p.Named, err = d.undecided(ctx, t.LeadID); err != nil {
		return nil, err
	}
	if err := d.evidence(v, p); err != nil {
		return nil, err
	}
	return p, d.around(v, p)
}

// undecided are those whom a lead named and about whom nobody has decided.
func (d *Desk) undecided(ctx context.Context, leadID int64) ([]store.Referral, error) {
	named, err := store.LeadReferrals(ctx, d.pool, leadID)
	return slices.DeleteFunc(named, func(r store.Referral) bool { return r.State != store.ReferralProposed }), err
}

// Asks says that the task is to find out what is not known yet: its questions are open. What is to be read or written comes first elsewhere.
func (p *callPage) Asks() bool { return p.OthersTyped() || len(p.Fields) == 0 && p.Task.Kind.Rings() }

// standing says whose the task is.
func (p *callPage) standing(v *visit, t store.Task) {
	p.Open = t.State == store.TaskOpen || t.State == store.TaskClaimed
	switch {
	case !p.Open:
		p.Done = &doneTask{State: string(t.State), Disposition: words(t.Disposition), By: t.ClaimedBy, Notes: t.Notes, At: v.momentOf(t.DoneAt)}
	case t.State == store.TaskClaimed && t.ClaimedBy == v.user.Email:
		p.Mine = true
		if t.ClaimedAt != nil {
			p.Held = t.ClaimedAt.UTC().Format(time.RFC3339Nano)
		}
	case !t.FreeFor(v.user.Email, v.now):
		p.Taken = t.ClaimedBy
	}
}

// reach says how the lead can be reached, and when not.
func (p *callPage) reach(kind cadence.TaskKind) {
	l := &p.Lead
	switch {
	case l.PhoneSuppressed:
		p.Barred = "Do not call: the number is suppressed."
	case l.PhoneInvalid:
		p.Barred = "The number is known to be wrong."
	case l.Phone != "":
		p.Tel = l.Phone
	case kind.Rings():
		p.Barred = "There is no number."
	}
	if kind == cadence.TaskManualEmail && l.EmailSuppressed {
		p.Barred = "Do not write: the address is suppressed."
	}
}

// outcomes are the dispositions of a kind of task, the first nine on the keyboard.
func outcomes(kind cadence.TaskKind, effects map[cadence.ResponseKind]string) []outcome {
	var all []outcome
	for i, k := range jobs.Dispositions(kind) {
		o := outcome{Value: string(k), Label: sentence(words(k)), Effect: effects[k], Answered: k.Human()}
		if i < 9 {
			o.Key = string(rune('1' + i))
		}
		all = append(all, o)
	}
	return all
}

// evidence gathers the questions, what is known, and what happened.
func (d *Desk) evidence(v *visit, p *callPage) error {
	ctx := v.r.Context()
	live, err := d.settings(ctx)
	if err != nil {
		return err
	}
	facts, err := store.Facts(ctx, d.pool, []int64{p.Lead.ID})
	if err != nil {
		return err
	}
	if live != nil {
		p.Fields, p.Others = v.callFields(live.Definition, p.Task.Ask, facts[p.Lead.ID])
	}
	verdicts, err := store.LatestVerdicts(ctx, d.pool, []int64{p.Lead.ID})
	if err != nil {
		return err
	}
	p.Verdict = verdicts[p.Lead.ID]
	touches, err := store.LeadTouches(ctx, d.pool, p.Lead.ID)
	if err != nil {
		return err
	}
	responses, err := store.LeadResponses(ctx, d.pool, p.Lead.ID)
	if err != nil {
		return err
	}
	for _, t := range touches {
		if p.Task.TouchID != nil && t.ID == *p.Task.TouchID {
			p.Attempt, p.Budget = t.Attempt, t.Budget
		}
		if t.SentAt != nil && t.State == store.TouchSent {
			p.Past = append(p.Past, pastLine{At: v.moment(*t.SentAt), What: touchWords(t)})
		}
	}
	for _, r := range responses {
		p.Seen = max(p.Seen, r.ID)
		line := pastLine{At: v.moment(r.At), What: sentence(words(r.Kind)), Said: shorten(r.Said, saidShown), Theirs: r.Source != "task"}
		if !line.Theirs {
			line.By = r.By
		}
		p.Past = append(p.Past, line)
		if p.Done != nil && r.EvaluatedAt == nil {
			p.Done.Weighing = true
		}
	}
	slices.SortStableFunc(p.Past, func(a, b pastLine) int { return b.At.At.Compare(a.At.At) })
	p.Past = p.Past[:min(len(p.Past), pastShown)]
	return nil
}

// touchWords says what we did.
func touchWords(t store.HistoryTouch) string {
	what := map[string]string{"email": "We wrote", "voicemail": "We left a voicemail", "call": "A call was due"}[t.Channel]
	return cmp.Or(what, sentence(t.Channel)) + ": " + strings.ReplaceAll(t.StepKey, "-", " ")
}

// around is the queue at the left.
func (d *Desk) around(v *visit, p *callPage) error {
	ranked, err := v.ranked(v.workQuery(p.Who == "all"))
	if err != nil {
		return err
	}
	for _, task := range ranked {
		if task.ID == p.Task.ID {
			p.Reason = task.reason
		}
	}
	p.Queue, err = v.queueRows(ranked[:min(len(ranked), besideTasks)], p.Who)
	return err
}

// whose is which queue the user works: asked for, else the role's.
func (v *visit) whose() string {
	asked := v.r.URL.Query().Get("who")
	if v.r.PostForm != nil {
		asked = v.r.PostForm.Get("who")
	}
	if v.desk.seesEverybody(v, asked) {
		return "all"
	}
	return "mine"
}

func callPath(id int64, who string) string { return "/desk/tasks/" + itoa(id) + "?who=" + who }

// QueuePath is the queue that is worked.
func (p *callPage) QueuePath() string { return queuePath(store.TabDue, p.Who) }
