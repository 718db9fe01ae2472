package sandbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nurture/cadence"
	"nurture/cadence/calendar"
	"nurture/cadence/uld"
	"nurture/internal/simulate"
	"nurture/jobs"
	"nurture/store"
)

// tasksAtOnce is how many tasks an SDR logs in one go; on a virtual clock they all happen in the same hour anyway.
const tasksAtOnce = 50

// workTasks lets each SDR work the queue during the hours of the desk, up to a day's capacity, through the same calls as the commands.
func (w *world) workTasks(ctx context.Context) (int, error) {
	if !w.atWork() {
		return 0, nil
	}
	now := w.clock.Now()
	done := 0
	for _, sdr := range w.config.Settings.Team.SDRs {
		at, err := inZone(now, sdr.Zone)
		if err != nil {
			return done, err
		}
		if !deskHours.Allows(calendar.Place{Zones: []string{sdr.Zone}}, now) {
			continue
		}
		quota := dayQuota{sdr.Email, at.Format(time.DateOnly)}
		left := sdr.DailyCalls*w.desk - w.worked[quota]
		if left <= 0 {
			continue
		}
		tasks, err := store.OpenTasks(ctx, w.pool, sdr.Email, 0)
		if err != nil {
			return done, err
		}
		// Nobody calls the same person twice a day.
		tasks = slices.DeleteFunc(tasks, func(t store.Task) bool { return w.lastWorked[t.LeadID] == quota.day })
		tasks = tasks[:min(left, len(tasks))]
		for start := 0; start < len(tasks); start += tasksAtOnce {
			batch := tasks[start:min(start+tasksAtOnce, len(tasks))]
			if err := w.logTasks(ctx, quota, batch); err != nil {
				return done, err
			}
			w.worked[quota] += len(batch)
			done += len(batch)
		}
	}
	return done, nil
}

// dayQuota counts an SDR's work of one day.
type dayQuota struct{ sdr, day string }

// deskHours is when SDRs work.
var deskHours = calendar.NewWindow([7]bool{false, true, true, true, true, true, false}, calendar.Span{From: 8 * 60, To: 18 * 60}, nil)

func inZone(t time.Time, zone string) (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return t, err
	}
	return t.In(loc), nil
}

func (w *world) logTasks(ctx context.Context, on dayQuota, tasks []store.Task) error {
	outcomes := make([]jobs.TaskOutcome, len(tasks))
	for i, t := range tasks {
		outcomes[i] = w.outcome(t)
		outcomes[i].By = on.sdr
	}
	if err := w.engine.CompleteTasks(ctx, outcomes); err != nil {
		return fmt.Errorf("%s logs %d tasks: %w", on.sdr, len(tasks), err)
	}
	for i, o := range outcomes {
		w.lastWorked[tasks[i].LeadID] = on.day
		if tasks[i].TouchID != nil {
			w.called++
		}
		if tasks[i].Kind.Rings() && after(w.clock.Now(), w.stops[tasks[i].LeadID].calls) {
			w.badCalls++
		}
		switch o.Disposition { //nolint:exhaustive // the others are no stop
		case cadence.DoNotCall, cadence.NotInterested, cadence.Unsubscribe:
			w.stopNow(tasks[i].LeadID, o.Disposition)
		}
	}
	return nil
}

// outcome is what comes of a task with this lead, now.
func (w *world) outcome(t store.Task) jobs.TaskOutcome {
	p, now := w.personas[t.LeadID], w.clock.Now()
	o := jobs.TaskOutcome{TaskID: t.ID}
	// Rolls go by what the task is about and not by its id, which concurrent workers hand out in any order.
	about := w.count(t.LeadID, string(t.Kind))
	switch t.Kind {
	case cadence.TaskTriage:
		o.Disposition = p.meaning(now, w.replied[t.LeadID])
	case cadence.TaskReferral, cadence.TaskManualEmail, cadence.TaskReview:
		o.Disposition = cadence.Done
	case cadence.TaskCall, cadence.TaskVerify, cadence.TaskDossier, cadence.TaskCallback:
		o.Disposition = p.onCall(about, now, t.TouchID == nil)
	}
	switch o.Disposition { //nolint:exhaustive // the others say nothing more
	case cadence.NotNow, cadence.CallBackLater:
		o.Date = p.later(now, about)
		if o.Disposition == cadence.CallBackLater {
			soon := now.Add(72 * time.Hour)
			o.Date = &soon
		}
	case cadence.Connected, cadence.MeetingSet:
		o.Answers, o.Words = p.answers(w.config.Definition, about, now)
	}
	return o
}

