package jobs

import (
	"context"
	"strconv"

	"nurture/cadence"
	"nurture/config"
	"nurture/internal/simulate"
	"nurture/store"
)

// populationPage is how many leads are read at a time.
const populationPage = 5000

// Population reads everybody as they stand now, with the configuration in force, for a simulation. It changes nothing. ErrNotReady when no
// configuration is live.
func (e *Engine) Population(ctx context.Context) (*simulate.Population, *config.Config, error) {
	current, err := e.liveNow(ctx, e.pool)
	if err != nil {
		return nil, nil, err
	}
	tasks, err := openTasksByLead(ctx, e.pool)
	if err != nil {
		return nil, nil, err
	}
	offered, err := store.Handoffs(ctx, e.pool, store.HandoffOffered, "", 1<<30)
	if err != nil {
		return nil, nil, err
	}
	waits := map[int64]store.Handoff{}
	for _, h := range offered {
		waits[h.LeadID] = h
	}
	pop := &simulate.Population{}
	versions := map[int64]int{}
	for after := int64(0); ; {
		leads, err := store.ListLeads(ctx, e.pool, store.LeadFilter{AfterID: after, Limit: populationPage})
		if err != nil {
			return nil, nil, err
		}
		if len(leads) == 0 {
			return pop, current.config, nil
		}
		after = leads[len(leads)-1].ID
		people, err := e.people(ctx, leads, current, pop, versions)
		if err != nil {
			return nil, nil, err
		}
		for i := range people {
			p := &people[i]
			p.Tasks = tasks[p.Lead.ID]
			if h, ok := waits[p.Lead.ID]; ok && h.OfferedAt != nil {
				p.Offered = *h.OfferedAt
			}
		}
		pop.People = append(pop.People, people...)
	}
}

// people are leads with their latest enrolments, what is known of them, and when they were refused.
func (e *Engine) people(ctx context.Context, leads []store.Lead, current *live, pop *simulate.Population, versions map[int64]int) ([]simulate.Person, error) {
	ids := make([]int64, len(leads))
	for i := range leads {
		ids[i] = leads[i].ID
	}
	latest, err := store.LatestEnrollments(ctx, e.pool, ids)
	if err != nil {
		return nil, err
	}
	var enrollmentIDs []int64
	for _, id := range latest {
		enrollmentIDs = append(enrollmentIDs, id)
	}
	rows, err := store.LoadEnrollments(ctx, e.pool, enrollmentIDs)
	if err != nil {
		return nil, err
	}
	if err := e.definitions.pin(ctx, e.pool, rows); err != nil {
		return nil, err
	}
	inside := map[int64]*simulate.Inside{}
	for i := range rows {
		inside[rows[i].LeadID()] = &simulate.Inside{Enrollment: rows[i], Version: e.versionOf(&rows[i], current, pop, versions)}
	}
	facts, err := store.Facts(ctx, e.pool, ids)
	if err != nil {
		return nil, err
	}
	refused, err := store.LastRefusals(ctx, e.pool, ids, cadence.Refusals())
	if err != nil {
		return nil, err
	}
	named, err := store.NamedDays(ctx, e.pool, ids, cadence.Refusals(), e.now())
	if err != nil {
		return nil, err
	}
	people := make([]simulate.Person, len(leads))
	for i := range leads {
		lead := leads[i]
		people[i] = simulate.Person{Lead: lead, Facts: facts[lead.ID], Inside: inside[lead.ID], IntakeAt: lead.IntakeAt, RefusedAt: refused[lead.ID], Named: named[lead.ID]}
		if lead.AccountID != nil {
			people[i].Account = strconv.FormatInt(*lead.AccountID, 10)
		}
	}
	return people, nil
}

// versionOf is the plan that an enrolment is on: −1 when it is the one in force, else its index in the population.
func (e *Engine) versionOf(row *store.Enrollment, current *live, pop *simulate.Population, versions map[int64]int) int {
	if live, ok := current.cadences[row.CadenceKey]; ok && live.ID == row.CadenceVersionID {
		return -1
	}
	if i, known := versions[row.CadenceVersionID]; known {
		return i
	}
	pinned := e.definitions.of(row.CadenceVersionID)
	i := len(pop.Versions)
	pop.Versions = append(pop.Versions, simulate.Version{ID: row.CadenceVersionID, Plan: pinned.config.Plans[pinned.key]})
	versions[row.CadenceVersionID] = i
	return i
}

func openTasksByLead(ctx context.Context, db store.DB) (map[int64][]simulate.Task, error) {
	open, err := store.OpenTasks(ctx, db, "", 1<<30)
	if err != nil {
		return nil, err
	}
	byLead := map[int64][]simulate.Task{}
	for _, t := range open {
		byLead[t.LeadID] = append(byLead[t.LeadID], simulate.Task{Kind: t.Kind, Due: t.DueAt, Expires: t.ExpiresAt, OfTouch: t.TouchID != nil})
	}
	return byLead, nil
}

// AnswerHistory reads how people answered so far.
func (e *Engine) AnswerHistory(ctx context.Context) (simulate.History, error) {
	h := simulate.History{Talks: map[cadence.ResponseKind]simulate.TalkHistory{}}
	steps, err := store.CountStepAnswers(ctx, e.pool)
	if err != nil {
		return h, err
	}
	for _, s := range steps {
		n := len(h.Steps)
		if n == 0 || h.Steps[n-1].Cadence != s.Cadence || h.Steps[n-1].Step != s.Step || h.Steps[n-1].Channel != s.Channel {
			h.Steps = append(h.Steps, simulate.StepHistory{
				Cadence: s.Cadence, Step: s.Step, Channel: s.Channel, Counted: simulate.Counted{Outcomes: map[cadence.ResponseKind]int{}},
			})
			n++
		}
		h.Steps[n-1].Add(config.Outcomes(s.Channel), s.Kind, s.N)
	}
	tasks, err := store.CountTaskAnswers(ctx, e.pool)
	if err != nil {
		return h, err
	}
	for _, t := range tasks {
		switch {
		case t.Kind == cadence.TaskTriage:
			h.Means.Add(config.Meanings(), t.Disposition, t.N)
		case t.Kind.Rings():
			h.Asked.Add(config.Outcomes(cadence.ChannelCall), t.Disposition, t.N)
		}
	}
	talks, err := store.CountTalkVerdicts(ctx, e.pool, []cadence.ResponseKind{cadence.Connected, cadence.MeetingSet})
	if err != nil {
		return h, err
	}
	for _, t := range talks {
		h.Talks[t.Kind] = simulate.TalkHistory{N: t.N, Promoted: t.Promoted, Closed: t.Closed}
	}
	h.Accepted, h.Rejected, err = store.CountHandoffAnswers(ctx, e.pool)
	return h, err
}
