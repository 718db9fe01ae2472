package desk

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"nurture/cadence/uld"
	"nurture/jobs"
	"nurture/store"
)

// timelineShown is how many lines of the timeline are shown unless all are asked for.
const timelineShown = 60

// leadPage is all that is known of a lead.
type leadPage struct {
	Lead     store.Lead
	There    string // local time
	Since    moment
	Outlook  jobs.Outlook
	Next     moment
	Verdict  *uld.Verdict
	Weighed  moment
	Findings []finding
	Facts    []factRow // in force, or against what is
	Earlier  []factRow
	Timeline []happening
	Older    int // lines that are not shown
	Tasks    []leadTask
	Cadences []string          // where the lead can be moved to
	May      map[string]bool   // what the user may order
	Custom   map[string]string // fields of its own
	Snoozes  []snoozeChoice    // how long to pause
}

// finding is a criterion of the verdict.
type finding struct {
	uld.Finding
	Question string
	Mark     string // the badge: good, warn or plain
}

// factRow is an answer with its evidence.
type factRow struct {
	Criterion, Value, Class, By, Words string
	At                                 moment
	Held                               bool // it is in force
	Against                            bool // it contradicts a stronger one, and a person should verify
}

// happening is a line of the timeline.
type happening struct {
	At     moment
	Kind   string // touch, response, verdict or stage
	What   string
	Detail string
	Said   string
}

type leadTask struct {
	store.Task
	Path string // "" for roles that work no tasks
	Due  moment
}

// showLead shows a lead.
func (d *Desk) showLead(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	ctx := v.r.Context()
	leads, err := store.Leads(ctx, d.pool, []int64{id})
	if err != nil {
		return err
	}
	if len(leads) == 0 {
		return store.ErrNotFound
	}
	lead := leads[0]
	p := &leadPage{Lead: lead, There: v.clockIn(lead.Zones), Since: v.moment(lead.CreatedAt), Custom: map[string]string{}, May: mayOrder(v), Snoozes: v.snoozeChoices(store.Task{})}
	for name, value := range lead.Custom {
		p.Custom[name] = strings.TrimSpace(words(value))
	}
	if p.Outlook, err = d.engine.Outlook(ctx, &lead); err != nil {
		return err
	}
	p.Next = v.momentOf(p.Outlook.At)
	for _, t := range p.Outlook.Tasks {
		row := leadTask{Task: t, Due: v.moment(t.DueAt)}
		if slices.Contains(callers, v.role()) {
			row.Path = callPath(t.ID, v.whose())
		}
		p.Tasks = append(p.Tasks, row)
	}
	if err := d.known(v, p); err != nil {
		return err
	}
	if err := d.past(v, p); err != nil {
		return err
	}
	return v.render(http.StatusOK, "lead.html", lead.FullName(), p)
}

// mayOrder says what the user may order about leads, by the table of routes.
func mayOrder(v *visit) map[string]bool {
	may := map[string]bool{}
	for _, r := range routes {
		if name, ok := strings.CutPrefix(r.pattern, "POST /desk/leads/{id}/"); ok {
			may[name] = slices.Contains(r.roles, v.role())
		}
	}
	return may
}

