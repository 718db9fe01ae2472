package desk

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"nurture/cadence"
	"nurture/cadence/uld"
	"nurture/internal/dossier"
	"nurture/jobs"
	"nurture/store"
)

// How much a lead's page shows: lines of the timeline, answers that are not in force any more, and characters of what somebody said unless all of it is asked
// for.
const (
	timelineShown = 40
	earlierShown  = 20
	saidShown     = 800
)

// leadPage is all that is known of a lead.
type leadPage struct {
	Lead          store.Lead
	There         string // local time
	Since         moment
	Outlook       jobs.Outlook
	Next          moment
	StuckSince    moment // of the real clock; none while the sender of what is next sends
	Verdict       *uld.Verdict
	Turns         moment // when time alone changes the verdict; none when it does not
	Weighed       moment
	Findings      []finding
	Facts         []factRow // in force, or against what is
	Earlier       []factRow
	Lost          int // earlier ones that are not shown
	Timeline      []happening
	Pages         pager // of the timeline
	Tasks         []leadTask
	ReadsHandoffs bool            // the user may open them
	Cadences      []string        // where the lead can be moved to
	Free          bool            // it is in no cadence, not with sales, and has not ended
	May           map[string]bool // what the user may order
	Snoozes       []snoozeChoice  // how long to pause

	Fields     []fieldRow // what is known, with source and date
	MoreFields int        // that are not shown
	Proposals  []proposalRow
	MoreAsked  int
	Settable   []choice // fields that somebody may correct
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
	All    string // where all of what was said is shown; "" when it is here
	ID     int64  // of the response; 0 for anything else
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
	lead, err := store.LeadByID(ctx, d.pool, id)
	if err != nil {
		return err
	}
	p := &leadPage{Lead: lead, There: v.clockIn(lead.Zones), Since: v.moment(lead.CreatedAt), May: mayOrder(v), Snoozes: v.snoozeChoices(store.Task{})}
	if err := d.fieldsOf(v, p); err != nil {
		return err
	}
	if p.Outlook, err = d.engine.Outlook(ctx, &lead); err != nil {
		return err
	}
	p.Next, p.ReadsHandoffs = v.momentOf(p.Outlook.At), mayGet("/desk/handoffs/{id}", v.role())
	running := p.Outlook.Run != nil && p.Outlook.Run.State != string(cadence.Finished)
	p.Free = lead.EndReason == "" && !running && len(p.Outlook.Handoffs) == 0
	if stuck := p.Outlook.SenderStuck; stuck != nil {
		p.StuckSince = v.real(stuck.Since)
	}
	if turn := p.Outlook.Turn; turn != nil {
		p.Turns = v.moment(turn.At)
	}
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
	questions, types := map[string]string{}, map[string]uld.AnswerType{}
	if live != nil {
		for _, c := range live.Definition.Criteria {
			questions[c.Key], types[c.Key] = c.Question, c.Type
		}
		p.Cadences = slices.Sorted(maps.Keys(live.Plans))
	}
	verdicts, err := store.LatestVerdicts(ctx, d.pool, []int64{p.Lead.ID})
	if err != nil {
		return err
	}
	against := map[int64]bool{}
	if p.Verdict = verdicts[p.Lead.ID]; p.Verdict != nil {
		p.Weighed = v.moment(p.Verdict.At)
		for _, c := range p.Verdict.Conflicts {
			against[c.Against.ID] = true
		}
		for _, f := range p.Verdict.Criteria {
			mark := map[uld.State]string{uld.Met: "good", uld.Unmet: "wrong", uld.Missing: ""}[f.State]
			p.Findings = append(p.Findings, finding{f, cmp.Or(questions[f.Criterion], sentence(words(f.Criterion))), mark})
		}
	}
	held, _ := uld.Current(p.Outlook.Facts)
	for _, f := range slices.Backward(p.Outlook.Facts) {
		holds, counters := held[f.Criterion].ID == f.ID, against[f.ID]
		if !holds && !counters && len(p.Earlier) == earlierShown {
			p.Lost++
			continue
		}
		row := factRow{
			Criterion: sentence(words(f.Criterion)), Value: dossier.Answer(f.Criterion, types[f.Criterion], f.Value.String(), v.zone), Class: words(f.Class.String()), By: f.By, Words: shorten(f.Words, saidShown), At: v.moment(f.At),
			Held: holds, Against: counters,
		}
		if holds || counters {
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
	verdicts, err := store.LeadVerdictLines(ctx, d.pool, id)
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
		h := happening{At: v.moment(r.At), Kind: "response", What: sentence(words(r.Kind)), Said: r.Said, ID: r.ID}
		if r.Date != nil {
			h.Detail = "names " + v.dateNamed(*r.Date)
		}
		if r.By != "" {
			h.Detail = strings.TrimPrefix(h.Detail+", recorded by "+r.By, ", ")
		}
		p.Timeline = append(p.Timeline, h)
	}
	for _, x := range verdicts {
		weighed := "Weighed: "
		if x.Reason == uld.ByTime {
			weighed = "Weighed, by time alone: "
		}
		p.Timeline = append(p.Timeline, happening{
			At: v.moment(x.At), Kind: "verdict", What: weighed + words(x.Outcome) + ", " + words(x.Readiness), Detail: sentence(x.Because),
		})
	}
	for _, m := range stages {
		p.Timeline = append(p.Timeline, happening{At: v.moment(m.At), Kind: "stage", What: "Stage: " + words(m.Stage), Detail: words(m.Reason)})
	}
	slices.SortStableFunc(p.Timeline, func(a, b happening) int { return b.At.At.Compare(a.At.At) })
	v.timelinePart(p)
	return nil
}

// timelinePart leaves of the timeline what the page shows.
func (v *visit) timelinePart(p *leadPage) {
	asked, total := v.r.URL.Query(), len(p.Timeline)
	from := place(asked, total-1)
	p.Timeline = p.Timeline[from:min(from+timelineShown, total)]
	p.Pages = placed(from, len(p.Timeline), total, timelineShown, total, func(from int64) string {
		return listPath(leadPath(p.Lead.ID), "from", unlessZero(from)) + "#line-title"
	})
	unfolded := whole(asked, "whole")
	for i := range p.Timeline {
		h := &p.Timeline[i]
		if short := shorten(h.Said, saidShown); short != h.Said && h.ID != unfolded {
			h.Said, h.All = short, listPath(leadPath(p.Lead.ID), "from", unlessZero(int64(from)), "whole", itoa(h.ID))+"#said-"+itoa(h.ID)
		}
	}
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