// answers is what a lead tells on the phone. One that is near a decision answers everything that sales needs; the others as far as the
// talk comes.
func (p *persona) answers(d uld.Definition, about int64, now time.Time) (answers, words map[string]string) {
	answers, words = map[string]string{}, map[string]string{}
	open := p.nearTerm(now)
	for i, c := range d.Criteria {
		if !open && p.roll(p.key, about, c.Key, "asked") > 0.6 {
			continue
		}
		good := open || p.roll(p.key, c.Key, "good") < 0.65
		if p.misfit && i == 0 {
			good = false
		}
		if text, ok := p.timeFrame(c, now); ok {
			answers[c.Key] = text
			continue
		}
		if text, ok := typed(c, good, now); ok {
			answers[c.Key] = text
		}
	}
	for _, item := range d.Dossier {
		if !open || p.roll(p.key, about, item.Key, "asked") < 0.12 {
			continue
		}
		answers[item.Key], words[item.Key] = p.story(item, now)
	}
	return answers, words
}

// timeFrame is the honest answer to "by when", in months or as a date; false for any other question.
func (p *persona) timeFrame(c uld.Criterion, now time.Time) (string, bool) {
	months := 24
	if p.nearTerm(now) {
		months = 3
	} else if p.buyer {
		months = 4 + int(p.start.Add(p.ready).Sub(now).Hours()/24/30)
	}
	if c.Dimension != uld.TimeFrame || c.Type != uld.AnswerMonths && c.Type != uld.AnswerDate {
		return "", false
	}
	for sooner := months; p.nearTerm(now) && sooner >= 0; sooner-- { // as soon as the definition wants it
		if text := ahead(c, sooner, now); takes(c, text, now) {
			return text, true
		}
	}
	return ahead(c, months, now), true
}

// ahead says a time so many months from now in the way in which c is answered.
func ahead(c uld.Criterion, months int, now time.Time) string {
	if c.Type == uld.AnswerDate {
		return now.AddDate(0, months, 0).Format(time.DateOnly)
	}
	return fmt.Sprint(months)
}

// takes reports whether text is an answer that c accepts.
func takes(c uld.Criterion, text string, now time.Time) bool {
	v, err := c.ParseAnswer(text, now)
	return err == nil && c.Accepts(v)
}

// typed gives an answer of the criterion's type that is accepted, or one that is not; false when there is none to be found.
func typed(c uld.Criterion, good bool, now time.Time) (string, bool) {
	candidates := simulate.Candidates(c)
	if c.Type == uld.AnswerDate {
		candidates = []string{now.AddDate(0, 3, 0).Format(time.DateOnly), now.AddDate(3, 0, 0).Format(time.DateOnly)}
	}
	for _, text := range candidates {
		if _, err := c.ParseAnswer(text, now); err == nil && takes(c, text, now) == good {
			return text, true
		}
	}
	return "", false
}

// story is what a lead tells about a dossier item, with its own words.
func (p *persona) story(item uld.DossierItem, now time.Time) (answer, words string) {
	said := one(p.chance, []string{
		"We lose two days each time somebody has to be trained from scratch.",
		"The last audit was not pleasant, and the next one is in autumn.",
		"If our night shift could do this without calling the engineer, I would sign tomorrow.",
		"Three of our most experienced people retire next year.",
	}, p.key, item.Key)
	switch item.Key {
	case "callback_at":
		return now.Add(48 * time.Hour).Format("2006-01-02T15:04"), ""
	case "competition":
		return one(p.chance, []string{"none", "an in-house course", "a local institute"}, p.key, item.Key), ""
	case "budget_process":
		return "the site manager signs up to 20,000 EUR, above that the group", ""
	case "decision_timeline":
		return "offer this month, decision at the next management meeting", ""
	case "people":
		return "the plant manager decides, HSE recommends, works council informed", ""
	}
	return "yes, see the words", said
}
