package desk

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nurture/cadence"
	"nurture/internal/dossier"
	"nurture/jobs"
	"nurture/store"
)

// shownHistory is how many lines of a history a page shows: the latest.
const shownHistory = 50

// handoffPage is one handoff.
type handoffPage struct {
	Handoff   store.Handoff
	Clock     slaClock
	Lead      store.Lead
	LeadName  string
	LeadPath  string
	RepName   string
	There     string // the lead's local time
	Dossier   *dossier.View
	Left      int            // lines of the dossier's history before those that are shown
	Callbacks []dossier.Row  // agreed times
	Missing   []missingItem  // what keeps a blocked one back
	Asks      *store.Task    // who is to ask for it
	AskDue    moment         // by when
	Since     []dossier.Line // what happened after the dossier was written
	Outcomes  []handoffOutcome

	Answers, Gives, Reports bool // what the user may do now: answer, give it to somebody else, report an outcome
	Reps                    []repLoad
	Typed                   handoffForm
	Problem                 string            // what was wrong with the request as a whole
	Problems                map[string]string // by field

	Created, Offered, Delivered, Escalated, Told, Decided moment

	written time.Time // when the dossier was
}

// handoffForm is what was typed, to be shown again.
type handoffForm struct {
	Reason, To                                         string
	Outcome, Amount, Currency, OutcomeReason, Nurtured string
}

type missingItem struct{ Title, Question string }

type handoffOutcome struct {
	store.HandoffOutcome
	Amount string
	At     moment
}

// showHandoff shows a handoff with its dossier.
func (d *Desk) showHandoff(v *visit) error {
	return v.showHandoff(http.StatusOK, handoffPage{})
}

// showHandoff shows the handoff of the path; p has what was typed and what was wrong with it.
func (v *visit) showHandoff(status int, p handoffPage) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	ctx, db := v.r.Context(), v.desk.pool
	h, err := store.GetHandoff(ctx, db, id)
	if err != nil {
		return err
	}
	leads, err := store.LeadsByID(ctx, db, []int64{h.LeadID})
	if err != nil {
		return err
	}
	p.Handoff, p.Lead = h, leads[h.LeadID]
	p.LeadName, p.LeadPath, p.There = p.Lead.FullName(), v.leadPath(h.LeadID), v.clockIn(p.Lead.Zones)
	p.Clock, p.RepName = v.clock(h.State, h.OfferedAt, h.RespondBy), h.Rep
	p.Created, p.Offered, p.Delivered = v.moment(h.CreatedAt), v.momentOf(h.OfferedAt), v.momentOf(h.DeliveredAt)
	p.Escalated, p.Told, p.Decided = v.momentOf(h.EscalatedAt), v.momentOf(h.ToldAt), v.momentOf(h.DecidedAt)
	p.Answers = v.answers(h) && (h.State.Waits() || h.State == store.HandoffAccepted)
	p.Gives = v.leadsReps() && h.State.Waits()
	p.Reports = v.answers(h) && slices.Contains([]store.HandoffState{store.HandoffAccepted, store.HandoffWon, store.HandoffLost}, h.State)
	for _, part := range []func(*handoffPage) error{v.addDossier, v.addGap, v.addNews, v.addOutcomes, v.addReps} {
		if err := part(&p); err != nil {
			return err
		}
	}
	return v.render(status, "handoff.html", p.LeadName+", handoff", p)
}