// known gathers answers and the verdict.
func (d *Desk) known(v *visit, p *leadPage) error {
	ctx := v.r.Context()
	live, err := d.settings(ctx)
	if err != nil {
		return err
	}
	questions := map[string]string{}
	if live != nil {
		for _, c := range live.Definition.Criteria {
			questions[c.Key] = c.Question
		}
		p.Cadences = slices.Sorted(maps.Keys(live.Plans))
	}
	verdicts, err := store.LeadVerdicts(ctx, d.pool, p.Lead.ID)
	if err != nil {
		return err
	}
	against := map[int64]bool{}
	if n := len(verdicts); n > 0 {
		p.Verdict = &verdicts[n-1].Verdict
		p.Weighed = v.moment(p.Verdict.At)
		for _, c := range p.Verdict.Conflicts {
			against[c.Against.ID] = true
		}
		for _, f := range p.Verdict.Criteria {
			mark := map[uld.State]string{uld.Met: "good", uld.Unmet: "wrong", uld.Missing: ""}[f.State]
			p.Findings = append(p.Findings, finding{f, cmp.Or(questions[f.Criterion], sentence(words(f.Criterion))), mark})
		}
	}
	facts, err := store.Facts(ctx, d.pool, []int64{p.Lead.ID})
	if err != nil {
		return err
	}
	held, _ := uld.Current(facts[p.Lead.ID])
	for _, f := range slices.Backward(facts[p.Lead.ID]) {
		row := factRow{
			Criterion: sentence(words(f.Criterion)), Value: f.Value.String(), Class: words(f.Class.String()), By: f.By, Words: f.Words, At: v.moment(f.At),
			Held: held[f.Criterion].ID == f.ID, Against: against[f.ID],
		}
		if row.Held || row.Against {
			p.Facts = append(p.Facts, row)
		} else {
			p.Earlier = append(p.Earlier, row)
		}
	}
	return nil
}

// past gathers the timeline, the newest first.
func (d *Desk) past(v *visit, p *leadPage) error {
	ctx, id := v.r.Context(), p.Lead.ID
	touches, err := store.LeadTouches(ctx, d.pool, id)
	if err != nil {
		return err
	}
	responses, err := store.LeadResponses(ctx, d.pool, id)
	if err != nil {
		return err
	}
	verdicts, err := store.LeadVerdicts(ctx, d.pool, id)
	if err != nil {
		return err
	}
	stages, err := store.LeadStages(ctx, d.pool, id)
	if err != nil {
		return err
	}
	for _, t := range touches {
		p.Timeline = append(p.Timeline, v.touchHappened(t))
	}
	for _, r := range responses {
		h := happening{At: v.moment(r.At), Kind: "response", What: sentence(words(r.Kind)), Said: r.Said}
		if r.Date != nil {
			h.Detail = "names " + v.moment(*r.Date).Full()
		}
		if r.By != "" {
			h.Detail = strings.TrimPrefix(h.Detail+", recorded by "+r.By, ", ")
		}
		p.Timeline = append(p.Timeline, h)
	}
	for _, x := range verdicts {
		p.Timeline = append(p.Timeline, happening{
			At: v.moment(x.Verdict.At), Kind: "verdict", What: "Weighed: " + words(x.Verdict.Outcome) + ", " + words(x.Verdict.Readiness), Detail: sentence(x.Verdict.Because),
		})
	}
	for _, m := range stages {
		p.Timeline = append(p.Timeline, happening{At: v.moment(m.At), Kind: "stage", What: "Stage: " + words(m.Stage), Detail: words(m.Reason)})
	}
	slices.SortStableFunc(p.Timeline, func(a, b happening) int { return b.At.At.Compare(a.At.At) })
	if n := len(p.Timeline) - timelineShown; n > 0 && v.r.URL.Query().Get("all") == "" {
		p.Older, p.Timeline = n, p.Timeline[:timelineShown]
	}
	return nil
}

// touchHappened is a touch on the timeline.
func (v *visit) touchHappened(t store.HistoryTouch) happening {
	h := happening{At: v.moment(t.PlannedAt), Kind: "touch", What: sentence(t.Channel) + " “" + strings.ReplaceAll(t.StepKey, "-", " ") + "”: " + words(t.State)}
	if t.SentAt != nil {
		h.At = v.moment(*t.SentAt)
	}
	var parts []string
	if t.Attempt > 0 {
		parts = append(parts, "touch "+itoa(int64(t.Attempt))+" of "+itoa(int64(t.Budget)))
	}
	parts = append(parts, t.Cadence)
	for _, more := range []string{words(t.Result), words(t.Reason), t.Detail} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	h.Detail = strings.Join(parts, " · ")
	return h
}