// addDossier lays out the dossier as it was when the handoff was made, with times in the viewer's zone.
func (v *visit) addDossier(p *handoffPage) error {
	if len(p.Handoff.Dossier) == 0 {
		return nil
	}
	var d dossier.Dossier
	if err := json.Unmarshal(p.Handoff.Dossier, &d); err != nil {
		return fmt.Errorf("dossier of handoff %d: %w", p.Handoff.ID, err)
	}
	p.written, d.Zone = d.At, v.zone.String()
	view := d.View()
	if p.Left = max(len(view.History)-shownHistory, 0); p.Left > 0 {
		view.History = view.History[p.Left:]
	}
	for i := range view.History {
		view.History[i].Said = shorten(view.History[i].Said, saidShown)
	}
	p.Dossier, p.RepName = &view, cmp.Or(d.Rep, p.RepName)
	for _, part := range view.Parts {
		for _, row := range part.Rows {
			if strings.HasSuffix(row.Key, "_at") && row.Answer != "" {
				p.Callbacks = append(p.Callbacks, row)
			}
		}
	}
	return nil
}

// addGap says what keeps a blocked handoff back, and who is to ask for it.
func (v *visit) addGap(p *handoffPage) error {
	if p.Handoff.State != store.HandoffBlocked {
		return nil
	}
	for _, key := range p.Handoff.Missing {
		item := missingItem{Title: sentence(words(key))}
		if p.Dossier != nil {
			for _, part := range p.Dossier.Parts {
				for _, row := range part.Rows {
					if row.Key == key && row.More != "" {
						item = missingItem{row.Question, row.More}
					} else if row.Key == key {
						item.Question = row.Question
					}
				}
			}
		}
		p.Missing = append(p.Missing, item)
	}
	tasks, err := store.LeadTasks(v.r.Context(), v.desk.pool, p.Handoff.LeadID)
	for _, t := range tasks {
		if t.Kind == cadence.TaskDossier && (t.State == store.TaskOpen || t.State == store.TaskClaimed) {
			p.Asks, p.AskDue = &t, v.moment(t.DueAt)
		}
	}
	return err
}

// addNews lists what happened after the dossier of a handoff was written, while that matters to sales.
func (v *visit) addNews(p *handoffPage) error {
	if p.Dossier == nil || !p.Handoff.State.Waits() && p.Handoff.State != store.HandoffAccepted {
		return nil
	}
	now, err := v.desk.engine.Dossier(v.r.Context(), v.desk.pool, p.Handoff.LeadID, v.now)
	if errors.Is(err, jobs.ErrNotReady) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	now.Zone = v.zone.String()
	for _, line := range now.View().History {
		if line.At.After(p.written) && line.Kind == "response" {
			line.Said = shorten(line.Said, saidShown)
			p.Since = append(p.Since, line)
		}
	}
	p.Since = p.Since[max(len(p.Since)-shownHistory, 0):]
	return nil
}

// addOutcomes lists what was said of the handoff, the newest first, and proposes the currency of what is said next.
func (v *visit) addOutcomes(p *handoffPage) error {
	said, err := store.OutcomesOf(v.r.Context(), v.desk.pool, p.Handoff.ID)
	if err != nil {
		return err
	}
	for _, o := range slices.Backward(said) {
		p.Outcomes = append(p.Outcomes, handoffOutcome{o, money(o.AmountCents, o.Currency), v.moment(o.At)})
	}
	if p.Reports && p.Typed.Currency == "" {
		p.Typed.Currency, err = store.LastCurrency(v.r.Context(), v.desk.pool)
	}
	return err
}

// addReps lists to whom the handoff can be given.
func (v *visit) addReps(p *handoffPage) error {
	if !p.Gives {
		return nil
	}
	loads, err := v.desk.repLoads(v)
	if err != nil {
		return err
	}
	live, err := v.desk.settings(v.r.Context())
	if err != nil || live == nil {
		return err
	}
	for _, r := range live.Settings.Team.Reps {
		i := slices.IndexFunc(loads, func(l repLoad) bool { return l.Rep == r.Email })
		if r.Email != p.Handoff.Rep {
			p.Reps = append(p.Reps, loads[i])
		}
	}
	if m := live.Settings.Team.Manager; m.Email != "" && m.Email != p.Handoff.Rep {
		p.Reps = append(p.Reps, repLoad{RepLoad: store.RepLoad{Rep: m.Email}, Name: m.Name + ", manager"})
	}
	return nil
}
